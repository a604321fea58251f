package main

import (
	"strings"
	"testing"
)

// TestSmallStream is the same for the file that is nowhere whole.
func TestSmallStream(t *testing.T) {
	var out strings.Builder
	var n size
	if err := n.Set("1MB"); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), options{database: "both", bytes: int64(n)}, &out); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "import of 1 MB:"); n != 2 {
		t.Errorf("%d imports:\n%s", n, out.String())
	}
}

// TestSmall runs everything at a size at which no figure means anything.
func TestSmall(t *testing.T) {
	var out strings.Builder
	if err := run(t.Context(), options{database: "both", rows: 2000}, &out); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "import:"); n != 4 {
		t.Errorf("%d imports:\n%s", n, out.String())
	}
}
