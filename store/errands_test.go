package store_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
	"campanario/dispatch"
	"campanario/internal/dbtest"
	"campanario/internal/fault"
	"campanario/report"
	"campanario/store"
)

func (w *world) errand(e campaign.Errand, batch int) campaign.Errand {
	w.t.Helper()
	id := fmt.Sprintf("errand-%d-%s", w.token, e.Action)
	w.token++
	e.ID, e.Workspace, e.Campaign, e.State, e.By, e.CreatedAt = id, "ws", "c", campaign.ErrandRunning, "me", *w.now
	e, err := w.BeginErrand(w.ctx, e, batch, 20)
	w.must(err)
	return e
}

func (w *world) errandHold(node int64) campaign.Hold {
	return campaign.Hold{Node: node, Until: w.now.Add(ttl)}
}

// taken takes the errand that is open.
func (w *world) taken(node int64) campaign.Errand {
	w.t.Helper()
	e, ok, err := w.TakeErrand(w.ctx, w.errandHold(node), *w.now)
	w.must(err)
	if !ok {
		w.t.Fatal("no errand can be taken")
	}
	return e
}

func (w *world) step(e *campaign.Errand, node int64, batch int) bool {
	w.t.Helper()
	ours, err := w.StepErrand(w.ctx, e, w.errandHold(node), batch, *w.now)
	w.must(err)
	return ours
}

// TestErrandsDoWhatOneBatchWouldDo: however many are looked at and changed at a time, an errand comes to what was foreseen.
func TestErrandsDoWhatOneBatchWouldDo(t *testing.T) {
	for _, a := range campaign.RecipientActions() {
		for i, f := range []campaign.Filter{
			{},
			{Search: "q1"},
			{Search: "nobody"},
			{Statuses: campaign.NotReached()},
			{Statuses: []campaign.Status{campaign.StatusPending, campaign.StatusRetry}, Search: "example"},
			{Outcomes: []channel.Code{channel.Sent, channel.Deferred, channel.Bounced}},
		} {
			if (i+len(a))%3 != 0 { // a third of the pairs: each action and each filter is among them
				continue
			}
			t.Run(fmt.Sprint(a, i), func(t *testing.T) {
				each(t, func(t *testing.T, w *world) {
					w.mixed()
					want, err := w.CountAmong(w.ctx, "ws", "c", f, a.From())
					w.must(err)
					w.SetWindow(5)
					e := w.errand(campaign.Errand{Action: a, Filter: f}, 3)
					for steps := 0; e.State == campaign.ErrandRunning; steps++ {
						if steps == 0 {
							e = w.taken(w.node)
						}
						if !w.step(&e, w.node, 3) || steps > 100 {
							t.Fatalf("%s of %+v does not go on: %+v", a, f, e)
						}
					}
					if got := (campaign.ActReport{Changed: e.Changed, Skipped: e.Skipped}); got != want || e.State != campaign.ErrandDone || e.Progress != 1000 {
						t.Errorf("%s of %+v: %+v, foreseen %+v", a, f, e, want)
					}
					if again, err := w.CountAmong(w.ctx, "ws", "c", f, a.From()); err != nil || a == campaign.RetryNow && again.Changed != 0 {
						t.Errorf("%d of %+v can be retried after all were: %v", again.Changed, f, err)
					}
				})
			})
		}
	}
}

