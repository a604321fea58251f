package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
)

// cuts are how many rows a request looks at in these tests, and how many items a page has at most.
func cuts() [][2]int { return [][2]int{{1, 100}, {2, 4}, {7, 1}, {1000, 4}} }

// walkThrough goes through a list until it says that it ends, and gives how many requests that took.
func walkThrough[T any, N comparable](t *testing.T, limit int, page func(after N) ([]T, N, error), each func(T)) (requests int) {
	t.Helper()
	var begin, after N
	for requests = 1; ; requests++ {
		some, next, err := page(after)
		if err != nil {
			t.Fatal(err)
		}
		if len(some) > limit {
			t.Fatalf("%d on a page of %d", len(some), limit)
		}
		for i := range some {
			each(some[i])
		}
		if next == begin {
			return requests
		}
		if next == after || requests > 1000 {
			t.Fatalf("the list does not go on after %v", after)
		}
		after = next
	}
}

// mixed makes a campaign whose recipients are of all priorities and stand everywhere that somebody can stand.
func (w *world) mixed() {
	w.t.Helper()
	w.campaign("c", 12)
	rows := make([]campaign.Newcomer, 24)
	for i := range rows {
		rows[i] = newcomer(fmt.Sprintf("q%d@example.com", i))
		rows[i].Band = []campaign.Band{campaign.BandHigh, campaign.BandLow}[i%2]
	}
	_, err := w.EnrolBatch(w.ctx, "ws", "c", rows, campaign.Progress{}, *w.now)
	w.must(err)
	f := w.claim("c", 26).Flights
	for i, code := range []channel.Code{channel.Sent, channel.Deferred, channel.Bounced, channel.OptedOut, channel.Blocked, channel.LineFailed, channel.Unknown} {
		w.settle(code, f[3*i], f[3*i+1])
	}
	waiting, err := w.Entries(w.ctx, "ws", "c", campaign.Filter{Statuses: []campaign.Status{campaign.StatusPending}}, 0, 100)
	w.must(err)
	for i, a := range campaign.RecipientActions() {
		numbers := []campaign.Number{f[3*i+1].Number, waiting[2*i].Number}
		_, err := w.act("c", a, campaign.Filter{Numbers: numbers})
		w.must(err)
	}
}

// TestLookingLosesNobody: wherever a request stops looking, those who go on find everybody whom the filter fits, once, in
// order; and no request looks at more than its window.
func TestLookingLosesNobody(t *testing.T) {
	filters := []campaign.Filter{
		{},
		{Search: "example"},
		{Search: "q1"},
		{Search: "nobody"},
		{Outcomes: []channel.Code{channel.Sent}},
		{Outcomes: []channel.Code{channel.Unknown, channel.Deferred}},
		{Outcomes: []channel.Code{channel.Busy}},
		{Outcomes: []channel.Code{channel.Sent, channel.Bounced}, Search: "q"},
		{Statuses: campaign.Statuses()},
		{Statuses: campaign.Statuses(), Search: "1@"},
		{Statuses: []campaign.Status{campaign.StatusPending, campaign.StatusCompleted, campaign.StatusRetry}, Outcomes: []channel.Code{channel.Sent, channel.Deferred}},
		{Statuses: campaign.NotReached()},
	}
	for _, s := range campaign.Statuses() {
		filters = append(filters, campaign.Filter{Statuses: []campaign.Status{s}}, campaign.Filter{Statuses: []campaign.Status{s}, Search: "q"})
	}
	each(t, func(t *testing.T, w *world) {
		w.mixed()
		for _, state := range []campaign.State{campaign.Active, campaign.Cancelled} {
			if state == campaign.Cancelled {
				w.must(w.Move(w.ctx, "ws", "c", campaign.Move{Action: campaign.Cancel, From: []campaign.State{campaign.Active}, To: state, At: *w.now}))
			}
			for _, f := range filters {
				all, err := w.Entries(w.ctx, "ws", "c", f, 0, 100)
				w.must(err)
				for _, cut := range cuts() {
					window, limit := cut[0], cut[1]
					w.SetWindow(window)
					var got []campaign.Number
					walkThrough(t, limit, func(after campaign.Number) ([]campaign.Entry, campaign.Number, error) {
						return w.Look(w.ctx, "ws", "c", f, after, limit)
					}, func(e campaign.Entry) { got = append(got, e.Number) })
					if want := numbersOf(all); !slices.Equal(got, want) {
						t.Errorf("%s, %+v, %d rows at a time, %d on a page: %v, want %v", state, f, window, limit, got, want)
					}
				}
			}
		}
	})
}

