package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"campanario/cmd/campanario/internal/proctest"
)

// busy is a campaign by telephone; its numbers in the tests are busy at once.
const busy = byTelephone

// headed begins a file of contacts with a row that is good.
func headed(rows ...string) string {
	return "name,contact\nAna,+5511900004001\n" + strings.Join(rows, "\n") + "\n"
}

// TestBadInput gives the program files that are wrong in every way that was thought of, and holds what it says of each,
// and with which code it ends, against a golden file. `go test -run TestBadInput -update` writes those anew.
func TestBadInput(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, campaign, contacts string
		flags                    []string
	}{
		{"unknown keys", strings.Replace(busy, "ring_timeout", "ring_timeot", 1) + "piority: 3\nretri: {max: 2}\n", headed(), nil},
		{"impossible windows", byMail + `window: {days: {mon: "25:00-26:00", funday: "09:00-18:00", tue: "18:00-09:00", wed: ["09:00-12:00", "11:00-13:00"]}, zone: moon, holidays: [XX], blackout: ["2026-13-40"]}` + "\n", headed(), nil},
		{"dates without an end", byMail + `window: {days: {mon: "09:00-10:00"}, blackout: ["2020-01-01..2060-12-31"]}` + "\n", headed(), nil},
		{"times in the past", byMail + "starts_at: 2020-01-01 09:00\nends_at: \"2020-01-02T09:00:00-03:00\"\n", headed(), nil},
		{"an end before the beginning", byMail + "starts_at: " + inDays(20) + "\nends_at: " + inDays(10) + "\n", headed(), nil},
		{"times that nobody will see", byMail + "starts_at: 2098-01-02 09:00\n", headed(), nil},
		{"no such time zone", byMail + "zone: America/Atlantis\n", headed(), nil},
		{"limits out of range", strings.Replace(busy, "{max_attempts: 1}", "{max_attempts: 9, interval_minutes: 1, retry_on: [tired], delays: {busy: 0}}", 1), headed(), nil},
		{"wrong types", byMail + "pace: fast\nshare: much\nallow_duplicates: 7\n", headed(), nil},
		{"broken YAML", "name: [\nchannel: voice\n", headed(), nil},
		{"nothing but a list", "- a\n- b\n", headed(), nil},
		{"an empty campaign", "", headed(), nil},
		{"a campaign that is no text", "\x00\x01\x02\xff\xfe", headed(), nil},
		{"an anchor", byMail + "description: &a x\n", headed(), nil},
		{"a secret in the file", byMail + "line: {name: L, from: a@empresa.example, settings: {host: h, username: u, password: s3cret}}\n", headed(), nil},
		{"a secret that is not there", byMail + "line: {name: L, from: a@empresa.example, settings: {host: h, username: u, password: \"${NOT_THERE}\"}}\n", headed(), nil},
		{"a line that does not exist", byMail + "line: Newsletter\n", "a@exemplo.example\nb@exemplo.example\n", nil},
		{"a goal that nobody can reach", busy + "goal: promised\n", headed(), nil},
		{"a script that leads nowhere", strings.Replace(busy, "next: end", "next: nowhere", 1), headed(), nil},
		{"no message", "name: X\nchannel: email\n", headed(), nil},
		{"a message with a hole", strings.Replace(byMail, "Olá, {{name}}", "Olá, {{name", 1), headed(), nil},
		{"a link to unsubscribe that leads nowhere", strings.Replace(byMail, "Bom dia, {{name}}.", "{{unsubscribe_url}}", 1) + "line: {name: L, from: a@empresa.example, settings: {host: localhost}}\n", headed(), nil},

		{"Windows-1252 with semicolons", busy, "Nome;Telefone;Observa\xe7\xe3o\nJos\xe9;+5511900004001;n\xe3o ligar\n", nil},
		{"a byte order mark", busy, "\ufeffname,contact\nAna,+5511900004001\n", nil},
		{"a quote that never closes", busy, headed(`"Bia,+5511900004002`, "Caio,+5511900004003", "Davi,+5511900004004"), nil},
		{"a row with a million columns", busy, headed(strings.Repeat("x,", 1_000_000), "Caio,+5511900004003"), nil},
		{"a header with a million columns", busy, "contact," + strings.Repeat("x,", 1_000_000) + "\n+5511900004001\n", nil},
		{"NUL bytes", busy, headed("Bi\x00a,+5511900004002", "Caio,+55119\x0000004003", "Davi,+5511900004004"), nil},
		{"formulas", busy, headed(`"=HYPERLINK(""http://x"")",+5511900004002`, `Caio,"=1+1"`, "=cmd|' /C calc'!A0,+5511900004004", "'+Davi,'+5511900004005"), nil},
		{"no rows", busy, "name,contact\n", nil},
		{"nothing at all", busy, "", nil},
		{"numbers that are none", busy, headed("Sem DDD,98765-4321", "Letras,11 9ABCD-4321", "Longo,+55 11 98765-43210", "Curto,+55 11 9876", "Vazio,", "Fora do plano,+55 10 98765-4321", "Outro país,+999 123456789"), nil},
		{"mailboxes that are none", byMail, "name,contact\nAna,ana@exemplo.example\nBia,bia\nCaio,caio@\nDavi,@exemplo.example\nEva,eva@exemplo..example\nFábio,fábio silva@exemplo.example\n", nil},
		{"the same one twice", busy, headed("Ana de novo,11 90000-4001", "Bia,+5511900004002"), nil},
		{"no column of contacts", busy, "nome,cidade\nAna,Recife\n", nil},
		{"a column twice", busy, "name,contact,name\nAna,+5511900004001,Bia\n", nil},
		{"a broken workbook", busy, "PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00[Content_Types].xml xl/workbook.xml", nil},
		{"every row is bad", busy, "name,contact\nAna,não tem\nBia,-\n", nil},

		{"no campaign file", "\x00absent", headed(), nil},
		{"no contacts file", busy, "\x00absent", nil},
		{"a folder for contacts", busy, "\x00folder", nil},
		{"a report that cannot be written", busy, headed(), []string{"--report", "nowhere/report.csv"}},
		{"a speed of nothing", busy, headed(), []string{"--sandbox-speed", "0"}},
		{"a mix of nonsense", busy, headed(), []string{"--sandbox-mix", "person=60,ghost=40"}},
		{"a flag that does not exist", busy, headed(), []string{"--speed", "2"}},
		{"a delimiter of two letters", busy, headed(), []string{"--delimiter", "ab"}},
		{"a database that is not there", busy, headed(), []string{"--database", "postgres://nobody:s3cret@127.0.0.1:1/none"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := newErrand(t, c.campaign, c.contacts, append([]string{"--sandbox-speed", "1000", "--sandbox-mute"}, c.flags...)...)
			for name, text := range map[string]string{"campaign.yaml": c.campaign, "contacts.csv": c.contacts} {
				if strings.HasPrefix(text, "\x00absent") || text == "\x00folder" {
					if err := os.Remove(e.path(name)); err != nil {
						t.Fatal(err)
					}
				}
				if text == "\x00folder" {
					if err := os.Mkdir(e.path(name), 0o700); err != nil {
						t.Fatal(err)
					}
				}
			}
			code, out, errs := e.run()
			golden(t, c.name, fmt.Sprintf("exit %d\n%s%s", code, told(errs), ended(out)))
			if strings.Contains(errs, "s3cret") {
				t.Error("a secret is told")
			}
		})
	}
}

