package store

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"campanario/audience"
	"campanario/internal/fault"
)

// MergeContacts brings contacts in: those that are recognised are changed, all others made. What became of each is
// written into it.
func (s *Store) MergeContacts(ctx context.Context, workspace string, list []audience.Incoming, o audience.MergeOptions) error {
	first, err := s.numbers(ctx, "contact", int64(len(list)))
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error { return t.merge(ctx, workspace, first, 0, list, o) })
}

// merging is one merge under way.
type merging struct {
	t         *tx
	o         audience.MergeOptions
	workspace string
	from      int64                       // the number of the import; 0 for none
	next      int64                       // the number of whoever is made next
	known     map[int64]*audience.Contact // by number: those that are there, and those that are made
	was       map[int64]*audience.Contact // those that were there, as they were
	by        map[audience.MergeKey]map[string]int64
	made      []int64
	changed   map[int64]bool
	again     map[int64]bool // who came in without a change
}

func newMerging(t *tx, workspace string, first, from int64, o audience.MergeOptions) *merging {
	m := &merging{
		t: t, o: o, workspace: workspace, next: first, from: from, known: map[int64]*audience.Contact{}, was: map[int64]*audience.Contact{},
		by: map[audience.MergeKey]map[string]int64{}, changed: map[int64]bool{}, again: map[int64]bool{},
	}
	for _, k := range audience.MergeKeys() {
		m.by[k] = map[string]int64{}
	}
	return m
}

func (t *tx) merge(ctx context.Context, workspace string, first, from int64, list []audience.Incoming, o audience.MergeOptions) error {
	m := newMerging(t, workspace, first, from, o)
	if err := m.meetAll(ctx, list); err != nil {
		return err
	}
	return m.write(ctx)
}

