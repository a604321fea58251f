package intake

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// markup cuts XML into tags and the texts between them. It knows what workbooks are written in: elements, attributes,
// the five entities and those by number, CDATA, comments and instructions. What declares entities of its own is refused,
// and no tag or text grows past a bound, so a file cannot make it hold more than that.
type markup struct {
	in      *bufio.Reader
	most    int    // bytes of a tag or a text
	keep    bool   // whether text is kept; it is dropped unread otherwise
	name    string // of the tag, without its prefix
	attrs   []byte // what stands behind the name
	closing bool   // </name>
	empty   bool   // <name/>
	text    []byte // between the tag before and this one, with entities as they stand
	tag     []byte
	names   map[string]string // each name once
}

var (
	errMarkup     = errors.New("intake: not the XML of a workbook")
	errMarkupLong = errors.New("intake: a tag or a text of XML that is too long")
)

func newMarkup(in io.Reader, most int) *markup {
	return &markup{in: bufio.NewReaderSize(in, 64<<10), most: most, names: map[string]string{}}
}

// next goes to the next tag; io.EOF when there is none.
func (m *markup) next() error {
	m.text = m.text[:0]
	for {
		if err := m.until('<', m.keep); err != nil {
			return err
		}
		head, err := m.in.Peek(1)
		if err != nil {
			return broken(err)
		}
		switch head[0] {
		case '!':
			if err := m.declaration(); err != nil {
				return err
			}
		case '?':
			if err := m.past("?>", nil); err != nil {
				return err
			}
		default:
			return m.element()
		}
	}
}

// broken is what the end of a file inside something is.
func broken(err error) error {
	if errors.Is(err, io.EOF) {
		return errMarkup
	}
	return err
}

// until reads to the byte and past it, and keeps what is before it among the text if asked to.
func (m *markup) until(c byte, keep bool) error {
	for {
		part, err := m.in.ReadSlice(c)
		if err == nil {
			part = part[:len(part)-1]
		}
		if keep {
			if m.text = append(m.text, part...); len(m.text) > m.most {
				return errMarkupLong
			}
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// declaration skips a comment, keeps CDATA, and refuses all else that begins with an exclamation mark.
func (m *markup) declaration() error {
	head, err := m.in.Peek(8)
	switch {
	case bytes.HasPrefix(head, []byte("!--")):
		return m.past("-->", nil)
	case bytes.HasPrefix(head, []byte("![CDATA[")):
		_, _ = m.in.Discard(8)
		return m.past("]]>", func(b []byte) { m.text = append(m.text, escaped(b)...) })
	case err != nil:
		return broken(err)
	default:
		return errMarkup
	}
}

// escaped writes CDATA as other text is written.
func escaped(b []byte) []byte { return bytes.ReplaceAll(b, []byte("&"), []byte("&amp;")) }

// past reads past a mark, and gives what is before it to keep unless that is nil.
func (m *markup) past(mark string, keep func([]byte)) error {
	m.tag = m.tag[:0]
	last := mark[len(mark)-1]
	for {
		part, err := m.in.ReadSlice(last)
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return broken(err)
		}
		if m.tag = append(m.tag, part...); bytes.HasSuffix(m.tag, []byte(mark)) {
			if keep != nil && m.keep {
				keep(m.tag[:len(m.tag)-len(mark)])
			}
			return nil
		}
		if len(m.tag) > m.most {
			return errMarkupLong
		}
	}
}

// element reads a tag. A ">" inside an attribute's quotes does not end it.
func (m *markup) element() error {
	m.tag = m.tag[:0]
	for {
		part, err := m.in.ReadSlice('>')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return broken(err)
		}
		if m.tag = append(m.tag, part...); len(m.tag) > m.most {
			return errMarkupLong
		}
		if err == nil && !quoteOpen(m.tag) {
			break
		}
	}
	body := m.tag[:len(m.tag)-1]
	m.closing = bytes.HasPrefix(body, []byte("/"))
	body = bytes.TrimPrefix(body, []byte("/"))
	m.empty = bytes.HasSuffix(body, []byte("/"))
	body = bytes.TrimSuffix(body, []byte("/"))
	end := bytes.IndexAny(body, " \t\r\n")
	if end < 0 {
		end = len(body)
	}
	name := body[:end]
	if i := bytes.IndexByte(name, ':'); i > 0 && i < len(name)-1 {
		name = name[i+1:]
	}
	if len(name) == 0 || len(name) > 100 {
		return errMarkup
	}
	known, ok := m.names[string(name)]
	if !ok {
		known = string(name)
		if len(m.names) < 1000 {
			m.names[known] = known
		}
	}
	m.name, m.attrs = known, body[end:]
	return nil
}

func quoteOpen(tag []byte) bool {
	if bytes.IndexByte(tag, '"') < 0 && bytes.IndexByte(tag, '\'') < 0 {
		return false
	}
	quote := byte(0)
	for _, c := range tag {
		switch {
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case c == quote:
			quote = 0
		}
	}
	return quote != 0
}

// attr is the value of an attribute, as it stands; nil when there is none. A name that ends with a colon's right side
// (":id") is that of an attribute with any prefix.
func (m *markup) attr(name string) []byte {
	rest := m.attrs
	for {
		rest = bytes.TrimLeft(rest, " \t\r\n")
		eq := bytes.IndexByte(rest, '=')
		if eq < 0 {
			return nil
		}
		key := bytes.TrimRight(rest[:eq], " \t\r\n")
		rest = bytes.TrimLeft(rest[eq+1:], " \t\r\n")
		if len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
			return nil
		}
		end := bytes.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return nil
		}
		value := rest[1 : 1+end]
		rest = rest[end+2:]
		if string(key) == name || name[0] == ':' && bytes.HasSuffix(key, []byte(name)) {
			return value
		}
	}
}

// has reports whether an attribute is there and true.
func (m *markup) has(name string) bool {
	switch string(m.attr(name)) {
	case "1", "true", "on":
		return true
	default:
		return false
	}
}

var entities = map[string]rune{"amp": '&', "lt": '<', "gt": '>', "quot": '"', "apos": '\''}

// unescaped appends a text with its entities resolved, and with the _x000D_ by which workbooks write what XML cannot.
func unescaped(to, text []byte) []byte {
	if bytes.IndexByte(text, '&') < 0 && !bytes.Contains(text, []byte("_x")) {
		return append(to, text...)
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '&':
			end := bytes.IndexByte(text[i:min(len(text), i+12)], ';')
			if r, ok := entity(string(text[i+1 : i+max(end, 1)])); ok && end > 0 {
				to = utf8.AppendRune(to, r)
				i += end
				continue
			}
			to = append(to, c)
		case c == '_' && i+7 <= len(text) && text[i+1] == 'x' && text[i+6] == '_':
			n, err := strconv.ParseUint(string(text[i+2:i+6]), 16, 16)
			if err != nil || utf16.IsSurrogate(rune(n)) {
				to = append(to, c)
				continue
			}
			to = utf8.AppendRune(to, rune(n))
			i += 6
		default:
			to = append(to, c)
		}
	}
	return to
}

func entity(name string) (rune, bool) {
	if r, ok := entities[name]; ok {
		return r, true
	}
	digits, ok := strings.CutPrefix(name, "#")
	if !ok {
		return 0, false
	}
	base := 10
	if hex, is := strings.CutPrefix(digits, "x"); is {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n == 0 || n > utf8.MaxRune || utf16.IsSurrogate(rune(n)) {
		return 0, false
	}
	return rune(n), true
}
