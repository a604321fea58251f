package program

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"campanario/access"
	"campanario/agent"
	"campanario/api"
	"campanario/audience"
	"campanario/audience/registry"
	"campanario/campaign"
	"campanario/channel"
	"campanario/cluster"
	"campanario/dispatch"
	"campanario/email"
	"campanario/intake"
	"campanario/internal/fault"
	"campanario/internal/seal"
	"campanario/report"
	"campanario/rules"
	"campanario/store"
	"campanario/voice"
	"campanario/voice/speech"
)

// Options for New. The zero value works in the folder "data".
type Options struct {
	Data     string // folder of the database, the key and the sounds; empty is "data"
	Database string // postgres://… or the path of an SQLite file; empty is campanario.db in Data
	Keys     string // keys of secrets, see internal/seal; empty takes the file in Data

	Listen  string      // where HTTP is served, host:port; empty serves nothing
	BaseURL string      // how the program is reached from outside, for links; empty is http:// and the address served
	Proxies api.Proxies // machines in front that say where requests come from
	OIDC    OIDC        // where people sign in elsewhere; nowhere when it has no URL
	Rate    float64     // requests a second that a key or a person may make over time; 0 is as many as they like
	Node    string      // what this process is called among its like; empty is the machine's name and the process's number

	SIP    string // address for SIP by UDP and TCP; empty is any address and a free port
	Public string // how SIP peers see this machine, when they see another address than ours

	Sandbox Sandbox

	// OnlyLines, unless nil, keeps this process to the lines for which it is true. Others are nobody's meanwhile, so it is
	// for databases that no other process uses.
	OnlyLines func(line string) bool

	// Last, unless nil, is done when a program that was started is stopped: nothing runs any more, everything that happened
	// is written, and the database is still there. Its error is Stop's.
	Last func(ctx context.Context) error

	Log     *slog.Logger // nothing when nil
	Version string
	Beat    time.Duration // between signs of life in the cluster; 0 is a second
	Poll    time.Duration // between looks for what other processes changed; 0 is a quarter of a second
}

// OIDC is an issuer of identities (OpenID Connect).
type OIDC struct{ URL, Client, Secret, Name string }

// Program is the product, running or not.
type Program struct {
	o   Options
	log *slog.Logger

	Store        *store.Store
	Access       *access.Service
	Users        *access.Users
	Lines        *channel.Lines
	Agents       *agent.Agents
	Templates    *agent.Templates
	Contacts     *audience.Contacts
	Lists        *audience.Lists
	Imports      *intake.Sessions
	Suppressions *audience.Suppressions
	Registries   *audience.Registries
	Consents     *audience.Consents
	Rules        *rules.Book
	Campaigns    *campaign.Service
	Reports      *report.Files

	// Workspace is the oldest one; First tells that it was made by this start, and Token is then its key, shown once.
	Workspace string
	First     bool
	Token     string
	// OwnerLink leads the first owner in, while there is none; empty where nothing is served.
	OwnerLink string

	base   *intake.Base
	sealer *seal.Sealer
	links  *email.Links
	// invitations are the links to the page of consent; nil where there is no page.
	invitations *audience.Invitations
	sounds      *speech.Files
	voice       *voice.Adapter
	mail        *email.Adapter
	sandbox     *sandboxes
	member      *cluster.Member
	engine      *dispatch.Engine
	web         *web
	postman     *postman
	imports     atomic.Pointer[importing]
	shelf       *registry.Shelf
	shelved     func() // ends what keeps the shelf up to date; nil before it begins
	retained    func() // ends what removes what has expired; nil before it begins

	mu      sync.Mutex
	running bool
}

// learnEvery is how often contacts are told what attempts have shown of them.
const learnEvery = 2 * time.Second

// DatabaseFile is the SQLite file in the data folder.
const DatabaseFile = "campanario.db"

// New makes a program that does nothing yet.
func New(o Options) *Program {
	if o.Data == "" {
		o.Data = "data"
	}
	if o.Database == "" {
		o.Database = filepath.Join(o.Data, DatabaseFile)
	}
	if o.Node == "" {
		host, err := os.Hostname()
		if err != nil {
			host = "node"
		}
		o.Node = fmt.Sprintf("%s-%d", host, os.Getpid())
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Poll == 0 {
		o.Poll = 250 * time.Millisecond
	}
	return &Program{o: o, log: o.Log}
}

// Start starts everything. When it fails nothing runs. ctx bounds the starting only.
func (p *Program) Start(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running {
		return nil
	}
	steps := []func(context.Context) error{
		p.openStore, p.openServices, p.openAdapters, p.openListener, p.openWorkspace, p.openSandbox, p.openShelf, p.openEngine, p.openImports, p.openRetention, p.openWeb,
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			now, cancel := context.WithCancel(context.WithoutCancel(ctx))
			cancel()
			return errors.Join(err, p.shut(now, nil))
		}
	}
	p.running = true
	p.log.Info("started", "node", p.o.Node, "database", p.Store.Dialect(), "address", p.Addr(), "version", p.o.Version)
	return nil
}

