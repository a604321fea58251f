package audience

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"campanario/internal/fault"
)

// DuplicateStore is what is needed to find contacts that may be one person, and to make them one.
type DuplicateStore interface {
	// Sharing gives other contacts of the workspace that share an address or the document with a contact, the oldest first.
	Sharing(ctx context.Context, c *Contact, limit int) ([]Contact, error)
	// Groups gives groups of contacts that share one value, in an order of its own. next goes on behind them, and is empty at the end; there
	// may be more though no group was found.
	Groups(ctx context.Context, workspace string, by MergeKey, after string, limit int) (groups []Group, next string, err error)
	// Unite makes one contact of several, in one transaction; united says how they become one. A contact of which an attempt counts towards a
	// limit keeps all of them.
	Unite(ctx context.Context, workspace, keep string, others []string, united func(keep *Contact, others []Contact) error) (Contact, error)
}

// Group are contacts that share a value.
type Group struct {
	By       MergeKey
	Value    string
	Contacts []Contact // the oldest first, MostGrouped at most
	Count    int       // how many share it, as far as that was counted
}

// Bounds of duplicates.
const (
	MostGrouped    = 20
	MostDuplicates = 200
	MostMerging    = 50 // contacts made one at a time
)

// Duplicate is a contact that may be the same person as another.
type Duplicate struct {
	Contact Contact
	Shares  []MergeKey // by what
}

// Duplicates gives the contacts that share a phone number, a mailbox or the document with a contact.
func (s *Contacts) Duplicates(ctx context.Context, workspace, id string) ([]Duplicate, error) {
	c, err := s.o.Store.Contact(ctx, workspace, id)
	if err != nil {
		return nil, err
	}
	list, err := s.o.Store.Sharing(ctx, &c, MostDuplicates)
	out := make([]Duplicate, 0, len(list))
	for i := range list {
		if shares := c.shares(&list[i]); len(shares) > 0 {
			out = append(out, Duplicate{list[i], shares})
		}
	}
	return out, err
}

// shares says what two contacts have in common.
func (c *Contact) shares(d *Contact) []MergeKey {
	var out []MergeKey
	if c.Document != "" && c.Document == d.Document {
		out = append(out, ByDocument)
	}
	for _, k := range []struct {
		kind ReachKind
		key  MergeKey
	}{{ByPhone, ByAnyPhone}, {ByEmail, ByAnyEmail}} {
		same := func(r Reach) bool {
			return r.Kind == k.kind && slices.ContainsFunc(d.Reaches, func(x Reach) bool { return strings.EqualFold(string(x.Address), string(r.Address)) })
		}
		if slices.ContainsFunc(c.Reaches, same) {
			out = append(out, k.key)
		}
	}
	return out
}

// Owners gives the ids of the contacts that have an address, as people write it, MostGrouped at most; nobody for what is none.
func (s *Contacts) Owners(ctx context.Context, workspace, raw string) ([]string, error) {
	country, err := s.o.Country(ctx, workspace)
	if err != nil {
		return nil, err
	}
	a, err := guess(raw, country)
	if err != nil {
		return nil, nil //nolint:nilerr // it is nobody's
	}
	list, err := s.o.Store.ContactsWith(ctx, workspace, a, MostGrouped)
	out := make([]string, len(list))
	for i := range list {
		out[i] = list[i].ID
	}
	return out, err
}

// DuplicateGroups goes through the base for contacts that share a value. next goes on; it may be given though no group was found on the way.
func (s *Contacts) DuplicateGroups(ctx context.Context, workspace string, by MergeKey, after string, limit int) (groups []Group, next string, err error) {
	return s.o.Store.Groups(ctx, workspace, by, after, limit)
}

