package email

import (
	"errors"
	"io"
	"net"
	"net/textproto"
	"os"
	"strconv"
	"strings"

	"campanario/channel"
)

// Stage is how far a connection or a transaction had come.
type Stage string

// The stages, in order.
const (
	StageConnect  Stage = "connect"  // TCP
	StageGreeting Stage = "greeting" // 220
	StageHello    Stage = "hello"    // EHLO
	StageTLS      Stage = "tls"      // STARTTLS, or TLS from the start
	StageAuth     Stage = "auth"     // AUTH
	StageMail     Stage = "mail"     // MAIL FROM
	StageRcpt     Stage = "rcpt"     // RCPT TO
	StageData     Stage = "data"     // DATA, answered 354
	StageBody     Stage = "body"     // the message, without its final dot
	StageEnd      Stage = "end"      // the final dot is written; only now can the message be delivered
)

// Reply is what the server said: a code (RFC 5321 4.2), an enhanced code (RFC 3463) when there is one, and words.
// Code 0 means that it said nothing we could read, and Failure why.
type Reply struct {
	Code     int
	Enhanced string
	Text     string
	Failure  Failure
}

// Failure is why there is no reply.
type Failure string

// The failures.
const (
	FailureNone    Failure = ""
	FailureLost    Failure = "lost"    // the connection is gone
	FailureTimeout Failure = "timeout" // nothing came within the stage's time
	FailureGarbled Failure = "garbled" // what came is not SMTP
	FailureName    Failure = "name"    // the host's name has no address
	FailureTLS     Failure = "tls"     // no TLS to be had, or not one that can be trusted
	FailureAuth    Failure = "auth"    // no way to sign in that both sides know and that is safe here
)

// maxText bounds the words that are kept of a reply, in bytes.
const maxText = 500

// replyOf makes a Reply of what textproto gave for a whole response: its text still begins with the enhanced code.
func replyOf(code int, text string) Reply {
	r := Reply{Code: code}
	r.Enhanced, text = cutEnhanced(code, text)
	r.Text = tidy(text)
	return r
}

// replyFrom makes a Reply of an error of textproto, net or crypto/tls.
func replyFrom(err error) Reply {
	var said *textproto.Error
	if errors.As(err, &said) {
		return replyOf(said.Code, said.Msg)
	}
	r := Reply{Failure: FailureLost, Text: tidy(err.Error())}
	var garbled textproto.ProtocolError
	var noName *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &garbled), errors.Is(err, errFlood):
		r.Failure = FailureGarbled
	case errors.As(err, &noName) && !noName.IsTimeout:
		r.Failure = FailureName
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		r.Failure = FailureTimeout
	}
	return r
}

// lost reports whether an error is of the connection itself.
func lost(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}

// cutEnhanced takes a leading enhanced code off the text. One whose class contradicts the reply's code is no code.
func cutEnhanced(code int, text string) (enhanced, rest string) {
	word, _, _ := strings.Cut(strings.ReplaceAll(text, "\n", " "), " ")
	parts := strings.Split(word, ".")
	if len(parts) != 3 || parts[0] != strconv.Itoa(code/100) {
		return "", text
	}
	for _, p := range parts[1:] {
		if len(p) == 0 || len(p) > 3 || strings.Trim(p, "0123456789") != "" {
			return "", text
		}
	}
	return word, strings.TrimSpace(text[len(word):])
}

// tidy makes words fit for a table cell: one line, valid UTF-8, not endless.
func tidy(text string) string {
	text = strings.ToValidUTF8(text, "�")
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f }), " ")
	if len(text) <= maxText {
		return text
	}
	return strings.ToValidUTF8(text[:maxText], "") + "…"
}

// outcome is the reply as the end of an attempt.
func (r Reply) outcome(at Stage) channel.Outcome {
	code, reason := Classify(at, r)
	return channel.Outcome{Code: code, Reason: reason, ProviderCode: r.provider(), ProviderText: r.Text}
}

// lower is the words for comparing.
func (r Reply) lower() string { return strings.ToLower(r.Text) }

// provider is the codes as people write them: "550 5.1.1".
func (r Reply) provider() string {
	if r.Code == 0 {
		return string(r.Failure)
	}
	s := strconv.Itoa(r.Code)
	if r.Enhanced != "" {
		s += " " + r.Enhanced
	}
	return s
}
