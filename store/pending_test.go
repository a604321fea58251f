package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"campanario/campaign"
	"campanario/channel"
)

// TestStatusesAreListedAsTheyAreShown: whoever a list by a status is made by, it has those that all of the campaign shows with it.
func TestStatusesAreListedAsTheyAreShown(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 0)
		var rows []campaign.Newcomer
		for i := range 60 {
			n := newcomer(fmt.Sprintf("p%d@example.com", i))
			n.Name, n.Band = fmt.Sprintf("Pessoa %d", i%7), campaign.Band(i%3)
			rows = append(rows, n)
		}
		_, err := w.EnrolBatch(w.ctx, "ws", "c", rows, campaign.Progress{}, *w.now)
		w.must(err)
		act := func(a campaign.RecipientAction, numbers ...campaign.Number) {
			_, err := w.act("c", a, campaign.Filter{Numbers: numbers})
			w.must(err)
		}
		low := campaign.BandLow.First()
		act(campaign.RemoveThem, campaign.BandNormal.First()+3, low+9) // before their turn
		flights := w.claim("c", 30).Flights
		w.settle(channel.Sent, flights[:8]...)
		w.settle(channel.Deferred, flights[8:20]...)
		act(campaign.SetPending, 2, 5, campaign.BandNormal.First()+1)
		*w.now = w.now.Add(time.Second)
		w.same("c", campaign.Filter{})
		w.same("c", campaign.Filter{Search: "pessoa 3"})
		w.must(w.Move(w.ctx, "ws", "c", campaign.Move{Action: campaign.Cancel, From: []campaign.State{campaign.Active}, To: campaign.Cancelled, At: *w.now}))
		w.same("c", campaign.Filter{})
	})
}

// same holds lists by each status, page by page, to the list of everybody.
func (w *world) same(id string, f campaign.Filter) {
	w.t.Helper()
	everybody, err := w.Entries(w.ctx, "ws", id, f, 0, 1000)
	w.must(err)
	some := 0
	for _, status := range campaign.Statuses() {
		var want, got []campaign.Number
		for _, e := range everybody {
			if e.Status == status {
				want = append(want, e.Number)
			}
		}
		f.Statuses = []campaign.Status{status}
		for after := campaign.Number(0); ; {
			page, err := w.Entries(w.ctx, "ws", id, f, after, 4)
			w.must(err)
			for _, e := range page {
				if e.Status != status {
					w.t.Errorf("%d is %s among the %s", e.Number, e.Status, status)
				}
				got = append(got, e.Number)
			}
			if len(page) < 4 {
				break
			}
			after = page[3].Number
		}
		if !slices.Equal(got, want) {
			w.t.Errorf("%s: %v, want %v", status, got, want)
		}
		if len(got) > 0 {
			some++
		}
	}
	if some < 2 {
		w.t.Errorf("only %d statuses have somebody", some)
	}
}
