package email

import (
	"bytes"
	"encoding/base64"
	"maps"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"campanario/agent"
	"campanario/channel"
)

// boundary separates the parts. "=_" cannot occur in quoted-printable text (RFC 2045 6.7), so one boundary does for all
// messages and nothing a person writes can end a part.
const boundary = "=_campanario"

// Bounds of a header line, in bytes, without its line end (RFC 5322 2.1.1).
const (
	foldAt      = 76
	longestLine = 998
)

// largest bounds the buffer that a worker keeps between messages.
const largest = 512 << 10

// composer writes messages of one line into a buffer that it uses again. It belongs to one worker.
type composer struct {
	c     *config
	from  mailAddress
	reply string
	buf   bytes.Buffer
	spare bytes.Buffer
}

// messageID is made of the order's thread, so that all attempts in a lap are one message to the far end.
func messageID(o *channel.Order, domain string) string {
	id := o.Thread
	if id == "" {
		id = o.Attempt
	}
	return "<" + atoms(id) + "@" + domain + ">"
}

// atoms makes a dot-atom (RFC 5322 3.2.3) of an id, the same for the same id and different for different ones.
func atoms(id string) string {
	plain := id != "" && id[0] != '.' && id[len(id)-1] != '.' && !strings.Contains(id, "..")
	for i := 0; plain && i < len(id); i++ {
		c := id[i]
		plain = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.'
	}
	if plain {
		return id
	}
	return "x=" + strings.TrimRight(base64.URLEncoding.EncodeToString([]byte(id)), "=")
}

// compose writes the whole message, without dot-stuffing. The result is good until the next call.
func (w *composer) compose(o *channel.Order, m *agent.Message, to mailAddress, id string, now time.Time) []byte {
	if w.buf.Cap() > largest {
		w.buf, w.spare = bytes.Buffer{}, bytes.Buffer{} // one large message is not kept for ever
	}
	w.buf.Reset()
	w.put("Date", now.Format(time.RFC1123Z))
	w.put("From", w.sender(m))
	w.put("To", to.path)
	w.words("Subject", m.Subject)
	w.put("Message-ID", id)
	if r := w.replyTo(m); r != "" {
		w.put("Reply-To", r)
	}
	w.put("MIME-Version", "1.0")
	if m.Language != "" {
		w.words("Content-Language", m.Language)
	}
	w.listHeaders(m)
	if o.Attempt != "" {
		w.put("X-Campanario-Attempt", atoms(o.Attempt))
	}
	w.furtherHeaders(m)
	if m.HTML == "" {
		w.part("text/plain", m.Text)
		if !bytes.HasSuffix(w.buf.Bytes(), []byte("\r\n")) {
			w.buf.WriteString("\r\n")
		}
		return w.buf.Bytes()
	}
	w.buf.WriteString("Content-Type: multipart/alternative;\r\n boundary=\"" + boundary + "\"\r\n\r\n")
	w.buf.WriteString("--" + boundary + "\r\n")
	w.part("text/plain", m.Text)
	w.buf.WriteString("\r\n--" + boundary + "\r\n")
	w.part("text/html", m.HTML)
	w.buf.WriteString("\r\n--" + boundary + "--\r\n")
	return w.buf.Bytes()
}