// Addr is where HTTP is served, host:port; empty when it is not.
func (p *Program) Addr() string {
	if p.web == nil {
		return ""
	}
	return p.web.addr
}

// URL is how people reach the program.
func (p *Program) URL() string {
	switch {
	case p.o.BaseURL != "":
		return p.o.BaseURL
	case p.web != nil:
		return "http://" + p.web.addr
	default:
		return ""
	}
}

// Open is how many attempts are open in this process.
func (p *Program) Open() int {
	if p.engine == nil {
		return 0
	}
	return p.engine.Open()
}

// Sandboxed reports whether the sandbox runs in this process.
func (p *Program) Sandboxed() bool { return p.sandbox != nil }

// SandboxLine is the name of the line that leads to the sandbox.
func SandboxLine(k channel.Kind) string {
	if k == channel.Email {
		return SandboxEmail
	}
	return SandboxVoice
}

// openStore opens the database and brings it to this program's version.
func (p *Program) openStore(ctx context.Context) error {
	if err := os.MkdirAll(p.o.Data, 0o700); err != nil {
		return fault.New(fault.Invalid, "data_folder_unusable", fault.Params{"path": p.o.Data}).Because(err)
	}
	var created bool
	var err error
	if p.sealer, created, err = seal.Load(p.o.Keys, p.o.Data); err != nil {
		return err
	}
	if created {
		p.log.Info("secret_key_made", "path", filepath.Join(p.o.Data, seal.FileName))
	}
	keys, err := p.sealer.Derive("erased")
	if err != nil {
		return err
	}
	veil, err := audience.NewVeil(keys...)
	if err != nil {
		return err
	}
	if p.Store, err = store.Open(ctx, store.Options{URL: p.o.Database, Log: p.log, Secrets: p.sealer, Veil: veil}); err != nil {
		return err
	}
	done, err := p.Store.Migrate(ctx)
	if len(done) > 0 {
		p.log.Info("migrated", "steps", done)
	}
	return err
}

// openServices makes what guards the data.
func (p *Program) openServices(context.Context) error {
	p.Access = access.NewService(access.Options{Store: p.Store, Log: p.log})
	var err error
	if p.Users, err = access.NewUsers(access.UsersOptions{Store: p.Store, Secrets: p.sealer, Log: p.log}); err != nil {
		return err
	}
	country := func(ctx context.Context, workspace string) (string, error) {
		w, err := p.Access.Workspace(ctx, workspace)
		return w.Settings.Country, err
	}
	p.Agents = agent.NewAgents(agent.AgentsOptions{Store: p.Store, Changed: p.nudge})
	p.Templates = agent.NewTemplates(p.Store, nil)
	p.Suppressions = audience.NewSuppressions(p.Store, country, nil)
	p.openRegistries(country)
	p.Contacts = audience.NewContacts(audience.ContactsOptions{Store: p.Store, Suppressions: p.Suppressions, Country: country})
	p.Imports = intake.NewSessions(intake.SessionsOptions{Store: p.Store, Country: country, Registers: p.Registries.Screener().Any, Changed: p.importsChanged})
	p.Reports = report.NewFiles(report.FilesOptions{Store: p.Store, Changed: p.reportsChanged})
	p.Lists = audience.NewLists(audience.ListsOptions{Store: p.Store, Zone: p.Access.Zone})
	packs, err := rules.Shipped()
	if err != nil {
		return err
	}
	p.Rules = rules.New(rules.Options{Store: p.Store, Packs: packs, Changed: p.nudge})
	p.base = intake.NewBase(p.Store, p.Lists, nil)
	p.Campaigns = campaign.NewService(campaign.Options{Store: p.Store, Catalogue: p.Store, Base: p.base, Legal: p.Rules, Evidence: p.Store, Changed: p.campaignsChanged})
	return nil
}

