package main

import (
	"strings"
	"testing"
)

// A small run of everything shows that the command measures, not how fast anything is.
func TestRun(t *testing.T) {
	var out strings.Builder
	if err := run(t.Context(), []string{"-recipients", "300", "-starts", "2", "-most", "0"}, &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, want := range []string{"postgres, voice: one recipient ", "postgres, email: ", "sqlite, voice: ", "sqlite, email: ", "; 300 recipients "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

func TestParse(t *testing.T) {
	for _, args := range []string{"-starts 0", "-recipients 10", "-channel fax", "-most x", "-nothing"} {
		if _, err := parse(strings.Fields(args)); err == nil {
			t.Errorf("%s: taken", args)
		}
	}
}
