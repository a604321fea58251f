package intake_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"campanario/agent"
	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
	"campanario/intake"
	"campanario/internal/dbtest"
	"campanario/store"
)

// dying is a store whose node dies at a batch.
type dying struct {
	*store.Store
	at   int  // the batch, counted from 1; 0 for none
	lost bool // the batch is written, and the node never learns of it
	n    int
	die  context.CancelFunc
}

var errDead = errors.New("the node is dead")

func (d *dying) SupplyBatch(ctx context.Context, x *intake.Supply, h intake.Hold, rows []campaign.Newcomer, more campaign.FillCounts, last bool, now time.Time) (bool, error) {
	if d.n++; d.n != d.at {
		return d.Store.SupplyBatch(ctx, x, h, rows, more, last, now)
	}
	var err error
	if d.lost {
		_, err = d.Store.SupplyBatch(ctx, x, h, rows, more, last, now)
	}
	d.die()
	return false, errors.Join(errDead, err)
}

// fills lets a node fill campaigns until nothing is left to do, or it dies.
func fills(t *testing.T, d *dying, node int64, base campaign.Base, now time.Time, id string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	d.die = cancel
	stop := func() {
		c, err := d.Campaign(t.Context(), "ws", id)
		if err != nil || !c.Filling.State.Open() {
			cancel()
		}
	}
	s := intake.NewSupplier(intake.SupplierOptions{Store: d, Base: base, Node: node, Poll: 5 * time.Millisecond, Changed: stop, Now: func() time.Time { return now }})
	s.Run(ctx)
}

func TestAnotherNodeGoesOnFilling(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, now := t.Context(), time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(s.CreateWorkspace(ctx, "ws", "Um", now))
		must(s.PutLine(ctx, channel.Line{ID: "line", Workspace: "ws", Kind: channel.Email, Name: "Linha", From: "a@example.com", Zone: "UTC", Enabled: true}, nil, now))
		const people = 5200
		in := make([]audience.Incoming, people)
		for i := range in {
			c := &in[i].Contact
			c.Workspace, c.Name, c.Priority = "ws", "Ana", audience.PriorityNormal
			c.Reaches = []audience.Reach{{Kind: audience.ByEmail, Address: channel.Address(fmt.Sprintf("p%d@example.com", i))}}
			switch {
			case i%100 == 0:
				c.Reaches[0].Status = audience.ReachBounced
			case i%100 == 1:
				c.Reaches = []audience.Reach{{Kind: audience.ByPhone, Address: channel.Address(fmt.Sprintf("+55119%08d", i))}}
			case i%10 == 7:
				c.Priority = audience.PriorityHigh
			case i%10 == 8:
				c.Priority = audience.PriorityLow
			}
		}
		must(s.MergeContacts(ctx, "ws", in, audience.MergeOptions{Now: now}))
		ended := now.Add(-time.Hour)
		must(s.Suppress(ctx, "ws", []store.Suppression{
			{Address: "P2@example.com", Reason: "manual", Source: "test"},
			{Address: "p3@example.com", Channel: channel.Voice, Reason: "manual", Source: "test"}, // on another channel
			{Address: "p4@example.com", Reason: "manual", Source: "test", Expires: ended},         // no more
		}, ended.Add(-time.Hour)))
		base := intake.NewBase(s, audience.NewLists(audience.ListsOptions{Store: s}), func() time.Time { return now })
		service := campaign.NewService(campaign.Options{Store: s, Catalogue: s, Base: base, Now: func() time.Time { return now }})
		c, err := service.Create(ctx, "ws", "", campaign.Definition{
			Name: "Todos", Channel: channel.Email, Line: "line", Contacts: &campaign.Source{Filter: &audience.Filter{}},
			Message: &agent.MessageTemplate{Subject: "Oi", Text: "Oi"},
		})
		must(err)
		_, err = service.Start(ctx, "ws", c.ID)
		must(err)

		fills(t, &dying{Store: s, at: 2}, 1, base, now, c.ID)
		c, err = service.Get(ctx, "ws", c.ID)
		must(err)
		if c.Filling.State != campaign.FillRunning || c.Filling.Done != 500 {
			t.Fatalf("after the first node: %+v", c.Filling)
		}
		if done, err := s.Finish(ctx, c.ID, time.Time{}, now); err != nil || done {
			t.Errorf("completed while it is filled: %v, %v", done, err)
		}
		if _, ok, err := s.TakeFilling(ctx, intake.Hold{Node: 9, Until: now.Add(time.Minute)}, now.Add(time.Second)); ok || err != nil {
			t.Errorf("taken from a node that may live: %v, %v", ok, err)
		}
		now = now.Add(time.Minute)
		fills(t, &dying{Store: s, at: 1, lost: true}, 2, base, now, c.ID)
		now = now.Add(time.Minute)
		fills(t, &dying{Store: s}, 3, base, now, c.ID)

		c, err = service.Get(ctx, "ws", c.ID)
		must(err)
		want := campaign.FillCounts{Picked: people, Done: people, Added: people - 104, NoAddress: 52, Unreachable: 52, Suppressed: 1}
		if c.Filling.State != campaign.FillDone || c.Filling.FillCounts != want {
			t.Errorf("filled: %+v, want %+v", *c.Filling, want)
		}
		n, err := service.Counts(ctx, "ws", c.ID)
		must(err)
		if n.Total != people-104 {
			t.Errorf("%d recipients", n.Total)
		}
		list, _, err := service.Look(ctx, "ws", c.ID, campaign.Filter{}, 0, people)
		must(err)
		seen := map[int64]bool{}
		bands := map[campaign.Band]int{}
		for i := range list {
			if seen[list[i].Contact] {
				t.Fatalf("contact %d twice", list[i].Contact)
			}
			seen[list[i].Contact] = true
			bands[list[i].Number.Band()]++
		}
		if len(list) != people-104 || bands[campaign.BandHigh] != 520 || bands[campaign.BandLow] != 520 {
			t.Errorf("%d entries, %v", len(list), bands)
		}
	})
}
