package agent

import (
	"errors"
	"slices"

	"golang.org/x/text/language"

	"campanario/internal/fault"
)

// Bounds of a message's parts, in bytes. Providers cut subjects far earlier and refuse bodies far later.
const (
	maxSubject = 998
	maxBody    = 1 << 20
)

// MessageTemplate is what a campaign's e-mail is made from. Subject, Text and HTML are templates (see the package
// comment). Without Text the plain part is derived from HTML; one of the two must be there.
type MessageTemplate struct {
	Subject           string            `json:"subject" yaml:"subject" doc:"Subject line; may hold variables"`
	Text              string            `json:"text,omitempty" yaml:"text,omitempty" doc:"Plain part; derived from html when absent"`
	HTML              string            `json:"html,omitempty" yaml:"html,omitempty" doc:"HTML part; values put into it are escaped"`
	Language          string            `json:"language,omitempty" yaml:"language,omitempty" doc:"BCP 47 tag of the text"`
	FromName          string            `json:"from_name,omitempty" yaml:"from_name,omitempty" doc:"Name shown beside the line's address; may hold variables"`
	ReplyTo           string            `json:"reply_to,omitempty" yaml:"reply_to,omitempty" doc:"Address that replies go to"`
	UnsubscribeMailto string            `json:"unsubscribe_mailto,omitempty" yaml:"unsubscribe_mailto,omitempty" doc:"Address for unsubscribing by mail"`
	Headers           map[string]string `json:"headers,omitempty" yaml:"headers,omitempty" doc:"Further header fields"`
}

// Letter is a MessageTemplate parsed once, to be rendered for every recipient. It is immutable and safe for
// concurrent use.
type Letter struct {
	template MessageTemplate
	subject  *Template
	text     *Template
	html     *Template // nil without an HTML part
	fromName *Template
}

// Validate gives everything wrong with the template at once.
func (t MessageTemplate) Validate() fault.List {
	_, err := t.Compile()
	return fault.All(err)
}

// Compile parses the template. The error is a fault.List with everything wrong at once.
func (t MessageTemplate) Compile() (*Letter, error) {
	var l fault.List
	parse := func(field string, f Format, source string) *Template {
		out, err := Parse(f, source)
		l = append(l, fault.All(err).Under(field)...)
		return out
	}
	c := &Letter{
		template: t,
		subject:  parse("subject", Header, t.Subject),
		fromName: parse("from_name", Header, t.FromName),
	}
	if t.HTML != "" {
		c.html = parse("html", HTML, t.HTML)
	}
	switch {
	case t.Text != "":
		c.text = parse("text", Text, t.Text)
	case c.html != nil: // a mistake in HTML would be told again for the text derived from it
		c.text = parse("html", Text, PlainText(t.HTML))
	}
	l = append(l, t.check()...)
	if err := l.Err(); err != nil {
		return nil, err
	}
	return c, nil
}

// check is about everything but the grammar of the templates.
func (t MessageTemplate) check() fault.List {
	var l fault.List
	add := func(field, code string, p fault.Params) { l = append(l, fault.New(fault.Invalid, code, p).At(field)) }
	if oneLine(t.Subject) == "" {
		add("subject", "required", nil)
	}
	if t.Text == "" && t.HTML == "" {
		add("text", "required", nil)
	}
	if len(t.Subject) > maxSubject {
		add("subject", "too_long", fault.Params{"max": maxSubject})
	}
	if len(t.Text) > maxBody {
		add("text", "too_long", fault.Params{"max": maxBody})
	}
	if len(t.HTML) > maxBody {
		add("html", "too_long", fault.Params{"max": maxBody})
	}
	l = append(l, checkLanguage(t.Language)...)
	l = append(l, checkMailbox("reply_to", t.ReplyTo)...)
	l = append(l, checkMailbox("unsubscribe_mailto", t.UnsubscribeMailto)...)
	return append(l, checkHeaders(t.Headers)...)
}

// checkLanguage refuses what is not a BCP 47 tag; empty is fine.
func checkLanguage(tag string) fault.List {
	if tag == "" {
		return nil
	}
	if _, err := language.Parse(tag); err != nil {
		return fault.List{fault.New(fault.Invalid, "language_invalid", fault.Params{"value": clip(tag)}).At("language")}
	}
	return nil
}

// Names lists the variables every recipient must have for this message, sorted.
func (c *Letter) Names() []string { return c.collect((*Template).Names) }

// Optional lists the variables that have a default wherever they stand, sorted.
func (c *Letter) Optional() []string {
	need := c.Names()
	return slices.DeleteFunc(c.collect((*Template).Optional), func(n string) bool { return slices.Contains(need, n) })
}

func (c *Letter) collect(of func(*Template) []string) []string {
	var out []string
	for _, t := range c.templates() {
		out = append(out, of(t)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (c *Letter) templates() []*Template {
	all := []*Template{c.subject, c.fromName, c.text}
	if c.html != nil {
		all = append(all, c.html)
	}
	return all
}

// Render makes the message of one person. Their link out, v[VarUnsubscribe], becomes the message's UnsubscribeURL,
// wherever the text shows it or not. A person who lacks variables gets a *Missing that names them all.
func (c *Letter) Render(v Variables) (*Message, error) {
	m := &Message{
		Language:          c.template.Language,
		ReplyTo:           c.template.ReplyTo,
		UnsubscribeMailto: c.template.UnsubscribeMailto,
		Headers:           c.template.Headers,
	}
	var lacking []string
	put := func(t *Template, into *string) {
		if t == nil {
			return
		}
		s, err := t.Render(v)
		var lack *Missing
		if errors.As(err, &lack) {
			lacking = append(lacking, lack.Names...)
		}
		*into = s
	}
	put(c.subject, &m.Subject)
	put(c.fromName, &m.FromName)
	put(c.text, &m.Text)
	put(c.html, &m.HTML)
	if err := missing(lacking); err != nil {
		return nil, err
	}
	if link, ok := v.Lookup(VarUnsubscribe); ok && webLink(link) {
		m.UnsubscribeURL = link
	}
	return m, nil
}
