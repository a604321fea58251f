package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"campanario/access"
	"campanario/internal/fault"
)

var _ access.UserStore = (*Store)(nil)

const accountColumns = `id, email, name, language, password, secret, pending, step, created_at`

func scanAccount(row interface{ Scan(...any) error }) (access.Account, error) {
	var a access.Account
	var password, secret, pending sql.NullString
	var created sql.NullInt64
	err := row.Scan(&a.ID, &a.Email, &a.Name, &a.Language, &password, &secret, &pending, &a.Step, &created)
	a.Password, a.Secret, a.Pending, a.CreatedAt = password.String, secret.String, pending.String, at(created)
	a.Factor = a.Secret != ""
	return a, err
}

// Account gives a user.
func (s *Store) Account(ctx context.Context, id string) (access.Account, error) {
	return s.account(ctx, `SELECT `+accountColumns+` FROM account WHERE id = $1`, id)
}

// AccountByEmail gives the user of a mailbox.
func (s *Store) AccountByEmail(ctx context.Context, mailbox string) (access.Account, error) {
	return s.account(ctx, `SELECT `+accountColumns+` FROM account WHERE email = $1`, mailbox)
}

func (s *Store) account(ctx context.Context, query, arg string) (access.Account, error) {
	a, err := scanAccount(s.reads.QueryRowContext(ctx, query, arg))
	if errors.Is(err, sql.ErrNoRows) {
		return a, notFound("user", "")
	}
	return a, s.readError(err)
}

// SetUser replaces the name and the language of a user.
func (s *Store) SetUser(ctx context.Context, u access.User) error {
	return s.changeAccount(ctx, `UPDATE account SET name = $1, language = $2 WHERE id = $3`, u.Name, u.Language, u.ID)
}

// changeAccount runs a statement that must find its account.
func (s *Store) changeAccount(ctx context.Context, query string, args ...any) error {
	return s.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, query, args...)
		if err == nil && n == 0 {
			err = notFound("user", "")
		}
		return err
	})
}

// SetPassword replaces a password and ends all sessions but one, and every link for a new password.
func (s *Store) SetPassword(ctx context.Context, user, hash, but string) error {
	return s.write(ctx, func(t *tx) error { return t.setPassword(ctx, user, hash, but) })
}

func (t *tx) setPassword(ctx context.Context, user, hash, but string) error {
	n, err := t.exec(ctx, `UPDATE account SET password = $1 WHERE id = $2`, hash, user)
	if err == nil && n == 0 {
		return notFound("user", "")
	}
	if err != nil {
		return err
	}
	if _, err := t.exec(ctx, `DELETE FROM access_link WHERE account_id = $1 AND kind = 'reset'`, user); err != nil {
		return err
	}
	_, err = t.exec(ctx, `DELETE FROM session WHERE account_id = $1 AND id <> $2`, user, but)
	return err
}

// Reset replaces a password by a link.
func (s *Store) Reset(ctx context.Context, link, user, hash string, now time.Time) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.useLink(ctx, access.Link{ID: link}, now); err != nil {
			return err
		}
		return t.setPassword(ctx, user, hash, "")
	})
}

// WorkspacesOf lists the workspaces of a user, the one they joined first before the others.
func (s *Store) WorkspacesOf(ctx context.Context, user string) ([]access.Membership, error) {
	var out []access.Membership
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		var m access.Membership
		err := rows.Scan(&m.Workspace, &m.Name, &m.Role)
		out = append(out, m)
		return err
	}, `SELECT m.workspace_id, w.name, m.role FROM membership m JOIN workspace w ON w.id = m.workspace_id
		WHERE m.account_id = $1 ORDER BY m.joined_at, m.workspace_id`, user)
	return out, s.readError(err)
}

const memberColumns = `a.id, a.email, a.name, a.language, a.secret IS NOT NULL, a.created_at, m.role, m.joined_at, m.seen_at
	FROM membership m JOIN account a ON a.id = m.account_id`

