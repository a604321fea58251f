package email

import (
	"testing"
	"time"
)

func TestMeter(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	var m meter
	look := func(want float64, wantKnown bool) {
		t.Helper()
		if got, known := m.perSecond(at); known != wantKnown || got < want*0.9 || got > want*1.1 {
			t.Errorf("%v: %f %t, want %f %t", at.Format(time.TimeOnly), got, known, want, wantKnown)
		}
	}
	run := func(n int, every time.Duration) {
		for range n {
			m.add(at)
			at = at.Add(every)
		}
	}
	look(0, false)
	run(10, 10*time.Millisecond) // less than a span
	look(0, false)
	run(100, 10*time.Millisecond)
	look(100, true)
	at = at.Add(time.Hour) // nothing to do: the rate stays what it was
	look(100, true)
	m.add(at)
	at = at.Add(time.Hour) // one message in an hour is not a rate of one in an hour
	m.add(at)
	look(100, true)
	run(1000, time.Millisecond)
	look(1000, true)
}
