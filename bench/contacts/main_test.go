package main

import (
	"strings"
	"testing"
)

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
