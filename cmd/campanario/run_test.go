package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"campanario/cmd/campanario/internal/proctest"
	"campanario/cmd/campanario/internal/terminal"
	"campanario/internal/dbtest"
)

// soon is for something that takes a moment, on a machine that is busy.
func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// TestExamplesRunToTheirEnd runs what the README tells everybody to run.
func TestExamplesRunToTheirEnd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		rejected string            // the line that is refused on purpose
		want     map[string]string // what becomes of whom: status, outcome and what was collected
	}{
		{"collection", "collection.csv:15: contact: ", map[string]string{
			"1001": "completed completed answer=pay_now promised=true", "1002": "completed completed answer=later promised=true",
			"1003": "completed completed answer=paid promised=false", "1004": "completed completed answer=not_me promised=false",
			"1005": "suppressed opted_out answer=stop", "1006": "no_answer voicemail", "1007": "exhausted busy", "1008": "no_answer no_answer",
			"1009": "no_answer rejected", "1010": "failed invalid_number", "1011": "no_answer silent", "1012": "completed completed answer=pay_now promised=true",
			"1013": "completed completed answer=later promised=true",
		}},
		{"survey", "", map[string]string{
			"S-1": "completed completed complete=true grade=1 solved=true", "S-2": "completed completed complete=true grade=2 solved=false",
			"S-3": "completed completed complete=true grade=1 solved=true", "S-4": "completed completed complete=true grade=2 solved=false",
			"S-5": "completed completed complete=true grade=1 solved=true", "S-6": "completed completed grade=9", "S-7": "no_answer no_answer",
			"S-8": "no_answer silent", "S-9": "completed completed complete=true grade=1 solved=true", "S-10": "no_answer voicemail",
		}},
		{"email", "email.csv:10: e-mail: ", map[string]string{
			"E-1": "completed sent", "E-2": "completed sent", "E-3": "completed sent", "E-4": "completed sent", "E-5": "failed bounced",
			"E-6": "failed deferred", "E-7": "failed blocked", "E-8": "completed sent", "E-10": "completed sent",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := &errand{t: t, dir: t.TempDir(), flags: []string{"--sandbox-speed", "20"}}
			for _, file := range []string{c.name + ".yaml", c.name + ".csv"} {
				text, err := os.ReadFile(filepath.Join("..", "..", "examples", file))
				if err != nil {
					t.Fatal(err)
				}
				e.write(file, string(text))
			}
			e.campaign, e.people = c.name+".yaml", c.name+".csv"
			_, errs := e.finish()
			if !strings.Contains(errs, c.rejected) {
				t.Errorf("no %q in\n%s", c.rejected, errs)
			}
			for _, row := range e.report() {
				got := row["status"] + " " + row["outcome"]
				for _, name := range []string{"answer", "complete", "grade", "promised", "solved"} {
					if row[name] != "" {
						got += " " + name + "=" + row[name]
					}
				}
				if want := c.want[row["id"]]; got != want {
					t.Errorf("%s: %q, want %q", row["id"], got, want)
				}
				delete(c.want, row["id"])
			}
			if len(c.want) > 0 {
				t.Errorf("not in the report: %v", c.want)
			}
		})
	}
}

// many are contacts, so many that there is time to interrupt.
func many(n int, contact func(int) string) string {
	var b strings.Builder
	b.WriteString("name,contact\n")
	for i := range n {
		fmt.Fprintf(&b, "Pessoa %d,%s\n", i, contact(i))
	}
	return b.String()
}

