// Package rig is the whole engine on a database that is thrown away: what benchmarks are made of.
package rig

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"campanario/campaign"
	"campanario/channel"
	"campanario/cluster"
	"campanario/dispatch"
	"campanario/internal/pgtemp"
	"campanario/store"
)

// Workspace is the only one of a rig.
const Workspace = "bench"

// Rig is an engine with a store. Close it.
type Rig struct {
	Store   *store.Store
	Service *campaign.Service
	URL     string // of the database

	Options dispatch.Options // for Start; Node, Store and Settlers are filled in where they are zero

	stop   func()
	server *pgtemp.Server
	member *cluster.Member
	engine *dispatch.Engine
}

// Databases are those that a flag means: "both", or one by its name.
func Databases(flag string) []string {
	if flag == "both" {
		return []string{"postgres", "sqlite"}
	}
	return []string{flag}
}

// New makes a migrated store with a workspace on a fresh "postgres" or "sqlite".
func New(ctx context.Context, database string) (*Rig, error) {
	r := &Rig{stop: func() {}}
	if err := r.fresh(ctx, database); err != nil {
		return nil, err
	}
	var err error
	if r.Store, err = store.Open(ctx, store.Options{URL: r.URL}); err != nil {
		r.stop()
		return nil, err
	}
	if _, err = r.Store.Migrate(ctx); err == nil {
		err = r.Store.CreateWorkspace(ctx, Workspace, "Bench", time.Now())
	}
	if err != nil {
		r.Close()
		return nil, err
	}
	r.Service = campaign.NewService(campaign.Options{Store: r.Store, Catalogue: r.Store, Changed: func() {
		if r.engine != nil {
			r.engine.Nudge()
		}
	}})
	return r, nil
}

func (r *Rig) fresh(ctx context.Context, database string) error {
	switch database {
	case "postgres":
		s, err := pgtemp.Start(ctx)
		if err != nil {
			return err
		}
		r.URL, r.server, r.stop = s.URL, s, s.Stop
		return nil
	case "sqlite":
		dir, err := os.MkdirTemp("", "campanario-bench-")
		if err != nil {
			return err
		}
		r.URL, r.stop = filepath.Join(dir, "campanario.db"), func() { _ = os.RemoveAll(dir) }
		return nil
	default:
		return fmt.Errorf("no database %q: there are postgres and sqlite", database)
	}
}

// Line makes a line; its id is "line".
func (r *Rig) Line(ctx context.Context, l channel.Line) error {
	l.ID, l.Workspace, l.Name, l.Enabled = "line", Workspace, "line", true
	if l.Zone == "" {
		l.Zone = "UTC"
	}
	return r.Store.PutLine(ctx, l, nil, time.Now())
}

// enrolBatch is how many recipients one transaction adds.
const enrolBatch = 5000

// Campaign makes a draft on the line, unchecked, so that a benchmark may ask for what operators may not, with n
// recipients.
func (r *Rig) Campaign(ctx context.Context, id string, d campaign.Definition, n int, recipient func(i int) campaign.Newcomer) error {
	now := time.Now()
	d.Line = "line"
	if d.Name == "" {
		d.Name = id
	}
	err := r.Store.CreateCampaign(ctx, &campaign.Campaign{ID: id, Workspace: Workspace, Definition: d, CreatedAt: now, UpdatedAt: now}, nil)
	for done := 0; done < n && err == nil; done += enrolBatch {
		rows := make([]campaign.Newcomer, min(enrolBatch, n-done))
		for i := range rows {
			rows[i] = recipient(done + i)
		}
		_, err = r.Store.EnrolBatch(ctx, Workspace, id, rows, campaign.Progress{}, now)
	}
	return err
}

// Start lets the engine run, once everybody is enrolled. It returns when the engine holds the line.
func (r *Rig) Start(ctx context.Context) error {
	var err error
	if r.member, err = cluster.Join(ctx, "bench", cluster.Options{Store: r.Store}); err != nil {
		return err
	}
	o := r.Options
	o.Node = r.member.Node()
	if o.Store == nil {
		o.Store = r.Store
	}
	if o.Settlers == 0 {
		o.Settlers = r.Store.Writers()
	}
	r.engine = dispatch.New(o)
	r.engine.Start(ctx)
	held := make(chan struct{})
	r.member.Start(ctx, &first{Engine: r.engine, held: held})
	select {
	case <-held:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// first tells of the first line that is acquired.
type first struct {
	*dispatch.Engine
	held chan struct{}
}

// Acquire is that of cluster.Worker.
func (f *first) Acquire(line channel.Line, term int64) {
	f.Engine.Acquire(line, term)
	if f.held != nil {
		close(f.held)
		f.held = nil
	}
}

// look is how often Finished asks.
const look = 100 * time.Millisecond

// Finished waits until all campaigns are completed.
func (r *Rig) Finished(ctx context.Context, ids ...string) error {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for _, id := range ids {
		for {
			c, err := r.Service.Get(ctx, Workspace, id)
			if err != nil {
				return err
			}
			if c.State == campaign.Completed {
				break
			}
			if c.State != campaign.Active {
				return fmt.Errorf("campaign %s is %s %s %v", id, c.State, c.Paused, c.PauseParams)
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return nil
}

// Shut ends the engine.
func (r *Rig) Shut(ctx context.Context) error {
	if r.engine == nil {
		return nil
	}
	r.member.Hand(ctx)
	err := r.engine.Stop(ctx)
	r.engine = nil
	return errors.Join(err, r.member.Leave(context.WithoutCancel(ctx)))
}

// ServerCPU is the time that a database server's processes have had of the processors; 0 for SQLite.
func (r *Rig) ServerCPU() time.Duration {
	if r.server == nil {
		return 0
	}
	return r.server.CPU()
}

// Close throws everything away.
func (r *Rig) Close() {
	_ = r.Store.Close()
	r.stop()
}
