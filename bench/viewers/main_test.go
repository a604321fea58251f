package main

import (
	"os"
	"strings"
	"testing"
)

// TestMain is the command itself where a test has started it as the process that watches.
func TestMain(m *testing.M) {
	if os.Getenv(keyVariable) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// A small run shows that the command measures, not what anything costs.
func TestRun(t *testing.T) {
	var out strings.Builder
	if err := run(t.Context(), []string{"-viewers", "5", "-each", "3s", "-most", "0", "-database", "sqlite"}, &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if !strings.Contains(out.String(), "sqlite: 5 viewers cost ") {
		t.Error(out.String())
	}
}

func TestParse(t *testing.T) {
	for _, args := range []string{"-viewers 0", "-each 1ms", "-rate 0", "-nothing"} {
		if _, err := parse(strings.Fields(args)); err == nil {
			t.Errorf("%s: taken", args)
		}
	}
}
