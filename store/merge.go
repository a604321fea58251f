package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"campanario/audience"
	"campanario/channel"
	"campanario/internal/fault"
)

// MergeContacts brings contacts in: those that are recognised are changed, all others made. What became of each is
// written into it.
func (s *Store) MergeContacts(ctx context.Context, workspace string, list []audience.Incoming, o audience.MergeOptions) error {
	first, err := s.contactNumbers(ctx, int64(len(list)))
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		if _, err := t.contactsChange(ctx, workspace); err != nil {
			return err
		}
		m := newMerging(t, t.d, t.veil, workspace, o)
		m.next = first
		if err := m.meetAll(ctx, list); err != nil {
			return err
		}
		what, err := m.come()
		if err != nil {
			return err
		}
		return t.putMerged(ctx, what)
	})
}

// contactsChange keeps others from changing what contacts of the workspace are recognised by until the transaction ends,
// and counts that somebody did. Whoever adds, edits or removes contacts calls it before it looks at any.
func (t *tx) contactsChange(ctx context.Context, workspace string) (epoch int64, err error) {
	err = t.QueryRowContext(ctx, `INSERT INTO contact_epoch (workspace_id, n) VALUES ($1, 1)
		ON CONFLICT (workspace_id) DO UPDATE SET n = contact_epoch.n + 1 RETURNING n`, workspace).Scan(&epoch)
	return epoch, err
}

// merging decides what becomes of contacts that come in.
type merging struct {
	q         querier
	d         dialect
	veil      *audience.Veil
	o         audience.MergeOptions
	workspace string
	from      int64                       // the number of the import; 0 for none
	next      int64                       // the number of whoever is made next
	known     map[int64]*audience.Contact // by number: those that are there, and those that are made
	was       map[int64]*audience.Contact // those that were there, as they were
	by        map[audience.MergeKey]map[string]int64
	made      []int64
	changed   map[int64]bool
	erased    map[string]bool // addresses of people who were erased
	again     map[int64]bool  // who came in without a change

	// back has marks written from the last to the first. Chunks take turns: each begins with the pages that the one before it
	// has left in the database's memory.
	back bool

	// before is a merge whose outcome the database may not show yet; nil when there is none.
	before *merging
	// perhaps reports whether the database may know something that contacts are recognised by; nil when that is not known.
	perhaps func(k audience.MergeKey, value string) bool
	// met reports whether an earlier part of a trial had somebody whom nobody knew then; nil outside of trials.
	met func(*audience.Contact) bool
}

func newMerging(q querier, d dialect, veil *audience.Veil, workspace string, o audience.MergeOptions) *merging {
	m := &merging{
		q: q, d: d, veil: veil, o: o, workspace: workspace, known: map[int64]*audience.Contact{}, was: map[int64]*audience.Contact{},
		by: map[audience.MergeKey]map[string]int64{}, changed: map[int64]bool{}, again: map[int64]bool{},
	}
	m.o.Now = o.Now.Truncate(time.Millisecond) // as it is kept
	for _, k := range audience.MergeKeys() {
		m.by[k] = map[string]int64{}
	}
	return m
}

// meetAll decides what becomes of each, in memory.
func (m *merging) meetAll(ctx context.Context, list []audience.Incoming) error {
	if err := m.look(ctx, list); err != nil {
		return err
	}
	var all []channel.Address
	for i := range list {
		all = append(all, list[i].Contact.Addresses()...)
	}
	var err error
	if m.erased, err = erasedAmong(ctx, m.q, m.d, m.veil, m.workspace, all); err != nil {
		return err
	}
	for i := range list {
		if err := m.meet(&list[i]); err != nil {
			return err
		}
	}
	return nil
}

