package transaction

import (
	"errors"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"campanario/voice/dialog/message"
	"campanario/voice/dialog/transport"
)

// ErrTimeout is how a transaction ends that was not answered in time.
var ErrTimeout = errors.New("transaction: no answer in time")

// User is told what becomes of its request: answers in order, the last of which is final, or, once and instead of a
// final answer, that it is lost. It is called by the goroutines that read the sockets and by timers, and must not block.
type User interface {
	Response(c *Client, r *sip.Response, f transport.Flow)
	Lost(c *Client, err error)
}

type state string

const (
	calling    state = "calling"    // nothing heard
	proceeding state = "proceeding" // a provisional answer was heard, or given
	accepted   state = "accepted"   // a 2xx to an INVITE was given
	completed  state = "completed"  // a final answer that may be repeated was heard, or given
	confirmed  state = "confirmed"  // its ACK has come
	ended      state = "ended"
)

// Client is a request of ours until its final answer.
type Client struct {
	Request *message.Request

	layer *Layer
	flow  transport.Flow
	user  User
	key   clientKey

	mu       sync.Mutex
	state    state
	data     []byte // what is repeated: the request, later the ACK
	timer    *time.Timer
	interval time.Duration
	deadline time.Time
	hushed   bool
}

// Send sends a request and repeats it as needed. An error means that it was not sent and that the user hears nothing.
// data, when not nil, is the request as written before.
func (l *Layer) Send(f transport.Flow, r *message.Request, data []byte, u User) (*Client, error) {
	if data == nil {
		data = r.Append(make([]byte, 0, 1024))
	}
	c := &Client{
		Request: r, layer: l, flow: f, user: u, key: clientKey{r.Branch, r.Method},
		state: calling, data: data, interval: l.timers.T1, deadline: time.Now().Add(l.timers.Limit()),
	}
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil, transport.ErrStopped
	}
	l.client[c.key] = c
	l.mu.Unlock()
	first := c.interval
	if f.Reliable() {
		first = l.timers.Limit()
	}
	c.mu.Lock()
	c.timer = time.AfterFunc(first, c.fire)
	c.mu.Unlock()
	if err := f.Send(data); err != nil {
		c.Stop()
		return nil, err
	}
	return c, nil
}

// Flow is the way the request went.
func (c *Client) Flow() transport.Flow { return c.flow }

// Hush stops repeating the request but goes on listening for answers until it would have been given up.
func (c *Client) Hush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == calling {
		c.hushed = true
		c.timer.Reset(time.Until(c.deadline))
	}
}

// Stop forgets the request: nothing is repeated and nobody is told any more.
func (c *Client) Stop() {
	c.forget()
	c.drop()
}

func (c *Client) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.end()
}

// end needs the lock.
func (c *Client) end() {
	c.state, c.data = ended, nil
	if c.timer != nil {
		c.timer.Stop()
	}
}

func (c *Client) drop() {
	c.layer.mu.Lock()
	defer c.layer.mu.Unlock()
	if c.layer.client[c.key] == c {
		delete(c.layer.client, c.key)
	}
}

func (c *Client) invite() bool { return c.Request.Method == string(sip.INVITE) }

// fire is the timer: it repeats, gives up, or forgets.
func (c *Client) fire() {
	if !c.layer.enter() {
		return
	}
	defer c.layer.busy.Done()
	now := time.Now()
	c.mu.Lock()
	switch {
	case c.state == ended || c.state == proceeding && c.invite():
		c.mu.Unlock()
	case c.state == completed:
		c.end()
		c.mu.Unlock()
		c.drop()
	case !now.Before(c.deadline):
		c.end()
		c.mu.Unlock()
		c.drop()
		c.user.Lost(c, ErrTimeout)
	case c.flow.Reliable(), c.hushed:
		c.timer.Reset(c.deadline.Sub(now))
		c.mu.Unlock()
	default:
		data := c.data
		c.slower()
		c.timer.Reset(min(c.interval, c.deadline.Sub(now)))
		c.mu.Unlock()
		if err := c.flow.Send(data); err != nil {
			c.broken(err, true)
		}
	}
}

// slower stretches the interval between repetitions: an INVITE's without bound, others' up to T2.
func (c *Client) slower() {
	c.interval *= 2
	if c.invite() {
		return
	}
	if c.state == proceeding || c.interval > c.layer.timers.T2 {
		c.interval = c.layer.timers.T2
	}
}

func (c *Client) receive(r *sip.Response, f transport.Flow) {
	if r.StatusCode < 200 {
		c.provisional(r, f)
		return
	}
	c.mu.Lock()
	if c.state == completed && r.StatusCode < 300 { // another branch of a fork was answered after all
		c.mu.Unlock()
		c.layer.core.Stray(r, f)
		return
	}
	if c.state == completed { // the answer to the INVITE is being repeated: so must be its ACK
		data := c.data
		c.mu.Unlock()
		_ = c.flow.Send(data)
		return
	}
	if c.state == ended {
		c.mu.Unlock()
		return
	}
	if !c.invite() || r.StatusCode < 300 {
		c.end()
		c.mu.Unlock()
		c.drop()
		c.user.Response(c, r, f)
		return
	}
	ack := c.Request.Ack(message.Header(r, "To")).Append(make([]byte, 0, 512))
	linger := !c.flow.Reliable()
	if linger {
		c.state, c.data = completed, ack
		c.timer.Reset(max(32*time.Second, c.layer.timers.Limit()))
	} else {
		c.end()
	}
	c.mu.Unlock()
	_ = c.flow.Send(ack)
	if !linger {
		c.drop()
	}
	c.user.Response(c, r, f)
}

func (c *Client) provisional(r *sip.Response, f transport.Flow) {
	c.mu.Lock()
	if c.state != calling && c.state != proceeding {
		c.mu.Unlock()
		return
	}
	c.state = proceeding
	if c.invite() {
		c.timer.Stop()
	}
	c.mu.Unlock()
	c.user.Response(c, r, f)
}

// broken ends the request when its way is of no use: of a peer that has answered before, only a lost connection says so.
func (c *Client) broken(err error, sure bool) {
	c.mu.Lock()
	if c.state == ended || c.state == completed || c.state == proceeding && !sure {
		c.mu.Unlock()
		return
	}
	c.end()
	c.mu.Unlock()
	c.drop()
	c.user.Lost(c, err)
}
