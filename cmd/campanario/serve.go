package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"campanario/api"
	"campanario/cmd/campanario/internal/demo"
	"campanario/cmd/campanario/internal/program"
	"campanario/internal/fault"
	"campanario/sandbox/carrier"
)

// sandboxFlags defines the flags that say what the sandbox is like.
func (a *app) sandboxFlags(c *cobra.Command, s *program.Sandbox, mix *string) {
	c.Flags().Float64Var(&s.Speed, "sandbox-speed", 1, a.words.Say("flag.sandbox-speed"))
	c.Flags().Uint64Var(&s.Seed, "sandbox-seed", 1, a.words.Say("flag.sandbox-seed"))
	a.yes(c, &s.Mute, "sandbox-mute", false)
	a.text(c, &s.Log, "sandbox-log", "")
	a.text(c, mix, "sandbox-mix", "")
}

// check completes what the flags say of the sandbox.
func checkSandbox(s *program.Sandbox, mix string) error {
	if !(s.Speed > 0 && s.Speed <= 1000) { // also not a number
		return fault.New(fault.Invalid, "out_of_range", fault.Params{"value": s.Speed, "min": 0, "max": 1000}).At("--sandbox-speed")
	}
	var err error
	s.Mix, err = readMix(mix)
	return err
}

// readMix reads "person=60,busy=40".
func readMix(text string) ([]carrier.Share, error) {
	if text == "" {
		return nil, nil
	}
	wrong := func() error {
		var known []string
		for _, r := range carrier.Table() {
			if len(known) == 0 || known[len(known)-1] != string(r.Behaviour) {
				known = append(known, string(r.Behaviour))
			}
		}
		return fault.New(fault.Invalid, "mix_invalid", fault.Params{"example": "person=60,busy=30,no_answer=10", "allowed": strings.Join(known, ", ")}).At("--sandbox-mix")
	}
	var mix []carrier.Share
	sum := 0.0
	for part := range strings.SplitSeq(text, ",") {
		var s carrier.Share
		name, percent, ok := strings.Cut(strings.TrimSpace(part), "=")
		if _, err := fmt.Sscanf(percent, "%g", &s.Percent); !ok || err != nil || !(s.Percent >= 0) {
			return nil, wrong()
		}
		s.Behaviour = carrier.Behaviour(name)
		sum += s.Percent
		mix = append(mix, s)
	}
	if _, err := carrier.New(carrier.Options{Mix: mix}); err != nil || sum > 100 {
		return nil, wrong()
	}
	return mix, nil
}

// serve is the server.
func (a *app) serve() *cobra.Command {
	var o program.Options
	var l logs
	var mode, mix string
	var drain time.Duration
	var demonstrate bool
	var proxies, secretFile string
	c := a.command("serve", func(c *cobra.Command) error {
		o.Sandbox.Mode = program.Mode(mode)
		switch o.Sandbox.Mode {
		case program.Auto, program.On, program.Off:
		default:
			return notOneOf("sandbox", mode, "auto, on, off")
		}
		if err := checkSandbox(&o.Sandbox, mix); err != nil {
			return err
		}
		if !(o.Rate >= 0 && o.Rate <= 1e6) { // also not a number
			return fault.New(fault.Invalid, "out_of_range", fault.Params{"value": o.Rate, "min": 0, "max": 1000000}).At("--rate")
		}
		var err error
		if o.Proxies, err = api.ParseProxies(proxies); err != nil {
			return err
		}
		if o.OIDC.Secret, err = a.secret(secretFile); err != nil {
			return err
		}
		if o.Log, err = l.logger(a.err); err != nil {
			return err
		}
		return a.serveUntil(c.Context(), o, drain, demonstrate)
	})
	a.place(c, &o)
	a.text(c, &o.Listen, "listen", "127.0.0.1:8080")
	a.network(c, &o)
	a.text(c, &proxies, "proxies", "")
	c.Flags().Float64Var(&o.Rate, "rate", 100, a.words.Say("flag.rate"))
	a.text(c, &o.OIDC.URL, "oidc-issuer", "")
	a.text(c, &o.OIDC.Client, "oidc-client", "")
	a.text(c, &secretFile, "oidc-secret-file", "")
	a.text(c, &o.OIDC.Name, "oidc-name", "")
	a.text(c, &o.Node, "node", "")
	a.length(c, &drain, "drain", 30*time.Second)
	a.text(c, &mode, "sandbox", string(program.Auto))
	a.sandboxFlags(c, &o.Sandbox, &mix)
	a.text(c, &o.Sandbox.Voice, "sandbox-voice", "")
	a.text(c, &o.Sandbox.SMTP, "sandbox-smtp", "")
	a.yes(c, &demonstrate, "demo", true)
	a.logs(c, &l)
	return c
}

// serveUntil serves until ctx is done, and then lets what is open end.
func (a *app) serveUntil(ctx context.Context, o program.Options, drain time.Duration, demonstrate bool) error {
	p := program.New(o)
	err := p.Start(ctx)
	if err != nil {
		if p.Token != "" { // it was made all the same, and will not be made again
			a.say("key.made", "key", p.Token)
		}
		return err
	}
	made := 0
	if demonstrate && p.First && p.Sandboxed() {
		made, err = demo.Make(ctx, p)
	}
	if err == nil {
		a.welcome(p, o, made)
		<-ctx.Done()
	}
	fmt.Fprintln(a.err, a.words.Say("stopping", "patience", drain)) //nolint:errcheck // nobody is left to tell
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	return joined(err, p.Stop(patience))
}

// welcome says where everything is, and the first key, which is shown this once.
func (a *app) welcome(p *program.Program, o program.Options, campaigns int) {
	w := a.words
	var b strings.Builder
	fmt.Fprintf(&b, "\nCampanário %s\n\n", o.Version)
	line := func(name, value string) { fmt.Fprintf(&b, "  %-10s %s\n", w.Say(name), value) }
	line("page", p.URL()+"/")
	line("api", p.URL()+"/api/v1  ("+p.URL()+"/api/openapi.json)")
	if p.Token != "" {
		line("key", p.Token)
		fmt.Fprintf(&b, "\n  %s\n", w.Say("key.once"))
	} else {
		line("key", w.Say("key.lost"))
	}
	if p.OwnerLink != "" {
		line("first", p.OwnerLink)
		fmt.Fprintf(&b, "  %s\n", w.Say("first.once"))
	}
	switch {
	case campaigns > 0:
		fmt.Fprintf(&b, "  %s\n", w.Say("demo", "n", campaigns))
	case p.Sandboxed():
		fmt.Fprintf(&b, "  %s\n", w.Say("on_sandbox"))
	}
	fmt.Fprintf(&b, "  %s\n\n", w.Say("how_to_stop"))
	_, _ = io.WriteString(a.out, b.String())
}

// sandbox is the far ends alone.
func (a *app) sandbox() *cobra.Command {
	var s program.Sandbox
	var mix string
	c := a.command("sandbox", func(c *cobra.Command) error {
		if err := checkSandbox(&s, mix); err != nil {
			return err
		}
		ends, err := program.StartFarEnds(c.Context(), s)
		if err != nil {
			return err
		}
		a.say("sandbox.voice", "address", ends.Voice)
		a.say("sandbox.smtp", "address", ends.SMTP)
		<-c.Context().Done()
		ends.Stop()
		return nil
	})
	a.sandboxFlags(c, &s, &mix)
	a.text(c, &s.Voice, "sandbox-voice", "127.0.0.1:5070")
	a.text(c, &s.SMTP, "sandbox-smtp", "127.0.0.1:2525")
	return c
}
