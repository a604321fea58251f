package dialog

import (
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"campanario/voice/dialog/message"
	"campanario/voice/dialog/transaction"
)

// acknowledgeEarly sends the PRACK of a reliable provisional answer (RFC 3262 section 4); false when the answer is a
// repetition or came too early and must not be looked at.
func (c *Call) acknowledgeEarly(l *leg, r *sip.Response) bool {
	n, err := strconv.ParseUint(message.Header(r, "RSeq"), 10, 32)
	cseq, method, ok := message.CSeq(r)
	if err != nil || n == 0 || !ok {
		return true // reliable in name only: taken like any other
	}
	rseq := uint32(n)
	if l.rseq != 0 && rseq != l.rseq+1 {
		return false
	}
	l.rseq = rseq
	rack := strconv.FormatUint(n, 10) + " " + strconv.FormatUint(uint64(cseq), 10) + " " + method
	x := c.inside(l, "PRACK", []Field{{Name: "RAck", Value: rack}}, nil, func(*sip.Response, error) {
		// A PRACK that meets no 2xx leaves the far end repeating; the INVITE's own answer decides the call.
	})
	x.send()
	return true
}

// reliable is a provisional answer of ours that is repeated until its PRACK (RFC 3262 section 3).
type reliable struct {
	rseq     uint32
	cseq     uint32
	reply    *message.Reply
	timer    *time.Timer
	interval time.Duration
	deadline time.Time
}

// sendReliable gives a provisional answer that the far end must confirm.
func (c *Call) sendReliable(reply *message.Reply) {
	in := c.in
	if in.reliable != nil {
		in.queued = append(in.queued, reply) // one at a time: the next when this one is confirmed
		return
	}
	in.rseq++
	cseq, _, _ := message.CSeq(in.server.Request)
	reply.Fields = append(reply.Fields, Field{Name: "Require", Value: "100rel"},
		Field{Name: "RSeq", Value: strconv.FormatUint(uint64(in.rseq), 10)})
	t1 := c.agent.layer.Timers().T1
	p := &reliable{
		rseq: in.rseq, cseq: cseq, reply: reply, interval: t1,
		deadline: time.Now().Add(c.agent.layer.Timers().Limit()),
	}
	in.reliable = p
	c.agent.reply(in.server, reply)
	p.timer = c.after(p.interval, func() { c.repeatReliable(p) })
}

func (c *Call) repeatReliable(p *reliable) {
	if c.in == nil || c.in.reliable != p {
		return
	}
	if !time.Now().Before(p.deadline) {
		c.in.reliable = nil
		c.reject(504, "", nil) // RFC 3262 section 3: the far end cannot be reached any more
		return
	}
	c.agent.reply(c.in.server, p.reply)
	p.interval *= 2
	p.timer = c.after(min(p.interval, time.Until(p.deadline)), func() { c.repeatReliable(p) })
}

// onPrack confirms a provisional answer of ours.
func (c *Call) onPrack(s *transaction.Server) {
	rack := strings.Fields(message.Header(s.Request, "RAck"))
	if c.in == nil || c.in.reliable == nil || len(rack) != 3 ||
		rack[0] != strconv.FormatUint(uint64(c.in.reliable.rseq), 10) ||
		rack[1] != strconv.FormatUint(uint64(c.in.reliable.cseq), 10) || rack[2] != "INVITE" {
		c.agent.reply(s, &message.Reply{Status: 481, Tag: c.key.tag})
		return
	}
	in := c.in
	in.reliable.timer.Stop()
	in.reliable = nil
	c.agent.reply(s, &message.Reply{Status: 200, Tag: c.key.tag})
	if then := in.afterPrack; then != nil {
		in.afterPrack = nil
		then()
		return
	}
	if len(in.queued) > 0 {
		next := in.queued[0]
		in.queued = in.queued[1:]
		c.sendReliable(next)
	}
}
