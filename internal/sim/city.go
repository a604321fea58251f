package sim

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"campanario/agent"
	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
	"campanario/cluster"
	"campanario/dispatch"
	"campanario/intake"
	"campanario/store"
)

// City is a database with lines and campaigns, and the nodes that work on them.
type City struct {
	Store     *store.Store
	World     *World
	Service   *campaign.Service
	Base      *intake.Base // whom campaigns draw from
	Workspace string
	Lines     []channel.Line
	Campaigns []string
	Log       *slog.Logger
	Beat      time.Duration // between beats of a node

	rng   *rand.Rand
	mu    sync.Mutex
	nodes []*Process
	made  int
}

// Process is one running process of the product.
type Process struct {
	plug   *Plug
	net    *Node
	member *cluster.Member
	engine *dispatch.Engine
	dying  chan struct{} // closed when the plug has been pulled
	once   sync.Once
}

// NewCity makes a workspace on the store.
func NewCity(ctx context.Context, s *store.Store, w *World, seed uint64, log *slog.Logger) (*City, error) {
	c := &City{
		Store: s, World: w, Workspace: "ws", Log: log, Beat: 5 * time.Second, rng: rand.New(rand.NewPCG(seed, 0xc17)),
	}
	c.Base = intake.NewBase(s, audience.NewLists(audience.ListsOptions{Store: s}), nil)
	c.Service = campaign.NewService(campaign.Options{Store: s, Catalogue: s, Base: c.Base, Changed: c.nudge})
	return c, s.CreateWorkspace(ctx, c.Workspace, "Sim", time.Now())
}

// Nudge makes every process look at once, as after a change that somebody made to something else.
func (c *City) Nudge() { c.nudge() }

// OnJobs lets f be called whenever the process has read a line's campaigns; nil for nothing.
func (p *Process) OnJobs(f func()) {
	p.plug.mu.Lock()
	defer p.plug.mu.Unlock()
	p.plug.onJobs = f
}

// OnClaim lets f be called whenever a claim of the process is done and it does not know so yet; an error of its
// hides the answer. nil for nothing.
func (p *Process) OnClaim(f func() error) {
	p.plug.mu.Lock()
	defer p.plug.mu.Unlock()
	p.plug.onClaim = f
}

// nudge stands for the pulse that real nodes ask for, which would make the fake clock stop ten times a second.
func (c *City) nudge() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.nodes {
		p.engine.Nudge()
	}
}

// AddLine makes a line.
func (c *City) AddLine(ctx context.Context, l channel.Line) error {
	l.ID = fmt.Sprintf("line-%d", len(c.Lines)+1)
	l.Workspace, l.Name, l.Enabled = c.Workspace, l.ID, true
	if l.Zone == "" {
		l.Zone = "America/Sao_Paulo"
	}
	c.Lines = append(c.Lines, l)
	return c.Store.PutLine(ctx, l, nil, time.Now())
}

// Speaker makes an agent that says one sentence.
func (c *City) Speaker(ctx context.Context) (string, error) {
	a, err := agent.ParseAgent([]byte(`{"name":"Voz","kind":"script","script":{"start":"hi","steps":{"hi":{"say":"Oi, {{name}}","next":"end"}}}}`))
	if err != nil {
		return "", err
	}
	a.ID, a.Workspace = "agent-1", c.Workspace
	return a.ID, c.Store.PutAgent(ctx, &a, time.Now())
}

// AddCampaign makes a draft with recipients; made gives the i-th.
func (c *City) AddCampaign(ctx context.Context, d campaign.Definition, n int, made func(i int) campaign.Newcomer) (string, error) {
	one, err := c.Service.Create(ctx, c.Workspace, "", d)
	if err != nil {
		return "", err
	}
	for start := 0; start < n; start += 2000 {
		rows := make([]campaign.Newcomer, 0, 2000)
		for i := start; i < min(n, start+2000); i++ {
			rows = append(rows, made(i))
		}
		if _, err := c.Service.Enrol(ctx, c.Workspace, one.ID, rows, campaign.Progress{}); err != nil {
			return "", err
		}
	}
	c.Campaigns = append(c.Campaigns, one.ID)
	return one.ID, nil
}

// Boot starts a process.
func (c *City) Boot(ctx context.Context) (*Process, error) {
	c.mu.Lock()
	c.made++
	seed := uint64(c.made)
	c.mu.Unlock()
	p := &Process{plug: NewPlug(c.Store, seed), dying: make(chan struct{})}
	member, err := cluster.Join(ctx, fmt.Sprintf("node-%d", seed), cluster.Options{Store: p.plug, Log: c.Log, Beat: c.Beat})
	if err != nil {
		return nil, err
	}
	p.member, p.net = member, c.World.Node(member.Node())
	p.engine = dispatch.New(dispatch.Options{
		Node: member.Node(), Store: p.plug, Log: c.Log,
		Adapters: map[channel.Kind]channel.Adapter{channel.Voice: p.net, channel.Email: p.net},
	})
	p.engine.Start(ctx)
	member.Start(ctx, p.engine)
	c.mu.Lock()
	c.nodes = append(c.nodes, p)
	c.mu.Unlock()
	return p, nil
}

// Kill kills a process within its next calls to the database: between any two statements, or between a commit and its
// answer.
func (c *City) Kill(p *Process, calls int) {
	p.plug.PullAfter(calls, p.die)
	select {
	case <-p.dying:
	case <-time.After(3 * time.Second): // it did nothing: it dies idle
		p.plug.PullAfter(1, p.die)
		_ = p.plug.around(func() error { return nil })
	}
	c.bury(p)
}

func (p *Process) die() {
	p.once.Do(func() {
		p.net.Kill()
		close(p.dying)
	})
}

// bury ends the goroutines of a dead process; nothing they do reaches the world or the database.
func (c *City) bury(p *Process) {
	now, cancel := context.WithCancel(context.Background())
	cancel()
	_ = p.engine.Stop(now)
	_ = p.member.Leave(now)
	c.forget(p)
}

// Shut ends a process in order, as on SIGTERM.
func (c *City) Shut(p *Process, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	p.member.Hand(ctx)
	err := p.engine.Stop(ctx)
	if e := p.member.Leave(context.Background()); err == nil {
		err = e
	}
	c.forget(p)
	return err
}

func (c *City) forget(p *Process) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, q := range c.nodes {
		if p == q {
			c.nodes = append(c.nodes[:i], c.nodes[i+1:]...)
			return
		}
	}
}

// Blind keeps the process from asking what became of its claims, or lets it.
func (p *Process) Blind(on bool) {
	p.plug.mu.Lock()
	defer p.plug.mu.Unlock()
	p.plug.blind = on
}

// Outage takes the process's database away, or gives it back.
func (p *Process) Outage(on bool) { p.plug.SetOutage(on) }