func scanMember(row interface{ Scan(...any) error }) (access.Member, error) {
	var m access.Member
	var created, joined, seen sql.NullInt64
	err := row.Scan(&m.ID, &m.Email, &m.Name, &m.Language, &m.Factor, &created, &m.Role, &joined, &seen)
	m.CreatedAt, m.JoinedAt, m.SeenAt = at(created), at(joined), at(seen)
	return m, err
}

// Members lists who is in a workspace, by name.
func (s *Store) Members(ctx context.Context, workspace string) ([]access.Member, error) {
	var out []access.Member
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		m, err := scanMember(rows)
		out = append(out, m)
		return err
	}, `SELECT `+memberColumns+` WHERE m.workspace_id = $1 ORDER BY a.name, a.id`, workspace)
	return out, s.readError(err)
}

// Member gives one of those in a workspace.
func (s *Store) Member(ctx context.Context, workspace, user string) (access.Member, error) {
	m, err := scanMember(s.reads.QueryRowContext(ctx, `SELECT `+memberColumns+` WHERE m.workspace_id = $1 AND m.account_id = $2`, workspace, user))
	if errors.Is(err, sql.ErrNoRows) {
		return m, notFound("user", user)
	}
	return m, s.readError(err)
}

// SetRole changes what a user is in a workspace.
func (s *Store) SetRole(ctx context.Context, workspace, user string, r access.Role) error {
	return s.changeMember(ctx, workspace, user, func(t *tx) (int64, error) {
		return t.exec(ctx, `UPDATE membership SET role = $1 WHERE workspace_id = $2 AND account_id = $3`, string(r), workspace, user)
	})
}

// RemoveMember takes a user out of a workspace, and forgets who is in none any more.
func (s *Store) RemoveMember(ctx context.Context, workspace, user string) error {
	return s.changeMember(ctx, workspace, user, func(t *tx) (int64, error) {
		n, err := t.exec(ctx, `DELETE FROM membership WHERE workspace_id = $1 AND account_id = $2`, workspace, user)
		if err != nil || n == 0 {
			return n, err
		}
		if _, err := t.exec(ctx, `UPDATE session SET workspace_id = NULL WHERE account_id = $1 AND workspace_id = $2`, user, workspace); err != nil {
			return n, err
		}
		var left int64
		if err := t.QueryRowContext(ctx, `SELECT COUNT(*) FROM membership WHERE account_id = $1`, user).Scan(&left); err != nil || left > 0 {
			return n, err
		}
		return n, t.forgetAccount(ctx, user)
	})
}

func (t *tx) forgetAccount(ctx context.Context, user string) error {
	for _, query := range []string{
		`DELETE FROM session WHERE account_id = $1`, `DELETE FROM access_link WHERE account_id = $1`, `DELETE FROM recovery_code WHERE account_id = $1`,
		`DELETE FROM identity WHERE account_id = $1`, `DELETE FROM account WHERE id = $1`,
	} {
		if _, err := t.exec(ctx, query, user); err != nil {
			return err
		}
	}
	return nil
}

// changeMember changes a membership, unless that would leave a workspace that has an owner without one.
func (s *Store) changeMember(ctx context.Context, workspace, user string, change func(*tx) (int64, error)) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.turn(ctx, workspace); err != nil {
			return err
		}
		var role string
		err := t.QueryRowContext(ctx, `SELECT role FROM membership WHERE workspace_id = $1 AND account_id = $2`, workspace, user).Scan(&role)
		if errors.Is(err, sql.ErrNoRows) {
			return notFound("user", user)
		}
		if err != nil {
			return err
		}
		if _, err := change(t); err != nil {
			return err
		}
		var owners int64
		err = t.QueryRowContext(ctx, `SELECT COUNT(*) FROM membership WHERE workspace_id = $1 AND role = 'owner'`, workspace).Scan(&owners)
		if err == nil && owners == 0 && role == string(access.Owner) {
			err = fault.New(fault.Conflict, "owner_last", nil)
		}
		return err
	})
}

