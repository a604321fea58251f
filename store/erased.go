package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/fault"
)

var errNoVeil = errors.New("store: no key for the marks of erased people")

// anyErased is a row for a workspace in which somebody was erased.
const anyErased = `SELECT 1 FROM erased WHERE workspace_id = $1 LIMIT 1`

// erasedAmong gives which of the addresses are those of erased people, as barredAs writes them; nil where nobody is.
func erasedAmong(ctx context.Context, q querier, d dialect, veil *audience.Veil, workspace string, all []channel.Address) (map[string]bool, error) {
	if len(all) == 0 {
		return nil, nil
	}
	anybody := false
	err := scan(ctx, q, func(*sql.Rows) error {
		anybody = true
		return nil
	}, anyErased, workspace)
	if err != nil || !anybody {
		return nil, err
	}
	return recognised(ctx, q, d, veil, workspace, all)
}

func (t *tx) erasedAmong(ctx context.Context, workspace string, all []channel.Address) (map[string]bool, error) {
	return erasedAmong(ctx, t, t.d, t.veil, workspace, all)
}

// recognised looks addresses up by their marks.
func recognised(ctx context.Context, q querier, d dialect, veil *audience.Veil, workspace string, all []channel.Address) (map[string]bool, error) {
	if veil == nil {
		return nil, errNoVeil
	}
	of := make(map[string]string, len(all))
	marks := make([]string, 0, len(all))
	for _, a := range all {
		if a == "" {
			continue
		}
		for _, m := range veil.Marks(workspace, a) {
			of[m] = barredAs(a)
			marks = append(marks, m)
		}
	}
	out := map[string]bool{}
	among, arg := d.anyOf("mark", 2, marks)
	err := scan(ctx, q, func(rows *sql.Rows) error {
		var m string
		err := rows.Scan(&m)
		out[of[m]] = true
		return err
	}, `SELECT mark FROM erased WHERE workspace_id = $1 AND `+among, workspace, arg)
	return out, err
}

// refuseErased refuses a contact with an address of an erased person that it did not have before.
func (t *tx) refuseErased(ctx context.Context, c, before *audience.Contact) error {
	var fresh []channel.Address
	for _, r := range c.Reaches {
		if before == nil || !before.Has(r.Address) {
			fresh = append(fresh, r.Address)
		}
	}
	erased, err := t.erasedAmong(ctx, c.Workspace, fresh)
	if err == nil && len(erased) > 0 {
		err = fault.New(fault.Conflict, "address_erased", nil).At("addresses")
	}
	return err
}

// withoutErased takes addresses of erased people from newcomers. gone is how many had no other.
func (t *tx) withoutErased(ctx context.Context, workspace string, rows []campaign.Newcomer) (kept []campaign.Newcomer, gone int64, err error) {
	var all []channel.Address
	for i := range rows {
		all = append(all, rows[i].Addresses...)
	}
	erased, err := t.erasedAmong(ctx, workspace, all)
	if err != nil || len(erased) == 0 {
		return rows, 0, err
	}
	for i := range rows {
		n := rows[i]
		n.Addresses = nil
		for _, a := range rows[i].Addresses {
			if !erased[barredAs(a)] {
				n.Addresses = append(n.Addresses, a)
			}
		}
		if len(n.Addresses) == 0 {
			gone++
			continue
		}
		kept = append(kept, n)
	}
	return kept, gone, nil
}

// ErasedAt is when the owner of an address was erased; zero when nobody was.
func (s *Store) ErasedAt(ctx context.Context, workspace string, a channel.Address) (time.Time, error) {
	if s.veil == nil {
		return time.Time{}, nil
	}
	var when sql.NullInt64
	among, arg := s.d.anyOf("mark", 2, s.veil.Marks(workspace, a))
	err := s.reads.QueryRowContext(ctx, `SELECT MAX(at) FROM erased WHERE workspace_id = $1 AND `+among, workspace, arg).Scan(&when)
	return at(when), s.readError(err)
}

// AddReturned makes a contact of somebody who was erased and has come back by consenting anew: their addresses are erased people's no more,
// and the consent is the first of their history.
func (s *Store) AddReturned(ctx context.Context, c *audience.Contact, said audience.Consent) error {
	if err := s.number(ctx, c); err != nil {
		return err
	}
	err := s.write(ctx, func(t *tx) error {
		if t.veil == nil {
			return errNoVeil
		}
		if _, err := t.contactsChange(ctx, c.Workspace); err != nil {
			return err
		}
		var marks []string
		for _, a := range c.Addresses() {
			marks = append(marks, t.veil.Marks(c.Workspace, a)...)
		}
		among, arg := t.d.anyOf("mark", 2, marks)
		if _, err := t.exec(ctx, `DELETE FROM erased WHERE workspace_id = $1 AND `+among, c.Workspace, arg); err != nil {
			return err
		}
		if err := t.addContact(ctx, c); err != nil {
			return err
		}
		said.Contact = c.No
		var err error
		if said.No, err = t.serial(ctx, "consent"); err != nil {
			return err
		}
		return t.addConsents(ctx, c.Workspace, []audience.Consent{said})
	})
	return s.contactTaken(err, c)
}

// emptyTerms removes those of the terms that nobody has any more: their values may be somebody's.
func (t *tx) emptyTerms(ctx context.Context, workspace string, changes []change) error {
	fields := map[int64]audience.Field{}
	var numbers []int64
	for i := range changes {
		for _, term := range changes[i].lost {
			no := term.No(workspace)
			if _, there := fields[no]; !there {
				fields[no] = term.Field
				numbers = append(numbers, no)
			}
		}
	}
	if len(numbers) == 0 {
		return nil
	}
	var gone []int64
	among, arg := t.d.anyOf("no", 1, numbers)
	err := scan(ctx, t, func(rows *sql.Rows) error {
		var no int64
		err := rows.Scan(&no)
		gone = append(gone, no)
		return err
	}, `DELETE FROM term WHERE n <= 0 AND `+among+` RETURNING no`, arg)
	if err != nil {
		return err
	}
	for _, no := range gone {
		name, is := fields[no].Attribute()
		if !is {
			continue
		}
		if _, err := t.exec(ctx, `UPDATE attribute SET terms = terms - 1 WHERE workspace_id = $1 AND name = $2 AND terms > 0`, workspace, name); err != nil {
			return err
		}
	}
	return nil
}

// holds reports whether a text has one of some, without regard to capitals.
func holds(text string, needles []string) bool {
	low := strings.ToLower(text)
	for _, n := range needles {
		if strings.Contains(low, n) {
			return true
		}
	}
	return false
}