// TestTheSameCommandGoesOn interrupts a run, by the signal of Ctrl-C and by the one that nobody can catch, and runs the
// same command again.
func TestTheSameCommandGoesOn(t *testing.T) {
	t.Parallel()
	mail := func(i int) string { return fmt.Sprintf("pessoa%d@exemplo.example", i) }
	number := func(i int) string { return fmt.Sprintf("+55119%08d", 70_000_000+i*37) }
	for _, c := range []struct {
		name, campaign string
		people         int
		contact        func(int) string
		signal         syscall.Signal
	}{
		{"mail, Ctrl-C", byMail, 400, mail, syscall.SIGINT},
		{"mail, killed", byMail, 400, mail, syscall.SIGKILL},
		{"calls, Ctrl-C", byTelephone, 90, number, syscall.SIGINT},
		{"calls, killed", byTelephone, 90, number, syscall.SIGKILL},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := newErrand(t, c.campaign, many(c.people, c.contact), "--sandbox-speed", "60", "--sandbox-mute", "--sandbox-mix", "person=60,busy=20,rejected=20")
			for _, share := range []int{5, 2} { // a fifth of them, then half
				p := e.start()
				p.Await(soon(t), atLeast(c.people/share))
				p.Signal(c.signal)
				code := p.Wait(soon(t))
				if c.signal == syscall.SIGINT && (code != terminal.CodeInterrupted || !strings.Contains(p.Err(), "Paused") || len(e.report()) != c.people) {
					t.Errorf("after Ctrl-C: exit code %d, %d rows in the report\n%s", code, len(e.report()), p.Err())
				}
			}
			out, errs := e.finish()
			if !strings.Contains(errs, fmt.Sprintf("added 0, from before %d,", c.people)) {
				t.Errorf("rows were added again:\n%s", errs)
			}
			if want := fmt.Sprintf("%d of %d settled", c.people, c.people); !strings.Contains(out, want) {
				t.Errorf("no %q in\n%s", want, out)
			}
			holdOnce(t, e, c.people)
		})
	}
}

// atLeast is a line of progress with at least so many settled.
func atLeast(n int) *regexp.Regexp {
	digits := fmt.Sprint(n)
	tens := digits[:len(digits)-1]
	// As many digits and a first one that is no smaller is enough for these tests.
	return regexp.MustCompile(fmt.Sprintf(`\b([%c-9]\d{%d}|\d{%d,}) of \d+ settled`, digits[0], len(tens), len(digits)+1))
}

// holdOnce holds that everybody is in the report once and was contacted once, as the far end saw it.
func holdOnce(t *testing.T, e *errand, people int) {
	t.Helper()
	rows, contacted := e.report(), map[string]int{}
	for _, s := range e.starts() {
		contacted[s.To]++
	}
	seen := map[string]bool{}
	for _, row := range rows {
		to := strings.TrimPrefix(row["contact"], "'")
		if seen[to] {
			t.Errorf("%s is in the report twice", to)
		}
		seen[to] = true
		switch n := contacted[to]; {
		case n > 1:
			t.Errorf("%s was contacted %d times", to, n)
		case n == 0 && row["outcome"] != "unknown":
			t.Errorf("%s is reported as %s and was never contacted", to, row["outcome"])
		case row["status"] == "pending" || row["attempts"] != "1":
			t.Errorf("%s is %s after %s attempts", to, row["status"], row["attempts"])
		}
		delete(contacted, to)
	}
	if len(rows) != people || len(contacted) > 0 {
		t.Errorf("%d rows of %d; contacted and not in the report: %v", len(rows), people, contacted)
	}
}

func TestWhatHasEndedOnlyHasItsReportWrittenAgain(t *testing.T) {
	t.Parallel()
	e := newErrand(t, byMail, many(5, func(i int) string { return fmt.Sprintf("p%d@exemplo.example", i) }))
	e.finish()
	if err := os.Remove(e.path("report.csv")); err != nil {
		t.Fatal(err)
	}
	e.finish()
	holdOnce(t, e, 5)
	e.flags = append(e.flags, "--campaign-key", "december")
	e.finish()
	if n := len(e.starts()); n != 10 {
		t.Errorf("with another key %d messages were sent in all, of 10", n)
	}
}

func TestWhatHasBegunIsNotChanged(t *testing.T) {
	t.Parallel()
	closed := byMail + "window: {days: {" + weekday(2) + `: "09:00-10:00"}}` + "\n"
	e := newErrand(t, closed, many(3, func(i int) string { return fmt.Sprintf("p%d@exemplo.example", i) }))
	p := e.start()
	p.Await(soon(t), regexp.MustCompile(`hours[^\[]*09:00|09:00[^\[]*hours`)) // it says until when it waits
	p.Signal(syscall.SIGINT)
	if code := p.Wait(soon(t)); code != terminal.CodeInterrupted {
		t.Fatalf("exit code %d\n%s", code, p.Err())
	}
	e.write("campaign.yaml", byMail)
	code, _, errs := e.run()
	if code != terminal.CodeFailed || !strings.Contains(errs, "campaign.yaml: ") || !strings.Contains(errs, "window") || !strings.Contains(errs, "[campaign_file_changed]") {
		t.Errorf("exit code %d\n%s", code, errs)
	}
	if _, err := os.Stat(e.path("sandbox.jsonl")); err == nil && len(e.starts()) > 0 {
		t.Errorf("%d people were contacted outside the hours", len(e.starts()))
	}
}

