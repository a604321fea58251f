package main

import (
	"strings"
	"testing"
)

// A small run of everything shows that the command measures, not how fast anything is.
func TestRun(t *testing.T) {
	var out strings.Builder
	if err := run(t.Context(), []string{"-people", "200", "-times", "10", "-most", "0"}, &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, want := range []string{
		"postgres: 200 contacts", "sqlite: 200 contacts", "list-recipients, status pending ", "list-recipients, a later page ", "get-timeline ", "list-duplicates by phone ",
		"preview-filter, a city ", "get-campaign-summary ", "list-contacts, search: nobody, to a page or the end ", "reference, /healthz ",
		"report as CSV: 200 rows", "report as a workbook: 200 rows",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

func TestParse(t *testing.T) {
	for _, args := range []string{"-people 10", "-times 1", "-most x", "-nothing"} {
		if _, err := parse(strings.Fields(args)); err == nil {
			t.Errorf("%s: taken", args)
		}
	}
}
