package transaction

import "time"

// Timers are the base values of RFC 3261 table 4. Zero values stand for the usual ones.
type Timers struct {
	T1 time.Duration // round trip; 500 ms
	T2 time.Duration // longest interval between repetitions; 4 s
	T4 time.Duration // how long a message can stay in the network; 5 s
}

// Fill puts the usual value where there is none.
func (t Timers) Fill() Timers {
	if t.T1 <= 0 {
		t.T1 = 500 * time.Millisecond
	}
	if t.T2 <= 0 {
		t.T2 = 4 * time.Second
	}
	if t.T4 <= 0 {
		t.T4 = 5 * time.Second
	}
	return t
}

// Limit is 64·T1: how long anything is repeated (timers B, F, H, J, L and M).
func (t Timers) Limit() time.Duration { return 64 * t.T1 }
