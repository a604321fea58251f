package api

import (
	"context"
	"sync"

	"campanario/access"
	"campanario/internal/fault"
)

// opRefused is the operation of the audit that tells of somebody who was not let in.
const opRefused = "sign-in-refused"

// mostRefusals is how many refused sign-ins wait to be noted down; more are not, which the log tells. The throttle of each
// account bounds how many there are of it.
const mostRefusals = 1000

// doorman notes down who was not let in, beside the answer: how soon that comes must not tell whether there is such a user.
type doorman struct {
	s     *Server
	queue chan refusal
	done  sync.WaitGroup

	mu     sync.Mutex
	closed bool
}

// refusal is one sign-in that was refused.
type refusal struct {
	email, why string
	request    string
}

func newDoorman(s *Server) *doorman {
	d := &doorman{s: s, queue: make(chan refusal, mostRefusals)}
	d.done.Go(func() {
		for r := range d.queue {
			d.note(r)
		}
	})
	return d
}

// saw takes a refusal in; others than of wrong passwords and codes are none of somebody's who tries to get in.
func (d *doorman) saw(ctx context.Context, email string, err error) {
	if !fault.Is(err, "sign_in_invalid") && !fault.Is(err, "second_factor_wrong") {
		return
	}
	r := refusal{email, fault.All(err)[0].Code, of(ctx).id}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.closed {
		select {
		case d.queue <- r:
			return
		default:
		}
	}
	d.s.log.Warn("refusal_not_noted", "request", r.request)
}

// note writes a refusal into the audit of every workspace of the user who was meant; nobody's is nowhere.
func (d *doorman) note(r refusal) {
	ctx, cancel := context.WithTimeout(context.Background(), auditFor)
	defer cancel()
	user, workspaces, err := d.s.o.Users.Meant(ctx, r.email)
	for _, w := range workspaces {
		if err == nil {
			err = d.s.o.Audit.Record(ctx, access.Event{
				Workspace: w, At: d.s.o.Now().UTC(), Actor: access.Program(opRefused), Operation: opRefused,
				Subject: access.Subject{Kind: "user", ID: user}, Request: r.request, Details: map[string]any{"reason": r.why},
			})
		}
	}
	if err != nil {
		d.s.log.Error("audit_not_written", "request", r.request, "operation", opRefused, "error", err)
	}
}

// close writes what is left. What comes after it is not noted.
func (d *doorman) close() {
	d.mu.Lock()
	if !d.closed {
		d.closed = true
		close(d.queue)
	}
	d.mu.Unlock()
	d.done.Wait()
}
