package audience

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"campanario/channel"
	"campanario/internal/fault"
	"campanario/rules"
)

// ConsentStore is what Consents needs kept.
type ConsentStore interface {
	// AddConsent adds to the history of a contact, by its id, and gives the entry's number. Claims that begin after it
	// returned know of it.
	AddConsent(ctx context.Context, workspace, contact string, c Consent) (int64, error)
	// ConsentsOf gives the history of a contact, the latest first, at most so many entries.
	ConsentsOf(ctx context.Context, workspace, contact string, limit int) ([]Consent, error)
}

// Consenting is a request to take a consent, or its withdrawal, down.
type Consenting struct {
	Address string // as people write it; empty for all of the contact's
	Channel channel.Kind
	Line    string
	Given   bool
	Basis   Basis // BasisConsent when it is empty and Given
	Source  ConsentSource
	Proof   string
	By      string
	At      time.Time // now when zero
}

// Bounds of a consent.
const (
	MaxProof    = 16 << 10 // bytes
	MaxConsents = 1000     // that are looked at of one contact: the latest
	clockSkew   = 5 * time.Minute
)

// ConsentsOptions are what NewConsents needs.
type ConsentsOptions struct {
	Store    ConsentStore
	Contacts *Contacts
	// Line finds a line of the workspace; its error refuses the consent. nil takes every line.
	Line func(ctx context.Context, workspace, id string) error
	// Links makes the links of Invite; nil where there is no page that they could lead to.
	Links *Invitations
	Now   func() time.Time // time.Now when nil
}

// Consents guards who agreed to what. It is safe for concurrent use.
type Consents struct{ o ConsentsOptions }

// NewConsents makes Consents.
func NewConsents(o ConsentsOptions) *Consents {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Consents{o}
}

// Record takes down what a contact agreed to, or took back. It refuses an address that is not the contact's.
func (s *Consents) Record(ctx context.Context, workspace, contact string, x Consenting) (Consent, error) {
	now := s.o.Now().UTC()
	if err := x.check(now).Err(); err != nil {
		return Consent{}, err
	}
	person, err := s.o.Contacts.Get(ctx, workspace, contact)
	if err != nil {
		return Consent{}, err
	}
	c := Consent{
		Contact: person.No, Channel: x.Channel, Line: x.Line, Given: x.Given, Basis: x.Basis, Source: x.Source, Proof: x.Proof, By: x.By,
		At: x.At.UTC(), Kept: now,
	}
	if c.Address, err = s.address(ctx, &person, x.Address); err != nil {
		return Consent{}, err
	}
	if err := s.line(ctx, workspace, x.Line); err != nil {
		return Consent{}, err
	}
	if c.At.IsZero() {
		c.At = now
	}
	if c.Basis == "" && c.Given {
		c.Basis = BasisConsent
	}
	c.No, err = s.o.Store.AddConsent(ctx, workspace, person.ID, c)
	return c, err
}

// line refuses a line that the workspace does not have.
func (s *Consents) line(ctx context.Context, workspace, id string) error {
	if id == "" || s.o.Line == nil {
		return nil
	}
	err := s.o.Line(ctx, workspace, id)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		err = fault.New(fault.Invalid, "line_not_found", fault.Params{"id": clip(id)}).At("line")
	}
	return err
}

func (x *Consenting) check(now time.Time) fault.List {
	bad := checkChannel(x.Channel)
	word := func(field, value string, allowed []string, required bool) {
		for _, a := range allowed {
			if a == value {
				return
			}
		}
		if value != "" || required {
			bad = append(bad, fault.New(fault.Invalid, "not_one_of", fault.Params{"value": clip(value), "allowed": strings.Join(allowed, ", ")}).At(field))
		}
	}
	word("basis", string(x.Basis), wordsOf(Bases()), false)
	word("source", string(x.Source), wordsOf(ConsentSources()), true)
	if x.At.After(now.Add(clockSkew)) {
		bad = append(bad, fault.New(fault.Invalid, "future_time", fault.Params{"at": x.At.Format(time.RFC3339), "now": now.Format(time.RFC3339)}).At("at"))
	}
	if len(x.Proof) > MaxProof {
		bad = append(bad, fault.New(fault.Invalid, "too_long", fault.Params{"max": MaxProof}).At("proof"))
	}
	if !utf8.ValidString(x.Proof) || strings.Contains(x.Proof, "\x00") {
		bad = append(bad, fault.New(fault.Invalid, "text_invalid", nil).At("proof"))
	}
	return bad
}

func wordsOf[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}

// address finds the address of a contact that is meant.
func (s *Consents) address(ctx context.Context, c *Contact, raw string) (channel.Address, error) {
	if raw == "" {
		return "", nil
	}
	country, err := s.o.Contacts.o.Country(ctx, c.Workspace)
	if err != nil {
		return "", err
	}
	a, err := guess(raw, country)
	if f, ok := asFault(err); ok {
		return "", f.At("address")
	}
	for i := range c.Reaches {
		if strings.EqualFold(string(c.Reaches[i].Address), string(a)) {
			return c.Reaches[i].Address, nil
		}
	}
	return "", fault.New(fault.Invalid, "address_of_another", nil).At("address")
}

// History gives what a contact agreed to and took back, the latest first: MaxConsents entries at most. What one agreed to who was deleted is
// still there, under the id that the contact had.
func (s *Consents) History(ctx context.Context, workspace, contact string) ([]Consent, error) {
	person, err := s.o.Contacts.Get(ctx, workspace, contact)
	if fault.KindOf(err) == fault.NotFound { // one that was deleted has left the proof
		if left, e := s.o.Store.ConsentsOf(ctx, workspace, contact, MaxConsents); e != nil || len(left) > 0 {
			return left, e
		}
	}
	if err != nil {
		return nil, err
	}
	return s.o.Store.ConsentsOf(ctx, workspace, person.ID, MaxConsents)
}

// Current is History of a contact who is still there.
func (s *Consents) Current(ctx context.Context, workspace, contact string) ([]Consent, error) {
	if _, err := s.o.Contacts.Get(ctx, workspace, contact); err != nil {
		return nil, err
	}
	return s.History(ctx, workspace, contact)
}

// Standing is how things are on a channel after a history, the latest first.
type Standing struct {
	Channel channel.Kind
	Answer  Answer
	Since   time.Time // when the latest consent about it was given or withdrawn; zero before any
}

// Standings say how things are on every channel, at any line and address that has no consent of its own.
func Standings(history []Consent) []Standing {
	out := make([]Standing, 0, len(channel.Kinds()))
	decisive := Decisive(slices.Clone(history))
	for _, k := range channel.Kinds() {
		s := Standing{Channel: k, Answer: AnswerOf(decisive, "", k, "", rules.OnChannel)}
		for i := range decisive {
			if c := &decisive[i]; c.Line == "" && c.Address == "" && (c.Channel == "" || c.Channel == k) {
				s.Since = c.At
				break
			}
		}
		out = append(out, s)
	}
	return out
}

// ProofOf writes a proof as JSON; what cannot be written is left out.
func ProofOf(what map[string]string) string {
	b, err := json.Marshal(what)
	if err != nil { // maps of texts always marshal
		return ""
	}
	return string(b)
}
