package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"campanario/audience"
	"campanario/channel"
	"campanario/dispatch"
	"campanario/rules"
)

// personOf names whom limits count: the contact or, for whom the base does not know, a negative hash of their primary
// address.
func personOf(workspace string, c *dispatch.Candidate) int64 {
	if c.Contact != 0 {
		return c.Contact
	}
	return audience.Mark(workspace, c.Addresses[0]) | math.MinInt64
}

// startSlack is how long after its claim an attempt may begin at most (dispatch.Options.HoldFor), and a little more: an
// attempt counts from then on, so that no moving period holds one too many.
const startSlack = 5 * time.Second

// attempted is one recent attempt of a person, as it is stored.
type attempted struct {
	Token    int64        `json:"t"`
	At       int64        `json:"a"` // the latest at which it can have begun
	Channel  channel.Kind `json:"k"`
	Campaign int64        `json:"c"`
	State    string       `json:"s,omitempty"` // stateOpen, stateAnswered, or empty: it ended without an answer
}

const (
	stateOpen     = "o"
	stateAnswered = "a"
)

func (a attempted) contact() rules.Contact {
	return rules.Contact{At: time.UnixMilli(a.At).UTC(), Channel: a.Channel, Answered: a.State == stateAnswered, Open: a.State == stateOpen}
}

var recentColumns = []string{"person", "attempts", "latest_at"}

// recent takes the rows of people, in their order, and reads them. They stay with the transaction: nobody else counts or
// adds an attempt of theirs before its end.
func (t *tx) recent(ctx context.Context, people []int64) (map[int64][]attempted, error) {
	out := make(map[int64][]attempted, len(people))
	people = slices.Clone(people)
	slices.Sort(people)
	people = slices.Compact(people)
	if len(people) == 0 {
		return out, nil
	}
	rows := make([][]any, len(people))
	for i, p := range people {
		rows[i] = []any{p, "[]", 0}
	}
	err := t.insert(ctx, "recent", recentColumns, rows, "ON CONFLICT (person) DO UPDATE SET latest_at = recent.latest_at")
	if err != nil {
		return nil, err
	}
	among, arg := t.d.anyOf("person", 1, people)
	err = scan(ctx, t, func(rows *sql.Rows) error {
		var person int64
		var text []byte
		if err := rows.Scan(&person, &text); err != nil {
			return err
		}
		var list []attempted
		if err := json.Unmarshal(text, &list); err != nil {
			return fmt.Errorf("recent attempts of %d: %w", person, err)
		}
		out[person] = list
		return nil
	}, `SELECT person, attempts FROM recent WHERE `+among, arg)
	return out, err
}

// putRecent writes rows that the transaction has taken. What no limit can look back to is forgotten.
func (t *tx) putRecent(ctx context.Context, lists map[int64][]attempted, now time.Time) error {
	oldest := now.Add(-rules.MaxSpan).UnixMilli()
	rows := make([][]any, 0, len(lists))
	for _, person := range sortedNumbers(lists) {
		list := slices.DeleteFunc(lists[person], func(a attempted) bool { return a.At < oldest && a.State != stateOpen })
		if list == nil {
			list = []attempted{}
		}
		latest := int64(0)
		for _, a := range list {
			latest = max(latest, a.At)
		}
		text, err := json.Marshal(list)
		if err != nil {
			return err
		}
		rows = append(rows, []any{person, string(text), latest})
	}
	return t.insert(ctx, "recent", recentColumns, rows, "ON CONFLICT (person) DO UPDATE SET attempts = excluded.attempts, latest_at = excluded.latest_at")
}

// limited reports whether anything counts the attempts of this claim.
func (k *claim) limited() bool { return len(k.Limits)+len(k.OwnLimits) > 0 }

