package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"campanario/audience"
	"campanario/channel"
	"campanario/internal/fault"
	"campanario/internal/fold"
)

var _ audience.ContactStore = (*Store)(nil)

const contactColumns = `c.no, c.workspace_id, COALESCE(c.external_id, ''), COALESCE(c.document, ''), c.name, COALESCE(c.zone, ''),
	COALESCE(c.language, ''), COALESCE(c.city, ''), COALESCE(c.state, ''), COALESCE(c.location, ''), COALESCE(c.priority, ''),
	c.tags, c.portfolios, c.segments, c.attributes, p.no, p.created_at, c.revision, c.created_at, c.updated_at, c.imported_at,
	c.contacted_at, c.heard_at, c.reaches, c.standings`

// contactTables are what contactColumns are of.
const contactTables = ` FROM contact c LEFT JOIN contact p ON p.no = c.primary_no`

func scanContact(row interface{ Scan(...any) error }) (audience.Contact, error) {
	var c audience.Contact
	var tags, portfolios, segments, attributes, reaches, standings []byte
	var created, updated, imported, contacted, heard, primary, primaryMade sql.NullInt64
	err := row.Scan(&c.No, &c.Workspace, &c.ExternalID, &c.Document, &c.Name, &c.Zone, &c.Language, &c.City, &c.State, &c.Location,
		&c.Priority, &tags, &portfolios, &segments, &attributes, &primary, &primaryMade, &c.Revision, &created, &updated, &imported, &contacted, &heard,
		&reaches, &standings)
	if err != nil {
		return c, err
	}
	c.CreatedAt, c.UpdatedAt, c.ImportedAt, c.ContactedAt, c.HeardAt = at(created), at(updated), at(imported), at(contacted), at(heard)
	c.ID = audience.ContactID(c.No, c.CreatedAt)
	if primary.Valid {
		c.Primary = audience.ContactID(primary.Int64, at(primaryMade))
	}
	if c.Priority == "" {
		c.Priority = audience.PriorityNormal
	}
	for _, f := range []struct {
		text []byte
		to   any
	}{{tags, &c.Tags}, {portfolios, &c.Portfolios}, {segments, &c.Segments}, {attributes, &c.Attributes}} {
		if len(f.text) > 0 {
			if err := json.Unmarshal(f.text, f.to); err != nil {
				return c, fmt.Errorf("contact %s: %w", c.ID, err)
			}
		}
	}
	if c.Reaches, err = reachesOf(reaches, standings); err != nil {
		return c, fmt.Errorf("contact %s: %w", c.ID, err)
	}
	return c, nil
}

// contactEdited are the columns that an edit may change, in the order of contactValues.
var contactEdited = []string{
	"external_id", "document", "name", "zone", "language", "city", "state", "location", "priority", "tags", "portfolios", "segments",
	"attributes", "reaches", "standings", "primary_no", "search_key", "updated_at", "imported_at",
}

var contactInserted = append([]string{"no", "workspace_id", "import_no", "revision", "created_at"}, contactEdited...)

func contactValues(c *audience.Contact, primary int64) ([]any, error) {
	var attributes any
	if len(c.Attributes) > 0 {
		var err error
		if attributes, err = jsonText(c.Attributes); err != nil {
			return nil, err
		}
	}
	reaches, standings, err := reachTexts(c.Reaches)
	if err != nil {
		return nil, err
	}
	priority := c.Priority
	if priority == audience.PriorityNormal {
		priority = ""
	}
	return []any{
		null(c.ExternalID), null(c.Document), c.Name, null(c.Zone), null(c.Language), null(c.City), null(c.State), null(c.Location),
		null(string(priority)), jsonList(c.Tags), jsonList(c.Portfolios), jsonList(c.Segments), attributes, reaches, standings, nullNo(primary), contactKey(c),
		ms(c.UpdatedAt), ms(c.ImportedAt),
	}, nil
}

// jsonList is a list of texts for a JSONB column; NULL for an empty one.
func jsonList(list []string) any {
	if len(list) == 0 {
		return nil
	}
	to := []byte{'['}
	for i, text := range list {
		if i > 0 {
			to = append(to, ',')
		}
		to = appendText(to, text)
	}
	return jsonb(append(to, ']'))
}

// nullNo is a number for a column that is NULL where there is none.
func nullNo(n int64) any {
	if n == 0 {
		return nil
	}
	return n
}

