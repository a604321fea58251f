package audience

import (
	"context"
	"time"

	"campanario/channel"
	"campanario/internal/fault"
)

// ContactStore is what Contacts needs kept. A contact of another workspace is not found.
type ContactStore interface {
	// AddContact makes a contact and gives it its number and its id; an external id that another one has is the conflict
	// external_id_taken.
	AddContact(ctx context.Context, c *Contact) error
	// AddReturned makes a contact of somebody who was erased, with their new consent.
	AddReturned(ctx context.Context, c *Contact, said Consent) error
	// ReplaceContact writes a contact over the revision given; a newer one is the conflict revision_stale.
	ReplaceContact(ctx context.Context, c Contact, revision int64) error
	// Contact gives a contact, also by the id of one that was merged with it.
	Contact(ctx context.Context, workspace, id string) (Contact, error)
	// Contacts gives a page, the newest first, after having looked at a bounded number of contacts: next goes on, and is 0 at the
	// end; before that, a page may be shorter than the limit, or empty.
	Contacts(ctx context.Context, workspace string, q ContactQuery) (page []Contact, next int64, err error)
	DeleteContact(ctx context.Context, workspace, id string) error
	// ContactsWith gives the contacts that have an address, the oldest first: so many at most, and all of them when most is 0.
	ContactsWith(ctx context.Context, workspace string, a channel.Address, most int) ([]Contact, error)
	DuplicateStore
}

// ContactQuery picks contacts for a list, the newest first.
type ContactQuery struct {
	Search string // in names, addresses and external ids, without regard to case and accents
	// Exact are addresses that the search is as a whole: given by Contacts.
	Exact []channel.Address
	After int64   // where the page before said to go on; 0 begins
	Among []int64 // only those with one of these numbers; nil for all
	Limit int
}

// ContactsOptions are what Contacts needs. Store is required.
type ContactsOptions struct {
	Store        ContactStore
	Suppressions *Suppressions // for OptOut
	// Country gives the country of phone numbers that name none; nil means that there is none.
	Country func(ctx context.Context, workspace string) (string, error)
	Now     func() time.Time // time.Now when nil
}

// Contacts guards the contacts of workspaces. It is safe for concurrent use.
type Contacts struct{ o ContactsOptions }

// NewContacts makes Contacts.
func NewContacts(o ContactsOptions) *Contacts {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Country == nil {
		o.Country = noCountry
	}
	return &Contacts{o: o}
}

func noCountry(context.Context, string) (string, error) { return "", nil }

// Create makes a contact. An address of somebody who was erased is refused (address_erased).
func (s *Contacts) Create(ctx context.Context, workspace string, e ContactEdit) (Contact, error) {
	c, err := s.fresh(ctx, workspace, e)
	if err != nil {
		return Contact{}, err
	}
	err = s.o.Store.AddContact(ctx, &c)
	return c, err
}

// fresh is a new contact as an edit describes it.
func (s *Contacts) fresh(ctx context.Context, workspace string, e ContactEdit) (Contact, error) {
	country, err := s.o.Country(ctx, workspace)
	if err != nil {
		return Contact{}, err
	}
	now := s.o.Now().UTC().Truncate(time.Millisecond) // as it is kept
	c := Contact{Workspace: workspace, Revision: 1, CreatedAt: now, UpdatedAt: now}
	return c, e.apply(&c, country).Err()
}