// marksOf are what a contact can be recognised by.
func marksOf(c *audience.Contact, k audience.MergeKey) iter.Seq[string] {
	return func(yield func(string) bool) {
		switch k {
		case audience.ByDocument:
			if c.Document != "" {
				yield(c.Document)
			}
		case audience.ByExternalID:
			if c.ExternalID != "" {
				yield(c.ExternalID)
			}
		case audience.ByAnyPhone, audience.ByAnyEmail:
			kind := audience.ByPhone
			if k == audience.ByAnyEmail {
				kind = audience.ByEmail
			}
			for i := range c.Reaches {
				if c.Reaches[i].Kind == kind && !yield(strings.ToLower(string(c.Reaches[i].Address))) {
					return
				}
			}
		}
	}
}

// keys are those that contacts are looked for by: external ids always, as no two contacts may have the same.
func (m *merging) keys() []audience.MergeKey {
	if slices.Contains(m.o.By, audience.ByExternalID) {
		return m.o.By
	}
	return append(slices.Clone(m.o.By), audience.ByExternalID)
}

// look reads those who may be meant.
func (m *merging) look(ctx context.Context, list []audience.Incoming) error {
	numbers := map[int64]bool{}
	for _, k := range m.keys() {
		var wanted []string
		for i := range list {
			for v := range marksOf(&list[i].Contact, k) {
				if m.before != nil {
					if no := m.before.by[k][v]; no != 0 {
						m.inherit(no)
					}
				}
				if m.perhaps == nil || m.perhaps(k, v) {
					wanted = append(wanted, v)
				}
			}
		}
		if err := m.having(ctx, k, wanted, numbers); err != nil {
			return err
		}
	}
	missing := make([]int64, 0, len(numbers))
	for no := range numbers {
		if m.before != nil && m.before.known[no] != nil {
			m.inherit(no)
		} else {
			missing = append(missing, no)
		}
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		among, arg := m.d.anyOf("c.no", 1, missing)
		there, err := contactsBy(ctx, m.q, ` WHERE `+among, arg)
		if err != nil {
			return err
		}
		for i := range there {
			if c := &there[i]; c.Workspace == m.workspace { // marks of two workspaces may be the same
				m.known[c.No] = c
			}
		}
	}
	for _, no := range slices.Sorted(maps.Keys(m.known)) { // the oldest is the one that a key means
		c := m.known[no]
		was := *c
		m.was[no] = &was
		m.add(c)
	}
	return nil
}

// inherit takes a contact over as the merge before this one leaves it.
func (m *merging) inherit(no int64) {
	if m.known[no] == nil {
		c := *m.before.known[no]
		m.known[no] = &c
	}
}

// having adds the numbers of contacts that have one of the values of a key, or of a few others.
func (m *merging) having(ctx context.Context, k audience.MergeKey, values []string, to map[int64]bool) error {
	if len(values) == 0 {
		return nil
	}
	slices.Sort(values)
	values = slices.Compact(values)
	into := func(rows *sql.Rows) error {
		var no int64
		err := rows.Scan(&no)
		to[no] = true
		return err
	}
	switch k {
	case audience.ByAnyPhone, audience.ByAnyEmail:
		marks := make([]int64, len(values))
		for i, v := range values {
			marks[i] = markOf(m.workspace, channel.Address(v))
		}
		slices.Sort(marks)
		among, arg := m.d.anyOf("mark", 1, marks)
		return scan(ctx, m.q, into, `SELECT contact_no FROM reach WHERE `+among, arg)
	case audience.ByDocument, audience.ByExternalID:
		among, arg := m.d.anyOf(string(k), 2, values)
		return scan(ctx, m.q, into, `SELECT no FROM contact WHERE workspace_id = $1 AND `+among, m.workspace, arg)
	}
	return nil
}

// add makes a contact known; a key means the oldest of those who have it.
func (m *merging) add(c *audience.Contact) {
	m.known[c.No] = c
	for k, of := range m.by {
		for v := range marksOf(c, k) {
			if no, there := of[v]; !there || c.No < no {
				of[v] = c.No
			}
		}
	}
}

