package voice

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain holds that nothing of the package runs on after its tests.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
