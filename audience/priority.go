package audience

import (
	"slices"

	"campanario/internal/fault"
)

// Priority says who is contacted first when not all can be at once. The empty priority is PriorityNormal.
type Priority string

// The priorities.
const (
	PriorityLow    Priority = "low"
	PriorityNormal Priority = "normal"
	PriorityHigh   Priority = "high"
)

// Priorities lists them, the first to be contacted first.
func Priorities() []Priority { return []Priority{PriorityHigh, PriorityNormal, PriorityLow} }

// Rank orders priorities: higher is contacted first.
func (p Priority) Rank() int {
	switch p {
	case PriorityHigh:
		return 2
	case PriorityLow:
		return 0
	default:
		return 1
	}
}

// Valid reports whether the priority is one of the three, or empty.
func (p Priority) Valid() bool { return p == "" || slices.Contains(Priorities(), p) }

// priorityWords are what people write, folded.
var priorityWords = map[string]Priority{
	"":      PriorityNormal,
	"baixa": PriorityLow, "baja": PriorityLow, "low": PriorityLow,
	"media": PriorityNormal, "normal": PriorityNormal, "medium": PriorityNormal,
	"alta": PriorityHigh, "high": PriorityHigh,
}

// ParsePriority reads BAIXA, MEDIA (MÉDIA), ALTA and what Spanish and English say for them. What is empty is normal;
// anything else is refused with priority_unknown.
func ParsePriority(s string) (Priority, error) {
	if p, ok := priorityWords[Fold(s)]; ok {
		return p, nil
	}
	return "", fault.New(fault.Invalid, "priority_unknown", fault.Params{"value": clip(s), "allowed": "BAIXA, MEDIA, ALTA, low, normal, high"})
}
