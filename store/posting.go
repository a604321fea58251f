package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"campanario/audience"
)

// change is what becomes of the terms of one contact.
type change struct {
	no           int64
	gained, lost []audience.Term
}

// changed compares a contact's terms before and after.
func changed(no int64, before, after []audience.Term) change {
	out := change{no: no}
	for _, t := range after {
		if !slices.ContainsFunc(before, t.Same) {
			out.gained = append(out.gained, t)
		}
	}
	for _, t := range before {
		if !slices.ContainsFunc(after, t.Same) {
			out.lost = append(out.lost, t)
		}
	}
	return out
}

// chunkBits is how many of a number's bits lie inside one bitmap.
const chunkBits = 16

// place is one bitmap: of a term, for one chunk of contacts.
type place struct{ term, chunk int64 }

// noted is what contacts gained and lost, by bitmap. It can be written as often as a transaction must be tried.
type noted struct {
	workspace string
	terms     map[int64]audience.Term
	gained    map[place]*roaring.Bitmap
	lost      map[place]*roaring.Bitmap
}

func newNoted(workspace string) *noted {
	return &noted{workspace: workspace, terms: map[int64]audience.Term{}, gained: map[place]*roaring.Bitmap{}, lost: map[place]*roaring.Bitmap{}}
}

func (x *noted) note(c change) {
	x.add(x.gained, c.no, c.gained)
	x.add(x.lost, c.no, c.lost)
}

func (x *noted) gain(no int64, terms []audience.Term) { x.add(x.gained, no, terms) }

func (x *noted) add(to map[place]*roaring.Bitmap, no int64, terms []audience.Term) {
	for i := range terms {
		n := terms[i].No(x.workspace)
		p := place{n, no >> chunkBits}
		b := to[p]
		if b == nil {
			b = roaring.New()
			to[p] = b
			if _, there := x.terms[n]; !there {
				x.terms[n] = terms[i]
			}
		}
		b.Add(uint32(no))
	}
}

// places are the bitmaps that change, in their order.
func (x *noted) places() []place {
	var out []place
	for p := range x.gained {
		out = append(out, p)
	}
	for p := range x.lost {
		if x.gained[p] == nil {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b place) int { return cmp.Or(cmp.Compare(a.term, b.term), cmp.Compare(a.chunk, b.chunk)) })
	return out
}

// indexing is the index's part of one transaction.
type indexing struct {
	*noted
	t    *tx
	left map[int64]bool // terms that stay out of the index
}

// index notes what contacts gained and lost. Whoever changes contacts calls it once, last: it takes the terms' rows, in
// their order, which makes others who touch the same terms wait.
func (t *tx) index(ctx context.Context, workspace string, changes []change) error {
	n := newNoted(workspace)
	for i := range changes {
		n.note(changes[i])
	}
	return t.indexNoted(ctx, n)
}

func (t *tx) indexNoted(ctx context.Context, n *noted) error {
	x := &indexing{noted: n, t: t, left: map[int64]bool{}}
	if err := x.crowded(ctx); err != nil || len(x.left) == len(x.terms) {
		return err
	}
	if err := x.count(ctx, nil); err != nil {
		return err
	}
	delta, err := x.rewrite(ctx)
	if err != nil {
		return err
	}
	return x.count(ctx, delta)
}

// crowded takes attributes out of the index that have too many values.
func (x *indexing) crowded(ctx context.Context) error {
	fields := map[audience.Field][]int64{}
	for n, term := range x.terms {
		if _, is := term.Field.Attribute(); is {
			fields[term.Field] = append(fields[term.Field], n)
		}
	}
	if len(fields) == 0 {
		return nil
	}
	state, err := x.t.attributes(ctx, x.workspace)
	if err != nil {
		return err
	}
	for field, terms := range fields {
		name, _ := field.Attribute()
		known, there := state[name]
		if !there || known >= 0 {
			more, err := x.unknown(ctx, terms)
			if err != nil {
				return err
			}
			if known += more; known <= x.t.maxTerms {
				if err := x.t.setAttribute(ctx, x.workspace, name, known); err != nil {
					return err
				}
				continue
			}
			if err := x.abandon(ctx, field, name); err != nil {
				return err
			}
		}
		for _, n := range terms {
			x.left[n] = true
		}
	}
	return nil
}

