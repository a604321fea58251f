package email

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"time"

	"campanario/agent"
	"campanario/channel"
)

const (
	defaultConnections = 8
	mostConnections    = 200
	mostPerConnection  = 64 // open orders for each connection, at the fastest
	longestPause       = 30 * time.Second
	signInPause        = time.Minute // a wrong password tried often gets an account locked
	contentFor         = time.Minute // how long the pool makes do with fewer connections
	mostTries          = 4           // connections that one message may wear out
)

// job is an order on its way.
type job struct {
	order   channel.Order
	message *agent.Message
	report  channel.Reporter
	id      string
	tries   int
}

// end closes the order.
func (j *job) end(o channel.Outcome) {
	o.At = time.Now()
	j.report.Close(o)
}

// withdrawn reports whether the order is not to be carried out any more.
func (j *job) withdrawn() bool {
	w, ok := j.report.(channel.Withdrawer)
	return ok && w.Withdrawn()
}

// pool is a line's connections and the orders that wait for them. Its workers are started as work comes and end by
// themselves when idle.
type pool struct {
	line     channel.Line
	c        *config
	from     mailAddress
	envelope mailAddress
	reply    string
	dial     Dialer
	log      *slog.Logger
	ctx      context.Context // ends when everything must end at once
	opening  context.Context // ends when no connection is to be opened any more
	shut     context.CancelFunc
	workers  *sync.WaitGroup // the adapter's

	pace  *pace
	queue chan *job
	stop  chan struct{} // closed when workers are to end once the queue is empty

	mu      sync.Mutex
	stopped bool
	most    int // connections when all is well
	limit   int // connections now
	until   time.Time
	alive   int // workers
	open    int // those with a connection
	idle    int // those that wait for work
	fresh   int // those that have not looked for work yet
	proven  bool
	pause   time.Duration
	down    *channel.Outcome
	downTo  time.Time
	rate    meter
}

// newPool makes the pool of a line whose address and settings have been read.
func (a *Adapter) newPool(l channel.Line, c *config, from, envelope mailAddress) *pool {
	most := l.Limits.Concurrent
	if most <= 0 {
		most = defaultConnections
	}
	most = min(most, mostConnections)
	p := &pool{
		line: l, c: c, from: from, envelope: envelope, dial: a.dial, log: a.log.With("line", l.ID),
		ctx: a.ctx, workers: &a.workers, pace: newPace(l.Limits.PerSecond),
		// Room for every order that depth allows and those that workers put back.
		queue: make(chan *job, most*(mostPerConnection+1)), stop: make(chan struct{}), most: most, limit: most,
	}
	if c.ReplyTo != "" {
		r, _ := parseMailbox(c.ReplyTo) // checked with the settings
		p.reply = r.path
	}
	p.opening, p.shut = context.WithCancel(a.ctx)
	return p
}

// same reports whether the pool still is what the line asks for.
func (p *pool) same(l *channel.Line) bool {
	return l.From == p.line.From && l.Limits.Concurrent == p.line.Limits.Concurrent &&
		l.Limits.PerSecond == p.line.Limits.PerSecond && bytes.Equal(l.Settings, p.line.Settings)
}

// place queues an order, or says why nothing can be sent now.
func (p *pool) place(j *job) *channel.NotPlaced {
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return notPlaced(channel.Congested, reasonNotStarted)
	}
	if p.down != nil {
		if left := p.downTo.Sub(now); left > 0 {
			o := *p.down
			o.At, o.RetryAfter = now, left
			return &channel.NotPlaced{Outcome: o}
		}
		p.down = nil
	}
	if len(p.queue) >= p.most*mostPerConnection {
		return notPlaced(channel.Congested, reasonQueueFull)
	}
	p.queue <- j // there is room: the workers only take, and what they put back has its own
	p.grow(now)
	return nil
}

// grow starts a worker when there is work that no worker waits for. Until a connection has worked there is only one, so
// that a server that is down is asked once. The lock is held.
func (p *pool) grow(now time.Time) {
	if p.limit < p.most && now.After(p.until) {
		p.limit = p.most
	}
	limit := p.limit
	if !p.proven {
		limit = 1
	}
	for p.alive < limit && len(p.queue) > p.idle+p.fresh {
		p.alive++
		p.fresh++
		p.workers.Go(func() { newWorker(p).run() })
	}
}

