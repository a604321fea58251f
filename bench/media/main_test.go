package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestMain lets the test's own program be the processes that the benchmark starts.
func TestMain(m *testing.M) {
	if as := os.Getenv(role); as != "" {
		if err := dispatch(context.Background(), as, nil, os.Stdin, os.Stdout, os.Stderr); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// The whole benchmark in small: it must end by itself, and what it prints must be what it measured.
func TestSmoke(t *testing.T) {
	o, err := parse([]string{"-calls", "8", "-warm", "300ms", "-for", "1s"}, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"reference", "ours"} {
		r, err := run(t.Context(), name, o, os.Stderr)
		if err != nil {
			t.Fatal(err)
		}
		// 8 calls for a second at 50 packets a second are 400; a busy machine may send fewer, never many more.
		if r.Sent < 100 || r.Received < 100 || r.CPU <= 0 || r.Wall < o.For || r.perCore() <= 0 {
			t.Errorf("%s: %+v", name, r)
		}
		if r.LostOut > 0.2 || r.LostIn > 0.2 {
			t.Errorf("%s lost %.3f and %.3f on loopback", name, r.LostOut, r.LostIn)
		}
		if name == "ours" && (r.Frames < 100 || r.Max <= 0) {
			t.Errorf("%+v", r)
		}
	}
}

func TestTable(t *testing.T) {
	var out, errs bytes.Buffer
	err := compare(t.Context(), []string{"-calls", "4", "-warm", "100ms", "-for", "300ms", "-want-per-core", "1e9", "-want-ratio", "1000"}, &out, &errs)
	if err == nil || !strings.Contains(err.Error(), "calls per core, wanted") || !strings.Contains(err.Error(), "ratio") {
		t.Errorf("what cannot be reached was: %v", err)
	}
	for _, want := range []string{"calls/core", "reference ", "ours ", "ratio "} {
		if !strings.Contains(out.String(), "\n"+want) && !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
	for _, bad := range [][]string{{"-calls", "0"}, {"-for", "0s"}, {"-what"}} {
		if err := compare(t.Context(), bad, &out, &errs); err == nil {
			t.Errorf("%v was taken", bad)
		}
	}
}