// weekday is the day of the week in so many days.
func weekday(days int) string {
	return strings.ToLower(time.Now().AddDate(0, 0, days).Weekday().String()[:3])
}

func TestACampaignThatStopsByItself(t *testing.T) {
	t.Parallel()
	// Everybody is busy and would be called again in a minute, but the campaign ends before.
	ends := time.Now().Add(15 * time.Second).UTC().Format(time.RFC3339)
	text := strings.Replace(byTelephone, "{max_attempts: 1}", "{max_attempts: 2, delays: {busy: 1}}", 1) + "ends_at: " + ends + "\n"
	e := newErrand(t, text, "+5511900004001\n+5511900004002\n", "--sandbox-speed", "60", "--sandbox-mute")
	code, out, errs := e.run()
	if code != terminal.CodeWaiting || !strings.Contains(out, "0 of 2 settled") {
		t.Errorf("exit code %d\n%s\n%s", code, out, errs)
	}
	for _, row := range e.report() {
		if row["status"] != "retry_scheduled" || row["outcome"] != "busy" {
			t.Errorf("row %v", row)
		}
	}
	if _, err := os.Stat(e.path("data/sandbox.db")); err != nil {
		t.Error(err)
	}
}

func TestARefusedRowStopsNoOther(t *testing.T) {
	t.Parallel()
	var rows strings.Builder
	rows.WriteString("name,contact\n")
	for i := range 30 {
		fmt.Fprintf(&rows, "Pessoa %d,ninguém %d\n", i, i)
	}
	rows.WriteString("Ana,ana@exemplo.example\n")
	e := newErrand(t, byMail, rows.String(), "--rejected", "rejected.csv")
	_, errs := e.finish()
	if n := strings.Count(errs, "contacts.csv:"); n != 21 { // twenty rows, and the sum
		t.Errorf("%d lines about the contacts\n%s", n, errs)
	}
	if !strings.Contains(errs, "and 10 more, all of them in rejected.csv") || !strings.Contains(errs, "added 1, from before 0, duplicates 0, refused 30") {
		t.Errorf("\n%s", errs)
	}
	text, err := os.ReadFile(e.path("rejected.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(lines) != 31 || !strings.HasPrefix(lines[1], "2,contact,mailbox_no_at,") {
		t.Errorf("%d lines, first %q", len(lines), lines[1])
	}
	if info, err := os.Stat(e.path("report.csv")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the report may be read by others: %v, %v", info.Mode(), err)
	}
	if left, err := fs.Glob(os.DirFS(e.dir), ".campanario-*"); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestDraftsTakeTheContactsOfTheirFileAlone(t *testing.T) {
	t.Parallel()
	e := newErrand(t, byMail, "name,contact\nAna,ana arroba exemplo\n")
	code, _, errs := e.run()
	if code != terminal.CodeUsage || !strings.Contains(errs, "[no_recipients]") {
		t.Fatalf("exit code %d\n%s", code, errs)
	}
	e.write("contacts.csv", "name,contact\nBia,bia@exemplo.example\n")
	e.finish()
	if rows := e.report(); len(rows) != 1 || rows[0]["name"] != "Bia" {
		t.Errorf("report %v", rows)
	}
}

// TestARunBesideServers: on a database that servers use, a run brings its campaign in and takes nobody's lines away.
func TestARunBesideServers(t *testing.T) {
	t.Parallel()
	ctx := soon(t)
	database := dbtest.Postgres(t)
	key := "CAMPANARIO_SECRET_KEY=" + strings.Repeat("ab", 32)
	server := proctest.Start(t, proctest.Command{
		Args: []string{"serve", "--listen", "127.0.0.1:0", "--sandbox", "on", "--demo=false", "--database", database}, Env: []string{key},
	})
	server.Await(ctx, regexp.MustCompile(`Ctrl-C`))
	e := newErrand(t, byMail+"line: \"Sandbox: e-mail\"\n", many(100, func(i int) string { return fmt.Sprintf("p%d@exemplo.example", i) }), "--database", database)
	c := e.command()
	c.Env = []string{key}
	code, out, errs := proctest.Run(t, c)
	if code != 0 || !strings.Contains(out, "100 of 100 settled") {
		t.Fatalf("exit code %d\n%s\n%s", code, out, errs)
	}
	if rows := e.report(); len(rows) != 100 || rows[0]["status"] == "pending" {
		t.Errorf("%d rows, the first %v", len(rows), rows[0])
	}
}
