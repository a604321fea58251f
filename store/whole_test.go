package store_test

import (
	"database/sql"
	"slices"
	"testing"

	"campanario/agent"
	"campanario/campaign"
	"campanario/channel"
)

// TestAWholeAddressFindsRecipients: whoever has it, as the first or a further address, however it is written, in one request
// that looks at nobody else; and the same people are counted, acted upon and reported.
func TestAWholeAddressFindsRecipients(t *testing.T) {
	eachOpen(t, func(t *testing.T, w *world, raw *sql.DB) {
		w.campaign("c", 20)
		w.campaign("other", 20)
		d := campaign.Definition{
			Name: "Duas vezes", Channel: channel.Email, Line: "line", AllowDuplicates: true, Message: &agent.MessageTemplate{Subject: "Oi", Text: "Oi"},
		}.Defaults()
		w.must(w.CreateCampaign(w.ctx, &campaign.Campaign{ID: "twice", Workspace: "ws", Definition: d, CreatedAt: *w.now, UpdatedAt: *w.now}, nil))
		both := newcomer("ana@example.com")
		both.Addresses = append(both.Addresses, "p3@example.com", "P3@example.com")
		rows := []campaign.Newcomer{newcomer("xp3@example.com"), newcomer("P3@Example.com"), both}
		for _, id := range []string{"c", "twice", "twice"} {
			_, err := w.EnrolBatch(w.ctx, "ws", id, rows, campaign.Progress{}, *w.now)
			w.must(err)
		}
		first := campaign.BandNormal.First()
		c := []campaign.Number{first + 4, first + 22, first + 23}
		w.SetWindow(1)
		for what, x := range map[string]struct {
			id   string
			f    campaign.Filter
			want []campaign.Number
		}{
			"everybody who has it":       {"c", campaign.Filter{}, c},
			"with one of the statuses":   {"c", campaign.Filter{Statuses: []campaign.Status{campaign.StatusPending, campaign.StatusFailed}}, c},
			"with none of the statuses":  {"c", campaign.Filter{Statuses: []campaign.Status{campaign.StatusFailed}}, nil},
			"among some":                 {"c", campaign.Filter{Numbers: []campaign.Number{first + 1, first + 22}}, c[1:2]},
			"among others":               {"c", campaign.Filter{Numbers: []campaign.Number{first + 1}}, nil},
			"where people may be twice":  {"twice", campaign.Filter{}, []campaign.Number{first + 2, first + 3, first + 5, first + 6}},
			"in another campaign's rows": {"other", campaign.Filter{}, []campaign.Number{first + 4}},
		} {
			x.f.Search, x.f.Whole = "<p3@example.com>", []channel.Address{"p3@example.com"}
			page, next, err := w.Look(w.ctx, "ws", x.id, x.f, 0, 10)
			w.must(err)
			if got := numbersOf(page); !slices.Equal(got, x.want) || next != 0 {
				t.Errorf("%s: %v, going on at %d, want %v", what, got, next, x.want)
			}
			n, err := w.CountAmong(w.ctx, "ws", x.id, x.f, []campaign.Status{campaign.StatusPending})
			if w.must(err); n != (campaign.ActReport{Changed: int64(len(x.want))}) {
				t.Errorf("%s: counted %+v", what, n)
			}
			if rows, next, err := w.ReportPage(w.ctx, "ws", x.id, x.f, 0, 10); err != nil || len(rows) != len(x.want) || next != 0 {
				t.Errorf("%s: reported %d, %v", what, len(rows), err)
			}
		}
		whole := campaign.Filter{Search: "p3@example.com", Whole: []channel.Address{"p3@example.com"}}
		if page, next, err := w.Look(w.ctx, "ws", "c", whole, 0, 2); err != nil || len(page) != 2 || next != c[1] {
			t.Errorf("a short page: %v, going on at %d, %v", numbersOf(page), next, err)
		}
		if r, err := w.act("c", campaign.RemoveThem, whole); err != nil || r.Changed != 3 {
			t.Errorf("acted upon %+v, %v", r, err)
		}
		// What nobody has as a whole may be a part.
		w.SetWindow(1000)
		part := campaign.Filter{Search: "p3@example.co", Whole: []channel.Address{"p3@example.co"}}
		if page, _, err := w.Look(w.ctx, "ws", "c", part, 0, 10); err != nil || len(page) != 4 {
			t.Errorf("a part finds %v, %v", numbersOf(page), err)
		}

		marks := func() (n int) {
			t.Helper()
			w.must(raw.QueryRow(`SELECT COUNT(*) FROM recipient_address`).Scan(&n))
			return n
		}
		// P3@… and p3@… of c; of each of the four others each, and of the two that have two both.
		if n := marks(); n != 2+2*4 {
			t.Errorf("%d addresses are kept apart", n)
		}
		w.must(w.DeleteCampaign(w.ctx, "ws", "twice", *w.now))
		for more := true; more; {
			var err error
			more, err = w.Purge(w.ctx, 3)
			w.must(err)
		}
		if n := marks(); n != 2 {
			t.Errorf("%d addresses of campaigns are kept, one of which was deleted", n)
		}
		person := w.contact("p3@example.com")
		_, err := w.Erase(w.ctx, "ws", person.ID, *w.now)
		w.must(err)
		if n := marks(); n != 0 {
			t.Errorf("%d addresses are kept of somebody who was erased", n)
		}
	})
}
