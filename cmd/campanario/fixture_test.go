package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"campanario/cmd/campanario/internal/proctest"
	"campanario/sandbox"
)

// errand is one use of `campanario run` in a folder of its own.
type errand struct {
	t                *testing.T
	dir              string
	campaign, people string // paths
	flags            []string
}

// newErrand writes the files of an errand.
func newErrand(t *testing.T, campaign, contacts string, flags ...string) *errand {
	t.Helper()
	e := &errand{t: t, dir: t.TempDir(), campaign: "campaign.yaml", people: "contacts.csv", flags: flags}
	e.write("campaign.yaml", campaign)
	e.write("contacts.csv", contacts)
	return e
}

func (e *errand) path(name string) string { return filepath.Join(e.dir, name) }

func (e *errand) write(name, text string) {
	e.t.Helper()
	if err := os.WriteFile(e.path(name), []byte(text), 0o600); err != nil {
		e.t.Fatal(err)
	}
}

func (e *errand) command() proctest.Command {
	args := []string{
		"run", "--campaign", e.campaign, "--contacts", e.people, "--report", "report.csv", "--report-codes",
		"--sandbox-log", "sandbox.jsonl", "--every", "200ms",
	}
	return proctest.Command{Args: append(args, e.flags...), Dir: e.dir}
}

func (e *errand) start() *proctest.Process {
	e.t.Helper()
	return proctest.Start(e.t, e.command())
}

// run runs the errand to its end.
func (e *errand) run() (code int, out, errs string) {
	e.t.Helper()
	return proctest.Run(e.t, e.command())
}

// finish runs the errand to its end, which must be good.
func (e *errand) finish() (out, errs string) {
	e.t.Helper()
	code, out, errs := e.run()
	if code != 0 {
		e.t.Fatalf("exit code %d\n%s\n%s", code, out, errs)
	}
	return out, errs
}

// report gives the rows of the report by their columns' names.
func (e *errand) report() []map[string]string {
	e.t.Helper()
	text, err := os.ReadFile(e.path("report.csv"))
	if err != nil {
		e.t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(text), "\ufeff"))).ReadAll()
	if err != nil {
		e.t.Fatal(err)
	}
	var out []map[string]string
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, name := range rows[0] {
			m[name] = row[i]
		}
		out = append(out, m)
	}
	return out
}

// starts are the attempts that reached the far ends, over all uses.
func (e *errand) starts() []sandbox.Record {
	e.t.Helper()
	log, err := proctest.ReadLog(e.path("sandbox.jsonl"))
	if err != nil {
		e.t.Fatal(err)
	}
	var out []sandbox.Record
	for _, r := range log {
		if r.Event == sandbox.EventStart {
			out = append(out, r)
		}
	}
	return out
}

// Campaigns that are as short as can be.
const (
	byMail = `name: Convite
channel: email
message: {subject: "Olá, {{name}}", text: "Bom dia, {{name}}."}
retry: {max_attempts: 1}
`
	byTelephone = `name: Telefonema
channel: voice
agent: {name: Voz, script: {start: hi, steps: {hi: {say: "Bom dia.", next: end}}}}
call: {ring_timeout: 10s, max_duration: 30s}
retry: {max_attempts: 1}
`
)
