package audience

import (
	"slices"
	"strings"
	"time"

	"campanario/channel"
)

// Field is something that contacts can be filtered by.
type Field string

// The fields that a contact's terms are of. Hours are of UTC.
const (
	FieldAll       Field = "all" // everybody; its only value is empty
	FieldTag       Field = "tag"
	FieldPortfolio Field = "portfolio"
	FieldSegment   Field = "segment"
	FieldCity      Field = "city"
	FieldState     Field = "state"
	FieldLocation  Field = "location"
	FieldPriority  Field = "priority"
	FieldLanguage  Field = "language"
	FieldZone      Field = "zone"
	FieldHas       Field = "has"       // phone, email, document, external_id
	FieldCreated   Field = "created"   // an hour
	FieldImported  Field = "imported"  // an hour
	FieldContacted Field = "contacted" // an hour
	FieldHeard     Field = "heard"     // an hour
	FieldImport    Field = "import"    // the id of an import that wrote them
	FieldAudience  Field = "audience"  // the id of a list that holds them
	FieldConsent   Field = "consent"   // consents that are given: a channel, or a channel and a line
)

// AttributeField is the field of an attribute.
func AttributeField(name string) Field { return attributePrefix + Field(name) }

const attributePrefix = "attribute."

// Attribute is the attribute that a field is of; false for one of the fields above.
func (f Field) Attribute() (string, bool) { return strings.CutPrefix(string(f), attributePrefix) }

// hour is how a time stands in terms: whole hours of UTC, of which the days of nearly all zones are made.
func hour(t time.Time) string { return t.UTC().Format("2006-01-02 15") }

// ConsentValue is the value of FieldConsent for a channel, and for a line unless it is empty.
func ConsentValue(k channel.Kind, line string) string {
	if line == "" {
		return string(k)
	}
	return string(k) + ":" + line
}

// MaxIndexed is how long a value of an attribute may be, in bytes, to be indexed.
const MaxIndexed = 64

// Term is one value of a field. Value is folded, so that "São Paulo" and "sao paulo" are one; Shown is how it was
// written.
type Term struct {
	Field        Field
	Value, Shown string
}

// NewTerm folds a value.
func NewTerm(f Field, shown string) Term { return Term{Field: f, Value: Fold(shown), Shown: shown} }

// Same reports whether two terms are one.
func (t Term) Same(u Term) bool { return t.Field == u.Field && t.Value == u.Value }

// TermCount is a value of a field and how many contacts have it.
type TermCount struct {
	Value string
	Count int64
}

// No is the term's number in a workspace, by which it is stored: FNV-1a, which must never change. Two of a million terms
// fall together once in thirty million times.
func (t Term) No(workspace string) int64 {
	h := fnv1a(fnv1a(fnvBasis, workspace), "\x00")
	return int64(fnv1a(fnv1a(fnv1a(h, string(t.Field)), "\x00"), t.Value))
}

// fnvBasis begins a hash by FNV-1a of 64 bits.
const fnvBasis = 14695981039346656037

// fnv1a goes on with a hash. That of the standard library wants bytes, which an import would copy a dozen times a row.
func fnv1a(h uint64, s string) uint64 {
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// usualTerms is how many terms most contacts have at most.
const usualTerms = 20

// Terms are what the contact can be found by, each once.
func (c *Contact) Terms() []Term {
	out := append(make([]Term, 0, usualTerms), Term{Field: FieldAll})
	add := func(f Field, values ...string) {
		first := len(out) // terms of other fields are others
		for _, v := range values {
			if t := NewTerm(f, v); t.Value != "" && !slices.ContainsFunc(out[first:], t.Same) {
				out = append(out, t)
			}
		}
	}
	when := func(f Field, t time.Time) {
		if !t.IsZero() {
			add(f, hour(t))
		}
	}
	add(FieldTag, c.Tags...)
	add(FieldPortfolio, c.Portfolios...)
	add(FieldSegment, c.Segments...)
	add(FieldCity, c.City)
	add(FieldState, c.State)
	add(FieldLocation, c.Location)
	add(FieldPriority, string(c.Priority))
	add(FieldLanguage, c.Language)
	add(FieldZone, c.Zone)
	for _, h := range []struct {
		is   bool
		what string
	}{
		{c.First(ByPhone) != "", string(ByPhone)},
		{c.First(ByEmail) != "", string(ByEmail)},
		{c.Document != "", "document"},
		{c.ExternalID != "", "external_id"},
	} {
		if h.is {
			add(FieldHas, h.what)
		}
	}
	when(FieldCreated, c.CreatedAt)
	when(FieldImported, c.ImportedAt)
	when(FieldContacted, c.ContactedAt)
	when(FieldHeard, c.HeardAt)
	for name, value := range c.Attributes {
		if len(value) <= MaxIndexed {
			add(AttributeField(name), value)
		}
	}
	return out
}
