package audience

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/language"

	"campanario/channel"
	"campanario/internal/fault"
)

// Contact is a person that a workspace knows.
type Contact struct {
	ID         string // UUIDv7
	Workspace  string
	ExternalID string // what the customer's own system calls them, unique in the workspace; may be empty
	Name       string
	Phone      channel.Address // E.164; may be empty
	Email      channel.Address // may be empty
	Zone       string          // IANA; empty when only their number tells
	Language   string          // BCP 47; may be empty
	Tags       []string
	Attributes map[string]string
	Revision   int64 // grows with every change
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// Addresses lists where the person can be reached.
func (c *Contact) Addresses() []channel.Address {
	var out []channel.Address
	for _, a := range []channel.Address{c.Phone, c.Email} {
		if a != "" {
			out = append(out, a)
		}
	}
	return out
}

// ContactEdit is what somebody writes about a contact: the whole of it when it is made, what changes later. A nil part
// stays as it is; an empty one is taken away.
type ContactEdit struct {
	ExternalID, Name, Phone, Email, Zone, Language *string
	Tags                                           *[]string
	Attributes                                     map[string]*string // nil takes an attribute away; those not named stay
}

// Bounds of a contact, in bytes where it is not said.
const (
	maxContactName    = 400
	maxExternalID     = 200
	maxTag            = 100
	maxContactTags    = 50
	maxAttributes     = 200
	maxAttributeName  = 64
	maxAttributeValue = 4000
)

// apply writes an edit into the contact and gives everything that is wrong with it.
func (e ContactEdit) apply(c *Contact, country string) fault.List {
	var bad fault.List
	add := func(field string, err error) {
		if f, ok := asFault(err); ok {
			bad = append(bad, f.At(field))
		}
	}
	text := func(field string, from, to *string, most int) {
		if from == nil {
			return
		}
		*to = strings.TrimSpace(*from)
		bad = append(bad, checkText(field, *to, most)...)
	}
	text("name", e.Name, &c.Name, maxContactName)
	text("external_id", e.ExternalID, &c.ExternalID, maxExternalID)
	text("zone", e.Zone, &c.Zone, maxTag)
	text("language", e.Language, &c.Language, maxTag)
	address := func(field string, k channel.Kind, from *string, to *channel.Address) {
		if from == nil {
			return
		}
		if *to = ""; strings.TrimSpace(*from) == "" {
			return
		}
		a, err := Address(k, *from, country)
		add(field, err)
		*to = a
	}
	address("phone", channel.Voice, e.Phone, &c.Phone)
	address("email", channel.Email, e.Email, &c.Email)
	if _, err := time.LoadLocation(c.Zone); err != nil || c.Zone == "Local" {
		bad = append(bad, fault.New(fault.Invalid, "zone_unknown", fault.Params{"value": clip(c.Zone)}).At("zone"))
	}
	if _, err := language.Parse(c.Language); c.Language != "" && err != nil {
		bad = append(bad, fault.New(fault.Invalid, "language_invalid", fault.Params{"value": clip(c.Language)}).At("language"))
	}
	bad = append(bad, e.applyTags(c)...)
	bad = append(bad, e.applyAttributes(c)...)
	if len(bad) == 0 && c.Phone == "" && c.Email == "" {
		bad = append(bad, fault.New(fault.Invalid, "contact_unreachable", nil))
	}
	return bad
}

func (e ContactEdit) applyTags(c *Contact) fault.List {
	if e.Tags == nil {
		return nil
	}
	var bad fault.List
	c.Tags = []string{}
	for i, tag := range *e.Tags {
		tag = strings.TrimSpace(tag)
		field := fmt.Sprintf("tags[%d]", i)
		if tag == "" {
			bad = append(bad, fault.New(fault.Invalid, "required", nil).At(field))
		}
		bad = append(bad, checkText(field, tag, maxTag)...)
		if !slices.Contains(c.Tags, tag) {
			c.Tags = append(c.Tags, tag)
		}
	}
	if len(c.Tags) > maxContactTags {
		bad = append(bad, fault.New(fault.Invalid, "too_many", fault.Params{"max": maxContactTags}).At("tags"))
	}
	return bad
}

func (e ContactEdit) applyAttributes(c *Contact) fault.List {
	if len(e.Attributes) == 0 {
		return nil
	}
	var bad fault.List
	merged := map[string]string{}
	for k, v := range c.Attributes {
		merged[k] = v
	}
	for name, value := range e.Attributes {
		field := "attributes." + clip(name)
		if strings.TrimSpace(name) == "" {
			bad = append(bad, fault.New(fault.Invalid, "required", nil).At("attributes"))
			continue
		}
		bad = append(bad, checkText(field, name, maxAttributeName)...)
		if value == nil {
			delete(merged, name)
			continue
		}
		bad = append(bad, checkText(field, *value, maxAttributeValue)...)
		merged[name] = *value
	}
	if len(merged) > maxAttributes {
		bad = append(bad, fault.New(fault.Invalid, "too_many", fault.Params{"max": maxAttributes}).At("attributes"))
	}
	slices.SortFunc(bad, func(a, b *fault.Error) int { return strings.Compare(a.Field, b.Field) })
	c.Attributes = merged
	return bad
}

// checkText refuses what is too long or cannot be stored.
func checkText(field, s string, most int) fault.List {
	switch {
	case len(s) > most:
		return fault.List{fault.New(fault.Invalid, "too_long", fault.Params{"max": most}).At(field)}
	case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
		return fault.List{fault.New(fault.Invalid, "text_invalid", nil).At(field)}
	default:
		return nil
	}
}
