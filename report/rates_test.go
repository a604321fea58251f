package report_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"campanario/campaign"
	"campanario/channel"
	"campanario/report"
)

// counts of a campaign of 200: 150 tried, 40 of them twice, 60 reached, 5 of whom said stop.
func counts() campaign.Counts {
	return campaign.Counts{
		Total: 200, Attempts: 190, Retries: 40, Again: 40, Goals: 12, Talk: 160 * time.Minute,
		ByStatus: map[campaign.Status]int64{campaign.StatusCompleted: 55, campaign.StatusSuppressed: 5, campaign.StatusExhausted: 40, campaign.StatusPending: 100},
		ByCode: map[channel.Code]int64{
			channel.Completed: 55, channel.OptedOut: 5, channel.Voicemail: 20, channel.NoAnswer: 90, channel.Failed: 6, channel.Unknown: 4, channel.Congested: 10,
		},
	}
}

func TestRates(t *testing.T) {
	for _, c := range []struct {
		name string
		c    campaign.Counts
		want report.Rates
	}{
		{"nothing happened", campaign.Counts{}, report.Rates{}},
		{"nobody was tried", campaign.Counts{Total: 10}, report.Rates{}},
		{"a campaign", counts(), report.Rates{
			Progress: 0.5, Completion: 0.75, Success: 60.0 / 180, Retry: 40.0 / 150, Conversion: 0.2, Failure: 20.0 / 190, MeanCall: 120,
		}},
		{"messages", campaign.Counts{
			Total: 10, Attempts: 10, ByStatus: map[campaign.Status]int64{campaign.StatusCompleted: 9, campaign.StatusFailed: 1},
			ByCode: map[channel.Code]int64{channel.Sent: 9, channel.Bounced: 1},
		}, report.Rates{Progress: 1, Completion: 1, Success: 0.9}},
	} {
		if d := cmp.Diff(c.want, report.Of(c.c), cmpopts.EquateApprox(0, 1e-9)); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

func TestHealth(t *testing.T) {
	health := func(kind channel.Kind, change func(*campaign.Counts)) map[string]string {
		c := counts()
		change(&c)
		out := map[string]string{}
		for _, f := range report.Assess(kind, c) {
			out[f.Rate] = string(f.Health) + " " + f.Hint
		}
		return out
	}
	for _, c := range []struct {
		name   string
		kind   channel.Kind
		change func(*campaign.Counts)
		rate   string
		want   string
	}{
		{"a third answers", channel.Voice, func(*campaign.Counts) {}, "success_rate", "healthy "},
		{"few answer", channel.Voice, func(c *campaign.Counts) { c.ByCode[channel.Completed] = 20 }, "success_rate", "low success_low"},
		{"nearly all answer", channel.Voice, func(c *campaign.Counts) { c.ByCode[channel.Completed] = 140 }, "success_rate", "high success_high"},
		{"too few to judge", channel.Voice, func(c *campaign.Counts) { c.Attempts = 30 }, "success_rate", "too_few "},
		{"two minutes", channel.Voice, func(*campaign.Counts) {}, "mean_call_seconds", "healthy "},
		{"short calls", channel.Voice, func(c *campaign.Counts) { c.Talk = 20 * time.Minute }, "mean_call_seconds", "low mean_call_short"},
		{"long calls", channel.Voice, func(c *campaign.Counts) { c.Talk = 20 * time.Hour }, "mean_call_seconds", "high mean_call_long"},
		{"many failures", channel.Voice, func(*campaign.Counts) {}, "failure_rate", "high failures_many"},
		{"few failures", channel.Voice, func(c *campaign.Counts) { c.ByCode[channel.Congested] = 0 }, "failure_rate", "healthy "},
		{"mail that arrives", channel.Email, func(c *campaign.Counts) {
			c.ByCode = map[channel.Code]int64{channel.Sent: 188, channel.Bounced: 2}
		}, "success_rate", "healthy "},
		{"mail that bounces", channel.Email, func(c *campaign.Counts) {
			c.ByCode = map[channel.Code]int64{channel.Sent: 100, channel.Bounced: 90}
		}, "success_rate", "low delivery_low"},
	} {
		if got := health(c.kind, c.change)[c.rate]; got != c.want {
			t.Errorf("%s: %s is %q, not %q", c.name, c.rate, got, c.want)
		}
	}
	known := map[string]bool{}
	for _, h := range report.Hints() {
		known[h] = true
	}
	if !known["success_low"] || len(known) != 6 {
		t.Errorf("hints: %v", report.Hints())
	}
}