// TestErrandsOutliveTheirNode: whenever a node is gone, another goes on where it was, and nobody is dealt with twice.
func TestErrandsOutliveTheirNode(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 12)
		f := w.claim("c", 12).Flights
		w.settle(channel.Bounced, f[:10]...)
		e := w.errand(campaign.Errand{Action: campaign.RetryNow}, 3)
		if e.State != campaign.ErrandRunning || e.Changed != 3 || e.Progress != 250 || e.Campaign != "c" || e.By != "me" {
			t.Fatalf("begun: %+v", e)
		}
		e = w.taken(w.node)
		known := e // what a process knows that dies when its batch is written, before it hears so
		if !w.step(&e, w.node, 3) || e.Changed != 6 {
			t.Fatalf("a step: %+v", e)
		}
		if w.step(&known, w.node, 3) || known.Changed != 3 {
			t.Errorf("a batch was done twice: %+v", known)
		}
		// One whom it has dealt with is tried again meanwhile, without success: that is not what was asked for.
		w.settle(channel.Bounced, w.claim("c", 1).Flights...)
		second := w.join("second")
		if _, ok, err := w.TakeErrand(w.ctx, w.errandHold(second), *w.now); err != nil || ok {
			t.Errorf("taken from who has it: %v", err)
		}
		*w.now = w.now.Add(2 * ttl)
		next := w.taken(second)
		if next.After != e.After || next.Changed != 6 {
			t.Errorf("gone on with at %+v, left at %+v", next, e)
		}
		if w.step(&e, w.node, 3) {
			t.Error("who lost it goes on")
		}
		for next.State == campaign.ErrandRunning {
			if !w.step(&next, second, 3) {
				t.Fatal("it was taken away")
			}
		}
		if next.Changed != 10 || next.Skipped != 2 {
			t.Errorf("ended: %+v", next)
		}
		if n := w.counts("c").ByStatus; n[campaign.StatusQueued] != 9 || n[campaign.StatusFailed] != 1 {
			t.Errorf("they stand so: %v", n)
		}
		kept, err := w.Errand(w.ctx, "ws", next.ID)
		w.must(err)
		if kept.State != campaign.ErrandDone || kept.Changed != 10 || !kept.EndedAt.Equal(*w.now) || kept.Progress != 1000 {
			t.Errorf("kept: %+v", kept)
		}
		if _, err := w.Errand(w.ctx, "other", next.ID); !fault.Is(err, "errand_not_found") {
			t.Errorf("another workspace reads it: %v", err)
		}
	})
}

// TestErrandsEnd: at what was asked for, when they are cancelled, and with their campaign.
func TestErrandsEnd(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 9)
		first := w.errand(campaign.Errand{Action: campaign.RemoveThem, Filter: campaign.Filter{Search: "p"}}, 2)
		_, err := w.BeginErrand(w.ctx, campaign.Errand{ID: "more", Workspace: "ws", Campaign: "c", Action: campaign.SetPending, CreatedAt: *w.now}, 2, 1)
		if n := w.counts("c").ByStatus[campaign.StatusCancelled]; !fault.Is(err, "errands_many") || n != 2 {
			t.Errorf("one more than may be open: %v, %d removed", err, n)
		}
		e := w.taken(w.node)
		w.must(w.CancelErrand(w.ctx, "ws", e.ID, *w.now))
		if w.step(&e, w.node, 2) || w.counts("c").ByStatus[campaign.StatusCancelled] != 2 {
			t.Errorf("it goes on after it was cancelled: %+v", e)
		}
		if e, err = w.Errand(w.ctx, "ws", e.ID); err != nil || e.State != campaign.ErrandCancelled || e.Filter.Search != "" {
			t.Errorf("cancelled: %+v, %v", e, err)
		}
		second := w.errand(campaign.Errand{Action: campaign.SetCompleted}, 2)
		list, err := w.Errands(w.ctx, "ws", "c", 0, 10)
		w.must(err)
		if len(list) != 2 || list[0].ID != second.ID || list[1].ID != first.ID {
			t.Errorf("listed: %+v", list)
		}
		if rest, err := w.Errands(w.ctx, "ws", "c", list[0].No, 10); err != nil || len(rest) != 1 || rest[0].ID != first.ID {
			t.Errorf("behind the first: %+v, %v", rest, err)
		}
		w.must(w.Move(w.ctx, "ws", "c", campaign.Move{Action: campaign.Cancel, From: []campaign.State{campaign.Active}, To: campaign.Cancelled, At: *w.now}))
		w.must(w.DeleteCampaign(w.ctx, "ws", "c", *w.now))
		if _, ok, err := w.TakeErrand(w.ctx, w.errandHold(w.node), *w.now); err != nil || ok {
			t.Errorf("there is one in a campaign that is gone: %v", err)
		}
	})
}

