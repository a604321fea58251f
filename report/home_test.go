package report_test

import (
	"slices"
	"testing"
	"time"

	"campanario/campaign"
	"campanario/channel"
	"campanario/intake"
	"campanario/report"
)

// morning is 10:52 of a Tuesday in São Paulo.
var morning = time.Date(2026, 11, 24, 13, 52, 0, 0, time.UTC)

func saoPaulo(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("America/Sao_Paulo")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func lineOf(id string) report.LineState {
	return report.LineState{ID: id, Name: "Linha " + id, Enabled: true, Held: true}
}

// TestWhatNeedsAttention: each cause once, the most urgent first; what goes on by itself is nobody's concern.
func TestWhatNeedsAttention(t *testing.T) {
	active := func(id string, l report.LineState, w campaign.WaitCode) report.Campaign {
		c := report.Campaign{ID: id, State: campaign.Active, Line: l}
		if w != "" {
			c.Waiting = &campaign.Waiting{Code: w}
		}
		return c
	}
	off, idle := lineOf("off"), lineOf("idle")
	off.Enabled, idle.Held = false, false
	standing := func(id string, state channel.Registration) report.LineState {
		l := lineOf(id)
		l.Standing = &channel.Standing{State: state, Status: 403}
		return l
	}
	paused := func(id string, why campaign.PauseReason) report.Campaign {
		return report.Campaign{ID: id, State: campaign.Paused, Paused: why, Line: off}
	}
	placed := func(line string, ago time.Duration, attempts, technical int64) report.LineSlice {
		return report.LineSlice{Line: lineOf(line), Slice: campaign.Slice{At: campaign.SliceOf(morning.Add(-ago)), Attempts: attempts, Technical: technical}}
	}
	imported := func(id string, state intake.State, ago time.Duration, refused int64) intake.Session {
		return intake.Session{ID: id, State: state, UpdatedAt: morning.Add(-ago), EndedAt: morning.Add(-ago), Counts: intake.Counts{Refused: refused}}
	}
	const day = 24 * time.Hour
	for _, c := range []struct {
		name string
		s    report.Situation
		want []string
	}{
		{"all is well", report.Situation{Campaigns: []report.Campaign{active("a", lineOf("l"), ""), active("b", lineOf("l"), campaign.WaitWindow), active("c", lineOf("l"), campaign.WaitDay)}}, nil},
		{"pauses", report.Situation{Campaigns: []report.Campaign{paused("a", campaign.ByOperator), paused("b", campaign.TooManyFailed)}}, []string{"broken campaign_paused b", "notice campaign_paused a"}},
		{"a wait without an end", report.Situation{Campaigns: []report.Campaign{active("a", lineOf("l"), campaign.WaitLists)}}, []string{"broken campaign_waiting a"}},
		{"lines once", report.Situation{Campaigns: []report.Campaign{active("a", off, campaign.WaitLineOff), active("b", off, campaign.WaitLineOff), active("c", idle, ""), active("d", lineOf("l"), campaign.WaitLine)}}, []string{"broken line_disabled off", "broken line_idle idle", "broken line_resting l"}},
		{"registrations", report.Situation{Campaigns: []report.Campaign{active("a", standing("refused", channel.Refused), ""), active("b", standing("away", channel.Unanswered), campaign.WaitLine), active("c", standing("good", channel.Registered), ""), active("d", standing("new", channel.Registering), "")}}, []string{"broken line_unregistered refused", "broken line_unregistered away"}},
		{"failures of the last hour", report.Situation{Slices: []report.LineSlice{placed("a", 0, 60, 10), placed("a", 30*time.Minute, 40, 2), placed("b", 2*time.Hour, 60, 60), placed("c", 0, 60, 6), placed("d", 0, 19, 19)}}, []string{"broken line_failing a"}},
		{"a line is told of once", report.Situation{Campaigns: []report.Campaign{active("d", lineOf("a"), campaign.WaitLine)}, Slices: []report.LineSlice{placed("a", 0, 60, 10)}}, []string{"broken line_resting a"}},
		{"imports", report.Situation{Imports: []intake.Session{
			imported("refused", intake.StateDone, time.Hour, 3), imported("good", intake.StateDone, time.Hour, 0), imported("old", intake.StateDone, 3*day, 3),
			imported("ready", intake.StateReady, 5*day, 0), imported("checked", intake.StateChecked, time.Hour, 2), imported("forgotten", intake.StateReady, 40*day, 0),
			imported("failed", intake.StateFailed, time.Hour, 0), imported("running", intake.StateRunning, time.Hour, 0),
		}}, []string{"broken import_failed failed", "decision import_waiting ready", "decision import_waiting checked", "notice import_refused refused"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, a := range report.NewHome(&c.s, morning, saoPaulo(t)).Attention {
				got = append(got, string(a.Urgency)+" "+string(a.Concern)+" "+a.ID)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestTodayBesideYesterday: days begin on the workspace's clock, and yesterday is counted to this time of day.
func TestTodayBesideYesterday(t *testing.T) {
	at := func(kind channel.Kind, day, hour, minute int, n int64) report.LineSlice {
		return report.LineSlice{Kind: kind, Slice: campaign.Slice{At: time.Date(2026, 11, day, hour, minute, 0, 0, saoPaulo(t)).UTC(), Attempts: n}}
	}
	s := report.Situation{
		Air: []report.Air{{Kind: channel.Voice, Open: 7, Answered: 3}, {Kind: channel.Email, Open: 2}, {Kind: channel.SMS, Open: 1}},
		Slices: []report.LineSlice{
			at(channel.Voice, 22, 23, 45, 1000), at(channel.Voice, 23, 0, 0, 1), at(channel.Email, 23, 10, 30, 2), at(channel.Voice, 23, 10, 45, 1000),
			at(channel.Voice, 23, 23, 45, 1000), at(channel.Voice, 24, 0, 0, 10), at(channel.Email, 24, 10, 45, 20),
		},
	}
	zone := saoPaulo(t)
	h := report.NewHome(&s, morning, zone)
	if h.Today.Calls.Attempts != 10 || h.Today.Messages.Attempts != 20 || h.Yesterday.Calls.Attempts != 1 || h.Yesterday.Messages.Attempts != 2 {
		t.Errorf("today %+v, yesterday %+v", h.Today, h.Yesterday)
	}
	if all := h.Today.All(); all.Attempts != 30 {
		t.Errorf("all %+v", all)
	}
	if want := time.Date(2026, 11, 23, 10, 45, 0, 0, zone); !h.Yesterday.Until.Equal(want) || !h.Yesterday.From.Equal(report.Since(morning, zone)) {
		t.Errorf("yesterday from %s to %s", h.Yesterday.From, h.Yesterday.Until)
	}
	if h.Calls.Open != 7 || h.Calls.Answered != 3 || h.Messages != 3 {
		t.Errorf("live %+v and %d", h.Calls, h.Messages)
	}
}
