package sim_test

import (
	"context"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"campanario/agent"
	"campanario/audience"
	"campanario/audience/registry"
	"campanario/campaign"
	"campanario/channel"
	"campanario/dispatch"
	"campanario/internal/dbtest"
	"campanario/store"
)

// ledger is a far end that notes when each address was contacted.
type ledger struct {
	mu sync.Mutex
	at map[channel.Address]time.Time
}

func (l *ledger) Place(_ context.Context, o channel.Order, r channel.Reporter) (string, error) {
	l.mu.Lock()
	l.at[o.To] = time.Now()
	l.mu.Unlock()
	r.Close(channel.Outcome{Code: channel.Delivered, At: time.Now()})
	return "", nil
}

func (l *ledger) when(a channel.Address) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.at[a]
}

func (l *ledger) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.at)
}

// stopNode is an engine with a database connection, a line and a campaign of its own.
type stopNode struct {
	*store.Store
	engine *dispatch.Engine
	sent   *ledger
	name   string
}

const (
	stopPeople  = 300
	stopRate    = 100 // attempts a second of each node
	stopPatient = 30 * time.Second
)

func stopper(i int) channel.Address { return channel.Address(fmt.Sprintf("p%d@example.com", i)) }

func newStopNode(t *testing.T, s *store.Store, name string, lists *registry.Shelf) *stopNode {
	t.Helper()
	n := &stopNode{Store: s, sent: &ledger{at: map[channel.Address]time.Time{}}, name: name}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx, now := t.Context(), time.Now()
	line := channel.Line{ID: "line-" + name, Workspace: "ws", Kind: channel.Email, Name: name, From: "a@example.com", Zone: "UTC", Enabled: true, Limits: channel.Limits{PerSecond: stopRate}}
	must(s.PutLine(ctx, line, nil, now))
	d := campaign.Definition{Name: name, Channel: channel.Email, Line: line.ID, Message: &agent.MessageTemplate{Subject: "Oi", Text: "Oi"}}.Defaults()
	must(s.CreateCampaign(ctx, &campaign.Campaign{ID: name, Workspace: "ws", Definition: d, CreatedAt: now, UpdatedAt: now}, nil))
	rows := make([]campaign.Newcomer, stopPeople)
	for i := range rows {
		rows[i].Addresses, rows[i].Band = []channel.Address{stopper(i)}, campaign.BandNormal
	}
	_, err := s.EnrolBatch(ctx, "ws", name, rows, campaign.Progress{}, now)
	must(err)
	must(s.Move(ctx, "ws", name, campaign.Move{Action: campaign.Start, From: []campaign.State{campaign.Draft}, To: campaign.Active, At: now}))

	no, err := s.Join(ctx, name, time.Minute)
	must(err)
	o := dispatch.Options{Node: no, Store: s, Adapters: map[channel.Kind]channel.Adapter{channel.Email: n.sent}, Poll: 100 * time.Millisecond}
	if lists != nil {
		o.Lists = lists
	}
	n.engine = dispatch.New(o)
	n.engine.Start(ctx)
	t.Cleanup(func() {
		if err := n.engine.Stop(context.Background()); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	term, ok, err := s.Take(ctx, no, line.ID, time.Minute)
	must(err)
	if !ok {
		t.Fatal("the line is not free")
	}
	n.engine.Acquire(line, term)
	return n
}

// People say stop through one node while two contact them, just before it would be their turn. From the acknowledgement on
// that node contacts none of them, also of those whose orders it holds in memory, and the other none a second later.
func TestAStopHoldsAtEveryNode(t *testing.T) {
	url := dbtest.Postgres(t)
	stores := make([]*store.Store, 2)
	for i := range stores {
		s, err := store.Open(t.Context(), store.Options{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		stores[i] = s
	}
	if _, err := stores[0].Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := stores[0].CreateWorkspace(t.Context(), "ws", "Um", time.Now()); err != nil {
		t.Fatal(err)
	}
	here, there := newStopNode(t, stores[0], "here", nil), newStopNode(t, stores[1], "there", nil)

	stopped := map[channel.Address]time.Time{}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for begin := time.Now(); here.sent.count()+len(stopped) < stopPeople-20; {
		if time.Since(begin) > stopPatient {
			t.Fatalf("%d of %d contacted", here.sent.count(), stopPeople)
		}
		<-tick.C
		next := here.sent.count() + len(stopped) + 3 // claimed, most likely, and waiting for its turn
		a := stopper(next)
		if !stopped[a].IsZero() || next >= stopPeople {
			continue
		}
		if _, err := here.SuppressNew(t.Context(), "ws", []store.Suppression{{Address: a, Reason: string(audience.OptedOut)}}, time.Now()); err != nil {
			t.Fatal(err)
		}
		stopped[a] = time.Now()
	}
	early := 0
	for a, at := range stopped {
		if when := here.sent.when(a); when.After(at) {
			t.Errorf("%s was contacted here %v after the stop was acknowledged", a, when.Sub(at))
		} else if !when.IsZero() {
			early++
		}
		if when := there.sent.when(a); when.After(at.Add(time.Second)) {
			t.Errorf("%s was contacted by the other node %v after the stop was acknowledged", a, when.Sub(at))
		}
	}
	if len(stopped) < 20 || early == len(stopped) {
		t.Fatalf("%d stops, %d of them too late: nothing was shown", len(stopped), early)
	}
	t.Logf("%d stops, %d of them after the contact", len(stopped), early)
}

// fewAddresses are the entries of an upload.
type fewAddresses []channel.Address

func (l *fewAddresses) Next() (channel.Address, *audience.RejectedEntry, error) {
	if len(*l) == 0 {
		return "", nil, io.EOF
	}
	a := (*l)[0]
	*l = (*l)[1:]
	return a, nil, nil
}

// A node that does not have the list yet contacts nobody and says why; with the list, it contacts everybody but those who
// are on it, whose record says so.
func TestListsHoldInTheEngine(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(s.CreateWorkspace(ctx, "ws", "Um", time.Now()))
		lists := audience.NewRegistries(audience.RegistriesOptions{
			Store: s, Folder: t.TempDir(), Shelf: registry.NewShelf(registry.ShelfOptions{Folder: t.TempDir(), Source: s}),
		})
		r, err := lists.Create(ctx, "ws", audience.RegistryEdit{Name: "Lista", Kind: audience.BlockList, Holds: audience.Mailboxes})
		must(err)
		entries := fewAddresses{stopper(3), stopper(7)}
		_, err = lists.Replace(ctx, "ws", r.ID, &entries, audience.RegistryOrigin{})
		must(err)

		shelf := registry.NewShelf(registry.ShelfOptions{Folder: t.TempDir(), Source: s}) // another node's
		n := newStopNode(t, s, "node", shelf)
		until := func(what string, holds func() bool) {
			t.Helper()
			tick := time.NewTicker(20 * time.Millisecond)
			defer tick.Stop()
			for begin := time.Now(); !holds(); <-tick.C {
				if time.Since(begin) > stopPatient {
					t.Fatalf("not within %v: %s", stopPatient, what)
				}
			}
		}
		until("waits for the list", func() bool {
			v, err := s.EngineView(ctx, "ws", "node")
			must(err)
			return v.Waiting != nil && v.Waiting.Code == campaign.WaitLists
		})
		if k := n.sent.count(); k != 0 {
			t.Errorf("%d contacted without the list", k)
		}
		must(shelf.Refresh(ctx))
		until("everybody has been contacted", func() bool { return n.sent.count() >= stopPeople-2 })
		until("they are settled", func() bool {
			m, err := s.Counts(ctx, "ws", []string{"node"})
			must(err)
			return m["node"].ByStatus[campaign.StatusSuppressed] == 2
		})
		for _, i := range []int{3, 7} {
			e, err := s.Entry(ctx, "ws", "node", campaign.BandNormal.First()+1+campaign.Number(i))
			must(err)
			if !n.sent.when(stopper(i)).IsZero() || e.Reason != "suppressed" || e.Params != `{"rule":"block_list","list":"Lista"}` {
				t.Errorf("recipient %d: contacted %v, reason %s %s", i, n.sent.when(stopper(i)), e.Reason, e.Params)
			}
		}
	})
}
