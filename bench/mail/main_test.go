package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
)

// TestMain lets the test binary be the child processes of the command it tests.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "-role" {
		if err := run(context.Background(), os.Args[1:], os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// TestRun shows that the command measures, not how fast anything is.
func TestRun(t *testing.T) {
	var out bytes.Buffer
	args := []string{"-messages", "300", "-connections", "3", "-rounds", "1", "-ratio", "0", "-memory", "4096"}
	if err := run(t.Context(), args, nil, &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, want := range []string{"round 1  adapter", "engine-sqlite", "engine-postgres", "gomail", "lean", "smtp", "300 messages"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

func TestFallingShortFails(t *testing.T) {
	var out bytes.Buffer
	args := []string{"-messages", "50", "-connections", "2", "-rounds", "1", "-contenders", "lean,adapter", "-ratio", "1000", "-memory", "1"}
	err := run(t.Context(), args, nil, &out)
	if err == nil || !strings.Contains(err.Error(), "wanted 1000.00") || !strings.Contains(err.Error(), "wanted at most 1") {
		t.Errorf("got %v\n%s", err, out.String())
	}
}

func TestWrongArguments(t *testing.T) {
	for _, args := range [][]string{{"-messages", "0"}, {"-contenders", "nobody"}, {"-x"}, {"-rounds", "-1"}} {
		if err := run(t.Context(), args, nil, &bytes.Buffer{}); err == nil {
			t.Errorf("%v: accepted", args)
		}
	}
}
