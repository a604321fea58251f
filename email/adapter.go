package email

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"log/slog"
	"maps"
	"net"
	"slices"
	"strconv"
	"sync"

	"campanario/agent"
	"campanario/channel"
	"campanario/internal/fault"
)

// Options are what the adapter needs from outside. The zero value works.
type Options struct {
	Log   *slog.Logger   // slog.Default when nil. No address, name or text is ever logged
	Dial  Dialer         // net.Dialer when nil
	Roots *x509.CertPool // the system's when nil
}

// Adapter sends the orders of all e-mail lines of this node. It is safe for concurrent use.
type Adapter struct {
	log     *slog.Logger
	dial    Dialer
	roots   *x509.CertPool
	ctx     context.Context // of every connection
	cancel  context.CancelFunc
	workers sync.WaitGroup

	mu     sync.RWMutex
	pools  map[string]*pool // by line
	former []*pool          // of lines that have changed: they still send what they have
	closed bool
}

var (
	_ channel.Adapter   = (*Adapter)(nil)
	_ channel.Buffered  = (*Adapter)(nil)
	_ channel.Checker   = (*Adapter)(nil)
	_ channel.Validator = (*Adapter)(nil)
)

// New makes an adapter. It opens connections as orders come; Close ends it.
func New(o Options) *Adapter {
	a := &Adapter{log: o.Log, dial: o.Dial, roots: o.Roots, pools: map[string]*pool{}}
	if a.log == nil {
		a.log = slog.Default()
	}
	if a.dial == nil {
		a.dial = new(net.Dialer).DialContext
	}
	a.ctx, a.cancel = context.WithCancel(context.Background())
	return a
}

// Place queues the order at its line's pool; ref is the Message-ID. It waits for nothing. An order that cannot be sent
// now because its line is down, wrongly set or has too many already is refused with *channel.NotPlaced.
func (a *Adapter) Place(_ context.Context, o channel.Order, r channel.Reporter) (ref string, err error) {
	m, ok := o.Content.(*agent.Message)
	if !ok || m == nil {
		return "", notPlaced(channel.LineFailed, reasonContent)
	}
	p, no := a.pool(&o.Line)
	if no != nil {
		return "", no
	}
	j := &job{order: o, message: m, report: r, id: messageID(&o, p.from.domain)}
	if no := p.place(j); no != nil {
		return "", no
	}
	return j.id, nil
}

// Depth is how many open orders keep the line's connections busy. It follows the rate at which the line's server takes
// messages, between 2 and 64 for each connection, so it is to be asked anew whenever orders are handed over.
func (a *Adapter) Depth(l channel.Line) int {
	p, no := a.pool(&l)
	if no != nil {
		return 1 // Place will say what is wrong
	}
	return p.depth()
}

// pool is the line's pool, made anew when the line has changed: the old one still sends what it has.
func (a *Adapter) pool(l *channel.Line) (*pool, *channel.NotPlaced) {
	a.mu.RLock()
	p, closed := a.pools[l.ID], a.closed
	a.mu.RUnlock()
	if closed {
		return nil, notPlaced(channel.Congested, reasonNotStarted)
	}
	if p != nil && p.same(l) {
		return p, nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return nil, notPlaced(channel.Congested, reasonNotStarted)
	}
	old := a.pools[l.ID]
	if old != nil && old.same(l) {
		return old, nil
	}
	c, from, envelope, err := a.read(l)
	if err != nil {
		no := notPlaced(channel.LineFailed, reasonSettings)
		no.Outcome.ProviderText = tidy(err.Error())
		return nil, no
	}
	p = a.newPool(*l, c, from, envelope)
	a.pools[l.ID] = p
	if old != nil {
		old.retire(false)
		a.former = append(slices.DeleteFunc(a.former, (*pool).done), old)
	}
	return p, nil
}

// read makes a line's settings and addresses ready.
func (a *Adapter) read(l *channel.Line) (c *config, from, envelope mailAddress, err error) {
	if c, err = readSettings(l.Settings, a.roots); err != nil {
		return nil, from, envelope, err
	}
	if from, err = parseMailbox(string(l.From)); err != nil {
		return nil, from, envelope, fault.New(fault.Invalid, "email_invalid", nil).At("from")
	}
	envelope = from
	if c.EnvelopeSender != "" {
		envelope, _ = parseMailbox(c.EnvelopeSender) // checked with the settings
	}
	return c, from, envelope, nil
}

// Validate refuses settings with everything that is wrong with them, by field.
func (a *Adapter) Validate(settings json.RawMessage) error {
	_, err := readSettings(settings, a.roots)
	return err
}

// Secrets lists the settings that are encrypted at rest and never shown.
func (a *Adapter) Secrets() []string { return append([]string(nil), secrets...) }

// Check connects, signs in and offers the line's address as a sender, then takes it back: nobody is written to.
func (a *Adapter) Check(ctx context.Context, l channel.Line) error {
	c, _, envelope, err := a.read(&l)
	if err != nil {
		return err
	}
	k, b := connect(ctx, ctx, c, a.dial)
	if b == nil {
		b = k.try(envelope)
		k.quit()
	}
	if b == nil {
		return nil
	}
	_, reason := Classify(b.at, b.reply)
	return fault.New(fault.Unavailable, reason, fault.Params{
		"host": c.Host + ":" + strconv.Itoa(c.Port), "stage": string(b.at), "reply": b.reply.provider(), "text": b.reply.Text,
	}).Because(b)
}

// try offers a sender and takes it back.
func (k *connection) try(from mailAddress) *broken {
	for _, c := range []command{{StageMail, "MAIL FROM:<" + from.path + ">", 2}, {StageMail, rset, 2}} {
		k.wire.stage(k.c.timeouts.command)
		if err := k.write(c.line); err != nil {
			return &broken{c.at, replyFrom(err)}
		}
		if reply, gone := k.read(); gone || reply.Code/100 != c.want {
			return &broken{c.at, reply}
		}
	}
	return nil
}

// Close takes no more orders, hands back those that have not begun (they end as a fault that costs nothing), lets
// messages that are on their way arrive and closes the connections. When ctx ends first, the connections are cut: what
// had not been written whole was not delivered, what waits for its reply ends as unknown. It returns when nothing of the
// adapter runs any more.
func (a *Adapter) Close(ctx context.Context) error {
	a.mu.Lock()
	a.closed = true
	pools := append(slices.Collect(maps.Values(a.pools)), a.former...)
	a.pools, a.former = map[string]*pool{}, nil
	a.mu.Unlock()
	for _, p := range pools {
		p.retire(true)
	}
	inTime := context.AfterFunc(ctx, a.cancel)
	a.workers.Wait()
	defer a.cancel()
	if !inTime() {
		return ctx.Err()
	}
	return nil
}
