package program

import (
	"context"
	"sync"

	"github.com/google/uuid"

	"campanario/access"
	"campanario/agent"
	"campanario/api"
	"campanario/channel"
	"campanario/internal/fault"
	"campanario/internal/locale"
)

// postman sends the letters by which people come in: invitations, and links for new passwords. They go by a line that the
// workspace has chosen, beside what the engine sends by it, from the process that was asked: they are few, and those who
// wait for them sit before the screen. What is still to be sent when the process ends is lost; people ask again.
type postman struct {
	p      *Program
	tasks  chan func(context.Context)
	cancel context.CancelFunc
	work   sync.WaitGroup
}

// mostLetters bounds how many wait to be sent.
const mostLetters = 100

func (p *Program) openPostman(ctx context.Context) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	m := &postman{p: p, tasks: make(chan func(context.Context), mostLetters), cancel: cancel}
	m.work.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case task := <-m.tasks:
				task(ctx)
			}
		}
	})
	p.postman = m
}

func (m *postman) stop() {
	m.cancel()
	m.work.Wait()
}

func (m *postman) later(task func(context.Context)) bool {
	select {
	case m.tasks <- task:
		return true
	default:
		m.p.log.Warn("letter_not_taken", "waiting", mostLetters)
		return false
	}
}

// Send takes a letter if the line for it runs.
func (m *postman) Send(ctx context.Context, l access.Letter) bool {
	line, err := m.line(ctx, l.Workspace)
	if err != nil {
		return false
	}
	return m.later(func(ctx context.Context) {
		m.place(ctx, line, l, locale.Match(l.Workspace.Settings.Defaults().Language))
	})
}

// Forgotten takes the wish for a new password.
func (m *postman) Forgotten(email string, language locale.Language) {
	m.later(func(ctx context.Context) {
		l, err := m.p.Users.Forgotten(ctx, email)
		if err == nil && l.Token == "" { // nobody, or nobody who can be written to
			return
		}
		var line channel.Line
		if err == nil {
			line, err = m.line(ctx, l.Workspace)
		}
		if err != nil {
			m.p.log.Warn("letter_not_sent", "kind", string(access.ForReset), "error", err)
			return
		}
		m.place(ctx, line, l, language)
	})
}

// line is the one that a workspace sends letters by.
func (m *postman) line(ctx context.Context, w access.Workspace) (channel.Line, error) {
	id := w.Settings.MailLine
	line, err := m.p.Store.Line(ctx, w.ID, id)
	if err == nil && (line.Kind != channel.Email || !line.Enabled) {
		err = fault.New(fault.NotFound, "line_not_found", fault.Params{"id": id})
	}
	return line, err
}

// place hands a letter to the mail server of the line.
func (m *postman) place(ctx context.Context, line channel.Line, l access.Letter, otherwise locale.Language) {
	text := api.WriteLetter(l, m.p.URL(), otherwise)
	id := uuid.NewString()
	_, err := m.p.mail.Place(ctx, channel.Order{
		Attempt: "access." + id + ".1", Thread: "access." + id, Workspace: line.Workspace, Campaign: "access", Recipient: id, Number: 1,
		Line: line, To: channel.Address(l.To), Content: &agent.Message{Subject: text.Subject, Text: text.Text, Language: l.Language},
	}, letterNote{m.p, line.ID, l.Kind})
	if err != nil {
		m.p.log.Warn("letter_not_sent", "kind", string(l.Kind), "line", line.ID, "error", err)
	}
}

// letterNote writes what became of a letter into the log.
type letterNote struct {
	p    *Program
	line string
	kind access.LinkKind
}

// Signal is of no interest.
func (letterNote) Signal(channel.Signal) {}

// Close notes the end.
func (n letterNote) Close(o channel.Outcome) {
	n.p.log.Info("letter_ended", "kind", string(n.kind), "line", n.line, "outcome", string(o.Code))
}
