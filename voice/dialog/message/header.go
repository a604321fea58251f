package message

import (
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

// compact are the one-letter header names (RFC 3261 section 7.3.3 and the registry) of the headers that we read.
var compact = map[string]string{
	"Call-ID": "i", "Contact": "m", "Content-Encoding": "e", "Content-Length": "l", "Content-Type": "c", "From": "f",
	"Session-Expires": "x", "Supported": "k", "To": "t", "Via": "v",
}

func headers(m sip.Message) []sip.Header {
	switch m := m.(type) {
	case *sip.Request:
		return m.Headers()
	case *sip.Response:
		return m.Headers()
	}
	return nil
}

func named(h sip.Header, name string) bool {
	n := h.Name()
	if len(n) == 1 {
		return strings.EqualFold(n, compact[name])
	}
	return len(n) == len(name) && strings.EqualFold(n, name)
}

// Header is the value of the first header of that name (in its long form), or "".
func Header(m sip.Message, name string) string {
	for _, h := range headers(m) {
		if named(h, name) {
			return h.Value()
		}
	}
	return ""
}

// Lines are the values of every header of that name, one for each line, in order.
func Lines(m sip.Message, name string) []string {
	var out []string
	for _, h := range headers(m) {
		if named(h, name) {
			out = append(out, h.Value())
		}
	}
	return out
}

// Values are the members of every header of that name, in order: RFC 3261 section 7.3.1 lets a list be written on one
// line or on several.
func Values(m sip.Message, name string) []string {
	var out []string
	for _, h := range headers(m) {
		if named(h, name) {
			out = splitList(out, h.Value())
		}
	}
	return out
}

// Has reports whether a list header (Supported, Require, Allow, …) names the token.
func Has(m sip.Message, name, token string) bool {
	for _, v := range Values(m, name) {
		if strings.EqualFold(v, token) {
			return true
		}
	}
	return false
}

// Split are the comma-separated members of a list.
func Split(s string) []string { return splitList(nil, s) }

// splitList appends the comma-separated members of s, leaving commas inside quotes and angle brackets alone.
func splitList(out []string, s string) []string {
	var quoted, escaped, angled bool
	start := 0
	for i := range len(s) {
		c := s[i]
		switch {
		case escaped:
			escaped = false
		case quoted:
			escaped = c == '\\'
			quoted = c != '"'
		case c == '"':
			quoted = true
		case c == '<':
			angled = true
		case c == '>':
			angled = false
		case c == ',' && !angled:
			out = appendTrimmed(out, s[start:i])
			start = i + 1
		}
	}
	return appendTrimmed(out, s[start:])
}

func appendTrimmed(out []string, s string) []string {
	if s = strings.TrimSpace(s); s != "" {
		out = append(out, s)
	}
	return out
}

// Address splits a name-addr or addr-spec (RFC 3261 section 20.10) into its URI and the header parameters that follow,
// which begin with a semicolon when there are any. ok is false when quotes or brackets do not close or no URI is there.
func Address(s string) (uri, params string, ok bool) {
	var quoted, escaped bool
	for i := range len(s) {
		c := s[i]
		switch {
		case escaped:
			escaped = false
		case quoted:
			escaped = c == '\\'
			quoted = c != '"'
		case c == '"':
			quoted = true
		case c == '<':
			end := strings.IndexByte(s[i:], '>')
			if end < 0 {
				return "", "", false
			}
			uri = strings.TrimSpace(s[i+1 : i+end])
			params = strings.TrimSpace(s[i+end+1:])
			return uri, params, strings.IndexByte(uri, ':') > 0 && (params == "" || params[0] == ';')
		}
	}
	if quoted {
		return "", "", false
	}
	uri, params, found := strings.Cut(s, ";")
	uri = strings.TrimSpace(uri)
	if found {
		params = ";" + params
	}
	return uri, params, strings.IndexByte(uri, ':') > 0 && !strings.ContainsAny(uri, " \t\"")
}

// Param finds a parameter in ";name=value;…", without quotes. found is true for a parameter without a value too.
func Param(params, name string) (value string, found bool) {
	for params != "" {
		var p string
		p, params = cutParam(params)
		k, v, _ := strings.Cut(p, "=")
		if strings.EqualFold(strings.TrimSpace(k), name) {
			return Unquote(strings.TrimSpace(v)), true
		}
	}
	return "", false
}

// cutParam takes the first parameter off, with its leading semicolons and spaces removed.
func cutParam(s string) (first, rest string) {
	s = strings.TrimLeft(s, "; \t")
	var quoted, escaped bool
	for i := range len(s) {
		c := s[i]
		switch {
		case escaped:
			escaped = false
		case quoted:
			escaped = c == '\\'
			quoted = c != '"'
		case c == '"':
			quoted = true
		case c == ';':
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// Unquote is the text of a quoted string (RFC 3261 section 25.1), or s itself when it is none.
func Unquote(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	s = s[1 : len(s)-1]
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// Tag is the tag parameter of a From or To value, or "".
func Tag(value string) string {
	_, params, ok := Address(value)
	if !ok {
		return ""
	}
	tag, _ := Param(params, "tag")
	return tag
}

// CallID is the message's Call-ID, or "".
func CallID(m sip.Message) string {
	if h := m.CallID(); h != nil {
		return string(*h)
	}
	return ""
}

// CSeq is the message's sequence number and method; false when it has none.
func CSeq(m sip.Message) (uint32, string, bool) {
	h := m.CSeq()
	if h == nil {
		return 0, "", false
	}
	return h.SeqNo, strings.TrimSpace(string(h.MethodName)), true
}

// Seconds reads a delta-seconds value with whatever follows it ("120;x=y", "18000 (maintenance)"); false when there is
// none. The answer is at most a year, whatever was written.
func Seconds(value string) (time.Duration, bool) {
	value = strings.TrimSpace(value)
	end := 0
	for end < len(value) && value[end] >= '0' && value[end] <= '9' {
		end++
	}
	if end == 0 {
		return 0, false
	}
	const year = 365 * 24 * 3600
	n, err := strconv.ParseUint(value[:end], 10, 32)
	if err != nil || n > year {
		n = year
	}
	return time.Duration(n) * time.Second, true
}

// Cause reads the Q.850 cause from the Reason headers (RFC 3326); 0 when there is none.
func Cause(m sip.Message) (cause int, text string) {
	for _, v := range Values(m, "Reason") {
		protocol, params, _ := strings.Cut(v, ";")
		if !strings.EqualFold(strings.TrimSpace(protocol), "Q.850") {
			continue
		}
		c, _ := Param(params, "cause")
		n, err := strconv.Atoi(c)
		if err != nil || n < 1 || n > 127 {
			continue
		}
		text, _ = Param(params, "text")
		return n, text
	}
	return 0, ""
}
