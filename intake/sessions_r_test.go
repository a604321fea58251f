package intake_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"campanario/audience"
	"campanario/channel"
	"campanario/intake"
	"campanario/internal/fault"
)

// headR is the header of R's layout.
const headR = "TIPO_DE_REGISTRO;VALOR_DO_REGISTRO;MENSAGEM;NOME_CLIENTE;CPFCNPJ;CODCLIENTE;TAG;CORINGA1;CORINGA2;CORINGA3;CORINGA4;CORINGA5;PRIORIDADE\n"

// baseOfR are who is there before the imports of TestWhatRPromises: Ana, to whom we have spoken, and Bia, to whom we have
// not. Both are in a segment and have a location.
func (d *desk) baseOfR() {
	d.t.Helper()
	person := func(name string, a channel.Address) audience.Incoming {
		return audience.Incoming{Contact: audience.Contact{
			Name: name, Segments: []string{"Antigo"}, Location: "norte", Reaches: []audience.Reach{{Kind: audience.ByPhone, Address: a}},
		}}
	}
	in := []audience.Incoming{person("Ana", "+5511987654321"), person("Bia", "+5511987654322")}
	d.must(d.store.MergeContacts(d.ctx, "ws", in, audience.MergeOptions{By: audience.MergeKeys(), Now: d.now}))
	d.must(d.store.Touched(d.ctx, "ws", []int64{in[0].Contact.No}, d.now))
	d.now = d.now.Add(time.Hour)
}

// people are the contacts by name.
func (d *desk) people() map[string]audience.Contact {
	d.t.Helper()
	all, _, err := d.store.Contacts(d.ctx, "ws", audience.ContactQuery{Limit: 100})
	d.must(err)
	out := map[string]audience.Contact{}
	for i := range all {
		out[all[i].Name] = all[i]
	}
	return out
}

