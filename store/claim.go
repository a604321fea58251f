package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"campanario/audience/registry"
	"campanario/campaign"
	"campanario/channel"
	"campanario/dispatch"
)

// refused rolls a claim back and says why.
type refused struct{ why dispatch.Refusal }

func (r *refused) Error() string { return "claim refused: " + string(r.why) }

// errDry rolls back a claim that found nobody.
var errDry = errors.New("nobody is due")

// Claim takes recipients whose turn has come. The run row is taken first, so that nothing can happen to the campaign or
// its recipients meanwhile; the lease is checked last, in the statement that counts the starts.
func (s *Store) Claim(ctx context.Context, c dispatch.Claim, decide func([]dispatch.Candidate) []dispatch.Verdict) (dispatch.Claimed, error) {
	var out dispatch.Claimed
	err := s.write(ctx, func(t *tx) error {
		out = dispatch.Claimed{}
		k := &claim{Claim: c, s: s, t: t, out: &out}
		return k.run(ctx, decide)
	})
	var r *refused
	switch {
	case errors.As(err, &r):
		return dispatch.Claimed{Refused: r.why}, nil
	case errors.Is(err, errDry):
		return out, nil
	case errors.Is(err, registry.ErrAway):
		return dispatch.Claimed{Refused: dispatch.ListsAway}, nil
	}
	return out, err
}

// claim is one claim under way.
type claim struct {
	dispatch.Claim
	s   *Store
	t   *tx
	out *dispatch.Claimed

	no, line     int64
	day, started int64 // of the campaign
	lap          int
	cursor, tail [campaign.Bands]int64
	look         int // how many people may be looked at
	seen         int // people looked at, against look
	cut          bool
	fromWait     []int64
	past         map[int64][]attempted // of the people whom limits count
}

func (k *claim) run(ctx context.Context, decide func([]dispatch.Candidate) []dispatch.Verdict) error {
	if err := k.begin(ctx); err != nil {
		return err
	}
	k.look = max(k.Max, k.Look)
	candidates, err := k.candidates(ctx)
	if err != nil {
		return err
	}
	if err := k.bar(ctx, candidates); err != nil {
		return err
	}
	if err := k.bind(ctx, candidates); err != nil {
		return err
	}
	if k.seen > 0 {
		verdicts := decide(candidates)
		if err := k.apply(ctx, candidates[:k.enough(candidates, verdicts)], verdicts); err != nil {
			return err
		}
	}
	k.out.Filled = k.cut || k.seen >= k.look
	if !k.out.Filled {
		if err := k.whoIsLeft(ctx); err != nil {
			return err
		}
	}
	if k.seen == 0 {
		return errDry
	}
	return k.finish(ctx)
}

// begin learns what the day has left, and takes the run row.
func (k *claim) begin(ctx context.Context) error {
	var err error
	if k.line, err = k.s.lineNumber(ctx, k.t, k.Hold.Line); err != nil {
		return err
	}
	if k.no, err = k.s.numberOf(ctx, k.t, k.Campaign); err != nil {
		return err
	}
	if k.PerDay > 0 {
		if err := k.limitToDay(ctx); err != nil {
			return err
		}
	}
	err = k.t.QueryRowContext(ctx, `UPDATE run SET revision = revision + 1 WHERE campaign_no = $1 AND state = 'active' AND edition = $2
		RETURNING lap, high_cursor, high_tail, normal_cursor, normal_tail, low_cursor, low_tail, day, started`, k.no, k.Edition).
		Scan(&k.lap, &k.cursor[0], &k.tail[0], &k.cursor[1], &k.tail[1], &k.cursor[2], &k.tail[2], &k.day, &k.started)
	if errors.Is(err, sql.ErrNoRows) {
		return &refused{dispatch.NotActive}
	}
	if err != nil || k.OwnPerDay == 0 {
		return err
	}
	return k.leave(k.OwnPerDay, k.day, k.started, dispatch.OwnFull)
}

