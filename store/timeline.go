package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"

	"github.com/RoaringBitmap/roaring/v2"

	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
	"campanario/person"
)

var _ person.TimelineStore = (*Store)(nil)

// mostLooked is in how many campaigns, the latest, somebody is looked for by their address.
const mostLooked = 1000

// Memberships finds the recipients that were made of a contact: those with their number, and those nobody tied to a contact with a primary
// address of theirs, where a campaign takes each address once: the index that sees to it finds them.
func (s *Store) Memberships(ctx context.Context, c *audience.Contact) (person.Memberships, error) {
	var out person.Memberships
	add := func(rows *sql.Rows) error {
		var k int64
		err := rows.Scan(&k)
		out.Keys = append(out.Keys, k)
		return err
	}
	err := scan(ctx, s.reads, add, `SELECT key FROM recipient WHERE contact_no = $1 ORDER BY key DESC LIMIT $2`, c.No, person.MostMemberships)
	if err != nil || len(c.Reaches) == 0 {
		return out, s.readError(err)
	}
	var names []string
	err = scan(ctx, s.reads, func(rows *sql.Rows) error {
		var no int64
		var k channel.Kind
		if err := rows.Scan(&no, &k); err != nil {
			return err
		}
		for _, r := range c.Reaches {
			if (r.Kind == audience.ByEmail) == (k == channel.Email) {
				names = append(names, strconv.FormatInt(no, 10)+" "+string(r.Address))
			}
		}
		return nil
	}, `SELECT no, channel FROM campaign WHERE workspace_id = $1 ORDER BY id DESC LIMIT $2`, c.Workspace, mostLooked)
	if err != nil {
		return out, s.readError(err)
	}
	for part := range slices.Chunk(names, mostLooked) {
		among, arg := s.d.anyOf("dedupe", 1, part)
		if err := scan(ctx, s.reads, add, `SELECT key FROM recipient WHERE `+among+` AND contact_no IS NULL`, arg); err != nil {
			return out, s.readError(err)
		}
	}
	return out, nil
}

// campaignsOf names the campaigns of recipients.
func (s *Store) campaignsOf(ctx context.Context, keys []int64) (map[int64]*person.CampaignRef, error) {
	numbers := make([]int64, len(keys))
	for i, k := range keys {
		numbers[i] = k >> keyShift
	}
	slices.Sort(numbers)
	out := map[int64]*person.CampaignRef{}
	among, arg := s.d.anyOf("c.no", 1, slices.Compact(numbers))
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		var no int64
		var c person.CampaignRef
		err := rows.Scan(&no, &c.ID, &c.Name, &c.Channel, &c.State, &c.Deleted)
		out[no] = &c
		return err
	}, `SELECT c.no, c.id, c.name, c.channel, r.state, c.deleted_at IS NOT NULL FROM campaign c JOIN run r ON r.campaign_no = c.no WHERE `+among, arg)
	return out, err
}

// before is the condition that a row lies before a seat, as a row of three values; args are those before it.
func before(seat person.Seat, k person.Kind, at, a, b string, args []any) (string, []any) {
	when, x, y := seat.Before(k)
	n := len(args)
	return fmt.Sprintf(` AND (%s, %s, %s) < ($%d, $%d, $%d)`, at, a, b, n+1, n+2, n+3), append(args, when, x, y)
}

// moments reads rows of a person's as moments. Those of campaigns that are gone are left out.
func moments[T any](ctx context.Context, s *Store, m person.Memberships, read func(*sql.Rows) (T, int64, error),
	as func(of *T, key int64, c *person.CampaignRef) person.Moment, query string, args []any,
) ([]person.Moment, error) {
	campaigns, err := s.campaignsOf(ctx, m.Keys)
	if err != nil {
		return nil, s.readError(err)
	}
	var out []person.Moment
	err = scan(ctx, s.reads, func(rows *sql.Rows) error {
		of, k, err := read(rows)
		if c := campaigns[k>>keyShift]; c != nil && err == nil {
			out = append(out, as(&of, k, c))
		}
		return err
	}, query, args...)
	return out, s.readError(err)
}

// Enrolments gives when recipients were added, and where they stand now.
func (s *Store) Enrolments(ctx context.Context, m person.Memberships, seat person.Seat, limit int) ([]person.Moment, error) {
	if len(m.Keys) == 0 {
		return nil, nil
	}
	among, arg := s.d.anyOf("r.key", 1, m.Keys)
	cond, args := before(seat, person.Enrolled, "r.enrolled_at", "r.key", "CAST(0 AS BIGINT)", []any{arg, limit})
	return moments(ctx, s, m, scanKeyed, func(e *campaign.Entry, k int64, c *person.CampaignRef) person.Moment {
		e.Status = campaign.StatusOf(c.State, e.Standing, e.InFlight)
		x := person.NewMoment(person.Enrolled, e.EnrolledAt, k, 0)
		x.Campaign, x.Entry = c, e
		return x
	}, `SELECT `+entryColumns+entryJoins+` WHERE `+among+cond+` ORDER BY r.enrolled_at DESC, r.key DESC LIMIT $2`, args)
}

