package audience

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/language"

	"campanario/agent"
	"campanario/channel"
	"campanario/internal/fault"
)

// Contact is a person that a workspace knows.
type Contact struct {
	No         int64  // their number, by which indexes know them; given by the store
	ID         string // made by ContactID
	Workspace  string
	ExternalID string // what the customer's own system calls them, unique in the workspace; may be empty
	Document   string // CPF or CNPJ as Document makes it; may be empty
	Name       string
	Reaches    []Reach // in the order in which they are tried; each address once
	Zone       string  // IANA; empty when only their number tells
	Language   string  // BCP 47; may be empty
	City       string
	State      string // as in the customer's base: "SP" or "São Paulo"
	Location   string // a tag of where they are
	Priority   Priority
	Tags       []string
	Portfolios []string
	Segments   []string
	Attributes map[string]string // by agent.Key; the five wildcards are wildcard_1 to wildcard_5
	Primary    string            // id of the contact whom this one stands in for; may be empty
	Revision   int64             // grows with every change
	CreatedAt  time.Time
	UpdatedAt  time.Time

	ImportedAt  time.Time // when an import last wrote them; zero when none did
	ContactedAt time.Time // when we last tried to reach them
	HeardAt     time.Time // when we last heard from them
}

// ReachKind is a kind of address.
type ReachKind string

// The kinds.
const (
	ByPhone ReachKind = "phone"
	ByEmail ReachKind = "email"
)

// ReachStatus is what is known of an address.
type ReachStatus string

// The statuses; empty while nothing is known.
const (
	ReachValid       ReachStatus = "valid"
	ReachUnreachable ReachStatus = "unreachable" // the network does not know it
	ReachBounced     ReachStatus = "bounced"
	ReachNoWhatsApp  ReachStatus = "no_whatsapp"
)

// Reach is one address of a person.
type Reach struct {
	Kind     ReachKind
	Address  channel.Address
	Label    string // "work", "mother"; may be empty
	Status   ReachStatus
	StatusAt time.Time
}

// Channels are those on which such an address is reached.
func (k ReachKind) Channels() []channel.Kind {
	if k == ByEmail {
		return []channel.Kind{channel.Email}
	}
	return []channel.Kind{channel.Voice, channel.WhatsApp, channel.SMS}
}

// KindOf is the kind of an address.
func KindOf(a channel.Address) ReachKind {
	if strings.ContainsRune(string(a), '@') {
		return ByEmail
	}
	return ByPhone
}

// First is their first address of the kind; empty when they have none.
func (c *Contact) First(k ReachKind) channel.Address {
	for i := range c.Reaches {
		if c.Reaches[i].Kind == k {
			return c.Reaches[i].Address
		}
	}
	return ""
}

// Has reports whether an address is one of theirs.
func (c *Contact) Has(a channel.Address) bool {
	return slices.ContainsFunc(c.Reaches, func(r Reach) bool { return strings.EqualFold(string(r.Address), string(a)) })
}

// Addresses lists where the person can be reached.
func (c *Contact) Addresses() []channel.Address {
	out := make([]channel.Address, len(c.Reaches))
	for i := range c.Reaches {
		out[i] = c.Reaches[i].Address
	}
	return out
}

// ReachEdit is an address as people write it.
type ReachEdit struct {
	Address string
	Label   string
}

// ContactEdit is what somebody writes about a contact: the whole of it when it is made, what changes later. A nil part
// stays as it is; an empty one is taken away. Reaches replace all addresses, of which those that were there keep their
// status; Phone and Email stand for the first of each kind and are looked at after Reaches.
type ContactEdit struct {
	ExternalID, Document, Name            *string
	Phone, Email                          *string
	Reaches                               *[]ReachEdit
	Zone, Language, City, State, Location *string
	Priority                              *string
	Tags, Portfolios, Segments            *[]string
	Attributes                            map[string]*string // nil takes an attribute away; those not named stay
	Primary                               *string
}