// leave lets no more through than a limit has left for the day.
func (k *claim) leave(limit int, day, started int64, full dispatch.Refusal) error {
	if day == k.Day || day == k.Day+1 { // a clock that went back, or another node's, does not make a day new
		limit -= int(started)
	}
	if limit <= 0 {
		return &refused{full}
	}
	k.Max = min(k.Max, limit)
	return nil
}

// limitToDay lets no more through than the day has left. Only this node starts on the line, if its hold is good, which is
// checked at the end.
func (k *claim) limitToDay(ctx context.Context) error {
	var day, started int64
	err := k.t.QueryRowContext(ctx, `SELECT day, started FROM line_run WHERE line_no = $1`, k.line).Scan(&day, &started)
	if errors.Is(err, sql.ErrNoRows) {
		return &refused{dispatch.HoldLost}
	}
	if err != nil {
		return err
	}
	return k.leave(k.PerDay, day, started, dispatch.DayFull)
}

const candidateColumns = `r.key, COALESCE(r.contact_no, 0), r.external_id, r.name, r.address, r.secondary, r.variables, r.zones, r.language, r.skipped`

// candidates looks, priority by priority, first at those whose wait is over and then at those still to have their first
// turn.
func (k *claim) candidates(ctx context.Context) ([]dispatch.Candidate, error) {
	var out []dispatch.Candidate
	first := k.First
	for b := range campaign.Bands {
		if k.tail[b] == int64(b.First()) {
			continue // nobody ever came with this priority
		}
		var err error
		if out, err = k.waiting(ctx, b, out); err != nil {
			return nil, err
		}
		n := min(k.look-k.seen, first)
		if n <= 0 || k.cursor[b] >= k.tail[b] {
			continue
		}
		before := k.seen
		if out, err = k.fresh(ctx, b, n, out); err != nil {
			return nil, err
		}
		first -= k.seen - before
	}
	return out, nil
}

// waiting reads those whose wait is over, longest first.
func (k *claim) waiting(ctx context.Context, b campaign.Band, out []dispatch.Candidate) ([]dispatch.Candidate, error) {
	n := k.look - k.seen
	if n <= 0 {
		return out, nil
	}
	err := scan(ctx, k.t, func(rows *sql.Rows) error {
		var c candidateRow
		var st stateRow
		if err := rows.Scan(append(c.fields(), st.fields()...)...); err != nil {
			return err
		}
		k.seen++
		k.fromWait = append(k.fromWait, c.key)
		d, err := c.candidate()
		d.Standing = st.standing()
		out = append(out, d)
		return err
	}, `SELECT `+candidateColumns+`, `+waitState+` FROM wait w JOIN recipient r ON r.key = w.key
		WHERE w.queue = $1 AND w.due_at <= $2 ORDER BY w.due_at, w.key LIMIT $3`,
		queue(k.no, b), ms(k.Now), n)
	return out, err
}

// fresh reads those behind the cursor and moves it.
func (k *claim) fresh(ctx context.Context, b campaign.Band, n int, out []dispatch.Candidate) ([]dispatch.Candidate, error) {
	err := scan(ctx, k.t, func(rows *sql.Rows) error {
		var c candidateRow
		if err := rows.Scan(c.fields()...); err != nil {
			return err
		}
		k.seen++
		k.out.First++
		k.cursor[b] = int64(numberOfKey(c.key))
		if c.skipped { // a person took them out, or gave them their turn, before it came
			return nil
		}
		d, err := c.candidate()
		out = append(out, d)
		return err
	}, `SELECT `+candidateColumns+` FROM recipient r
		WHERE r.key > $1 AND r.key <= $2 ORDER BY r.key LIMIT $3`,
		key(k.no, campaign.Number(k.cursor[b])), key(k.no, campaign.Number(k.tail[b])), n)
	return out, err
}

