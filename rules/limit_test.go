package rules_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"campanario/channel"
	"campanario/internal/fault"
	"campanario/rules"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func ago(h float64, k channel.Kind, state string) rules.Contact {
	return rules.Contact{
		At: noon.Add(-time.Duration(h * float64(time.Hour))), Channel: k, Answered: state == "answered", Open: state == "open",
	}
}

func TestLimits(t *testing.T) {
	voice, mail := channel.Voice, channel.Email
	tests := map[string]struct {
		limit rules.Limit
		past  []rules.Contact
		on    channel.Kind
		until float64 // hours from now; 0: allowed
	}{
		"nobody tried":                {rules.Limit{Most: 1, Hours: 1}, nil, voice, 0},
		"one is one":                  {rules.Limit{Most: 1, Days: 1}, []rules.Contact{ago(3, voice, "")}, voice, 21},
		"the period is over":          {rules.Limit{Most: 1, Hours: 3}, []rules.Contact{ago(3, voice, "")}, voice, 0},
		"the oldest of two leaves":    {rules.Limit{Most: 2, Hours: 10}, []rules.Contact{ago(4, voice, ""), ago(7, mail, "")}, voice, 3},
		"more than there may be":      {rules.Limit{Most: 1, Hours: 10}, []rules.Contact{ago(4, voice, ""), ago(7, mail, "")}, voice, 6},
		"in whatever order":           {rules.Limit{Most: 2, Hours: 10}, []rules.Contact{ago(7, mail, ""), ago(4, voice, "")}, voice, 3},
		"another channel's":           {rules.Limit{Most: 1, Hours: 10, Channel: voice}, []rules.Contact{ago(4, mail, "")}, voice, 0},
		"of this channel":             {rules.Limit{Most: 1, Hours: 10, Channel: voice}, []rules.Contact{ago(4, voice, "")}, voice, 6},
		"not about this channel":      {rules.Limit{Most: 1, Hours: 10, Channel: voice}, []rules.Contact{ago(4, voice, "")}, mail, 0},
		"nobody answered":             {rules.Limit{Most: 1, Hours: 10, Counts: rules.Answered}, []rules.Contact{ago(4, voice, "")}, voice, 0},
		"somebody answered":           {rules.Limit{Most: 1, Hours: 10, Counts: rules.Answered}, []rules.Contact{ago(4, voice, "answered")}, voice, 6},
		"somebody may answer":         {rules.Limit{Most: 1, Hours: 10, Counts: rules.Answered}, []rules.Contact{ago(0, voice, "open")}, voice, 1. / 60},
		"an open one may be undone":   {rules.Limit{Most: 1, Hours: 10}, []rules.Contact{ago(0, voice, "open")}, voice, 1. / 60},
		"a clock that is ahead":       {rules.Limit{Most: 1, Hours: 1}, []rules.Contact{ago(-0.5, voice, "")}, voice, 1.5},
		"one channel, the same":       {rules.Limit{Most: 1, Days: 7, Counts: rules.Channels}, []rules.Contact{ago(5, voice, ""), ago(4, voice, "")}, voice, 0},
		"one channel, another":        {rules.Limit{Most: 1, Days: 1, Counts: rules.Channels}, []rules.Contact{ago(5, voice, ""), ago(4, voice, "")}, mail, 20},
		"two channels":                {rules.Limit{Most: 2, Days: 1, Counts: rules.Channels}, []rules.Contact{ago(5, voice, "")}, mail, 0},
		"two channels, a third":       {rules.Limit{Most: 2, Days: 1, Counts: rules.Channels}, []rules.Contact{ago(5, voice, ""), ago(4, channel.SMS, "")}, mail, 19},
		"two channels, one long past": {rules.Limit{Most: 2, Days: 1, Counts: rules.Channels}, []rules.Contact{ago(25, voice, ""), ago(4, channel.SMS, "")}, mail, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			until, held := tt.limit.Held(tt.past, tt.on, noon)
			if held != (tt.until > 0) {
				t.Fatalf("held %v until %v", held, until)
			}
			if want := noon.Add(time.Duration(tt.until * float64(time.Hour))); held && !until.Equal(want) {
				t.Errorf("held until %v, want %v", until, want)
			}
		})
	}
}