// turn makes transactions about who has access to a workspace take turns: neither must count on what the other one takes
// away.
func (t *tx) turn(ctx context.Context, workspace string) error {
	_, err := t.exec(ctx, `UPDATE workspace SET name = name WHERE id = $1`, workspace)
	return err
}

// Owned reports whether any workspace has an owner.
func (s *Store) Owned(ctx context.Context) (bool, error) {
	var n int64
	err := s.reads.QueryRowContext(ctx, `SELECT COUNT(*) FROM membership WHERE role = 'owner'`).Scan(&n)
	return n > 0, s.readError(err)
}

// SetPending keeps the secret of a factor that is being set up.
func (s *Store) SetPending(ctx context.Context, user, sealed string) error {
	return s.changeAccount(ctx, `UPDATE account SET pending = $1 WHERE id = $2`, sealed, user)
}

// SetFactor makes a secret the one that counts.
func (s *Store) SetFactor(ctx context.Context, user, sealed string, step int64, codes []string, but string) error {
	return s.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE account SET secret = pending, pending = NULL, step = $1 WHERE id = $2 AND pending = $3 AND secret IS NULL`, step, user, sealed)
		if err != nil {
			return err
		}
		if n == 0 { // another window was faster
			return fault.New(fault.Conflict, "second_factor_not_begun", nil)
		}
		if err := t.setCodes(ctx, user, codes); err != nil {
			return err
		}
		_, err = t.exec(ctx, `DELETE FROM session WHERE account_id = $1 AND id <> $2`, user, but)
		return err
	})
}

// DropFactor takes a second factor and its codes away.
func (s *Store) DropFactor(ctx context.Context, user string) error {
	return s.write(ctx, func(t *tx) error { return t.dropFactor(ctx, user) })
}

func (t *tx) dropFactor(ctx context.Context, user string) error {
	if _, err := t.exec(ctx, `UPDATE account SET secret = NULL, pending = NULL WHERE id = $1`, user); err != nil {
		return err
	}
	return t.setCodes(ctx, user, nil)
}

// SetCodes replaces the recovery codes.
func (s *Store) SetCodes(ctx context.Context, user string, codes []string) error {
	return s.write(ctx, func(t *tx) error { return t.setCodes(ctx, user, codes) })
}

func (t *tx) setCodes(ctx context.Context, user string, codes []string) error {
	if _, err := t.exec(ctx, `DELETE FROM recovery_code WHERE account_id = $1`, user); err != nil {
		return err
	}
	rows := make([][]any, len(codes))
	for i, c := range codes {
		rows[i] = []any{user, c}
	}
	return t.insert(ctx, "recovery_code", []string{"account_id", "hash"}, rows, "")
}

// CodesLeft counts the recovery codes that were not used.
func (s *Store) CodesLeft(ctx context.Context, user string) (int, error) {
	var n int
	err := s.reads.QueryRowContext(ctx, `SELECT COUNT(*) FROM recovery_code WHERE account_id = $1`, user).Scan(&n)
	return n, s.readError(err)
}

// UseStep notes that a time step's code was used.
func (s *Store) UseStep(ctx context.Context, user string, step int64) (bool, error) {
	return s.changed(ctx, `UPDATE account SET step = $1 WHERE id = $2 AND step < $1`, step, user)
}

// UseCode uses a recovery code up.
func (s *Store) UseCode(ctx context.Context, user, hash string) (bool, error) {
	return s.changed(ctx, `DELETE FROM recovery_code WHERE account_id = $1 AND hash = $2`, user, hash)
}

// changed runs one statement and tells whether it changed anything.
func (s *Store) changed(ctx context.Context, query string, args ...any) (bool, error) {
	var n int64
	err := s.write(ctx, func(t *tx) error {
		var err error
		n, err = t.exec(ctx, query, args...)
		return err
	})
	return n > 0, err
}
