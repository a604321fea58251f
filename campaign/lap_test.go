package campaign

import (
	"testing"
	"time"

	"campanario/channel"
)

func TestNextLap(t *testing.T) {
	zone, err := time.LoadLocation("America/Sao_Paulo")
	if err != nil {
		t.Fatal(err)
	}
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, zone) }
	twice := Laps{MaxPerDay: 2, MaxTotal: 5, CooldownMinutes: 60}
	for _, c := range []struct {
		name  string
		laps  Laps
		state LapState
		ends  time.Time
		w     Opener
		want  time.Time
		ok    bool
	}{
		{"after the cool-down", twice, LapState{Lap: 1, Opened: at(2, 9), Today: 1, Ended: at(2, 10)}, time.Time{}, always{}, at(2, 11), true},
		{"the day's last has been: tomorrow", twice, LapState{Lap: 2, Opened: at(2, 11), Today: 2, Ended: at(2, 12)}, time.Time{}, always{}, at(3, 0), true},
		{"tomorrow, when the window opens", twice, LapState{Lap: 2, Opened: at(2, 11), Today: 2, Ended: at(2, 12)}, time.Time{}, opens(at(3, 9)), at(3, 9), true},
		{"it ended on another day than it began", twice, LapState{Lap: 2, Opened: at(2, 23), Today: 2, Ended: at(3, 1)}, time.Time{}, always{}, at(3, 2), true},
		{"the cool-down reaches into the next day", twice, LapState{Lap: 2, Opened: at(2, 22), Today: 2, Ended: at(2, 23)}, time.Time{}, always{}, at(3, 0), true},
		{"all have been", twice, LapState{Lap: 5, Opened: at(4, 9), Today: 1, Ended: at(4, 10)}, time.Time{}, always{}, time.Time{}, false},
		{"the campaign ends before", twice, LapState{Lap: 1, Opened: at(2, 9), Today: 1, Ended: at(2, 10)}, at(2, 11), always{}, time.Time{}, false},
		{"without a total it goes on to the end", Laps{MaxPerDay: 1, CooldownMinutes: 60}, LapState{Lap: 99, Opened: at(2, 9), Today: 1, Ended: at(2, 10)}, at(9, 0), always{}, at(3, 0), true},
		{"the window never opens", twice, LapState{Lap: 1, Opened: at(2, 9), Today: 1, Ended: at(2, 10)}, time.Time{}, never{}, time.Time{}, false},
	} {
		got, ok := c.laps.NextLap(c.state, zone, c.ends, c.w)
		if ok != c.ok || !got.Equal(c.want) {
			t.Errorf("%s: %v, %v; want %v, %v", c.name, got, ok, c.want, c.ok)
		}
	}
	first := LapState{}.Opening(at(2, 9), zone)
	second := first.Opening(at(2, 15), zone)
	third := second.Opening(at(3, 9), zone)
	if first.Lap != 1 || first.Today != 1 || second.Lap != 2 || second.Today != 2 || third.Lap != 3 || third.Today != 1 {
		t.Errorf("laps open as %+v, %+v, %+v", first, second, third)
	}
}

func TestWhoTakesPartAgain(t *testing.T) {
	laps := Laps{ExcludeTags: []string{"vip"}}.Defaults()
	recurring := (&Definition{Recurrence: "FREQ=DAILY"}).LapRules()
	for _, c := range []struct {
		name      string
		s         Standing
		tags      []string
		lap, rule bool
	}{
		{"not reached", Standing{Result: Exhausted, Last: channel.NoAnswer}, nil, true, true},
		{"voicemail", Standing{Result: Exhausted, Last: channel.Voicemail}, nil, true, true},
		{"reached", Standing{Result: Reached, Last: channel.Completed}, nil, false, true},
		{"an excluded tag", Standing{Result: Exhausted, Last: channel.NoAnswer}, []string{"a", "vip"}, false, true},
		{"another tag", Standing{Result: Exhausted, Last: channel.NoAnswer}, []string{"a"}, true, true},
		{"said stop", Standing{Result: Refused, Last: channel.OptedOut}, nil, false, false},
		{"no address that works", Standing{Result: Invalid, Last: channel.InvalidNumber}, nil, false, false},
		{"excluded", Standing{Result: Excluded}, nil, false, false},
		{"removed", Standing{Result: Removed}, nil, false, false},
		{"marked as done", Standing{Result: Stopped}, nil, false, false},
	} {
		got, ok := laps.Again(c.s, c.tags, 1, 2, noon)
		if ok != c.lap {
			t.Errorf("%s: takes part in a lap: %v", c.name, ok)
		}
		if ok && (got.Lap != 2 || got.Why != WhyLap || got.Tries != 0 || !got.Due.Equal(noon) || got.Status != StatusRetry) {
			t.Errorf("%s: begins the lap as %+v", c.name, got)
		}
		if _, ok := recurring.Again(c.s, c.tags, 1, 2, noon); ok != c.rule {
			t.Errorf("%s: takes part when the campaign recurs: %v", c.name, ok)
		}
	}
}

func TestRenewKeepsBadAddressesUnlessAllAre(t *testing.T) {
	if s := Renew(Standing{Bad: 1, Tries: 3, Faults: 2}, WhyLap, 2, 4, noon); s.Bad != 1 || s.Address != 1 || s.Tries != 0 || s.Faults != 0 || s.Lap != 4 {
		t.Errorf("one bad address of two: %+v", s)
	}
	if s := Renew(Standing{Bad: 3, Address: 1}, WhyOperator, 2, 1, noon); s.Bad != 0 || s.Address != 0 || s.Status != StatusQueued {
		t.Errorf("both addresses bad: %+v", s)
	}
}