// AttemptsOf gives attempts that have ended.
func (s *Store) AttemptsOf(ctx context.Context, m person.Memberships, seat person.Seat, limit int) ([]person.Moment, error) {
	if len(m.Keys) == 0 {
		return nil, nil
	}
	among, arg := s.d.anyOf("a.key", 1, m.Keys)
	cond, args := before(seat, person.Attempted, "a.placed_at", "a.key", "a.ordinal", []any{arg, limit})
	return moments(ctx, s, m, scanAttemptOf, func(a *campaign.Attempt, k int64, c *person.CampaignRef) person.Moment {
		a.ID = campaign.AttemptID(c.ID, a.Number, a.Ordinal)
		x := person.NewMoment(person.Attempted, a.PlacedAt, k, int64(a.Ordinal))
		x.Campaign, x.Attempt = c, a
		return x
	}, attemptQuery+` WHERE `+among+cond+` ORDER BY a.placed_at DESC, a.key DESC, a.ordinal DESC LIMIT $2`, args)
}

// FlightsOf gives attempts that are going on.
func (s *Store) FlightsOf(ctx context.Context, m person.Memberships, seat person.Seat, limit int) ([]person.Moment, error) {
	if len(m.Keys) == 0 {
		return nil, nil
	}
	among, arg := s.d.anyOf("f.key", 1, m.Keys)
	cond, args := before(seat, person.Open, "f.placed_at", "f.key", "f.ordinal", []any{arg, limit})
	return moments(ctx, s, m, scanOpen, func(f *campaign.Flight, k int64, c *person.CampaignRef) person.Moment {
		f.Campaign, f.ID = c.ID, campaign.AttemptID(c.ID, f.Number, f.Ordinal)
		x := person.NewMoment(person.Open, f.PlacedAt, k, int64(f.Ordinal))
		x.Campaign, x.Flight = c, f
		return x
	}, flightQuery+` WHERE `+among+cond+` ORDER BY f.placed_at DESC, f.key DESC, f.ordinal DESC LIMIT $2`, args)
}

// Writes gives when imports wrote a contact: those that have it among what contacts are found by.
func (s *Store) Writes(ctx context.Context, c *audience.Contact) ([]person.Moment, error) {
	found, err := termsWith(ctx, s.reads, c.Workspace, audience.FieldImport, c.No)
	if err != nil || len(found) == 0 {
		return nil, s.readError(err)
	}
	ids := make([]string, len(found))
	for i, t := range found {
		ids[i] = t.Value
	}
	among, arg := s.d.anyOf("id", 2, ids)
	var out []person.Moment
	err = scan(ctx, s.reads, func(rows *sql.Rows) error {
		var no int64
		var when sql.NullInt64
		var ref person.ImportRef
		if err := rows.Scan(&no, &ref.ID, &ref.Name, &when, &ref.Made); err != nil {
			return err
		}
		x := person.NewMoment(person.Imported, at(when), no, 0)
		x.Import = &ref
		out = append(out, x)
		return nil
	}, `SELECT i.no, i.id, i.name, COALESCE(i.ended_at, i.updated_at), EXISTS (SELECT 1 FROM contact c WHERE c.no = $3 AND c.import_no = i.no)
		FROM import i WHERE i.workspace_id = $1 AND `+among, c.Workspace, arg, c.No)
	return out, s.readError(err)
}

// termsWith gives the terms of a field that a contact has: of those that are written beside the contact, such as its imports.
func termsWith(ctx context.Context, q querier, workspace string, f audience.Field, no int64) ([]audience.Term, error) {
	var out []audience.Term
	err := scan(ctx, q, func(rows *sql.Rows) error {
		t := audience.Term{Field: f}
		var bits []byte
		if err := rows.Scan(&t.Value, &t.Shown, &bits); err != nil {
			return err
		}
		b := roaring.New()
		if err := b.UnmarshalBinary(bits); err != nil {
			return fmt.Errorf("bitmap of a term: %w", err)
		}
		if b.Contains(uint32(no)) {
			out = append(out, t)
		}
		return nil
	}, `SELECT t.value, t.shown, p.bits FROM term t JOIN posting p ON p.term_no = t.no AND p.chunk = $3 WHERE t.workspace_id = $1 AND t.field = $2`,
		workspace, string(f), no>>chunkBits)
	return out, err
}

// Deeds gives what was done to a contact, but for what other moments tell.
func (s *Store) Deeds(ctx context.Context, c *audience.Contact, seat person.Seat, limit int) ([]person.Moment, error) {
	cond, args := before(seat, person.Changed, "at", "no", "CAST(0 AS BIGINT)", []any{c.Workspace, c.ID, limit, c.No})
	var out []person.Moment
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		e, err := scanEvent(rows)
		x := person.NewMoment(person.Changed, e.At, e.No, 0)
		x.Event = &e
		out = append(out, x)
		return err
	}, `SELECT `+eventColumns+` FROM audit WHERE workspace_id = $1 AND (subject_id = $2 OR subject_id IN (SELECT id FROM merged WHERE contact_no = $4)) AND subject_kind = 'contact'
		AND operation NOT IN ('create-contact', 'record-consent')`+cond+` ORDER BY at DESC, no DESC LIMIT $3`, args...)
	return out, s.readError(err)
}
