package store

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"campanario/campaign"
	"campanario/channel"
	"campanario/dispatch"
)

// Advance records how far open attempts have come.
func (s *Store) Advance(ctx context.Context, moves []dispatch.Advance) error {
	return s.write(ctx, func(t *tx) error {
		for _, m := range moves {
			no, err := s.numberOf(ctx, t, m.Campaign)
			if err != nil {
				return err
			}
			var answered any
			if m.Stage == channel.StageAnswered {
				answered = m.At.UnixMilli()
			}
			_, err = t.exec(ctx, `UPDATE flight SET stage = $1, answered_at = COALESCE($2, answered_at)
				WHERE key = $3 AND token = $4`, string(m.Stage), answered, key(no, m.Number), m.Token)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

var attemptColumns = []string{
	"key", "ordinal", "campaign_no", "lap", "line_no", "address", "ref", "placed_at", "closed_at", "code",
	"provider_code", "provider_text", "reason", "ring_ms", "talk_ms", "detail",
}

// Settle closes attempts.
func (s *Store) Settle(ctx context.Context, closings []dispatch.Closing) ([]dispatch.Closing, error) {
	late, err := s.settle(ctx, closings, false)
	if errors.Is(err, errForeign) {
		late, err = s.settle(ctx, closings, true)
	}
	return late, err
}

func (s *Store) settle(ctx context.Context, closings []dispatch.Closing, singly bool) ([]dispatch.Closing, error) {
	var late []dispatch.Closing
	var stops []dispatch.Stop
	err := s.write(ctx, func(t *tx) error {
		k := &settlement{s: s, t: t, singly: singly, deltas: map[int64]delta{}, back: map[[2]int64]int64{}, backOwn: map[[2]int64]int64{}, people: map[int64]int64{}, counted: map[int64]ended{}, slices: map[sliceAt]*campaign.Slice{}, reaches: map[int64]reach{}}
		if err := k.run(ctx, closings); err != nil {
			return err
		}
		late, stops = k.late, k.stops
		return nil
	})
	if err == nil && len(stops) > 0 {
		s.tellStops(stops)
	}
	return late, err
}

// settlement is one batch of closings under way.
type settlement struct {
	s      *Store
	t      *tx
	singly bool

	attempts, suppressed, airborne [][]any
	next                           put
	undone                         bool // somebody is due at once, on a line that another node may have
	stops                          []dispatch.Stop
	heard                          time.Time // when the last of them was

	people  map[int64]int64 // whose attempts landed that limits count, by their tokens
	counted map[int64]ended // how those ended, by their tokens

	deltas  map[int64]delta // by campaign
	slices  map[sliceAt]*campaign.Slice
	reaches map[int64]reach // by key
	// Starts that disturbed nobody: by line and day, and by campaign and day.
	back, backOwn map[[2]int64]int64
	late          []dispatch.Closing
}

func (k *settlement) run(ctx context.Context, closings []dispatch.Closing) error {
	land := k.land
	if k.singly {
		land = k.landSingly
	}
	mine, err := land(ctx, closings)
	if err != nil {
		return err
	}
	for i := range closings {
		c := &closings[i]
		no, err := k.s.numberOf(ctx, k.t, c.Campaign)
		if err != nil {
			return err
		}
		if !mine[c.Token] {
			k.late = append(k.late, *c)
			if err := k.mend(ctx, no, c); err != nil {
				return err
			}
			continue
		}
		if person, is := k.people[c.Token]; is {
			k.counted[c.Token] = endOf(person, c)
		}
		if err := k.add(ctx, no, c); err != nil {
			return err
		}
	}
	return k.write(ctx)
}

// land takes the flights out of the air and says which were there, by their tokens.
func (k *settlement) land(ctx context.Context, closings []dispatch.Closing) (map[int64]bool, error) {
	seats := make([]int64, len(closings))
	tokens := make(map[int64]bool, len(closings))
	for i := range closings {
		no, err := k.s.numberOf(ctx, k.t, closings[i].Campaign)
		if err != nil {
			return nil, err
		}
		seats[i] = key(no, closings[i].Number)
		tokens[closings[i].Token] = true
	}
	mine := make(map[int64]bool, len(closings))
	among, arg := k.t.d.anyOf("key", 1, seats)
	err := scan(ctx, k.t, func(rows *sql.Rows) error {
		var token int64
		var person sql.NullInt64
		err := rows.Scan(&token, &person)
		if person.Valid {
			k.people[token] = person.Int64
		}
		if mine[token] = true; err == nil && !tokens[token] {
			err = errForeign
		}
		return err
	}, `DELETE FROM flight WHERE `+among+` RETURNING token, person`, arg)
	return mine, err
}

// errForeign rolls back a batch with a recipient whose attempt was given up and who is being contacted again: that other
// attempt is not ours to end.
var errForeign = errors.New("another attempt of the recipient is open")

// landSingly is land for such a batch: every flight by its token.
func (k *settlement) landSingly(ctx context.Context, closings []dispatch.Closing) (map[int64]bool, error) {
	mine := map[int64]bool{}
	for i := range closings {
		c := &closings[i]
		no, err := k.s.numberOf(ctx, k.t, c.Campaign)
		if err != nil {
			return nil, err
		}
		err = scan(ctx, k.t, func(rows *sql.Rows) error {
			var person sql.NullInt64
			err := rows.Scan(&person)
			if mine[c.Token] = true; person.Valid {
				k.people[c.Token] = person.Int64
			}
			return err
		}, `DELETE FROM flight WHERE key = $1 AND token = $2 RETURNING person`, key(no, c.Number), c.Token)
		if err != nil {
			return nil, err
		}
	}
	return mine, nil
}

// add collects what one closing writes.
func (k *settlement) add(ctx context.Context, no int64, c *dispatch.Closing) error {
	line, err := k.s.lineNumber(ctx, k.t, c.Line)
	if err != nil {
		return err
	}
	if (c.Undone || c.Untouched) && c.Day != 0 {
		k.back[[2]int64{line, c.Day}]++
		k.backOwn[[2]int64{no, c.Day}]++
	}
	k.next.add(no, c.Number, &c.Next)
	d := k.delta(no)
	d.status(c.Before.Status, c.Next.Status)
	if c.Undone {
		k.undone = true
		return nil
	}
	row, err := attemptValues(no, line, c)
	if err != nil {
		return err
	}
	k.attempts = append(k.attempts, row)
	if c.Airborne {
		k.airborne = append(k.airborne, []any{line, no, c.Until.UnixMilli()})
	}
	d[tallyAttempts]++
	d[tallyCode+string(c.Outcome.Code)]++
	d[tallyTalk] += c.Outcome.Talk.Milliseconds()
	if c.Ordinal > 1 {
		d[tallyRetries]++
	}
	if c.Ordinal == 2 {
		d[tallyAgain]++
	}
	if c.Outcome.Goal {
		d[tallyGoals]++
	}
	k.slice(no, c.PlacedAt).Add(&c.Outcome, c.Ordinal, 1)
	k.reached(no, c, false)
	k.suppress(c)
	return nil
}

func (k *settlement) delta(no int64) delta {
	d := k.deltas[no]
	if d == nil {
		d = delta{}
		k.deltas[no] = d
	}
	return d
}

// suppress collects an address that must never be contacted again on the channel.
func (k *settlement) suppress(c *dispatch.Closing) {
	if c.Suppress == "" {
		return
	}
	k.suppressed = append(k.suppressed, []any{
		c.Workspace, barredAs(c.Suppress), string(c.Kind), string(c.Outcome.Code),
		"attempt:" + campaign.AttemptID(c.Campaign, c.Number, c.Ordinal), c.Outcome.At.UnixMilli(), nil,
	})
	if k.heard.Before(c.Outcome.At) {
		k.heard = c.Outcome.At
	}
	k.stops = append(k.stops, dispatch.Stop{Workspace: c.Workspace, Kind: c.Kind, Address: c.Suppress})
}

func (k *settlement) write(ctx context.Context) error {
	t := k.t
	if err := t.insert(ctx, "attempt", attemptColumns, k.attempts, ""); err != nil {
		return err
	}
	if err := t.put(ctx, &k.next); err != nil {
		return err
	}
	if len(k.airborne) > 0 {
		if _, err := t.exec(ctx, `DELETE FROM airborne WHERE until_at < $1`, k.airborne[0][2].(int64)-airborneKept); err != nil {
			return err
		}
	}
	if err := t.insert(ctx, "airborne", []string{"line_no", "campaign_no", "until_at"}, k.airborne, ""); err != nil {
		return err
	}
	if err := t.insert(ctx, "suppression", suppressionColumns, once(k.suppressed), prolong); err != nil {
		return err
	}
	for own, n := range k.backOwn { // the run rows before the counters, as claims take them
		_, err := t.exec(ctx, `UPDATE run SET started = started - $1 WHERE campaign_no = $2 AND day = $3 AND started >= $1`, n, own[0], own[1])
		if err != nil {
			return err
		}
	}
	if err := k.recount(ctx); err != nil { // after the run rows and before the counters, as claims take them
		return err
	}
	if err := k.countReached(ctx); err != nil {
		return err
	}
	if err := k.writeSlices(ctx); err != nil {
		return err
	}
	for _, no := range sortedNumbers(k.deltas) {
		if err := t.count(ctx, no, k.deltas[no]); err != nil {
			return err
		}
	}
	for lineDay, n := range k.back {
		_, err := t.exec(ctx, `UPDATE line_run SET started = started - $1 WHERE line_no = $2 AND day = $3 AND started >= $1`, n, lineDay[0], lineDay[1])
		if err != nil {
			return err
		}
	}
	if err := t.stop(ctx, k.stops, k.heard); err != nil {
		return err
	}
	if k.undone || len(k.stops) > 0 {
		return t.pulse(ctx)
	}
	return nil
}

// once leaves out who is there twice: two of their attempts ended at the same time.
func once(suppressed [][]any) [][]any {
	seen := make(map[[4]any]bool, len(suppressed))
	return slices.DeleteFunc(suppressed, func(row []any) bool {
		who := [4]any(row[:4])
		was := seen[who]
		seen[who] = true
		return was
	})
}

// airborneKept is how long, in milliseconds, a row that counts no more is left where it is: longer than any call.
const airborneKept = 2 * 3600 * 1000

var suppressionColumns = []string{"workspace_id", "address", "channel", "reason", "source", "created_at", "expires_at"}

// sortedNumbers keeps two transactions from taking the same rows in different orders.
func sortedNumbers[V any](m map[int64]V) []int64 {
	out := make([]int64, 0, len(m))
	for n := range m {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// mend puts what became of an attempt into the record of one that was given up as unknown. What was decided about the
// recipient stands, but somebody who said stop is heard.
func (k *settlement) mend(ctx context.Context, no int64, c *dispatch.Closing) error {
	if c.Undone {
		return nil
	}
	row, err := attemptValues(no, 0, c)
	if err != nil {
		return err
	}
	n, err := k.t.exec(ctx, `UPDATE attempt SET ref = $1, closed_at = $2, code = $3, provider_code = $4, provider_text = $5, reason = $6,
		ring_ms = $7, talk_ms = $8, detail = $9 WHERE key = $10 AND ordinal = $11 AND code = 'unknown'`,
		append(row[6:7:7], append(slices.Clone(row[8:]), row[0], row[1])...)...)
	if err != nil {
		return err
	}
	if n > 0 && c.Outcome.Code != channel.Unknown {
		d := k.delta(no)
		d[tallyCode+string(channel.Unknown)]--
		d[tallyCode+string(c.Outcome.Code)]++
		d[tallyTalk] += c.Outcome.Talk.Milliseconds()
		if c.Outcome.Goal {
			d[tallyGoals]++
		}
		x := k.slice(no, c.PlacedAt)
		x.Add(&channel.Outcome{Code: channel.Unknown}, c.Ordinal, -1)
		x.Add(&c.Outcome, c.Ordinal, 1)
		k.reached(no, c, true)
	}
	k.suppress(c)
	return nil
}

func attemptValues(no, line int64, c *dispatch.Closing) ([]any, error) {
	o := &c.Outcome
	detail, err := attemptDetail(o)
	if err != nil {
		return nil, err
	}
	return []any{
		key(no, c.Number), c.Ordinal, no, c.Lap, line, c.Address, clean(c.Ref), c.PlacedAt.UnixMilli(), o.At.UnixMilli(), string(o.Code),
		clean(o.ProviderCode), clean(o.ProviderText), null(o.Reason), o.Ring.Milliseconds(), o.Talk.Milliseconds(), detail,
	}, nil
}

// detail is what is kept of an attempt beyond its columns.
type detail struct {
	AnsweredBy string            `json:"answered_by,omitempty"`
	HungUpBy   string            `json:"hung_up_by,omitempty"`
	Goal       bool              `json:"goal,omitempty"`
	Collected  map[string]string `json:"collected,omitempty"`
	Dialogue   []channel.Turn    `json:"dialogue,omitempty"`
	Agent      string            `json:"agent,omitempty"`
	Version    int               `json:"version,omitempty"` // of the agent
}

func attemptDetail(o *channel.Outcome) (any, error) {
	d := detail{
		AnsweredBy: o.AnsweredBy, HungUpBy: o.HungUpBy, Goal: o.Goal, Collected: maps.Clone(o.Collected), Dialogue: slices.Clone(o.Dialogue),
		Agent: o.Agent, Version: o.AgentVersion,
	}
	if d.AnsweredBy == "" && d.HungUpBy == "" && !d.Goal && len(d.Collected) == 0 && len(d.Dialogue) == 0 {
		return nil, nil
	}
	for i := range d.Dialogue {
		d.Dialogue[i].Text = storable(d.Dialogue[i].Text)
	}
	for k, v := range d.Collected {
		d.Collected[k] = storable(v)
	}
	return jsonText(d)
}

// storable takes out what PostgreSQL's JSONB refuses and a far end can send: NUL.
func storable(s string) string { return strings.ReplaceAll(s, "\x00", "") }

// clean makes a far end's words storable: no NUL, no broken UTF-8, not longer than anybody reads.
func clean(s string) any {
	const most = 500
	s = strings.ToValidUTF8(storable(s), "�")
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "")
	}
	return null(s)
}
