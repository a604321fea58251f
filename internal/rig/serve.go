package rig

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"time"

	"campanario/access"
	"campanario/agent"
	"campanario/api"
	"campanario/audience"
	"campanario/audience/registry"
	"campanario/channel"
	"campanario/email"
	"campanario/intake"
	"campanario/internal/seal"
	"campanario/person"
	"campanario/report"
	"campanario/rules"
)

// Served is the API over a rig, on an address of this machine alone. Close it before the rig.
type Served struct {
	URL     string // http://host:port
	Key     string // of the workspace, for everything
	Imports *intake.Sessions

	api    *api.Server
	server *http.Server
	folder string
	done   chan struct{}
}

// Serve serves the rig's database as a node does.
func (r *Rig) Serve(ctx context.Context) (*Served, error) {
	v := &Served{done: make(chan struct{})}
	var err error
	if v.folder, err = os.MkdirTemp("", "campanario-bench-"); err != nil {
		return nil, err
	}
	o, err := r.services(v)
	if err == nil {
		v.api, err = api.New(o) //nolint:contextcheck // what it notes down beside answers outlives them
	}
	if err == nil {
		_, v.Key, err = o.Access.CreateKey(ctx, access.Principal{Workspace: Workspace, Scopes: access.Scopes{access.Own}}, "bench", access.Scopes{access.Own}, time.Time{})
	}
	var l net.Listener
	if err == nil {
		l, err = (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(v.folder))
	}
	v.URL = "http://" + l.Addr().String()
	v.server = &http.Server{Handler: v.api, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(v.done)
		_ = v.server.Serve(l) // it ends when it is closed
	}()
	return v, nil
}

// Close ends it.
func (v *Served) Close() {
	v.api.Close()
	_ = v.server.Close()
	<-v.done
	_ = os.RemoveAll(v.folder)
}

// services are those that a program has over its store.
func (r *Rig) services(v *Served) (api.Options, error) {
	s := r.Store
	sealer, err := seal.New(seal.NewKey())
	if err != nil {
		return api.Options{}, err
	}
	a := access.NewService(access.Options{Store: s})
	country := func(context.Context, string) (string, error) { return "BR", nil }
	users, err1 := access.NewUsers(access.UsersOptions{Store: s, Secrets: sealer})
	packs, err2 := rules.Shipped()
	invitations, err3 := audience.NewInvitations("https://example.com", make([]byte, 32))
	if err := errors.Join(err1, err2, err3); err != nil {
		return api.Options{}, err
	}
	agents := agent.NewAgents(agent.AgentsOptions{Store: s})
	suppressions := audience.NewSuppressions(s, country, nil)
	contacts := audience.NewContacts(audience.ContactsOptions{Store: s, Suppressions: suppressions, Country: country})
	registries := audience.NewRegistries(audience.RegistriesOptions{
		Store: s, Folder: v.folder, Country: country, Shelf: registry.NewShelf(registry.ShelfOptions{Folder: v.folder, Source: s}),
	})
	v.Imports = intake.NewSessions(intake.SessionsOptions{Store: s, Country: country})
	return api.Options{
		Access:       a,
		Users:        users,
		Answers:      s,
		Audit:        s,
		Agents:       agents,
		Templates:    agent.NewTemplates(s, nil),
		Suppressions: suppressions,
		Registries:   registries,
		Contacts:     contacts,
		Campaigns:    r.Service,
		Filler:       intake.NewFiller(s, registries, r.Service),
		Imports:      v.Imports,
		Report:       s,
		Board:        s,
		Reports:      report.NewFiles(report.FilesOptions{Store: s}),
		Office:       person.NewOffice(s, nil),
		Timeline:     person.NewTimeline(s, registries),
		Rules:        rules.New(rules.Options{Store: s, Packs: packs}),
		Lists:        audience.NewLists(audience.ListsOptions{Store: s, Zone: a.Zone}),
		Consents: audience.NewConsents(audience.ConsentsOptions{
			Store: s, Contacts: contacts, Links: invitations, Line: func(ctx context.Context, workspace, id string) error {
				_, err := s.Line(ctx, workspace, id)
				return err
			},
		}),
		Lines: channel.NewLines(channel.LinesOptions{Store: s, Adapters: map[channel.Kind]channel.Adapter{channel.Email: email.New(email.Options{})}}),
	}, nil
}
