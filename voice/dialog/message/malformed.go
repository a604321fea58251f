package message

import (
	"bytes"
	"strings"
)

// Malformed is text that begins like a SIP message and cannot be taken for one.
type Malformed struct {
	cause error
	reply []byte
}

// Error says what the parser stumbled over, without quoting the message: it may name people.
func (m *Malformed) Error() string { return "message: malformed" }

// Unwrap gives the parser's own error, which may quote the message: it is for a debugger, never for a log.
func (m *Malformed) Unwrap() error { return m.cause }

// Reply is the refusal to send back to where the text came from, or nil when none can be made: for responses, for
// ACKs, and for requests without the headers that a reply must copy (RFC 3261 section 8.2.6.2).
func (m *Malformed) Reply() []byte { return m.reply }

func malformed(data []byte, cause error) *Malformed {
	return &Malformed{cause: cause, reply: refusal(data)}
}

// refusal copies the lines of a reply from a request that could not be parsed.
func refusal(data []byte) []byte {
	start, rest, _ := strings.Cut(string(data[:min(len(data), 8192)]), "\n")
	method, target, _ := strings.Cut(strings.TrimRight(start, "\r"), " ")
	if method == "ACK" || strings.HasPrefix(method, "SIP/") {
		return nil
	}
	line := "SIP/2.0 400 Bad Request\r\n"
	if scheme, _, ok := strings.Cut(strings.TrimSpace(target), ":"); ok && foreign(scheme) {
		line = "SIP/2.0 416 Unsupported URI Scheme\r\n"
	}
	var b bytes.Buffer
	b.WriteString(line)
	found := copyHead(&b, rest)
	if !found["Via"] || !found["From"] || !found["Call-ID"] || !found["CSeq"] {
		return nil
	}
	b.WriteString("Content-Length: 0\r\n\r\n")
	return b.Bytes()
}

// foreign reports whether s is a URI scheme (RFC 3986 section 3.1) that is not SIP's.
func foreign(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		if (c < 'a' || c > 'z') && (i == 0 || !strings.ContainsRune("0123456789+-.", rune(s[i]))) {
			return false
		}
	}
	return s != "" && !strings.EqualFold(s, "sip") && !strings.EqualFold(s, "sips") && !strings.EqualFold(s, "tel")
}

// copyHead writes the unfolded lines which a reply repeats, and says which it found.
func copyHead(b *bytes.Buffer, head string) map[string]bool {
	found := map[string]bool{}
	lines := strings.Split(head, "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimRight(lines[i], "\r \t")
		if line == "" {
			break
		}
		for i+1 < len(lines) && lines[i+1] != "" && (lines[i+1][0] == ' ' || lines[i+1][0] == '\t') {
			i++
			line += " " + strings.TrimSpace(lines[i])
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		full := repeated(strings.TrimSpace(name))
		if full == "" || full != "Via" && found[full] || strings.Contains(value, "\r") {
			continue
		}
		found[full] = true
		b.WriteString(full + ": " + strings.TrimSpace(value) + "\r\n")
	}
	return found
}

// repeated is the long name of a header that replies copy, or "".
func repeated(name string) string {
	for _, full := range []string{"Via", "From", "To", "Call-ID", "CSeq"} {
		if strings.EqualFold(name, full) || compact[full] != "" && strings.EqualFold(name, compact[full]) {
			return full
		}
	}
	return ""
}

// Refusal is the reply to text that is not even framed as a message, or nil when none can be made.
func Refusal(data []byte) []byte { return refusal(data) }
