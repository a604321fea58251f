package dialog

import (
	"testing"

	"go.uber.org/goleak"
)

// Nothing that an agent started may be left when it has stopped.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