// contactKey is what a search in contacts looks through.
func contactKey(c *audience.Contact) string {
	var b strings.Builder
	b.WriteString(fold.Key(c.Name))
	for i := range c.Reaches {
		b.WriteByte(' ')
		b.WriteString(fold.Key(string(c.Reaches[i].Address)))
	}
	for _, s := range []string{c.Document, c.ExternalID} {
		if s != "" {
			b.WriteByte(' ')
			b.WriteString(fold.Key(s))
		}
	}
	return strings.TrimSpace(b.String())
}

// contactNumbers takes n numbers for contacts, in a transaction of its own: those who make many of them do not wait for
// each other. Numbers that are not used then leave gaps.
func (s *Store) contactNumbers(ctx context.Context, n int64) (first int64, err error) {
	err = s.write(ctx, func(t *tx) error {
		var last int64
		err := t.QueryRowContext(ctx, `INSERT INTO serial (name, last) VALUES ('contact', $1)
			ON CONFLICT (name) DO UPDATE SET last = serial.last + excluded.last RETURNING last`, n).Scan(&last)
		first = last - n + 1
		return err
	})
	return first, err
}

func (s *Store) contactTaken(err error, c *audience.Contact) error {
	if s.d.duplicate(err) {
		return fault.New(fault.Conflict, "external_id_taken", fault.Params{"external_id": c.ExternalID}).At("external_id")
	}
	return err
}

// AddContact makes a contact, and gives it its number and its id. An address of somebody who was erased is refused
// (address_erased).
func (s *Store) AddContact(ctx context.Context, c *audience.Contact) error {
	if err := s.number(ctx, c); err != nil {
		return err
	}
	err := s.write(ctx, func(t *tx) error {
		if _, err := t.contactsChange(ctx, c.Workspace); err != nil {
			return err
		}
		if err := t.refuseErased(ctx, c, nil); err != nil {
			return err
		}
		return t.addContact(ctx, c)
	})
	return s.contactTaken(err, c)
}

// number gives somebody new a number and an id.
func (s *Store) number(ctx context.Context, c *audience.Contact) error {
	no, err := s.contactNumbers(ctx, 1)
	if err == nil {
		c.No, c.ID = no, audience.ContactID(no, c.CreatedAt)
	}
	return err
}

func (t *tx) addContact(ctx context.Context, c *audience.Contact) error {
	primary, err := t.primaryNo(ctx, c)
	if err != nil {
		return err
	}
	values, err := contactValues(c, primary)
	if err != nil {
		return err
	}
	row := append([]any{c.No, c.Workspace, nil, 1, ms(c.CreatedAt)}, values...)
	if err := t.insert(ctx, "contact", contactInserted, [][]any{row}, ""); err != nil {
		return err
	}
	if err := t.reach(ctx, nil, c); err != nil {
		return err
	}
	return t.index(ctx, c.Workspace, []change{changed(c.No, nil, c.Terms())})
}

// primaryNo is the number of whom a contact stands in for; 0 for nobody.
func (t *tx) primaryNo(ctx context.Context, c *audience.Contact) (int64, error) {
	if c.Primary == "" {
		return 0, nil
	}
	no, made, _ := audience.ContactNo(c.Primary)
	err := t.QueryRowContext(ctx, `SELECT no FROM contact WHERE no = $1 AND created_at = $2 AND workspace_id = $3`, no, ms(made), c.Workspace).Scan(&no)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, fault.New(fault.Invalid, "contact_not_found", fault.Params{"id": c.Primary}).At("primary")
	}
	return no, err
}

// ReplaceContact writes a contact over a revision of it.
func (s *Store) ReplaceContact(ctx context.Context, c audience.Contact, revision int64) error {
	err := s.write(ctx, func(t *tx) error {
		return t.replaceContact(ctx, &c, revision)
	})
	return s.contactTaken(err, &c)
}

func (t *tx) replaceContact(ctx context.Context, c *audience.Contact, revision int64) error {
	if _, err := t.contactsChange(ctx, c.Workspace); err != nil {
		return err
	}
	before, err := t.contact(ctx, c.Workspace, c.ID)
	if err != nil {
		return err
	}
	c.No = before.No
	if err := t.refuseErased(ctx, c, &before); err != nil {
		return err
	}
	c.Knows(&before)
	if err := t.updateContact(ctx, c, revision); err != nil {
		return err
	}
	if err := t.reach(ctx, &before, c); err != nil {
		return err
	}
	return t.index(ctx, c.Workspace, []change{changed(c.No, before.Terms(), c.Terms())})
}

