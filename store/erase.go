package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
	"campanario/dispatch"
	"campanario/internal/fault"
	"campanario/internal/fold"
	"campanario/person"
)

var _ person.EraseStore = (*Store)(nil)

// erasing is the erasure of one contact under way.
type erasing struct {
	s       *Store
	now     time.Time
	contact audience.Contact
	// needles are what a text that holds the person has, in small letters: their addresses and their document.
	needles []string
	names   []string // that they have, or had, as fold.Key makes them; of more than one word
	out     person.Erasure
}

// Erase removes everything of a contact. What can be done again is done first, outside of the transaction in which the contact goes: when
// the process dies in between, erasing again does the rest.
func (s *Store) Erase(ctx context.Context, workspace, contact string, now time.Time) (person.Erasure, error) {
	if s.veil == nil {
		return person.Erasure{}, fault.New(fault.Unavailable, "erasure_unavailable", nil).Because(errNoVeil)
	}
	c, err := s.Contact(ctx, workspace, contact)
	if fault.KindOf(err) == fault.NotFound {
		return s.eraseProofs(ctx, workspace, contact, err)
	}
	if err != nil {
		return person.Erasure{}, err
	}
	e := &erasing{s: s, now: now, contact: c, out: person.Erasure{Imports: []string{}, Addresses: int64(len(c.Reaches))}}
	for _, a := range c.Addresses() {
		e.needles = append(e.needles, barredAs(a))
	}
	if c.Document != "" {
		e.needles = append(e.needles, c.Document)
	}
	for _, step := range []func(context.Context) error{e.called, e.imports, e.problems, e.answers, e.leave, e.stragglers} {
		if err := step(ctx); err != nil {
			return person.Erasure{}, s.readError(err)
		}
	}
	return e.out, nil
}

// eraseProofs removes what a contact has left that was deleted before; without any it gives the error.
func (s *Store) eraseProofs(ctx context.Context, workspace, contact string, without error) (person.Erasure, error) {
	out := person.Erasure{Imports: []string{}}
	err := s.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `DELETE FROM consent WHERE workspace_id = $1 AND was_contact = $2
			AND NOT EXISTS (SELECT 1 FROM contact c WHERE c.no = consent.contact_no)`, workspace, contact)
		if out.Consents = n; err == nil && n == 0 {
			err = without
		}
		return err
	})
	return out, err
}

// leave is the transaction in which the person goes.
func (e *erasing) leave(ctx context.Context) error {
	found, err := e.find(ctx)
	if err != nil {
		return err
	}
	before := e.out
	return e.s.write(ctx, func(t *tx) error {
		e.out = before
		if _, err := t.contactsChange(ctx, e.contact.Workspace); err != nil {
			return err
		}
		// Claims of their campaigns wait until this is done, and recognise the addresses then.
		if err := t.takeRuns(ctx, found.campaigns()); err != nil {
			return err
		}
		if err := t.noFlights(ctx, found.keys()); err != nil {
			return err
		}
		if err := t.veilAddresses(ctx, &e.contact, e.now); err != nil {
			return err
		}
		if err := e.anonymise(ctx, t, found); err != nil {
			return err
		}
		if err := e.reports(ctx, t); err != nil {
			return err
		}
		if err := e.forget(ctx, t); err != nil {
			return err
		}
		return t.pulse(ctx)
	})
}

// veilAddresses keeps the marks of a contact's addresses.
func (t *tx) veilAddresses(ctx context.Context, c *audience.Contact, now time.Time) error {
	rows := make([][]any, len(c.Reaches))
	for i, r := range c.Reaches {
		rows[i] = []any{c.Workspace, t.veil.Mark(c.Workspace, r.Address), ms(now)}
	}
	return t.insert(ctx, "erased", []string{"workspace_id", "mark", "at"}, rows, "ON CONFLICT (workspace_id, mark) DO NOTHING")
}