// enough is how many of the candidates are dealt with: those before the first that could be placed and may not be any
// more. The others are left as they are.
func (k *claim) enough(candidates []dispatch.Candidate, verdicts []dispatch.Verdict) int {
	placed := 0
	for i := range verdicts {
		if verdicts[i].Do != dispatch.DoPlace {
			continue
		}
		if placed == k.Max {
			k.leaveAlone(candidates[i:])
			return i
		}
		placed++
	}
	return len(verdicts)
}

// leaveAlone takes the claim back to before it met the candidates. The numbers of a priority have no gaps.
func (k *claim) leaveAlone(candidates []dispatch.Candidate) {
	k.cut = true
	for i := range candidates {
		c := &candidates[i]
		if c.Standing.Status != "" { // both lists are in the order in which they were met
			k.fromWait = k.fromWait[:len(k.fromWait)-1]
			continue
		}
		b, before := c.Number.Band(), int64(c.Number)-1
		if before < k.cursor[b] {
			k.out.First -= int(k.cursor[b] - before)
			k.cursor[b] = before
		}
	}
}

// apply does what was decided of each candidate.
func (k *claim) apply(ctx context.Context, candidates []dispatch.Candidate, verdicts []dispatch.Verdict) error {
	if err := k.leaveWaits(ctx); err != nil {
		return err
	}
	var flights [][]any
	var next put
	d := delta{}
	for i := range candidates {
		c, v := &candidates[i], &verdicts[i]
		if v.Do == dispatch.DoPlace {
			f := k.flight(c, v)
			flights = append(flights, k.flightValues(&f))
			k.out.Flights = append(k.out.Flights, f)
			continue
		}
		next.add(k.no, c.Number, &v.Next)
		d.status(c.Standing.Status, v.Next.Status)
	}
	if err := k.t.insert(ctx, "flight", flightColumns, flights, ""); err != nil {
		return err
	}
	if err := k.count(ctx); err != nil {
		return err
	}
	if err := k.t.put(ctx, &next); err != nil {
		return err
	}
	return k.t.count(ctx, k.no, d)
}

func (k *claim) flight(c *dispatch.Candidate, v *dispatch.Verdict) dispatch.Flight {
	lap := c.Standing.Lap
	if c.Standing.Status == "" {
		lap = k.lap
	}
	return dispatch.Flight{
		Token: v.Token, Campaign: k.Campaign, Line: k.Hold.Line, Number: c.Number, Ordinal: c.Standing.Attempt + 1,
		Lap: lap, Address: c.Standing.Address, Before: c.Standing, PlacedAt: k.Now, Until: v.Until, Day: k.Day, Candidate: *c,
	}
}

var flightColumns = []string{
	"key", "token", "ordinal", "lap", "address", "line_no", "node_no", "was", "why", "tries", "faults", "bad", "last",
	"stage", "placed_at", "answered_at", "until_at", "person",
}

func (k *claim) flightValues(f *dispatch.Flight) []any {
	b := &f.Before
	var person any
	if k.limited() {
		person = personOf(k.Workspace, &f.Candidate)
	}
	return []any{
		key(k.no, f.Number), f.Token, f.Ordinal, f.Lap, f.Address, k.line, k.Hold.Node, null(string(b.Status)), null(string(b.Why)),
		b.Tries, b.Faults, int64(b.Bad), null(string(b.Last)), string(channel.StagePlaced), f.PlacedAt.UnixMilli(), nil, f.Until.UnixMilli(), person,
	}
}

func (k *claim) leaveWaits(ctx context.Context) error {
	if len(k.fromWait) == 0 {
		return nil
	}
	among, arg := k.t.d.anyOf("key", 1, k.fromWait)
	n, err := k.t.exec(ctx, `DELETE FROM wait WHERE `+among, arg)
	if err == nil && int(n) != len(k.fromWait) {
		err = fmt.Errorf("claim took %d waits and found %d", len(k.fromWait), n)
	}
	return err
}

