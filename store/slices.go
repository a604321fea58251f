package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"campanario/campaign"
	"campanario/channel"
	"campanario/dispatch"
)

var sliceColumns = []string{
	"campaign_no", "at", "attempts", "first_turns", "answered", "picked_up", "faults", "technical", "refused", "goals", "talk_ms",
}

var (
	sliceFields = "s." + strings.Join(sliceColumns[1:], ", s.")
	addSlices   = `ON CONFLICT (campaign_no, at) DO UPDATE SET ` + sums("slice", sliceColumns[2:])
)

// sums is the assignments that add new numbers to those of a row.
func sums(table string, columns []string) string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c + " = " + table + "." + c + " + excluded." + c
	}
	return strings.Join(out, ", ")
}

// sliceAt names a slice of a campaign.
type sliceAt struct{ no, at int64 }

// slice is what the transaction adds to the slice that an attempt was placed in.
func (k *settlement) slice(no int64, placed time.Time) *campaign.Slice {
	at := sliceAt{no, campaign.SliceOf(placed).UnixMilli()}
	if k.slices[at] == nil {
		k.slices[at] = &campaign.Slice{}
	}
	return k.slices[at]
}

// writeSlices adds what was collected, in one order everywhere, as tallies are.
func (k *settlement) writeSlices(ctx context.Context) error {
	order := slices.SortedFunc(maps.Keys(k.slices), func(a, b sliceAt) int { return cmp.Or(cmp.Compare(a.no, b.no), cmp.Compare(a.at, b.at)) })
	rows := make([][]any, len(order))
	for i, at := range order {
		x := k.slices[at]
		rows[i] = []any{
			at.no, at.at, x.Attempts, x.FirstTurns, x.Answered, x.PickedUp, x.Faults, x.Technical, x.Refused, x.Goals, x.Talk.Milliseconds(),
		}
	}
	return k.t.insert(ctx, "slice", sliceColumns, rows, addSlices)
}

// reach is which attempts of this transaction reached a recipient, or the goal with them. others tells that they may have
// had others.
type reach struct {
	ordinals, goals []int
	others          bool
}

// reached notes what an attempt came to: one that ended now, or one of which it is learnt now.
func (k *settlement) reached(no int64, c *dispatch.Closing, late bool) {
	if !c.Outcome.Code.Answered() && !c.Outcome.Goal {
		return
	}
	seat := key(no, c.Number)
	r := k.reaches[seat]
	r.others = r.others || late || !firstReached(c)
	if c.Outcome.Code.Answered() {
		r.ordinals = append(r.ordinals, c.Ordinal)
	}
	if c.Outcome.Goal {
		r.goals = append(r.goals, c.Ordinal)
	}
	k.reaches[seat] = r
}

// firstReached tells, from where the recipient stood alone, that no earlier attempt reached them: there was none, or one
// whose outcome is known for good.
func firstReached(c *dispatch.Closing) bool {
	last := c.Before.Last
	return c.Ordinal == 1 || c.Ordinal == 2 && last != "" && last != channel.Unknown && !last.Answered() && !c.Outcome.Goal
}

// countReached counts recipients who were reached, or with whom the goal was, for the first time, once the attempts of this
// transaction are written: where an earlier one, or a later one, had done so they are counted already.
func (k *settlement) countReached(ctx context.Context) error {
	reached, converted, err := k.reachedBefore(ctx)
	if err != nil {
		return err
	}
	for seat, r := range k.reaches {
		d := k.delta(seat >> keyShift)
		if len(r.ordinals) > 0 && !reached[seat] {
			d[tallyReached]++
		}
		if len(r.goals) > 0 && !converted[seat] {
			d[tallyConverted]++
		}
	}
	return nil
}

// reachedBefore looks at the other attempts of those who may have had some.
func (k *settlement) reachedBefore(ctx context.Context) (reached, converted map[int64]bool, err error) {
	reached, converted = map[int64]bool{}, map[int64]bool{}
	var seats []int64
	for seat, r := range k.reaches {
		if r.others {
			seats = append(seats, seat)
		}
	}
	if len(seats) == 0 {
		return reached, converted, nil
	}
	among, args := anyAmong(k.t.d, "key", 1, seats)
	err = scan(ctx, k.t, func(rows *sql.Rows) error {
		var seat int64
		var ordinal int
		var code channel.Code
		var told []byte
		if err := rows.Scan(&seat, &ordinal, &code, &told); err != nil {
			return err
		}
		r := k.reaches[seat]
		if code.Answered() && !slices.Contains(r.ordinals, ordinal) {
			reached[seat] = true
		}
		if len(told) == 0 || slices.Contains(r.goals, ordinal) {
			return nil
		}
		var d detail
		err := json.Unmarshal(told, &d)
		converted[seat] = converted[seat] || d.Goal
		return err
	}, `SELECT key, ordinal, code, detail FROM attempt WHERE `+among, args...)
	return reached, converted, err
}

// scanSlice reads sliceFields, after others.
func scanSlice(rows *sql.Rows, others ...any) (campaign.Slice, error) {
	var x campaign.Slice
	var at, talk int64
	err := rows.Scan(append(others, &at, &x.Attempts, &x.FirstTurns, &x.Answered, &x.PickedUp, &x.Faults, &x.Technical, &x.Refused, &x.Goals, &talk)...)
	x.At, x.Talk = time.UnixMilli(at).UTC(), time.Duration(talk)*time.Millisecond
	return x, err
}

// Slices gives the slices of a campaign from an instant on, the oldest first.
func (s *Store) Slices(ctx context.Context, workspace, id string, from time.Time) ([]campaign.Slice, error) {
	no, err := s.campaignNo(ctx, workspace, id)
	if err != nil {
		return nil, err
	}
	var out []campaign.Slice
	err = scan(ctx, s.reads, func(rows *sql.Rows) error {
		x, err := scanSlice(rows)
		out = append(out, x)
		return err
	}, `SELECT `+sliceFields+` FROM slice s WHERE s.campaign_no = $1 AND s.at >= $2 ORDER BY s.at`, no, from.UnixMilli())
	return out, s.readError(err)
}
