package intake_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"campanario/audience"
	"campanario/intake"
	"campanario/internal/locale"
)

// problems reads an import's problems page by page, and says each as line, severity and code.
func (d *desk) problems(x intake.Session, severity intake.Severity, size int) []string {
	d.t.Helper()
	out := []string{}
	for q := (intake.ProblemQuery{Severity: severity, Limit: size}); ; {
		list, err := d.Problems(d.ctx, "ws", x.ID, q)
		d.must(err)
		for _, p := range list {
			out = append(out, fmt.Sprintf("%d %s %s", p.Line, p.Severity, p.Error.Code))
			q.AfterLine, q.After = p.Line, p.Place
		}
		if len(list) < size {
			return out
		}
	}
}

// through lets an import be tried or done.
func (d *desk) through(x intake.Session, begin func() (intake.Session, error)) intake.Session {
	d.t.Helper()
	_, err := begin()
	d.must(err)
	return d.work(x, nil)
}

// TestWarningsAreShown: what is left out of rows that are taken is told, line by line, in the trial and of the import; and
// a page may end inside a line.
func TestWarningsAreShown(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		x := d.open("nome;telefone;telefone_2;telefone_3\n" +
			"Ana;(11) 98765-4321;123;98765-4321\n" +
			"Bia;;;\n" +
			"Caio;(11) 98765-4323;(20) 98765-4323;\n")
		want := []string{"2 warning phone_too_short", "2 warning phone_no_area", "3 refused contact_missing", "4 warning phone_area_unknown"}
		check := func(x intake.Session) {
			t.Helper()
			if x.Counts.Warnings != 3 || x.Counts.Refused != 1 || x.Counts.Rows != 3 {
				t.Errorf("%+v", x.Counts)
			}
			for size := 1; size < 6; size++ {
				if got := d.problems(x, "", size); !slices.Equal(got, want) {
					t.Errorf("pages of %d: %q", size, got)
				}
			}
			if got := d.problems(x, intake.Refused, 1); !slices.Equal(got, want[2:3]) {
				t.Errorf("refused: %q", got)
			}
			if got := d.problems(x, intake.Warning, 2); len(got) != 3 {
				t.Errorf("warnings: %q", got)
			}
		}
		check(d.through(x, func() (intake.Session, error) { return d.Check(d.ctx, "ws", x.ID) }))
		check(d.through(x, func() (intake.Session, error) { return d.Commit(d.ctx, "ws", x.ID) }))
	})
}

// TestProblemsAreThoseOfTheLastTry: who mends the mapping and tries again sees nothing of the try before.
func TestProblemsAreThoseOfTheLastTry(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		x := d.open("nome;telefone;reserva\nAna;98765-4321;(11) 98765-4321\nBia;;(11) 98765-4322\n")
		try := func() intake.Session {
			return d.through(x, func() (intake.Session, error) { return d.Check(d.ctx, "ws", x.ID) })
		}
		set := x.Settings
		set.File.Columns = []intake.Mapped{{Column: "nome", Field: intake.FieldName}, {Column: "telefone", Field: intake.FieldPhone}}
		edit := func() {
			_, err := d.Edit(d.ctx, "ws", x.ID, 0, set)
			d.must(err)
		}
		edit()
		if got := d.problems(try(), "", 10); !slices.Equal(got, []string{"2 refused phone_no_area", "3 refused contact_missing"}) {
			t.Errorf("%q", got)
		}
		set.File.Columns[1].Column = "reserva"
		edit()
		if got := d.problems(x, "", 10); len(got) != 0 {
			t.Errorf("after the edit: %q", got)
		}
		if x = try(); x.Counts.Created != 2 || len(d.problems(x, "", 10)) != 0 {
			t.Errorf("%+v %q", x.Counts, d.problems(x, "", 10))
		}
		// What a trial has against the file as a whole is told although it has failed.
		y := d.open("TIPO_DE_REGISTRO;VALOR_DO_REGISTRO;NOME\nTELEFONE;11987654321;Ana\n")
		y = d.through(y, func() (intake.Session, error) { return d.Check(d.ctx, "ws", y.ID) })
		if y.State != intake.StateFailed || len(d.problems(y, "", 50)) < 12 {
			t.Errorf("%s %q", y.State, d.problems(y, "", 50))
		}
	})
}

// TestATrialKeepsTheFirstThousandOfEach: no more, and warnings take no refusal's place.
func TestATrialKeepsTheFirstThousandOfEach(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		x := d.open("telefone;telefone_2\n" + strings.Repeat("11987654321;1\n", 1100) + strings.Repeat("2;\n", 1100))
		x = d.through(x, func() (intake.Session, error) { return d.Check(d.ctx, "ws", x.ID) })
		if w, r := d.problems(x, intake.Warning, 300), d.problems(x, intake.Refused, 300); len(w) != 1000 || len(r) != 1000 || x.Counts.Refused != 1100 || x.Counts.Warnings != 1100 {
			t.Errorf("%d warnings, %d refused, %+v", len(w), len(r), x.Counts)
		}
	})
}

// TestWhatTheBaseRefusesComesBackWhole: a row whose code belongs to somebody else is refused by the base, not by the
// reader, and comes back with its cells like any other.
func TestWhatTheBaseRefusesComesBackWhole(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		x := d.open("nome;cpf;codigo;telefone\nAna;52998224725;A1;11987654321\nBia;;B1;11987654322\nAna Souza;52998224725;B1;11987654321\n")
		x = d.through(x, func() (intake.Session, error) { return d.Commit(d.ctx, "ws", x.ID) })
		if got := d.problems(x, "", 9); !slices.Equal(got, []string{"4 refused external_id_taken"}) || d.count(audience.Filter{}) != 2 {
			t.Errorf("%q, %+v", got, x.Counts)
		}
		var b bytes.Buffer
		d.must(d.Refused(d.ctx, "ws", x.ID, &b, intake.CSV, locale.Portuguese))
		if _, row, _ := strings.Cut(b.String(), "\n"); !strings.HasPrefix(row, "Ana Souza;52998224725;B1;11987654321;4;codigo;") {
			t.Errorf("%q", b.String())
		}
	})
}
