package store_test

import (
	"context"
	"io"
	"slices"
	"testing"
	"time"

	"campanario/audience"
	"campanario/audience/registry"
	"campanario/channel"
	"campanario/dispatch"
	"campanario/internal/fault"
	"campanario/store"
)

// addresses are the entries of an upload.
type addresses []channel.Address

func (l *addresses) Next() (channel.Address, *audience.RejectedEntry, error) {
	if len(*l) == 0 {
		return "", nil, io.EOF
	}
	a := (*l)[0]
	*l = (*l)[1:]
	if a == "nobody" {
		return "", &audience.RejectedEntry{Line: 1, Error: fault.New(fault.Invalid, "email_invalid", nil)}, nil
	}
	return a, nil, nil
}

// lists are registries with a shelf of this node.
func (w *world) lists() (*audience.Registries, *registry.Shelf) {
	shelf := registry.NewShelf(registry.ShelfOptions{Folder: w.t.TempDir(), Source: w.Store})
	return audience.NewRegistries(audience.RegistriesOptions{
		Store: w.Store, Shelf: shelf, Folder: w.t.TempDir(), Now: func() time.Time { return *w.now }, Part: 3000,
	}), shelf
}

func (w *world) replace(r *audience.Registries, id string, entries ...channel.Address) audience.ReplaceReport {
	w.t.Helper()
	l := addresses(entries)
	out, err := r.Replace(w.ctx, "ws", id, &l, audience.RegistryOrigin{ETag: `"1"`})
	w.must(err)
	return out
}

// screened claims with look-ups on a shelf, and gives the rule of each candidate who is barred.
func (w *world) screened(shelf *registry.Shelf, id string, n int) (rules []dispatch.Rule, claimed dispatch.Claimed) {
	w.t.Helper()
	c := w.request(w.hold, id, n)
	c.Screen = func(lists []registry.Version, all []channel.Address) ([]int, error) {
		keys := make([]uint64, len(all))
		for i, a := range all {
			keys[i], _ = registry.Key(a)
		}
		return shelf.Look(lists, keys)
	}
	claimed, err := w.Claim(w.ctx, c, func(all []dispatch.Candidate) []dispatch.Verdict {
		rules = nil
		for _, c := range all {
			rules = append(rules, c.Rule)
		}
		return w.place(all)
	})
	w.must(err)
	return rules, claimed
}

// A claim goes by the newest version of every list, and by none that this node does not have.
func TestClaimLooksIntoLists(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		lists, shelf := w.lists()
		own, err := lists.Create(w.ctx, "ws", audience.RegistryEdit{Name: "Nossa lista", Kind: audience.BlockList, Holds: audience.Mailboxes})
		w.must(err)
		phones, err := lists.Create(w.ctx, "ws", audience.RegistryEdit{Name: "Não Me Perturbe", Kind: audience.DoNotCall})
		w.must(err)
		w.campaign("c", 4)
		report := w.replace(lists, own.ID, "P1@example.com", "p3@example.com", "p3@example.com", "nobody")
		if report.Rows != 3 || report.Registry.Entries != 2 || report.Registry.Rejected != 1 || len(report.Problems) != 1 {
			t.Errorf("%+v", report)
		}
		w.replace(lists, phones.ID, "+5511987654321") // of another kind of address: not asked
		w.must(w.Suppress(w.ctx, "ws", []store.Suppression{{Address: "p2@example.com", Reason: "do_not_call", Source: "Procon"}}, *w.now))

		rules, claimed := w.screened(registry.NewShelf(registry.ShelfOptions{Folder: t.TempDir(), Source: w.Store}), "c", 4)
		if claimed.Refused != dispatch.ListsAway || rules != nil {
			t.Fatalf("without the lists: %+v", claimed)
		}
		rules, claimed = w.screened(shelf, "c", 4)
		want := []dispatch.Rule{{}, {Rule: "block_list", List: "Nossa lista"}, {Rule: "do_not_call", List: "Procon"}, {Rule: "block_list", List: "Nossa lista"}}
		if len(rules) != 4 || len(claimed.Flights) != 4 {
			t.Fatalf("rules %v, %d flights", rules, len(claimed.Flights))
		}
		for i := range want {
			if rules[i] != want[i] || (claimed.Flights[i].Candidate.Barred == 1) != (want[i].Rule != "") {
				t.Errorf("candidate %d: %+v, barred %b, want %+v", i, rules[i], claimed.Flights[i].Candidate.Barred, want[i])
			}
		}
	})
}

