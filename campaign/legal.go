package campaign

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	"campanario/audience"
	"campanario/channel"
	"campanario/internal/fault"
	"campanario/internal/fold"
	"campanario/rules"
	"campanario/schedule"
)

// Legal is what campaigns are bound by beside themselves.
type Legal interface {
	// Law gives what a workspace is bound by in campaigns with a purpose on a channel.
	Law(ctx context.Context, workspace string, p rules.Purpose, k channel.Kind) (rules.Law, error)
}

// Evidence is what shows whether they keep to it.
type Evidence interface {
	// Registries lists the lists of those who must not be contacted.
	Registries(ctx context.Context, workspace string) ([]audience.Registry, error)
	// ConsentsAmong gives what contacts agreed to and took back, the latest first, by their numbers.
	ConsentsAmong(ctx context.Context, workspace string, numbers []int64) (map[int64][]audience.Consent, error)
}

// lawOf gives what the campaign's workspace is bound by in it.
func (s *Service) lawOf(ctx context.Context, c *Campaign) (rules.Law, error) {
	if s.legal == nil {
		return rules.Law{}, nil
	}
	return s.legal.Law(ctx, c.Workspace, c.Purpose, c.Channel)
}

// closedBy is the definition with a window that is closed, too, on the days on which the law lets nobody be contacted, whatever the
// hour. They are days on the clock of whom is contacted, and are taken for days on the window's.
func (d Definition) closedBy(law rules.Law) *Definition {
	for i := range law.Hours {
		d.Window.Holidays = slices.Concat(d.Window.Holidays, law.Hours[i].Holidays)
		d.Window.Blackout = slices.Concat(d.Window.Blackout, law.Hours[i].Blackout)
	}
	return &d
}

// checkLaw looks for what the packs of law that the workspace chose would make of the campaign.
func (s *Service) checkLaw(ctx context.Context, c *Campaign, now time.Time, found *Problems) error {
	law, err := s.lawOf(ctx, c)
	if err != nil {
		return err
	}
	warn := func(field, code string, p fault.Params) {
		*found = append(*found, Problem{Error: fault.New(fault.Conflict, code, p).At(field), Warning: true})
	}
	if law.NeedsPurpose {
		warn("purpose", "purpose_missing", nil)
	}
	if c.opens(now) && !c.opensBy(law, now) { // or it is the window's own fault
		*found = append(*found, Problem{Error: fault.New(fault.Conflict, "law_never_opens", nil).At("window")})
	}
	if p, short := c.crampedBy(law, now); short {
		warn("retry.max_attempts", "limits_forbid_retries", p)
	}
	return s.checkRegisters(ctx, c, law, now, found)
}

// opensBy reports whether the campaign's window and the hours of the law are ever open together before its end, on the
// campaign's clock.
func (d *Definition) opensBy(law rules.Law, now time.Time) bool {
	zone, err := schedule.LoadZone(d.Zone)
	if err != nil || len(law.Hours) == 0 {
		return true
	}
	t := now
	if d.StartsAt != nil && d.StartsAt.After(t) {
		t = *d.StartsAt
	}
	legal := law.Clock([]*time.Location{zone})
	limit := t.Add(schedule.Horizon)
	for t.Before(limit) {
		open, ok := d.Window.NextOpen(t, zone)
		if !ok || d.EndsAt != nil && !open.Before(*d.EndsAt) {
			return false
		}
		if t, ok = legal.NextOpen(open); !ok {
			return false
		}
		if t.Equal(open) {
			return true
		}
	}
	return false
}

// crampedBy reports whether a limit of attempts leaves no room before the campaign's end for all the attempts that its
// policy wants, with the tightest such limit.
func (d *Definition) crampedBy(law rules.Law, now time.Time) (fault.Params, bool) {
	if d.EndsAt == nil || d.Retry.MaxAttempts < 2 {
		return nil, false
	}
	from := now
	if d.StartsAt != nil && d.StartsAt.After(now) {
		from = *d.StartsAt
	}
	room, least := d.EndsAt.Sub(from), d.Retry.MaxAttempts
	var p fault.Params
	for _, l := range append(append([]rules.Limit(nil), law.Limits...), d.ContactLimits...) {
		if l.Counts == rules.Answered || l.Counts == rules.Channels || l.Channel != "" && l.Channel != d.Channel || l.Span() <= 0 {
			continue
		}
		if fit := l.Most * (int(math.Floor(float64(room)/float64(l.Span()))) + 1); fit < least {
			least = fit
			p = fault.Params{"most": l.Most, "hours": int(l.Span() / time.Hour), "attempts": d.Retry.MaxAttempts, "possible": fit}
		}
	}
	return p, p != nil
}

// checkRegisters refuses a start without a register that a chosen rule demands, or with one that is too old.
func (s *Service) checkRegisters(ctx context.Context, c *Campaign, law rules.Law, now time.Time, found *Problems) error {
	if len(law.Registers) == 0 || s.evidence == nil {
		return nil
	}
	all, err := s.evidence.Registries(ctx, c.Workspace)
	if err != nil {
		return err
	}
	for _, r := range law.Registers {
		var newest *audience.Registry
		for i := range all {
			x := &all[i]
			if x.Kind == audience.DoNotCall && x.Covers(c.Channel, now) && slug(x.Name) == r.Name && (newest == nil || x.ReplacedAt.After(newest.ReplacedAt)) {
				newest = x
			}
		}
		switch {
		case newest == nil:
			p := fault.Params{"name": r.Name, "pack": r.Pack, "rule": r.Rule}
			*found = append(*found, Problem{Error: fault.New(fault.Conflict, "register_missing", p).At("rules")})
		case r.MaxAge > 0 && now.Sub(newest.ReplacedAt) > r.MaxAge:
			p := fault.Params{"name": r.Name, "pack": r.Pack, "rule": r.Rule, "days": daysOf(r.MaxAge), "age": daysOf(now.Sub(newest.ReplacedAt))}
			*found = append(*found, Problem{Error: fault.New(fault.Conflict, "register_old", p).At("rules")})
		}
	}
	return nil
}

func daysOf(d time.Duration) int { return int(d / (24 * time.Hour)) }

// slug is a name as packs write it: small letters without accents, words joined by hyphens.
func slug(name string) string {
	return strings.Join(strings.FieldsFunc(fold.Key(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), "-")
}

// checkAgreed says how many of the first recipients have not given the consent that the campaign needs. When it is
// nobody, the start is refused: it would suppress them one by one.
func (s *Service) checkAgreed(ctx context.Context, c *Campaign, sample []Recipient, found *Problems) error {
	if !c.Consent.Set() || s.evidence == nil || len(sample) == 0 {
		return nil
	}
	var numbers []int64
	for i := range sample {
		if sample[i].Contact != 0 {
			numbers = append(numbers, sample[i].Contact)
		}
	}
	histories, err := s.evidence.ConsentsAmong(ctx, c.Workspace, numbers)
	if err != nil {
		return err
	}
	lacking := 0
	for i := range sample {
		enough := false
		for _, a := range sample[i].Addresses {
			said := audience.AnswerOf(histories[sample[i].Contact], a, c.Channel, c.Line, c.Consent.On)
			enough = enough || audience.Enough(c.Consent, said)
		}
		if !enough {
			lacking++
		}
	}
	if lacking > 0 {
		e := fault.New(fault.Conflict, "consents_missing", fault.Params{"people": lacking, "of": len(sample)}).At("recipients")
		*found = append(*found, Problem{Error: e, Warning: lacking < len(sample)})
	}
	return nil
}
