package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"campanario/access"
)

// AddSignIn signs somebody in, takes a try back, and clears away what has ended.
func (s *Store) AddSignIn(ctx context.Context, x access.Session, hash string, forgive []access.Bucket) error {
	return s.write(ctx, func(t *tx) error {
		if _, err := t.exec(ctx, `DELETE FROM session WHERE ends_at <= $1 OR account_id = $2 AND seen_at <= $3`,
			ms(x.CreatedAt), x.User, ms(x.CreatedAt.Add(-access.SessionIdle))); err != nil {
			return err
		}
		_, err := t.exec(ctx, `INSERT INTO session (id, account_id, hash, workspace_id, way, origin, browser, created_at, seen_at, ends_at)
			VALUES ($1, $2, $3, NULLIF($4, ''), $5, $6, $7, $8, $9, $10)`,
			x.ID, x.User, hash, x.Workspace, string(x.Way), x.From, x.Browser, ms(x.CreatedAt), ms(x.SeenAt), ms(x.EndsAt))
		if err != nil {
			return err
		}
		if err := t.present(ctx, x.Workspace, x.User, x.SeenAt); err != nil {
			return err
		}
		for _, b := range forgive {
			if b.Ends {
				if _, err := t.exec(ctx, `DELETE FROM throttle WHERE bucket = $1`, b.Key); err != nil {
					return err
				}
			}
		}
		return t.forgive(ctx, forgive)
	})
}

const signInColumns = `s.id, s.account_id, s.workspace_id, s.way, s.origin, s.browser, s.created_at, s.seen_at, s.ends_at`

// signInInto gives where the columns of a session are read to, and what then makes them one.
func signInInto(x *access.Session) (to []any, done func()) {
	var workspace sql.NullString
	var created, seen, ends sql.NullInt64
	return []any{&x.ID, &x.User, &workspace, &x.Way, &x.From, &x.Browser, &created, &seen, &ends}, func() {
		x.Workspace, x.CreatedAt, x.SeenAt, x.EndsAt = workspace.String, at(created), at(seen), at(ends)
	}
}

// Presence gives a session with what its user is in a workspace.
func (s *Store) Presence(ctx context.Context, session, workspace string) (access.Presence, string, error) {
	var p access.Presence
	var hash string
	var secret, where, name, role sql.NullString
	var settings []byte
	to, done := signInInto(&p.Session)
	err := s.reads.QueryRowContext(ctx, `SELECT `+signInColumns+`, s.hash, a.id, a.email, a.name, a.language, a.secret, w.id, w.name, m.role, w.settings
		FROM session s JOIN account a ON a.id = s.account_id
		LEFT JOIN membership m ON m.account_id = s.account_id AND m.workspace_id = COALESCE(NULLIF(CAST($2 AS TEXT), ''), s.workspace_id)
		LEFT JOIN workspace w ON w.id = m.workspace_id
		WHERE s.id = $1`, session, workspace).
		Scan(append(to, &hash, &p.Account.ID, &p.Account.Email, &p.Account.Name, &p.Account.Language, &secret, &where, &name, &role, &settings)...)
	if errors.Is(err, sql.ErrNoRows) {
		return p, "", notFound("session", session)
	}
	if err != nil {
		return p, "", s.readError(err)
	}
	done()
	p.Account.Secret = secret.String
	p.Account.Factor = secret.Valid
	p.Member = access.Membership{Workspace: where.String, Name: name.String, Role: access.Role(role.String)}
	if where.Valid {
		var set access.Settings
		if err := json.Unmarshal(settings, &set); err != nil {
			return p, "", fmt.Errorf("settings of workspace %s: %w", where.String, err)
		}
		p.Strict = set.SecondFactor
	}
	return p, hash, nil
}

