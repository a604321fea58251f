package dispatch

import (
	"encoding/json"
	"time"

	"campanario/campaign"
	"campanario/rules"
)

// bound says what becomes of a candidate whom consent, the hours or a limit keep from being contacted; nil when they may
// be contacted now. s is where they stand.
func (r *runner) bound(c *Candidate, s campaign.Standing, now time.Time) *Verdict {
	if s.Why == campaign.WhyLimit { // what was said of it is over
		s.Reason, s.Params = "", ""
	}
	if v := r.unwilling(c, s, now); v != nil {
		return v
	}
	if open, ok := r.opens(c.Zones, now); !ok {
		return &Verdict{Do: DoSettle, Next: campaign.Exclude(s, campaign.Exhausted, string(campaign.NeverOpens), "", now)}
	} else if open.After(now) {
		return &Verdict{Do: DoDefer, Next: campaign.Defer(s, campaign.WhyWindow, open, now)}
	}
	if c.Held == nil {
		return nil
	}
	next := campaign.Defer(s, campaign.WhyLimit, c.Held.Until, now)
	next.Reason, next.Params = "limit_reached", limitParams(c.Held)
	return &Verdict{Do: DoDefer, Next: next}
}

// unwilling is for those who did not agree to be contacted as the campaign needs it: at this address, or at any.
func (r *runner) unwilling(c *Candidate, s campaign.Standing, now time.Time) *Verdict {
	all := uint32(1)<<len(c.Addresses) - 1
	switch {
	case c.Lacking == 0:
		return nil
	case c.Lacking == all && c.Withdrew != 0:
		return &Verdict{Do: DoSettle, Next: campaign.Exclude(s, campaign.Excluded, "consent_withdrawn", "", now)}
	case c.Lacking == all:
		return &Verdict{Do: DoSettle, Next: campaign.Exclude(s, campaign.Excluded, "consent_missing", "", now)}
	case c.Lacking&(1<<s.Address) == 0:
		return nil
	}
	d := r.policy.Pass(s, len(c.Addresses), c.Barred|c.Lacking, now, r.clock(c.Zones))
	if d.Next.Result != "" {
		return &Verdict{Do: DoSettle, Next: d.Next}
	}
	return &Verdict{Do: DoDefer, Next: d.Next}
}

// opens is the first instant from now on at which the person may be contacted: inside the campaign's hours, where they are
// read on the person's own clock, and inside those of the law, which always are.
func (r *runner) opens(own []string, now time.Time) (time.Time, bool) {
	if !r.own() && len(r.job.Rules.Hours) == 0 {
		return now, true
	}
	clock := r.clock(own)
	law := r.job.Rules.Clock(r.zones(own))
	at := now
	for range 100 { // each turn goes on by an opening at least
		open := at
		if r.own() {
			var ok bool
			if open, ok = clock.NextOpen(at); !ok {
				return time.Time{}, false
			}
		}
		lawful, ok := law.NextOpen(open)
		if !ok {
			return time.Time{}, false
		}
		if lawful.Equal(at) {
			return at, true
		}
		at = lawful
	}
	return at, true
}

// zones are the clocks that a person may live by; the campaign's where nobody knows.
func (r *runner) zones(own []string) []*time.Location {
	out := make([]*time.Location, 0, len(own))
	for _, name := range own {
		out = append(out, location(name))
	}
	if len(out) == 0 {
		out = append(out, location(r.job.Campaign.Zone))
	}
	return out
}

// limitParams are what the sentence about a limit needs.
func limitParams(h *rules.Hold) string {
	p := map[string]any{"most": h.Limit.Most, "hours": int(h.Limit.Span() / time.Hour)}
	if h.Limit.Channel != "" {
		p["channel"] = string(h.Limit.Channel)
	}
	b, err := json.Marshal(p)
	if err != nil { // numbers and words always marshal
		return ""
	}
	return string(b)
}
