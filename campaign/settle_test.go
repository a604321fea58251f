package campaign

import (
	"testing"
	"time"

	"campanario/channel"
)

// always is a window that never closes; from one that opens at a time.
type (
	always struct{}
	opens  time.Time
	never  struct{}
)

func (always) NextOpen(t time.Time) (time.Time, bool) { return t, true }
func (never) NextOpen(time.Time) (time.Time, bool)    { return time.Time{}, false }
func (o opens) NextOpen(t time.Time) (time.Time, bool) {
	if t.Before(time.Time(o)) {
		return time.Time(o), true
	}
	return t, true
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// TestSettle is the whole of what happens after an attempt, as operators may read it.
func TestSettle(t *testing.T) {
	standard := Policy{}.Defaults()
	goal := Policy{UntilGoal: true, MaxAttempts: 2}.Defaults()
	accept := Policy{Voicemail: AcceptVoicemail}.Defaults()
	once := Policy{MaxAttempts: 1}.Defaults()
	slower := Policy{Backoff: 2, IntervalMinutes: 30, MaxAttempts: 5}.Defaults()
	busySoon := Policy{Delays: map[channel.Code]int{channel.Busy: 10}}.Defaults()
	declined := Policy{RetryOn: []channel.Code{channel.Rejected}}.Defaults()

	for _, c := range []struct {
		name      string
		policy    Policy
		before    Standing
		addresses int
		outcome   channel.Outcome
		window    Opener

		status   Status
		result   Result
		why      Why
		after    time.Duration // until the next attempt
		tries    int
		faults   int
		address  int
		bad      uint32
		suppress bool
	}{
		{name: "a person talked: done", policy: standard, outcome: out(channel.Completed), status: StatusCompleted, result: Reached, tries: 1},
		{name: "an e-mail was taken: done", policy: standard, outcome: out(channel.Sent), status: StatusCompleted, result: Reached, tries: 1},
		{name: "nobody answered: again in an hour", policy: standard, outcome: out(channel.NoAnswer), status: StatusRetry, why: WhyRetry, after: time.Hour, tries: 1},
		{name: "busy: again in an hour", policy: standard, outcome: out(channel.Busy), status: StatusRetry, why: WhyRetry, after: time.Hour, tries: 1},
		{name: "busy has its own interval", policy: busySoon, outcome: out(channel.Busy), status: StatusRetry, why: WhyRetry, after: 10 * time.Minute, tries: 1},
		{name: "nobody answered for the third time: exhausted", policy: standard, before: Standing{Tries: 2}, outcome: out(channel.NoAnswer), status: StatusExhausted, result: Exhausted, tries: 3},
		{name: "busy at the only attempt: busy", policy: once, outcome: out(channel.Busy), status: StatusBusy, result: Exhausted, tries: 1},
		{name: "nobody answered the only attempt", policy: once, outcome: out(channel.NoAnswer), status: StatusNoAnswer, result: Exhausted, tries: 1},
		{name: "failed at the only attempt", policy: once, outcome: out(channel.Failed), status: StatusFailed, result: Exhausted, tries: 1},
		{name: "declined: left alone", policy: standard, outcome: out(channel.Rejected), status: StatusNoAnswer, result: Exhausted, tries: 1},
		{name: "declined, and the campaign wants it again", policy: declined, outcome: out(channel.Rejected), status: StatusRetry, why: WhyRetry, after: time.Hour, tries: 1},
		{name: "the interval doubles: first", policy: slower, outcome: out(channel.NoAnswer), status: StatusRetry, why: WhyRetry, after: 30 * time.Minute, tries: 1},
		{name: "the interval doubles: third", policy: slower, before: Standing{Tries: 2}, outcome: out(channel.NoAnswer), status: StatusRetry, why: WhyRetry, after: 2 * time.Hour, tries: 3},

		{name: "voicemail: until a person answers", policy: standard, outcome: out(channel.Voicemail), status: StatusRetry, why: WhyRetry, after: time.Hour, tries: 1},
		{name: "voicemail is enough", policy: accept, outcome: out(channel.Voicemail), status: StatusNoAnswer, result: Exhausted, tries: 1},
		{name: "a message on the machine is enough", policy: accept, outcome: out(channel.MessageLeft), status: StatusCompleted, result: Exhausted, tries: 1},

		{name: "talked, goal reached", policy: goal, outcome: channel.Outcome{Code: channel.Completed, Goal: true}, status: StatusCompleted, result: Reached, tries: 1},
		{name: "talked, goal not reached: again", policy: goal, outcome: out(channel.Completed), status: StatusRetry, why: WhyRetry, after: time.Hour, tries: 1},
		{name: "talked twice, goal never reached: reached all the same", policy: goal, before: Standing{Tries: 1}, outcome: out(channel.Completed), status: StatusCompleted, result: Reached, tries: 2},

		{name: "they said stop", policy: standard, outcome: out(channel.OptedOut), status: StatusSuppressed, result: Refused, suppress: true},
		{name: "they complained", policy: standard, outcome: out(channel.Complained), status: StatusSuppressed, result: Refused, suppress: true},

		{name: "unknown number, the only one", policy: standard, outcome: out(channel.InvalidNumber), status: StatusFailed, result: Invalid, bad: 1},
		{name: "unknown number: the secondary one at once", policy: standard, addresses: 2, outcome: out(channel.InvalidNumber), status: StatusRetry, why: WhySecondary, address: 1, bad: 1},
		{name: "the last address is wrong too", policy: standard, addresses: 2, before: Standing{Address: 1, Bad: 1}, outcome: out(channel.InvalidNumber), status: StatusFailed, result: Invalid, address: 1, bad: 3},
		{name: "the last address is wrong, the first was not: next round", policy: standard, addresses: 2, before: Standing{Address: 1}, outcome: out(channel.InvalidNumber), status: StatusRetry, why: WhyRetry, after: time.Hour, tries: 1, bad: 2},
		{name: "not reached at the primary: the secondary at once", policy: standard, addresses: 3, outcome: out(channel.NoAnswer), status: StatusRetry, why: WhySecondary, address: 1},
		{name: "a wrong address is passed over", policy: standard, addresses: 3, before: Standing{Bad: 2}, outcome: out(channel.NoAnswer), status: StatusRetry, why: WhySecondary, address: 2, bad: 2},
		{name: "not reached at the last: the round counts", policy: standard, addresses: 2, before: Standing{Address: 1}, outcome: out(channel.Busy), status: StatusRetry, why: WhyRetry, after: time.Hour, tries: 1},
		{name: "the round begins at the first good address", policy: standard, addresses: 2, before: Standing{Address: 1, Bad: 1}, outcome: out(channel.Busy), status: StatusRetry, why: WhyRetry, after: time.Hour, tries: 1, address: 1, bad: 1},
		{name: "reached at the secondary: done", policy: standard, addresses: 2, before: Standing{Address: 1}, outcome: out(channel.Completed), status: StatusCompleted, result: Reached, tries: 1, address: 1},

		{name: "nobody can know: a full interval, whatever addresses are left", policy: standard, addresses: 3, outcome: out(channel.Unknown), status: StatusRetry, why: WhyRetry, after: time.Hour, tries: 1},
		{name: "nobody can know, and it was the last", policy: once, outcome: out(channel.Unknown), status: StatusFailed, result: Exhausted, tries: 1},

		{name: "the line failed: soon, and it does not count", policy: standard, before: Standing{Tries: 1}, outcome: out(channel.LineFailed), status: StatusRetry, why: WhyFault, after: 15 * time.Second, tries: 1, faults: 1},
		{name: "the line failed again: later", policy: standard, before: Standing{Faults: 3}, outcome: out(channel.LineFailed), status: StatusRetry, why: WhyFault, after: 2 * time.Minute, faults: 4},
		{name: "the line asked for patience", policy: standard, outcome: channel.Outcome{Code: channel.Congested, RetryAfter: 5 * time.Minute}, status: StatusRetry, why: WhyFault, after: 5 * time.Minute, faults: 1},
		{name: "the line asked for more patience than is sane", policy: standard, outcome: channel.Outcome{Code: channel.Congested, RetryAfter: 100 * time.Hour}, status: StatusRetry, why: WhyFault, after: time.Hour, faults: 1},
		{name: "a dozen faults in a row", policy: standard, before: Standing{Faults: 11}, outcome: out(channel.LineFailed), status: StatusFailed, result: Exhausted, faults: 12},
		{name: "an attempt that was made ends the row of faults", policy: standard, before: Standing{Faults: 7}, outcome: out(channel.NoAnswer), status: StatusRetry, why: WhyRetry, after: time.Hour, tries: 1},

		{name: "the interval ends outside the window", policy: standard, outcome: out(channel.NoAnswer), window: opens(noon.Add(20 * time.Hour)), status: StatusRetry, why: WhyRetry, after: 20 * time.Hour, tries: 1},
		{name: "the secondary waits for the window too", policy: standard, addresses: 2, outcome: out(channel.NoAnswer), window: opens(noon.Add(time.Minute)), status: StatusRetry, why: WhySecondary, after: time.Minute, address: 1},
		{name: "the window never opens again", policy: standard, outcome: out(channel.NoAnswer), window: never{}, status: StatusNoAnswer, result: Exhausted, tries: 1},
		{name: "an outcome that nobody knows is unknown", policy: standard, outcome: out("gibberish"), status: StatusFailed, result: Exhausted, tries: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.window == nil {
				c.window = always{}
			}
			d := c.policy.Settle(c.before, max(1, c.addresses), c.outcome, noon, c.window)
			s := d.Next
			if s.Status != c.status || s.Result != c.result || s.Why != c.why {
				t.Errorf("became %s, %q, waits for %q; want %s, %q, %q", s.Status, s.Result, s.Why, c.status, c.result, c.why)
			}
			if s.Tries != c.tries || s.Faults != c.faults || s.Address != c.address || s.Bad != c.bad || d.Suppress != c.suppress {
				t.Errorf("tries %d, faults %d, address %d, bad %b, suppress %v; want %d, %d, %d, %b, %v",
					s.Tries, s.Faults, s.Address, s.Bad, d.Suppress, c.tries, c.faults, c.address, c.bad, c.suppress)
			}
			switch {
			case c.result != "" && !s.Due.IsZero():
				t.Errorf("is settled and due at %v", s.Due)
			case c.result == "" && !s.Due.Equal(noon.Add(c.after)):
				t.Errorf("is due after %v, want %v", s.Due.Sub(noon), c.after)
			}
			if s.Last != c.outcome.Code || !s.Changed.Equal(noon) {
				t.Errorf("last %q at %v", s.Last, s.Changed)
			}
			if s.Status.Settled() != (s.Result != "") {
				t.Errorf("status %s with result %q", s.Status, s.Result)
			}
		})
	}
}