// TestWhatRPromises goes through the sentences of R's page on what its layout and the options of an import do.
func TestWhatRPromises(t *testing.T) {
	const ana, bia, caio = "TELEFONE;11987654321;;Ana;;;;;;;;;\n", "TELEFONE;11987654322;;Bia;;;;;;;;;\n", "TELEFONE;11987654323;;Caio;;;;;;;;;\n"
	for _, tt := range []struct {
		sentence string
		rows     string
		set      func(*intake.Settings)
		counts   intake.Counts
		then     func(t *testing.T, d *desk, all map[string]audience.Contact)
	}{
		{
			"the same contact can have two lines, one for each channel", "TELEFONE;11987654329;;Davi;52998224725;;;;;;;;\nEMAIL;davi@example.com;;;52998224725;;;;;;;;\nTELEFONE;1132123456;;;52998224725;;;;;;;;\n",
			nil,
			intake.Counts{Rows: 3, Created: 1, Updated: 2},
			func(t *testing.T, _ *desk, all map[string]audience.Contact) {
				davi := all["Davi"]
				if got := davi.Addresses(); !slices.Equal(got, []channel.Address{"+5511987654329", "davi@example.com", "+551132123456"}) {
					t.Errorf("%v", got)
				}
			},
		},
		{
			"the client code is the company's own name for a contact", "TELEFONE;11987654329;;Davi;;C-7;;;;;;;\nEMAIL;davi@example.com;;;;C-7;;;;;;;\n",
			nil,
			intake.Counts{Rows: 2, Created: 1, Updated: 1},
			func(t *testing.T, _ *desk, all map[string]audience.Contact) {
				if davi := all["Davi"]; davi.ExternalID != "C-7" || len(davi.Reaches) != 2 {
					t.Errorf("%+v", davi)
				}
			},
		},
		{
			"message, tag, wildcards and priority go with the contact", "TELEFONE;11987654329;Olá!;Davi;;;vip;Rua 1;b;c;d;e;ALTA\n",
			nil,
			intake.Counts{Rows: 1, Created: 1},
			func(t *testing.T, _ *desk, all map[string]audience.Contact) {
				davi := all["Davi"]
				want := map[string]string{"message": "Olá!", "wildcard_1": "Rua 1", "wildcard_2": "b", "wildcard_3": "c", "wildcard_4": "d", "wildcard_5": "e"}
				if !maps.Equal(davi.Attributes, want) || !slices.Equal(davi.Tags, []string{"vip"}) || davi.Priority != audience.PriorityHigh {
					t.Errorf("%+v", davi)
				}
			},
		},
		{
			"segment: all of the file are put into it", ana + caio,
			func(s *intake.Settings) { s.File.Segments = []string{"Varejo"} },
			intake.Counts{Rows: 2, Created: 1, Updated: 1},
			func(t *testing.T, d *desk, all map[string]audience.Contact) {
				if !slices.Equal(all["Ana"].Segments, []string{"Antigo", "Varejo"}) || !slices.Equal(all["Caio"].Segments, []string{"Varejo"}) || all["Ana"].Location != "norte" {
					t.Errorf("%+v", all)
				}
				if n := d.count(audience.Filter{Field: audience.FieldSegment, Is: []string{"varejo"}}); n != 2 {
					t.Errorf("%d in the segment", n)
				}
			},
		},
		{
			"keep only in this segment: takes a contact out of those it was in before this import", ana + ana + caio,
			func(s *intake.Settings) { s.File.Segments, s.OnlySegments = []string{"Varejo"}, true },
			intake.Counts{Rows: 3, Created: 1, Updated: 1, Unchanged: 1},
			func(t *testing.T, d *desk, all map[string]audience.Contact) {
				if !slices.Equal(all["Ana"].Segments, []string{"Varejo"}) || !slices.Equal(all["Bia"].Segments, []string{"Antigo"}) {
					t.Errorf("%+v", all)
				}
				if n := d.count(audience.Filter{Field: audience.FieldSegment, Is: []string{"antigo"}}); n != 1 {
					t.Errorf("%d are found in the old segment", n)
				}
			},
		},
		{
			"clear location tags: those of before this import go", ana + caio, func(s *intake.Settings) { s.ClearLocation = true },
			intake.Counts{Rows: 2, Created: 1, Updated: 1},
			func(t *testing.T, _ *desk, all map[string]audience.Contact) {
				if all["Ana"].Location != "" || all["Bia"].Location != "norte" {
					t.Errorf("%+v", all)
				}
			},
		},
		{
			"verify: with an interaction before and new information, the data are brought up to date", "TELEFONE;11987654321;;Ana Souza;;;;;;;;;\n",
			func(s *intake.Settings) { s.Verify = true },
			intake.Counts{Rows: 1, Updated: 1},
			func(t *testing.T, _ *desk, all map[string]audience.Contact) {
				if _, there := all["Ana Souza"]; !there {
					t.Errorf("%+v", all)
				}
			},
		},
		{
			"verify: with an interaction before and nothing new, the line is dropped", ana, func(s *intake.Settings) { s.Verify = true },
			intake.Counts{Rows: 1, Dropped: 1},
			func(t *testing.T, _ *desk, all map[string]audience.Contact) {
				if ana := all["Ana"]; ana.Revision != 1 || !ana.ImportedAt.IsZero() {
					t.Errorf("the import has touched her: %+v", ana)
				}
			},
		},
		{
			"verify: without an interaction before, it goes on as usual", bia + caio, func(s *intake.Settings) { s.Verify = true },
			intake.Counts{Rows: 2, Created: 1, Unchanged: 1},
			func(t *testing.T, _ *desk, all map[string]audience.Contact) {
				if all["Bia"].ImportedAt.IsZero() || all["Caio"].ImportedAt.IsZero() {
					t.Errorf("%+v", all)
				}
			},
		},
		{
			"verify: without the option nothing is dropped", ana, nil,
			intake.Counts{Rows: 1, Unchanged: 1},
			func(t *testing.T, _ *desk, all map[string]audience.Contact) {
				if all["Ana"].ImportedAt.IsZero() {
					t.Errorf("%+v", all["Ana"])
				}
			},
		},
		{
			"check the do-not-call site: contacts found there are not imported", caio + "TELEFONE;11900000000;;Davi;;C-7;;;;;;;\nEMAIL;davi@example.com;;Davi;;C-7;;;;;;;\nTELEFONE;11900000001;;Eva;;;;;;;;;\n",
			func(s *intake.Settings) { s.Screen = true },
			intake.Counts{Rows: 4, Created: 2, Screened: 2},
			func(t *testing.T, _ *desk, all map[string]audience.Contact) {
				davi := all["Davi"]
				if _, there := all["Eva"]; there || !slices.Equal(davi.Addresses(), []channel.Address{"davi@example.com"}) {
					t.Errorf("%+v", all)
				}
			},
		},
		{
			"description and processing authorization are kept with the import", caio,
			func(s *intake.Settings) { s.Description, s.Basis = "Base de novembro", audience.BasisContract },
			intake.Counts{Rows: 1, Created: 1},
			func(t *testing.T, d *desk, _ map[string]audience.Contact) {
				list, err := d.List(d.ctx, "ws", intake.SessionQuery{Limit: 1})
				if err != nil || list[0].Settings.Description != "Base de novembro" || list[0].Settings.Basis != audience.BasisContract {
					t.Errorf("%+v, %v", list, err)
				}
			},
		},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			eachDesk(t, func(t *testing.T, d *desk) {
				d.baseOfR()
				x := d.open(headR + tt.rows)
				if x.Settings.File.Layout != intake.LayoutR {
					t.Fatalf("taken for %q", x.Settings.File.Layout)
				}
				if tt.set != nil {
					set := x.Settings
					tt.set(&set)
					_, err := d.Edit(d.ctx, "ws", x.ID, 0, set)
					d.must(err)
				}
				tt.counts.Progress = 1000
				if y := d.through(x, func() (intake.Session, error) { return d.Check(d.ctx, "ws", x.ID) }); y.Counts != tt.counts {
					t.Errorf("the trial says %+v, want %+v", y.Counts, tt.counts)
				}
				if y := d.through(x, func() (intake.Session, error) { return d.Commit(d.ctx, "ws", x.ID) }); y.Counts != tt.counts || y.State != intake.StateDone {
					t.Errorf("%s %+v, want %+v (%v)", y.State, y.Counts, tt.counts, y.Failure)
				}
				tt.then(t, d, d.people())
			})
		})
	}
}

