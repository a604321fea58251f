package store

import (
	"context"
	"encoding/json"

	"campanario/channel"
	"campanario/dispatch"
)

// SetStanding keeps how a line stands with its network.
func (s *Store) SetStanding(ctx context.Context, h dispatch.Hold, st *channel.Standing) error {
	var text any
	if st != nil {
		var err error
		if text, err = jsonText(st); err != nil {
			return err
		}
	}
	return s.write(ctx, func(t *tx) error {
		no, err := s.lineNumber(ctx, t, h.Line)
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, `UPDATE line_run SET standing = $1 WHERE line_no = $2 AND node_no = $3 AND term = $4`, text, no, h.Node, h.Term)
		return err
	})
}

// readStanding reads what SetStanding wrote.
func readStanding(text []byte) (*channel.Standing, error) {
	if len(text) == 0 {
		return nil, nil
	}
	var st channel.Standing
	return &st, json.Unmarshal(text, &st)
}
