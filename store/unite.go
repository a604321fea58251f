package store

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"time"

	"campanario/audience"
)

// uniting is one merge by hand under way.
type uniting struct {
	t         *tx
	workspace string
	keep      audience.Contact
	others    []audience.Contact
	numbers   []int64 // of the others
}

// Unite makes one contact of several.
func (s *Store) Unite(ctx context.Context, workspace, keep string, others []string, united func(*audience.Contact, []audience.Contact) error) (audience.Contact, error) {
	var out audience.Contact
	err := s.write(ctx, func(t *tx) error {
		if _, err := t.contactsChange(ctx, workspace); err != nil {
			return err
		}
		u := &uniting{t: t, workspace: workspace}
		if err := u.take(ctx, keep, others); err != nil {
			return err
		}
		var err error
		out, err = u.run(ctx, united)
		return err
	})
	return out, err
}

// take reads the contacts and takes their rows in the order of their numbers, so that two merges never wait for each other.
func (u *uniting) take(ctx context.Context, keep string, others []string) error {
	all := map[int64]bool{}
	for i, id := range append([]string{keep}, others...) {
		c, err := u.t.contact(ctx, u.workspace, id)
		if err != nil {
			return err
		}
		all[c.No] = true
		if i == 0 {
			u.keep = c
			continue
		}
		u.others, u.numbers = append(u.others, c), append(u.numbers, c.No)
	}
	for _, no := range sortedNumbers(all) {
		n, err := u.t.exec(ctx, `UPDATE contact SET revision = revision WHERE no = $1`, no)
		if err == nil && n == 0 {
			err = notFound("contact", "")
		}
		if err != nil {
			return err
		}
	}
	// What they were when their rows were taken is what counts.
	var err error
	if u.keep, err = u.t.contact(ctx, u.workspace, u.keep.ID); err != nil {
		return err
	}
	for i := range u.others {
		if u.others[i], err = u.t.contact(ctx, u.workspace, u.others[i].ID); err != nil {
			return err
		}
	}
	return nil
}

func (u *uniting) run(ctx context.Context, united func(*audience.Contact, []audience.Contact) error) (audience.Contact, error) {
	c := u.keep
	if err := united(&c, u.others); err != nil {
		return c, err
	}
	if err := u.campaigns(ctx); err != nil {
		return c, err
	}
	changes, err := u.consents(ctx, &c)
	if err != nil {
		return c, err
	}
	if err := u.leave(ctx, c.UpdatedAt); err != nil {
		return c, err
	}
	if err := u.write(ctx, &c); err != nil {
		return c, err
	}
	c.Revision++
	return c, u.t.index(ctx, u.workspace, changes)
}

// campaigns gives the places in campaigns to whom is kept, and the attempts that limits count. Whoever claims for those campaigns waits: the
// run rows are taken first, as claims take them, then open attempts, then what limits count.
func (u *uniting) campaigns(ctx context.Context) error {
	t := u.t
	if err := t.takeRunsOf(ctx, append(slices.Clone(u.numbers), u.keep.No)); err != nil {
		return err
	}
	among, arg := t.d.anyOf("person", 2, u.numbers)
	if _, err := t.exec(ctx, `UPDATE flight SET person = $1 WHERE `+among, u.keep.No, arg); err != nil {
		return err
	}
	lists, err := t.recent(ctx, append(slices.Clone(u.numbers), u.keep.No))
	if err != nil {
		return err
	}
	var joined []attempted
	for _, no := range sortedNumbers(lists) {
		joined = append(joined, lists[no]...)
	}
	if len(joined) > 0 { // under every number: a claim that has read one of the others' goes by the same
		var now int64
		for no := range lists {
			lists[no] = joined
		}
		for _, a := range joined {
			now = max(now, a.At)
		}
		if err := t.putRecent(ctx, maps.Clone(lists), time.UnixMilli(now)); err != nil {
			return err
		}
	}
	among, arg = t.d.anyOf("contact_no", 2, u.numbers)
	_, err = t.exec(ctx, `UPDATE recipient SET contact_no = $1 WHERE `+among, u.keep.No, arg)
	return err
}

// takeRunsOf takes the run rows of the campaigns that contacts are in, so that nobody claims for them meanwhile.
func (t *tx) takeRunsOf(ctx context.Context, contacts []int64) error {
	campaigns := map[int64]bool{}
	among, arg := t.d.anyOf("contact_no", 1, contacts)
	err := scan(ctx, t, func(rows *sql.Rows) error {
		var k int64
		err := rows.Scan(&k)
		campaigns[k>>keyShift] = true
		return err
	}, `SELECT key FROM recipient WHERE `+among, arg)
	if err != nil {
		return err
	}
	return t.takeRuns(ctx, campaigns)
}

// takeRuns takes the run rows of campaigns, in their order.
func (t *tx) takeRuns(ctx context.Context, campaigns map[int64]bool) error {
	for _, no := range sortedNumbers(campaigns) {
		if _, err := t.exec(ctx, `UPDATE run SET revision = revision + 1 WHERE campaign_no = $1`, no); err != nil {
			return err
		}
	}
	return nil
}

