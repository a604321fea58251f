package person

import (
	"context"
	"errors"
	"fmt"
	"time"

	"campanario/access"
	"campanario/internal/fault"
)

// Periods say how long data of people are kept, in days; 0 is for ever.
type Periods struct {
	Attempts int `json:"attempts_days" minimum:"0" maximum:"3650" doc:"Who was contacted, and what was said, in campaigns that have ended so long ago. Outcomes and counters stay"`
	Imports  int `json:"imports_days" minimum:"0" maximum:"3650" doc:"Files of imports that ended, or were left alone, so long ago, their refused rows, and what they could be undone by"`
	Contacts int `json:"contacts_days" minimum:"0" maximum:"3650" doc:"Contacts with whom there was nothing for so long: not changed, imported, added to a campaign, attempted, heard from, and no consent taken down"`
	Audit    int `json:"audit_days" minimum:"0" maximum:"3650" doc:"The audit; at least 30"`
}

// Bounds of periods, in days.
const (
	mostDays        = 3650
	fewestAuditDays = 30
)

// Validate gives everything that is wrong with periods.
func (p Periods) Validate() fault.List {
	var bad fault.List
	for _, f := range []struct {
		name        string
		days, least int
	}{{"attempts_days", p.Attempts, 1}, {"imports_days", p.Imports, 1}, {"contacts_days", p.Contacts, 1}, {"audit_days", p.Audit, fewestAuditDays}} {
		if f.days != 0 && (f.days < f.least || f.days > mostDays) {
			bad = append(bad, fault.New(fault.Invalid, "out_of_range", fault.Params{"min": f.least, "max": mostDays}).At(f.name))
		}
	}
	return bad
}

// Set reports whether anything ends.
func (p Periods) Set() bool { return p != Periods{} }

// Expiry is from when on back data have expired, by what they are; zero where nothing does.
type Expiry struct{ Attempts, Imports, Contacts, Audit time.Time }

// Before is what has expired at an instant.
func (p Periods) Before(now time.Time) Expiry {
	at := func(days int) time.Time {
		if days == 0 {
			return time.Time{}
		}
		return now.AddDate(0, 0, -days)
	}
	return Expiry{at(p.Attempts), at(p.Imports), at(p.Contacts), at(p.Audit)}
}

// Expired counts what has expired.
type Expired struct {
	Campaigns  int64 `json:"campaigns" doc:"Whose recipients are emptied"`
	Recipients int64 `json:"recipients" doc:"In them"`
	Imports    int64 `json:"imports"`
	Contacts   int64 `json:"contacts"`
	Events     int64 `json:"events" doc:"Of the audit"`
}

// Any reports whether anything has.
func (e Expired) Any() bool { return e != Expired{} }

// Kept are the periods of a workspace.
type Kept struct {
	Workspace string
	Periods   Periods
}

// RetentionStore is what retention needs.
type RetentionStore interface {
	// Periods gives the periods of a workspace with their revision; zero for one that has set none.
	Periods(ctx context.Context, workspace string) (Periods, int64, error)
	// SetPeriods replaces a revision (0 for whichever there is).
	SetPeriods(ctx context.Context, workspace string, p Periods, revision int64, now time.Time) (int64, error)
	// AllPeriods gives the workspaces that have set any.
	AllPeriods(ctx context.Context) ([]Kept, error)
	// CountExpired counts what ExpireSome would remove in the end.
	CountExpired(ctx context.Context, workspace string, e Expiry) (Expired, error)
	// ExpireSome removes some of what has expired, in one small transaction.
	// from is where it goes on: zero begins, and what it gives goes on.
	ExpireSome(ctx context.Context, workspace string, e Expiry, from Progress, now time.Time) (Expired, Progress, error)
	Record(ctx context.Context, e access.Event) error
	// TakeDuty makes a node the only one to do something for a while, unless another one is.
	TakeDuty(ctx context.Context, name string, node int64, ttl time.Duration) (bool, error)
}

// Progress is how far the removal of what has expired has come; Done at the end.
type Progress struct {
	Stage int
	After int64
	Done  bool
}

// Periods gives how long a workspace keeps data of people.
func (o *Office) Periods(ctx context.Context, workspace string) (Periods, int64, error) {
	return o.store.Periods(ctx, workspace)
}

// SetPeriods replaces them; revision is the one that was read, 0 before anything was set, or negative for whichever there is.
func (o *Office) SetPeriods(ctx context.Context, workspace string, p Periods, revision int64) (int64, error) {
	if err := p.Validate().Err(); err != nil {
		return 0, err
	}
	return o.store.SetPeriods(ctx, workspace, p, revision, o.now().UTC())
}

// Expired counts what periods would remove now.
func (o *Office) Expired(ctx context.Context, workspace string, p Periods) (Expired, error) {
	if err := p.Validate().Err(); err != nil {
		return Expired{}, err
	}
	return o.store.CountExpired(ctx, workspace, p.Before(o.now().UTC()))
}

// duty is the name of retention among what one node does at a time.
const (
	duty    = "retention"
	dutyFor = 5 * time.Minute
)

// Expire removes what has expired in all workspaces, unless another node is at it. It gives up between two transactions when ctx ends.
func (o *Office) Expire(ctx context.Context, node int64) (Expired, error) {
	var out Expired
	all, err := o.store.AllPeriods(ctx)
	if err != nil {
		return out, err
	}
	for _, k := range all {
		did, ours, err := o.expire(ctx, k, node)
		out.add(did)
		if did.Any() {
			err = errors.Join(err, o.note(context.WithoutCancel(ctx), k.Workspace, did))
		}
		if err != nil || !ours {
			return out, err
		}
	}
	return out, nil
}

// expire does one workspace; ours is false when another node is at it.
func (o *Office) expire(ctx context.Context, k Kept, node int64) (out Expired, ours bool, err error) {
	e := k.Periods.Before(o.now().UTC())
	for from := (Progress{}); !from.Done; {
		if ours, err = o.store.TakeDuty(ctx, duty, node, dutyFor); err != nil || !ours {
			return out, false, err
		}
		var some Expired
		if some, from, err = o.store.ExpireSome(ctx, k.Workspace, e, from, o.now().UTC()); err != nil {
			return out, true, fmt.Errorf("retention of workspace %s: %w", k.Workspace, err)
		}
		out.add(some)
	}
	return out, true, nil
}

// note writes into the audit what was removed.
func (o *Office) note(ctx context.Context, workspace string, did Expired) error {
	return o.store.Record(ctx, access.Event{
		Workspace: workspace, At: o.now().UTC(), Actor: access.Program(duty), Operation: "delete-expired", Subject: access.Subject{Kind: duty},
		Details: map[string]any{"removed": did},
	})
}

func (e *Expired) add(d Expired) {
	e.Campaigns += d.Campaigns
	e.Recipients += d.Recipients
	e.Imports += d.Imports
	e.Contacts += d.Contacts
	e.Events += d.Events
}

// expireEvery is how often it is looked for what has expired: periods are of days.
const expireEvery = time.Hour

// Run removes what expires until ctx ends. failed is told of what could not be done, did of what was; both may be nil.
func (o *Office) Run(ctx context.Context, node int64, did func(Expired), failed func(error)) {
	t := time.NewTicker(expireEvery)
	defer t.Stop()
	for {
		out, err := o.Expire(ctx, node)
		if err != nil && ctx.Err() == nil && failed != nil {
			failed(err)
		}
		if out.Any() && did != nil {
			did(out)
		}
		select {
		case <-t.C:
		case <-ctx.Done():
			return
		}
	}
}
