package email

import (
	"time"

	"campanario/channel"
)

// worker owns one connection of a pool and sends one message after the other.
type worker struct {
	p    *pool
	k    *connection
	w    composer
	idle *time.Timer
}

func newWorker(p *pool) *worker {
	t := time.NewTimer(p.c.idle)
	t.Stop()
	return &worker{p: p, w: composer{c: p.c, from: p.from, reply: p.reply}, idle: t}
}

// run serves the pool's orders until there are none.
func (w *worker) run() {
	w.p.begun()
	for {
		j := w.p.next(w.idle)
		if j == nil {
			w.leave(true)
			return
		}
		if !w.serve(j) {
			return
		}
	}
}

// serve brings one order to its end, or back to the queue. false ends the worker.
func (w *worker) serve(j *job) bool {
	to, o := w.p.recipient(j)
	if o != nil {
		j.end(*o)
		return true
	}
	message := w.w.compose(&j.order, j.message, to, j.id, time.Now())
	if w.p.c.dkim != nil {
		var err error
		if message, err = w.w.signed(message); err != nil {
			w.p.log.Error("message not signed", "attempt", j.order.Attempt, "error", err)
			j.end(channel.Outcome{Code: channel.LineFailed, Reason: reasonUnsigned})
			return true
		}
	}
	for {
		if !w.connect(j) {
			return false
		}
		if o := w.unfit(to, len(message)); o != nil {
			j.end(*o)
			return true
		}
		if !w.p.pace.take(w.p.opening) { // the adapter is being closed: it was not begun
			j.end(channel.Outcome{Code: channel.Congested, Reason: reasonNotStarted})
			return true
		}
		if j.withdrawn() {
			w.p.pace.give()
			return true
		}
		res := w.k.send(envelope{from: w.p.envelope, to: to, message: message})
		w.p.pace.give()
		if res.stale {
			w.leave(false)
			continue // the next connection is new, so this happens once
		}
		w.p.finished()
		j.end(res.reply.outcome(res.at))
		if res.gone || w.k.sent >= w.p.c.MaxPerConnection {
			w.leave(!res.gone)
		}
		return true
	}
}

// recipient is the order's address, or how the order ends because it is none.
func (p *pool) recipient(j *job) (mailAddress, *channel.Outcome) {
	to, err := parseMailbox(string(j.order.To))
	if err != nil {
		return to, &channel.Outcome{Code: channel.Bounced, Reason: reasonBadAddress}
	}
	return to, nil
}

// connect makes sure that there is a connection. false ends the worker: the order has been dealt with.
func (w *worker) connect(j *job) bool {
	if w.k != nil {
		return true
	}
	j.tries++
	k, b := connect(w.p.opening, w.p.ctx, w.p.c, w.p.dial)
	if b != nil {
		w.p.failed(j, b)
		return false
	}
	w.k = k
	w.p.connected()
	return true
}

// unfit is how an order ends that this server cannot take, by what it announced.
func (w *worker) unfit(to mailAddress, size int) *channel.Outcome {
	switch {
	case (to.utf8 || w.p.envelope.utf8) && !w.k.utf8:
		return &channel.Outcome{Code: channel.Undeliverable, Reason: reasonUTF8}
	case w.k.size > 0 && size > w.k.size:
		return &channel.Outcome{Code: channel.Failed, Reason: reasonTooLarge}
	default:
		return nil
	}
}

// leave gives up the connection, with a good-bye when it still works.
func (w *worker) leave(polite bool) {
	if w.k == nil {
		return
	}
	k := w.k
	w.k = nil
	w.p.disconnected()
	if polite {
		k.quit()
	} else {
		k.close()
	}
}