// One who comes on a list, and one who leaves it, are treated so by the first claim after the upload was answered.
func TestListsAreReplacedAsAWhole(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		lists, shelf := w.lists()
		r, err := lists.Create(w.ctx, "ws", audience.RegistryEdit{Name: "Lista", Kind: audience.BlockList, Holds: audience.Mailboxes, Expires: noon.Add(time.Hour)})
		w.must(err)
		barred := func(id string) (out []bool) {
			t.Helper()
			w.campaign(id, 2)
			rules, claimed := w.screened(shelf, id, 2)
			if claimed.Refused != "" {
				t.Fatal(claimed.Refused)
			}
			for _, r := range rules {
				out = append(out, r.Rule != "")
			}
			return out
		}
		if got := barred("a"); got[0] || got[1] {
			t.Errorf("an empty list bars: %v", got)
		}
		w.replace(lists, r.ID, "p0@example.com")
		if got := barred("b"); !got[0] || got[1] {
			t.Errorf("first version: %v", got)
		}
		w.replace(lists, r.ID, "p1@example.com")
		if got := barred("c"); got[0] || !got[1] {
			t.Errorf("second version: %v", got)
		}
		empty := addresses{"nobody"}
		if _, err := lists.Replace(w.ctx, "ws", r.ID, &empty, audience.RegistryOrigin{}); fault.CodeOf(err) != "registry_empty" {
			t.Errorf("a file without addresses: %v", err)
		}
		if got := barred("d"); !got[1] {
			t.Error("a refused upload changed the list")
		}
		*w.now = noon.Add(time.Hour)
		w.hold = w.take(w.join("second"))
		if got := barred("e"); got[0] || got[1] {
			t.Errorf("an expired list bars: %v", got)
		}
	})
}

func TestRegistriesAreKept(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		lists, shelf := w.lists()
		r, err := lists.Create(w.ctx, "ws", audience.RegistryEdit{Name: "Lista", Kind: audience.DoNotCall, Channels: []channel.Kind{channel.Voice}})
		w.must(err)
		if _, err := lists.Create(w.ctx, "ws", audience.RegistryEdit{Name: "LÍSTA", Kind: audience.BlockList}); fault.CodeOf(err) != "registry_name_taken" {
			t.Errorf("the same name: %v", err)
		}
		w.replace(lists, r.ID, "+5511987654321", "+5511987654322")
		got, err := lists.Get(w.ctx, "ws", r.ID)
		w.must(err)
		if got.Name != "Lista" || got.Kind != audience.DoNotCall || got.Version != 1 || got.Entries != 2 || got.Parts < 2 || got.Origin.ETag != `"1"` ||
			len(got.Channels) != 1 || !got.ReplacedAt.Equal(noon) {
			t.Errorf("%+v", got)
		}
		if _, err := lists.Get(w.ctx, "other", r.ID); fault.CodeOf(err) != "registry_not_found" {
			t.Errorf("from another workspace: %v", err)
		}
		_, bars, err := lists.Check(w.ctx, "ws", channel.Voice, "(11) 98765-4321")
		if fault.CodeOf(err) == "" && (len(bars) != 1 || bars[0].List.Name != "Lista") {
			t.Errorf("%+v, %v", bars, err)
		}
		if _, bars, err = lists.Check(w.ctx, "ws", channel.Voice, "+5511987654321"); err != nil || len(bars) != 1 || bars[0].List.Name != "Lista" {
			t.Errorf("%+v, %v", bars, err)
		}
		if _, bars, err = lists.Check(w.ctx, "ws", channel.SMS, "+5511987654321"); err != nil || len(bars) != 0 {
			t.Errorf("on another channel: %+v, %v", bars, err)
		}
		// An upload that was begun before another one, and comes after it, is not newer.
		late, err := w.AllotRegistryVersion(w.ctx, "ws", r.ID)
		w.must(err)
		w.replace(lists, r.ID, "+5511987654323")
		got.Version = late
		if err := w.PublishRegistry(w.ctx, got); fault.CodeOf(err) != "registry_overtaken" {
			t.Errorf("%v", err)
		}
		w.must(w.TidyRegistries(w.ctx, *w.now))
		if _, err := w.RegistryPart(w.ctx, r.ID, 1, 0); err == nil {
			t.Error("the parts of the old version are still there")
		}
		w.must(lists.Delete(w.ctx, "ws", r.ID))
		w.must(shelf.Refresh(w.ctx))
		w.must(w.TidyRegistries(w.ctx, *w.now))
		if err := lists.Delete(w.ctx, "ws", r.ID); fault.CodeOf(err) != "registry_not_found" {
			t.Errorf("twice: %v", err)
		}
	})
}