// TestCopiesAreWholeBeforeTheyStart: a campaign into which recipients are being copied does not start with some of them,
// whatever becomes of the node; and each comes once.
func TestCopiesAreWholeBeforeTheyStart(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 0)
		const all = 2345
		w.must(w.Crowd(w.ctx, "c", all))
		service := campaign.NewService(campaign.Options{Store: w.Store, Catalogue: w.Store, Now: func() time.Time { return *w.now }})
		c, err := service.Duplicate(w.ctx, "ws", "c", "De novo", &campaign.Filter{Search: "@"}, "me")
		w.must(err)
		blocked := func(code string) {
			t.Helper()
			_, err := service.Start(w.ctx, "ws", c.ID)
			if code == "" && err != nil || code != "" && !fault.Is(err, code) {
				t.Errorf("started: %v, want %q", err, code)
			}
		}
		blocked("copy_unfinished")
		e := w.taken(w.node)
		if !w.step(&e, w.node, 1000) || w.counts(c.ID).Total != 2000 {
			t.Errorf("a step further: %+v", e)
		}
		blocked("copy_unfinished")
		*w.now = w.now.Add(2 * ttl)
		var told []string
		worker := campaign.NewErrander(campaign.ErranderOptions{
			Store: faltering{w.Store, &told}, Node: w.join("second"), Now: func() time.Time { return *w.now },
		})
		if !worker.Step(w.ctx) || worker.Step(w.ctx) {
			t.Error("it was not taken up, or not done at once")
		}
		if got := w.counts(c.ID).Total; got != all || len(told) != 1 {
			t.Errorf("%d of %d were copied, %d errors", got, all, len(told))
		}
		again, err := service.Errands(w.ctx, "ws", c.ID, 0, 10)
		w.must(err)
		if len(again) != 1 || again[0].State != campaign.ErrandDone || again[0].Changed != all || again[0].Into != c.ID {
			t.Errorf("told of the copy: %+v", again)
		}
		blocked("")
	})
}

// faltering is a store whose first step does not come through.
type faltering struct {
	*store.Store
	told *[]string
}

func (f faltering) StepErrand(ctx context.Context, e *campaign.Errand, h campaign.Hold, batch int, now time.Time) (bool, error) {
	if len(*f.told) == 0 {
		*f.told = append(*f.told, e.ID)
		return false, fault.New(fault.Unavailable, "database_unavailable", nil)
	}
	return f.Store.StepErrand(ctx, e, h, batch, now)
}

// TestTheEngineGoesOnBesideAnErrand: while everybody of a large campaign is gone through, by a filter that fits few of them, a
// claim or a settlement waits for no more than the batch that is being written, and those that stood before it: on a machine that
// is busy some more go by before it has asked at all.
func TestTheEngineGoesOnBesideAnErrand(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 0)
		const all = 200_000
		w.must(w.Crowd(w.ctx, "c", all))
		s := &steps{Store: w.Store}
		service := campaign.NewService(campaign.Options{Store: s, Catalogue: w.Store, Now: func() time.Time { return *w.now }})
		e, err := service.Act(w.ctx, "ws", "c", campaign.RemoveThem, campaign.Filter{Search: "77"}, "me")
		w.must(err)
		if e.State != campaign.ErrandRunning {
			t.Fatalf("%+v", e)
		}
		worker := campaign.NewErrander(campaign.ErranderOptions{Store: s, Node: w.node, Now: func() time.Time { return noon }})
		over := make(chan struct{})
		go func() {
			defer close(over)
			worker.Step(w.ctx)
		}()
		var rounds, longest int64
		var flights []dispatch.Flight
		for running := true; running; rounds++ {
			select {
			case <-over:
				running = false
			default:
			}
			began := s.n.Load()
			flights = w.claim("c", 5).Flights
			longest = max(longest, s.n.Load()-began)
			began = s.n.Load()
			w.settle(channel.Sent, flights...)
			longest = max(longest, s.n.Load()-began)
		}
		if longest > 6 || s.n.Load() < 3 || 2*rounds < s.n.Load() {
			t.Errorf("the engine waited for %d batches of %d; it had %d turns", longest, s.n.Load(), rounds)
		}
		if e, err = w.Errand(w.ctx, "ws", e.ID); err != nil || e.State != campaign.ErrandDone || e.Changed < 1000 {
			t.Errorf("%+v, %v", e, err)
		}
		if n := w.counts("c").ByStatus[campaign.StatusCancelled]; n != e.Changed {
			t.Errorf("%d of %d were removed", n, e.Changed)
		}
	})
}

