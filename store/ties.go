package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"campanario/audience"
	"campanario/channel"
	"campanario/intake"
	"campanario/internal/fault"
)

// tie is a contact that stands in for somebody whom a file names.
type tie struct {
	contact int64
	line    int
	key     audience.PrimaryKey
}

// tiesOf are the ties of a chunk's contacts, of each contact the last.
func tiesOf(list []audience.Incoming) []tie {
	var out []tie
	at := map[int64]int{}
	for i := range list {
		in := &list[i]
		if in.PrimaryKey == nil || in.Fate == audience.MergeDropped || in.Fate == audience.MergeRefused {
			continue
		}
		x := tie{in.Contact.No, in.Line, *in.PrimaryKey}
		if j, there := at[x.contact]; there {
			out[j] = x
			continue
		}
		at[x.contact] = len(out)
		out = append(out, x)
	}
	return out
}

// tieAll makes stand-ins of contacts whose primaries are known, and keeps the others for later.
func (t *tx) tieAll(ctx context.Context, x *intake.Session, list []tie) error {
	if len(list) == 0 {
		return nil
	}
	left, err := t.tieKnown(ctx, x, list)
	if err != nil || len(left) == 0 {
		return err
	}
	rows := make([][]any, len(left))
	for i := range left {
		k := &left[i].key
		rows[i] = []any{x.No, left[i].contact, left[i].line, k.ExternalID, k.Document, string(k.Address)}
	}
	return t.insert(ctx, "import_tie", []string{"import_no", "contact_no", "line", "external_id", "document", "address"}, rows,
		`ON CONFLICT (import_no, contact_no) DO UPDATE SET line = excluded.line, external_id = excluded.external_id,
		document = excluded.document, address = excluded.address`)
}

// tieKnown makes stand-ins of those whose primaries are known, and gives the others.
func (t *tx) tieKnown(ctx context.Context, x *intake.Session, list []tie) ([]tie, error) {
	found, err := t.primaries(ctx, x.Workspace, list)
	if err != nil {
		return nil, err
	}
	var left []tie
	to := map[int64]int64{}
	for i := range list {
		p, there := found.of(&list[i].key)
		switch {
		case !there:
			left = append(left, list[i])
		case p != list[i].contact: // nobody stands in for themselves
			to[list[i].contact] = p
		}
	}
	return left, t.standIn(ctx, x.No, to)
}

// primaries are contacts by what a file calls them, each the oldest.
type primaries struct {
	byExternal, byDocument, byAddress map[string]int64
}

// of gives who is meant. Who stands in for somebody is not: the one that they stand in for is.
func (p *primaries) of(k *audience.PrimaryKey) (int64, bool) {
	for _, by := range []struct {
		all   map[string]int64
		value string
	}{{p.byExternal, k.ExternalID}, {p.byDocument, k.Document}, {p.byAddress, strings.ToLower(string(k.Address))}} {
		if no, there := by.all[by.value]; there && by.value != "" {
			return no, true
		}
	}
	return 0, false
}

func (t *tx) primaries(ctx context.Context, workspace string, list []tie) (*primaries, error) {
	out := &primaries{map[string]int64{}, map[string]int64{}, map[string]int64{}}
	var external, documents []string
	var marks []int64
	for i := range list {
		k := &list[i].key
		external, documents = append(external, k.ExternalID), append(documents, k.Document)
		if k.Address != "" {
			marks = append(marks, markOf(workspace, k.Address))
		}
	}
	const from = `SELECT COALESCE(p.no, c.no), `
	for _, f := range []struct {
		to     map[string]int64
		column string
		among  any
		query  string
	}{
		{out.byExternal, "c.external_id", uniqueTexts(external), `c.external_id FROM contact c`},
		{out.byDocument, "c.document", uniqueTexts(documents), `c.document FROM contact c`},
	} {
		among, arg := t.d.anyOf(f.column, 2, f.among)
		err := scan(ctx, t, func(rows *sql.Rows) error {
			var no int64
			var value string
			err := rows.Scan(&no, &value)
			if _, there := f.to[value]; !there { // the oldest comes first
				f.to[value] = no
			}
			return err
		}, from+f.query+` LEFT JOIN contact p ON p.no = c.primary_no WHERE c.workspace_id = $1 AND `+among+` ORDER BY c.no`, workspace, arg)
		if err != nil {
			return nil, err
		}
	}
	among, args := anyAmong(t.d, "mark", 2, marks)
	return out, scan(ctx, t, func(rows *sql.Rows) error {
		var no int64
		var text []byte
		if err := rows.Scan(&no, &text); err != nil {
			return err
		}
		reaches, err := reachesOf(text, nil)
		for i := range reaches {
			low := strings.ToLower(string(reaches[i].Address))
			if _, there := out.byAddress[low]; !there {
				out.byAddress[low] = no
			}
		}
		return err
	}, from+`c.reaches FROM contact c LEFT JOIN contact p ON p.no = c.primary_no
		WHERE c.workspace_id = $1 AND c.no IN (SELECT contact_no FROM reach WHERE `+among+`) ORDER BY c.no`, append([]any{workspace}, args...)...)
}

