package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"campanario/intake"
)

// over are the states of imports whose files nothing needs any more.
const over = `('done', 'cancelled', 'undone')`

// imports removes the files of imports that have ended, all of them: who stands in a file cannot be told without reading it as the import
// did. Others are named.
func (e *erasing) imports(ctx context.Context) error {
	w := e.contact.Workspace
	err := scan(ctx, e.s.reads, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		e.out.Imports = append(e.out.Imports, id)
		return err
	}, `SELECT id FROM import WHERE workspace_id = $1 AND state NOT IN `+over+` ORDER BY no`, w)
	if err != nil {
		return err
	}
	list, err := e.s.filed(ctx, ` AND workspace_id = $1 LIMIT $2`, w, mostFiles)
	if err != nil {
		return err
	}
	for _, no := range list {
		if err := e.s.dropFile(ctx, no); err != nil {
			return err
		}
		e.out.Files++
	}
	return nil
}

// mostFiles bounds how many files one erasure removes.
const mostFiles = 100_000

// filed gives imports that have ended and whose files, or samples of them, are still kept.
func (s *Store) filed(ctx context.Context, where string, args ...any) ([]int64, error) {
	var out []int64
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		var no int64
		err := rows.Scan(&no)
		out = append(out, no)
		return err
	}, `SELECT no FROM import WHERE state IN `+over+` AND parts > 0`+where, args...)
	return out, err
}

// dropFile removes the file of an import that has ended, and the samples that were taken of it.
func (s *Store) dropFile(ctx context.Context, no int64) error {
	return s.write(ctx, func(t *tx) error { return t.dropFile(ctx, no) })
}

func (t *tx) dropFile(ctx context.Context, no int64) error {
	var text []byte
	err := t.QueryRowContext(ctx, `UPDATE import SET parts = 0 WHERE no = $1 AND state IN `+over+` RETURNING found`, no).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // it began again
	}
	if err != nil {
		return err
	}
	if len(text) > 0 {
		var found intake.Suggestion
		if err := json.Unmarshal(text, &found); err != nil {
			return err
		}
		for i := range found.Columns {
			found.Columns[i].Samples = []string{}
		}
		value, err := jsonText(found)
		if err != nil {
			return err
		}
		if _, err := t.exec(ctx, `UPDATE import SET found = $1 WHERE no = $2`, value, no); err != nil {
			return err
		}
	}
	_, err = t.exec(ctx, `DELETE FROM import_part WHERE import_no = $1`, no)
	return err
}

// scanned is how many rows are looked through at a time.
const scanned = 1000

// problems removes refused rows, as they came, in which the person is.
func (e *erasing) problems(ctx context.Context) error {
	var imports []int64
	err := scan(ctx, e.s.reads, func(rows *sql.Rows) error {
		var no int64
		err := rows.Scan(&no)
		imports = append(imports, no)
		return err
	}, `SELECT no FROM import WHERE workspace_id = $1`, e.contact.Workspace)
	if err != nil {
		return err
	}
	for _, no := range imports {
		if err := e.problemsOf(ctx, no); err != nil {
			return err
		}
	}
	return nil
}

func (e *erasing) problemsOf(ctx context.Context, no int64) error {
	type place struct{ line, place int64 }
	last := place{-1, -1}
	for {
		var found []place
		n := 0
		err := scan(ctx, e.s.reads, func(rows *sql.Rows) error {
			var cells, params []byte
			if err := rows.Scan(&last.line, &last.place, &cells, &params); err != nil {
				return err
			}
			if n++; e.named(string(cells) + " " + string(params)) {
				found = append(found, last)
			}
			return nil
		}, `SELECT line, place, cells, params FROM import_problem WHERE import_no = $1 AND (line, place) > ($2, $3) ORDER BY line, place LIMIT $4`,
			no, last.line, last.place, scanned)
		if err != nil {
			return err
		}
		if len(found) > 0 {
			err := e.s.write(ctx, func(t *tx) error {
				for _, p := range found {
					if _, err := t.exec(ctx, `DELETE FROM import_problem WHERE import_no = $1 AND line = $2 AND place = $3`, no, p.line, p.place); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
			e.out.Problems += int64(len(found))
		}
		if n < scanned {
			return nil
		}
	}
}

// answers removes answers that are kept for requests that are repeated, in which the person is: the contact's own above all.
func (e *erasing) answers(ctx context.Context) error {
	var keys []string
	err := scan(ctx, e.s.reads, func(rows *sql.Rows) error {
		var key string
		var body []byte
		if err := rows.Scan(&key, &body); err != nil {
			return err
		}
		if text := string(body); e.named(text) || holds(text, []string{e.contact.ID}) {
			keys = append(keys, key)
		}
		return nil
	}, `SELECT key, body FROM idempotency WHERE workspace_id = $1 AND body IS NOT NULL`, e.contact.Workspace)
	if err != nil || len(keys) == 0 {
		return err
	}
	return e.s.write(ctx, func(t *tx) error {
		among, arg := t.d.anyOf("key", 2, keys)
		_, err := t.exec(ctx, `DELETE FROM idempotency WHERE workspace_id = $1 AND `+among, e.contact.Workspace, arg)
		return err
	})
}