// depth is how many open orders keep the connections busy: what they send in a tenth of a second, so that little is left
// in doubt when the node dies.
func (p *pool) depth() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	rate, known := p.rate.perSecond(time.Now())
	if !known {
		return p.most * 8
	}
	return max(p.most*2, min(int(rate/10), p.most*mostPerConnection))
}

// next gives a worker its next order; nil when it is to end. idle ends a worker that has had none for so long.
func (p *pool) next(idle *time.Timer) *job {
	select {
	case j := <-p.queue:
		return j
	default:
	}
	p.mu.Lock()
	p.idle++
	p.mu.Unlock()
	idle.Reset(p.c.idle)
	defer idle.Stop()
	var j *job
	select {
	case j = <-p.queue:
	case <-idle.C:
	case <-p.stop:
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle--
	if j == nil {
		select {
		case j = <-p.queue: // it came at the same moment
		default:
			p.alive--
			p.proven = p.proven && p.alive > 0 // what worked long ago is asked by one again
		}
	}
	return j
}

// begun notes that a worker looks for work now.
func (p *pool) begun() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fresh--
}

// done reports whether nothing of the pool runs any more.
func (p *pool) done() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.alive == 0
}

// connected notes that a connection works.
func (p *pool) connected() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open++
	p.proven, p.pause = true, 0
	p.grow(time.Now())
}

// disconnected notes that a connection is closed.
func (p *pool) disconnected() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open--
}

// finished notes that a transaction has come to its end.
func (p *pool) finished() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rate.add(time.Now())
}

// failed takes note that a worker could not connect, and ends that worker. While other connections work, the order goes
// back to the queue and the pool makes do with them. Otherwise the line is down: all that wait end with the same fault.
func (p *pool) failed(j *job, b *broken) {
	o := b.reply.outcome(b.at)
	if p.opening.Err() != nil {
		o = channel.Outcome{Code: channel.Congested, Reason: reasonNotStarted}
	}
	now := time.Now()
	p.mu.Lock()
	p.alive--
	ended := []*job{j}
	others := p.open
	switch {
	case others == 0:
		p.proven = false
		if p.down == nil || now.After(p.downTo) { // else another worker has just found the same
			p.pause = max(time.Second, min(2*p.pause, longestPause))
			if b.at == StageAuth && b.reply.Code/100 == 5 {
				p.pause = signInPause
			}
			p.down, p.downTo = &o, now.Add(p.pause)
		}
		ended = append(ended, p.drain()...)
	case j.tries < mostTries && !p.stopped:
		p.limit, p.until = others, now.Add(contentFor)
		p.queue <- j // place leaves room
		ended = nil
	}
	p.grow(now) // the other connections may just be closing
	p.mu.Unlock()
	if p.opening.Err() == nil {
		p.log.Warn("line cannot connect", "stage", b.at, "reason", o.Reason, "reply", b.reply.provider(),
			"orders_ended", len(ended), "other_connections", others)
	}
	for _, j := range ended {
		j.end(o)
	}
}

// drain empties the queue.
func (p *pool) drain() []*job {
	var out []*job
	for {
		select {
		case j := <-p.queue:
			out = append(out, j)
		default:
			return out
		}
	}
}

// retire takes no more orders. With handBack those that wait end as a fault that says so; without, they are still sent.
// The workers end when nothing is left. No pool outlives the context of its adapter, which is why only a hand-back ends
// its own.
func (p *pool) retire(handBack bool) {
	p.mu.Lock()
	if p.stopped && !handBack {
		p.mu.Unlock()
		return
	}
	if !p.stopped {
		p.stopped = true
		close(p.stop)
	}
	var waiting []*job
	if handBack {
		waiting = p.drain()
		p.shut()
	}
	p.mu.Unlock()
	for _, j := range waiting {
		j.end(channel.Outcome{Code: channel.Congested, Reason: reasonNotStarted})
	}
}

func notPlaced(code channel.Code, reason string) *channel.NotPlaced {
	return &channel.NotPlaced{Outcome: channel.Outcome{Code: code, Reason: reason, At: time.Now()}}
}