// TouchSignIn writes when a session was last used, and when its user was last seen in a workspace.
func (s *Store) TouchSignIn(ctx context.Context, session, user, workspace string, now time.Time) error {
	return s.write(ctx, func(t *tx) error {
		if _, err := t.exec(ctx, `UPDATE session SET seen_at = $1 WHERE id = $2 AND seen_at < $1`, ms(now), session); err != nil {
			return err
		}
		return t.present(ctx, workspace, user, now)
	})
}

// present writes when somebody was last seen in a workspace; an empty one is none.
func (t *tx) present(ctx context.Context, workspace, user string, now time.Time) error {
	_, err := t.exec(ctx, `UPDATE membership SET seen_at = $1 WHERE workspace_id = $2 AND account_id = $3 AND (seen_at IS NULL OR seen_at < $1)`,
		ms(now), workspace, user)
	return err
}

// SignIns lists the sessions of a user, the newest first.
func (s *Store) SignIns(ctx context.Context, user, workspace string) ([]access.Session, error) {
	var out []access.Session
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		var x access.Session
		to, done := signInInto(&x)
		err := rows.Scan(to...)
		done()
		out = append(out, x)
		return err
	}, `SELECT `+signInColumns+` FROM session s WHERE s.account_id = $1 AND (CAST($2 AS TEXT) = '' OR s.workspace_id = $2)
		ORDER BY s.created_at DESC, s.id`, user, workspace)
	return out, s.readError(err)
}

// EndSignIn ends a session of a user.
func (s *Store) EndSignIn(ctx context.Context, user, session string) error {
	gone, err := s.changed(ctx, `DELETE FROM session WHERE account_id = $1 AND id = $2`, user, session)
	if err == nil && !gone {
		err = notFound("session", session)
	}
	return err
}

// EndSignIns ends the sessions of a user but one.
func (s *Store) EndSignIns(ctx context.Context, user, workspace, but string) error {
	_, err := s.changed(ctx, `DELETE FROM session WHERE account_id = $1 AND id <> $2 AND (CAST($3 AS TEXT) = '' OR workspace_id = $3)`, user, but, workspace)
	return err
}

// SetSignInWorkspace makes a session be at work in another workspace.
func (s *Store) SetSignInWorkspace(ctx context.Context, session, workspace string) error {
	there, err := s.changed(ctx, `UPDATE session SET workspace_id = $1 WHERE id = $2`, workspace, session)
	if err == nil && !there {
		err = notFound("session", session)
	}
	return err
}

// Try counts a try in every bucket. Buckets that are full of tries long ago are emptied.
func (s *Store) Try(ctx context.Context, list []access.Bucket, now time.Time) (time.Time, error) {
	var until time.Time
	err := s.write(ctx, func(t *tx) error {
		until = time.Time{}
		if _, err := t.exec(ctx, `DELETE FROM throttle WHERE ends_at <= $1`, ms(now)); err != nil {
			return err
		}
		for _, b := range list {
			var count int64
			var ends sql.NullInt64
			err := t.QueryRowContext(ctx, `INSERT INTO throttle (bucket, count, ends_at) VALUES ($1, 1, $2)
				ON CONFLICT (bucket) DO UPDATE SET count = throttle.count + 1 RETURNING count, ends_at`, b.Key, ms(now.Add(b.For))).Scan(&count, &ends)
			if err != nil {
				return err
			}
			if end := at(ends); count > int64(b.Max) && end.After(until) {
				until = end
			}
		}
		return nil
	})
	return until, err
}

// Forgive takes a try in every bucket back.
func (s *Store) Forgive(ctx context.Context, buckets []access.Bucket) error {
	return s.write(ctx, func(t *tx) error { return t.forgive(ctx, buckets) })
}

func (t *tx) forgive(ctx context.Context, buckets []access.Bucket) error {
	for _, b := range buckets {
		if _, err := t.exec(ctx, `UPDATE throttle SET count = count - 1 WHERE bucket = $1 AND count > 0`, b.Key); err != nil {
			return err
		}
	}
	return nil
}