// Bounds of a contact, in bytes where it is not said.
const (
	maxContactName    = 400
	maxExternalID     = 200
	maxTag            = 100
	maxContactTags    = 50
	maxReaches        = 20
	maxAttributes     = 200
	maxAttributeName  = 64
	maxAttributeValue = 4000
)

// apply writes an edit into the contact and gives everything that is wrong with it.
func (e *ContactEdit) apply(c *Contact, country string) fault.List {
	var bad fault.List
	for _, t := range []struct {
		field string
		from  *string
		to    *string
		most  int
	}{
		{"name", e.Name, &c.Name, maxContactName},
		{"external_id", e.ExternalID, &c.ExternalID, maxExternalID},
		{"zone", e.Zone, &c.Zone, maxTag},
		{"language", e.Language, &c.Language, maxTag},
		{"city", e.City, &c.City, maxTag},
		{"state", e.State, &c.State, maxTag},
		{"location", e.Location, &c.Location, maxTag},
		{"primary", e.Primary, &c.Primary, maxTag},
	} {
		if t.from != nil {
			*t.to = strings.TrimSpace(*t.from)
			bad = append(bad, checkText(t.field, *t.to, t.most)...)
		}
	}
	if c.Primary == c.ID && c.ID != "" {
		bad = append(bad, fault.New(fault.Invalid, "contact_own_primary", nil).At("primary"))
	}
	bad = append(bad, e.applyReaches(c, country)...)
	bad = append(bad, e.applyWords(c)...)
	bad = append(bad, applyTags("tags", e.Tags, &c.Tags)...)
	bad = append(bad, applyTags("portfolios", e.Portfolios, &c.Portfolios)...)
	bad = append(bad, applyTags("segments", e.Segments, &c.Segments)...)
	bad = append(bad, e.applyAttributes(c)...)
	if len(bad) == 0 && len(c.Reaches) == 0 {
		bad = append(bad, fault.New(fault.Invalid, "contact_unreachable", nil))
	}
	return bad
}

// applyWords is for what only certain words can stand in.
func (e *ContactEdit) applyWords(c *Contact) fault.List {
	var bad fault.List
	if _, err := time.LoadLocation(c.Zone); err != nil || c.Zone == "Local" {
		bad = append(bad, fault.New(fault.Invalid, "zone_unknown", fault.Params{"value": clip(c.Zone)}).At("zone"))
	}
	if _, err := language.Parse(c.Language); c.Language != "" && err != nil {
		bad = append(bad, fault.New(fault.Invalid, "language_invalid", fault.Params{"value": clip(c.Language)}).At("language"))
	}
	if e.Document != nil {
		if c.Document = ""; strings.TrimSpace(*e.Document) != "" {
			d, err := Document(*e.Document)
			c.Document, bad = d, append(bad, fault.All(err).Under("document")...)
		}
	}
	if e.Priority != nil {
		p, err := ParsePriority(*e.Priority)
		c.Priority, bad = p, append(bad, fault.All(err).Under("priority")...)
	}
	if c.Priority == "" {
		c.Priority = PriorityNormal
	}
	return bad
}

func (e *ContactEdit) applyReaches(c *Contact, country string) fault.List {
	var bad fault.List
	read := func(field, raw string, parse func(string) (channel.Address, error)) (channel.Address, bool) {
		a, err := parse(raw)
		if f, ok := asFault(err); ok {
			bad = append(bad, f.At(field))
		}
		return a, err == nil
	}
	if e.Reaches != nil {
		known := c.Reaches
		c.Reaches = nil
		if len(*e.Reaches) > maxReaches {
			return fault.List{fault.New(fault.Invalid, "too_many", fault.Params{"max": maxReaches}).At("addresses")}
		}
		for i, r := range *e.Reaches {
			field := fmt.Sprintf("addresses[%d]", i)
			label := strings.TrimSpace(r.Label)
			bad = append(bad, checkText(field+".label", label, maxTag)...)
			if a, ok := read(field+".address", r.Address, func(s string) (channel.Address, error) { return guess(s, country) }); ok {
				c.Reaches = appendReach(c.Reaches, known, a, label)
			}
		}
	}
	for _, t := range []struct {
		field   string
		from    *string
		kind    ReachKind
		channel channel.Kind
	}{{"phone", e.Phone, ByPhone, channel.Voice}, {"email", e.Email, ByEmail, channel.Email}} {
		if t.from == nil {
			continue
		}
		var a channel.Address
		if strings.TrimSpace(*t.from) != "" {
			var ok bool
			if a, ok = read(t.field, *t.from, func(s string) (channel.Address, error) { return Address(t.channel, s, country) }); !ok {
				continue
			}
		}
		c.Reaches = replaceFirst(c.Reaches, t.kind, a)
	}
	return bad
}

