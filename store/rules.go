package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"campanario/rules"
)

var _ rules.Store = (*Store)(nil)

// RuleSettings gives what a workspace is bound by.
func (s *Store) RuleSettings(ctx context.Context, workspace string) (rules.Settings, int64, error) {
	text, revision, err := s.settings(ctx, "rule_book", workspace)
	if err != nil {
		return rules.Settings{}, 0, err
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
		next, err = t.setSettings(ctx, "rule_book", workspace, string(text), revision, now)
		if err != nil {
			return err
		}
		return t.pulse(ctx)
	})
	return next, err
}
