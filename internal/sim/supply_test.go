package sim_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
	"campanario/intake"
	"campanario/internal/fault"
)

// supplied is a town with a contact base, and with the process filling campaigns from it.
func supplied(t *testing.T, f func(w *town)) {
	t.Helper()
	inTown(t, channel.Limits{Concurrent: 50, PerSecond: 50}, answered, func(w *town) {
		ctx, cancel := context.WithCancel(w.ctx)
		s := intake.NewSupplier(intake.SupplierOptions{Store: w.Store, Base: w.Base, Node: 1, Changed: w.Nudge, Poll: 20 * time.Second})
		done := make(chan struct{})
		go func() { defer close(done); s.Run(ctx) }()
		defer func() { cancel(); <-done }()
		f(w)
	})
}

// owes makes a contact with a tag.
func (w *town) owes(i int, tags ...string) audience.Contact {
	w.t.Helper()
	c := audience.Contact{
		Workspace: w.Workspace, Name: "Ana", Priority: audience.PriorityNormal, Tags: tags, CreatedAt: time.Now().UTC(), UpdatedAt: time.Now().UTC(),
		Reaches: []audience.Reach{{Kind: audience.ByPhone, Address: debtor(i)}},
	}
	w.must(w.Store.AddContact(w.ctx, &c))
	return c
}

func debtor(i int) channel.Address { return channel.Address(fmt.Sprintf("+55119870000%02d", i)) }

// called are the numbers that were called in the half hour from a time.
func (w *town) called(from time.Time) []channel.Address {
	var out []channel.Address
	for _, s := range w.World.Seen() {
		if d := s.Start.Sub(from); d >= 0 && d < 30*time.Minute {
			out = append(out, s.To)
		}
	}
	slices.Sort(out)
	return out
}

var debt = audience.Filter{Field: audience.FieldTag, Is: []string{"devedor"}}

func TestWhoFitsNowIsContactedAtEachOccurrence(t *testing.T) {
	supplied(t, func(w *town) {
		paid := w.owes(1, "devedor")
		w.owes(2, "devedor")
		w.owes(3, "outro")
		begins := time.Now().Add(20 * time.Minute).UTC()
		id := w.campaign(0, func(d *campaign.Definition) {
			d.Recurrence = "FREQ=HOURLY;COUNT=4"
			d.StartsAt = &begins
			d.Contacts = &campaign.Source{Filter: &debt}
		})
		w.start(id)
		if c := w.get(id); c.State != campaign.Scheduled || c.Filling.State != campaign.FillWaiting {
			t.Fatalf("%s, filling %+v", c.State, c.Filling)
		}
		w.owes(4, "devedor") // before it begins
		hour := begins
		<-time.After(time.Until(begins.Add(time.Minute)))
		if got, want := w.called(hour), []channel.Address{debtor(1), debtor(2), debtor(4)}; !slices.Equal(got, want) {
			t.Fatalf("in the first hour %v, want %v", got, want)
		}
		if c := w.get(id); c.Filling.State != campaign.FillDone || c.Filling.Picked != 3 || c.Filling.Added != 3 || c.State != campaign.Active {
			t.Errorf("%s, filling %+v", c.State, c.Filling)
		}

		paid.Tags = nil
		w.must(w.Store.ReplaceContact(w.ctx, paid, 1))
		w.owes(5, "devedor")
		hour = hour.Add(time.Hour)
		<-time.After(time.Until(hour.Add(time.Minute)))
		if got, want := w.called(hour), []channel.Address{debtor(2), debtor(4), debtor(5)}; !slices.Equal(got, want) {
			t.Errorf("in the second hour %v, want %v", got, want)
		}
		if c := w.get(id); c.Filling.Pass != 2 || c.Filling.Picked != 3 || c.Filling.Added != 1 || c.Filling.Left != 1 {
			t.Errorf("filling %+v", c.Filling)
		}

		paid.Tags = []string{"devedor"} // owes again
		w.must(w.Store.ReplaceContact(w.ctx, paid, 2))
		hour = hour.Add(time.Hour)
		<-time.After(time.Until(hour.Add(time.Minute)))
		if got, want := w.called(hour), []channel.Address{debtor(1), debtor(2), debtor(4), debtor(5)}; !slices.Equal(got, want) {
			t.Errorf("in the third hour %v, want %v", got, want)
		}
		w.completed(id, 5*time.Hour)
	})
}

// Nobody fits at one occurrence; the next one still comes.
func TestAnOccurrenceWithoutAnybodyIsNotTheLast(t *testing.T) {
	supplied(t, func(w *town) {
		one := w.owes(1, "devedor")
		id := w.campaign(0, func(d *campaign.Definition) {
			d.Recurrence = "FREQ=HOURLY;COUNT=3"
			d.Contacts = &campaign.Source{Filter: &debt}
		})
		begins := time.Now()
		w.start(id)
		<-time.After(time.Minute)
		one.Tags = nil
		w.must(w.Store.ReplaceContact(w.ctx, one, 1))
		<-time.After(time.Until(begins.Add(65 * time.Minute)))
		if c := w.get(id); c.State != campaign.Active || len(w.called(begins.Add(time.Hour))) != 0 {
			t.Fatalf("%s, called %v", c.State, w.called(begins.Add(time.Hour)))
		}
		w.owes(2, "devedor")
		w.completed(id, 3*time.Hour)
		if got := w.called(begins.Add(2 * time.Hour)); !slices.Equal(got, []channel.Address{debtor(2)}) {
			t.Errorf("in the third hour %v", got)
		}
	})
}

