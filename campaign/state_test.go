package campaign

import (
	"slices"
	"testing"

	"campanario/internal/fault"
)

// TestActions is the table of what each state takes.
func TestActions(t *testing.T) {
	want := map[Action][]State{
		Start:     {Draft, Scheduled, Paused},
		Pause:     {Scheduled, Active},
		Cancel:    {Draft, Scheduled, Active, Paused},
		Delete:    {Draft, Completed, Cancelled},
		Edit:      {Draft},
		Enrol:     {Draft, Scheduled, Active, Paused},
		Archive:   {Completed, Cancelled},
		Duplicate: States(),
	}
	for a, states := range want {
		for _, s := range States() {
			err := Allow(a, s)
			if allowed := slices.Contains(states, s); (err == nil) != allowed {
				t.Errorf("%s in %s: %v", a, s, err)
			}
			if err != nil && (fault.KindOf(err) != fault.Conflict || fault.CodeOf(err) != "action_not_allowed") {
				t.Errorf("%s in %s is refused with %v", a, s, err)
			}
			if slices.Contains(Can(s, false), a) != slices.Contains(states, s) {
				t.Errorf("%s in %s: Can says otherwise", a, s)
			}
		}
	}
	if got := Can(Completed, true); slices.Contains(got, Archive) || !slices.Contains(got, Unarchive) {
		t.Errorf("an archived campaign can %v", got)
	}
}

// TestRecipientActions is the table of what each status takes.
func TestRecipientActions(t *testing.T) {
	want := map[RecipientAction][]Status{
		RetryNow:     {StatusFailed, StatusNoAnswer, StatusBusy, StatusExhausted, StatusRetry},
		RemoveThem:   {StatusPending, StatusQueued, StatusRetry, StatusCancelled},
		SetPending:   {StatusPending, StatusQueued, StatusRetry, StatusCompleted, StatusNoAnswer, StatusBusy, StatusFailed, StatusExhausted, StatusCancelled},
		SetCompleted: {StatusPending, StatusQueued, StatusRetry, StatusCompleted, StatusNoAnswer, StatusBusy, StatusFailed, StatusExhausted, StatusCancelled},
	}
	after := map[RecipientAction]Status{RetryNow: StatusQueued, RemoveThem: StatusCancelled, SetPending: StatusPending, SetCompleted: StatusCompleted}
	for a, statuses := range want {
		for _, status := range Statuses() {
			e := Entry{Standing: Standing{Status: status, Attempt: 2, Tries: 2, Bad: 1}, InFlight: status == StatusInProgress}
			e.Addresses = append(e.Addresses, "+551130000001")
			next, err := Act(a, Active, e, 1, noon)
			if takes := slices.Contains(statuses, status); (err == nil) != takes {
				t.Errorf("%s on %s: %v", a, status, err)
			}
			if err != nil {
				if next != e.Standing {
					t.Errorf("%s on %s was refused and yet changed something", a, status)
				}
				continue
			}
			if next.Status != after[a] {
				t.Errorf("%s on %s makes %s", a, status, next.Status)
			}
			if next.Attempt != 2 {
				t.Errorf("%s on %s forgets how many attempts there were", a, status)
			}
			if waits := a == RetryNow || a == SetPending; waits != !next.Due.IsZero() || waits && (next.Tries != 0 || next.Bad != 0 || next.Address != 0) {
				t.Errorf("%s on %s leaves %+v", a, status, next)
			}
			if _, err := Act(a, Cancelled, e, 1, noon); err == nil {
				t.Errorf("%s on %s of a cancelled campaign is taken", a, status)
			}
		}
	}
}

func TestStatusOf(t *testing.T) {
	for _, c := range []struct {
		state    State
		standing Standing
		inFlight bool
		want     Status
	}{
		{Draft, Standing{}, false, StatusPending},
		{Active, Standing{}, true, StatusInProgress},
		{Active, Standing{Status: StatusRetry}, true, StatusInProgress},
		{Active, Standing{Status: StatusRetry}, false, StatusRetry},
		{Cancelled, Standing{}, false, StatusCancelled},
		{Cancelled, Standing{Status: StatusRetry}, false, StatusCancelled},
		{Cancelled, Standing{}, true, StatusInProgress},
		{Cancelled, Standing{Status: StatusCompleted}, false, StatusCompleted},
		{Completed, Standing{Status: StatusBusy}, false, StatusBusy},
	} {
		if got := StatusOf(c.state, c.standing, c.inFlight); got != c.want {
			t.Errorf("StatusOf(%s, %q, %v) = %s, want %s", c.state, c.standing.Status, c.inFlight, got, c.want)
		}
	}
}

func TestNumbersKeepTheOrderOfContact(t *testing.T) {
	if BandHigh.First()+BandSize != BandNormal.First() || BandNormal.First() >= BandLow.First()+1 {
		t.Error("bands overlap")
	}
	for b := range Bands {
		for _, n := range []Number{b.First() + 1, b.First() + BandSize} {
			if n.Band() != b {
				t.Errorf("number %d lies in band %d, want %d", n, n.Band(), b)
			}
		}
	}
}

func FuzzAttemptID(f *testing.F) {
	f.Add("0199b0a2-0000-7000-8000-000000000000.1000000001.3")
	f.Add("..")
	f.Add("a.1.1")
	f.Add("a.01.1")
	f.Add("a.1.1.1")
	f.Add("a.9223372036854775808.1")
	f.Fuzz(func(t *testing.T, id string) {
		c, n, o, ok := ParseAttemptID(id)
		if ok && AttemptID(c, n, o) != id {
			t.Errorf("%q reads as %q, %d, %d", id, c, n, o)
		}
	})
}
