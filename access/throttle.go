package access

import (
	"context"
	"math"
	"net/netip"
	"time"

	"campanario/internal/fault"
)

// Bucket counts tries: at most Max of them within For, from the first on.
type Bucket struct {
	Key string // tells nobody what it is about
	Max int
	For time.Duration
	// Ends tells that signing in empties it; others only take the try back.
	Ends bool
}

// What may be tried: by one address for one account, for one account from everywhere, and by one address altogether. Every
// try counts from its beginning, so that many at once are not more; one that succeeds is taken back.
const (
	throttleFor   = 15 * time.Minute
	triesOfPair   = 5
	triesOfOne    = 50
	triesOfOrigin = 60
)

// buckets are those that a try counts in. A mailbox that nobody has counts like any other.
func buckets(mailbox, from string) []Bucket {
	origin := network(from)
	return []Bucket{
		{Key: hashOf("pair " + mailbox + " " + origin), Max: triesOfPair, For: throttleFor, Ends: true},
		{Key: hashOf("account " + mailbox), Max: triesOfOne, For: throttleFor},
		{Key: hashOf("origin " + origin), Max: triesOfOrigin, For: throttleFor},
	}
}

// network is what one customer of a provider has: an address, or 64 bits of them.
func network(from string) string {
	a, err := netip.ParseAddr(from)
	if err != nil {
		return from
	}
	if a = a.Unmap().WithZone(""); a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

// try counts a try; throttled, with the seconds to wait, when there were too many.
func (u *Users) try(ctx context.Context, list []Bucket) error {
	now := u.now().UTC()
	until, err := u.store.Try(ctx, list, now)
	if err != nil || until.IsZero() {
		return err
	}
	seconds := int(math.Ceil(until.Sub(now).Seconds()))
	return fault.New(fault.Unavailable, "sign_in_throttled", fault.Params{"seconds": max(seconds, 1)})
}
