package single

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"campanario/campaign"
	"campanario/cmd/campanario/internal/terminal"
	"campanario/internal/locale"
)

// progress shows how far things have come: as a bar that moves, or as a line now and then.
type progress struct {
	words terminal.Words
	live  bool
	width int
	every time.Duration
	out   io.Writer
	now   func() time.Time

	mu   sync.Mutex
	of   *campaign.Campaign
	bar  *progressbar.ProgressBar
	said string    // the last line
	at   time.Time // when it was said
	why  string    // what was last waited for
}

func newProgress(o Options) *progress {
	return &progress{words: o.Words, live: o.Live, width: o.Width, every: o.Every, out: o.Err, now: time.Now}
}

// set says whose progress it is.
func (p *progress) set(c *campaign.Campaign) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.of = c
}

func (p *progress) campaign() *campaign.Campaign {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.of
}

// slow is the size of a file, in bytes, whose reading is worth a bar.
const slow = 4 << 20

// reading shows how far a file of the size has been read; nil when it is not worth showing.
func (p *progress) reading(size int64) func(int64) {
	if !p.live || size < slow {
		return nil
	}
	bar := progressbar.NewOptions64(size, append(p.options(), progressbar.OptionShowBytes(true))...)
	bar.Describe(p.words.Say("reading"))
	return func(read int64) { _ = bar.Set64(read) }
}

func (p *progress) options() []progressbar.Option {
	return []progressbar.Option{
		progressbar.OptionSetWriter(p.out), progressbar.OptionUseANSICodes(true), progressbar.OptionThrottle(100 * time.Millisecond),
		progressbar.OptionSetWidth(barWidth), progressbar.OptionSetPredictTime(false), progressbar.OptionShowCount(),
		progressbar.OptionSetRenderBlankState(true), progressbar.OptionShowDescriptionAtLineEnd(),
		progressbar.OptionSetTheme(progressbar.Theme{Saucer: "█", SaucerPadding: "░", BarStart: "", BarEnd: ""}),
	}
}

const barWidth = 28

// show shows the numbers of a campaign, and what it waits for, if anything.
func (p *progress) show(n campaign.Counts, why string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.live {
		p.line(n, why)
		return
	}
	if p.bar == nil {
		p.bar = progressbar.NewOptions64(max(1, n.Total), p.options()...)
	}
	if why != "" && why != p.why { // it does not fit beside a bar
		p.why = why
		fmt.Fprintf(p.out, "\r\x1b[2K%s\n", why) //nolint:errcheck // progress
	}
	p.bar.ChangeMax64(max(1, n.Total))
	p.bar.Describe(p.clip(p.figures(n, "")))
	_ = p.bar.Set64(n.Settled())
}

// clip leaves room for the bar.
func (p *progress) clip(s string) string {
	const taken = barWidth + 26 // the bar, its per cent and counts
	r := []rune(s)
	if room := p.width - taken; p.width > 0 && len(r) > max(room, 0) {
		return string(r[:max(room-1, 0)]) + "…"
	}
	return s
}

// line writes a line of progress when something has changed and the last one is a while ago.
func (p *progress) line(n campaign.Counts, why string) {
	now := p.now()
	if why == p.why && now.Sub(p.at) < p.every && !p.done(n) {
		return
	}
	s := strings.TrimSuffix(p.words.Say("progress", "settled", n.Settled(), "total", n.Total)+"; "+p.figures(n, why), "; ")
	if s == p.said {
		return
	}
	p.said, p.at, p.why = s, now, why
	fmt.Fprintf(p.out, "%s  %s\n", now.Format(time.TimeOnly), s) //nolint:errcheck // progress
}

// done reports whether nothing is left to be shown later.
func (p *progress) done(n campaign.Counts) bool { return n.Settled() == n.Total }

// figures are how many there are of each status that tells something.
func (p *progress) figures(n campaign.Counts, why string) string {
	var parts []string
	for _, s := range campaign.Statuses() {
		if k := n.ByStatus[s]; k > 0 && s != campaign.StatusPending && s != campaign.StatusQueued {
			parts = append(parts, fmt.Sprintf("%s %d", strings.ToLower(locale.Word(p.words.Language, "status", string(s))), k))
		}
	}
	if why != "" {
		parts = append([]string{why}, parts...)
	}
	return strings.Join(parts, " · ")
}

// waiting shows that something is waited for that is no campaign's.
func (p *progress) waiting(why string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.live && p.bar != nil {
		p.bar.Describe(p.clip(why))
		return
	}
	if why != p.why {
		p.why = why
		fmt.Fprintf(p.out, "%s  %s\n", p.now().Format(time.TimeOnly), why) //nolint:errcheck // progress
	}
}

// clear takes the bar away, for lines that stay.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.live {
		fmt.Fprint(p.out, "\r\x1b[2K") //nolint:errcheck // progress
	}
}

// close ends the bar where it is.
func (p *progress) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		fmt.Fprintln(p.out) //nolint:errcheck // progress
		p.bar = nil
	}
}
