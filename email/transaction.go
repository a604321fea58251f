package email

import (
	"bytes"
	"errors"
	"net/textproto"
	"slices"
	"strconv"
	"time"
)

// quitTimeout is how long we wait for a server to say good-bye.
const quitTimeout = 2 * time.Second

// envelope is what one transaction carries.
type envelope struct {
	from, to mailAddress
	message  []byte // without dot-stuffing
}

// result is how a transaction ended: the reply, or the failure, that decided it.
type result struct {
	at    Stage
	reply Reply
	// gone: the connection cannot be used any more. stale: it was dead, or closing, before the server took any notice
	// of this transaction, so another connection may try.
	gone, stale bool
}

// send makes one transaction.
func (k *connection) send(e envelope) result {
	used := k.sent > 0
	k.sent++
	res := k.transact(e)
	// 421 announces that the server closes (RFC 5321 3.8).
	if res.reply.Code == 421 {
		res.gone = true
	}
	first := res.at == StageMail && (res.reply.Failure == FailureLost || res.reply.Failure == FailureTimeout || res.reply.Code == 421)
	res.stale = used && first
	return res
}

func (k *connection) transact(e envelope) result {
	var refused *result
	if k.pipelining {
		refused = k.together(e)
	} else {
		refused = k.inTurn(e)
	}
	if refused != nil {
		return *refused
	}
	k.dirty = false // from here on the transaction ends by itself, or with the connection
	return k.deliver(e.message)
}

// commands are the lines before the message. RSET goes first after a refusal (RFC 5321 4.1.1.5).
func (k *connection) commands(e envelope) []command {
	from := "MAIL FROM:<" + e.from.path + ">"
	if e.from.utf8 || e.to.utf8 {
		from += " BODY=8BITMIME SMTPUTF8"
	}
	if k.size > 0 {
		from += " SIZE=" + strconv.Itoa(len(e.message))
	}
	list := []command{{StageMail, from, 2}, {StageRcpt, "RCPT TO:<" + e.to.path + ">", 2}, {StageData, "DATA", 3}}
	if k.dirty {
		list = slices.Insert(list, 0, command{StageMail, rset, 2})
	}
	return list
}

const rset = "RSET"

// command is a line and the class of the reply that lets the transaction go on.
type command struct {
	at   Stage
	line string
	want int
}

// inTurn writes each command after the reply to the one before. nil means that the server waits for the message.
func (k *connection) inTurn(e envelope) *result {
	for _, c := range k.commands(e) {
		k.wire.stage(k.c.timeouts.command)
		if err := k.write(c.line); err != nil {
			return &result{at: c.at, reply: replyFrom(err), gone: true}
		}
		reply, gone := k.read()
		if gone || reply.Code/100 != c.want {
			return k.refused(c, reply, gone)
		}
		k.dirty = true
	}
	return nil
}

// together writes all commands at once and reads all replies. The first that refuses decides.
func (k *connection) together(e envelope) *result {
	list := k.commands(e)
	k.wire.stage(k.c.timeouts.command)
	for _, c := range list {
		_, _ = k.client.Text.W.WriteString(c.line)
		_, _ = k.client.Text.W.WriteString("\r\n")
	}
	if err := k.client.Text.W.Flush(); err != nil {
		return &result{at: StageMail, reply: replyFrom(err), gone: true}
	}
	var first *result
	for i, c := range list {
		if i > 0 {
			k.wire.stage(k.c.timeouts.command)
		}
		reply, gone := k.read()
		switch {
		case first == nil && (gone || reply.Code/100 != c.want):
			first = k.refused(c, reply, gone)
		case gone:
			first.gone = true
		}
		if gone || first != nil && first.gone {
			return first
		}
		if first != nil && c.at == StageData && reply.Code/100 == 3 {
			k.emptyMessage(first)
		}
	}
	return first
}

// refused is the result of a reply that stops the transaction. After one that says nothing we understand the two ends
// may no longer agree where they are, so the connection is given up.
func (k *connection) refused(c command, reply Reply, gone bool) *result {
	k.dirty = true
	gone = gone || reply.Code/100 != 4 && reply.Code/100 != 5
	if c.line == rset {
		// It is about the transaction before: this one may go another way.
		reply, gone = Reply{Failure: FailureLost, Text: reply.Text}, true
	}
	return &result{at: c.at, reply: reply, gone: gone}
}

// emptyMessage ends a transaction whose recipient was refused but whose DATA was not (RFC 2920 3.1): it has nobody to
// be delivered to.
func (k *connection) emptyMessage(first *result) {
	k.wire.stage(k.c.timeouts.command)
	if err := k.write("."); err != nil {
		first.gone = true
		return
	}
	_, first.gone = k.read()
}

// deliver writes the message and reads what became of it.
func (k *connection) deliver(message []byte) result {
	k.wire.stage(k.c.timeouts.data)
	w := k.client.Text.W
	// One write when the message is larger than the buffer, one flush when it is not. Only its last bytes make a message
	// deliverable, and an error says that some of them are still here.
	_, err := w.Write(append(stuffed(message), ".\r\n"...))
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		return result{at: StageBody, reply: replyFrom(err), gone: true}
	}
	k.wire.stage(k.c.timeouts.end)
	reply, gone := k.read()
	return result{at: StageEnd, reply: reply, gone: gone || reply.Code/100 != 2 && reply.Code/100 != 4 && reply.Code/100 != 5}
}

// stuffed doubles the dot at the beginning of a line (RFC 5321 4.5.2). Nearly no message has one.
func stuffed(message []byte) []byte {
	if !bytes.Contains(message, []byte("\n.")) {
		return message
	}
	return bytes.ReplaceAll(message, []byte("\n."), []byte("\n.."))
}

func (k *connection) write(line string) error {
	w := k.client.Text.W
	_, _ = w.WriteString(line) // Flush tells of any error
	_, _ = w.WriteString("\r\n")
	return w.Flush()
}

// read reads one whole reply. gone is true when there is none, or none that can be understood.
func (k *connection) read() (reply Reply, gone bool) {
	code, text, err := k.client.Text.ReadResponse(0)
	if err != nil {
		var said *textproto.Error
		r := replyFrom(err)
		return r, !errors.As(err, &said)
	}
	return replyOf(code, text), false
}
