package single

import (
	"strings"
	"testing"
	"time"

	"campanario/campaign"
	"campanario/cmd/campanario/internal/terminal"
	"campanario/internal/locale"
)

var texts = []byte(`{"en": {"progress": "{settled} of {total} settled", "reading": "reading"}}`)

func shown(live bool, width int) (*progress, *strings.Builder, *time.Time) {
	var b strings.Builder
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	p := newProgress(Options{Words: terminal.ReadWords(texts, locale.English), Err: &b, Live: live, Width: width, Every: 10 * time.Second})
	p.now = func() time.Time { return now }
	return p, &b, &now
}

func counts(settled, total int64) campaign.Counts {
	return campaign.Counts{Total: total, ByStatus: map[campaign.Status]int64{campaign.StatusCompleted: settled, campaign.StatusPending: total - settled}}
}

func TestLinesNowAndThen(t *testing.T) {
	p, b, now := shown(false, 0)
	for _, step := range []struct {
		after   time.Duration
		settled int64
		why     string
	}{
		{0, 0, ""}, {time.Second, 1, ""}, {8 * time.Second, 2, ""}, {time.Second, 3, ""}, // three seconds, one line
		{time.Second, 3, "waits until noon"}, {time.Second, 3, "waits until noon"}, {20 * time.Second, 3, "waits until noon"}, // told once
		{time.Second, 4, ""}, {time.Second, 5, ""}, // the end is told at once
	} {
		*now = now.Add(step.after)
		p.show(counts(step.settled, 5), step.why)
	}
	want := `09:00:00  0 of 5 settled
09:00:10  3 of 5 settled; completed 3
09:00:11  3 of 5 settled; waits until noon · completed 3
09:00:33  4 of 5 settled; completed 4
09:00:34  5 of 5 settled; completed 5
`
	if b.String() != want {
		t.Errorf("said\n%swant\n%s", b, want)
	}
}

func TestABarFitsItsTerminal(t *testing.T) {
	const width = 80
	p, b, _ := shown(true, width)
	why := "Outside the hours. It goes on tomorrow at nine, which is a long sentence for a terminal of eighty columns."
	p.show(counts(1, 4), why)
	p.show(counts(4, 4), why)
	p.clear()
	p.close()
	if n := strings.Count(b.String(), why); n != 1 {
		t.Errorf("why it waits was said %d times in\n%q", n, b)
	}
	for _, line := range strings.FieldsFunc(b.String(), func(r rune) bool { return r == '\r' || r == '\n' }) {
		if line = strings.ReplaceAll(line, "\x1b[2K", ""); len([]rune(line)) > width && !strings.Contains(line, why) {
			t.Errorf("%d columns: %q", len([]rune(line)), line)
		}
	}
	if !strings.Contains(b.String(), "(4/4)") {
		t.Errorf("no count in %q", b)
	}
}