// inDays is a time in the future as a campaign file has it.
func inDays(n int) string { return time.Now().AddDate(0, 0, n).Format("2006-01-02 15:04") }

var (
	progressLine = regexp.MustCompile(`(?m)^\d\d:\d\d:\d\d  .*\n?`)
	instants     = regexp.MustCompile(`\d{1,2} [A-Z][a-z]+ 20\d\d at \d\d:\d\d \(UTC[^)]*\)`)
	refusedBy    = regexp.MustCompile(`failed to connect to[^\[]*`)
)

// told is what was said, without what differs from run to run.
func told(errs string) string {
	errs = progressLine.ReplaceAllString(errs+"\n", "")
	errs = instants.ReplaceAllString(errs, "<time>")
	return refusedBy.ReplaceAllString(errs, "…) ")
}

// ended is the first line of the sum, when there was one.
func ended(out string) string {
	first, _, ok := strings.Cut(out, "\n")
	if !ok {
		return ""
	}
	return first + "\n"
}

// golden compares with what is kept under a name.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "bad", strings.ReplaceAll(name, " ", "_")+".txt")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, []byte(got)) {
		t.Errorf("said\n%s\nwant\n%s", got, want)
	}
	if !utf8.ValidString(got) {
		t.Error("what was said is no text")
	}
}

