package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"campanario/internal/fault"
	"campanario/rules"
)

var _ rules.Store = (*Store)(nil)

// RuleSettings gives what a workspace is bound by.
func (s *Store) RuleSettings(ctx context.Context, workspace string) (rules.Settings, int64, error) {
	var text []byte
	var revision int64
	err := s.reads.QueryRowContext(ctx, `SELECT settings, revision FROM rule_book WHERE workspace_id = $1`, workspace).Scan(&text, &revision)
	if errors.Is(err, sql.ErrNoRows) {
		return rules.Settings{}, 0, nil
	}
	if err != nil {
		return rules.Settings{}, 0, s.readError(err)
	}
	settings, err := ruleSettings(text)
	return settings, revision, err
}

func ruleSettings(text []byte) (rules.Settings, error) {
	var out rules.Settings
	if len(text) == 0 {
		return out, nil
	}
	if err := json.Unmarshal(text, &out); err != nil {
		return out, fmt.Errorf("rules of a workspace: %w", err)
	}
	return out, nil
}

// SetRuleSettings replaces what a workspace is bound by.
func (s *Store) SetRuleSettings(ctx context.Context, workspace string, settings rules.Settings, revision int64, now time.Time) (int64, error) {
	text, err := json.Marshal(settings)
	if err != nil {
		return 0, err
	}
	var next int64
	err = s.write(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `INSERT INTO rule_book (workspace_id, settings, revision, updated_at) VALUES ($1, '{}', 0, $2)
			ON CONFLICT (workspace_id) DO NOTHING`, workspace, ms(now))
		if err != nil {
			return err
		}
		err = t.QueryRowContext(ctx, `UPDATE rule_book SET settings = $1, revision = revision + 1, updated_at = $2
			WHERE workspace_id = $3 AND ($4 < 0 OR revision = $4) RETURNING revision`, string(text), ms(now), workspace, revision).Scan(&next)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.Conflict, "revision_stale", fault.Params{"revision": revision}).At("revision")
		}
		if err != nil {
			return err
		}
		return t.pulse(ctx)
	})
	return next, err
}