// contactUpdate writes all columns of contactEdited over a revision.
var contactUpdate = func() string {
	var q strings.Builder
	q.WriteString("UPDATE contact SET ")
	for i, name := range contactEdited {
		fmt.Fprintf(&q, "%s = $%d, ", name, i+1)
	}
	n := len(contactEdited)
	fmt.Fprintf(&q, "revision = revision + 1 WHERE no = $%d AND revision = $%d", n+1, n+2)
	return q.String()
}()

// updateContact writes the contact's own row.
func (t *tx) updateContact(ctx context.Context, c *audience.Contact, revision int64) error {
	primary, err := t.primaryNo(ctx, c)
	if err != nil {
		return err
	}
	values, err := contactValues(c, primary)
	if err != nil {
		return err
	}
	n, err := t.exec(ctx, contactUpdate, append(values, c.No, revision)...)
	if err == nil && n == 0 {
		err = staleRevision(revision) // the contact was read in this very transaction
	}
	return err
}

// stale says why an update of a revision changed nothing: another has been written, or the thing is gone.
func (t *tx) stale(ctx context.Context, table, workspace, id string, revision int64) error {
	var n int64
	query := `SELECT COUNT(*) FROM ` + table + ` WHERE id = $1 AND workspace_id = $2`
	if table != "audience" && table != "import" && table != "template" { // which go for good
		query += ` AND deleted_at IS NULL`
	}
	err := t.QueryRowContext(ctx, query, id, workspace).Scan(&n)
	if err == nil && n == 0 {
		return notFound(table, id)
	}
	if err != nil {
		return err
	}
	return staleRevision(revision)
}

func staleRevision(revision int64) error {
	return fault.New(fault.Conflict, "revision_stale", fault.Params{"revision": revision}).At("revision")
}

// contact reads one inside a transaction.
func (t *tx) contact(ctx context.Context, workspace, id string) (audience.Contact, error) {
	list, err := contactOf(ctx, t, workspace, id)
	if err == nil && len(list) == 0 {
		err = notFound("contact", id)
	}
	if err != nil {
		return audience.Contact{}, err
	}
	return list[0], nil
}

// contactOf reads the one that has an id; it gives none when nobody has.
func contactOf(ctx context.Context, q querier, workspace, id string) ([]audience.Contact, error) {
	no, made, ok := audience.ContactNo(id)
	if !ok {
		return nil, nil
	}
	return contactsBy(ctx, q, ` WHERE c.no = $1 AND c.created_at = $2 AND c.workspace_id = $3`, no, ms(made), workspace)
}

type querier interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}

// contactsBy reads contacts.
func contactsBy(ctx context.Context, q querier, where string, args ...any) ([]audience.Contact, error) {
	var out []audience.Contact
	err := scan(ctx, q, func(rows *sql.Rows) error {
		c, err := scanContact(rows)
		out = append(out, c)
		return err
	}, `SELECT `+contactColumns+contactTables+where, args...)
	return out, err
}

// Contact gives a contact of the workspace, also by the id of one that was merged with it.
func (s *Store) Contact(ctx context.Context, workspace, id string) (audience.Contact, error) {
	list, err := contactOf(ctx, s.reads, workspace, id)
	if err == nil && len(list) == 0 {
		var now string
		if now, err = s.survivor(ctx, workspace, id); now != "" {
			list, err = contactOf(ctx, s.reads, workspace, now)
		}
	}
	if err == nil && len(list) == 0 {
		err = notFound("contact", id)
	}
	if err != nil {
		return audience.Contact{}, s.readError(err)
	}
	return list[0], nil
}

// ContactsWith gives the contacts that have an address, the oldest first: so many at most, and all of them when most is 0.
func (s *Store) ContactsWith(ctx context.Context, workspace string, a channel.Address, most int) ([]audience.Contact, error) {
	if most == 0 {
		most = math.MaxInt32
	}
	list, err := contactsBy(ctx, s.reads, ` WHERE c.workspace_id = $1 AND c.no IN
		(SELECT contact_no FROM reach WHERE mark = $2 ORDER BY contact_no LIMIT $3) ORDER BY c.no`, workspace, markOf(workspace, a), most)
	out := list[:0]
	for _, c := range list {
		for i := range c.Reaches {
			if strings.EqualFold(string(c.Reaches[i].Address), string(a)) {
				out = append(out, c)
				break
			}
		}
	}
	return out, s.readError(err)
}

