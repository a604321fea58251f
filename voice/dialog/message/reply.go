package message

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// Reply is an answer to be sent. What it repeats of the request (Via, From, To, Call-ID, CSeq) is copied when it is
// written.
type Reply struct {
	Status int
	Reason string // the reason phrase; empty for the usual one
	Tag    string // put on the To of the request when that has none; empty only for 100
	Fixed  string // whole header lines, each with its CRLF
	Fields []Field
	Type   string // Content-Type of the body
	Body   []byte
	Routes bool // repeat Record-Route: for answers that make a dialog (RFC 3261 section 12.1.1)
}

// Append writes the answer to req, which came from source, behind b.
func (r *Reply) Append(b []byte, req *sip.Request, source netip.AddrPort) []byte {
	reason := r.Reason
	if reason == "" {
		reason = Phrase(r.Status)
	}
	b = append(b, "SIP/2.0 "...)
	b = strconv.AppendInt(b, int64(r.Status), 10)
	b = append(b, ' ')
	b = append(b, reason...)
	b = append(b, "\r\n"...)
	b = r.appendHead(b, req, source)
	b = append(b, r.Fixed...)
	for _, f := range r.Fields {
		b = appendField(b, f.Name, f.Value)
	}
	return appendBody(b, r.Type, r.Body)
}

func (r *Reply) appendHead(b []byte, req *sip.Request, source netip.AddrPort) []byte {
	top := true
	for _, h := range req.Headers() {
		if via, ok := h.(*sip.ViaHeader); ok {
			value := via.Value()
			if top {
				value = received(via, source)
			}
			b = appendField(b, "Via", value)
			top = false
			continue
		}
		switch {
		case named(h, "To"):
			b = appendField(b, "To", r.to(h.Value()))
		case named(h, "From"):
			b = appendField(b, "From", h.Value())
		case named(h, "Call-ID"):
			b = appendField(b, "Call-ID", h.Value())
		case named(h, "CSeq"):
			b = appendField(b, "CSeq", h.Value())
		case r.Routes && named(h, "Record-Route"):
			b = appendField(b, "Record-Route", h.Value())
		case r.Status == 100 && named(h, "Timestamp"):
			b = appendField(b, "Timestamp", h.Value())
		}
	}
	return b
}

func (r *Reply) to(value string) string {
	if r.Tag == "" || Tag(value) != "" {
		return value
	}
	return value + ";tag=" + r.Tag
}

// received writes the top Via with where the request really came from (RFC 3261 section 18.2.1, RFC 3581 section 4).
func received(via *sip.ViaHeader, source netip.AddrPort) string {
	host := source.Addr().Unmap().String()
	port, asked := via.Params.Get("rport")
	if !asked && strings.EqualFold(via.Host, host) {
		return via.Value()
	}
	v := via.Clone()
	if v.Params.Add("received", host); asked && port == "" {
		v.Params.Add("rport", strconv.Itoa(int(source.Port())))
	}
	return v.Value()
}