// gaveUp is for a key that a contact has no more: it means whoever else has it.
func (m *merging) gaveUp(k audience.MergeKey, value string, no int64) {
	if value == "" || m.by[k][value] != no {
		return
	}
	delete(m.by[k], value)
	for other, c := range m.known {
		for v := range marksOf(c, k) {
			if first, there := m.by[k][value]; v == value && (!there || other < first) {
				m.by[k][value] = other
			}
		}
	}
}

// find gives who is meant; 0 for nobody.
func (m *merging) find(in *audience.Contact) int64 {
	for _, k := range m.o.By {
		for v := range marksOf(in, k) {
			if no := m.by[k][v]; no != 0 {
				return no
			}
		}
	}
	return 0
}

func (m *merging) meet(in *audience.Incoming) error {
	in.Fate, in.Error, in.Before = "", nil, nil
	no := m.find(&in.Contact)
	if owner := m.by[audience.ByExternalID][in.Contact.ExternalID]; in.Contact.ExternalID != "" && owner != 0 && owner != no {
		in.Fate = audience.MergeRefused
		in.Error = fault.New(fault.Conflict, "external_id_taken", fault.Params{"external_id": in.Contact.ExternalID}).At("external_id")
		return nil
	}
	c := m.known[no]
	for _, r := range in.Contact.Reaches {
		if m.erased[barredAs(r.Address)] && (c == nil || !c.Has(r.Address)) {
			in.Fate, in.Error = audience.MergeRefused, fault.New(fault.Conflict, "address_erased", nil)
			return nil
		}
	}
	if no == 0 {
		if m.met != nil && m.met(&in.Contact) {
			in.Fate = audience.MergeUpdated
			return nil
		}
		m.create(in)
		return nil
	}
	if c.Priority == audience.PriorityNormal && in.Contact.Priority == "" {
		in.Contact.Priority = audience.PriorityNormal
	}
	o := m.o
	if was := m.was[no]; was == nil || m.again[no] || !o.Since.IsZero() && !was.ImportedAt.Before(o.Since) {
		o = o.Again()
	}
	document, external := c.Document, c.ExternalID
	different := o.Meet(c, &in.Contact)
	in.Contact.No, in.Contact.ID = no, c.ID
	switch was := m.was[no]; {
	case different:
		in.Fate = audience.MergeUpdated
		m.add(c) // by the keys that are new
		if c.Document != document {
			m.gaveUp(audience.ByDocument, document, no)
		}
		if c.ExternalID != external {
			m.gaveUp(audience.ByExternalID, external, no)
		}
		if m.changed[no] = true; was != nil {
			in.Before = was
		}
	case m.o.Verify && was != nil && was.Interacted():
		in.Fate = audience.MergeDropped
		return nil
	default:
		in.Fate = audience.MergeUnchanged
	}
	m.again[no] = true
	return nil
}

func (m *merging) create(in *audience.Incoming) {
	c := in.Contact
	c.No, c.ID, c.Workspace, c.Revision = m.next, audience.ContactID(m.next, m.o.Now), m.workspace, 1
	c.CreatedAt, c.UpdatedAt = m.o.Now, m.o.Now
	if c.Priority == "" {
		c.Priority = audience.PriorityNormal
	}
	m.next++
	in.Fate, in.Contact.No, in.Contact.ID = audience.MergeCreated, c.No, c.ID
	m.add(&c)
	m.made = append(m.made, c.No)
}

// merged is what a merge came to, ready to be written, as often as the transaction must be tried.
type merged struct {
	batches  []*batch
	made     []int64 // in their order
	freed    []int64 // who gave an external id up, perhaps for another
	same     []int64 // who came in without a change
	now      time.Time
	imported bool
	terms    *noted
}