// openWorkspace makes the first workspace, if there is none, when most of what can fail has not: its key is given once.
func (p *Program) openWorkspace(ctx context.Context) error {
	var err error
	if p.Workspace, p.Token, p.First, err = p.Access.EnsureFirst(ctx); err != nil || p.URL() == "" {
		return err
	}
	owned, err := p.Users.Owned(ctx)
	if err != nil || owned {
		return err
	}
	links, err := access.NewOwnerLinks(p.sealer)
	p.OwnerLink = p.URL() + api.AccessPath + links.Token(time.Now(), true)
	return err
}

// openAdapters starts the channels.
func (p *Program) openAdapters(ctx context.Context) error {
	var err error
	if p.sounds, err = speech.OpenFiles(filepath.Join(p.o.Data, "sounds"), 0); err != nil {
		return err
	}
	if p.voice, err = newVoice(p.o, p.sounds, p.log); err != nil {
		return err
	}
	if err := p.voice.Start(ctx); err != nil {
		return fault.New(fault.Unavailable, "sip_address_unusable", fault.Params{"address": sipAddress(p.o)}).Because(err)
	}
	p.mail = email.New(email.Options{Log: p.log})
	p.Lines = channel.NewLines(channel.LinesOptions{
		Store: p.Store, Adapters: p.adapters(), Changed: p.linesChanged,
		Address: func(ctx context.Context, workspace string, k channel.Kind, raw string) (channel.Address, error) {
			w, err := p.Access.Workspace(ctx, workspace)
			if err != nil {
				return "", err
			}
			return audience.Origin(k, raw, w.Settings.Country)
		},
		Agent: func(ctx context.Context, workspace, id string) error {
			_, err := p.Agents.Get(ctx, workspace, id)
			return err
		},
		Zone: func(ctx context.Context, workspace string) (string, error) {
			w, err := p.Access.Workspace(ctx, workspace)
			return w.Settings.Zone, err
		},
	})
	return nil
}

func (p *Program) adapters() map[channel.Kind]channel.Adapter {
	return map[channel.Kind]channel.Adapter{channel.Voice: p.voice, channel.Email: p.mail}
}

// Validators are those who understand the settings of lines.
func Validators() map[channel.Kind]channel.Validator {
	return map[channel.Kind]channel.Validator{channel.Voice: &voice.Adapter{}, channel.Email: &email.Adapter{}}
}

// openEngine joins the cluster and begins to work.
func (p *Program) openEngine(ctx context.Context) error {
	var backend interface {
		dispatch.Store
		cluster.Store
	} = p.Store
	member, err := cluster.Join(ctx, p.o.Node, cluster.Options{Store: p.members(), Log: p.log, Beat: p.o.Beat})
	if err != nil {
		return err
	}
	p.member = member
	p.engine = dispatch.New(dispatch.Options{
		Node: member.Node(), Store: backend, Adapters: p.adapters(), Log: p.log, Poll: p.o.Poll, Settlers: p.Store.Writers(), Learn: learnEvery,
		Unsubscribe: p.unsubscribeLink, Lists: p.shelf,
	})
	p.engine.Start(ctx)
	member.Start(ctx, p.engine)
	return nil
}

// members is the cluster's store, kept to some lines if that is wanted.
func (p *Program) members() cluster.Store {
	if p.o.OnlyLines == nil {
		return p.Store
	}
	return fewLines{p.Store, p.o.OnlyLines}
}

// fewLines hides lines from a member.
type fewLines struct {
	cluster.Store
	wanted func(line string) bool
}

// Beat gives a view without the others.
func (f fewLines) Beat(ctx context.Context, node int64, ttl time.Duration) (cluster.View, error) {
	v, err := f.Store.Beat(ctx, node, ttl)
	v.Lines = slices.DeleteFunc(v.Lines, func(l cluster.Lease) bool { return !f.wanted(l.Line.ID) })
	return v, err
}

// nudge makes the engine look again, because something changed in this process.
func (p *Program) nudge() {
	if p.engine != nil {
		p.engine.Nudge()
	}
}

// LookAgain makes this process look at once for lines that were added, or that OnlyLines has come to want.
func (p *Program) LookAgain() { p.linesChanged() }

// linesChanged makes the member look for lines that were added.
func (p *Program) linesChanged() {
	if p.member != nil {
		p.member.Nudge()
	}
	p.nudge()
}

// host is the machine that an address listens on, as others on this machine reach it.
func host(addr string) string {
	h, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip := net.ParseIP(h); h == "" || ip != nil && ip.IsUnspecified() {
		h = "127.0.0.1"
	}
	return net.JoinHostPort(h, port)
}