// DeleteContact removes a contact.
func (s *Store) DeleteContact(ctx context.Context, workspace, id string) error {
	return s.write(ctx, func(t *tx) error {
		c, err := t.contact(ctx, workspace, id)
		if err != nil {
			return err
		}
		return t.deleteContacts(ctx, workspace, []audience.Contact{c})
	})
}

func (t *tx) deleteContacts(ctx context.Context, workspace string, list []audience.Contact) error {
	_, err := t.removeContacts(ctx, workspace, list, deleted)
	return err
}

// leaving says what stays of contacts that are removed.
type leaving string

const (
	deleted leaving = "deleted" // what they agreed to and took back, as proof; whom they took it back from is kept from them
	expired leaving = "expired" // only the latter
	erased  leaving = "erased"  // nothing; their addresses are known by marks
)

// removeContacts removes contacts, and says how many consents went with them.
func (t *tx) removeContacts(ctx context.Context, workspace string, list []audience.Contact, how leaving) (int64, error) {
	numbers := make([]int64, len(list))
	changes := make([]change, len(list))
	for i := range list {
		numbers[i] = list[i].No
	}
	if _, err := t.contactsChange(ctx, workspace); err != nil {
		return 0, err
	}
	said, err := consentsOf(ctx, t, t.d, numbers)
	if err != nil {
		return 0, err
	}
	for i, no := range numbers {
		beside, err := termsBeside(ctx, t, workspace, no)
		if err != nil {
			return 0, err
		}
		changes[i] = changed(no, slices.Concat(list[i].Terms(), audience.ConsentTerms(said[no]), beside), nil)
	}
	consents, err := t.partConsents(ctx, workspace, list, said, how)
	if err != nil {
		return 0, err
	}
	for _, f := range []struct{ do, column string }{
		{`DELETE FROM merged WHERE `, "contact_no"},
		{`UPDATE contact SET primary_no = NULL WHERE `, "primary_no"},
		{`DELETE FROM contact WHERE `, "no"},
	} {
		among, arg := t.d.anyOf(f.column, 1, numbers)
		if _, err := t.exec(ctx, f.do+among, arg); err != nil {
			return 0, err
		}
	}
	if err := t.unreach(ctx, list); err != nil {
		return 0, err
	}
	if err := t.index(ctx, workspace, changes); err != nil {
		return 0, err
	}
	return consents, t.emptyTerms(ctx, workspace, changes)
}

// ContactsByNo gives contacts in the order of their numbers; those that are gone are left out.
func (s *Store) ContactsByNo(ctx context.Context, workspace string, numbers []int64) ([]audience.Contact, error) {
	among, arg := s.d.anyOf("c.no", 2, numbers)
	out, err := contactsBy(ctx, s.reads, ` WHERE c.workspace_id = $1 AND `+among+` ORDER BY c.no`, workspace, arg)
	return out, s.readError(err)
}

// StandIns gives the contacts that stand in for others, by whom they stand in for.
func (s *Store) StandIns(ctx context.Context, workspace string, numbers []int64) (map[int64][]audience.Contact, error) {
	among, args := anyAmong(s.d, "c.primary_no", 2, numbers)
	list, err := contactsBy(ctx, s.reads, ` WHERE c.workspace_id = $1 AND `+among+` ORDER BY c.no`, append([]any{workspace}, args...)...)
	out := map[int64][]audience.Contact{}
	for i := range list {
		no, _, _ := audience.ContactNo(list[i].Primary)
		out[no] = append(out[no], list[i])
	}
	return out, s.readError(err)
}

// Touched notes that contacts were tried to be reached.
func (s *Store) Touched(ctx context.Context, workspace string, numbers []int64, at time.Time) error {
	people := make(map[int64]times, len(numbers))
	for _, no := range numbers {
		people[no] = times{contacted: at.UnixMilli()}
	}
	return s.write(ctx, func(t *tx) error { return t.meet(ctx, workspace, people) })
}