// part writes the header and the text of a part, or the rest of the message when it has only one.
func (w *composer) part(kind, text string) {
	w.buf.WriteString("Content-Type: " + kind + "; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
	text = strings.ToValidUTF8(text, "�")
	if strings.Contains(text, "\r") {
		text = lineEnds.Replace(text) // the writer loses a line end after a lone CR
	}
	qp := quotedprintable.NewWriter(&w.buf)
	_, _ = qp.Write([]byte(text)) // writing to a buffer cannot fail
	_ = qp.Close()
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

func (w *composer) sender(m *agent.Message) string {
	name := m.FromName
	if name == "" {
		name = w.c.FromName
	}
	return address(name, w.from)
}

func (w *composer) replyTo(m *agent.Message) string {
	if m.ReplyTo != "" && m.ReplyTo != w.c.ReplyTo {
		if r, err := parseMailbox(m.ReplyTo); err == nil {
			return r.path
		}
	}
	return w.reply
}

// listHeaders writes what lets a mail program offer to unsubscribe (RFC 2369, RFC 8058) and to sort (RFC 2919).
func (w *composer) listHeaders(m *agent.Message) {
	var links []string
	web := linkable(m.UnsubscribeURL)
	if web {
		links = append(links, "<"+m.UnsubscribeURL+">")
	}
	if to, err := parseMailbox(m.UnsubscribeMailto); err == nil && !to.utf8 {
		links = append(links, "<mailto:"+url.PathEscape(to.local)+"@"+to.domain+"?subject=unsubscribe>")
	}
	if len(links) > 0 {
		w.put("List-Unsubscribe", strings.Join(links, ", "))
	}
	if web && m.OneClick() {
		w.put("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	if w.c.ListID != "" && m.Headers["List-Id"] == "" && m.Headers["List-ID"] == "" {
		w.put("List-Id", "<"+w.c.ListID+">")
	}
}

// linkable reports whether a link can stand between angle brackets as it is.
func linkable(link string) bool {
	for i := range len(link) {
		if c := link[i]; c <= ' ' || c >= 0x7f || c == '<' || c == '>' || c == ',' {
			return false
		}
	}
	return len(link) < longestLine-30 && (strings.HasPrefix(link, "https://") || strings.HasPrefix(link, "http://"))
}

// furtherHeaders writes the message's own fields, sorted. Templates have refused bad names and ours already; what comes
// another way is left out rather than written twice.
func (w *composer) furtherHeaders(m *agent.Message) {
	if len(m.Headers) == 0 {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(m.Headers)) {
		if fieldName(name) && !slices.Contains(reserved, textproto.CanonicalMIMEHeaderKey(name)) {
			w.words(name, m.Headers[name])
		}
	}
}

// reserved are the fields that only the adapter writes, in their canonical form.
var reserved = []string{
	"Bcc", "Cc", "Content-Language", "Content-Transfer-Encoding", "Content-Type", "Date", "Dkim-Signature", "From",
	"List-Unsubscribe", "List-Unsubscribe-Post", "Message-Id", "Mime-Version", "Received", "Reply-To", "Return-Path",
	"Sender", "Subject", "To", "X-Campanario-Attempt",
}

func fieldName(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f || s[i] == ':' {
			return false
		}
	}
	return s != "" && len(s) <= 60
}

// words writes a field of free words (RFC 5322 3.6.5), encoded where they need it (RFC 2047).
func (w *composer) words(name, value string) { w.put(name, encodeWords(oneLine(value))) }

// put writes a field and folds it at blanks. The value is one line of ASCII, or of UTF-8 under SMTPUTF8.
func (w *composer) put(name, value string) {
	w.buf.WriteString(name)
	w.buf.WriteByte(':')
	column, empty := len(name)+1, true
	for value != "" {
		word, rest, _ := strings.Cut(value, " ")
		if word == "" { // blanks side by side: one stays
			value = rest
			continue
		}
		// The first word stays beside the name, lest a line be all blank.
		if column+1+len(word) > foldAt && !empty {
			w.buf.WriteString("\r\n")
			column = 0
		}
		w.buf.WriteByte(' ')
		w.buf.WriteString(word)
		column += 1 + len(word)
		value, empty = rest, false
	}
	if empty {
		w.buf.WriteByte(' ')
	}
	w.buf.WriteString("\r\n")
}

// oneLine makes one line of valid UTF-8 of whatever a variable held: no header can begin in the middle of a value.
func oneLine(s string) string {
	clean := true
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	s = strings.ToValidUTF8(s, "�")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r < ' ', r == 0x7f, r >= 0x80 && r <= 0x9f, r == '\u2028', r == '\u2029':
			return ' '
		default:
			return r
		}
	}, s))
}

// encodeWords writes a line as encoded words when plain letters will not do: outside ASCII, longer than a line may be
// without a blank, or when it looks like an encoded word itself and would be read as one.
func encodeWords(s string) string {
	if strings.Contains(s, "=?") || longWord(s) {
		return chunks(s)
	}
	return mime.QEncoding.Encode("utf-8", s)
}

func longWord(s string) bool {
	return len(s) > longestLine-foldAt &&
		slices.ContainsFunc(strings.Split(s, " "), func(w string) bool { return len(w) > longestLine-foldAt })
}

// chunks is s in encoded words of base64, each whole letters and at most 75 long.
func chunks(s string) string {
	const most = 45 // 60 letters of base64
	var b strings.Builder
	for s != "" {
		n := min(most, len(s))
		for n < len(s) && n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString("=?utf-8?b?" + base64.StdEncoding.EncodeToString([]byte(s[:n])) + "?=")
		s = s[n:]
	}
	return b.String()
}

// address is a name and an address as a header shows them.
func address(name string, m mailAddress) string {
	name = oneLine(name)
	if name == "" {
		return m.path
	}
	// Beside an address the Q encoding allows few signs (RFC 2047 5.3), and net/mail forgets one of them.
	if !ascii(name) && strings.ContainsFunc(name, sign) || strings.Contains(name, "=?") || longWord(name) {
		return chunks(name) + " <" + m.path + ">"
	}
	shown := (&mail.Address{Name: name, Address: "a@b"}).String()
	return strings.TrimSuffix(shown, "<a@b>") + "<" + m.path + ">"
}

// sign reports whether a letter of ASCII is neither letter, digit nor blank.
func sign(r rune) bool {
	return r < 0x80 && r != ' ' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z')
}
