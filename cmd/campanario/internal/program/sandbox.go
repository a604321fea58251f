package program

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"os"
	"strconv"
	"time"

	"campanario/channel"
	"campanario/internal/fault"
	"campanario/sandbox"
	"campanario/sandbox/carrier"
	"campanario/sandbox/mailbox"
)

// Mode says when the sandbox runs.
type Mode string

// The modes. The zero value means Auto.
const (
	Auto Mode = "auto" // on SQLite: from a first start without lines on, until its lines are deleted
	On   Mode = "on"
	Off  Mode = "off"
)

// Sandbox says what the sandbox is like. The zero value is as slow as life.
type Sandbox struct {
	Mode  Mode
	Speed float64         // how many times faster than life far ends act; 0 is 1
	Mute  bool            // signalling without sound
	Seed  uint64          // of ordinary numbers and mailboxes
	Mix   []carrier.Share // what ordinary numbers do; the carrier's own when empty
	Mail  []mailbox.Share // what ordinary mailboxes do
	Log   string          // file that far ends write what they saw to, as JSON lines; empty for none
	Voice string          // address for calls, host:port; empty: where it was the last time, or a free port
	SMTP  string          // address for messages
}

// Names of the lines that lead to the sandbox.
const (
	SandboxVoice = "Sandbox: telefone"
	SandboxEmail = "Sandbox: e-mail"
)

// sandboxes are the far ends inside this process.
type sandboxes struct {
	carrier *carrier.Carrier
	mailbox *mailbox.Server
	file    io.Closer
}

// FarEnds is the sandbox by itself, for programs in other processes.
type FarEnds struct {
	Voice string // where calls go, host:port by UDP and TCP
	SMTP  string // where messages go
	ends  *sandboxes
}

// StartFarEnds starts the sandbox by itself. Mode means nothing here.
func StartFarEnds(ctx context.Context, s Sandbox) (*FarEnds, error) {
	ends, err := startSandbox(ctx, s, "", "")
	if err != nil {
		return nil, err
	}
	return &FarEnds{Voice: ends.carrier.Addr().String(), SMTP: ends.mailbox.Addr(), ends: ends}, nil
}

// Stop hangs up and closes everything.
func (f *FarEnds) Stop() { f.ends.stop() }

// openSandbox starts the sandbox when it is wanted, and makes or mends the lines that lead to it.
func (p *Program) openSandbox(ctx context.Context) error {
	lines, err := p.Lines.List(ctx, p.Workspace, channel.LineQuery{Limit: 200})
	if err != nil {
		return err
	}
	known := map[string]channel.LineRecord{}
	own := 0
	for _, l := range lines {
		if l.Name == SandboxVoice || l.Name == SandboxEmail {
			known[l.Name] = l
		} else {
			own++
		}
	}
	s := p.o.Sandbox
	if s.Mode == Off || s.Mode != On && (p.Store.Shared() || own > 0 && len(known) == 0) {
		return nil
	}
	p.sandbox, err = startSandbox(ctx, s, voiceAddress(known[SandboxVoice].Settings), mailAddress(known[SandboxEmail].Settings))
	if err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(p.sandbox.carrier.Addr().String())
	if err != nil {
		return err
	}
	n, _ := strconv.Atoi(port)
	voice := map[string]any{"gateways": []any{map[string]any{"host": host, "port": n}}, "username": "campanario", "password": "campanario"}
	if err := p.sandboxLine(ctx, known, SandboxVoice, channel.Voice, "+551130000000", channel.Limits{Concurrent: 30, PerSecond: 10}, voice); err != nil {
		return err
	}
	if host, port, err = net.SplitHostPort(p.sandbox.mailbox.Addr()); err != nil {
		return err
	}
	n, _ = strconv.Atoi(port)
	mail := map[string]any{"host": host, "port": n, "tls": "none", "from_name": "Campanário"}
	return p.sandboxLine(ctx, known, SandboxEmail, channel.Email, "campanario@sandbox.example", channel.Limits{Concurrent: 4, PerSecond: 50}, mail)
}