// attributes gives how many values of each attribute are indexed; -1 for one with too many.
func (t *tx) attributes(ctx context.Context, workspace string) (map[string]int64, error) {
	out := map[string]int64{}
	err := scan(ctx, t, func(rows *sql.Rows) error {
		var name string
		var n int64
		err := rows.Scan(&name, &n)
		out[name] = n
		return err
	}, `SELECT name, terms FROM attribute WHERE workspace_id = $1`, workspace)
	return out, err
}

func (t *tx) setAttribute(ctx context.Context, workspace, name string, terms int64) error {
	_, err := t.exec(ctx, `INSERT INTO attribute (workspace_id, name, terms) VALUES ($1, $2, $3)
		ON CONFLICT (workspace_id, name) DO UPDATE SET terms = excluded.terms WHERE attribute.terms <> excluded.terms`, workspace, name, terms)
	return err
}

// unknown is how many of the terms are not there yet.
func (x *indexing) unknown(ctx context.Context, terms []int64) (int64, error) {
	among, arg := x.t.d.anyOf("no", 1, terms)
	var n int64
	err := x.t.QueryRowContext(ctx, `SELECT COUNT(*) FROM term WHERE `+among, arg).Scan(&n)
	return int64(len(terms)) - n, err
}

// abandon forgets the index of an attribute.
func (x *indexing) abandon(ctx context.Context, field audience.Field, name string) error {
	if err := x.t.setAttribute(ctx, x.workspace, name, -1); err != nil {
		return err
	}
	_, err := x.t.exec(ctx, `DELETE FROM posting WHERE term_no IN (SELECT no FROM term WHERE workspace_id = $1 AND field = $2)`, x.workspace, string(field))
	if err == nil {
		_, err = x.t.exec(ctx, `DELETE FROM term WHERE workspace_id = $1 AND field = $2`, x.workspace, string(field))
	}
	return err
}

var termColumns = []string{"no", "workspace_id", "field", "value", "shown", "n"}

var postingColumns = []string{"term_no", "chunk", "bits"}

