package mailbox

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
)

// depth bounds how far parts may be nested: a message is outside input.
const depth = 5

var errTooDeep = errors.New("parts nested too deep")

// open takes a stored message apart. What it cannot read it leaves out and says so in Problem.
func open(s stored) Message {
	m := Message{No: s.no, At: s.at, ID: s.id, From: s.from, To: s.to, Acted: s.acted, Raw: s.raw}
	msg, err := mail.ReadMessage(bytes.NewReader(s.raw))
	if err != nil {
		m.Problem = err.Error()
		return m
	}
	m.Head = msg.Header
	m.Subject = msg.Header.Get("Subject")
	if words, err := new(mime.WordDecoder).DecodeHeader(m.Subject); err == nil {
		m.Subject = words
	} else {
		m.Problem = err.Error()
	}
	if err := m.part(textproto.MIMEHeader(msg.Header), msg.Body, 0); err != nil {
		m.Problem = err.Error()
	}
	return m
}

// part reads one part into Text or HTML: the first of each kind counts.
func (m *Message) part(h textproto.MIMEHeader, body io.Reader, level int) error {
	if level > depth {
		return errTooDeep
	}
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if h.Get("Content-Type") == "" {
		kind, err = "text/plain", nil
	}
	if err != nil {
		return fmt.Errorf("content type: %w", err)
	}
	if strings.HasPrefix(kind, "multipart/") {
		return m.parts(multipart.NewReader(body, params["boundary"]), level)
	}
	var into *string
	switch {
	case kind == "text/plain" && m.Text == "":
		into = &m.Text
	case kind == "text/html" && m.HTML == "":
		into = &m.HTML
	default:
		return nil
	}
	switch strings.ToLower(h.Get("Content-Transfer-Encoding")) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	default:
	}
	text, err := io.ReadAll(body)
	*into = strings.ToValidUTF8(string(text), "�")
	return err
}

func (m *Message) parts(r *multipart.Reader, level int) error {
	for {
		// NextRawPart leaves the transfer encoding to us, as the message's own body does.
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("next part: %w", err)
		}
		if err := m.part(p.Header, p, level+1); err != nil {
			return err
		}
	}
}
