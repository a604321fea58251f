package report_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"campanario/campaign"
	"campanario/channel"
	"campanario/report"
)

func placedAt(t *testing.T, local string, n int64) campaign.Slice {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", local, saoPaulo(t))
	if err != nil {
		t.Fatal(err)
	}
	return campaign.Slice{At: at.UTC(), Attempts: n, Answered: n / 2}
}

// TestByHour: hours are those of the clock, the week begins on Monday, and weeks are summed.
func TestByHour(t *testing.T) {
	list := []campaign.Slice{
		placedAt(t, "2026-11-22 23:45", 7), // a Sunday; Monday in UTC
		placedAt(t, "2026-11-23 09:00", 2), placedAt(t, "2026-11-23 09:45", 4), placedAt(t, "2026-11-30 09:15", 6),
		placedAt(t, "2026-11-28 00:00", 1),
	}
	var got []string
	for _, h := range report.ByHour(list, saoPaulo(t)) {
		got = append(got, fmt.Sprintf("%s %d: %d/%d", h.Weekday, h.Hour, h.Answered, h.Attempts))
	}
	if want := []string{"Monday 9: 6/12", "Saturday 0: 0/1", "Sunday 23: 3/7"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestSeries: by the hour for what lasted up to two days, else by the day of the clock, without gaps.
func TestSeries(t *testing.T) {
	for _, c := range []struct {
		name string
		zone string
		at   []string
		want string
	}{
		{"nothing", "America/Sao_Paulo", nil, "hour"},
		{"hours", "America/Sao_Paulo", []string{"2026-11-23 09:15", "2026-11-23 09:45", "2026-11-23 12:00"}, "hour 23 09:00=2 23 10:00=0 23 11:00=0 23 12:00=1"},
		{"days", "America/Sao_Paulo", []string{"2026-11-22 23:45", "2026-11-24 23:45", "2026-11-25 00:00"}, "day 22 00:00=1 23 00:00=0 24 00:00=1 25 00:00=1"},
		{"half an hour off", "Asia/Kolkata", []string{"2026-11-23 09:15", "2026-11-23 09:45"}, "hour 23 17:00=1 23 18:00=1"},
		{"a day of 25 hours", "America/New_York", []string{"2026-10-31 12:00", "2026-11-03 12:00"}, "day 31 00:00=1 01 00:00=0 02 00:00=0 03 00:00=1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			zone, err := time.LoadLocation(c.zone)
			if err != nil {
				t.Fatal(err)
			}
			var list []campaign.Slice
			for _, at := range c.at {
				list = append(list, placedAt(t, at, 1))
			}
			every, points := report.Series(list, zone)
			got := []string{string(every)}
			for _, p := range points {
				got = append(got, fmt.Sprintf("%s=%d", p.At.In(zone).Format("02 15:04"), p.Attempts))
			}
			if text := strings.Join(got, " "); text != c.want {
				t.Errorf("got %s, want %s", text, c.want)
			}
		})
	}
}

// TestFunnelAndOutcomes: people once each, and only stages that the channel tells of.
func TestFunnelAndOutcomes(t *testing.T) {
	calls := campaign.Counts{Total: 100, Attempts: 90, Retries: 30, Reached: 25, Converted: 5, Goals: 6, ByCode: map[channel.Code]int64{
		channel.Completed: 26, channel.NoAnswer: 50, channel.Busy: 14, channel.Voicemail: 0,
	}}
	mails := campaign.Counts{Total: 10, Attempts: 9, Reached: 8, ByCode: map[channel.Code]int64{channel.Sent: 3, channel.Delivered: 2, channel.Clicked: 1, channel.Bounced: 1, channel.OptedOut: 2}}
	for _, c := range []struct {
		kind channel.Kind
		n    campaign.Counts
		goal bool
		want string
	}{
		{channel.Voice, calls, true, "[{people 100} {attempted 60} {reached 25} {goal 5}]"},
		{channel.Voice, calls, false, "[{people 100} {attempted 60} {reached 25}]"},
		{channel.Email, mails, false, "[{people 10} {attempted 9} {reached 8} {delivered 3} {read 1} {clicked 1}]"},
	} {
		if got := fmt.Sprint(report.Funnel(c.kind, c.n, c.goal)); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	if got := fmt.Sprint(report.Outcomes(calls)); got != "[{no_answer unreached 50 0.5555555555555556} {completed reached 26 0.28888888888888886} {busy unreached 14 0.15555555555555556}]" {
		t.Error(got)
	}
}