// appendReach adds an address that is not there yet, with what was known of it.
func appendReach(to, known []Reach, a channel.Address, label string) []Reach {
	same := func(r Reach) bool { return Mark("", r.Address) == Mark("", a) }
	if slices.ContainsFunc(to, same) {
		return to
	}
	r := Reach{Kind: KindOf(a), Address: a}
	if i := slices.IndexFunc(known, same); i >= 0 {
		r = known[i]
	}
	if r.Address = a; label != "" {
		r.Label = label
	}
	return append(to, r)
}

// replaceFirst puts an address in the place of the first of its kind; an empty one takes that away.
func replaceFirst(list []Reach, k ReachKind, a channel.Address) []Reach {
	out := make([]Reach, 0, len(list)+1)
	done := false
	for _, r := range list {
		if r.Kind == k && !done {
			if done = true; a != "" {
				out = appendReach(out, list, a, "")
			}
			continue
		}
		out = appendReach(out, list, r.Address, r.Label)
	}
	if !done && a != "" {
		out = appendReach(out, list, a, "")
	}
	return out
}

// Mark is a number for an address of a workspace, the same however a mailbox is written (no mail server in use tells
// Ana@ from ana@): FNV-1a, which is stored and must never change. Two of ten million addresses fall together once in
// 370,000 times, so who looks something up by it compares the address as well.
func Mark(workspace string, a channel.Address) int64 {
	return int64(fnv1a(fnv1a(fnv1a(fnvBasis, workspace), "\x00"), strings.ToLower(string(a))))
}

// applyTags writes words that each may be there once, whatever their capitals.
func applyTags(name string, from, to *[]string) fault.List {
	if from == nil {
		return nil
	}
	var bad fault.List
	*to = nil
	for i, tag := range *from {
		tag = strings.TrimSpace(tag)
		field := fmt.Sprintf("%s[%d]", name, i)
		if tag == "" {
			bad = append(bad, fault.New(fault.Invalid, "required", nil).At(field))
		}
		bad = append(bad, checkText(field, tag, maxTag)...)
		if !slices.ContainsFunc(*to, func(s string) bool { return Fold(s) == Fold(tag) }) {
			*to = append(*to, tag)
		}
	}
	if len(*to) > maxContactTags {
		bad = append(bad, fault.New(fault.Invalid, "too_many", fault.Params{"max": maxContactTags}).At(name))
	}
	return bad
}

// ownVariables are names that every recipient's own data have already.
var ownVariables = []string{agent.VarName, agent.VarFirstName, agent.VarContact, agent.VarID, agent.VarUnsubscribe}

func (e *ContactEdit) applyAttributes(c *Contact) fault.List {
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
		key := agent.Key(name)
		switch {
		case key == "":
			bad = append(bad, fault.New(fault.Invalid, "required", nil).At("attributes"))
		case len(key) > maxAttributeName:
			bad = append(bad, fault.New(fault.Invalid, "too_long", fault.Params{"max": maxAttributeName}).At(field))
		case slices.Contains(ownVariables, key):
			bad = append(bad, fault.New(fault.Invalid, "attribute_reserved", fault.Params{"name": key}).At(field))
		case value == nil || *value == "":
			delete(merged, key)
		default:
			bad = append(bad, checkText(field, *value, maxAttributeValue)...)
			merged[key] = *value
		}
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