// meetAll decides what becomes of each, in memory.
func (m *merging) meetAll(ctx context.Context, list []audience.Incoming) error {
	if err := m.look(ctx, list); err != nil {
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
func marksOf(c *audience.Contact, k audience.MergeKey) []string {
	one := func(s string) []string {
		if s == "" {
			return nil
		}
		return []string{s}
	}
	switch k {
	case audience.ByDocument:
		return one(c.Document)
	case audience.ByExternalID:
		return one(c.ExternalID)
	case audience.ByAnyPhone, audience.ByAnyEmail:
		kind := audience.ByPhone
		if k == audience.ByAnyEmail {
			kind = audience.ByEmail
		}
		var out []string
		for i := range c.Reaches {
			if c.Reaches[i].Kind == kind {
				out = append(out, strings.ToLower(string(c.Reaches[i].Address)))
			}
		}
		return out
	}
	return nil
}

// look reads those who may be meant. External ids are always looked for, as no two contacts may have the same.
func (m *merging) look(ctx context.Context, list []audience.Incoming) error {
	numbers := map[int64]bool{}
	into := func(rows *sql.Rows) error {
		var no int64
		err := rows.Scan(&no)
		numbers[no] = true
		return err
	}
	for _, k := range append(slices.Clone(m.o.By), audience.ByExternalID) {
		var wanted []string
		var marks []int64
		for i := range list {
			c := &list[i].Contact
			wanted = append(wanted, marksOf(c, k)...)
			if k == audience.ByAnyPhone || k == audience.ByAnyEmail {
				for j := range c.Reaches {
					if (c.Reaches[j].Kind == audience.ByEmail) == (k == audience.ByAnyEmail) {
						marks = append(marks, audience.Mark(m.workspace, c.Reaches[j].Address))
					}
				}
			}
		}
		if len(wanted) == 0 {
			continue
		}
		var err error
		switch k {
		case audience.ByAnyPhone, audience.ByAnyEmail:
			among, arg := m.t.d.anyOf("mark", 1, marks)
			err = scan(ctx, m.t, into, `SELECT contact_no FROM address WHERE `+among, arg)
		case audience.ByDocument, audience.ByExternalID:
			among, arg := m.t.d.anyOf(string(k), 2, wanted)
			err = scan(ctx, m.t, into, `SELECT no FROM contact WHERE workspace_id = $1 AND `+among, m.workspace, arg)
		}
		if err != nil {
			return err
		}
	}
	if len(numbers) == 0 {
		return nil
	}
	among, arg := m.t.d.anyOf("c.no", 2, slices.Sorted(maps.Keys(numbers)))
	there, err := contactsBy(ctx, m.t, m.t.d, ` WHERE c.workspace_id = $1 AND `+among+` ORDER BY c.no`, m.workspace, arg)
	for i := range there {
		c := &there[i]
		before := *c
		m.was[c.No] = &before
		m.add(c)
	}
	return err
}

// add makes a contact known; who was there first is the one that a key means.
func (m *merging) add(c *audience.Contact) {
	m.known[c.No] = c
	for k, of := range m.by {
		for _, v := range marksOf(c, k) {
			if _, there := of[v]; !there {
				of[v] = c.No
			}
		}
	}
}

// find gives who is meant; 0 for nobody.
func (m *merging) find(in *audience.Contact) int64 {
	for _, k := range m.o.By {
		for _, v := range marksOf(in, k) {
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
	if no == 0 {
		return m.create(in)
	}
	c := m.known[no]
	if c.Priority == audience.PriorityNormal && in.Contact.Priority == "" {
		in.Contact.Priority = audience.PriorityNormal
	}
	o := m.o
	if was := m.was[no]; was == nil || m.again[no] || !o.Since.IsZero() && !was.ImportedAt.Before(o.Since) {
		o = o.Again()
	}
	different := o.Meet(c, &in.Contact)
	in.Contact.No, in.Contact.ID = no, c.ID
	switch was := m.was[no]; {
	case different:
		in.Fate = audience.MergeUpdated
		m.add(c) // by the keys that are new
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

func (m *merging) create(in *audience.Incoming) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	c := in.Contact
	c.No, c.ID, c.Workspace, c.Revision = m.next, id.String(), m.workspace, 1
	c.CreatedAt, c.UpdatedAt = m.o.Now, m.o.Now
	if c.Priority == "" {
		c.Priority = audience.PriorityNormal
	}
	m.next++
	in.Fate, in.Contact.No, in.Contact.ID = audience.MergeCreated, c.No, c.ID
	m.add(&c)
	m.made = append(m.made, c.No)
	return nil
}

// write stores what the merge came to.
func (m *merging) write(ctx context.Context) error {
	changes := make([]change, 0, len(m.known))
	var contacts, addresses [][]any
	imported := func(c *audience.Contact, ch *change) {
		if m.o.Import != "" {
			c.ImportedAt = m.o.Now
			ch.gained = append(ch.gained, audience.NewTerm(audience.FieldImport, m.o.Import))
		}
	}
	for _, no := range m.made {
		c := m.known[no]
		ch := change{no: no}
		imported(c, &ch)
		ch.gained = append(ch.gained, c.Terms()...)
		changes = append(changes, ch)
		values, err := contactValues(c, 0)
		if err != nil {
			return err
		}
		contacts = append(contacts, append([]any{c.No, c.ID, c.Workspace, nullNo(m.from), 1, ms(c.CreatedAt)}, values...))
		addresses = append(addresses, addressRows(c)...)
	}
	if err := m.t.insert(ctx, "contact", contactInserted, contacts, ""); err != nil {
		return err
	}
	if err := m.t.insert(ctx, "address", addressColumns, addresses, ""); err != nil {
		return err
	}
	var same []int64 // who came in without a change
	for _, no := range slices.Sorted(maps.Keys(m.again)) {
		was, c := m.was[no], m.known[no]
		if was == nil { // made by this very merge
			continue
		}
		ch := change{no: no}
		imported(c, &ch)
		if m.changed[no] {
			diff := changed(no, was.Terms(), c.Terms())
			ch.gained, ch.lost = append(ch.gained, diff.gained...), diff.lost
		} else {
			ch.gained, ch.lost = stamped(ch.gained, was, c)
		}
		changes = append(changes, ch)
		if !m.changed[no] {
			same = append(same, no)
		} else if err := m.rewrite(ctx, was, c); err != nil {
			return err
		}
	}
	if len(same) > 0 && m.o.Import != "" {
		among, arg := m.t.d.anyOf("no", 2, same)
		if _, err := m.t.exec(ctx, `UPDATE contact SET imported_at = $1 WHERE `+among, ms(m.o.Now), arg); err != nil {
			return err
		}
	}
	return m.t.index(ctx, m.workspace, changes)
}

// stamped are the terms that change when nothing but the time of the import does.
func stamped(gained []audience.Term, was, c *audience.Contact) (g, lost []audience.Term) {
	before, after := audience.Contact{ImportedAt: was.ImportedAt}, audience.Contact{ImportedAt: c.ImportedAt}
	diff := changed(0, before.Terms(), after.Terms())
	return append(gained, diff.gained...), diff.lost
}

// rewrite stores a contact that was there.
func (m *merging) rewrite(ctx context.Context, was, c *audience.Contact) error {
	c.UpdatedAt = m.o.Now
	if err := m.t.updateContact(ctx, c, was.Revision); err != nil {
		return err
	}
	if len(was.Reaches) == len(c.Reaches) { // a merge only adds addresses
		return nil
	}
	return m.t.insert(ctx, "address", addressColumns, addressRows(c)[len(was.Reaches):], "")
}