// A scheduled campaign whose people are gone when it begins waits for a person to see to it.
func TestNobodyIsAReasonToPause(t *testing.T) {
	supplied(t, func(w *town) {
		one := w.owes(1, "devedor")
		begins := time.Now().Add(10 * time.Minute).UTC()
		id := w.campaign(0, func(d *campaign.Definition) {
			d.StartsAt = &begins
			d.Contacts = &campaign.Source{Filter: &debt}
		})
		w.start(id)
		one.Tags = nil
		w.must(w.Store.ReplaceContact(w.ctx, one, 1))
		<-time.After(time.Until(begins.Add(time.Minute)))
		c := w.get(id)
		if c.State != campaign.Paused || c.Paused != campaign.CannotFill || c.PauseParams["problem"] != "contacts_nobody" {
			t.Fatalf("%s %s %v", c.State, c.Paused, c.PauseParams)
		}
		if _, err := w.Service.Start(w.ctx, w.Workspace, id); !fault.Is(err, "contacts_nobody") {
			t.Errorf("started: %v", err)
		}
		w.owes(2, "devedor")
		w.start(id)
		w.completed(id, time.Minute)
		if n := w.counts(id); n.Total != 1 || n.ByStatus[campaign.StatusCompleted] != 1 {
			t.Errorf("%+v", n)
		}
	})
}

func TestWhoFittedWhenTheDraftWasSavedStays(t *testing.T) {
	supplied(t, func(w *town) {
		one := w.owes(1, "devedor")
		id := w.campaign(0, func(d *campaign.Definition) {
			d.Contacts = &campaign.Source{Filter: &debt, At: campaign.AtNow}
		})
		if c := w.get(id); c.Filling.State != campaign.FillWaiting || c.Filling.Picked != 1 {
			t.Errorf("filling %+v", c.Filling)
		}
		one.Tags = nil
		w.must(w.Store.ReplaceContact(w.ctx, one, 1))
		w.owes(2, "devedor")
		begins := time.Now()
		w.start(id)
		w.completed(id, time.Minute)
		if got := w.called(begins); !slices.Equal(got, []channel.Address{debtor(1)}) {
			t.Errorf("called %v", got)
		}
	})
}

func TestASourceThatIsGone(t *testing.T) {
	supplied(t, func(w *town) {
		lists := audience.NewLists(audience.ListsOptions{Store: w.Store})
		w.owes(1, "devedor")
		name := "Devedores"
		l, err := lists.Create(w.ctx, w.Workspace, audience.ListEdit{Name: &name, Filter: &debt})
		w.must(err)
		begins := time.Now().Add(10 * time.Minute).UTC()
		id := w.campaign(0, func(d *campaign.Definition) {
			d.StartsAt = &begins
			d.Contacts = &campaign.Source{Audience: l.ID}
		})
		w.start(id)
		w.must(lists.Delete(w.ctx, w.Workspace, l.ID))
		d := w.diagnose(id)
		if len(d.Problems) != 1 || d.Problems[0].Code != "audience_not_found" || d.Problems[0].Field != "contacts" || d.Problems[0].Warning {
			t.Errorf("problems %+v", d.Problems)
		}
		<-time.After(time.Until(begins.Add(time.Minute)))
		if c := w.get(id); c.State != campaign.Paused || c.PauseParams["problem"] != "audience_not_found" {
			t.Errorf("%s %v", c.State, c.PauseParams)
		}
		again := w.get(id).Definition
		again.StartsAt = nil
		if _, err := w.Service.Create(w.ctx, w.Workspace, "", again); !fault.Is(err, "audience_not_found") {
			t.Errorf("made another: %v", err)
		}
	})
}

// Hours on the contact's own clock go by the zone that the contact has, and else by their number, and by those of who stands
// in for them.
func TestContactsAreCalledByTheirOwnClocks(t *testing.T) {
	supplied(t, func(w *town) { // it is noon in São Paulo
		now := time.Now().UTC()
		person := func(zone string, number channel.Address, primary string) string {
			c := audience.Contact{
				Workspace: w.Workspace, Name: "Ana", Zone: zone, Primary: primary, Priority: audience.PriorityNormal, CreatedAt: now, UpdatedAt: now,
				Reaches: []audience.Reach{{Kind: audience.ByPhone, Address: number}},
			}
			w.must(w.Store.AddContact(w.ctx, &c))
			return c.ID
		}
		const paulista, moved, acreano, helped, helper = "+5511987000001", "+5511987000002", "+5568987000003", "+5511987000004", "+5568987000005"
		person("", paulista, "")
		person("America/Manaus", moved, "")
		person("", acreano, "")
		person("", helper, person("", helped, ""))
		id := w.campaign(0, func(d *campaign.Definition) {
			d.Contacts = &campaign.Source{Filter: &audience.Filter{}}
			d.Window = mustWindow(t, `{"days":{"mon-sun":["12:30-16:00"]},"zone":"contact"}`)
		})
		w.start(id)
		w.completed(id, 12*time.Hour)
		clocks := map[channel.Address]string{paulista: "America/Sao_Paulo", moved: "America/Manaus", acreano: "America/Rio_Branco", helped: "America/Rio_Branco"}
		called := map[channel.Address]bool{}
		for _, s := range w.World.Seen() {
			zone, err := time.LoadLocation(clocks[s.To])
			w.must(err)
			called[s.To] = true
			if at := s.Start.In(zone); at.Hour() != 12 || at.Minute() != 30 {
				t.Errorf("%s was called at %s in %s", s.To, at.Format(time.TimeOnly), zone)
			}
		}
		if len(called) != len(clocks) {
			t.Errorf("called %v", called)
		}
	})
}