// limits looks for those who have been contacted as often as they may be.
func (k *claim) limits(ctx context.Context, candidates []dispatch.Candidate) error {
	if !k.limited() || len(candidates) == 0 {
		return nil
	}
	people := make([]int64, len(candidates))
	for i := range candidates {
		people[i] = personOf(k.Workspace, &candidates[i])
	}
	var err error
	if k.past, err = k.t.recent(ctx, people); err != nil {
		return err
	}
	met := make(map[int64]bool, len(people))
	for i, p := range people {
		c := &candidates[i]
		all, own := k.contacts(p)
		c.Held = rules.Held(k.Limits, false, all, k.Kind, k.Now)
		if h := rules.Held(k.OwnLimits, true, own, k.Kind, k.Now); h != nil && (c.Held == nil || h.Until.After(c.Held.Until)) {
			c.Held = h
		}
		// Two of one person are not decided on at once: the second waits for what becomes of the first.
		if met[p] && c.Held == nil {
			c.Held = &rules.Hold{Limit: append(slices.Clone(k.Limits), k.OwnLimits...)[0], Own: len(k.Limits) == 0, Until: k.Now.Add(rules.LookAgain)}
		}
		met[p] = true
	}
	return nil
}

// contacts gives a person's attempts: all of them, and those of the campaign.
func (k *claim) contacts(person int64) (all, own []rules.Contact) {
	for _, a := range k.past[person] {
		all = append(all, a.contact())
		if a.Campaign == k.no {
			own = append(own, a.contact())
		}
	}
	return all, own
}

// count adds the attempts that the claim opens.
func (k *claim) count(ctx context.Context) error {
	if !k.limited() || len(k.out.Flights) == 0 {
		return nil
	}
	begins := k.Now
	if k.Leave.After(begins) {
		begins = k.Leave
	}
	begins = begins.Add(startSlack)
	touched := map[int64][]attempted{}
	for i := range k.out.Flights {
		f := &k.out.Flights[i]
		p := personOf(k.Workspace, &f.Candidate)
		k.past[p] = append(k.past[p], attempted{Token: f.Token, At: begins.UnixMilli(), Channel: k.Kind, Campaign: k.no, State: stateOpen})
		touched[p] = k.past[p]
	}
	return k.t.putRecent(ctx, touched, k.Now)
}

// recount tells limits how attempts ended that they count.
func (k *settlement) recount(ctx context.Context) error {
	if len(k.counted) == 0 {
		return nil
	}
	people := make([]int64, 0, len(k.counted))
	for _, e := range k.counted {
		people = append(people, e.person)
	}
	lists, err := k.t.recent(ctx, people)
	if err != nil {
		return err
	}
	var now time.Time
	for token, e := range k.counted {
		list := lists[e.person]
		i := slices.IndexFunc(list, func(a attempted) bool { return a.Token == token })
		if now = latest(now, e.at); i < 0 {
			continue
		}
		if e.disturbed {
			list[i].State = e.state
		} else {
			list = slices.Delete(list, i, i+1)
		}
		lists[e.person] = list
	}
	return k.t.putRecent(ctx, lists, now)
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// ended is how an attempt ended that limits count.
type ended struct {
	person    int64
	disturbed bool
	state     string
	at        time.Time
}

// endOf says what limits make of a closing.
func endOf(person int64, c *dispatch.Closing) ended {
	e := ended{person: person, at: c.Next.Changed}
	if c.Undone || c.Untouched {
		return e
	}
	switch c.Outcome.Code.Class() {
	case channel.ClassFault: // disturbed nobody
	case channel.ClassReached, channel.ClassRefused, channel.ClassUnknown: // or may have reached them
		e.disturbed, e.state = true, stateAnswered
	default:
		e.disturbed = true
	}
	return e
}

// forgetRecent removes some people whom nobody has tried for longer than any limit looks back.
func (s *Store) forgetRecent(ctx context.Context, t *tx, limit int) error {
	old := fmt.Sprintf("latest_at < %s - %d", s.clockSQL(), rules.MaxSpan.Milliseconds())
	// The condition stands twice: a row that a claim has taken meanwhile is looked at again.
	_, err := t.exec(ctx, `DELETE FROM recent WHERE person IN (SELECT person FROM recent WHERE `+old+` ORDER BY latest_at LIMIT $1) AND `+old, limit)
	return err
}
