package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"campanario/access"
	"campanario/access/issuer"
	"campanario/agent"
	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
	"campanario/intake"
	"campanario/person"
	"campanario/report"
	"campanario/rules"
)

// Prefix is where the API lies.
const Prefix = "/api/v1"

// Options for New. The services and the sources are required.
type Options struct {
	Access       *access.Service
	Users        *access.Users
	Answers      access.Answers
	Audit        access.Trail
	Lines        *channel.Lines
	Agents       *agent.Agents
	Templates    *agent.Templates
	Contacts     *audience.Contacts
	Lists        *audience.Lists
	Imports      *intake.Sessions
	Filler       *intake.Filler
	Suppressions *audience.Suppressions
	Registries   *audience.Registries
	Consents     *audience.Consents
	Rules        *rules.Book
	Campaigns    *campaign.Service
	Report       report.Source
	Board        report.Board
	Reports      *report.Files
	Timeline     *person.Timeline
	Office       *person.Office

	// Steps gives where the conversations of a campaign are that this process carries: the step of the script by the id of the
	// attempt. Nil knows of none.
	Steps func(campaign string) map[string]string

	// Ready tells whether the process can serve, for /readyz; nil means always.
	Ready func(ctx context.Context) error
	// Extra are further handlers by their pattern (http.ServeMux), such as the public page for unsubscribing. They see
	// requests after the log and before anything else.
	Extra map[string]http.Handler
	// Sandbox, unless nil, is the fake outside world in this process.
	Sandbox Sandbox
	// Console, unless nil, is asked for every page by GET or HEAD that nothing else here answers and that is not the API's.
	Console http.Handler

	// BaseURL is how the program is reached from outside: https makes cookies and links secure.
	BaseURL string
	Post    Post // nil sends nothing: links are handed over
	// Issuer is where people sign in elsewhere; nil when they do not.
	Issuer *issuer.Issuer
	// Proxies are those in front, whose word on where a request comes from is taken.
	Proxies Proxies
	// Rate is how many requests a second a key, a person, or an address of those who are neither, may make over time;
	// 0 is as many as they like.
	Rate float64

	Log     *slog.Logger     // nothing when nil
	Now     func() time.Time // time.Now when nil
	Version string           // of the program, shown in the OpenAPI document; "dev" when empty

	MaxBody   int64         // bytes of a JSON body; 0 is 2 MiB
	MaxUpload int64         // bytes of an upload of recipients; 0 is 4 GiB
	BodyIdle  time.Duration // how long a body may bring nothing; 0 is 30 s
	// ReaderIdle is how long a piece of an answer may wait for its reader; 0 is 1 min.
	ReaderIdle time.Duration
	LiveEvery  time.Duration // how often a live campaign is read, at most; 0 is 1 s
	Heartbeat  time.Duration // how long an event stream is silent at most; 0 is 15 s
}

// Server is the API as a handler. Close it when no new requests come.
type Server struct {
	o    Options
	log  *slog.Logger
	mux  *http.ServeMux
	api  huma.API
	live *hub[campaign.Live]
	work *hub[working]
	door *doorman

	origins *http.CrossOriginProtection
	rates   *rates
}

// settle sets the switches that huma has for the whole process; all our servers want them alike.
var settle = sync.OnceFunc(func() {
	huma.DefaultArrayNullable = false  // a list is never null
	huma.ValidateStrictCasing = true   // "Name" is not "name"
	humago.MultipartMaxMemory = 1 << 2 // no operation takes forms
})

// New makes the handler of everything that is served.
func New(o Options) (*Server, error) {
	if o.Access == nil || o.Users == nil || o.Answers == nil || o.Audit == nil || o.Lines == nil ||
		o.Agents == nil || o.Templates == nil || o.Contacts == nil || o.Lists == nil || o.Imports == nil ||
		o.Filler == nil || o.Suppressions == nil || o.Registries == nil || o.Consents == nil || o.Rules == nil ||
		o.Campaigns == nil || o.Report == nil || o.Board == nil || o.Timeline == nil || o.Office == nil ||
		o.Reports == nil {
		return nil, errors.New("api: a service is missing")
	}
	settle()
	s := &Server{o: o.withDefaults()}
	s.log = s.o.Log
	if err := s.trust(); err != nil {
		return nil, err
	}
	s.rates = newRates(s.o.Rate)
	s.live = newHub(s.o.Campaigns.Live, s.o.LiveEvery, s.o.Now, s.log)
	s.work = newHub(s.working, 2*s.o.LiveEvery, s.o.Now, s.log)
	s.mux = http.NewServeMux()
	s.api = humago.New(s.mux, s.config())
	s.api.UseMiddleware(s.authenticate, s.checkQuery, s.checkBody, s.idempotent)
	s.routes()
	document, err := s.finishDocument()
	if err != nil {
		return nil, err
	}
	s.mux.HandleFunc("GET /api/openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/openapi+json")
		_, _ = w.Write(document)
	})
	s.mux.HandleFunc("GET /healthz", s.healthy)
	s.mux.HandleFunc("GET /readyz", s.ready)
	s.openAccessPage()
	s.openIssuer()
	for pattern, h := range o.Extra {
		s.mux.Handle(pattern, h)
	}
	s.door = newDoorman(s)
	return s, nil
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Post == nil {
		o.Post = noPost{}
	}
	if o.Steps == nil {
		o.Steps = func(string) map[string]string { return nil }
	}
	if o.Version == "" {
		o.Version = "dev"
	}
	fallback(&o.MaxBody, 2<<20)
	fallback(&o.MaxUpload, 4<<30)
	fallback(&o.BodyIdle, 30*time.Second)
	fallback(&o.ReaderIdle, time.Minute)
	fallback(&o.LiveEvery, time.Second)
	fallback(&o.Heartbeat, 15*time.Second)
	return o
}

func fallback[T comparable](v *T, def T) {
	if zero := *new(T); *v == zero {
		*v = def
	}
}

// routes registers every operation.
func (s *Server) routes() {
	s.homeRoutes()
	s.workspaceRoutes()
	s.auditRoutes()
	s.sessionRoutes()
	s.selfRoutes()
	s.userRoutes()
	s.lineRoutes()
	s.agentRoutes()
	s.agentVersionRoutes()
	s.testCallRoutes()
	s.templateRoutes()
	s.sandboxRoutes()
	s.contactRoutes()
	s.audienceRoutes()
	s.importRoutes()
	s.fillRoutes()
	s.suppressionRoutes()
	s.consentRoutes()
	s.personRoutes()
	s.privacyRoutes()
	s.ruleRoutes()
	s.campaignRoutes()
	s.planRoutes()
	s.recipientRoutes()
	s.errandRoutes()
	s.attemptRoutes()
	s.resultRoutes()
}

// Close ends the event streams, waits for what reads for them, and for what is still to be noted down. Requests that come
// after it get no events.
func (s *Server) Close() {
	s.live.close()
	s.work.close()
	s.door.close()
}

// OpenAPI is the description of the API, for tools of our own.
func (s *Server) OpenAPI() *huma.OpenAPI { return s.api.OpenAPI() }