// consents gives the histories to whom is kept, each entry with for whom it was taken down, and says what becomes of what the contacts are
// found by.
func (u *uniting) consents(ctx context.Context, c *audience.Contact) ([]change, error) {
	t := u.t
	numbers := append(slices.Clone(u.numbers), u.keep.No)
	before, err := consentsOf(ctx, t, t.d, numbers)
	if err != nil {
		return nil, err
	}
	for i := range u.others {
		o := &u.others[i]
		_, err := t.exec(ctx, `UPDATE consent SET contact_no = $1, was_contact = COALESCE(was_contact, $2) WHERE contact_no = $3`, u.keep.No, o.ID, o.No)
		if err != nil {
			return nil, err
		}
	}
	after, err := consentsOf(ctx, t, t.d, []int64{u.keep.No})
	if err != nil {
		return nil, err
	}
	own := append(u.keep.Terms(), audience.ConsentTerms(before[u.keep.No])...)
	now := append(c.Terms(), audience.ConsentTerms(after[u.keep.No])...)
	var changes []change
	for i := range u.others {
		o := &u.others[i]
		beside, err := termsBeside(ctx, t, u.workspace, o.No)
		if err != nil {
			return nil, err
		}
		now = append(now, beside...)
		changes = append(changes, changed(o.No, slices.Concat(o.Terms(), audience.ConsentTerms(before[o.No]), beside), nil))
	}
	return append(changes, changed(u.keep.No, own, distinct(now))), nil
}

// distinct leaves out terms that are there twice.
func distinct(terms []audience.Term) []audience.Term {
	var out []audience.Term
	for _, t := range terms {
		if !slices.ContainsFunc(out, t.Same) {
			out = append(out, t)
		}
	}
	return out
}

// termsBeside are the terms of a contact that do not follow from what they are: the imports that wrote them, and the lists that hold them.
func termsBeside(ctx context.Context, q querier, workspace string, no int64) ([]audience.Term, error) {
	var out []audience.Term
	for _, f := range []audience.Field{audience.FieldImport, audience.FieldAudience} {
		some, err := termsWith(ctx, q, workspace, f, no)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	return out, nil
}

// leave removes the others, and leaves word of whom they are now.
func (u *uniting) leave(ctx context.Context, now time.Time) error {
	t := u.t
	for _, q := range []struct{ do, column string }{
		{`UPDATE contact SET primary_no = $2 WHERE no <> $2 AND `, "primary_no"},
		{`UPDATE merged SET contact_no = $2 WHERE `, "contact_no"},
	} {
		among, arg := t.d.anyOf(q.column, 1, u.numbers)
		if _, err := t.exec(ctx, q.do+among, arg, u.keep.No); err != nil {
			return err
		}
	}
	rows := make([][]any, len(u.others))
	for i := range u.others {
		rows[i] = []any{u.others[i].ID, u.workspace, u.keep.No, ms(now)}
	}
	if err := t.insert(ctx, "merged", []string{"id", "workspace_id", "contact_no", "at"}, rows, ""); err != nil {
		return err
	}
	if err := t.forgetBefore(ctx, u.workspace, u.numbers); err != nil {
		return err
	}
	if err := t.unreach(ctx, u.others); err != nil {
		return err
	}
	among, arg := t.d.anyOf("no", 1, u.numbers)
	_, err := t.exec(ctx, `DELETE FROM contact WHERE `+among, arg)
	return err
}

// forgetBefore removes how contacts were before imports.
func (t *tx) forgetBefore(ctx context.Context, workspace string, contacts []int64) error {
	among, arg := t.d.anyOf("contact_no", 2, contacts)
	_, err := t.exec(ctx, `DELETE FROM import_before WHERE import_no IN (SELECT no FROM import WHERE workspace_id = $1) AND `+among, workspace, arg)
	return err
}

// write stores whom is kept.
func (u *uniting) write(ctx context.Context, c *audience.Contact) error {
	t := u.t
	if err := t.updateContact(ctx, c, c.Revision); err != nil {
		return err
	}
	if _, err := t.exec(ctx, `UPDATE contact SET contacted_at = $1, heard_at = $2 WHERE no = $3`, ms(c.ContactedAt), ms(c.HeardAt), c.No); err != nil {
		return err
	}
	return t.reach(ctx, &u.keep, c)
}

// survivor gives the id of whom a merged contact is now; empty for who was not merged.
func (s *Store) survivor(ctx context.Context, workspace, id string) (string, error) {
	var no, made int64
	err := s.reads.QueryRowContext(ctx, `SELECT c.no, c.created_at FROM merged m JOIN contact c ON c.no = m.contact_no WHERE m.id = $1 AND m.workspace_id = $2`,
		id, workspace).Scan(&no, &made)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return audience.ContactID(no, time.UnixMilli(made)), err
}

// Sharing gives other contacts that share an address or the document with a contact.
func (s *Store) Sharing(ctx context.Context, c *audience.Contact, limit int) ([]audience.Contact, error) {
	marks := make([]int64, len(c.Reaches))
	for i, r := range c.Reaches {
		marks[i] = markOf(c.Workspace, r.Address)
	}
	among, arg := s.d.anyOf("mark", 2, marks)
	query := `SELECT contact_no AS no FROM reach WHERE ` + among
	args := []any{c.Workspace, arg, c.No, limit}
	if c.Document != "" {
		query += ` UNION SELECT no FROM contact WHERE workspace_id = $1 AND document = $5`
		args = append(args, c.Document)
	}
	out, err := contactsBy(ctx, s.reads, ` WHERE c.workspace_id = $1 AND c.no <> $3 AND c.no IN (`+query+`) ORDER BY c.no LIMIT $4`, args...)
	return out, s.readError(err)
}
