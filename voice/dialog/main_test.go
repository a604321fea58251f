package dialog

import (
	"flag"
	"testing"

	"go.uber.org/goleak"
)

// Nothing that an agent started may be left when it has stopped.
func TestMain(m *testing.M) {
	flag.Parse()
	_ = flag.Set("test.parallel", "12") // these tests wait for their far ends, not for a processor
	goleak.VerifyTestMain(m)
}
