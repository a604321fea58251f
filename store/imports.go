package store

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"campanario/audience"
	"campanario/intake"
	"campanario/internal/fault"
)

var _ intake.SessionStore = (*Store)(nil)

const sessionColumns = `no, id, workspace_id, state, name, size, parts, options, found, counts, rows_done, failure, made_by, revision,
	created_at, updated_at, ended_at`

func scanSession(row interface{ Scan(...any) error }) (intake.Session, error) {
	var s intake.Session
	var options, found, counts, failure []byte
	var created, updated, ended sql.NullInt64
	err := row.Scan(&s.No, &s.ID, &s.Workspace, &s.State, &s.Name, &s.Size, &s.Parts, &options, &found, &counts, &s.RowsDone, &failure, &s.By,
		&s.Revision, &created, &updated, &ended)
	if err != nil {
		return s, err
	}
	s.CreatedAt, s.UpdatedAt, s.EndedAt = at(created), at(updated), at(ended)
	for _, f := range []struct {
		text []byte
		to   any
	}{{options, &s.Settings}, {found, &s.Found}, {counts, &s.Counts}} {
		if len(f.text) > 0 {
			if err := json.Unmarshal(f.text, f.to); err != nil {
				return s, fmt.Errorf("import %s: %w", s.ID, err)
			}
		}
	}
	s.Failure, err = readFault(failure)
	return s, err
}

// storedFault is a fault in a column.
type storedFault struct {
	Kind   fault.Kind   `json:"kind"`
	Code   string       `json:"code"`
	Params fault.Params `json:"params,omitempty"`
	Field  string       `json:"field,omitempty"`
}

func faultText(f *fault.Error) (any, error) {
	if f == nil {
		return nil, nil
	}
	return jsonText(storedFault{f.Kind, f.Code, f.Params, f.Field})
}

func readFault(text []byte) (*fault.Error, error) {
	if len(text) == 0 {
		return nil, nil
	}
	var f storedFault
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, err
	}
	return f.fault(), nil
}

func (f storedFault) fault() *fault.Error { return fault.New(f.Kind, f.Code, f.Params).At(f.Field) }

// sessionTexts are a session's columns of JSON.
func sessionTexts(s *intake.Session) (options, found, counts, failure any, err error) {
	if options, err = jsonText(s.Settings); err != nil {
		return
	}
	if s.Found != nil {
		if found, err = jsonText(s.Found); err != nil {
			return
		}
	}
	if counts, err = jsonText(s.Counts); err != nil {
		return
	}
	failure, err = faultText(s.Failure)
	return
}

// AddSession makes an import and gives its number.
func (s *Store) AddSession(ctx context.Context, x intake.Session) (int64, error) {
	options, found, counts, failure, err := sessionTexts(&x)
	if err != nil {
		return 0, err
	}
	var no int64
	err = s.write(ctx, func(t *tx) error {
		var err error
		if no, err = t.serial(ctx, "import"); err != nil {
			return err
		}
		_, err = t.exec(ctx, `INSERT INTO import (no, id, workspace_id, state, name, size, parts, options, found, counts, rows_done, failure, made_by,
			revision, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1, $14, $14)`,
			no, x.ID, x.Workspace, string(x.State), x.Name, x.Size, x.Parts, options, found, counts, x.RowsDone, failure, x.By, ms(x.CreatedAt))
		return err
	})
	return no, err
}

// AddPart adds bytes of the file.
func (s *Store) AddPart(ctx context.Context, no, part int64, data []byte) error {
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	if err == nil {
		_, err = z.Write(data)
	}
	if err = errors.Join(err, z.Close()); err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `INSERT INTO import_part (import_no, part, data) VALUES ($1, $2, $3)`, no, part, packed.Bytes())
		return err
	})
}

// File reads the file from its beginning.
func (s *Store) File(ctx context.Context, x *intake.Session) io.Reader {
	return &parts{s: s, ctx: ctx, no: x.No, of: x.Parts}
}

