package main

import (
	"flag"
	"os"
	"testing"

	"campanario/cmd/campanario/internal/proctest"
)

// update writes golden files anew.
var update = flag.Bool("update", false, "write golden files anew")

// TestMain lets more tests run at once than there are processors: most of the time they wait.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	os.Exit(proctest.Main(m))
}
