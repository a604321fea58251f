package person

import (
	"context"
	"hash/fnv"
	"slices"

	"campanario/access"
	"campanario/audience"
	"campanario/channel"
)

// TimelineStore is what a Timeline reads. A bound is what Seat.Before gives for the kind; lists come newest first.
type TimelineStore interface {
	Contact(ctx context.Context, workspace, id string) (audience.Contact, error)
	// Memberships finds the recipients that were made of a contact: by their number, and by their addresses.
	Memberships(ctx context.Context, c *audience.Contact) (Memberships, error)
	// Enrolments, AttemptsOf and FlightsOf read of those what is before a seat.
	Enrolments(ctx context.Context, m Memberships, before Seat, limit int) ([]Moment, error)
	AttemptsOf(ctx context.Context, m Memberships, before Seat, limit int) ([]Moment, error)
	FlightsOf(ctx context.Context, m Memberships, before Seat, limit int) ([]Moment, error)
	// Writes gives when imports wrote the contact.
	Writes(ctx context.Context, c *audience.Contact) ([]Moment, error)
	// Deeds gives what was done to the contact, from the audit.
	Deeds(ctx context.Context, c *audience.Contact, before Seat, limit int) ([]Moment, error)
	ConsentsOf(ctx context.Context, workspace, contact string, limit int) ([]audience.Consent, error)
	ListSuppressions(ctx context.Context, workspace string, q audience.SuppressionQuery) ([]audience.Suppression, error)
}

// Memberships are a person's recipients, by keys that only the store understands.
type Memberships struct{ Keys []int64 }

// MostMemberships bounds in how many campaigns a person is looked for; of those who are in more, the latest.
const MostMemberships = 5000

// Registers tells which lists addresses are on; audience.Registries does.
type Registers interface {
	On(ctx context.Context, workspace string, k channel.Kind, addresses []channel.Address) ([][]audience.Registry, error)
}

// Timeline puts together what happened between us and a person. It is safe for concurrent use.
type Timeline struct {
	store     TimelineStore
	registers Registers
}

// NewTimeline makes a Timeline.
func NewTimeline(store TimelineStore, registers Registers) *Timeline {
	return &Timeline{store, registers}
}

// MostMoments bounds one page.
const MostMoments = 201

// Before gives up to limit moments of a contact that come before the seat, the newest first; End begins. Where this node does not have a
// register yet, it is registry_away.
func (t *Timeline) Before(ctx context.Context, workspace, contact string, before Seat, limit int) ([]Moment, error) {
	c, err := t.store.Contact(ctx, workspace, contact)
	if err != nil {
		return nil, err
	}
	m, err := t.store.Memberships(ctx, &c)
	if err != nil {
		return nil, err
	}
	limit = min(limit, MostMoments)
	all := []Moment{NewMoment(Created, c.CreatedAt, 0, 0)}
	for _, read := range []func() ([]Moment, error){
		func() ([]Moment, error) { return t.store.Enrolments(ctx, m, before, limit) },
		func() ([]Moment, error) { return t.store.AttemptsOf(ctx, m, before, limit) },
		func() ([]Moment, error) { return t.store.FlightsOf(ctx, m, before, limit) },
		func() ([]Moment, error) { return t.store.Writes(ctx, &c) },
		func() ([]Moment, error) { return t.store.Deeds(ctx, &c, before, limit) },
		func() ([]Moment, error) { return t.consents(ctx, &c) },
		func() ([]Moment, error) { return t.suppressions(ctx, &c) },
	} {
		some, err := read()
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	all = slices.DeleteFunc(all, func(m Moment) bool { return m.Seat.Compare(before) >= 0 })
	slices.SortFunc(all, func(a, b Moment) int { return b.Seat.Compare(a.Seat) })
	return all[:min(len(all), limit)], nil
}

func (t *Timeline) consents(ctx context.Context, c *audience.Contact) ([]Moment, error) {
	list, err := t.store.ConsentsOf(ctx, c.Workspace, c.ID, audience.MaxConsents)
	out := make([]Moment, len(list))
	for i := range list {
		out[i] = NewMoment(Consented, list[i].At, list[i].No, 0)
		out[i].Consent = &list[i]
	}
	return out, err
}

// mostSuppressions bounds what is told of one address.
const mostSuppressions = 100

// suppressions gives what is against contacting the person's addresses, and what was until it ended.
func (t *Timeline) suppressions(ctx context.Context, c *audience.Contact) ([]Moment, error) {
	var out []Moment
	add := func(s audience.Suppression, registry string) {
		m := NewMoment(Suppressed, s.At, seatOf(string(s.Address), string(s.Channel), s.Reason, registry), 0)
		m.Suppression, m.Registry = &s, registry
		out = append(out, m)
	}
	for _, a := range c.Addresses() {
		list, err := t.store.ListSuppressions(ctx, c.Workspace, audience.SuppressionQuery{Address: a, Limit: mostSuppressions})
		if err != nil {
			return nil, err
		}
		for _, s := range list {
			add(s, "")
		}
	}
	on, err := t.registers.On(ctx, c.Workspace, "", c.Addresses())
	if err != nil {
		return nil, err
	}
	for i, list := range on {
		for _, r := range list {
			add(audience.Suppression{Address: c.Reaches[i].Address, Reason: string(r.Kind), Source: r.ID, At: r.ReplacedAt, Expires: r.Expires}, r.Name)
		}
	}
	return out, nil
}

// seatOf tells things apart that have no number.
func seatOf(parts ...string) int64 {
	h := fnv.New64a()
	for _, p := range parts {
		_, _ = h.Write([]byte(p + "\x00"))
	}
	return int64(h.Sum64())
}

// Actor is who did what a moment tells; zero where nobody of ours did.
func (m *Moment) Actor() access.Actor {
	if m.Event == nil {
		return access.Actor{}
	}
	return m.Event.Actor
}