// come is what the merge comes to. Nothing can be met after it.
func (m *merging) come() (*merged, error) {
	out := &merged{made: m.made, now: m.o.Now, imported: m.o.Import != "", terms: newNoted(m.workspace)}
	rewritten := &batch{table: "contact", columns: contactInserted, suffix: rewriteContact}
	contacts := &batch{table: "contact", columns: contactInserted, rows: make([][]any, 0, len(m.made))}
	reached := make([][]any, 0, 2*len(m.made))
	for _, no := range m.made {
		c := m.known[no]
		m.imported(c, out.terms)
		out.terms.gain(no, c.Terms())
		values, err := contactValues(c, 0)
		if err != nil {
			return nil, err
		}
		contacts.rows = append(contacts.rows, append([]any{c.No, c.Workspace, nullNo(m.from), 1, ms(c.CreatedAt)}, values...))
		reached = append(reached, reachRows(c, nil)...)
	}
	for _, no := range slices.Sorted(maps.Keys(m.again)) {
		was, c := m.was[no], m.known[no]
		if was == nil { // made by this very merge
			continue
		}
		m.imported(c, out.terms)
		if !m.changed[no] {
			out.terms.note(stamped(was, c))
			out.same = append(out.same, no)
			continue
		}
		if was.ExternalID != "" && was.ExternalID != c.ExternalID {
			out.freed = append(out.freed, no)
		}
		c.UpdatedAt = m.o.Now
		values, err := contactValues(c, 0)
		if err != nil {
			return nil, err
		}
		out.terms.note(changed(no, was.Terms(), c.Terms()))
		rewritten.rows = append(rewritten.rows, append([]any{c.No, c.Workspace, nil, c.Revision, ms(c.CreatedAt)}, values...))
		reached = append(reached, reachRows(c, was)...)
		c.Revision++
	}
	slices.SortFunc(reached, func(a, b []any) int { return cmp.Compare(a[0].(int64), b[0].(int64)) }) // neighbours are written at once
	if m.back {
		slices.Reverse(reached)
	}
	// External ids are taken after they were given up.
	out.batches = []*batch{rewritten, contacts, {table: "reach", columns: reachColumns, rows: reached}}
	for _, b := range out.batches {
		if err := b.pack(m.d); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// imported notes that the import wrote a contact.
func (m *merging) imported(c *audience.Contact, to *noted) {
	if m.o.Import != "" {
		c.ImportedAt = m.o.Now
		to.gain(c.No, []audience.Term{audience.NewTerm(audience.FieldImport, m.o.Import)})
	}
}

// stamped are the terms that change when nothing but the time of the import does.
func stamped(was, c *audience.Contact) change {
	before, after := audience.Contact{ImportedAt: was.ImportedAt}, audience.Contact{ImportedAt: c.ImportedAt}
	return changed(c.No, before.Terms(), after.Terms())
}

// rewriteContact is what becomes of the row of a contact that a merge changed. Whom it stands in for, which import made it
// and what is known of its addresses, no merge changes; the last may have become more since it was decided.
var rewriteContact = func() string {
	var q strings.Builder
	q.WriteString("ON CONFLICT (no) DO UPDATE SET ")
	for _, name := range contactEdited {
		if name != "primary_no" && name != "standings" {
			fmt.Fprintf(&q, "%s = excluded.%s, ", name, name)
		}
	}
	q.WriteString("revision = contact.revision + 1")
	return q.String()
}()

// putMerged writes what a merge came to.
func (t *tx) putMerged(ctx context.Context, m *merged) error {
	if len(m.freed) > 0 { // others may take them, even in turn
		among, arg := t.d.anyOf("no", 1, m.freed)
		if _, err := t.exec(ctx, `UPDATE contact SET external_id = NULL WHERE `+among, arg); err != nil {
			return err
		}
	}
	for _, b := range m.batches {
		if err := t.insertBatch(ctx, b); err != nil {
			return err
		}
	}
	if len(m.same) > 0 && m.imported {
		among, arg := t.d.anyOf("no", 2, m.same)
		if _, err := t.exec(ctx, `UPDATE contact SET imported_at = $1 WHERE `+among, ms(m.now), arg); err != nil {
			return err
		}
	}
	return t.indexNoted(ctx, m.terms)
}
