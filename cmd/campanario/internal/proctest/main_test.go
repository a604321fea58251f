package proctest_test

import (
	"flag"
	"os"
	"testing"

	"campanario/cmd/campanario/internal/proctest"
)

// TestMain lets more tests run at once than there are processors: most of the time they wait.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "4"); err != nil {
		panic(err)
	}
	os.Exit(proctest.Main(m))
}
