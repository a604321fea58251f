package status

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/fault"
	"campanario/internal/locale"
)

// person is somebody who is being contacted, or has just been.
type person struct {
	Who  string // as much of their name as may hang on a wall
	What string
	When string
	Kind string // of a status, for its colour
}

// How many people stand on the page, and of how many campaigns.
const (
	shownNow    = 6
	shownLatest = 8
	shownFrom   = 4
)

// contact is an attempt of a campaign.
type contact struct {
	campaign *campaign.Campaign
	number   campaign.Number
	what     string
	kind     campaign.Status
	at       time.Time
}

// people shows whom the campaigns are contacting.
func (p *Page) people(ctx context.Context, v *view, l locale.Language, list []*campaign.Campaign, counts map[string]campaign.Counts) error {
	var now, latest []contact
	open := int64(0)
	looked := 0
	for _, c := range list {
		if n := counts[c.ID]; n.Attempts+n.InFlight == 0 || looked == shownFrom {
			continue
		}
		looked++
		open += counts[c.ID].InFlight
		flights, err := p.flights(ctx, l, c, counts[c.ID])
		if err != nil {
			return err
		}
		ended, err := p.ended(ctx, l, c)
		if err != nil {
			return err
		}
		now, latest = append(now, flights...), append(latest, ended...)
	}
	slices.SortFunc(now, func(a, b contact) int { return cmp.Compare(b.at.UnixMilli(), a.at.UnixMilli()) })
	slices.SortFunc(latest, func(a, b contact) int { return cmp.Compare(b.at.UnixMilli(), a.at.UnixMilli()) })
	v.Open = number(l, open)
	at := p.o.Now()
	var err error
	v.Now, err = p.name(ctx, v, now[:min(len(now), shownNow)], func(c contact) string {
		return fmt.Sprintf("%d s", max(0, int(at.Sub(c.at).Seconds())))
	})
	if err != nil {
		return err
	}
	v.Latest, err = p.name(ctx, v, latest[:min(len(latest), shownLatest)], func(c contact) string {
		return c.at.In(zoneOf(c.campaign.Zone)).Format(time.TimeOnly)
	})
	return err
}

// flights are the attempts of a campaign that are open.
func (p *Page) flights(ctx context.Context, l locale.Language, c *campaign.Campaign, n campaign.Counts) ([]contact, error) {
	const most = 1000 // more are not looked through for the few that are shown
	if n.InFlight == 0 || n.InFlight > most {
		return nil, nil
	}
	flights, err := p.o.Campaigns.Flights(ctx, c.Workspace, c.ID)
	out := make([]contact, 0, len(flights))
	for _, f := range flights {
		one := contact{campaign: c, number: f.Number, what: locale.Word(l, "stage", string(f.Stage)), kind: campaign.StatusQueued, at: f.PlacedAt}
		if f.Stage == channel.StageAnswered {
			one.kind = campaign.StatusInProgress
		}
		out = append(out, one)
	}
	return out, err
}

// ended are the last attempts of a campaign.
func (p *Page) ended(ctx context.Context, l locale.Language, c *campaign.Campaign) ([]contact, error) {
	attempts, err := p.o.Campaigns.Attempts(ctx, c.Workspace, c.ID, campaign.AttemptQuery{Limit: shownLatest})
	out := make([]contact, 0, len(attempts))
	for _, a := range attempts {
		out = append(out, contact{
			campaign: c, number: a.Number, what: locale.Word(l, "outcome", string(a.Outcome.Code)), kind: colour(a.Outcome.Code), at: a.Outcome.At,
		})
	}
	return out, err
}

// colour is the status whose colour an outcome has.
func colour(c channel.Code) campaign.Status {
	switch c.Class() {
	case channel.ClassReached:
		return campaign.StatusCompleted
	case channel.ClassBadAddress, channel.ClassFault:
		return campaign.StatusFailed
	case channel.ClassRefused:
		return campaign.StatusSuppressed
	case channel.ClassUnknown:
		return campaign.StatusRetry
	case channel.ClassUnreached:
	}
	return campaign.StatusNoAnswer
}

// name finds out who the contacts are.
func (p *Page) name(ctx context.Context, v *view, list []contact, when func(contact) string) ([]person, error) {
	out := make([]person, 0, len(list))
	for _, c := range list {
		e, err := p.o.Campaigns.Entry(ctx, c.campaign.Workspace, c.campaign.ID, c.number)
		if err != nil && fault.KindOf(err) == fault.NotFound { // the campaign has just been deleted
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, person{Who: short(e.Name, v.Words["nobody"]), What: c.what, When: when(c), Kind: string(c.kind)})
	}
	return out, nil
}

// short is a first name and the initial of the last one.
func short(name, nobody string) string {
	parts := strings.Fields(name)
	if len(parts) == 0 {
		return nobody
	}
	if len(parts) == 1 {
		return parts[0]
	}
	last := []rune(parts[len(parts)-1])
	return parts[0] + " " + string(last[:1]) + "."
}