// steps counts the batches that were written.
type steps struct {
	*store.Store
	n atomic.Int64
}

func (s *steps) StepErrand(ctx context.Context, e *campaign.Errand, h campaign.Hold, batch int, now time.Time) (bool, error) {
	ours, err := s.Store.StepErrand(ctx, e, h, batch, now)
	s.n.Add(1)
	return ours, err
}

// TestAudiencesAreReadInWindows: who stands how in a campaign, and who has an attribute, whatever the window is.
func TestAudiencesAreReadInWindows(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		among := roaring.New()
		var rows []campaign.Newcomer
		var odd, reached []uint32
		for i := range 12 {
			edit := audience.ContactEdit{Email: new(fmt.Sprintf("p%d@example.com", i)), Attributes: map[string]*string{"parity": new(fmt.Sprint(i % 2))}}
			c := w.known("ws", edit)
			w.known("other", edit)
			rows = append(rows, newcomer(string(c.Reaches[0].Address)))
			rows[i].Contact = c.No
			if among.Add(uint32(c.No)); i%2 == 1 {
				odd = append(odd, uint32(c.No))
			}
			if i < 5 {
				reached = append(reached, uint32(c.No))
			}
		}
		w.campaign("c", 0)
		_, err := w.EnrolBatch(w.ctx, "ws", "c", rows, campaign.Progress{}, *w.now)
		w.must(err)
		w.settle(channel.Sent, w.claim("c", 5).Flights...)
		for _, window := range []int{1, 3, 1000} {
			w.SetWindow(window)
			for what, of := range map[string]struct {
				want []uint32
				got  func() (*roaring.Bitmap, error)
			}{
				"in the campaign": {among.ToArray(), func() (*roaring.Bitmap, error) { return w.Results(w.ctx, "ws", "c", nil) }},
				"reached":         {reached, func() (*roaring.Bitmap, error) { return w.Results(w.ctx, "ws", "c", []string{"completed"}) }},
				"odd": {odd, func() (*roaring.Bitmap, error) {
					return w.Reading(w.ctx, "ws", "parity", []string{"1"}, among)
				}},
			} {
				if got, err := of.got(); err != nil || !slices.Equal(got.ToArray(), of.want) {
					t.Errorf("%s, %d at a time: %v, %v, want %v", what, window, got, err, of.want)
				}
			}
		}
	})
}

// TestAServerThatIsAloneGoesOnAtOnce: where nobody else can have what the process before it was doing, nobody waits for its leases.
func TestAServerThatIsAloneGoesOnAtOnce(t *testing.T) {
	now := time.Now().UTC()
	w := &world{Store: dbtest.Open(t, "sqlite", store.Options{Veil: veil(t)}), t: t, ctx: t.Context(), now: &now}
	w.found()
	w.campaign("c", 5)
	w.errand(campaign.Errand{Action: campaign.RemoveThem}, 2)
	left := w.taken(w.node)
	w.prepare("c")
	hold := report.Hold{Node: w.node, Until: now.Add(time.Minute)}
	if _, ok, err := w.TakeFile(w.ctx, hold, now); err != nil || !ok {
		t.Fatal(ok, err)
	}
	hold.Node = w.join("again")
	if e := w.taken(hold.Node); e.ID != left.ID || !w.step(&e, hold.Node, 10) || e.Changed != 5 {
		t.Errorf("gone on with: %+v", e)
	}
	if f, ok, err := w.TakeFile(w.ctx, hold, now); err != nil || !ok || f.Lost != 1 {
		t.Errorf("the report: %v %+v %v", ok, f, err)
	}
}
