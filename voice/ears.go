package voice

import "campanario/agent"

// finding is something heard at the far end that decides how the call goes on.
type finding struct {
	verdict string // byHuman, byMachine, bySilence or byUnknown; empty when this is not about who answered
	over    bool   // the machine's announcement is over …
	beep    bool   // … by its beep
}

// ears find out who answered. They are used by one goroutine.
type ears interface {
	// hear takes 20 ms of the far end, counted from the answer, and gives what it makes known: nearly always nothing.
	hear(frame []int16) []finding
}

type deaf struct{}

func (deaf) hear([]int16) []finding { return nil }

func newEars(agent.Detection) ears { return deaf{} }
