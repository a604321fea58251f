package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"campanario/access"
	"campanario/agent"
	"campanario/channel"
	"campanario/internal/fault"
	"campanario/internal/locale"
)

// Sandbox is the fake outside world that runs in this process: a telephone carrier and a mail server.
type Sandbox interface {
	// Leads reports whether what goes out by a line ends here.
	Leads(l channel.Line) bool
	World() World
	// Mail gives what the mail server keeps, the newest first.
	Mail(f MailFilter) []FarMessage
	// Call has an agent call a number of the carrier's by a line that leads there. sandbox_number_unknown refuses other
	// numbers, test_calls_busy more than a few calls at once.
	Call(ctx context.Context, line channel.Line, a agent.Agent, t TestCall) (TestCall, error)
	// Called gives a call of the workspace's, or test_call_not_found.
	Called(workspace, id string) (TestCall, error)
}

// World is what the far ends of the sandbox do.
type World struct {
	Speed     float64 // how many times faster than life
	Numbers   []FarNumber
	Calls     []FarShare // what ordinary numbers do
	Mailboxes []FarMailbox
	Mail      []FarShare // what ordinary mailboxes do; what is left of 100 % is ok
}

// FarNumber is a pattern of numbers that choose what their far end does.
type FarNumber struct{ Number, Behaviour, Key, Answer string }

// FarMailbox is a mailbox whose name chooses what its server does.
type FarMailbox struct {
	Name, Answer string
	Taken        bool
}

// FarShare is a part of what others do.
type FarShare struct {
	Behaviour string
	Percent   float64
}

// MailFilter picks messages. Zero fields pick all.
type MailFilter struct {
	No       int64
	Before   int64
	To       string
	Contains string
}

// FarMessage is a message that reached the mail server.
type FarMessage struct {
	No                        int64
	At                        time.Time
	ID, From, To, Acted       string
	Subject, Text, HTML, Lack string // Lack is what could not be read
	Head                      map[string][]string
	Size                      int
}

// TestCall is a call that tries an agent out.
type TestCall struct {
	ID, Workspace, Agent string
	Version              int // of the agent
	Number               string
	Variables            map[string]string
	FirstMessage         string

	StartedAt time.Time
	Stage     channel.Stage
	Step      string           // where the conversation is
	Outcome   *channel.Outcome // nil while it goes on
}

// SandboxView is the sandbox.
type SandboxView struct {
	Running   bool                 `json:"running" doc:"Whether there is a sandbox in this process; the rest is empty when there is none"`
	Speed     float64              `json:"speed" doc:"How many times faster than life its far ends act"`
	Numbers   []SandboxNumberView  `json:"numbers" doc:"Numbers that choose what their far end does"`
	Calls     []SandboxShareView   `json:"calls" doc:"What all other numbers do"`
	Mailboxes []SandboxMailboxView `json:"mailboxes" doc:"Mailboxes, at any domain, whose name begins so, and what their server does"`
	Mail      []SandboxShareView   `json:"mail" doc:"What all other mailboxes do"`
}

// SandboxNumberView is numbers of the carrier's.
type SandboxNumberView struct {
	Number    string `json:"number" doc:"Their pattern: each X is any digit"`
	Example   string `json:"example" doc:"One of them"`
	Behaviour string `json:"behaviour"`
	Key       string `json:"key" doc:"The key that the person presses; empty for none"`
	Answer    string `json:"answer" doc:"The SIP answer that a caller meets with; empty for none"`
	Text      string `json:"text" doc:"What happens there, in the reader's language"`
}

// SandboxMailboxView is a mailbox of the sandbox's.
type SandboxMailboxView struct {
	Name   string `json:"name" doc:"What its local part begins with"`
	Answer string `json:"answer" doc:"The SMTP reply that decides, or what happens instead"`
	Taken  bool   `json:"taken" doc:"Whether the message is there afterwards"`
	Text   string `json:"text" doc:"What happens there, in the reader's language"`
}

// SandboxShareView is a part of what ordinary far ends do.
type SandboxShareView struct {
	Behaviour string  `json:"behaviour"`
	Percent   float64 `json:"percent"`
	Text      string  `json:"text" doc:"In the reader's language"`
}

// SandboxMessageView is a message in the sandbox's mailbox.
type SandboxMessageView struct {
	ID        string    `json:"id"`
	At        time.Time `json:"at"`
	From      string    `json:"from" doc:"The envelope's sender"`
	To        string    `json:"to" doc:"The envelope's recipient"`
	Subject   string    `json:"subject"`
	Behaviour string    `json:"behaviour" doc:"What its server did"`
	Campaign  string    `json:"campaign" doc:"Id of the campaign that it was sent for"`
}

// SandboxLetterView is a message in full.
type SandboxLetterView struct {
	SandboxMessageView
	Text    string       `json:"text" doc:"The plain part"`
	HTML    string       `json:"html" doc:"The HTML part as it was sent: show it without scripts, and without loading anything"`
	Headers []HeaderView `json:"headers"`
	Size    int          `json:"size" doc:"Bytes of the whole"`
	Problem string       `json:"problem" doc:"What could not be read of it, for developers; empty when all could"`
}

