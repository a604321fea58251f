package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"campanario/channel"
	"campanario/dispatch"
)

// stopRow is somebody in the table stop.
type stopRow struct {
	Workspace string `json:"w"`
	Kind      string `json:"k,omitempty"`
	Address   string `json:"a"`
}

// stop tells other nodes who was suppressed. It takes the table's counter, so that its rows become visible in the order of
// their numbers; it comes last but for pulse, so that two transactions never wait for each other.
func (t *tx) stop(ctx context.Context, people []dispatch.Stop, now time.Time) error {
	if len(people) == 0 {
		return nil
	}
	rows := make([]stopRow, len(people))
	for i, p := range people {
		rows[i] = stopRow{p.Workspace, string(p.Kind), string(p.Address)}
	}
	text, err := jsonText(rows)
	if err != nil {
		return err
	}
	no, err := t.serial(ctx, "stop")
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `INSERT INTO stop (no, people, noted_at) VALUES ($1, $2, $3)`, no, text, ms(now))
	return err
}

// Stops gives who was suppressed after a number that it gave before (0 for all that is remembered: some minutes), and the
// number to ask with the next time.
func (s *Store) Stops(ctx context.Context, after int64) ([]dispatch.Stop, int64, error) {
	var out []dispatch.Stop
	last := after
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		var text []byte
		if err := rows.Scan(&last, &text); err != nil {
			return err
		}
		var people []stopRow
		if err := json.Unmarshal(text, &people); err != nil {
			return fmt.Errorf("stop %d: %w", last, err)
		}
		for _, p := range people {
			out = append(out, dispatch.Stop{Workspace: p.Workspace, Kind: channel.Kind(p.Kind), Address: channel.Address(p.Address)})
		}
		return nil
	}, `SELECT no, people FROM stop WHERE no > $1 ORDER BY no`, after)
	if err != nil {
		return nil, after, s.readError(err)
	}
	return out, last, nil
}

// stopsKept is how long they are remembered. An engine that has not read them for so long has given back
// what it held.
const stopsKept = 10 * time.Minute

// watchers are those in this process who want to know of people at once who are suppressed.
type watchers struct {
	mu  sync.Mutex
	all []*func([]dispatch.Stop) func(context.Context)
}

// OnStop has f called whenever somebody was suppressed through this Store, until remove is. What f returns waits until
// orders to them that were just leaving have left; SuppressNew calls it before it returns.
func (s *Store) OnStop(f func([]dispatch.Stop) func(context.Context)) (remove func()) {
	s.watchers.mu.Lock()
	defer s.watchers.mu.Unlock()
	s.watchers.all = append(slices.Clone(s.watchers.all), &f)
	return func() {
		s.watchers.mu.Lock()
		defer s.watchers.mu.Unlock()
		s.watchers.all = slices.DeleteFunc(slices.Clone(s.watchers.all), func(g *func([]dispatch.Stop) func(context.Context)) bool { return g == &f })
	}
}

func (s *Store) tellStops(people []dispatch.Stop) []func(context.Context) {
	s.watchers.mu.Lock()
	all := s.watchers.all
	s.watchers.mu.Unlock()
	out := make([]func(context.Context), 0, len(all))
	for _, f := range all {
		out = append(out, (*f)(people))
	}
	return out
}