// TestNoPeriodHoldsOneTooMany lets attempts happen as soon as limits allow them, and counts every moving period.
func TestNoPeriodHoldsOneTooMany(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		l := rules.Limit{Most: 1 + rng.IntN(4), Hours: 1 + rng.IntN(30)}
		var past []rules.Contact
		now := noon
		for len(past) < 40 {
			until, held := l.Held(past, channel.Voice, now)
			if held {
				if !until.After(now) {
					t.Fatalf("%+v holds until %v at %v", l, until, now)
				}
				if _, still := l.Held(past, channel.Voice, until.Add(-time.Nanosecond)); !still {
					t.Fatalf("%+v would have allowed it before %v", l, until)
				}
				now = until
				continue
			}
			past = append(past, rules.Contact{At: now, Channel: channel.Voice})
			now = now.Add(time.Duration(rng.Int64N(int64(10 * time.Hour))))
		}
		for i := range past {
			if j := i + l.Most; j < len(past) && past[j].At.Sub(past[i].At) < l.Span() {
				t.Fatalf("%+v: %d within %v", l, l.Most+1, past[j].At.Sub(past[i].At))
			}
		}
	}
}

func TestTheLongestHoldCounts(t *testing.T) {
	past := []rules.Contact{ago(1, channel.Voice, "")}
	h := rules.Held([]rules.Limit{{Most: 1, Hours: 2}, {Most: 1, Hours: 5}, {Most: 1, Hours: 3}}, true, past, channel.Voice, noon)
	if h == nil || h.Limit.Hours != 5 || !h.Own || !h.Until.Equal(noon.Add(4*time.Hour)) {
		t.Errorf("%+v", h)
	}
	if h := rules.Held(nil, false, past, channel.Voice, noon); h != nil {
		t.Errorf("held by nothing: %+v", h)
	}
}

func TestLimitsAreValidated(t *testing.T) {
	tests := []struct {
		limit rules.Limit
		codes []string
	}{
		{rules.Limit{Most: 1, Hours: 24}, nil},
		{rules.Limit{Most: 100, Days: 31, Counts: rules.Answered, Channel: channel.Email}, nil},
		{rules.Limit{}, []string{"out_of_range", "out_of_range"}},
		{rules.Limit{Most: 101, Hours: 745}, []string{"out_of_range", "out_of_range"}},
		{rules.Limit{Most: 1, Days: 32}, []string{"out_of_range"}},
		{rules.Limit{Most: 1, Hours: 1, Days: 1}, []string{"limit_two_periods"}},
		{rules.Limit{Most: 1, Hours: 1, Counts: "calls"}, []string{"not_one_of"}},
		{rules.Limit{Most: 1, Hours: 1, Channel: "pigeon"}, []string{"not_one_of"}},
		{rules.Limit{Most: 1, Hours: 1, Counts: rules.Channels, Channel: channel.Voice}, []string{"limit_channels_of_channel"}},
	}
	for _, tt := range tests {
		var got []string
		for _, f := range tt.limit.Validate() {
			got = append(got, f.Code)
		}
		if !slices.Equal(got, tt.codes) {
			t.Errorf("%+v: %v, want %v", tt.limit, got, tt.codes)
		}
	}
	if bad := rules.ValidateLimits("limits", make([]rules.Limit, 21)); len(bad) != 1 || bad[0].Code != "too_many" || bad[0].Field != "limits" {
		t.Errorf("too many: %v", bad)
	}
	if bad := rules.ValidateLimits("limits", []rules.Limit{{Most: 1, Hours: 1}, {Most: 1}}); len(bad) != 1 || bad[0].Field != "limits[1].hours" {
		t.Errorf("where: %v", bad)
	}
}

func TestNeedsAreValidated(t *testing.T) {
	for _, n := range []rules.Need{{}, {Level: rules.NotNeeded}, {Level: rules.Given, On: rules.OnLine}, {Level: rules.NotWithdrawn, On: rules.OnChannel}} {
		if bad := n.Validate(); len(bad) != 0 {
			t.Errorf("%+v: %v", n, bad)
		}
	}
	bad := rules.Need{Level: "some", On: "sight"}.Validate()
	if len(bad) != 2 || bad[0].Field != "level" || bad[1].Field != "on" || !fault.Is(bad[:1].Err(), "not_one_of") {
		t.Errorf("%v", bad)
	}
	if (rules.Need{Level: rules.NotNeeded}).Set() || !(rules.Need{Level: rules.NotWithdrawn}).Set() {
		t.Error("which needs are any")
	}
}
