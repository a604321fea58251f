package store_test

import (
	"fmt"
	"testing"
	"time"

	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
	"campanario/dispatch"
)

// learner is a world with contacts, and a campaign of them.
type learner struct{ *world }

const learners = 6

func eachLearner(t *testing.T, f func(t *testing.T, w learner)) {
	t.Helper()
	each(t, func(t *testing.T, w *world) {
		in := make([]audience.Incoming, learners)
		for i := range in {
			in[i].Contact = audience.Contact{Workspace: "ws", Name: "Ana", Reaches: []audience.Reach{{Kind: audience.ByEmail, Address: mailbox(i)}}}
		}
		w.must(w.MergeContacts(w.ctx, "ws", in, audience.MergeOptions{Now: *w.now}))
		w.campaign("c", learners)
		f(t, learner{w})
	})
}

func mailbox(i int) channel.Address { return channel.Address(fmt.Sprintf("p%d@example.com", i)) }

func (w learner) pass(d time.Duration) { *w.now = w.now.Add(d) }

func (w learner) learn() {
	w.t.Helper()
	for more, first := true, true; more || first; first = false {
		var err error
		more, err = w.Learn(w.ctx, w.node, *w.now, 2)
		w.must(err)
	}
}

func (w learner) contact(i int) audience.Contact {
	w.t.Helper()
	list, err := w.ContactsWith(w.ctx, "ws", mailbox(i), 0)
	w.must(err)
	if len(list) != 1 {
		w.t.Fatalf("%d contacts at %d", len(list), i)
	}
	return list[0]
}

func (w learner) finds(f audience.Filter, want ...int) {
	w.t.Helper()
	got, err := audience.Pick(w.ctx, w.Store, "ws", &f, *w.now, time.UTC)
	w.must(err)
	for _, i := range want {
		if !got.Contains(uint32(w.contact(i).No)) {
			w.t.Errorf("%+v does not find %d", f, i)
		}
	}
	if int(got.GetCardinality()) != len(want) {
		w.t.Errorf("%+v finds %d, want %v", f, got.GetCardinality(), want)
	}
}

func TestContactsLearnFromAttempts(t *testing.T) {
	eachLearner(t, func(t *testing.T, w learner) {
		got := w.claim("c", 4)
		w.settle(channel.Replied, got.Flights[0])
		w.settle(channel.Bounced, got.Flights[1])
		w.settle(channel.Congested, got.Flights[2])
		w.settle(channel.Deferred, got.Flights[3])
		contacted := audience.Filter{Field: audience.FieldContacted, WithinDays: 1}
		heard := audience.Filter{Field: audience.FieldHeard, WithinDays: 1}
		w.learn() // too early: others may still be on their way
		w.finds(contacted)
		ended := *w.now
		w.pass(10 * time.Second)
		w.learn()
		w.finds(contacted, 0, 3)
		w.finds(heard, 0)
		if c := w.contact(0); !c.ContactedAt.Equal(ended) || !c.HeardAt.Equal(ended) || c.Reaches[0].Status != audience.ReachValid || !c.Interacted() {
			t.Errorf("%+v", c)
		}
		if c := w.contact(1); !c.ContactedAt.IsZero() || c.Reaches[0].Status != audience.ReachBounced || !c.Reaches[0].StatusAt.Equal(ended) {
			t.Errorf("%+v", c)
		}
		if c := w.contact(2); c.Interacted() || c.Reaches[0].Status != "" {
			t.Errorf("%+v", c)
		}

		// A day later one of them is contacted again: the index follows, and an edit in between does not disturb it.
		c := w.contact(0)
		w.pass(48 * time.Hour)
		w.hold = w.take(w.join("later"))
		again := w.claim("c", 10)
		w.settle(channel.Delivered, again.Flights...)
		w.pass(10 * time.Second)
		w.learn()
		c.Name = "Bia"
		w.must(w.ReplaceContact(w.ctx, c, c.Revision))
		w.finds(contacted, 2, 3, 4, 5)
		w.finds(audience.Filter{Field: audience.FieldContacted, WithinDays: 3}, 0, 2, 3, 4, 5)

		// How they stand in the campaign is found, too.
		w.finds(audience.Filter{Field: audience.FieldCampaign, Campaign: "c"}, 0, 1, 2, 3, 4, 5)
		w.finds(audience.Filter{Field: audience.FieldCampaign, Campaign: "c", Status: []string{"failed"}}, 1)
		w.finds(audience.Filter{All: []audience.Filter{
			{Field: audience.FieldCampaign, Campaign: "c", Status: []string{"completed"}}, {Not: &audience.Filter{Field: audience.FieldHeard, WithinDays: 30}},
		}}, 2, 3, 4, 5)
	})
}

// An attempt that is committed long after it ended is found when the campaign rests.
func TestLateAttemptsAreLearntFrom(t *testing.T) {
	eachLearner(t, func(t *testing.T, w learner) {
		got := w.claim("c", 2)
		late := w.closing(channel.Replied, got.Flights[0]) // it ended now
		w.pass(20 * time.Second)
		w.settle(channel.Replied, got.Flights[1])
		w.pass(10 * time.Second)
		w.learn()
		w.settleAll(late)
		w.learn()
		if w.met(0) || !w.met(1) {
			t.Fatal("the cursor has not passed it")
		}
		w.must(w.Move(w.ctx, "ws", "c", campaign.Move{Action: campaign.Pause, From: []campaign.State{campaign.Active}, To: campaign.Paused, Reason: campaign.ByOperator, At: *w.now}))
		w.pass(2 * time.Minute)
		for range 3 {
			w.learn()
		}
		if !w.met(0) {
			t.Error("what came late was never read")
		}
		if more, err := w.Learn(w.ctx, w.node, *w.now, 2); more || err != nil {
			t.Errorf("there is still something to do: %v, %v", more, err)
		}
	})
}

func TestOneNodeLearns(t *testing.T) {
	eachLearner(t, func(t *testing.T, w learner) {
		w.settle(channel.Replied, w.claim("c", 1).Flights...)
		w.pass(10 * time.Second)
		w.learn()
		w.settle(channel.Replied, w.claim("c", 1).Flights...)
		w.pass(10 * time.Second)
		second := w.node + 1
		if _, err := w.Learn(w.ctx, second, *w.now, 2); err != nil || w.met(1) {
			t.Errorf("another node learns beside the first: %v", err)
		}
		w.pass(time.Minute)
		if _, err := w.Learn(w.ctx, second, *w.now, 2); err != nil || !w.met(1) {
			t.Errorf("nobody goes on: %v", err)
		}
	})
}

func (w learner) settleAll(list ...dispatch.Closing) {
	w.t.Helper()
	_, err := w.Settle(w.ctx, list)
	w.must(err)
}

func (w learner) met(i int) bool {
	w.t.Helper()
	c := w.contact(i)
	return c.Interacted()
}