// sandboxLine makes a line that leads to the sandbox, or tells one that is there where the sandbox is now.
func (p *Program) sandboxLine(ctx context.Context, known map[string]channel.LineRecord, name string, kind channel.Kind, from string, limits channel.Limits, settings map[string]any) error {
	raw, err := json.Marshal(settings)
	if err != nil {
		return err
	}
	l, ok := known[name]
	if ok {
		if l.Kind != kind {
			return fault.New(fault.Conflict, "sandbox_line_taken", fault.Params{"name": name})
		}
		_, err = p.Lines.Edit(ctx, p.Workspace, l.ID, 0, channel.LineEdit{Settings: raw})
		return err
	}
	if len(known) > 0 && p.o.Sandbox.Mode != On { // somebody has deleted it
		return nil
	}
	_, err = p.Lines.Create(ctx, p.Workspace, channel.LineEdit{
		Kind: kind, Name: &name, From: &from, Concurrent: &limits.Concurrent, PerSecond: &limits.PerSecond, Settings: raw,
	})
	return err
}

// voiceAddress is where a line's sandbox was the last time.
func voiceAddress(settings json.RawMessage) string {
	var s struct {
		Gateways []struct {
			Host string
			Port int
		}
	}
	if json.Unmarshal(settings, &s) != nil || len(s.Gateways) == 0 {
		return ""
	}
	return net.JoinHostPort(s.Gateways[0].Host, strconv.Itoa(s.Gateways[0].Port))
}

// only reports whether calls of a line go to one gateway, and by no proxy.
func only(settings json.RawMessage) bool {
	var s struct {
		Gateways []struct{}
		Proxy    string `json:"outbound_proxy"`
	}
	return json.Unmarshal(settings, &s) == nil && len(s.Gateways) == 1 && s.Proxy == ""
}

func mailAddress(settings json.RawMessage) string {
	var s struct {
		Host string
		Port int
	}
	if json.Unmarshal(settings, &s) != nil || s.Host == "" {
		return ""
	}
	return net.JoinHostPort(s.Host, strconv.Itoa(s.Port))
}

// anywhere is a free port of this machine alone.
const anywhere = "127.0.0.1:0"

// startSandbox starts both far ends, where the options say, or where they were the last time unless somebody else has
// taken that address meanwhile.
func startSandbox(ctx context.Context, s Sandbox, lastVoice, lastMail string) (*sandboxes, error) {
	out := &sandboxes{}
	var file io.Writer
	if s.Log != "" {
		f, err := os.OpenFile(s.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, fault.New(fault.Invalid, "file_unusable", fault.Params{"path": s.Log}).Because(err)
		}
		out.file, file = f, f
	}
	events := sandbox.NewLog(false, file)
	if err := out.startCarrier(ctx, s, addresses(s.Voice, lastVoice), events); err != nil {
		out.stop()
		return nil, err
	}
	if err := out.startMailbox(ctx, s, addresses(s.SMTP, lastMail), events); err != nil {
		out.stop()
		return nil, err
	}
	return out, nil
}

func (out *sandboxes) startCarrier(ctx context.Context, s Sandbox, among []string, events *sandbox.Log) error {
	sound := carrier.SoundReal
	if s.Mute {
		sound = carrier.SoundNone
	}
	var err error
	for _, addr := range among {
		if out.carrier, err = carrier.New(carrier.Options{Addr: addr, Seed: s.Seed, Mix: s.Mix, Speed: s.Speed, Sound: sound, Events: events}); err != nil {
			return err
		}
		if err = out.carrier.Start(ctx); err == nil {
			return nil
		}
		out.carrier = nil
	}
	return fault.New(fault.Unavailable, "sandbox_address_taken", fault.Params{"address": among[0]}).Because(err)
}

func (out *sandboxes) startMailbox(ctx context.Context, s Sandbox, among []string, events *sandbox.Log) error {
	slow := time.Duration(0)
	if s.Speed > 1 {
		slow = time.Duration(float64(2*time.Second) / s.Speed)
	}
	var err error
	for _, addr := range among {
		out.mailbox = mailbox.New(mailbox.Options{Addr: addr, Log: events, Keep: 1000, Seed: s.Seed, Mix: s.Mail, Slow: slow})
		if err = out.mailbox.Start(context.WithoutCancel(ctx)); err == nil {
			return nil
		}
		out.mailbox = nil
	}
	return fault.New(fault.Unavailable, "sandbox_address_taken", fault.Params{"address": among[0]}).Because(err)
}

func addresses(wanted, last string) []string {
	switch {
	case wanted != "":
		return []string{wanted}
	case last != "":
		return []string{last, anywhere}
	default:
		return []string{anywhere}
	}
}

// stop ends the far ends.
func (out *sandboxes) stop() {
	if out.carrier != nil {
		out.carrier.Stop()
	}
	if out.mailbox != nil {
		out.mailbox.Stop()
	}
	if out.file != nil {
		_ = out.file.Close()
	}
}