// Return makes a contact of somebody who was erased and has come back with a new consent, which must say what shows it. Their addresses are
// those of erased people no more.
func (s *Contacts) Return(ctx context.Context, workspace string, e ContactEdit, x Consenting) (Contact, error) {
	c, err := s.fresh(ctx, workspace, e)
	bad := fault.All(err)
	if err != nil && len(bad) == 0 {
		return Contact{}, err
	}
	x.Given = true
	bad = append(bad, x.check(c.CreatedAt).Under("consent")...)
	if x.Proof == "" {
		bad = append(bad, fault.New(fault.Invalid, "required", nil).At("consent.proof"))
	}
	if err := bad.Err(); err != nil {
		return Contact{}, err
	}
	said := Consent{
		Channel: x.Channel, Line: x.Line, Given: true, Basis: x.Basis, Source: x.Source, Proof: x.Proof, By: x.By, At: x.At.UTC(), Kept: c.CreatedAt,
	}
	if said.At.IsZero() {
		said.At = c.CreatedAt
	}
	if said.Basis == "" {
		said.Basis = BasisConsent
	}
	err = s.o.Store.AddReturned(ctx, &c, said)
	return c, err
}

// editTries is how often an edit that names no revision is made anew because somebody else was faster.
const editTries = 5

// Edit changes a contact. revision is the one that was read, or 0 for whatever there is.
func (s *Contacts) Edit(ctx context.Context, workspace, id string, revision int64, e ContactEdit) (Contact, error) {
	country, err := s.o.Country(ctx, workspace)
	if err != nil {
		return Contact{}, err
	}
	for try := 1; ; try++ {
		c, err := s.o.Store.Contact(ctx, workspace, id)
		if err != nil {
			return Contact{}, err
		}
		read := c.Revision
		if revision != 0 {
			read = revision
		}
		if err := e.apply(&c, country).Err(); err != nil {
			return Contact{}, err
		}
		c.UpdatedAt = s.o.Now().UTC()
		err = s.o.Store.ReplaceContact(ctx, c, read)
		if revision == 0 && try < editTries && fault.Is(err, "revision_stale") {
			continue
		}
		c.Revision = read + 1
		return c, err
	}
}

// Get gives a contact.
func (s *Contacts) Get(ctx context.Context, workspace, id string) (Contact, error) {
	return s.o.Store.Contact(ctx, workspace, id)
}

// List gives a page of contacts, the newest first. next goes on, and is 0 at the end; before that, a page of a search may be
// shorter than the limit, or empty: it ends with how many were looked at.
func (s *Contacts) List(ctx context.Context, workspace string, q ContactQuery) (page []Contact, next int64, err error) {
	if q.Search == "" {
		return s.o.Store.Contacts(ctx, workspace, q)
	}
	country, err := s.o.Country(ctx, workspace)
	if err != nil {
		return nil, 0, err
	}
	for _, k := range []channel.Kind{channel.Voice, channel.Email} {
		if a, err := Address(k, q.Search, country); err == nil {
			q.Exact = append(q.Exact, a)
		}
	}
	return s.o.Store.Contacts(ctx, workspace, q)
}

// Delete removes a contact. Recipients of campaigns that were made of it stay, and so do suppressions of its addresses and what it agreed to and
// took back (see Consents.History). Where it had taken its consent back, its addresses are suppressed from then on.
func (s *Contacts) Delete(ctx context.Context, workspace, id string) error {
	return s.o.Store.DeleteContact(ctx, workspace, id)
}

// OptOut suppresses the addresses of a contact that the channel can reach; all of them, on every channel, when x names
// none.
func (s *Contacts) OptOut(ctx context.Context, workspace, id string, x Suppressing) (SuppressReport, error) {
	c, err := s.o.Store.Contact(ctx, workspace, id)
	if err != nil {
		return SuppressReport{}, err
	}
	x.Addresses = nil
	for _, r := range c.Reaches {
		if x.Channel == "" || (x.Channel == channel.Email) == (r.Kind == ByEmail) {
			x.Addresses = append(x.Addresses, string(r.Address))
		}
	}
	if len(x.Addresses) == 0 && x.Channel != "" {
		return SuppressReport{}, nil // there is nothing that they could be reached by
	}
	if x.Reason == "" {
		x.Reason = OptedOut
	}
	return s.o.Suppressions.Add(ctx, workspace, x)
}