// count adds to how many contacts have each term, or only takes the terms' rows, making those that are missing.
func (x *indexing) count(ctx context.Context, delta map[int64]int64) error {
	numbers := make([]int64, 0, len(x.terms))
	for n := range x.terms {
		if !x.left[n] && (delta == nil || delta[n] != 0) {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	rows := make([][]any, len(numbers))
	for i, n := range numbers {
		term := x.terms[n]
		rows[i] = []any{n, x.workspace, string(term.Field), term.Value, term.Shown, delta[n]}
	}
	return x.t.insert(ctx, "term", termColumns, rows, "ON CONFLICT (no) DO UPDATE SET n = term.n + excluded.n")
}

// rewrite changes the bitmaps, and tells by how much each term grew.
func (x *indexing) rewrite(ctx context.Context) (map[int64]int64, error) {
	old, err := x.bitmaps(ctx)
	if err != nil {
		return nil, err
	}
	delta := map[int64]int64{}
	var rows [][]any
	for _, p := range x.places() {
		b := old[p]
		if b == nil {
			b = roaring.New()
		}
		before := b.GetCardinality()
		if lost := x.lost[p]; lost != nil {
			b.AndNot(lost)
		}
		if gained := x.gained[p]; gained != nil {
			b.Or(gained)
		}
		if delta[p.term] += int64(b.GetCardinality()) - int64(before); b.IsEmpty() && old[p] != nil {
			if _, err := x.t.exec(ctx, `DELETE FROM posting WHERE term_no = $1 AND chunk = $2`, p.term, p.chunk); err != nil {
				return nil, err
			}
		}
		if b.IsEmpty() {
			continue
		}
		b.RunOptimize()
		bits, err := b.ToBytes()
		if err != nil {
			return nil, err
		}
		rows = append(rows, []any{p.term, p.chunk, bits})
	}
	return delta, x.t.insert(ctx, "posting", postingColumns, rows,
		"ON CONFLICT (term_no, chunk) DO UPDATE SET bits = excluded.bits")
}

// places are those that are written.
func (x *indexing) places() []place {
	return slices.DeleteFunc(x.noted.places(), func(p place) bool { return x.left[p.term] })
}

// bitmaps reads those that change.
func (x *indexing) bitmaps(ctx context.Context) (map[place]*roaring.Bitmap, error) {
	places := x.places()
	var terms, chunks []int64
	for _, p := range places {
		if len(terms) == 0 || terms[len(terms)-1] != p.term {
			terms = append(terms, p.term)
		}
		chunks = append(chunks, p.chunk)
	}
	slices.Sort(chunks)
	chunks = slices.Compact(chunks)
	out := map[place]*roaring.Bitmap{}
	ofTerm, args := anyAmong(x.t.d, "term_no", 1, terms)
	ofChunk, arg := x.t.d.anyOf("chunk", len(args)+1, chunks)
	err := scan(ctx, x.t, func(rows *sql.Rows) error {
		var p place
		b, err := scanBits(rows, &p.term, &p.chunk)
		out[p] = b
		return err
	}, `SELECT term_no, chunk, bits FROM posting WHERE `+ofTerm+` AND `+ofChunk, append(args, arg)...)
	return out, err
}

// scanBits reads a row that ends with a bitmap.
func scanBits(rows *sql.Rows, before ...any) (*roaring.Bitmap, error) {
	var bits []byte
	if err := rows.Scan(append(before, &bits)...); err != nil {
		return nil, err
	}
	b := roaring.New()
	if err := b.UnmarshalBinary(bits); err != nil {
		return nil, fmt.Errorf("posting: %w", err)
	}
	return b, nil
}

// Having gives the contacts with any of the values of a field.
func (s *Store) Having(ctx context.Context, workspace string, f audience.Field, values []string) (*roaring.Bitmap, error) {
	terms := make([]int64, len(values))
	for i, v := range values {
		terms[i] = audience.NewTerm(f, v).No(workspace)
	}
	among, arg := s.d.anyOf("term_no", 1, terms)
	return s.union(ctx, `SELECT bits FROM posting WHERE `+among, arg)
}

// Between gives the contacts with a value of a field from one to another; an empty bound is none.
func (s *Store) Between(ctx context.Context, workspace string, f audience.Field, from, to string) (*roaring.Bitmap, error) {
	where, args := `t.workspace_id = $1 AND t.field = $2 AND t.value >= $3`, []any{workspace, string(f), from}
	if to != "" {
		where, args = where+` AND t.value <= $4`, append(args, to)
	}
	return s.union(ctx, `SELECT p.bits FROM term t JOIN posting p ON p.term_no = t.no WHERE `+where, args...)
}

func (s *Store) union(ctx context.Context, query string, args ...any) (*roaring.Bitmap, error) {
	var parts []*roaring.Bitmap
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		b, err := scanBits(rows)
		parts = append(parts, b)
		return err
	}, query, args...)
	return roaring.FastOr(parts...), s.readError(err)
}

// Indexed reports whether all values of an attribute, short ones at least, are in the index.
func (s *Store) Indexed(ctx context.Context, workspace, attribute string) (bool, error) {
	var n int64
	err := s.reads.QueryRowContext(ctx, `SELECT COALESCE(MIN(terms), 0) FROM attribute WHERE workspace_id = $1 AND name = $2`, workspace, attribute).Scan(&n)
	return n >= 0, s.readError(err)
}

// Terms lists the values of a field that somebody has, the most frequent first. search is a part of a value.
func (s *Store) Terms(ctx context.Context, workspace string, f audience.Field, search string, limit int) ([]audience.TermCount, error) {
	var out []audience.TermCount
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		c := audience.TermCount{}
		err := rows.Scan(&c.Value, &c.Count)
		out = append(out, c)
		return err
	}, `SELECT shown, n FROM term WHERE workspace_id = $1 AND field = $2 AND n > 0 AND value LIKE $3 ESCAPE '\' ORDER BY n DESC, value LIMIT $4`,
		workspace, string(f), "%"+escapeLike(strings.TrimSpace(audience.Fold(search)))+"%", limit)
	return out, s.readError(err)
}

// AttributeNames lists the attributes that contacts have.
func (s *Store) AttributeNames(ctx context.Context, workspace string) ([]string, error) {
	var out []string
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		out = append(out, name)
		return err
	}, `SELECT name FROM attribute WHERE workspace_id = $1 ORDER BY name`, workspace)
	return out, s.readError(err)
}