func TestSuppressionsExpire(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		suppress := func(until time.Time) int64 {
			t.Helper()
			n, err := w.SuppressNew(w.ctx, "ws", []store.Suppression{{Address: "p0@example.com", Reason: "by_operator", Expires: until}}, *w.now)
			w.must(err)
			return n
		}
		barred := func(id string) bool {
			t.Helper()
			w.campaign(id, 1)
			return w.claim(id, 1).Flights[0].Candidate.Barred == 1
		}
		for i, x := range []struct {
			until time.Time
			added int64
		}{{noon.Add(2 * time.Minute), 1}, {noon.Add(time.Minute), 0}, {noon.Add(3 * time.Minute), 1}} {
			if n := suppress(x.until); n != x.added {
				t.Errorf("suppression %d: %d added, want %d", i, n, x.added)
			}
		}
		*w.now = noon.Add(time.Minute / 2)
		if !barred("a") {
			t.Error("not suppressed")
		}
		*w.now = noon.Add(3 * time.Minute)
		w.hold = w.take(w.join("second"))
		if barred("b") {
			t.Error("still suppressed")
		}
		list := func() int {
			t.Helper()
			l, err := w.ListSuppressions(w.ctx, "ws", audience.SuppressionQuery{Limit: 10})
			w.must(err)
			return len(l)
		}
		if n := list(); n != 1 {
			t.Errorf("%d rows", n)
		}
		w.must(w.TidyRegistries(w.ctx, *w.now))
		if n := list(); n != 0 {
			t.Errorf("%d rows after tidying", n)
		}
		if suppress(time.Time{}) != 1 || suppress(noon.Add(time.Hour)) != 0 {
			t.Error("for ever is not for longer")
		}
	})
}

// Whoever is suppressed is told to those who hold orders: in this process at once, elsewhere by Stops.
func TestStopsAreTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var told []dispatch.Stop
		waited := 0
		remove := w.OnStop(func(people []dispatch.Stop) func(context.Context) {
			told = append(told, people...)
			return func(context.Context) { waited++ }
		})
		before, err := w.Pulse(w.ctx)
		w.must(err)
		w.must(w.Suppress(w.ctx, "ws", []store.Suppression{{Address: "a@example.com", Channel: channel.Email}, {Address: "b@example.com"}}, *w.now))
		after, err := w.Pulse(w.ctx)
		w.must(err)
		if len(told) != 2 || told[0] != (dispatch.Stop{Workspace: "ws", Kind: channel.Email, Address: "a@example.com"}) || waited != 1 || after <= before {
			t.Errorf("told %+v, waited %d, pulse %d to %d", told, waited, before, after)
		}
		w.campaign("c", 1)
		w.settle(channel.OptedOut, w.claim("c", 1).Flights...)
		remove()
		w.must(w.Suppress(w.ctx, "ws", []store.Suppression{{Address: "c@example.com"}}, *w.now))
		if len(told) != 3 || told[2].Address != "p0@example.com" || waited != 1 {
			t.Errorf("told %+v, waited %d", told, waited)
		}
		all, last, err := w.Stops(w.ctx, 0)
		w.must(err)
		if len(all) != 4 || all[3].Address != "c@example.com" {
			t.Errorf("%+v", all)
		}
		if again, same, err := w.Stops(w.ctx, last); err != nil || len(again) != 0 || same != last {
			t.Errorf("%+v, %d, %v", again, same, err)
		}
		*w.now = noon.Add(time.Hour)
		w.must(w.TidyRegistries(w.ctx, *w.now))
		if left, _, err := w.Stops(w.ctx, 0); err != nil || len(left) != 0 {
			t.Errorf("%+v, %v", left, err)
		}
	})
}

// An import leaves out the addresses that are on a public register, and no others.
func TestScreener(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		lists, _ := w.lists()
		screen := lists.Screener()
		const on, off, blocked = "+5511987654321", "+5511987654322", "+5511987654323"
		reaches := []audience.Reach{{Address: on}, {Address: off}, {Address: blocked}, {Address: "ana@example.com"}}
		told := func(workspace string, want bool) {
			t.Helper()
			got, err := lists.Screener().Screened(w.ctx, workspace, reaches)
			if err != nil || !slices.Equal(got, []bool{want, false, false, false}) {
				t.Errorf("in %s: %v, %v", workspace, got, err)
			}
			if any, err := lists.Screener().Any(w.ctx, workspace); err != nil || any != want {
				t.Errorf("in %s: registers: %v, %v", workspace, any, err)
			}
		}
		told("ws", false)
		for _, x := range []struct {
			kind  audience.SuppressReason
			entry channel.Address
		}{
			{audience.BlockList, blocked},
			{audience.DoNotCall, on},
		} {
			told("ws", false)
			r, err := lists.Create(w.ctx, "ws", audience.RegistryEdit{Name: string(x.kind), Kind: x.kind})
			w.must(err)
			w.replace(lists, r.ID, x.entry)
		}
		told("ws", true)
		told("other", false)
		if got, err := screen.Screened(w.ctx, "ws", nil); err != nil || len(got) != 0 {
			t.Errorf("nobody: %v, %v", got, err)
		}
	})
}