// noFlights refuses while an attempt to one of the recipients is open.
func (t *tx) noFlights(ctx context.Context, keys []int64) error {
	var n int64
	among, arg := t.d.anyOf("key", 1, keys)
	err := t.QueryRowContext(ctx, `SELECT COUNT(*) FROM flight WHERE `+among, arg).Scan(&n)
	if err == nil && n > 0 {
		err = fault.New(fault.Conflict, "contact_in_attempt", nil)
	}
	return err
}

// trace is a recipient that holds the person.
type trace struct {
	key int64
	// strip are the addresses to take out of it, the others being somebody else's; nil takes everything.
	strip []string
}

type traces []trace

func (l traces) keys() []int64 {
	out := make([]int64, len(l))
	for i := range l {
		out[i] = l[i].key
	}
	return out
}

func (l traces) campaigns() map[int64]bool {
	out := map[int64]bool{}
	for i := range l {
		out[l[i].key>>keyShift] = true
	}
	return out
}

// find looks for recipients that hold the person: those of the contact, and those of anybody with an address or the document in them. It
// goes through all recipients of the workspace, which takes a second for some millions, and holds nobody up.
func (e *erasing) find(ctx context.Context) (traces, error) {
	var out traces
	own := map[int64]bool{}
	err := scan(ctx, e.s.reads, func(rows *sql.Rows) error {
		var k int64
		err := rows.Scan(&k)
		out, own[k] = append(out, trace{key: k}), true
		return err
	}, `SELECT key FROM recipient WHERE contact_no = $1`, e.contact.No)
	if err != nil || len(e.needles) == 0 {
		return out, err
	}
	var campaigns []int64
	err = scan(ctx, e.s.reads, func(rows *sql.Rows) error {
		var no int64
		err := rows.Scan(&no)
		campaigns = append(campaigns, no)
		return err
	}, `SELECT no FROM campaign WHERE workspace_id = $1 ORDER BY no`, e.contact.Workspace)
	if err != nil {
		return nil, err
	}
	for _, no := range campaigns {
		some, err := e.findIn(ctx, no, own)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	slices.SortFunc(out, func(a, b trace) int { return int(min(max(a.key-b.key, -1), 1)) })
	return out, nil
}

// findIn looks in one campaign for those that are not the contact's own.
func (e *erasing) findIn(ctx context.Context, no int64, own map[int64]bool) (traces, error) {
	after, before := keyBounds(no)
	args := []any{after, before}
	var cond []string
	for _, n := range e.needles {
		args = append(args, "%"+escapeLike(n)+"%")
		for _, column := range []string{"search_key", "COALESCE(CAST(variables AS TEXT), '')"} {
			cond = append(cond, fmt.Sprintf(`LOWER(%s) LIKE $%d ESCAPE '\'`, column, len(args)))
		}
	}
	type hit struct {
		key, contact int64
		address      string
		secondary    []byte
	}
	var hits []hit
	err := scan(ctx, e.s.reads, func(rows *sql.Rows) error {
		var h hit
		err := rows.Scan(&h.key, &h.contact, &h.address, &h.secondary)
		if !own[h.key] {
			hits = append(hits, h)
		}
		return err
	}, `SELECT key, COALESCE(contact_no, 0), address, secondary FROM recipient WHERE key > $1 AND key < $2 AND (`+strings.Join(cond, " OR ")+`)`, args...)
	if err != nil || len(hits) == 0 {
		return nil, err
	}
	numbers := make([]int64, len(hits))
	for i, h := range hits {
		numbers[i] = h.contact
	}
	people, err := e.s.ContactsByNo(ctx, e.contact.Workspace, numbers)
	if err != nil {
		return nil, err
	}
	owners := map[int64]*audience.Contact{}
	for i := range people {
		owners[people[i].No] = &people[i]
	}
	var out traces
	for _, h := range hits {
		owner := owners[h.contact]
		if owner == nil { // nobody else's
			out = append(out, trace{key: h.key})
			continue
		}
		// Somebody else's, who may be reached at an address of theirs: one that is the owner's own stays.
		var strip []string
		for _, a := range e.contact.Addresses() {
			if !owner.Has(a) {
				strip = append(strip, barredAs(a))
			}
		}
		if held := h.address + " " + string(h.secondary); holds(held, strip) {
			out = append(out, trace{h.key, strip})
		}
	}
	return out, nil
}

// stragglers are newcomers who were being added while the person went: whoever was added from then on was refused.
func (e *erasing) stragglers(ctx context.Context) error {
	found, err := e.find(ctx)
	if err != nil || len(found) == 0 {
		return err
	}
	return e.s.write(ctx, func(t *tx) error {
		if err := t.takeRuns(ctx, found.campaigns()); err != nil {
			return err
		}
		if err := e.anonymise(ctx, t, found); err != nil {
			return err
		}
		return e.reports(ctx, t)
	})
}

// reports removes reports that were written, all of the workspace: who stands in a workbook cannot be told without reading it.
func (e *erasing) reports(ctx context.Context, t *tx) error {
	n, err := t.withdrawFiles(ctx, e.contact.Workspace)
	e.out.Reports += n
	return err
}

// anonymise takes the person out of recipients and attempts. Those who still wait are settled.
func (e *erasing) anonymise(ctx context.Context, t *tx, found traces) error {
	var whole []int64
	for _, f := range found {
		if f.strip == nil {
			whole = append(whole, f.key)
			continue
		}
		if err := t.strip(ctx, f); err != nil {
			return err
		}
		e.out.Recipients++
	}
	if err := t.settleErased(ctx, whole, e.now); err != nil {
		return err
	}
	n, err := t.blankRecipients(ctx, whole)
	if err != nil {
		return err
	}
	e.out.Recipients += n
	n, err = t.blankAttempts(ctx, whole)
	e.out.Attempts += n
	return err
}

// strip takes addresses out of somebody else's recipient: their places stay, and are barred.
func (t *tx) strip(ctx context.Context, f trace) error {
	var n campaign.Newcomer
	var address string
	var name, external sql.NullString
	var secondary []byte
	err := t.QueryRowContext(ctx, `SELECT address, secondary, name, external_id FROM recipient WHERE key = $1`, f.key).Scan(&address, &secondary, &name, &external)
	if err != nil {
		return err
	}
	more, err := addresses(secondary)
	if err != nil {
		return err
	}
	n.Addresses = append([]channel.Address{channel.Address(address)}, more...)
	for i, a := range n.Addresses {
		if slices.Contains(f.strip, barredAs(a)) {
			n.Addresses[i] = ""
		}
	}
	n.Name, n.ExternalID = name.String, external.String
	var text any
	if len(n.Addresses) > 1 {
		if text, err = jsonText(n.Addresses[1:]); err != nil {
			return err
		}
	}
	if err := t.leaveElsewhere(ctx, []int64{f.key}); err != nil {
		return err
	}
	_, err = t.exec(ctx, `UPDATE recipient SET address = $1, secondary = $2, search_key = $3, dedupe = CASE WHEN address = $1 THEN dedupe END WHERE key = $4`,
		string(n.Addresses[0]), text, searchKey(&n), f.key)
	if err != nil {
		return err
	}
	return t.insert(ctx, "recipient_address", elsewhereColumns, elsewhere(f.key, n.Addresses, nil), "")
}

// settleErased settles those who still wait in campaigns that have not ended; the caller holds the run rows.
func (t *tx) settleErased(ctx context.Context, keys []int64, now time.Time) error {
	among, arg := t.d.anyOf("r.key", 1, keys)
	waiting := map[int64][]campaign.Entry{}
	err := scan(ctx, t, func(rows *sql.Rows) error {
		e, k, err := scanKeyed(rows)
		if err == nil && !e.InFlight && e.Result == "" {
			waiting[k>>keyShift] = append(waiting[k>>keyShift], e)
		}
		return err
	}, `SELECT `+entryColumns+entryJoins+` WHERE `+among, arg)
	if err != nil {
		return err
	}
	rule := dispatch.Rule{Rule: string(audience.ErasedPerson)}
	for _, no := range sortedNumbers(waiting) {
		var state campaign.State
		if err := t.QueryRowContext(ctx, `SELECT state FROM run WHERE campaign_no = $1`, no).Scan(&state); err != nil {
			return err
		}
		if state.Final() {
			continue
		}
		var next put
		var gone []int64
		d := delta{}
		for _, e := range waiting[no] {
			s := campaign.Exclude(e.Standing, campaign.Excluded, "suppressed", rule.Params(), now)
			gone = append(gone, key(no, e.Number))
			next.add(no, e.Number, &s)
			d.status(e.Standing.Status, s.Status)
		}
		if err := t.resettle(ctx, gone, &next); err != nil {
			return err
		}
		if err := t.count(ctx, no, d); err != nil {
			return err
		}
	}
	return nil
}

// resettle writes anew where recipients stand. Their first turn, if it was still to come, is not taken any more.
func (t *tx) resettle(ctx context.Context, keys []int64, next *put) error {
	among, arg := t.d.anyOf("key", 1, keys)
	if _, err := t.exec(ctx, `UPDATE recipient SET skipped = TRUE WHERE NOT skipped AND `+among, arg); err != nil {
		return err
	}
	for _, table := range []string{"wait", "standing"} {
		if _, err := t.exec(ctx, `DELETE FROM `+table+` WHERE `+among, arg); err != nil {
			return err
		}
	}
	return t.put(ctx, next)
}

// blankRecipients takes everything out of recipients by which somebody could be recognised.
func (t *tx) blankRecipients(ctx context.Context, keys []int64) (int64, error) {
	if err := t.leaveElsewhere(ctx, keys); err != nil {
		return 0, err
	}
	among, arg := t.d.anyOf("key", 1, keys)
	return t.exec(ctx, `UPDATE recipient SET contact_no = NULL, external_id = NULL, name = NULL, address = '', secondary = NULL, variables = NULL,
		zones = NULL, language = NULL, tags = NULL, search_key = '', dedupe = NULL WHERE `+among, arg)
}

// blankAttempts does the same with their attempts: how they ended and how long they took stays, and whether the goal was reached.
func (t *tx) blankAttempts(ctx context.Context, keys []int64) (int64, error) {
	type row struct {
		key     int64
		ordinal int
		detail  any
	}
	var list []row
	among, arg := t.d.anyOf("key", 1, keys)
	err := scan(ctx, t, func(rows *sql.Rows) error {
		var r row
		var text []byte
		if err := rows.Scan(&r.key, &r.ordinal, &text); err != nil {
			return err
		}
		var d detail
		if err := json.Unmarshal(text, &d); err != nil {
			return fmt.Errorf("detail of an attempt: %w", err)
		}
		d.Collected, d.Dialogue = nil, nil
		var err error
		r.detail, err = jsonText(d)
		list = append(list, r)
		return err
	}, `SELECT key, ordinal, detail FROM attempt WHERE detail IS NOT NULL AND `+among, arg)
	if err != nil {
		return 0, err
	}
	for _, r := range list {
		if _, err := t.exec(ctx, `UPDATE attempt SET detail = $1 WHERE key = $2 AND ordinal = $3`, r.detail, r.key, r.ordinal); err != nil {
			return 0, err
		}
	}
	return t.exec(ctx, `UPDATE attempt SET ref = NULL, provider_text = NULL WHERE `+among, arg)
}

// forget removes the contact, and what is kept beside.
func (e *erasing) forget(ctx context.Context, t *tx) error {
	c := &e.contact
	var texts []string
	people := []int64{c.No}
	for _, a := range c.Addresses() {
		texts = append(texts, barredAs(a))
		people = append(people, audience.Mark(c.Workspace, a)|math.MinInt64)
	}
	among, arg := t.d.anyOf("address", 2, texts)
	if _, err := t.exec(ctx, `DELETE FROM suppression WHERE workspace_id = $1 AND `+among, c.Workspace, arg); err != nil {
		return err
	}
	among, arg = t.d.anyOf("person", 1, people)
	if _, err := t.exec(ctx, `DELETE FROM recent WHERE `+among, arg); err != nil {
		return err
	}
	if err := t.forgetBefore(ctx, c.Workspace, []int64{c.No}); err != nil {
		return err
	}
	if err := t.forgetTies(ctx, c, texts); err != nil {
		return err
	}
	if err := t.forgetStops(ctx, c.Workspace, texts); err != nil {
		return err
	}
	n, err := t.removeContacts(ctx, c.Workspace, []audience.Contact{*c}, erased)
	e.out.Consents = n
	return err
}

// forgetTies removes whom contacts of imports are still to be tied to, in the words of their files, where that is the contact.
func (t *tx) forgetTies(ctx context.Context, c *audience.Contact, addresses []string) error {
	among, arg := t.d.anyOf("LOWER(address)", 5, addresses)
	_, err := t.exec(ctx, `DELETE FROM import_tie WHERE import_no IN (SELECT no FROM import WHERE workspace_id = $1)
		AND (contact_no = $2 OR document <> '' AND document = $3 OR external_id <> '' AND external_id = $4 OR `+among+`)`,
		c.Workspace, c.No, c.Document, c.ExternalID, arg)
	return err
}

// forgetStops takes addresses out of the notes for other nodes: nothing of the person is on its way.
func (t *tx) forgetStops(ctx context.Context, workspace string, addresses []string) error {
	rest := map[int64][]stopRow{}
	err := scan(ctx, t, func(rows *sql.Rows) error {
		var no int64
		var text []byte
		if err := rows.Scan(&no, &text); err != nil {
			return err
		}
		var people []stopRow
		if err := json.Unmarshal(text, &people); err != nil {
			return err
		}
		kept := slices.DeleteFunc(slices.Clone(people), func(p stopRow) bool {
			return p.Workspace == workspace && slices.Contains(addresses, strings.ToLower(p.Address))
		})
		if len(kept) != len(people) {
			rest[no] = append([]stopRow{}, kept...)
		}
		return nil
	}, `SELECT no, people FROM stop`)
	if err != nil {
		return err
	}
	for _, no := range sortedNumbers(rest) {
		text, err := jsonText(rest[no])
		if err != nil {
			return err
		}
		if _, err := t.exec(ctx, `UPDATE stop SET people = $1 WHERE no = $2`, text, no); err != nil {
			return err
		}
	}
	return nil
}

// called collects the names that the person has, and had before imports changed them or when they were added to campaigns. A single word is
// nobody's alone.
func (e *erasing) called(ctx context.Context) error {
	add := func(name string) {
		if n := fold.Key(name); strings.Contains(n, " ") && !slices.Contains(e.names, n) {
			e.names = append(e.names, n)
		}
	}
	add(e.contact.Name)
	err := scan(ctx, e.s.reads, func(rows *sql.Rows) error {
		var text []byte
		if err := rows.Scan(&text); err != nil {
			return err
		}
		var was audience.Contact
		err := json.Unmarshal(text, &was)
		add(was.Name)
		return err
	}, `SELECT contact FROM import_before WHERE import_no IN (SELECT no FROM import WHERE workspace_id = $1) AND contact_no = $2`, e.contact.Workspace, e.contact.No)
	if err != nil {
		return err
	}
	return scan(ctx, e.s.reads, func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		add(name)
		return err
	}, `SELECT DISTINCT name FROM recipient WHERE contact_no = $1 AND name IS NOT NULL`, e.contact.No)
}

// named reports whether a text, as somebody wrote it, holds the person.
func (e *erasing) named(text string) bool {
	if holds(text, e.needles) {
		return true
	}
	if len(e.names) > 0 && holds(fold.Key(text), e.names) {
		return true
	}
	digits := digitsOf(text)
	for _, n := range e.needles {
		if d := digitsOf(n); len(d) >= fewestDigits && d == strings.TrimLeft(n, "+") {
			if strings.Contains(digits, d) || len(d) > longNumber && strings.Contains(digits, d[len(d)-longNumber:]) {
				return true
			}
		}
	}
	return false
}

// A number is looked for as it is, and without what stands before its last digits: its country is seldom written.
const (
	fewestDigits = 8
	longNumber   = 10
)

func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}
