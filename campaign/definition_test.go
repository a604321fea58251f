package campaign

import (
	"slices"
	"strings"
	"testing"
	"time"

	"campanario/agent"
	"campanario/channel"
	"campanario/internal/fault"
	"campanario/schedule"
)

func valid() Definition {
	return Definition{Name: "Cobrança de novembro", Channel: channel.Voice}.Defaults()
}

func TestDefaults(t *testing.T) {
	d := valid()
	if err := d.Validate(noon); err != nil {
		t.Fatal(err)
	}
	if d.Retry.MaxAttempts != 3 || d.Retry.IntervalMinutes != 60 || d.Retry.Voicemail != RetryVoicemail || d.Share != 1 || d.Zone != DefaultZone {
		t.Errorf("defaults are %+v", d)
	}
	if d.Call == nil || d.Call.RingTimeout.D() != 30*time.Second {
		t.Errorf("a call's defaults are %+v", d.Call)
	}
}

// TestValidate holds each mistake against the fault it is told with, and where.
func TestValidate(t *testing.T) {
	past, soon, later := noon.Add(-time.Minute), noon.Add(time.Hour), noon.Add(48*time.Hour)
	for _, c := range []struct {
		name   string
		change func(*Definition)
		want   string // "field code"
	}{
		{"no name", func(d *Definition) { d.Name = "" }, "name required"},
		{"a name without end", func(d *Definition) { d.Name = strings.Repeat("á", 201) }, "name too_long"},
		{"a zone that is none", func(d *Definition) { d.Zone = "Brasil/Sul" }, "zone zone_unknown"},
		{"six attempts", func(d *Definition) { d.Retry.MaxAttempts = 6 }, "retry.max_attempts out_of_range"},
		{"nine minutes", func(d *Definition) { d.Retry.IntervalMinutes = 9 }, "retry.interval_minutes out_of_range"},
		{"more than three days", func(d *Definition) { d.Retry.IntervalMinutes = 4321 }, "retry.interval_minutes out_of_range"},
		{"again after success", func(d *Definition) { d.Retry.RetryOn = []channel.Code{channel.Completed} }, "retry.retry_on[0] outcome_not_retryable"},
		{"again after stop", func(d *Definition) { d.Retry.RetryOn = []channel.Code{channel.NoAnswer, channel.OptedOut} }, "retry.retry_on[1] outcome_not_retryable"},
		{"a misspelt outcome", func(d *Definition) { d.Retry.RetryOn = []channel.Code{"bussy"} }, "retry.retry_on[0] outcome_not_retryable"},
		{"a delay of an hour too many", func(d *Definition) { d.Retry.Delays = map[channel.Code]int{channel.Busy: 5000} }, "retry.delays.busy out_of_range"},
		{"back-off below one", func(d *Definition) { d.Retry.Backoff = 0.5 }, "retry.backoff out_of_range"},
		{"begins in the past", func(d *Definition) { d.StartsAt = &past }, "starts_at past_time"},
		{"ends in the past", func(d *Definition) { d.EndsAt = &past }, "ends_at past_time"},
		{"ends before it begins", func(d *Definition) { d.StartsAt, d.EndsAt = &later, &soon }, "ends_at end_before_start"},
		{"never opens before its end", func(d *Definition) {
			d.EndsAt = &soon
			d.Window.Days[time.Sunday] = []schedule.Interval{{From: 540, To: 600}}
		}, "window window_never_opens"},
		{"laps without end", func(d *Definition) { d.Laps = &Laps{MaxPerDay: 2, CooldownMinutes: 5} }, "laps.max_total laps_without_end"},
		{"laps and a rule", func(d *Definition) {
			d.Laps = &Laps{MaxPerDay: 2, MaxTotal: 2, CooldownMinutes: 5}
			d.Recurrence = "FREQ=DAILY"
		}, "laps laps_and_recurrence"},
		{"a rule that is none", func(d *Definition) { d.Recurrence = "FREQ=OFTEN" }, "recurrence"},
		{"a goal to reach that is not named", func(d *Definition) { d.Retry.UntilGoal = true }, "goal goal_missing"},
		{"a call with a message", func(d *Definition) { d.Message = &agent.MessageTemplate{Subject: "a", Text: "b"} }, "message field_of_other_channel"},
		{"two agents", func(d *Definition) { d.Agent, d.UseLineAgent = "x", true }, "use_line_agent agent_twice"},
		{"a channel of tomorrow", func(d *Definition) { d.Channel = channel.SMS }, "channel channel_not_available"},
		{"a channel of nowhere", func(d *Definition) { d.Channel = "fax" }, "channel not_one_of"},
		{"an e-mail with an agent", func(d *Definition) { d.Channel, d.Call, d.Agent = channel.Email, nil, "x" }, "agent field_of_other_channel"},
		{"too big a share", func(d *Definition) { d.Share = 101 }, "share out_of_range"},
		{"a negative pace", func(d *Definition) { d.Pace.PerSecond = -1 }, "pace.per_second out_of_range"},
		{"a ring of an hour", func(d *Definition) { d.Call.RingTimeout = agent.Duration(time.Hour) }, "call.ring_timeout out_of_range"},
		{"a step of two hundred per cent", func(d *Definition) { d.Release = schedule.Release{Percent: 200, Every: 10} }, "release.percent out_of_range"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := valid()
			c.change(&d)
			var got []string
			for _, e := range fault.All(d.Validate(noon)) {
				got = append(got, e.Field+" "+e.Code)
			}
			if !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, c.want) }) {
				t.Errorf("found %v, want %s", got, c.want)
			}
		})
	}
}

