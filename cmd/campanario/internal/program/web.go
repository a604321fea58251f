package program

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"campanario/access/issuer"
	"campanario/api"
	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
	"campanario/cmd/campanario/internal/status"
	"campanario/console"
	"campanario/email"
	"campanario/intake"
	"campanario/internal/fault"
	"campanario/person"
)

// web is the HTTP server.
type web struct {
	listener net.Listener
	addr     string // as others on this machine reach it
	api      *api.Server
	server   *http.Server
	done     sync.WaitGroup
}

// Patience with clients. Uploads and streams are the API's to watch.
const (
	headerPatience = 10 * time.Second
	idlePatience   = 2 * time.Minute
	closePatience  = 3 * time.Second
	maxHeader      = 64 << 10
)

// openListener takes the address of HTTP, if there is to be one, and makes the links for unsubscribing: the engine needs
// them from its first message on.
func (p *Program) openListener(ctx context.Context) error {
	if p.o.Listen != "" {
		var lc net.ListenConfig
		l, err := lc.Listen(ctx, "tcp", p.o.Listen)
		if err != nil {
			return fault.New(fault.Unavailable, "listen_address_unusable", fault.Params{"address": p.o.Listen}).Because(err)
		}
		p.web = &web{listener: l, addr: host(l.Addr().String())}
	}
	if err := p.openLinks(); err != nil {
		return err
	}
	return p.openConsents()
}

// openWeb serves HTTP.
func (p *Program) openWeb(ctx context.Context) error {
	w := p.web
	if w == nil {
		return nil
	}
	extra := map[string]http.Handler{"GET /status": status.New(status.Options{Access: p.Access, Campaigns: p.Campaigns, Log: p.log})}
	p.publicPages(extra)
	p.openPostman(ctx)
	elsewhere, err := p.issuer()
	if err != nil {
		return err
	}
	pages, err := console.New(console.Options{})
	if err != nil {
		return err
	}
	w.api, err = api.New(p.services(extra, pages, elsewhere)) //nolint:contextcheck // what it notes down beside answers outlives them
	if err != nil {
		return err
	}
	w.server = &http.Server{
		Handler: w.api, ReadHeaderTimeout: headerPatience, IdleTimeout: idlePatience, MaxHeaderBytes: maxHeader,
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	w.done.Go(func() {
		if err := w.server.Serve(w.listener); !errors.Is(err, http.ErrServerClosed) {
			p.log.Error("http_ended", "error", err)
		}
	})
	return nil
}

// services are what the API stands on.
func (p *Program) services(extra map[string]http.Handler, pages http.Handler, elsewhere *issuer.Issuer) api.Options {
	return api.Options{
		Access:       p.Access,
		Users:        p.Users,
		Answers:      p.Store,
		Audit:        p.Store,
		Timeline:     person.NewTimeline(p.Store, p.Registries),
		Lines:        p.Lines,
		Agents:       p.Agents,
		Contacts:     p.Contacts,
		Lists:        p.Lists,
		Imports:      p.Imports,
		Filler:       intake.NewFiller(p.Store, p.Registries, p.Campaigns),
		Suppressions: p.Suppressions,
		Registries:   p.Registries,
		Consents:     p.Consents,
		Rules:        p.Rules,
		Reports:      p.Reports,
		Campaigns:    p.Campaigns,
		Report:       p.Store,
		Board:        p.Store,
		Ready:        p.ready,
		Extra:        extra,
		Console:      pages,
		Log:          p.log,
		Version:      p.o.Version,
		BaseURL:      p.URL(),
		Post:         p.postman,
		Issuer:       elsewhere,
		Proxies:      p.o.Proxies,
		Rate:         p.o.Rate,
		Office:       person.NewOffice(p.Store, nil),
		Templates:    p.Templates,
		Sandbox:      p.playground(),
		Steps:        p.steps(),
	}
}

// steps tells where conversations of this process are; nil without an engine.
func (p *Program) steps() func(campaign string) map[string]string {
	if p.engine == nil {
		return nil
	}
	return p.engine.Steps
}

// issuer is where people sign in elsewhere; nil for nowhere.
func (p *Program) issuer() (*issuer.Issuer, error) {
	o := p.o.OIDC
	if o.URL == "" {
		return nil, nil
	}
	return issuer.New(issuer.Options{URL: o.URL, Client: o.Client, Secret: o.Secret, Name: o.Name, Redirect: p.URL() + api.IssuerReturn})
}

// ready reports whether this process can do its work.
func (p *Program) ready(ctx context.Context) error {
	_, err := p.Store.Pulse(ctx)
	return err
}

// stop lets requests that are being answered finish for a moment.
func (w *web) stop(ctx context.Context) error {
	if w.server == nil { // it never served
		return w.listener.Close()
	}
	ctx, cancel := context.WithTimeout(ctx, closePatience)
	defer cancel()
	w.api.Close() // event streams would last
	err := w.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = w.server.Close()
	}
	w.done.Wait()
	return err
}

// openLinks makes the links for unsubscribing, when there is an address that they could lead to.
func (p *Program) openLinks() error {
	if p.URL() == "" {
		return nil
	}
	keys, err := p.sealer.Derive("links")
	if err != nil {
		return err
	}
	p.links, err = email.NewLinks(email.LinksOptions{Base: p.URL(), Key: keys[0], Former: keys[1:]})
	if err != nil {
		return fault.New(fault.Invalid, "base_url_invalid", fault.Params{"url": p.URL()}).Because(err)
	}
	return nil
}

// unsubscribeLink is a recipient's own link; empty where there is no page that it could lead to.
func (p *Program) unsubscribeLink(workspace, id string, n campaign.Number, to channel.Address) string {
	if p.links == nil {
		return ""
	}
	link, err := p.links.URL(email.Target{
		Workspace: workspace, Channel: channel.Email, Address: to, Campaign: id, Recipient: strconv.FormatInt(int64(n), 10),
	})
	if err != nil {
		p.log.Error("link_not_made", "campaign", id, "recipient", int64(n), "error", err)
		return ""
	}
	return link
}

// sender names a workspace to the public.
func (p *Program) sender(ctx context.Context, workspace string) string {
	w, err := p.Access.Workspace(ctx, workspace)
	if err != nil {
		return ""
	}
	return w.Name
}

// optOuts takes down who unsubscribed.
type optOuts struct{ p *Program }

// OptOut suppresses the address on the channel of the link. The link was made of the very address that was written to, so
// it is taken as it stands.
func (o optOuts) OptOut(ctx context.Context, x email.OptOut) error {
	_, err := o.p.Store.SuppressNew(ctx, x.Workspace, []audience.Suppression{{
		Address: x.Address, Channel: x.Channel, Reason: string(audience.OptedOut), Source: "unsubscribe:" + x.Campaign, At: x.At,
	}}, x.At)
	if err != nil {
		return err
	}
	return o.p.withdraw(ctx, x)
}
