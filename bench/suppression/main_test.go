package main

import (
	"strings"
	"testing"
)

// A small run of everything shows that the command measures, not how fast anything is.
func TestRun(t *testing.T) {
	var out strings.Builder
	if err := run(t.Context(), []string{"-entries", "20000", "-lookups", "1000", "-most", "0", "-memory", "0"}, &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, want := range []string{"made: 20000 numbers in ", "look-up: p50 ", "a bare read of 4096 bytes: p50 ", "a map of a million: p50 ", "ratio: "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

func TestParse(t *testing.T) {
	for _, args := range []string{"-entries 0", "-lookups 10", "-most x", "-nothing"} {
		if _, err := parse(strings.Fields(args)); err == nil {
			t.Errorf("%s: taken", args)
		}
	}
}