// registered are the numbers on the do-not-call register of these tests.
func registered(_ context.Context, _ string, list []audience.Reach) ([]bool, error) {
	out := make([]bool, len(list))
	for i, r := range list {
		out[i] = strings.HasPrefix(string(r.Address), "+55119000000")
	}
	return out, nil
}

// TestOptionsOfRowsOfOnePerson: what one row of a file brings no other row of it takes away, in one transaction or in
// several, before and after the node has died.
func TestOptionsOfRowsOfOnePerson(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		d.baseOfR()
		var b strings.Builder
		b.WriteString("nome;telefone;segmento;localizacao\nAna;11987654321;Varejo;sul\nAna;11987654321;Ouro;\n")
		for i := range 30 {
			b.WriteString("Outra;119" + "9876" + string(rune('0'+i/10)) + string(rune('0'+i%10)) + "00;;\n")
		}
		b.WriteString("Ana;11987654321;Prata;\nBia;11987654322;Ouro;\n")
		x := d.open(b.String())
		set := x.Settings
		set.OnlySegments, set.ClearLocation = true, true
		_, err := d.Edit(d.ctx, "ws", x.ID, 0, set)
		d.must(err)
		d.now = d.now.Add(time.Minute)
		_, err = d.Commit(d.ctx, "ws", x.ID)
		d.must(err)
		for x.State != intake.StateDone {
			x = d.work(x, func(n int) error {
				if n == 2 {
					return errDied
				}
				return nil
			})
			d.now = d.now.Add(time.Minute)
		}
		all := d.people()
		if got := all["Ana"]; !slices.Equal(got.Segments, []string{"Varejo", "Ouro", "Prata"}) || got.Location != "sul" {
			t.Errorf("Ana: %v %q", got.Segments, got.Location)
		}
		if got := all["Bia"]; !slices.Equal(got.Segments, []string{"Ouro"}) || got.Location != "" {
			t.Errorf("Bia: %v %q", got.Segments, got.Location)
		}
	})
}

// TestAnImportIsCheckedAgainstSomething: who asks for the check without a register is told, and an address beside another
// one is left out with a warning.
func TestAnImportIsCheckedAgainstSomething(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		x := d.open("nome;telefone;telefone_2\nAna;11900000001;11987654321\nBia;11900000002;11900000003\n")
		set := x.Settings
		set.Screen = true
		_, err := d.Edit(d.ctx, "ws", x.ID, 0, set)
		d.must(err)
		d.registers = false
		for _, begin := range []func(context.Context, string, string) (intake.Session, error){d.Check, d.Commit} {
			if _, err := begin(d.ctx, "ws", x.ID); !fault.Is(err, "import_no_register") {
				t.Errorf("%v", err)
			}
		}
		d.registers = true
		x = d.through(x, func() (intake.Session, error) { return d.Commit(d.ctx, "ws", x.ID) })
		if got := d.problems(x, "", 9); !slices.Equal(got, []string{"2 warning address_registered"}) || x.Counts.Screened != 1 || x.Counts.Created != 1 {
			t.Errorf("%q, %+v", got, x.Counts)
		}
		ana := d.people()["Ana"]
		if got := ana.Addresses(); !slices.Equal(got, []channel.Address{"+5511987654321"}) {
			t.Errorf("%v", got)
		}
	})
}