func out(c channel.Code) channel.Outcome { return channel.Outcome{Code: c} }

// TestSettleComesToAnEnd follows recipients through any sequence of outcomes: their turns are never without end.
func TestSettleComesToAnEnd(t *testing.T) {
	p := Policy{MaxAttempts: 5, Backoff: 5}.Defaults()
	for _, addresses := range []int{1, 3, MaxAddresses} {
		for _, code := range channel.Codes() {
			s := Standing{}
			n := 0
			for s.Result == "" {
				if n++; n > p.MaxAttempts*addresses+maxFaults {
					t.Fatalf("%d attempts with %d addresses that all end as %s", n, addresses, code)
				}
				s = p.Settle(s, addresses, out(code), noon, always{}).Next
			}
		}
	}
}

func TestPassOverBarredAddress(t *testing.T) {
	p := Policy{}.Defaults()
	for _, c := range []struct {
		name      string
		before    Standing
		addresses int
		barred    uint32
		address   int
		why       Why
		result    Result
	}{
		{"the next one is free", Standing{Address: 1}, 3, 2, 2, WhySecondary, ""},
		{"the round is over", Standing{Address: 1, Last: channel.NoAnswer}, 2, 2, 0, WhyRetry, ""},
		{"it was the last round", Standing{Address: 1, Last: channel.NoAnswer, Tries: 2}, 2, 2, 1, "", Exhausted},
		{"nothing is left", Standing{Address: 1, Bad: 1}, 2, 2, 1, "", Excluded},
	} {
		d := p.Pass(c.before, c.addresses, c.barred, noon, always{})
		if d.Next.Address != c.address || d.Next.Why != c.why || d.Next.Result != c.result {
			t.Errorf("%s: address %d, %q, %q; want %d, %q, %q", c.name, d.Next.Address, d.Next.Why, d.Next.Result, c.address, c.why, c.result)
		}
	}
}
