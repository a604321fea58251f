package dialog

import (
	"errors"

	"github.com/emiago/sipgo/sip"

	"campanario/voice/dialog/message"
	"campanario/voice/dialog/transaction"
	"campanario/voice/dialog/transport"
)

// exchange is one request of ours with its answer, sent again as often as challenges make that necessary.
type exchange struct {
	layer *transaction.Layer
	box   *mailbox
	auth  *auth
	// make writes the next try: with a new branch and sequence number, signed in by auth.
	make func() (transport.Flow, *message.Request, error)
	// done takes the final answer, or the reason why there is none. It runs in the mailbox.
	done func(r *sip.Response, err error)

	kind string // of the body; empty for a session description

	met tries
	tx  *transaction.Client
	req *message.Request // the last try
}

// send makes a try. It runs in the mailbox.
func (x *exchange) send() {
	f, req, err := x.make()
	if err == nil {
		if x.kind != "" {
			req.Type = x.kind
		}
		x.req = req
		x.tx, err = x.layer.Send(f, req, nil, x)
	}
	if err != nil {
		x.done(nil, err)
	}
}

// Response takes an answer off the transaction.
func (x *exchange) Response(c *transaction.Client, r *sip.Response, _ transport.Flow) {
	if r.StatusCode < 200 {
		return
	}
	x.box.post(func() { x.answer(c, r) })
}

// Lost takes the news that there will be no answer.
func (x *exchange) Lost(c *transaction.Client, err error) {
	x.box.post(func() {
		if x.tx == c {
			x.done(nil, err)
		}
	})
}

func (x *exchange) answer(c *transaction.Client, r *sip.Response) {
	if x.tx != c {
		return
	}
	if r.StatusCode == sip.StatusUnauthorized || r.StatusCode == sip.StatusProxyAuthRequired {
		if x.met == nil {
			x.met = tries{}
		}
		if x.auth.learn(x.met, r) {
			x.send()
			return
		}
	}
	x.done(r, nil)
}

// timedOut reports whether an exchange failed for want of an answer, rather than of a way.
func timedOut(err error) bool { return errors.Is(err, transaction.ErrTimeout) }
