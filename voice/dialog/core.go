package dialog

import (
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"campanario/voice/dialog/message"
	"campanario/voice/dialog/transaction"
	"campanario/voice/dialog/transport"
)

const (
	sdpType = "application/sdp"
	methods = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK"
	// abilities are what our INVITEs and UPDATEs say of us.
	abilities = "Allow: " + methods + "\r\nSupported: 100rel, timer\r\n"
)

// Request takes a new request (transaction.Core).
func (a *Agent) Request(s *transaction.Server) {
	r := s.Request
	if bad := unsupported(r); bad != "" {
		a.reply(s, &message.Reply{Status: 420, Tag: message.Token(), Fields: []Field{{Name: "Unsupported", Value: bad}}})
		return
	}
	if tag := message.Tag(message.Header(r, "To")); tag != "" {
		if c := a.find(message.CallID(r), tag); c != nil {
			c.request(s)
			return
		}
		a.reply(s, &message.Reply{Status: 481, Tag: message.Token()})
		return
	}
	switch r.Method {
	case sip.INVITE:
		a.invited(s)
	case sip.OPTIONS:
		a.reply(s, a.abilities(message.Token()))
	case sip.BYE, sip.UPDATE, sip.PRACK, sip.INFO:
		a.reply(s, &message.Reply{Status: 481, Tag: message.Token()})
	default:
		a.reply(s, a.notAllowed(message.Token()))
	}
}

// Within reports whether a request belongs to a call that there is (transaction.Core).
func (a *Agent) Within(r *sip.Request) bool {
	tag := message.Tag(message.Header(r, "To"))
	return tag != "" && a.find(message.CallID(r), tag) != nil
}

// Ack takes the ACK of a 2xx (transaction.Core).
func (a *Agent) Ack(r *sip.Request, _ transport.Flow) {
	if c := a.find(message.CallID(r), message.Tag(message.Header(r, "To"))); c != nil {
		c.box.offer(func() { c.onAck(r) })
	}
}

// reply answers a request. A failure to do so is the far end's to notice: it repeats what it wants answered.
func (a *Agent) reply(s *transaction.Server, r *message.Reply) {
	if r.Fixed == "" {
		r.Fixed = a.product("Server")
	}
	_ = s.Reply(r)
}

// abilities answers OPTIONS (RFC 3261 section 11).
func (a *Agent) abilities(tag string) *message.Reply {
	return &message.Reply{
		Status: 200, Tag: tag, Fixed: a.fixedAnswer,
		Fields: []Field{{Name: "Accept", Value: sdpType + ", application/dtmf-relay"}},
	}
}

func (a *Agent) notAllowed(tag string) *message.Reply {
	return &message.Reply{Status: 405, Tag: tag, Fields: []Field{{Name: "Allow", Value: methods}}}
}

// product is the header line that names us.
func (a *Agent) product(header string) string {
	if a.opt.Product == "" {
		return ""
	}
	return header + ": " + a.opt.Product + "\r\n"
}

// sessionDescription is the SDP in a message, or nil. Carriers between ISDN networks wrap it together with what their
// own equipment says to each other (RFC 2046 multipart).
func sessionDescription(m sip.Message) []byte {
	body := m.Body()
	if len(body) == 0 {
		return nil
	}
	kind := message.Header(m, "Content-Type")
	if kind == "" {
		return body
	}
	return findPart(kind, body, 0)
}

// strange reports whether a message has a body that we cannot read and must not pass over (RFC 3261 section 8.2.3).
func strange(m sip.Message) bool {
	if len(m.Body()) == 0 || sessionDescription(m) != nil {
		return false
	}
	_, params, _ := strings.Cut(message.Header(m, "Content-Disposition"), ";")
	handling, _ := message.Param(params, "handling")
	return !strings.EqualFold(handling, "optional")
}

func findPart(kind string, body []byte, depth int) []byte {
	name, params, _ := strings.Cut(kind, ";")
	name = strings.ToLower(strings.TrimSpace(name))
	if name == sdpType {
		return body
	}
	boundary, ok := message.Param(params, "boundary")
	if !strings.HasPrefix(name, "multipart/") || !ok || boundary == "" || depth > 2 {
		return nil
	}
	for part := range strings.SplitSeq(string(body), "--"+boundary) {
		head, rest, ok := strings.Cut(part, "\r\n\r\n")
		if !ok {
			continue
		}
		if found := findPart(partType(head), []byte(strings.TrimSuffix(rest, "\r\n")), depth+1); found != nil {
			return found
		}
	}
	return nil
}

func partType(head string) string {
	for line := range strings.SplitSeq(head, "\r\n") {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.EqualFold(strings.TrimSpace(name), "Content-Type") {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func seconds(d time.Duration) string { return strconv.Itoa(int((d + time.Second - 1) / time.Second)) }

func itoa(n int) string { return strconv.Itoa(n) }

// printable keeps what may stand in a quoted string.
func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return -1
	}
	return r
}

func reversed(s []string) []string {
	out := make([]string, len(s))
	for i, v := range s {
		out[len(s)-1-i] = v
	}
	return out
}

// userOf is the user part of a URI, as it is written there.
func userOf(u string) string {
	_, rest, _ := strings.Cut(u, ":")
	user, _, ok := strings.Cut(rest, "@")
	if !ok {
		return ""
	}
	user, _, _ = strings.Cut(user, ":")
	return user
}
