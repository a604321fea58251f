package client

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"campanario/campaign"
	"campanario/cmd/campanario/internal/terminal"
)

// frame shows a campaign at one moment: on a card, as numbers, or as one line.
type frame struct {
	k     *call
	id    string // empty when it need not be shown
	name  string
	now   item    // a snapshot, or the campaign itself: what is shown stands in the same places in both
	speed float64 // attempts a second; 0 when it is not known
	note  string
}

// lines are the card, cut to a width; 0 does not cut.
func (f frame) lines(width int) []string {
	out := []string{fmt.Sprintf("%s  ·  %s", terminal.Clean(f.name), f.k.word("state", f.now.text("state")))}
	if f.id != "" {
		out = append(out, "  "+terminal.Clean(f.id))
	}
	if why := f.why(); why != "" {
		out = append(out, "  "+why)
	}
	out = append(out, "  "+f.progress(true))
	out = append(out, f.numbers(width)...)
	if f.note != "" {
		out = append(out, "", f.note)
	}
	for i, l := range out {
		out[i] = fit(l, width)
	}
	return out
}

func (f frame) progress(withBar bool) string {
	settled, total := f.now.number("counts.settled"), f.now.number("counts.total")
	s := f.k.words.Say("frame.settled", "settled", settled, "total", total, "share", f.k.percent(f.now.share("rates.progress")))
	if withBar {
		s = bar(settled, total, 30) + "  " + s
	}
	return s
}

// why says why it is paused, what it waits for, or when it begins.
func (f frame) why() string {
	for _, path := range []string{"paused.text", "waiting.text"} {
		if text := f.now.text(path); text != "" {
			return terminal.Clean(text)
		}
	}
	at := f.now.text("begins")
	if at == "" && f.now.text("state") == string(campaign.Scheduled) {
		at = f.now.text("starts_at")
	}
	running, known := f.now.at("running").(bool)
	switch {
	case at != "":
		return f.k.words.Say("frame.begins", "at", terminal.Clean(instant(f.k, at)))
	case known && !running && f.now.text("state") == string(campaign.Active):
		return f.k.word("diagnosis", string(campaign.DiagNoEngine))
	}
	return ""
}

// rates are the figures by which people judge a campaign.
func (f frame) rates() []string {
	w, n := f.k.words, f.now
	parts := []string{
		w.Say("frame.flight", "n", n.number("counts.in_flight")), w.Say("frame.attempts", "n", n.number("counts.attempts")),
		w.Say("frame.answered", "n", n.number("counts.answered")), w.Say("frame.success", "n", f.k.percent(n.share("rates.success_rate"))),
	}
	if n.number("counts.goals") > 0 {
		parts = append(parts, w.Say("frame.conversion", "n", f.k.percent(n.share("rates.conversion_rate"))))
	}
	if mean := n.share("rates.mean_call_seconds"); mean > 0 {
		parts = append(parts, w.Say("frame.talk", "n", clock(time.Duration(mean*float64(time.Second)))))
	}
	if lap := n.number("lap.number"); lap > 1 {
		parts = append(parts, w.Say("frame.lap", "n", lap))
	}
	if f.speed > 0 {
		parts = append(parts, w.Say("frame.speed", "n", f.k.decimal(f.speed)))
	}
	return parts
}

// tally is a name with how many there are.
type tally struct {
	name string
	n    int64
}

// numbers are the rates, and beside each other the recipients by status and the attempts by outcome.
func (f frame) numbers(width int) []string {
	var left, right []tally
	for _, s := range campaign.Statuses() {
		if n := f.now.number("counts.by_status." + string(s)); n > 0 {
			left = append(left, tally{f.k.word("status", string(s)), n})
		}
	}
	outcomes, _ := f.now.at("counts.by_outcome").(map[string]any)
	for _, code := range sorted(outcomes) {
		n, _ := outcomes[code].(json.Number)
		i, _ := n.Int64()
		right = append(right, tally{terminal.Clean(f.k.word("outcome", code)), i})
	}
	slices.SortStableFunc(right, func(a, b tally) int { return cmp.Compare(b.n, a.n) })
	out := wrap(f.rates(), width)
	if len(left)+len(right) > 0 {
		out = append(out, "")
	}
	const name, count = 24, 8
	if width > 0 && width < 8+2*(name+count) { // one below the other
		left, right = append(left, right...), nil
	}
	cell := func(list []tally, i int) string {
		if i >= len(list) {
			return strings.Repeat(" ", name+count)
		}
		return pad(fit(list[i].name, name), name, false) + pad(fmt.Sprint(list[i].n), count, true)
	}
	for i := range max(len(left), len(right)) {
		out = append(out, strings.TrimRight("    "+cell(left, i)+"    "+cell(right, i), " "))
	}
	return out
}

// wrap puts parts beside each other, on as many lines of a width as it takes; 0 is one line.
func wrap(parts []string, width int) []string {
	var out []string
	line := ""
	for _, p := range parts {
		if line != "" && width > 0 && utf8.RuneCountInString(line+gap+p) > width {
			out, line = append(out, line), ""
		}
		line += gap + p
	}
	return append(out, line)
}

// line is all of it in one line, without a time.
func (f frame) line() string {
	s := f.k.word("state", f.now.text("state")) + "  " + f.progress(false) + "  " + strings.Join(f.rates(), "  ")
	if why := f.why(); why != "" {
		s += "  " + why
	}
	return s
}

func (k *call) decimal(v float64) string {
	s := fmt.Sprintf("%.1f", v)
	if k.lang != "en" {
		s = strings.Replace(s, ".", ",", 1)
	}
	return s
}