func uniqueTexts(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// standIn has contacts stand in for others. How those were that are not of the import is kept, for undoing it. Who stood in
// for one of them stands in for the same by now.
func (t *tx) standIn(ctx context.Context, no int64, to map[int64]int64) error {
	if len(to) == 0 {
		return nil
	}
	numbers := sortedNumbers(to)
	among, arg := t.d.anyOf("c.no", 2, numbers)
	others, err := contactsBy(ctx, t, ` WHERE (c.import_no IS NULL OR c.import_no <> $1) AND `+among, no, arg)
	if err != nil {
		return err
	}
	rows := make([][]any, len(others))
	for i := range others {
		text, err := jsonText(&others[i])
		if err != nil {
			return err
		}
		rows[i] = []any{no, others[i].No, others[i].Revision, text}
	}
	if err := t.insert(ctx, "import_before", []string{"import_no", "contact_no", "revision", "contact"}, rows, "ON CONFLICT DO NOTHING"); err != nil {
		return err
	}
	for part := range slices.Chunk(numbers, meetRows) {
		var q strings.Builder
		q.WriteString(`WITH v (no, to_no) AS (VALUES `)
		args := make([]any, 0, 2*len(part))
		for i, n := range part {
			if i > 0 {
				q.WriteString(", ")
			}
			fmt.Fprintf(&q, "(CAST($%d AS BIGINT), CAST($%d AS BIGINT))", len(args)+1, len(args)+2)
			args = append(args, n, to[n])
		}
		with := q.String()
		for _, do := range []string{
			`) UPDATE contact SET primary_no = v.to_no FROM v WHERE contact.no = v.no`,
			`) UPDATE contact SET primary_no = v.to_no FROM v WHERE contact.primary_no = v.no`,
		} {
			if _, err := t.exec(ctx, with+do, args...); err != nil {
				return err
			}
		}
	}
	return nil
}

// tieRows is how many contacts one transaction ties at the end of an import.
const tieRows = 1000

// tieLeft ties contacts whose primaries came later than they, and tells of those whose primaries nobody knows.
func (s *Store) tieLeft(ctx context.Context, x *intake.Session, h intake.Hold) error {
	for more := true; more; {
		counts := x.Counts
		err := s.write(ctx, func(t *tx) error {
			counts = x.Counts
			list, err := t.tiesLeft(ctx, x.No)
			if more = len(list) == tieRows; err != nil || len(list) == 0 {
				return err
			}
			if _, err := t.contactsChange(ctx, x.Workspace); err != nil {
				return err
			}
			lost, err := t.tieKnown(ctx, x, list)
			if err != nil {
				return err
			}
			if err := t.problems(ctx, x, unknownPrimaries(lost)); err != nil {
				return err
			}
			counts.Warnings += int64(len(lost))
			ours, err := t.held(ctx, x, h, x.State, x.RowsDone, counts)
			if err == nil && !ours {
				err = errDry
			}
			return err
		})
		if err != nil {
			return err
		}
		x.Counts = counts
	}
	return nil
}

// tiesLeft takes some of the ties that are left.
func (t *tx) tiesLeft(ctx context.Context, no int64) ([]tie, error) {
	var list []tie
	var numbers []int64
	err := scan(ctx, t, func(rows *sql.Rows) error {
		var one tie
		var address string
		err := rows.Scan(&one.contact, &one.line, &one.key.ExternalID, &one.key.Document, &address)
		one.key.Address = channel.Address(address)
		list, numbers = append(list, one), append(numbers, one.contact)
		return err
	}, `SELECT contact_no, line, external_id, document, address FROM import_tie WHERE import_no = $1 ORDER BY contact_no LIMIT $2`, no, tieRows)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	among, arg := t.d.anyOf("contact_no", 2, numbers)
	_, err = t.exec(ctx, `DELETE FROM import_tie WHERE import_no = $1 AND `+among, no, arg)
	return list, err
}

func unknownPrimaries(list []tie) []intake.Problem {
	out := make([]intake.Problem, len(list))
	for i := range list {
		k := &list[i].key
		out[i] = intake.Problem{
			Line: list[i].line, Column: string(intake.FieldPrimary), Severity: intake.Warning,
			Error: fault.New(fault.Invalid, "primary_unknown", fault.Params{"value": k.ExternalID}),
		}
	}
	return out
}
