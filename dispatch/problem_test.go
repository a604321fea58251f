package dispatch

import (
	"maps"
	"testing"

	"campanario/internal/fault"
)

// The sentence of a pause says the problem with its values.
func TestAProblemKeepsItsValues(t *testing.T) {
	got := problem(fault.New(fault.Invalid, "step_unknown", fault.Params{"step": "adeus", "problem": "x"}))
	if want := map[string]string{"problem": "step_unknown", "step": "adeus"}; !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