// TestTheReportOfAFileFromExcel: letters of Windows-1252 come out right.
func TestTheReportOfAFileFromExcel(t *testing.T) {
	t.Parallel()
	e := newErrand(t, busy, "Nome;Telefone;Observa\xe7\xe3o\r\nJos\xe9 Concei\xe7\xe3o;(11) 90000-4001;n\xe3o ligar\r\n", "--sandbox-speed", "1000", "--sandbox-mute")
	e.finish()
	rows := e.report()
	if len(rows) != 1 || rows[0]["name"] != "José Conceição" || rows[0]["observacao"] != "não ligar" || rows[0]["contact"] != "'+5511900004001" {
		t.Errorf("report %v", rows)
	}
}

// TestFormulasAreHarmlessInTheReport: what came in as a formula in a variable goes out as text.
func TestFormulasAreHarmlessInTheReport(t *testing.T) {
	t.Parallel()
	e := newErrand(t, busy, "name,contact,note\nAna,+5511900004001,\"=HYPERLINK(\"\"http://x\"\")\"\nBia,+5511900004002,@SUM(A1)\n", "--sandbox-speed", "1000", "--sandbox-mute")
	e.finish()
	for _, row := range e.report() {
		for name, cell := range row {
			if cell != "" && strings.ContainsAny(cell[:1], "=+@\t") {
				t.Errorf("%s: %q would be run", name, cell)
			}
		}
	}
}

// TestMistakesOfTheCommandLine: without files.
func TestMistakesOfTheCommandLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		env  []string
		want string
	}{
		{[]string{"run"}, nil, "[required]"},
		{[]string{"run", "now"}, nil, "[arguments_wrong]"},
		{[]string{"fly"}, nil, "[command_unknown]"},
		{[]string{"serve", "--sandbox", "maybe"}, nil, "[not_one_of]"},
		{[]string{"serve", "--log-level", "loud"}, nil, "[not_one_of]"},
		{[]string{"serve"}, []string{"CAMPANARIO_DRAIN=soon"}, "[variable_wrong]"},
		{[]string{"serve"}, []string{"CAMPANARIO_SECRET_KEY=short"}, "[secret_key_invalid]"},
		{[]string{"serve", "--listen", "256.0.0.1:1"}, nil, "[listen_address_unusable]"},
		{[]string{"serve", "--listen", "127.0.0.1:0", "--sip", "192.0.2.1:5060"}, nil, "[sip_address_unusable]"},
		{[]string{"serve", "--listen", "127.0.0.1:0", "--base-url", "ftp://x"}, nil, "[base_url_invalid]"},
		{[]string{"serve", "--rate", "-1"}, nil, "[out_of_range]"},
		{[]string{"serve", "--proxies", "10.0.0.0/99"}, nil, "[network_invalid]"},
		{[]string{"serve", "--oidc-secret-file", "nowhere"}, nil, "[file_unreadable]"},
		{[]string{"serve", "--listen", "127.0.0.1:0", "--sip", "127.0.0.1:0", "--oidc-issuer", "http://login.example.com"}, nil, "[issuer_url_invalid]"},
		{[]string{"serve", "--listen", "127.0.0.1:0", "--sip", "127.0.0.1:0", "--oidc-issuer", "https://login.example.com"}, nil, "[issuer_client_missing]"},
	} {
		code, _, errs := proctest.Run(t, proctest.Command{Args: c.args, Env: c.env})
		if code == 0 || code > 3 || !strings.Contains(errs, c.want) || strings.Contains(errs, "panic") {
			t.Errorf("%v %v: exit code %d, no %s in\n%s", c.args, c.env, code, c.want, errs)
		}
	}
}
