package audience

import (
	"maps"
	"slices"
	"strings"
	"time"

	"campanario/channel"
	"campanario/internal/fault"
)

// MergeKey is something by which an incoming contact is recognised as one that is there.
type MergeKey string

// The keys.
const (
	ByDocument   MergeKey = "document"
	ByExternalID MergeKey = "external_id"
	ByAnyPhone   MergeKey = "phone"
	ByAnyEmail   MergeKey = "email"
)

// MergeKeys lists the keys, the surest first.
func MergeKeys() []MergeKey { return []MergeKey{ByDocument, ByExternalID, ByAnyPhone, ByAnyEmail} }

// MergeOptions say how incoming contacts meet those that are there.
type MergeOptions struct {
	Import string     // id of the import, under which they can be found; may be empty
	By     []MergeKey // the first that finds somebody decides; none makes everybody new
	// Fill leaves what is there as it is and adds what is missing; otherwise what comes in replaces what was there. What
	// the incoming contact does not say stays in either case.
	Fill bool
	// OnlySegments takes contacts out of the segments that they were in before and that they do not come with.
	OnlySegments bool
	// ClearLocation takes the location tag away that a contact had before, unless it comes with one.
	ClearLocation bool
	// Verify drops who was contacted or heard from before and comes with nothing new.
	Verify bool
	// Since is when the import began; zero when it has just begun. Whom it has met since then loses no segment and no location
	// any more: they may be what an earlier row of it has brought.
	Since time.Time
	Now   time.Time
}

// Merged says what became of an incoming contact.
type Merged string

// What can become of them.
const (
	MergeCreated   Merged = "created"
	MergeUpdated   Merged = "updated"
	MergeUnchanged Merged = "unchanged" // it was known, and said nothing new
	MergeDropped   Merged = "dropped"   // MergeOptions.Verify
	MergeRefused   Merged = "refused"   // Incoming.Error says why
)

// Incoming is a contact that comes from outside, and what became of it.
type Incoming struct {
	Line    int     // where it was in a file; for whoever tells of it
	Contact Contact // with what is said of them; ID and No are given when it is created
	// PrimaryKey names whom the contact stands in for; nil for nobody.
	PrimaryKey *PrimaryKey
	Fate       Merged
	Error      *fault.Error
	// Before is the contact as it was, when one was updated.
	Before *Contact
}

// PrimaryKey names a contact in the words of a file, by everything that they can mean. Whoever has the external id is meant,
// else who has the document, else the address.
type PrimaryKey struct {
	ExternalID string          // as it is written
	Document   string          // as Document makes it; empty when it is none
	Address    channel.Address // empty when it is none
}

// Interacted reports whether there was anything between us and the contact.
func (c *Contact) Interacted() bool { return !c.ContactedAt.IsZero() || !c.HeardAt.IsZero() }

// Again gives the options for a contact that the import has met before.
func (o MergeOptions) Again() MergeOptions {
	o.OnlySegments, o.ClearLocation = false, false
	return o
}

// Meet writes an incoming contact into one that is there, and reports whether that changed it.
func (o *MergeOptions) Meet(c, in *Contact) bool {
	m := &meeting{fill: o.Fill}
	m.text(&c.ExternalID, in.ExternalID)
	m.text(&c.Document, in.Document)
	m.text(&c.Name, in.Name)
	m.text(&c.Zone, in.Zone)
	m.text(&c.Language, in.Language)
	m.text(&c.City, in.City)
	m.text(&c.State, in.State)
	if o.ClearLocation && c.Location != in.Location {
		c.Location, m.changed = in.Location, true
	}
	m.text(&c.Location, in.Location)
	if in.Priority != "" && in.Priority != c.Priority && !o.Fill {
		c.Priority, m.changed = in.Priority, true
	}
	m.words(&c.Tags, in.Tags)
	m.words(&c.Portfolios, in.Portfolios)
	if o.OnlySegments && len(c.Segments) > 0 {
		kept := slices.DeleteFunc(slices.Clone(c.Segments), func(s string) bool { return !hasWord(in.Segments, s) })
		m.changed = m.changed || len(kept) != len(c.Segments)
		c.Segments = kept
	}
	m.words(&c.Segments, in.Segments)
	m.attributes(c, in.Attributes)
	m.reaches(c, in.Reaches)
	return m.changed
}

type meeting struct{ fill, changed bool }

func (m *meeting) text(to *string, from string) {
	if from != "" && from != *to && (!m.fill || *to == "") {
		*to, m.changed = from, true
	}
}

func hasWord(list []string, word string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return s == word || Fold(s) == Fold(word) })
}

// words adds those that are missing; there are no more than a contact may have.
func (m *meeting) words(to *[]string, from []string) {
	for _, w := range from {
		if len(*to) < maxContactTags && !hasWord(*to, w) {
			*to, m.changed = append(slices.Clip(*to), w), true
		}
	}
}

func (m *meeting) attributes(c *Contact, from map[string]string) {
	var out map[string]string
	for name, value := range from {
		old, there := c.Attributes[name]
		if old == value || value == "" || m.fill && there || !there && len(c.Attributes)+len(out) >= maxAttributes {
			continue
		}
		if out == nil {
			if out = maps.Clone(c.Attributes); out == nil {
				out = make(map[string]string, len(from))
			}
		}
		out[name] = value
	}
	if out != nil {
		c.Attributes, m.changed = out, true
	}
}

// reaches adds addresses at the end: what was the first way to reach somebody stays it.
func (m *meeting) reaches(c *Contact, from []Reach) {
	for i := range from {
		same := func(r Reach) bool { return strings.EqualFold(string(r.Address), string(from[i].Address)) }
		if len(c.Reaches) < maxReaches && !slices.ContainsFunc(c.Reaches, same) {
			c.Reaches, m.changed = append(slices.Clip(c.Reaches), from[i]), true
		}
	}
}