// whoIsLeft says when somebody else will be due.
func (k *claim) whoIsLeft(ctx context.Context) error {
	k.out.FirstEnd = true
	for b := range campaign.Bands {
		if k.tail[b] == int64(b.First()) {
			continue
		}
		k.out.FirstEnd = k.out.FirstEnd && k.cursor[b] >= k.tail[b]
		var due sql.NullInt64
		var why string
		err := k.t.QueryRowContext(ctx, `SELECT due_at, why FROM wait WHERE queue = $1 ORDER BY due_at, key LIMIT 1`, queue(k.no, b)).Scan(&due, &why)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if t := at(due); due.Valid && (k.out.NextDue.IsZero() || t.Before(k.out.NextDue)) {
			k.out.NextDue, k.out.NextWhy = t, campaign.Why(why)
		}
	}
	return nil
}

// finish moves the cursors and counts the starts, unless the hold is lost.
func (k *claim) finish(ctx context.Context) error {
	waiting := ""
	if len(k.out.Flights) > 0 {
		waiting = ", waiting = NULL"
	}
	flights := int64(len(k.out.Flights))
	_, err := k.t.exec(ctx, `UPDATE run SET high_cursor = $1, normal_cursor = $2, low_cursor = $3,
		started = `+startedToday("$4", "$5")+`, day = `+today("$4")+waiting+` WHERE campaign_no = $6`,
		k.cursor[0], k.cursor[1], k.cursor[2], k.Day, flights, k.no)
	if err != nil {
		return err
	}
	n, err := k.t.exec(ctx, `UPDATE line_run SET started = `+startedToday("$1", "$2")+`, day = `+today("$1")+`, last_start_at = $3
		WHERE line_no = $4 AND node_no = $5 AND term = $6 AND expires_at > `+k.s.clockSQL(),
		k.Day, flights, k.Leave.UnixMilli(), k.line, k.Hold.Node, k.Hold.Term)
	if err == nil && n == 0 {
		err = &refused{dispatch.HoldLost}
	}
	return err
}

// startedToday is how many were started on the day when so many more are, and today which day that is counted as: the one
// before the last that was counted is no new one.
func startedToday(day, more string) string {
	return "CASE WHEN day = " + day + " OR day - 1 = " + day + " THEN started + " + more + " ELSE " + more + " END"
}

func today(day string) string { return "CASE WHEN day - 1 = " + day + " THEN day ELSE " + day + " END" }

// clockSQL is the clock that leases go by.
func (s *Store) clockSQL() string {
	if s.clock != nil {
		return strconv.FormatInt(s.clock(), 10)
	}
	return s.d.now()
}

// candidateRow is a row of candidateColumns.
type candidateRow struct {
	key, contact                    int64
	external, name, zones, language sql.NullString
	address                         string
	secondary, variables            []byte
	skipped                         bool
}

func (r *candidateRow) fields() []any {
	return []any{
		&r.key, &r.contact, &r.external, &r.name, &r.address, &r.secondary, &r.variables, &r.zones, &r.language,
		&r.skipped,
	}
}

func (r *candidateRow) candidate() (dispatch.Candidate, error) {
	var c dispatch.Candidate
	c.Number = numberOfKey(r.key)
	c.Contact, c.ExternalID, c.Name, c.Language = r.contact, r.external.String, r.name.String, r.language.String
	c.Addresses = []channel.Address{channel.Address(r.address)}
	if r.zones.String != "" {
		c.Zones = strings.Fields(r.zones.String)
	}
	more, err := addresses(r.secondary)
	if err != nil {
		return c, fmt.Errorf("addresses of recipient %d: %w", numberOfKey(r.key), err)
	}
	c.Addresses = append(c.Addresses, more...)
	if len(r.variables) > 0 {
		if err := json.Unmarshal(r.variables, &c.Variables); err != nil {
			return c, fmt.Errorf("variables of recipient %d: %w", numberOfKey(r.key), err)
		}
	}
	return c, nil
}

// addresses reads a recipient's secondary addresses.
func addresses(text []byte) ([]channel.Address, error) {
	if len(text) == 0 {
		return nil, nil
	}
	var out []channel.Address
	err := json.Unmarshal(text, &out)
	return out, err
}
