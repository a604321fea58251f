package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"campanario/access"
)

var _ access.Answers = (*Store)(nil)

// BeginAnswer tells whether a request under an idempotency key is to be done now.
func (s *Store) BeginAnswer(ctx context.Context, workspace, key, request, by string, now time.Time) (access.Turn, access.Answer, error) {
	var turn access.Turn
	var answer access.Answer
	err := s.write(ctx, func(t *tx) error {
		turn, answer = access.TurnFresh, access.Answer{}
		if _, err := t.exec(ctx, `DELETE FROM idempotency WHERE created_at < $1`, ms(now.Add(-access.AnswersLast))); err != nil {
			return err
		}
		n, err := t.exec(ctx, `INSERT INTO idempotency (workspace_id, key, request, turn, created_at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT DO NOTHING`, workspace, key, request, by, ms(now))
		if err != nil || n > 0 {
			return err
		}
		var asked string
		var status, created sql.NullInt64
		var header []byte
		err = t.QueryRowContext(ctx, `SELECT request, status, header, body, created_at FROM idempotency WHERE workspace_id = $1 AND key = $2`,
			workspace, key).Scan(&asked, &status, &header, &answer.Body, &created)
		switch {
		case err != nil:
			return err
		case asked != request:
			turn = access.TurnReused
		case status.Valid:
			turn, answer.Status = access.TurnDone, int(status.Int64)
			return json.Unmarshal(header, &answer.Header)
		default:
			turn = access.TurnBusy
			// Who was doing it has died, or nearly: of those who ask now one goes on.
			n, err = t.exec(ctx, `UPDATE idempotency SET turn = $1, created_at = $2
				WHERE workspace_id = $3 AND key = $4 AND status IS NULL AND created_at < $5`, by, ms(now), workspace, key, ms(now.Add(-access.AnswersWait)))
			if n > 0 {
				turn = access.TurnFresh
			}
			return err
		}
		return nil
	})
	return turn, answer, err
}

// KeepAnswer ends a turn with its answer.
func (s *Store) KeepAnswer(ctx context.Context, workspace, key, by string, a access.Answer) error {
	header, err := json.Marshal(a.Header)
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `UPDATE idempotency SET status = $1, header = $2, body = $3 WHERE workspace_id = $4 AND key = $5 AND turn = $6`,
			a.Status, string(header), a.Body, workspace, key, by)
		return err
	})
}

// DropAnswer ends a turn that came to nothing.
func (s *Store) DropAnswer(ctx context.Context, workspace, key, by string) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `DELETE FROM idempotency WHERE workspace_id = $1 AND key = $2 AND turn = $3 AND status IS NULL`, workspace, key, by)
		return err
	})
}
