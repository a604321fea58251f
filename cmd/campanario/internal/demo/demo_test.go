package demo

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"campanario/cmd/campanario/internal/plan"
	"campanario/cmd/campanario/internal/program"
	"campanario/intake"
	"campanario/sandbox/carrier"
)

// TestNobodyRealIsInTheDemonstration: its numbers are the sandbox's own and its mailboxes are in a domain that cannot
// exist; and nobody lacks anything that is said of them.
func TestNobodyRealIsInTheDemonstration(t *testing.T) {
	people := 0
	for _, name := range campaigns {
		text, err := files.ReadFile(name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		p, err := plan.Read(text, plan.Options{Now: time.Now(), Lines: program.Validators()})
		if err != nil {
			t.Fatal(err)
		}
		if !p.Sandbox() || p.Key == "" {
			t.Errorf("%s does not go to the sandbox, or has no key", name)
		}
		contacts, err := files.ReadFile(name + ".csv")
		if err != nil {
			t.Fatal(err)
		}
		r, err := intake.NewReader(bytes.NewReader(contacts), intake.Options{Kind: p.Definition.Channel, Country: "BR", Duplicates: true})
		if err != nil {
			t.Fatal(err)
		}
		for {
			row, bad, err := r.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil || bad != nil || row.Duplicate != 0 || len(row.Warnings) > 0 {
				t.Fatalf("%s.csv: %v, %+v, %+v", name, err, bad, row)
			}
			people++
			to := string(row.Addresses[0])
			if !strings.HasPrefix(to, carrier.Block) && !strings.HasSuffix(to, ".example") {
				t.Errorf("%s.csv:%d: %s may be somebody's", name, row.Line, to)
			}
			for variable, value := range row.Variables {
				if value == "" {
					t.Errorf("%s.csv:%d: no %s", name, row.Line, variable)
				}
			}
			if len(strings.Fields(row.Name)) < 2 {
				t.Errorf("%s.csv:%d: name %q", name, row.Line, row.Name)
			}
		}
	}
	if people < 200 {
		t.Errorf("%d people", people)
	}
}