// HeaderView is a header field of a message.
type HeaderView struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func (s *Server) sandboxRoutes() {
	handle(s, route{
		id: "get-sandbox", method: http.MethodGet, path: "/sandbox", tag: "sandbox", scope: access.Read,
		summary: "Tell what the sandbox does", about: "Which numbers and mailboxes there are for trying things out, and what happens there.",
	}, func(ctx context.Context, _ access.Principal, _ *struct{}) (*body[SandboxView], error) {
		return answer(sandboxView(of(ctx).language, s.o.Sandbox)), nil
	})
	handle(s, route{
		id: "list-sandbox-messages", method: http.MethodGet, path: "/sandbox/messages", tag: "sandbox", scope: access.Read,
		summary: "List the e-mails that the sandbox received", about: "Those of campaigns of the workspace, the newest first. The last 1000 are kept, until the server stops.",
	}, s.listSandboxMessages)
	handle(s, route{
		id: "get-sandbox-message", method: http.MethodGet, path: "/sandbox/messages/{message}", tag: "sandbox", scope: access.Read,
		summary: "Read an e-mail that the sandbox received",
	}, s.getSandboxMessage)
}

func sandboxView(l locale.Language, box Sandbox) SandboxView {
	v := SandboxView{Numbers: []SandboxNumberView{}, Calls: []SandboxShareView{}, Mailboxes: []SandboxMailboxView{}, Mail: []SandboxShareView{}}
	if box == nil {
		return v
	}
	w := box.World()
	v.Running, v.Speed = true, w.Speed
	for _, n := range w.Numbers {
		text := locale.Text(l, "far_end."+n.Behaviour, nil)
		if n.Behaviour == "person" && n.Key != "" {
			text = locale.Text(l, "far_end.presses", map[string]any{"key": n.Key})
		}
		v.Numbers = append(v.Numbers, SandboxNumberView{n.Number, strings.ReplaceAll(n.Number, "X", "0"), n.Behaviour, n.Key, n.Answer, text})
	}
	for _, c := range w.Calls {
		v.Calls = append(v.Calls, SandboxShareView{c.Behaviour, c.Percent, locale.Text(l, "far_end."+c.Behaviour, nil)})
	}
	for _, m := range w.Mailboxes {
		v.Mailboxes = append(v.Mailboxes, SandboxMailboxView{m.Name, m.Answer, m.Taken, locale.Text(l, "far_mailbox."+m.Name, nil)})
	}
	for _, c := range w.Mail {
		v.Mail = append(v.Mail, SandboxShareView{c.Behaviour, c.Percent, locale.Text(l, "far_mailbox."+c.Behaviour, nil)})
	}
	return v
}

// ours tells messages of campaigns of a workspace from others. A Message-ID begins with the campaign; letters by which
// people sign in are of none, and nobody reads them here.
func (s *Server) ours(ctx context.Context, workspace string) func(FarMessage) (campaign string, ok bool, err error) {
	known := map[string]bool{}
	return func(m FarMessage) (string, bool, error) {
		id, _, _ := strings.Cut(strings.TrimPrefix(m.ID, "<"), ".")
		if ok, asked := known[id]; asked {
			return id, ok, nil
		}
		_, err := s.o.Campaigns.Get(ctx, workspace, id)
		known[id] = err == nil
		if fault.KindOf(err) == fault.NotFound {
			err = nil
		}
		return id, known[id], err
	}
}

func messageView(m FarMessage, campaign string) SandboxMessageView {
	return SandboxMessageView{strconv.FormatInt(m.No, 10), m.At.UTC(), m.From, m.To, m.Subject, m.Acted, campaign}
}

func (s *Server) listSandboxMessages(ctx context.Context, by access.Principal, in *struct {
	Paging
	To     string `query:"to" maxLength:"320" doc:"Only those to this mailbox"`
	Search string `query:"search" maxLength:"200" doc:"In the subject and the text"`
},
) (*body[Page[SandboxMessageView]], error) {
	f := MailFilter{To: in.To, Contains: in.Search}
	if err := resume("sandbox-messages", in.Cursor, &f.Before); err != nil {
		return nil, err
	}
	var rows []SandboxMessageView
	if s.o.Sandbox != nil {
		ours := s.ours(ctx, by.Workspace)
		for _, m := range s.o.Sandbox.Mail(f) {
			campaign, ok, err := ours(m)
			if err != nil {
				return nil, err
			}
			if ok {
				rows = append(rows, messageView(m, campaign))
			}
			if len(rows) > in.Limit {
				break
			}
		}
	}
	show := func(v SandboxMessageView) SandboxMessageView { return v }
	at := func(v SandboxMessageView) any { n, _ := strconv.ParseInt(v.ID, 10, 64); return n }
	return answer(page("sandbox-messages", rows, in.Limit, show, at)), nil
}

func (s *Server) getSandboxMessage(ctx context.Context, by access.Principal, in *struct {
	Message string `path:"message" doc:"Id of the message"`
},
) (*body[SandboxLetterView], error) {
	no, err := strconv.ParseInt(in.Message, 10, 64)
	var found []FarMessage
	if err == nil && no > 0 && s.o.Sandbox != nil {
		found = s.o.Sandbox.Mail(MailFilter{No: no})
	}
	if len(found) == 1 {
		campaign, ok, err := s.ours(ctx, by.Workspace)(found[0])
		if err != nil {
			return nil, err
		}
		if ok {
			return answer(letterView(found[0], campaign)), nil
		}
	}
	return nil, fault.New(fault.NotFound, "sandbox_message_not_found", nil)
}

func letterView(m FarMessage, campaign string) SandboxLetterView {
	v := SandboxLetterView{SandboxMessageView: messageView(m, campaign), Text: m.Text, HTML: m.HTML, Headers: []HeaderView{}, Size: m.Size, Problem: m.Lack}
	for _, name := range sortedKeys(m.Head) {
		for _, value := range m.Head[name] {
			v.Headers = append(v.Headers, HeaderView{name, value})
		}
	}
	return v
}
