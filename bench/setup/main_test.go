package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestMain lets the test binary be the child that a run starts.
func TestMain(m *testing.M) {
	for _, a := range os.Args[1:] {
		if a == "-role" {
			main()
			return
		}
	}
	os.Exit(m.Run())
}

// A small run of everything: rates that any machine keeps.
func TestSmallRun(t *testing.T) {
	var out strings.Builder
	err := run(context.Background(), []string{"-rates", "20,40", "-seconds", "1", "-halvings", "1", "-judge=false"}, &out)
	if err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, name := range []string{"sipp", "stack", "engine-sqlite", "engine-postgres"} {
		if !regexp.MustCompile(`(?m)^` + name + ` +40 +[1-9]\d* +0 `).MatchString(out.String()) {
			t.Errorf("no calls of %s, or calls that failed, in\n%s", name, out.String())
		}
	}
	if !strings.Contains(out.String(), "best clean/s") {
		t.Errorf("no verdict in\n%s", out.String())
	}
}

func TestParse(t *testing.T) {
	for _, args := range []string{"-rates x", "-rates 2,1", "-seconds 0", "-contenders nobody", "-rates 0", "-nothing"} {
		if _, err := parse(strings.Fields(args)); err == nil {
			t.Errorf("%s: taken", args)
		}
	}
}

func TestClean(t *testing.T) {
	for name, c := range map[string]struct {
		r    result
		want bool
	}{
		"kept":     {result{Offered: 100, Calls: 500, Achieved: 97}, true},
		"slow":     {result{Offered: 100, Calls: 500, Achieved: 96}, false},
		"a failed": {result{Offered: 100, Calls: 500, Achieved: 100, Failed: 1}, false},
		"none":     {result{}, false},
	} {
		if c.r.clean() != c.want {
			t.Errorf("%s: %v", name, !c.want)
		}
	}
}

func TestReadStat(t *testing.T) {
	file := filepath.Join(t.TempDir(), "stat.csv")
	text := "StartTime;CurrentTime;OutgoingCall(C);FailedCall(C);\n" +
		"2026-11-21\t09:51:52.0\t100.0;2026-11-21\t09:51:52.0\t100.0;0;0;\n" +
		"2026-11-21\t09:51:52.0\t100.0;2026-11-21\t09:51:54.0\t102.0;1000;100;\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := readStat(file)
	if err != nil || r.Calls != 1000 || r.Failed != 100 || r.Achieved != 450 {
		t.Errorf("%+v %v", r, err)
	}
	if err := os.WriteFile(file, []byte("nothing\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readStat(file); err == nil {
		t.Error("counts out of nothing")
	}
}
