package campanario_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"campanario/campaign"
	"campanario/channel"
	"campanario/email"
	"campanario/sandbox/carrier"
	"campanario/sandbox/mailbox"
	"campanario/schedule"
)

// TestTheManualIsTrue holds the tables of docs/operator.md against the tables that the program goes by.
func TestTheManualIsTrue(t *testing.T) {
	text, err := os.ReadFile("docs/operator.md")
	if err != nil {
		t.Fatal(err)
	}
	manual := string(text)
	want := func(row string) {
		t.Helper()
		if !strings.Contains(manual, row) {
			t.Errorf("docs/operator.md has no %q", row)
		}
	}
	for _, r := range carrier.Table() {
		answer := r.Answer
		if answer == "" {
			answer = "none"
		}
		want(fmt.Sprintf("| `%s` | %s | %s |", strings.TrimPrefix(r.Number, carrier.Block), answer, r.Does))
	}
	for _, r := range mailbox.Behaviours() {
		want(fmt.Sprintf("| `%s` | %s | %s |", r.Name, r.Answer, r.Does))
	}
	for _, c := range []channel.Code{
		channel.Completed, channel.Voicemail, channel.MessageLeft, channel.NoAnswer, channel.Busy, channel.Rejected, channel.Silent,
		channel.InvalidNumber, channel.Failed, channel.Cancelled, channel.Sent, channel.Deferred, channel.Blocked, channel.Bounced,
		channel.OptedOut, channel.Congested, channel.LineFailed, channel.Unknown,
	} {
		want(fmt.Sprintf("| `%s` | %s |", c, strings.ReplaceAll(string(c.Class()), "_", " ")))
	}
	for _, c := range campaign.WaitCodes() {
		want("`" + string(c) + "`")
	}
	for _, s := range campaign.Statuses() {
		want("`" + string(s) + "`")
	}
	for _, c := range schedule.Calendars() {
		want("`" + string(c) + "`")
	}
	for _, p := range schedule.Presets() {
		want(fmt.Sprintf("| `%s` | %d |", p.Name, p.MaxAttempts))
	}
	limits := map[channel.Kind]channel.Limits{channel.Voice: channel.DefaultLimits(channel.Voice), channel.Email: channel.DefaultLimits(channel.Email)}
	v, e := limits[channel.Voice], limits[channel.Email]
	want(fmt.Sprintf("| %d | %d |\n| `per_second`", v.Concurrent, e.Concurrent))
	want(fmt.Sprintf("| %g | %g |\n| `per_day`", v.PerSecond, e.PerSecond))
}

// TestTheManualInventsNoReasons: what it explains can happen.
func TestTheManualInventsNoReasons(t *testing.T) {
	text, err := os.ReadFile("docs/operator.md")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, r := range email.Reasons() {
		known[r] = true
	}
	source, err := os.ReadFile("voice/dialog/outcome.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range regexp.MustCompile(`"(sip_[a-z_]+)"`).FindAllStringSubmatch(string(source), -1) {
		known[r[1]] = true
	}
	reasons := regexp.MustCompile("`((?:smtp|sip)_[a-z_]+)`").FindAllStringSubmatch(string(text), -1)
	if len(reasons) < 20 {
		t.Fatalf("only %d reasons were found: the test looks in the wrong place", len(reasons))
	}
	for _, r := range reasons {
		if !known[r[1]] {
			t.Errorf("docs/operator.md explains %s, which nothing ends with", r[1])
		}
	}
}

// TestLinksLead: what the documents point to is there.
func TestLinksLead(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)
	n := 0
	files(t, func(path string, text []byte) {
		if !strings.HasSuffix(path, ".md") || strings.Contains(path, "testdata/") {
			return
		}
		dir := path[:strings.LastIndex(path, "/")+1]
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			n++
			if _, err := os.Stat(dir + m[1]); err != nil {
				t.Errorf("%s: a link leads to %s, which is not there", path, m[1])
			}
		}
	})
	if n == 0 {
		t.Error("no link was found: the test looks in the wrong place")
	}
}

// TestTheManualKnowsEveryFlag: what a command takes can be read about.
func TestTheManualKnowsEveryFlag(t *testing.T) {
	text, err := os.ReadFile("docs/operator.md")
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "campanario")
	if out, err := exec.Command("go", "build", "-o", program, "./cmd/campanario").CombinedOutput(); err != nil {
		t.Fatalf("build: %v: %s", err, out)
	}
	flag := regexp.MustCompile(`(?m)^\s+(?:-\w, )?--([a-z-]+)`)
	for _, command := range []string{"serve", "run", "migrate", "doctor", "sandbox", "rescue-key"} {
		help, err := exec.Command(program, command, "--help").Output()
		if err != nil {
			t.Errorf("%s --help: %v", command, err)
		}
		for _, m := range flag.FindAllStringSubmatch(string(help), -1) {
			if m[1] != "help" && !strings.Contains(string(text), "`--"+m[1]+"`") {
				t.Errorf("docs/operator.md does not know --%s of campanario %s", m[1], command)
			}
		}
	}
}