func TestAllProblemsAtOnce(t *testing.T) {
	d := valid()
	d.Name, d.Zone, d.Retry.MaxAttempts, d.Share = "", "x", 9, -1
	if got := fault.All(d.Validate(noon)); len(got) != 4 {
		t.Errorf("found %v, want four problems", got)
	}
}

// TestClockOfSeveralZones: where a number leaves the zone open, all of them must agree.
func TestClockOfSeveralZones(t *testing.T) {
	var w schedule.Window
	if err := w.UnmarshalJSON([]byte(`{"days":{"mon-fri":["09:00-18:00"]},"zone":"contact"}`)); err != nil {
		t.Fatal(err)
	}
	d := Definition{Zone: "America/Sao_Paulo", Window: w}
	c := d.ClockFor("", []string{"America/Rio_Branco", "America/Noronha"}) // UTC-5 and UTC-2
	nine := time.Date(2026, 11, 23, 11, 30, 0, 0, time.UTC)                // 06:30 and 09:30
	if c.Open(nine) {
		t.Error("open although it is half past six in one of the zones")
	}
	open, ok := c.NextOpen(nine)
	if want := time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC); !ok || !open.Equal(want) {
		t.Errorf("opens at %v, want %v", open, want)
	}
	// At 18:00 in Noronha (20:00 UTC) it is 15:00 in Rio Branco: closed until both are open again.
	open, ok = c.NextOpen(time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC))
	if want := time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC); !ok || !open.Equal(want) {
		t.Errorf("opens at %v, want %v", open, want)
	}
	if got := d.ClockFor("", nil).Zones[0].String(); got != "America/Sao_Paulo" {
		t.Errorf("somebody without a zone goes by %s", got)
	}
	d.Window.Zone = schedule.ZoneAgent
	if got := d.ClockFor("America/Bogota", []string{"America/Manaus"}).Zones[0].String(); got != "America/Bogota" {
		t.Errorf("the agent's clock is %s", got)
	}
}

func TestNewcomerValidate(t *testing.T) {
	ok := Newcomer{Recipient: Recipient{Addresses: []channel.Address{"+5511987654321"}}, Band: BandNormal}
	if bad := ok.Validate(); len(bad) > 0 {
		t.Fatal(bad)
	}
	for _, c := range []struct {
		change func(*Newcomer)
		want   string
	}{
		{func(n *Newcomer) { n.Addresses = nil }, "contact required"},
		{func(n *Newcomer) { n.Addresses = make([]channel.Address, 17) }, "secondary too_many"},
		{func(n *Newcomer) { n.Name = strings.Repeat("x", 5000) }, "name too_long"},
		{func(n *Newcomer) { n.Name = "a\x00b" }, "name text_invalid"},
		{func(n *Newcomer) { n.Variables = map[string]string{"a": "\xff"} }, "variables.a text_invalid"},
		{func(n *Newcomer) { n.Variables = map[string]string{"a": strings.Repeat("x", 70000)} }, "variables too_long"},
		{func(n *Newcomer) { n.Zones = []string{"Mars/Base"} }, "zones[0] zone_unknown"},
		{func(n *Newcomer) { n.Band = 7 }, "priority not_one_of"},
		{func(n *Newcomer) { n.Tags = make([]string, 51) }, "tags too_many"},
	} {
		n := ok
		c.change(&n)
		bad := n.Validate()
		if len(bad) != 1 || bad[0].Field+" "+bad[0].Code != c.want {
			t.Errorf("found %v, want %s", bad, c.want)
		}
	}
}
