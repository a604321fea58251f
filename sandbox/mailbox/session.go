package mailbox

import (
	"bytes"
	"errors"
	"io"
	"net/textproto"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"campanario/channel"
	"campanario/sandbox"
)

// errGone ends a command whose connection the far end has closed; the reply that go-smtp then writes goes nowhere.
var errGone = errors.New("mailbox: the connection is closed")

// session is one connection's state. go-smtp calls it from that connection's goroutine only.
type session struct {
	srv    *Server
	conn   *smtp.Conn
	signed bool
	from   string
	to     []recipient
}

type recipient struct {
	address string
	acted   Behaviour
}

func (s *Server) session(c *smtp.Conn) (smtp.Session, error) {
	return &session{srv: s, conn: c, signed: s.opt.Username == ""}, nil
}

// AuthMechanisms offers what a server with a password offers.
func (s *session) AuthMechanisms() []string {
	if s.srv.opt.Username == "" {
		return nil
	}
	return []string{sasl.Plain, sasl.Login, cramMD5}
}

// Auth begins a sign-in.
func (s *session) Auth(mechanism string) (sasl.Server, error) {
	return authenticator(mechanism, s.srv.opt.Username, s.srv.opt.Password, func() { s.signed = true })
}

// Reset forgets the transaction.
func (s *session) Reset() { s.from, s.to = "", s.to[:0] }

// Logout ends the session.
func (s *session) Logout() error { return nil }

// Mail begins a transaction.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if !s.signed {
		return reply(530, 5, 7, 0, "Authentication required")
	}
	s.from = from
	return nil
}

// Rcpt refuses, stays silent or goes on, as the recipient's behaviour says.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	act, _ := s.srv.chooser.choose(to)
	s.srv.delay(s.srv.opt.Latency)
	if act == Greylist && !s.srv.firstSeen(to) {
		s.to = append(s.to, recipient{to, act})
		return nil
	}
	if no := refusal(act); no != nil {
		s.record("", to, act, strconv.Itoa(no.Code))
		return no
	}
	switch act {
	case TempFail:
		s.record("", to, act, "421")
		return s.leave("421 4.3.2 Service closing, try later\r\n")
	case DropBeforeData:
		s.record("", to, act, "")
		return s.leave("")
	case Nonsense:
		s.record("", to, act, "")
		return s.leave("\x16\x03 the cat sat on the reply\r\n")
	case Never:
		s.record("", to, act, "")
		return s.silence()
	default:
		s.to = append(s.to, recipient{to, act})
		return nil
	}
}

// Data reads the message and answers as the first recipient's behaviour says.
func (s *session) Data(r io.Reader) error {
	act := s.to[0].acted
	if act == DropMidData {
		first := make([]byte, 64)
		_, _ = io.ReadFull(r, first)
		s.each(func(to recipient) { s.record("", to.address, to.acted, "") })
		return s.leave("")
	}
	raw, id, err := s.read(r)
	if err != nil {
		return err
	}
	if act == Spam {
		s.each(func(to recipient) { s.record(id, to.address, to.acted, "554") })
		return reply(554, 5, 7, 1, "Message content refused")
	}
	s.take(raw, id, act)
	switch act {
	case DropAfterData:
		return s.leave("")
	case NonsenseAfterData:
		return s.leave("yes, thank you\r\n")
	case NeverAfterData:
		return s.silence()
	case Slow:
		s.srv.delay(s.srv.opt.Slow)
	default:
	}
	s.srv.delay(s.srv.opt.Latency)
	return nil
}

// read gives the message and its Message-ID. A discarding server keeps only the beginning, where the headers are.
func (s *session) read(r io.Reader) (raw []byte, id string, err error) {
	if s.srv.opt.Keep > 0 {
		raw, err = io.ReadAll(r)
		return raw, messageID(raw), err
	}
	if s.srv.opt.Log == nil {
		_, err = io.Copy(io.Discard, r)
		return nil, "", err
	}
	var head bytes.Buffer
	if _, err = io.CopyN(&head, r, 8<<10); errors.Is(err, io.EOF) {
		err = nil
	}
	if err == nil {
		_, err = io.Copy(io.Discard, r)
	}
	return nil, messageID(head.Bytes()), err
}

// take notes a message that was read whole, before any reply can be lost.
func (s *session) take(raw []byte, id string, act Behaviour) {
	s.srv.taken.Add(1)
	now := time.Now()
	s.each(func(to recipient) {
		result := "250"
		if act == DropAfterData || act == NonsenseAfterData || act == NeverAfterData {
			result = ""
		}
		s.record(id, to.address, to.acted, result)
		if s.srv.opt.Keep > 0 {
			s.srv.box.add(stored{at: now, id: id, from: s.from, to: to.address, acted: to.acted, raw: raw})
		}
	})
}

func (s *session) each(f func(recipient)) {
	for _, to := range s.to {
		f(to)
	}
}

func (s *session) record(id, to string, act Behaviour, result string) {
	if s.srv.opt.Log == nil {
		return
	}
	s.srv.opt.Log.Append(sandbox.Record{
		At: time.Now(), Event: sandbox.EventStart, Channel: channel.Email,
		Ref: id, From: s.from, To: to, Acted: string(act), Result: result,
	})
}

// leave writes last words, if any, and closes the connection.
func (s *session) leave(words string) error {
	c := s.conn.Conn()
	if words != "" {
		_ = c.SetWriteDeadline(time.Now().Add(time.Second))
		_, _ = io.WriteString(c, words)
	}
	_ = c.Close()
	return errGone
}

// silence says nothing until the client leaves or the server stops, both of which end the reading.
func (s *session) silence() error {
	c := s.conn.Conn()
	_, _ = io.Copy(io.Discard, c)
	_ = c.Close()
	return errGone
}

// delay waits, but not beyond Stop.
func (s *Server) delay(d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-s.stopping:
	}
}

// firstSeen reports whether a greylisted recipient comes for the first time.
func (s *Server) firstSeen(to string) bool {
	to = strings.ToLower(to)
	s.greyMu.Lock()
	defer s.greyMu.Unlock()
	if s.grey[to] {
		return false
	}
	s.grey[to] = true
	return true
}

// messageID finds the Message-ID in the beginning of a message; empty when there is none.
func messageID(head []byte) string {
	for len(head) > 0 {
		line, rest, found := bytes.Cut(head, []byte("\r\n"))
		if !found || len(line) == 0 {
			return ""
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		if strings.EqualFold(string(name), "Message-ID") {
			if v := textproto.TrimBytes(value); len(v) > 0 {
				return string(v)
			}
			// Folded right after the colon (RFC 5322 2.2.3): the value is on the next line.
			next, _, _ := bytes.Cut(rest, []byte("\r\n"))
			return string(textproto.TrimBytes(next))
		}
		head = rest
	}
	return ""
}
