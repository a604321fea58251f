package agent

import (
	"html"
	"strings"
)

// PlainText derives the plain part of a message from its HTML: blocks become lines, list items get a dash, a link is
// followed by its address unless that is what it says, and what only a browser needs is left out. Variables in braces
// stay as they are. Any input gives some text: broken HTML is read as well as it goes.
func PlainText(source string) string {
	w := plain{}
	for source != "" {
		i := strings.IndexByte(source, '<')
		if i < 0 {
			w.text(source)
			break
		}
		w.text(source[:i])
		source = w.markup(source[i:])
	}
	w.endLink()
	return strings.TrimSpace(w.out.String())
}

type plain struct {
	out   strings.Builder
	blank bool   // a blank is owed before the next word
	lines int    // line breaks are owed before the next word
	link  string // address of the link being read
	said  int    // where its text began
	pre   bool
}

// markup takes one tag, comment or declaration off the front of s and gives the rest.
func (w *plain) markup(s string) string {
	if strings.HasPrefix(s, "<!--") {
		return after(s[4:], "-->")
	}
	name, closing := tagName(s)
	if name == "" && !closing && !strings.HasPrefix(s, "<!") && !strings.HasPrefix(s, "<?") {
		w.text("<")
		return s[1:]
	}
	tag, rest := cutTag(s)
	switch name {
	case "style", "script", "head", "title", "template", "noscript":
		if !closing && !strings.HasSuffix(tag, "/>") {
			return after(rest, "</"+name, ">")
		}
	case "a":
		w.endLink()
		if !closing {
			w.link, w.said = attribute(tag, "href"), -1
		}
	case "img":
		w.text(html.EscapeString(attribute(tag, "alt")))
	case "br":
		w.lines++
	case "li":
		w.newline(1)
		if !closing {
			w.text("- ")
		}
	case "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "hr":
		w.newline(2)
	case "div", "tr", "section", "article", "header", "footer", "dt", "dd":
		w.newline(1)
	case "td", "th":
		w.blank = true
	case "pre":
		w.newline(1)
		w.pre = !closing
	}
	return rest
}

// text writes words with one blank between them, as a browser does.
func (w *plain) text(s string) {
	s = html.UnescapeString(s)
	if w.pre {
		w.word(s)
		return
	}
	for s != "" {
		i := strings.IndexAny(s, " \t\r\n\f")
		if i < 0 {
			w.word(s)
			return
		}
		w.word(s[:i])
		w.blank = true
		s = s[i+1:]
	}
}

func (w *plain) word(s string) {
	if s == "" {
		return
	}
	if w.out.Len() > 0 {
		switch {
		case w.lines > 0:
			w.out.WriteString(strings.Repeat("\n", min(w.lines, 2)))
		case w.blank:
			w.out.WriteByte(' ')
		}
	}
	w.blank, w.lines = false, 0
	if w.link != "" && w.said < 0 {
		w.said = w.out.Len()
	}
	w.out.WriteString(s)
}

// newline owes at least n line breaks.
func (w *plain) newline(n int) { w.lines = max(w.lines, n) }

// endLink writes the address of the link that was being read.
func (w *plain) endLink() {
	link := w.link
	w.link = ""
	if link == "" || strings.HasPrefix(link, "#") {
		return
	}
	if w.said >= 0 {
		said := strings.TrimSpace(w.out.String()[w.said:])
		bare := strings.TrimPrefix(strings.TrimPrefix(link, "mailto:"), "tel:")
		if said == link || said == bare {
			return
		}
		w.blank, w.lines = true, 0
		w.word("(" + bare + ")")
		return
	}
	w.word(link)
}

// tagName is the name in front of s, in lower case, without its slash.
func tagName(s string) (name string, closing bool) {
	s = s[1:]
	if strings.HasPrefix(s, "/") {
		closing, s = true, s[1:]
	}
	n := 0
	for n < len(s) && (s[n]|0x20 >= 'a' && s[n]|0x20 <= 'z' || n > 0 && s[n] >= '0' && s[n] <= '9') {
		n++
	}
	return strings.ToLower(s[:n]), closing
}

// cutTag splits after the tag's closing bracket, which quotes may hide.
func cutTag(s string) (tag, rest string) {
	var quote byte
	for i := range len(s) {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return s[:i+1], s[i+1:]
		}
	}
	return s, ""
}

// attribute is the value of a tag's attribute, unescaped.
func attribute(tag, name string) string {
	lower := strings.ToLower(tag)
	for from := 0; ; {
		i := strings.Index(lower[from:], name)
		if i < 0 || len(lower) != len(tag) {
			return ""
		}
		i += from
		from = i + len(name)
		if i == 0 || !strings.ContainsRune(" \t\r\n\"'/", rune(tag[i-1])) {
			continue
		}
		value, ok := strings.CutPrefix(strings.TrimLeft(tag[from:], " \t\r\n"), "=")
		if !ok {
			continue
		}
		value = strings.TrimLeft(value, " \t\r\n")
		if value != "" && (value[0] == '"' || value[0] == '\'') {
			value, _, _ = strings.Cut(value[1:], value[:1])
		} else if end := strings.IndexAny(value, " \t\r\n>"); end >= 0 {
			value = value[:end]
		}
		return strings.TrimSpace(html.UnescapeString(value))
	}
}

// after is what follows the marks, found one after the other without regard to case; nothing when one is not there.
func after(s string, marks ...string) string {
	for _, m := range marks {
		i := indexFold(s, m)
		if i < 0 {
			return ""
		}
		s = s[i+len(m):]
	}
	return s
}

// indexFold finds an ASCII mark without regard to case.
func indexFold(s, mark string) int {
	for i := 0; i+len(mark) <= len(s); i++ {
		if strings.EqualFold(s[i:i+len(mark)], mark) {
			return i
		}
	}
	return -1
}