// Merge makes one contact of several. What the one that is kept says of itself stays; what is missing comes from the others, in their order.
// Addresses, tags, consents, places in campaigns and attempts that limits count are those of all. Two documents are two people, which is
// refused (documents_differ), as is what would not fit into one contact.
func (s *Contacts) Merge(ctx context.Context, workspace, keep string, others []string) (Contact, error) {
	if err := mergeable(keep, others); err != nil {
		return Contact{}, err
	}
	now := s.o.Now().UTC()
	return s.o.Store.Unite(ctx, workspace, keep, others, func(c *Contact, list []Contact) error {
		c.UpdatedAt = now
		return c.absorb(list)
	})
}

// MergePreview gives the contact that Merge would make, or why it would not, and changes nothing.
func (s *Contacts) MergePreview(ctx context.Context, workspace, keep string, others []string) (Contact, error) {
	if err := mergeable(keep, others); err != nil {
		return Contact{}, err
	}
	c, err := s.o.Store.Contact(ctx, workspace, keep)
	if err != nil {
		return c, err
	}
	list := make([]Contact, len(others))
	for i, id := range others {
		if list[i], err = s.o.Store.Contact(ctx, workspace, id); err != nil {
			return c, err
		}
	}
	return c, c.absorb(list)
}

// mergeable holds that somebody is merged with others, each of whom is named once.
func mergeable(keep string, others []string) error {
	var bad fault.List
	if len(others) == 0 {
		bad = append(bad, fault.New(fault.Invalid, "required", nil).At("others"))
	}
	if len(others) > MostMerging {
		return fault.New(fault.Invalid, "too_many", fault.Params{"max": MostMerging}).At("others")
	}
	for i, id := range others {
		if id == keep || slices.Contains(others[:i], id) {
			bad = append(bad, fault.New(fault.Invalid, "contact_twice", nil).At(fmt.Sprintf("others[%d]", i)))
		}
	}
	return bad.Err()
}

// absorb writes others into the contact.
func (c *Contact) absorb(others []Contact) error {
	ids := []string{c.ID}
	reaches, attributes := map[string]bool{}, map[string]bool{}
	note := func(p *Contact) {
		for _, r := range p.Reaches {
			reaches[strings.ToLower(string(r.Address))] = true
		}
		for name := range p.Attributes {
			attributes[name] = true
		}
	}
	note(c)
	m := &meeting{fill: true}
	o := MergeOptions{Fill: true}
	for i := range others {
		p := &others[i]
		ids = append(ids, p.ID)
		if c.Document != "" && p.Document != "" && c.Document != p.Document {
			return fault.New(fault.Conflict, "documents_differ", nil).At(fmt.Sprintf("others[%d]", i))
		}
		note(p)
		c.learn(p)
		o.Meet(c, p)
		m.text(&c.Primary, p.Primary)
	}
	switch {
	case len(reaches) > maxReaches:
		return fault.New(fault.Invalid, "too_many", fault.Params{"max": maxReaches}).At("addresses")
	case len(attributes) > maxAttributes:
		return fault.New(fault.Invalid, "too_many", fault.Params{"max": maxAttributes}).At("attributes")
	}
	if slices.Contains(ids, c.Primary) { // nobody stands in for themselves
		c.Primary = ""
	}
	return nil
}

// learn takes over what is known of somebody's addresses and of when there was something between us and them.
func (c *Contact) learn(p *Contact) {
	c.Reaches = slices.Clone(c.Reaches)
	for i := range c.Reaches {
		r := &c.Reaches[i]
		for _, x := range p.Reaches {
			if strings.EqualFold(string(x.Address), string(r.Address)) && r.Status == "" {
				r.Status, r.StatusAt = x.Status, x.StatusAt
			}
		}
	}
	if p.ImportedAt.After(c.ImportedAt) {
		c.ImportedAt = p.ImportedAt
	}
	if p.ContactedAt.After(c.ContactedAt) {
		c.ContactedAt = p.ContactedAt
	}
	if p.HeardAt.After(c.HeardAt) {
		c.HeardAt = p.HeardAt
	}
}
