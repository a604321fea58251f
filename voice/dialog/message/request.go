package message

import (
	"crypto/rand"
	"encoding/hex"
	"strconv"
)

// Field is one header line.
type Field struct {
	Name  string
	Value string
}

// Request is a request to be sent. Its texts are written as they are: whoever fills them in answers for them (Clean).
type Request struct {
	Method  string
	URI     string
	Network string // of the top Via: "UDP", "TCP" or "TLS"
	SentBy  string // host and port of the top Via
	Branch  string
	Route   []string // Route values, first hop first
	From    string   // whole values, with their tags
	To      string
	CallID  string
	CSeq    uint32
	Fixed   string // whole header lines, each with its CRLF
	Fields  []Field
	Type    string // Content-Type of the body
	Body    []byte
}

// Branch makes a new transaction identifier (RFC 3261 section 8.1.1.7).
func Branch() string { return "z9hG4bK" + Token() }

// Token makes a random word of 16 characters, fit for tags and identifiers.
func Token() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the process instead
	return hex.EncodeToString(b[:])
}

// Append writes the request behind b.
func (r *Request) Append(b []byte) []byte {
	b = append(b, r.Method...)
	b = append(b, ' ')
	b = append(b, r.URI...)
	b = append(b, " SIP/2.0\r\nVia: SIP/2.0/"...)
	b = append(b, r.Network...)
	b = append(b, ' ')
	b = append(b, r.SentBy...)
	b = append(b, ";branch="...)
	b = append(b, r.Branch...)
	b = append(b, ";rport\r\n"...)
	for _, route := range r.Route {
		b = appendField(b, "Route", route)
	}
	b = append(b, "Max-Forwards: 70\r\n"...)
	b = appendField(b, "From", r.From)
	b = appendField(b, "To", r.To)
	b = appendField(b, "Call-ID", r.CallID)
	b = append(b, "CSeq: "...)
	b = strconv.AppendUint(b, uint64(r.CSeq), 10)
	b = append(b, ' ')
	b = append(b, r.Method...)
	b = append(b, "\r\n"...)
	b = append(b, r.Fixed...)
	for _, f := range r.Fields {
		b = appendField(b, f.Name, f.Value)
	}
	return appendBody(b, r.Type, r.Body)
}

// Ack is the acknowledgement of a final answer to this INVITE that is not a 2xx (RFC 3261 section 17.1.1.3): the same
// transaction, so the same branch. to is the answer's To value.
func (r *Request) Ack(to string) *Request {
	return &Request{
		Method: "ACK", URI: r.URI, Network: r.Network, SentBy: r.SentBy, Branch: r.Branch, Route: r.Route,
		From: r.From, To: to, CallID: r.CallID, CSeq: r.CSeq,
	}
}

// Cancel is the request that cancels this one (RFC 3261 section 9.1). reason, when not empty, is a Reason value.
func (r *Request) Cancel(reason string) *Request {
	c := r.Ack(r.To)
	c.Method = "CANCEL"
	if reason != "" {
		c.Fields = []Field{{"Reason", reason}}
	}
	return c
}

func appendField(b []byte, name, value string) []byte {
	b = append(b, name...)
	b = append(b, ": "...)
	b = append(b, value...)
	return append(b, "\r\n"...)
}

func appendBody(b []byte, contentType string, body []byte) []byte {
	if len(body) > 0 {
		b = appendField(b, "Content-Type", contentType)
	}
	b = append(b, "Content-Length: "...)
	b = strconv.AppendInt(b, int64(len(body)), 10)
	b = append(b, "\r\n\r\n"...)
	return append(b, body...)
}

// Clean reports whether a text may stand in a header: it has no line end and no other control character that would let
// it become a second header.
func Clean(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' && s[i] != '\t' || s[i] == 0x7f {
			return false
		}
	}
	return true
}
