package store

import (
	"context"
	"database/sql"
	"fmt"

	"campanario/campaign"
	"campanario/report"
)

var _ report.Source = (*Store)(nil)

// ReportNames gives the names of variables in a campaign, of recipients and of attempts. Both are looked for in the rows
// themselves: no list of them is kept, which every enrolment would have to wait for.
func (s *Store) ReportNames(ctx context.Context, workspace, id string, most int) (report.Names, error) {
	var out report.Names
	no, err := s.campaignNo(ctx, workspace, id)
	if err != nil {
		return out, err
	}
	into := func(list *[]string) func(*sql.Rows) error {
		return func(rows *sql.Rows) error {
			var name string
			err := rows.Scan(&name)
			*list = append(*list, name)
			return err
		}
	}
	after, before := keyBounds(no)
	err = s.read(ctx, func(t *sql.Tx) error {
		err := scan(ctx, t, into(&out.Brought), `SELECT DISTINCT j.key FROM recipient r, `+s.d.keysOf("r.variables", "")+
			` WHERE r.key > $1 AND r.key < $2 AND r.variables IS NOT NULL LIMIT $3`, after, before, most)
		if err != nil {
			return fmt.Errorf("names of variables: %w", err)
		}
		err = scan(ctx, t, into(&out.Collected), `SELECT DISTINCT j.key FROM attempt a, `+s.d.keysOf("a.detail", "collected")+
			` WHERE a.key > $1 AND a.key < $2 AND a.detail IS NOT NULL LIMIT $3`, after, before, most)
		if err != nil {
			return fmt.Errorf("names of collected variables: %w", err)
		}
		return nil
	})
	return out, err
}

// LineNames gives what lines are called.
func (s *Store) LineNames(ctx context.Context, workspace string) (map[string]string, error) {
	out := map[string]string{}
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		var id, name string
		err := rows.Scan(&id, &name)
		out[id] = name
		return err
	}, `SELECT id, name FROM line WHERE workspace_id = $1`, workspace)
	return out, s.readError(err)
}

// ReportPage gives recipients with their attempts.
func (s *Store) ReportPage(ctx context.Context, workspace, id string, f campaign.Filter, after campaign.Number, limit int) (out []report.Person, next campaign.Number, err error) {
	err = s.read(ctx, func(t *sql.Tx) error {
		out = nil
		no, state, err := stateOf(ctx, t, workspace, id)
		if err != nil {
			return err
		}
		var entries []campaign.Entry
		if entries, next, err = s.lookIn(ctx, t, no, state, f, after, limit); err != nil || len(entries) == 0 {
			return err
		}
		out = make([]report.Person, len(entries))
		keys := make([]int64, len(entries))
		for i := range entries {
			out[i].Entry = entries[i]
			keys[i] = key(no, entries[i].Number)
		}
		// Bounds on both tables leave no plan that reads all of one.
		among, args := "", []any{keys[0], keys[len(keys)-1]}
		if !everybody(f) {
			condition, arg := s.d.anyOf("a.key", 3, keys)
			among, args = " AND "+condition, append(args, arg)
		}
		i := 0
		return scan(ctx, t, func(rows *sql.Rows) error {
			a, err := scanAttempt(rows, id)
			for out[i].Number < a.Number { // both lists are in one order
				i++
			}
			out[i].Attempts = append(out[i].Attempts, a)
			return err
		}, attemptQuery+` WHERE a.key >= $1 AND a.key <= $2 AND r.key >= $1 AND r.key <= $2`+among+` ORDER BY a.key, a.ordinal`, args...)
	})
	return out, next, err
}

func everybody(f campaign.Filter) bool {
	return len(f.Statuses) == 0 && len(f.Outcomes) == 0 && len(f.Numbers) == 0 && f.Search == ""
}

// stretch gives recipients by the bounds of their numbers, which have no gaps: every table is read between two keys, so
// that the last page of a million costs what the first one does, whatever the database has gathered about its tables.
func (s *Store) stretch(ctx context.Context, t *sql.Tx, no int64, state campaign.State, after campaign.Number, limit int) ([]campaign.Entry, error) {
	var tails [campaign.Bands]campaign.Number
	err := t.QueryRowContext(ctx, `SELECT high_tail, normal_tail, low_tail FROM run WHERE campaign_no = $1`, no).Scan(&tails[0], &tails[1], &tails[2])
	if err != nil {
		return nil, err
	}
	var out []campaign.Entry
	for b := range campaign.Bands {
		from := max(after, b.First())
		to := min(tails[b], from+campaign.Number(limit-len(out)))
		if from >= to {
			continue
		}
		err := scan(ctx, t, func(rows *sql.Rows) error {
			e, err := scanEntry(rows, state)
			out = append(out, e)
			return err
		}, `SELECT `+entryColumns+entriesWithin+` ORDER BY r.key`, key(no, from), key(no, to))
		if err != nil || len(out) == limit {
			return out, err
		}
	}
	return out, nil
}
