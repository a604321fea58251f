package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"campanario/access"
	"campanario/internal/fault"
)

// AccountByIdentity gives the user with an identity.
func (s *Store) AccountByIdentity(ctx context.Context, issuer, subject string) (access.Account, error) {
	var id string
	err := s.reads.QueryRowContext(ctx, `SELECT account_id FROM identity WHERE issuer = $1 AND subject = $2`, issuer, subject).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return access.Account{}, notFound("user", "")
	}
	if err != nil {
		return access.Account{}, s.readError(err)
	}
	return s.Account(ctx, id)
}

// AddIdentity notes who a user is at an issuer. Somebody who is another one there already is refused: addresses are given
// to others when people leave, subjects are not.
func (s *Store) AddIdentity(ctx context.Context, issuer, subject, user string) error {
	return s.write(ctx, func(t *tx) error {
		if _, err := t.exec(ctx, `UPDATE account SET name = name WHERE id = $1`, user); err != nil { // one after the other
			return err
		}
		var n int64
		err := t.QueryRowContext(ctx, `SELECT COUNT(*) FROM identity WHERE account_id = $1 AND issuer = $2 AND subject <> $3`, user, issuer, subject).Scan(&n)
		if err == nil && n > 0 {
			err = fault.New(fault.Denied, "identity_other", nil)
		}
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, `INSERT INTO identity (issuer, subject, account_id) VALUES ($1, $2, $3) ON CONFLICT (issuer, subject) DO NOTHING`,
			issuer, subject, user)
		return err
	})
}

// InvitationsTo lists the invitations of a mailbox that are still good, the newest first.
func (s *Store) InvitationsTo(ctx context.Context, mailbox string, now time.Time) ([]access.Link, error) {
	var out []access.Link
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		l, err := scanLink(rows)
		out = append(out, l)
		return err
	}, `SELECT `+linkColumns+` FROM access_link WHERE kind = 'invitation' AND email = $1 AND used_at IS NULL AND ends_at > $2
		ORDER BY created_at DESC, id`, mailbox, ms(now))
	return out, s.readError(err)
}