// TestLookingIsBounded: a request that finds nobody ends with its window, however many there are; and who is looked for by
// what nobody has is not looked for.
func TestLookingIsBounded(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 40)
		f := w.claim("c", 40).Flights
		w.settle(channel.Sent, f[:30]...)
		w.settle(channel.Deferred, f[30:39]...)
		w.settle(channel.Bounced, f[39])
		const window = 8 // rows beside each other; 2 for which others are looked up
		w.SetWindow(window)
		for _, c := range []struct {
			f        campaign.Filter
			requests int
		}{
			{campaign.Filter{Search: "nobody"}, 40 / 8},
			{campaign.Filter{Search: "nobody", Statuses: []campaign.Status{campaign.StatusCompleted}}, 30/2 + 1},
			{campaign.Filter{Search: "nobody", Statuses: []campaign.Status{campaign.StatusRetry}}, 9/2 + 1},
			{campaign.Filter{Statuses: []campaign.Status{campaign.StatusCompleted}, Outcomes: []channel.Code{channel.Deferred}}, 30/8 + 1},
			{campaign.Filter{Outcomes: []channel.Code{channel.Bounced}}, 31/8 + 1 + 1}, // once more for those who wait behind the last but one
			{campaign.Filter{Outcomes: []channel.Code{channel.Busy}}, 1},
			{campaign.Filter{Outcomes: []channel.Code{channel.Busy}, Search: "example"}, 1},
			{campaign.Filter{Statuses: []campaign.Status{campaign.StatusSuppressed, campaign.StatusQueued}}, 1},
		} {
			n := walkThrough(t, 50, func(after campaign.Number) ([]campaign.Entry, campaign.Number, error) {
				return w.Look(w.ctx, "ws", "c", c.f, after, 50)
			}, func(campaign.Entry) {})
			if n != c.requests {
				t.Errorf("%+v: %d requests, want %d", c.f, n, c.requests)
			}
		}
	})
}

// TestSearchingContactsLosesNobody: the same of contacts, among whom another workspace's lie, and gaps.
func TestSearchingContactsLosesNobody(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var ours []audience.Contact
		for i := range 24 {
			ours = append(ours, w.known("ws", audience.ContactEdit{Name: new(fmt.Sprintf("Pessoa %d", i)), Email: new(fmt.Sprintf("p%d@example.com", i))}))
			for j := range i % 9 {
				w.known("other", audience.ContactEdit{Name: new("Pessoa"), Email: new(fmt.Sprintf("o%d-%d@example.com", i, j))})
			}
		}
		for _, i := range []int{17, 3} {
			w.must(w.DeleteContact(w.ctx, "ws", ours[i].ID))
			ours = slices.Delete(ours, i, i+1)
		}
		slices.Reverse(ours)
		for search, fits := range map[string]func(i int) bool{
			"": func(int) bool { return true }, "PESSOA": func(int) bool { return true }, "nobody": func(int) bool { return false },
			"pessoa 1":                         func(i int) bool { return strings.HasPrefix(ours[i].Name, "Pessoa 1") },
			string(ours[4].Reaches[0].Address): func(i int) bool { return i == 4 },
		} {
			var want []int64
			for i := range ours {
				if fits(i) {
					want = append(want, ours[i].No)
				}
			}
			for _, cut := range cuts() {
				window, limit := cut[0], cut[1]
				w.SetWindow(window)
				var got []int64
				n := walkThrough(t, limit, func(after int64) ([]audience.Contact, int64, error) {
					return w.base().List(w.ctx, "ws", audience.ContactQuery{Search: search, After: after, Limit: limit})
				}, func(c audience.Contact) { got = append(got, c.No) })
				if !slices.Equal(got, want) {
					t.Errorf("%q, %d rows at a time, %d on a page: %v, want %v", search, window, limit, got, want)
				}
				if least := len(ours) / window; search == "nobody" && n < least {
					t.Errorf("%d requests of %d rows each looked at %d contacts", n, window, len(ours))
				}
			}
		}
	})
}

// TestSharingLosesNobody: the same of groups that share something, which windows cut through.
func TestSharingLosesNobody(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		want := map[audience.MergeKey]map[string][]int64{audience.ByDocument: {}, audience.ByAnyEmail: {}, audience.ByAnyPhone: {}}
		documents := []string{"52998224725", "11144477735", "39053344705"}
		for i := range 9 {
			for n := range 1 + i%4 {
				e := audience.ContactEdit{Email: new(fmt.Sprintf("g%d@example.com", i)), Phone: new(fmt.Sprintf("+55119876543%d%d", i, n))}
				if i >= 6 {
					e.Document = new(documents[i-6])
				}
				c := w.known("ws", e)
				w.known("other", e)
				email := want[audience.ByAnyEmail]
				email["g"+fmt.Sprint(i)+"@example.com"] = append(email["g"+fmt.Sprint(i)+"@example.com"], c.No)
				if i >= 6 {
					want[audience.ByDocument][documents[i-6]] = append(want[audience.ByDocument][documents[i-6]], c.No)
				}
			}
		}
		for by, groups := range want {
			for value, numbers := range groups {
				if len(numbers) < 2 {
					delete(groups, value)
				}
			}
			for _, cut := range cuts() {
				window, limit := cut[0], cut[1]
				w.SetWindow(window)
				found := 0
				walkThrough(t, limit, func(after string) ([]audience.Group, string, error) {
					return w.base().DuplicateGroups(w.ctx, "ws", by, after, limit)
				}, func(g audience.Group) {
					found++
					var got []int64
					for i := range g.Contacts {
						got = append(got, g.Contacts[i].No)
					}
					if !slices.Equal(got, groups[g.Value]) || g.Count != len(got) {
						t.Errorf("%s %s, %d rows at a time: %v (%d), want %v", by, g.Value, window, got, g.Count, groups[g.Value])
					}
				})
				if found != len(groups) {
					t.Errorf("%s, %d rows at a time, %d on a page: %d groups, want %d", by, window, limit, found, len(groups))
				}
			}
		}
	})
}
