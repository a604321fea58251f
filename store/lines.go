package store

import (
	"database/sql"
	"encoding/json"
	"fmt"

	"campanario/channel"
)

// Sealer encrypts secrets before they are stored. Both directions fail on what another key made.
type Sealer interface {
	Seal(plain []byte) (string, error)
	Open(sealed string) ([]byte, error)
}

const lineColumns = `l.no, l.id, l.workspace_id, l.kind, l.name, l.from_address, COALESCE(l.agent_id, ''), l.zone,
	l.concurrent, l.per_second, l.per_day, l.settings, l.secrets, l.enabled`

// lineRow is a row of lineColumns.
type lineRow struct {
	no       int64
	l        channel.Line
	settings []byte
	secrets  sql.NullString
}

func (r *lineRow) fields() []any {
	l := &r.l
	return []any{
		&r.no, &l.ID, &l.Workspace, &l.Kind, &l.Name, &l.From, &l.Agent, &l.Zone,
		&l.Limits.Concurrent, &l.Limits.PerSecond, &l.Limits.PerDay, &r.settings, &r.secrets, &l.Enabled,
	}
}

// line puts the secrets, in clear, back among the settings.
func (r *lineRow) line(sealer Sealer) (channel.Line, error) {
	l := r.l
	l.Settings = append(json.RawMessage(nil), r.settings...)
	if !r.secrets.Valid {
		return l, nil
	}
	plain, err := sealer.Open(r.secrets.String)
	if err != nil {
		return l, fmt.Errorf("secrets of line %s: %w", l.ID, err)
	}
	var all, hidden map[string]json.RawMessage
	if err := json.Unmarshal(r.settings, &all); err != nil {
		return l, fmt.Errorf("settings of line %s: %w", l.ID, err)
	}
	if err := json.Unmarshal(plain, &hidden); err != nil {
		return l, fmt.Errorf("secrets of line %s: %w", l.ID, err)
	}
	if all == nil {
		all = map[string]json.RawMessage{}
	}
	for k, v := range hidden {
		all[k] = v
	}
	l.Settings, err = json.Marshal(all)
	return l, err
}
