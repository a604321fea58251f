package message

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/emiago/sipgo/sip"
)

// MaxSize is the longest message taken, in bytes: what fits one UDP datagram.
const MaxSize = 65535

// Parser reads messages. It is safe for concurrent use.
type Parser struct {
	sip *sip.Parser
}

// NewParser makes a parser that types only the headers which every message needs.
func NewParser() *Parser {
	all := sip.DefaultHeadersParser()
	few := sip.HeadersParser{}
	for _, name := range []string{"via", "v", "cseq", "call-id", "i", "content-length", "l"} {
		few[name] = all[name]
	}
	p := sip.NewParser(sip.WithHeadersParsers(few))
	p.MaxMessageLength = MaxSize
	return &Parser{sip: p}
}

// errNotSIP is for what does not even begin like a SIP message; nothing is answered to it.
var errNotSIP = errors.New("message: not SIP")

// errLoneBreak is for a head with half a line end. sipgo's parser carries a lone line feed along, and copied into our own
// requests it becomes a second header for whoever is lenient there.
var errLoneBreak = errors.New("message: half a line end")

// Parse reads one whole message: a datagram, or what Frame cut out of a stream. The error is a *Malformed when it
// began like a SIP message.
func (p *Parser) Parse(data []byte) (msg sip.Message, err error) {
	if !plausible(data) {
		return nil, errNotSIP
	}
	defer func() {
		// The text comes from anybody who can send a packet; a fault of the parser must not end the process.
		if r := recover(); r != nil {
			msg, err = nil, malformed(data, fmt.Errorf("message: parser panic: %v", r))
		}
	}()
	if !cleanHead(data) {
		return nil, malformed(data, errLoneBreak)
	}
	msg, err = p.sip.ParseSIP(data)
	if err != nil {
		return nil, malformed(data, err)
	}
	if m, ok := msg.(*sip.Response); ok && (m.StatusCode < 100 || m.StatusCode > 699) {
		return nil, &Malformed{cause: fmt.Errorf("message: status %d", m.StatusCode)}
	}
	return msg, nil
}

// plausible tells junk from SIP by its first bytes: a method or the protocol's name, then a space. It keeps a flood of
// junk cheaper than a flood of calls.
func plausible(data []byte) bool {
	return begins(data) && bytes.IndexByte(data, ' ') > 0 && bytes.IndexByte(data, '\n') > 0
}

// maxMethod is longer than any method.
const maxMethod = 64

// cleanHead reports whether every carriage return and line feed of the head belongs to a whole line end.
func cleanHead(data []byte) bool {
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '\r':
			if i+1 >= len(data) || data[i+1] != '\n' {
				return false
			}
			if bytes.HasPrefix(data[i:], crlfcrlf) {
				return true
			}
			i++
		case '\n':
			return false
		}
	}
	return true
}
