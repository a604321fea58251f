package agent

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"

	"campanario/internal/fault"
)

// maxName bounds the name of a variable, in bytes.
const maxName = 100

// Parse reads a template. The error is a fault.List of everything wrong with it, each with the line and column
// (counted in characters, from 1) where it stands.
func Parse(f Format, source string) (*Template, error) {
	p := scanner{t: &Template{source: source, format: f}, src: source}
	if f == Header {
		p.src = oneLine(source)
	}
	for p.pos < len(p.src) {
		p.step()
	}
	p.flush()
	if err := p.faults.Err(); err != nil {
		return nil, err
	}
	return p.t, nil
}

type scanner struct {
	t      *Template
	src    string
	pos    int
	text   strings.Builder // fixed text not yet made a part
	faults fault.List
}

// step takes everything up to and including the next thing that may be a variable.
func (p *scanner) step() {
	i := strings.IndexAny(p.src[p.pos:], `{@\`)
	if i < 0 {
		p.literal(len(p.src) - p.pos)
		return
	}
	p.literal(i)
	rest := p.src[p.pos:]
	switch {
	case strings.HasPrefix(rest, `\{{`):
		p.text.WriteString("{{")
		p.pos += len(`\{{`)
	case strings.HasPrefix(rest, "{{"):
		p.braces()
	case rest[0] == '@':
		p.at()
	default:
		p.literal(1)
	}
}

// literal takes n bytes as fixed text.
func (p *scanner) literal(n int) {
	p.text.WriteString(p.src[p.pos : p.pos+n])
	p.pos += n
}

func (p *scanner) flush() {
	if p.text.Len() == 0 {
		return
	}
	p.t.fixed += p.text.Len()
	p.t.parts = append(p.t.parts, part{text: p.text.String()})
	p.text.Reset()
}

func (p *scanner) variable(v part) {
	p.flush()
	p.t.fixed += len(v.text)
	p.t.parts = append(p.t.parts, v)
}

// braces takes {{ name | default }}.
func (p *scanner) braces() {
	start := p.pos
	name, def, opt, n := split(p.src[p.pos+2:])
	if n < 0 {
		p.fault("template_unclosed", start, nil)
		p.pos = len(p.src)
		return
	}
	p.pos += 2 + n
	if p.t.format == HTML {
		// An editor of HTML writes &amp; and &nbsp; inside the braces too.
		name, def = strings.TrimSpace(html.UnescapeString(name)), strings.TrimSpace(html.UnescapeString(def))
	}
	key := Key(name)
	if key == "" || len(name) > maxName || instruction(name) {
		p.fault("template_name_invalid", start, fault.Params{"name": clip(name)})
		return
	}
	if opt {
		quoted := len(def) > 1 && def[0] == '"' && def[len(def)-1] == '"'
		switch {
		case quoted:
			def = def[1 : len(def)-1]
		case def == "":
			p.fault("template_default_empty", start, fault.Params{"name": key})
			return
		}
	}
	p.variable(part{name: key, text: p.t.format.escape(def), opt: opt})
}

// split cuts what follows two opening braces into name and default; n is how long it is with its closing braces, or
// -1 when they never come. A default in quotes may hold braces and bars.
func split(s string) (name, def string, opt bool, n int) {
	end := strings.Index(s, "}}")
	if end < 0 {
		return "", "", false, -1
	}
	bar := strings.IndexByte(s[:end], '|')
	if bar < 0 {
		return strings.TrimSpace(s[:end]), "", false, end + 2
	}
	name = strings.TrimSpace(s[:bar])
	after := strings.TrimLeft(s[bar+1:], " \t")
	if strings.HasPrefix(after, `"`) {
		if q := strings.IndexByte(after[1:], '"'); q >= 0 {
			quoted, tail := after[:q+2], after[q+2:]
			if gone := strings.TrimLeft(tail, " \t"); strings.HasPrefix(gone, "}}") {
				return name, quoted, true, len(s) - len(gone) + 2
			}
		}
	}
	return name, strings.TrimSpace(s[bar+1 : end]), true, end + 2
}

// instruction reports a name that would be an instruction in other template languages, or holds braces or a line break,
// which are nearly always a slip of the keyboard.
func instruction(name string) bool {
	return strings.ContainsAny(name[:1], "#/>^!&") || strings.ContainsAny(name, "{}\n\r")
}

func clip(s string) string {
	if utf8.RuneCountInString(s) <= 40 {
		return s
	}
	return string([]rune(s)[:40]) + "…"
}

// at takes a word such as @Coringa1, or leaves the sign as it is.
func (p *scanner) at() {
	if strings.HasPrefix(p.src[p.pos:], "@@") {
		if _, n := word(p.src[p.pos+2:]); n > 0 {
			p.pos++
			p.literal(1 + n)
			return
		}
		p.literal(2)
		return
	}
	key, n := word(p.src[p.pos+1:])
	if n == 0 || p.address(p.src[p.pos+1+n:]) {
		p.literal(1)
		return
	}
	if key == "" {
		p.fault("template_wildcard_unknown", p.pos, fault.Params{"name": p.src[p.pos : p.pos+1+n]})
	}
	p.pos += 1 + n
	p.variable(part{name: key})
}

// word finds one of the words with @ at the beginning of s, which must end there too, and gives its variable and length in
// bytes. A wildcard beyond 5 is found without a variable: it is a mistake rather than a word of the text.
func word(s string) (key string, n int) {
	for n < len(s) {
		r, size := utf8.DecodeRuneInString(s[n:])
		if !inWord(r) {
			break
		}
		n += size
	}
	switch w := strings.ToLower(s[:n]); {
	case w == "primeironome":
		return VarFirstName, n
	case w == "nomecliente":
		return VarName, n
	case strings.HasPrefix(w, "coringa"):
		digits := w[len("coringa"):]
		if digits == "" || strings.Trim(digits, "0123456789") != "" {
			return "", 0
		}
		if len(digits) == 1 && "1" <= digits && digits <= "5" {
			return "wildcard_" + digits, n
		}
		return "", n
	}
	return "", 0
}

func inWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// address reports whether the sign at pos stands inside an e-mail address: after a letter or digit, or after another
// sign that a mailbox may end in when a domain follows.
func (p *scanner) address(after string) bool {
	before, _ := utf8.DecodeLastRuneInString(p.src[:p.pos])
	if p.pos == 0 {
		return false
	}
	if inWord(before) {
		return true
	}
	dot, size := utf8.DecodeRuneInString(after)
	next, _ := utf8.DecodeRuneInString(after[size:])
	return dot == '.' && unicode.IsLetter(next) && strings.ContainsRune("+-%", before)
}

// fault notes a mistake at a byte offset.
func (p *scanner) fault(code string, at int, params fault.Params) {
	if params == nil {
		params = fault.Params{}
	}
	before := p.src[:at]
	params["line"] = 1 + strings.Count(before, "\n")
	params["column"] = 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	p.faults = append(p.faults, fault.New(fault.Invalid, code, params))
}
