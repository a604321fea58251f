package audience

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"campanario/channel"
	"campanario/internal/fault"
)

// Suppression is an address that must not be contacted.
type Suppression struct {
	Address channel.Address
	Channel channel.Kind // empty for every channel
	Reason  string       // a SuppressReason
	Source  string       // where it came from: a campaign's id, "api", the name of a list
	At      time.Time
	Expires time.Time // they may be contacted again from then on; zero for never
}

// SuppressReason says why an address must not be contacted.
type SuppressReason string

// The reasons.
const (
	OptedOut   SuppressReason = "opted_out"    // they said stop
	Complained SuppressReason = "complained"   // they reported a message as spam
	BlockList  SuppressReason = "block_list"   // on a list of the customer's own
	DoNotCall  SuppressReason = "do_not_call"  // on a public register
	ByOperator SuppressReason = "by_operator"  // somebody here decided so
	NoConsent  SuppressReason = "no_consent"   // they never agreed
	WrongOwner SuppressReason = "wrong_person" // the address belongs to somebody else
)

// SuppressReasons lists the reasons.
func SuppressReasons() []SuppressReason {
	return []SuppressReason{OptedOut, Complained, BlockList, DoNotCall, ByOperator, NoConsent, WrongOwner}
}

// SuppressionStore is what Suppressions needs kept.
type SuppressionStore interface {
	// SuppressNew adds addresses, and puts off the end of those that are there until an earlier one; others that are there
	// stay as they are and are not counted. Once it returns, no attempt is placed to them by this process, and a second
	// later by no other.
	SuppressNew(ctx context.Context, workspace string, list []Suppression, now time.Time) (added int64, err error)
	// Unsuppress takes an address out of the list of a channel ("" for that of every channel).
	Unsuppress(ctx context.Context, workspace string, a channel.Address, k channel.Kind) error
	ListSuppressions(ctx context.Context, workspace string, q SuppressionQuery) ([]Suppression, error)
}

// SuppressionQuery picks suppressions for a list, in the order of addresses.
type SuppressionQuery struct {
	Channel *channel.Kind   // only those of the channel; "" for those of every channel
	Address channel.Address // only those of the address
	After   Suppression     // Address, Channel and Reason of the last one seen; zero begins
	Limit   int
}

// Suppressing is a request to suppress addresses.
type Suppressing struct {
	Channel   channel.Kind // empty for every channel
	Addresses []string     // as people write them
	Reason    SuppressReason
	Source    string
	Expires   time.Time // zero for never
}

// SuppressReport says what became of it.
type SuppressReport struct {
	Added    int64
	Already  int64      // were there before
	Rejected fault.List // what is no address: the field is "addresses[3]"
}

// MaxSuppressing is how many addresses one request may bring.
const MaxSuppressing = 10_000

// Suppressions guards who must not be contacted. It is safe for concurrent use.
type Suppressions struct {
	store   SuppressionStore
	country func(ctx context.Context, workspace string) (string, error)
	now     func() time.Time
}

// NewSuppressions makes Suppressions; country and now may be nil (see ContactsOptions).
func NewSuppressions(store SuppressionStore, country func(ctx context.Context, workspace string) (string, error), now func() time.Time) *Suppressions {
	if country == nil {
		country = noCountry
	}
	if now == nil {
		now = time.Now
	}
	return &Suppressions{store: store, country: country, now: now}
}

func checkChannel(k channel.Kind) fault.List {
	if k == "" || slices.Contains(channel.Kinds(), k) {
		return nil
	}
	return fault.List{fault.New(fault.Invalid, "not_one_of", fault.Params{"value": clip(string(k)), "allowed": "voice, whatsapp, sms, email"}).At("channel")}
}

func pastTime(at, now time.Time) *fault.Error {
	return fault.New(fault.Invalid, "past_time", fault.Params{"at": at.UTC().Format(time.RFC3339), "now": now.UTC().Format(time.RFC3339)}).At("expires_at")
}

// Add suppresses addresses. What is none is reported and stops no other.
func (s *Suppressions) Add(ctx context.Context, workspace string, x Suppressing) (SuppressReport, error) {
	var out SuppressReport
	bad := checkChannel(x.Channel)
	if x.Reason == "" {
		x.Reason = ByOperator
	}
	if !slices.Contains(SuppressReasons(), x.Reason) {
		names := make([]string, len(SuppressReasons()))
		for i, r := range SuppressReasons() {
			names[i] = string(r)
		}
		bad = append(bad, fault.New(fault.Invalid, "not_one_of", fault.Params{"value": clip(string(x.Reason)), "allowed": strings.Join(names, ", ")}).At("reason"))
	}
	bad = append(bad, checkText("source", x.Source, 200)...)
	now := s.now().UTC()
	if !x.Expires.IsZero() && !x.Expires.After(now) {
		bad = append(bad, pastTime(x.Expires, now))
	}
	if len(x.Addresses) == 0 {
		bad = append(bad, fault.New(fault.Invalid, "required", nil).At("addresses"))
	}
	if len(x.Addresses) > MaxSuppressing {
		bad = append(bad, fault.New(fault.Invalid, "too_many", fault.Params{"max": MaxSuppressing}).At("addresses"))
	}
	if err := bad.Err(); err != nil {
		return out, err
	}
	country, err := s.country(ctx, workspace)
	if err != nil {
		return out, err
	}
	list := make([]Suppression, 0, len(x.Addresses))
	for i, raw := range x.Addresses {
		a, err := s.address(x.Channel, raw, country)
		if f, ok := asFault(err); ok {
			out.Rejected = append(out.Rejected, f.At(fmt.Sprintf("addresses[%d]", i)))
			continue
		}
		list = append(list, Suppression{Address: a, Channel: x.Channel, Reason: string(x.Reason), Source: x.Source, At: now, Expires: x.Expires})
	}
	if len(list) == 0 {
		return out, nil
	}
	out.Added, err = s.store.SuppressNew(ctx, workspace, list, now)
	out.Already = int64(len(list)) - out.Added
	return out, err
}

func (s *Suppressions) address(k channel.Kind, raw, country string) (channel.Address, error) {
	if k == "" {
		return guess(raw, country)
	}
	return Address(k, raw, country)
}

// Remove lifts the suppression of one address on a channel ("" for that of every channel).
func (s *Suppressions) Remove(ctx context.Context, workspace string, k channel.Kind, raw string) error {
	if err := checkChannel(k).Err(); err != nil {
		return err
	}
	country, err := s.country(ctx, workspace)
	if err != nil {
		return err
	}
	a, err := s.address(k, raw, country)
	if f, ok := asFault(err); ok {
		return f.At("address")
	}
	return s.store.Unsuppress(ctx, workspace, a, k)
}

// List gives suppressions. search, unless empty, is an address as people write it.
func (s *Suppressions) List(ctx context.Context, workspace, search string, q SuppressionQuery) ([]Suppression, error) {
	if q.Channel != nil {
		if err := checkChannel(*q.Channel).Err(); err != nil {
			return nil, err
		}
	}
	if search != "" {
		country, err := s.country(ctx, workspace)
		if err != nil {
			return nil, err
		}
		a, err := guess(search, country)
		if f, ok := asFault(err); ok {
			return nil, f.At("address")
		}
		q.Address = a
	}
	return s.store.ListSuppressions(ctx, workspace, q)
}