// parts reads a file part by part. It is not safe for concurrent use.
type parts struct {
	s    *Store
	ctx  context.Context //nolint:containedctx // of one reading
	no   int64
	of   int64
	next int64
	now  *bytes.Reader
}

func (p *parts) Read(b []byte) (int, error) {
	for p.now == nil || p.now.Len() == 0 {
		if p.next == p.of {
			return 0, io.EOF
		}
		var packed []byte
		err := p.s.reads.QueryRowContext(p.ctx, `SELECT data FROM import_part WHERE import_no = $1 AND part = $2`, p.no, p.next).Scan(&packed)
		if err != nil {
			return 0, p.s.readError(err)
		}
		z, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return 0, err
		}
		data, err := io.ReadAll(z)
		if err != nil {
			return 0, err
		}
		p.next++
		p.now = bytes.NewReader(data)
	}
	return p.now.Read(b)
}

// ReplaceSession writes a session over a revision of it.
func (s *Store) ReplaceSession(ctx context.Context, x intake.Session, revision int64) error {
	options, found, counts, failure, err := sessionTexts(&x)
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE import SET state = $1, name = $2, size = $3, parts = $4, options = $5, found = $6, counts = $7, rows_done = $8,
			failure = $9, updated_at = $10, ended_at = $11, node_no = NULL, lease_until = NULL, revision = revision + 1
			WHERE no = $12 AND revision = $13`,
			string(x.State), x.Name, x.Size, x.Parts, options, found, counts, x.RowsDone, failure, ms(x.UpdatedAt), ms(x.EndedAt), x.No, revision)
		if err == nil && n == 0 {
			err = t.stale(ctx, "import", x.Workspace, x.ID, revision)
		}
		if begins := x.State == intake.StateReady || x.State == intake.StateChecking || x.State == intake.StateRunning; err == nil && begins && x.RowsDone == 0 {
			_, err = t.exec(ctx, `DELETE FROM import_problem WHERE import_no = $1`, x.No)
		}
		return err
	})
}

// Session gives an import of the workspace.
func (s *Store) Session(ctx context.Context, workspace, id string) (intake.Session, error) {
	x, err := scanSession(s.reads.QueryRowContext(ctx, `SELECT `+sessionColumns+` FROM import WHERE id = $1 AND workspace_id = $2`, id, workspace))
	if errors.Is(err, sql.ErrNoRows) {
		return x, notFound("import", id)
	}
	return x, s.readError(err)
}

// Sessions lists imports, the newest first.
func (s *Store) Sessions(ctx context.Context, workspace string, q intake.SessionQuery) ([]intake.Session, error) {
	where, args := ` WHERE workspace_id = $1`, []any{workspace, q.Limit}
	if q.After != 0 {
		where, args = where+` AND no < $3`, append(args, q.After)
	}
	var out []intake.Session
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		x, err := scanSession(rows)
		out = append(out, x)
		return err
	}, `SELECT `+sessionColumns+` FROM import`+where+` ORDER BY no DESC LIMIT $2`, args...)
	return out, s.readError(err)
}

// DeleteSession removes an import and what is kept of it; the contacts stay.
func (s *Store) DeleteSession(ctx context.Context, workspace, id string) error {
	return s.write(ctx, func(t *tx) error {
		var no int64
		err := t.QueryRowContext(ctx, `DELETE FROM import WHERE id = $1 AND workspace_id = $2 RETURNING no`, id, workspace).Scan(&no)
		if errors.Is(err, sql.ErrNoRows) {
			return notFound("import", id)
		}
		for _, table := range []string{"import_part", "import_problem", "import_before"} {
			if err == nil {
				_, err = t.exec(ctx, `DELETE FROM `+table+` WHERE import_no = $1`, no)
			}
		}
		return err
	})
}

// TakeSession gives an import that needs work and that nobody holds.
func (s *Store) TakeSession(ctx context.Context, h intake.Hold, now time.Time) (intake.Session, bool, error) {
	var x intake.Session
	err := s.write(ctx, func(t *tx) error {
		var err error
		x, err = scanSession(t.QueryRowContext(ctx, `UPDATE import SET node_no = $1, lease_until = $2
			WHERE no = (SELECT no FROM import WHERE state IN ('checking', 'running', 'undoing') AND (lease_until IS NULL OR lease_until < $3)
				ORDER BY no LIMIT 1) AND (lease_until IS NULL OR lease_until < $3)
			RETURNING `+sessionColumns, h.Node, ms(h.Until), ms(now)))
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return x, false, nil
	}
	return x, err == nil, err
}

// held takes the row of an import that a node works on; false when it does not any more. It counts what was done.
func (t *tx) held(ctx context.Context, x *intake.Session, h intake.Hold, state intake.State, rowsDone int64, counts intake.Counts) (bool, error) {
	text, err := jsonText(counts)
	if err != nil {
		return false, err
	}
	n, err := t.exec(ctx, `UPDATE import SET lease_until = $1, rows_done = $2, counts = $3 WHERE no = $4 AND node_no = $5 AND state = $6`,
		ms(h.Until), rowsDone, text, x.No, h.Node, string(state))
	return n > 0, err
}

// fates counts what became of contacts.
func fates(list []audience.Incoming) intake.Counts {
	var out intake.Counts
	for i := range list {
		switch list[i].Fate {
		case audience.MergeCreated:
			out.Created++
		case audience.MergeUpdated:
			out.Updated++
		case audience.MergeUnchanged:
			out.Unchanged++
		case audience.MergeDropped:
			out.Dropped++
		case audience.MergeRefused:
			out.Refused++
		}
	}
	return out
}

// refusals are the contacts that the base did not take.
func refusals(c *intake.Chunk) []intake.Problem {
	var out []intake.Problem
	for i := range c.Contacts {
		if e := c.Contacts[i].Error; e != nil {
			if e.Code == "address_erased" { // nothing is kept of who was erased
				out = append(out, intake.Problem{Line: c.Contacts[i].Line, Column: e.Field, Error: e, Severity: intake.Refused})
				continue
			}
			out = append(out, intake.Problem{Line: c.Contacts[i].Line, Column: e.Field, Error: e.At(""), Cells: c.CellsOf(i), Severity: intake.Refused})
		}
	}
	return out
}

// problems keeps what is wrong in a chunk. What orders several of a line is how many were counted before them.
func (t *tx) problems(ctx context.Context, x *intake.Session, list []intake.Problem) error {
	rows := make([][]any, len(list))
	for i := range list {
		p := &list[i]
		params, err := jsonText(p.Error.Params)
		if err != nil {
			return err
		}
		cells, err := jsonText(p.Cells)
		if err != nil {
			return err
		}
		rows[i] = []any{x.No, p.Line, x.Counts.Refused + x.Counts.Warnings + int64(i), string(p.Severity), p.Column, p.Error.Code, params, cells}
	}
	return t.insert(ctx, "import_problem", []string{"import_no", "line", "place", "severity", "column_name", "code", "params", "cells"}, rows, "ON CONFLICT DO NOTHING")
}

// firstProblems are those that a trial keeps beside as many as it has met before.
func firstProblems(met *intake.Counts, list []intake.Problem) []intake.Problem {
	room := map[intake.Severity]int64{intake.Refused: intake.MostTrialProblems - met.Refused, intake.Warning: intake.MostTrialProblems - met.Warnings}
	out := make([]intake.Problem, 0, min(len(list), 2*intake.MostTrialProblems))
	for i := range list {
		if s := list[i].Severity; room[s] > 0 {
			room[s]--
			out = append(out, list[i])
		}
	}
	return out
}

// before keeps contacts as they were; of one that is changed several times, the first.
func (t *tx) before(ctx context.Context, no int64, list []audience.Incoming) error {
	var rows [][]any
	seen := map[int64]bool{}
	for i := range list {
		b := list[i].Before
		if b == nil || seen[b.No] {
			continue
		}
		seen[b.No] = true
		text, err := jsonText(b)
		if err != nil {
			return err
		}
		rows = append(rows, []any{no, b.No, b.Revision + 1, text})
	}
	return t.insert(ctx, "import_before", []string{"import_no", "contact_no", "revision", "contact"}, rows,
		"ON CONFLICT (import_no, contact_no) DO UPDATE SET revision = excluded.revision")
}

// UndoChunk takes back some of what an import did: contacts that it made go, those that it changed are as they were
// before. Who has changed since, or was contacted, stays.
func (s *Store) UndoChunk(ctx context.Context, x *intake.Session, h intake.Hold, n int, now time.Time) (intake.Counts, bool, error) {
	var did intake.Counts
	var more, ours bool
	counts := x.Counts
	err := s.write(ctx, func(t *tx) error {
		did, counts = intake.Counts{}, x.Counts
		seen, err := t.undoMade(ctx, x, n, &did)
		if err != nil {
			return err
		}
		if more = seen == n; !more {
			changed, err := t.undoChanged(ctx, x, n, now, &did)
			if err != nil {
				return err
			}
			more = changed == n
		}
		if !more {
			taken, err := t.undoBasis(ctx, x, n, now)
			if err != nil {
				return err
			}
			more = taken == n
		}
		counts.Add(did)
		ours, err = t.held(ctx, x, h, intake.StateUndoing, x.RowsDone, counts)
		if err == nil && !ours {
			err = errDry
		}
		return err
	})
	if errors.Is(err, errDry) {
		return intake.Counts{}, false, nil
	}
	if err == nil {
		x.Counts = counts
	}
	return did, more, err
}

// undoMade removes contacts that the import made.
func (t *tx) undoMade(ctx context.Context, x *intake.Session, n int, did *intake.Counts) (int, error) {
	made, err := t.madeBy(ctx, x.No, n)
	if err != nil {
		return 0, err
	}
	numbers := make([]int64, len(made))
	for i := range made {
		numbers[i] = made[i].No
	}
	last, err := t.lastRevisions(ctx, x.No, numbers)
	if err != nil {
		return 0, err
	}
	var gone []audience.Contact
	for i := range made {
		if c := &made[i]; c.Revision != max(1, last[c.No]) || c.Interacted() {
			did.Kept++
			continue
		}
		did.Undone++
		gone = append(gone, made[i])
	}
	if len(gone) == 0 {
		return len(made), nil
	}
	return len(made), t.deleteContacts(ctx, x.Workspace, gone)
}

// madeBy gives the next contacts that the import made: each once, in the order of their numbers. There is no index of them:
// it would be written for every row of every import.
func (t *tx) madeBy(ctx context.Context, no int64, n int) ([]audience.Contact, error) {
	var from, to int64
	err := t.QueryRowContext(ctx, `SELECT COALESCE(made_from, 1), COALESCE(made_to, 0) FROM import WHERE no = $1`, no).Scan(&from, &to)
	if err != nil {
		return nil, err
	}
	made, err := contactsBy(ctx, t, ` WHERE c.no >= $1 AND c.no <= $2 AND c.import_no = $3 ORDER BY c.no LIMIT $4`, from, to, no, n)
	if err != nil || len(made) == 0 {
		return nil, err
	}
	_, err = t.exec(ctx, `UPDATE import SET made_from = $1 WHERE no = $2`, made[len(made)-1].No+1, no)
	return made, err
}

// made notes which contacts an import made.
func (t *tx) made(ctx context.Context, no int64, contacts []int64) error {
	if len(contacts) == 0 {
		return nil
	}
	_, err := t.exec(ctx, `UPDATE import SET made_from = COALESCE(made_from, $1), made_to = $2 WHERE no = $3`,
		contacts[0], contacts[len(contacts)-1], no)
	return err
}

// lastRevisions takes contacts out of those to be given back, and says which revisions the import left them at.
func (t *tx) lastRevisions(ctx context.Context, no int64, contacts []int64) (map[int64]int64, error) {
	out := map[int64]int64{}
	if len(contacts) == 0 {
		return out, nil
	}
	among, arg := t.d.anyOf("contact_no", 2, contacts)
	err := scan(ctx, t, func(rows *sql.Rows) error {
		var contact, revision int64
		err := rows.Scan(&contact, &revision)
		out[contact] = revision
		return err
	}, `SELECT contact_no, revision FROM import_before WHERE import_no = $1 AND `+among, no, arg)
	if err == nil {
		_, err = t.exec(ctx, `DELETE FROM import_before WHERE import_no = $1 AND `+among, no, arg)
	}
	return out, err
}

// undoChanged gives contacts back what they were.
func (t *tx) undoChanged(ctx context.Context, x *intake.Session, n int, now time.Time, did *intake.Counts) (int, error) {
	type row struct {
		revision int64
		was      audience.Contact
	}
	var list []row
	var numbers []int64
	err := scan(ctx, t, func(rows *sql.Rows) error {
		var r row
		var no int64
		var text []byte
		if err := rows.Scan(&no, &r.revision, &text); err != nil {
			return err
		}
		list, numbers = append(list, r), append(numbers, no)
		return json.Unmarshal(text, &list[len(list)-1].was)
	}, `SELECT contact_no, revision, contact FROM import_before WHERE import_no = $1 ORDER BY contact_no LIMIT $2`, x.No, n)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	for i := range list {
		c := &list[i].was
		c.UpdatedAt = now
		err := t.replaceContact(ctx, c, list[i].revision)
		switch {
		case fault.Is(err, "revision_stale"), fault.Is(err, "contact_not_found"), fault.Is(err, "address_erased"):
			did.Kept++
		case err != nil:
			return 0, err
		default:
			did.Undone++
		}
	}
	among, arg := t.d.anyOf("contact_no", 2, numbers)
	_, err = t.exec(ctx, `DELETE FROM import_before WHERE import_no = $1 AND `+among, x.No, arg)
	return len(list), err
}

// EndSession notes how the work ended.
func (s *Store) EndSession(ctx context.Context, x *intake.Session, h intake.Hold, state intake.State, failure *fault.Error, now time.Time) error {
	text, err := faultText(failure)
	if err != nil {
		return err
	}
	if state == intake.StateDone {
		if err := s.tieLeft(ctx, x, h); err != nil {
			if errors.Is(err, errDry) { // it is not ours any more
				return nil
			}
			return err
		}
	}
	return s.write(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `UPDATE import SET state = $1, failure = $2, ended_at = $3, updated_at = $3, node_no = NULL, lease_until = NULL, revision = revision + 1
			WHERE no = $4 AND node_no = $5 AND state = $6`, string(state), text, ms(now), x.No, h.Node, string(x.State))
		return err
	})
}

// Problems gives what the trial or the import has met so far, in the order of the file.
func (s *Store) Problems(ctx context.Context, x *intake.Session, q intake.ProblemQuery) ([]intake.Problem, error) {
	where, args := `import_no = $1 AND (line > $2 OR line = $2 AND place > $3)`, []any{x.No, q.AfterLine, q.After, q.Limit}
	if q.Severity != "" {
		where, args = where+` AND severity = $5`, append(args, string(q.Severity))
	}
	var out []intake.Problem
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		var p intake.Problem
		var code string
		var params, cells []byte
		if err := rows.Scan(&p.Line, &p.Place, &p.Severity, &p.Column, &code, &params, &cells); err != nil {
			return err
		}
		var given fault.Params
		if err := errors.Join(json.Unmarshal(params, &given), json.Unmarshal(cells, &p.Cells)); err != nil {
			return fmt.Errorf("problem of import %s: %w", x.ID, err)
		}
		p.Error = &fault.Error{Kind: fault.Invalid, Code: code, Params: given} // as it was made when the file was read
		out = append(out, p)
		return nil
	}, `SELECT line, place, severity, column_name, code, params, cells FROM import_problem WHERE `+where+` ORDER BY line, place LIMIT $4`, args...)
	return out, s.readError(err)
}
