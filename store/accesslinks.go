package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"campanario/access"
	"campanario/internal/fault"
)

// linksKept is how long a link that has ended is still listed.
const linksKept = 30 * 24 * time.Hour

// AddLink makes a link. An invitation ends earlier ones to the same address.
func (s *Store) AddLink(ctx context.Context, l access.Link, hash string) error {
	return s.write(ctx, func(t *tx) error {
		if _, err := t.exec(ctx, `DELETE FROM access_link WHERE ends_at <= $1`, ms(l.CreatedAt.Add(-linksKept))); err != nil {
			return err
		}
		if l.Kind == access.ForInvitation {
			if _, err := t.exec(ctx, `DELETE FROM access_link WHERE workspace_id = $1 AND kind = 'invitation' AND email = $2 AND used_at IS NULL`, l.Workspace, l.Email); err != nil {
				return err
			}
		}
		return t.addLink(ctx, l, hash, time.Time{})
	})
}

func (t *tx) addLink(ctx context.Context, l access.Link, hash string, used time.Time) error {
	_, err := t.exec(ctx, `INSERT INTO access_link (id, kind, hash, workspace_id, account_id, email, role, by_id, created_at, ends_at, used_at)
		VALUES ($1, $2, $3, NULLIF($4, ''), NULLIF($5, ''), NULLIF($6, ''), NULLIF($7, ''), NULLIF($8, ''), $9, $10, $11)`,
		l.ID, string(l.Kind), hash, l.Workspace, l.User, l.Email, string(l.Role), l.By, ms(l.CreatedAt), ms(l.EndsAt), ms(used))
	return err
}

const linkColumns = `id, kind, workspace_id, account_id, email, role, by_id, created_at, ends_at`

func scanLink(row interface{ Scan(...any) error }, more ...any) (access.Link, error) {
	var l access.Link
	var workspace, user, email, role, by sql.NullString
	var created, ends sql.NullInt64
	err := row.Scan(append([]any{&l.ID, &l.Kind, &workspace, &user, &email, &role, &by, &created, &ends}, more...)...)
	l.Workspace, l.User, l.Email, l.Role, l.By = workspace.String, user.String, email.String, access.Role(role.String), by.String
	l.CreatedAt, l.EndsAt = at(created), at(ends)
	return l, err
}

// Link gives a link that is still good.
func (s *Store) Link(ctx context.Context, id string, now time.Time) (access.Link, string, error) {
	var hash string
	l, err := scanLink(s.reads.QueryRowContext(ctx, `SELECT `+linkColumns+`, hash FROM access_link
		WHERE id = $1 AND used_at IS NULL AND ends_at > $2 AND kind <> 'owner'`, id, ms(now)), &hash)
	if errors.Is(err, sql.ErrNoRows) {
		return l, "", fault.New(fault.NotFound, "link_invalid", nil)
	}
	return l, hash, s.readError(err)
}

// LinkUsed reports whether a signed link was used.
func (s *Store) LinkUsed(ctx context.Context, id string) (bool, error) {
	var n int64
	err := s.reads.QueryRowContext(ctx, `SELECT COUNT(*) FROM access_link WHERE id = $1`, id).Scan(&n)
	return n > 0, s.readError(err)
}

// Invitations lists the invitations of a workspace that were not used, the newest first.
func (s *Store) Invitations(ctx context.Context, workspace string) ([]access.Link, error) {
	var out []access.Link
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		l, err := scanLink(rows)
		out = append(out, l)
		return err
	}, `SELECT `+linkColumns+` FROM access_link WHERE workspace_id = $1 AND kind = 'invitation' AND used_at IS NULL
		ORDER BY created_at DESC, id`, workspace)
	return out, s.readError(err)
}

// RemoveInvitation takes an invitation back.
func (s *Store) RemoveInvitation(ctx context.Context, workspace, id string) error {
	gone, err := s.changed(ctx, `DELETE FROM access_link WHERE workspace_id = $1 AND id = $2 AND kind = 'invitation' AND used_at IS NULL`, workspace, id)
	if err == nil && !gone {
		err = notFound("invitation", id)
	}
	return err
}

// useLink uses a link up; link_invalid when it is not good any more. A signed one gets a row that says so.
func (t *tx) useLink(ctx context.Context, l access.Link, now time.Time) error {
	invalid := fault.New(fault.NotFound, "link_invalid", nil)
	if l.Kind == access.ForOwner {
		if !l.EndsAt.After(now) {
			return invalid
		}
		err := t.addLink(ctx, l, "", now)
		if err != nil && t.d.duplicate(err) {
			return invalid
		}
		return err
	}
	n, err := t.exec(ctx, `UPDATE access_link SET used_at = $1 WHERE id = $2 AND used_at IS NULL AND ends_at > $1`, ms(now), l.ID)
	if err == nil && n == 0 {
		err = invalid
	}
	return err
}

// Enrol uses a link up and makes somebody a member by it.
func (s *Store) Enrol(ctx context.Context, e access.Enrolment, now time.Time) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.turn(ctx, e.Workspace); err != nil {
			return err
		}
		if err := t.useLink(ctx, e.Link, now); err != nil {
			return err
		}
		if e.First {
			var owners int64
			err := t.QueryRowContext(ctx, `SELECT COUNT(*) FROM membership WHERE role = 'owner'`).Scan(&owners)
			if err == nil && owners > 0 {
				err = fault.New(fault.NotFound, "link_invalid", nil)
			}
			if err != nil {
				return err
			}
		}
		if err := t.enrolAccount(ctx, e); err != nil {
			return err
		}
		// Who is more than what they are invited as stays it.
		_, err := t.exec(ctx, `INSERT INTO membership (workspace_id, account_id, role, joined_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (workspace_id, account_id) DO UPDATE SET role = CASE WHEN $3 = 'owner' THEN 'owner' ELSE membership.role END`,
			e.Workspace, e.Account.ID, string(e.Role), ms(now))
		return err
	})
}

func (t *tx) enrolAccount(ctx context.Context, e access.Enrolment) error {
	a := e.Account
	switch {
	case e.Fresh:
		_, err := t.exec(ctx, `INSERT INTO account (id, email, name, language, password, created_at) VALUES ($1, $2, $3, $4, NULLIF($5, ''), $6)`,
			a.ID, a.Email, a.Name, a.Language, a.Password, ms(a.CreatedAt))
		if err != nil && t.d.duplicate(err) {
			err = fault.New(fault.Conflict, "email_taken", nil).At("email")
		}
		return err
	case e.Replaces:
		if err := t.dropFactor(ctx, a.ID); err != nil {
			return err
		}
		return t.setPassword(ctx, a.ID, a.Password, "")
	default:
		// They may have been forgotten meanwhile.
		n, err := t.exec(ctx, `UPDATE account SET name = name WHERE id = $1`, a.ID)
		if err == nil && n == 0 {
			err = fault.New(fault.NotFound, "link_invalid", nil)
		}
		return err
	}
}
