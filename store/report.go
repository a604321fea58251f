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
			` WHERE r.key > $1 AND r.key < $2 AND r.variables IS NOT NULL ORDER BY 1 LIMIT $3`, after, before, most)
		if err != nil {
			return fmt.Errorf("names of variables: %w", err)
		}
		err = scan(ctx, t, into(&out.Collected), `SELECT DISTINCT j.key FROM attempt a, `+s.d.keysOf("a.detail", "collected")+
			` WHERE a.key > $1 AND a.key < $2 AND a.detail IS NOT NULL ORDER BY 1 LIMIT $3`, after, before, most)
		if err != nil {
			return fmt.Errorf("names of collected variables: %w", err)
		}
		return nil
	})
	return out, err
}

// ReportPage gives recipients with their attempts.
func (s *Store) ReportPage(ctx context.Context, workspace, id string, f campaign.Filter, after campaign.Number, limit int) ([]report.Person, error) {
	var out []report.Person
	err := s.read(ctx, func(t *sql.Tx) error {
		out = nil
		no, state, err := stateOf(ctx, t, workspace, id)
		if err != nil {
			return err
		}
		entries, err := s.entries(ctx, t, no, state, f, after, limit)
		if err != nil || len(entries) == 0 {
			return err
		}
		out = make([]report.Person, len(entries))
		keys := make([]int64, len(entries))
		for i := range entries {
			out[i].Entry = entries[i]
			keys[i] = key(no, entries[i].Number)
		}
		among, arg := s.d.anyOf("a.key", 1, keys)
		i := 0
		return scan(ctx, t, func(rows *sql.Rows) error {
			a, err := scanAttempt(rows, id)
			for out[i].Number < a.Number { // both lists are in one order
				i++
			}
			out[i].Attempts = append(out[i].Attempts, a)
			return err
		}, attemptQuery+` WHERE `+among+` ORDER BY a.key, a.ordinal`, arg)
	})
	return out, err
}
