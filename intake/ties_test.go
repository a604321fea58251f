package intake_test

import (
	"slices"
	"testing"
	"time"

	"campanario/agent"
	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
	"campanario/intake"
)

// Guarantors of a file stand in for debtors of it, also of later rows and of the base, and are tried after them.
func TestAFileTiesStandInsToTheirPrimaries(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		const head = "codigo;nome;telefone;avalista_de\n"
		x := d.open("codigo;nome;telefone\nB1;Já na base;+5511981110001\nB2;Avalista antigo;+5511981110002\n")
		_, err := d.Commit(d.ctx, "ws", x.ID)
		d.must(err)
		d.work(x, nil)

		file := head + "C1;Avó;+5511981110010;A1\n" // before the one she stands in for
		for range 25 {                              // so that the debtor is of another chunk
			file += ";Outro;+5511981119999;\n"
		}
		file += "A1;Devedor;+5511981110011;\n" +
			"C2;Tia;+5511981110012;+55 11 98111-0011\n" + // by phone
			"C3;Do de antes;+5511981110013;B1\n" +
			"C4;Perdido;+5511981110014;Z9\n" +
			"C5;Neta;+5511981110015;C1\n" + // of one who is a stand-in herself, by then or later
			"B2;;+5511981110002;A1\n" // who is in the base, without any other change
		y := d.open(file)
		_, err = d.Commit(d.ctx, "ws", y.ID)
		d.must(err)
		y = d.work(y, nil)
		if y.State != intake.StateDone || y.Counts.Warnings != 1 {
			t.Fatalf("%s %+v %v", y.State, y.Counts, y.Failure)
		}
		bad, err := d.Problems(d.ctx, "ws", y.ID, intake.ProblemQuery{Limit: 10})
		d.must(err)
		if len(bad) != 1 || bad[0].Error.Code != "primary_unknown" || bad[0].Line != 31 || bad[0].Severity != intake.Warning {
			t.Errorf("%+v", bad)
		}
		by := func() map[string]audience.Contact {
			out := map[string]audience.Contact{}
			list, _, err := d.store.Contacts(d.ctx, "ws", audience.ContactQuery{Limit: 50})
			d.must(err)
			for _, c := range list {
				out[c.ExternalID] = c
			}
			return out
		}
		all := by()
		for one, primary := range map[string]string{"C1": "A1", "C2": "A1", "C3": "B1", "C4": "", "C5": "A1", "B2": "A1", "A1": "", "B1": ""} {
			if want := all[primary].ID; primary == "" && all[one].Primary != "" || primary != "" && all[one].Primary != want {
				t.Errorf("%s stands in for %q, want %s (%s)", one, all[one].Primary, primary, want)
			}
		}

		d.must(d.store.CreateWorkspace(d.ctx, "ws", "Um", d.now))
		base := intake.NewBase(d.store, audience.NewLists(audience.ListsOptions{Store: d.store}), func() time.Time { return d.now })
		service := campaign.NewService(campaign.Options{Store: d.store, Catalogue: d.store, Base: base, Now: func() time.Time { return d.now }})
		c, err := service.Create(d.ctx, "ws", "", campaign.Definition{Name: "Cobrança", Channel: channel.Voice, Call: &agent.Call{}})
		d.must(err)
		picked, err := base.Pick(d.ctx, "ws", &campaign.Source{Filter: &audience.Filter{}})
		d.must(err)
		filled, err := intake.NewFiller(d.store, nil, service).Fill(d.ctx, "ws", c.ID, "", picked.All)
		d.must(err)
		if filled.Added != 4 || filled.StandIns != 5 { // A1, B1, C4, and the other
			t.Errorf("%+v", filled)
		}
		list, _, err := service.Look(d.ctx, "ws", c.ID, campaign.Filter{Search: "Devedor"}, 0, 10)
		d.must(err)
		want := []channel.Address{"+5511981110011", "+5511981110002", "+5511981110010", "+5511981110012", "+5511981110015"}
		if len(list) != 1 || !slices.Equal(list[0].Addresses, want) {
			t.Errorf("%+v", list)
		}

		_, err = d.Undo(d.ctx, "ws", y.ID)
		d.must(err)
		if y = d.work(y, nil); y.State != intake.StateUndone {
			t.Fatalf("%s %v", y.State, y.Failure)
		}
		if all = by(); len(all) != 2 || all["B2"].Primary != "" || all["B2"].Name != "Avalista antigo" {
			t.Errorf("after undoing: %+v", all)
		}
	})
}
