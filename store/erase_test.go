package store_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"campanario/access"
	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
	"campanario/dispatch"
	"campanario/intake"
	"campanario/internal/dbtest"
	"campanario/internal/fault"
	"campanario/internal/seal"
	"campanario/store"
)

func veil(t testing.TB) *audience.Veil {
	t.Helper()
	v, err := audience.NewVeil(seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// eachOpen is each with the database open beside, for what the store does not tell.
func eachOpen(t *testing.T, f func(t *testing.T, w *world, raw *sql.DB)) {
	t.Helper()
	for _, name := range []string{"sqlite", "postgres"} {
		t.Run(name, func(t *testing.T) {
			driver, url := "sqlite", filepath.Join(t.TempDir(), "c.db")
			if name == "postgres" {
				driver, url = "pgx", dbtest.Postgres(t)
			}
			now := noon
			s, err := store.Open(t.Context(), store.Options{URL: url, Veil: veil(t), Clock: func() int64 { return now.UnixMilli() }})
			w := &world{Store: s, t: t, ctx: t.Context(), now: &now}
			w.must(err)
			defer s.Close() //nolint:errcheck // a test's
			_, err = s.Migrate(w.ctx)
			w.must(err)
			w.found()
			raw, err := sql.Open(driver, url)
			w.must(err)
			defer raw.Close() //nolint:errcheck // a test's
			f(t, w, raw)
		})
	}
}

// dump is everything that a database holds, table by table, as texts; what is packed is unpacked.
func dump(t *testing.T, raw *sql.DB) map[string]string {
	t.Helper()
	list := `SELECT name FROM sqlite_schema WHERE type = 'table'`
	if _, err := raw.Exec(list); err != nil {
		list = `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`
	}
	names := column(t, raw, list)
	if len(names) < 25 {
		t.Fatalf("only %d tables", len(names))
	}
	out := map[string]string{}
	for _, name := range names {
		out[name] = dumped(t, raw, name)
	}
	return out
}

// dumped is one table.
func dumped(t *testing.T, raw *sql.DB, name string) string {
	t.Helper()
	rows, err := raw.Query(`SELECT * FROM "` + name + `"`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // Err below is what counts
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			t.Fatal(err)
		}
		for _, v := range values {
			text := fmt.Sprint(*v.(*any))
			if packed, is := (*v.(*any)).([]byte); is {
				text = unpacked(packed)
			}
			b.WriteString(text + "\x00")
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func unpacked(b []byte) string {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return string(b)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		return string(b)
	}
	return string(text)
}

func column(t *testing.T, raw *sql.DB, query string) []string {
	t.Helper()
	rows, err := raw.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // Err below is what counts
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// everywhere puts a person wherever a person can be, and gives the contact and what they can be recognised by.
func (w *world) everywhere() (audience.Contact, []string) {
	w.t.Helper()
	c := w.known("ws", audience.ContactEdit{
		Name: new("Ana Quitéria Sobral"), Email: new("ana.sobral@example.com"), Phone: new("+5511987654321"), Document: new("529.982.247-25"), ExternalID: new("cliente-771"),
		City: new("Xique-Xique"), Tags: &[]string{"vip"}, Attributes: map[string]*string{"mae": new("Zulmira Sobral"), "plano": new("ouro")},
	})
	mother := w.known("ws", audience.ContactEdit{Name: new("Outra Pessoa"), Email: new("outra@example.com")})
	_, err := w.AddConsent(w.ctx, "ws", c.ID, audience.Consent{Given: true, Source: audience.FromCall, Proof: "gravação de Ana Quitéria Sobral", At: noon, Kept: noon})
	w.must(err)
	w.must(w.Suppress(w.ctx, "ws", []audience.Suppression{{Address: "+5511987654321", Channel: channel.SMS, Reason: "opted_out", Source: "api", At: noon}}, noon))

	// In campaigns: called and reached, waiting for the next time, before the first turn, of a campaign that was deleted; known by the
	// number, by the address alone, by the document alone, and as one of somebody else's addresses.
	own := newcomer("ana.sobral@example.com", "+5511987654321")
	own.Contact, own.Name, own.ExternalID = c.No, "Ana Quitéria Sobral", "cliente-771"
	own.Variables = map[string]string{"cpf": "52998224725", "valor": "10"}
	byAddress := newcomer("Ana.Sobral@example.com")
	byAddress.Name = "Ana Quitéria Sobral"
	byDocument := newcomer("trabalho@example.com")
	byDocument.Variables = map[string]string{"documento": "52998224725"}
	others := newcomer("outra@example.com", "ana.sobral@example.com")
	others.Contact, others.Name = mother.No, "Outra Pessoa"
	for id, rows := range map[string][]campaign.Newcomer{
		"reached": {own}, "waiting": {own}, "fresh": {byDocument, own}, "gone": {own}, "others": {others}, "address": {byAddress},
	} {
		w.campaign(id, 0)
		_, err := w.EnrolBatch(w.ctx, "ws", id, rows, campaign.Progress{}, *w.now)
		w.must(err)
	}
	closing := w.closing(channel.Sent, w.claim("reached", 1).Flights[0])
	closing.Outcome.Collected = map[string]string{"nome": "Ana Quitéria Sobral"}
	closing.Outcome.Dialogue = []channel.Turn{{Who: "agent", What: "say", Text: "Alô, Ana Quitéria Sobral?"}}
	closing.Outcome.Goal, closing.Outcome.AnsweredBy = true, "human"
	closing.Outcome.ProviderText = "250 <ana.sobral@example.com> ok"
	_, err = w.Settle(w.ctx, []dispatch.Closing{closing})
	w.must(err)
	w.settle(channel.Deferred, w.claim("waiting", 1).Flights...)
	w.must(w.Move(w.ctx, "ws", "gone", campaign.Move{Action: campaign.Cancel, From: []campaign.State{campaign.Active}, To: campaign.Cancelled, At: *w.now}))
	w.must(w.DeleteCampaign(w.ctx, "ws", "gone", *w.now))

	// In imports: the file, its samples, a refused row as it was written, how they were before.
	w.imported(c)
	turn, _, err := w.BeginAnswer(w.ctx, "ws", "chave", "pedido", "quem", *w.now)
	if err != nil || turn != access.TurnFresh {
		w.t.Fatal(turn, err)
	}
	w.must(w.KeepAnswer(w.ctx, "ws", "chave", "quem", access.Answer{Status: 201, Body: []byte(`{"id": "` + c.ID + `", "name": "Ana Quitéria Sobral"}`)}))
	return c, []string{"sobral", "ana.sobral", "987654321", "98765-4321", "52998224725", "529.982.247", "quitéria", "quiteria", "cliente-771", "xique", "zulmira"}
}

// imported makes an import that has ended and holds the contact in every way.
func (w *world) imported(c audience.Contact) {
	w.t.Helper()
	const file = "nome;telefone;cpf\nAna Quitéria Sobral;(11) 98765-4321;529.982.247-25\nJoão;11912345678;\n"
	x := intake.Session{ID: "imp", Workspace: "ws", State: intake.StateRunning, Name: "base.csv", Size: int64(len(file)), Parts: 1, CreatedAt: *w.now, UpdatedAt: *w.now}
	x.Found = &intake.Suggestion{Columns: []intake.SuggestedColumn{{Samples: []string{"Ana Quitéria Sobral", "João"}}}}
	var err error
	x.No, err = w.AddSession(w.ctx, x)
	w.must(err)
	w.must(w.AddPart(w.ctx, x.No, 0, []byte(file)))
	h := intake.Hold{Node: w.node, Until: w.now.Add(time.Hour)}
	got, ok, err := w.TakeSession(w.ctx, h, *w.now)
	if err != nil || !ok {
		w.t.Fatal(ok, err)
	}
	bad := fault.New(fault.Invalid, "phone_too_short", fault.Params{"digits": 3})
	in := audience.Incoming{Line: 2, Contact: audience.Contact{Workspace: "ws", Name: "Ana Q. Sobral", Document: c.Document}}
	merging, err := w.Merging(w.ctx, &got, audience.MergeOptions{Import: "imp", By: []audience.MergeKey{audience.ByDocument}, Now: *w.now})
	w.must(err)
	chunk, err := merging.Plan(w.ctx, &intake.Chunk{
		RowsDone: 2, Contacts: []audience.Incoming{in},
		Problems: []intake.Problem{
			{Line: 3, Severity: intake.Refused, Error: bad, Cells: []string{"Ana Quitéria Sobral", "123"}},
			{Line: 4, Severity: intake.Refused, Error: bad, Cells: []string{"A. S.", "(11) 98765-4321"}},
			{Line: 5, Severity: intake.Refused, Error: bad, Cells: []string{"João", "11912345678"}},
		},
	})
	w.must(err)
	ok, err = chunk.Write(w.ctx, &got, h)
	if err != nil || !ok {
		w.t.Fatal(ok, err)
	}
	w.must(w.EndSession(w.ctx, &got, h, intake.StateDone, nil, *w.now))
}

// TestErasedPeopleAreNowhere: after an erasure no table of the database holds the person, counters equal what they count, and what is not
// theirs is as it was.
func TestErasedPeopleAreNowhere(t *testing.T) {
	eachOpen(t, func(t *testing.T, w *world, raw *sql.DB) {
		c, needles := w.everywhere()
		_, err := raw.Exec(`INSERT INTO import_tie (import_no, contact_no, line, external_id, document, address) VALUES (1, 99, 1, '', '', 'Ana.Sobral@example.com')`)
		w.must(err)
		in := func() map[string]string {
			out := map[string]string{}
			for table, text := range dump(t, raw) {
				for _, n := range needles {
					if strings.Contains(strings.ToLower(text), n) {
						out[table] += " " + n
					}
				}
			}
			return out
		}
		before := in()
		for _, table := range []string{
			"contact", "term", "consent", "suppression", "recipient", "attempt", "stop", "import", "import_part", "import_problem", "import_before", "import_tie", "idempotency",
		} {
			if before[table] == "" {
				t.Errorf("the person is not in %s to begin with", table)
			}
		}
		out, err := w.Erase(w.ctx, "ws", c.ID, *w.now)
		w.must(err)
		if out.Addresses != 2 || out.Recipients != 7 || out.Attempts != 2 || out.Consents != 1 || out.Problems != 2 || out.Files != 1 || len(out.Imports) != 0 {
			t.Errorf("%+v", out)
		}
		for table, found := range in() {
			t.Errorf("%s still holds%s", table, found)
		}
		all := dump(t, raw)
		for table, kept := range map[string]string{"recipient": "outra@example.com", "import_problem": "João", "contact": "Outra Pessoa", "attempt": "goal"} {
			if !strings.Contains(all[table], kept) {
				t.Errorf("%s has lost %s", table, kept)
			}
		}
		for id, want := range map[string]campaign.Status{"reached": campaign.StatusCompleted, "waiting": campaign.StatusSuppressed, "fresh": campaign.StatusSuppressed, "address": campaign.StatusSuppressed} {
			counts := w.counts(id)
			n := int64(0)
			list, err := w.Entries(w.ctx, "ws", id, campaign.Filter{}, 0, 10)
			w.must(err)
			for _, e := range list {
				if e.Status == want {
					n++
				}
			}
			if n != int64(len(list)) || counts.ByStatus[want] != n || counts.Total != n {
				t.Errorf("%s: %d of %d are %s, counted %+v", id, n, len(list), want, counts)
			}
		}
		if _, err := w.Contact(w.ctx, "ws", c.ID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("the contact: %v", err)
		}
		if _, err := w.Erase(w.ctx, "ws", c.ID, *w.now); fault.KindOf(err) != fault.NotFound {
			t.Errorf("erased again: %v", err)
		}
	})
}

// TestErasedPeopleStayAway: by whatever way their addresses come again, they are refused, and nobody is contacted there; until they come
// back with a consent.
func TestErasedPeopleStayAway(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ana := w.known("ws", audience.ContactEdit{Name: new("Ana"), Email: new("ana@example.com"), Phone: new("+5511987654321")})
		bia := w.known("ws", audience.ContactEdit{Name: new("Bia"), Email: new("bia@example.com")})
		shared := w.known("ws", audience.ContactEdit{Name: new("Casa"), Email: new("ana@example.com")})
		w.campaign("c", 0)
		n := newcomer("ana@example.com")
		n.Contact = shared.No
		_, err := w.EnrolBatch(w.ctx, "ws", "c", []campaign.Newcomer{n}, campaign.Progress{}, *w.now)
		w.must(err)
		_, err = w.Erase(w.ctx, "ws", ana.ID, *w.now)
		w.must(err)

		edit := audience.ContactEdit{Email: new("ANA@example.com")}
		if _, err := w.base().Create(w.ctx, "ws", edit); !fault.Is(err, "address_erased") {
			t.Errorf("made anew: %v", err)
		}
		if _, err := w.base().Edit(w.ctx, "ws", bia.ID, 0, edit); !fault.Is(err, "address_erased") {
			t.Errorf("given to another: %v", err)
		}
		if _, err := w.base().Edit(w.ctx, "ws", shared.ID, 0, audience.ContactEdit{Name: new("Casa 2")}); err != nil {
			t.Errorf("somebody who shares it cannot be changed: %v", err)
		}
		w.known("other", edit) // another workspace knows nothing of it
		incoming := []audience.Incoming{
			{Contact: audience.Contact{Name: "Ana", Reaches: []audience.Reach{{Kind: audience.ByPhone, Address: "+5511987654321"}}}},
			{Contact: audience.Contact{Name: "Bia", Reaches: []audience.Reach{{Kind: audience.ByEmail, Address: "bia@example.com"}}}},
		}
		w.must(w.MergeContacts(w.ctx, "ws", incoming, audience.MergeOptions{By: []audience.MergeKey{audience.ByAnyEmail}, Now: *w.now}))
		if incoming[0].Fate != audience.MergeRefused || incoming[0].Error.Code != "address_erased" || incoming[1].Fate != audience.MergeUnchanged {
			t.Errorf("imported: %+v", incoming)
		}
		r, err := w.EnrolBatch(w.ctx, "ws", "c", []campaign.Newcomer{newcomer("Ana@example.com"), newcomer("x@example.com", "ana@example.com")}, campaign.Progress{}, *w.now)
		w.must(err)
		if r.Erased != 1 || r.Added != 1 {
			t.Errorf("added: %+v", r)
		}
		var met []dispatch.Candidate
		c := w.claimBy(w.hold, "c", 5, func(list []dispatch.Candidate) []dispatch.Verdict {
			met = slices.Clone(list)
			out := w.place(list)
			out[0] = dispatch.Verdict{Do: dispatch.DoSettle, Next: campaign.Exclude(campaign.Standing{}, campaign.Excluded, "suppressed", list[0].Rule.Params(), *w.now)}
			return out
		})
		if len(met) != 2 || met[0].Barred != 1 || met[0].Rule.Rule != "erased" || met[1].Barred != 0 || len(c.Flights) != 1 || len(met[1].Addresses) != 1 {
			t.Errorf("claimed: %+v", met)
		}

		at, err := w.ErasedAt(w.ctx, "ws", "ana@example.com")
		w.must(err)
		back, err := w.base().Return(w.ctx, "ws", audience.ContactEdit{Email: new("ana@example.com")}, audience.Consenting{Source: audience.FromForm, Proof: "formulário"})
		w.must(err)
		history, err := w.ConsentsOf(w.ctx, "ws", back.ID, 5)
		w.must(err)
		if at.IsZero() || len(history) != 1 || !history[0].Given {
			t.Errorf("erased at %v, came back with %+v", at, history)
		}
		if _, err := w.base().Return(w.ctx, "ws", audience.ContactEdit{Email: new("z@example.com")}, audience.Consenting{Source: audience.FromForm}); !fault.Is(err, "required") {
			t.Errorf("back without a proof: %v", err)
		}
		if at, err = w.ErasedAt(w.ctx, "ws", "ana@example.com"); err != nil || !at.IsZero() {
			t.Errorf("still erased at %v, %v", at, err)
		}
		if at, err = w.ErasedAt(w.ctx, "ws", "+5511987654321"); err != nil || at.IsZero() {
			t.Errorf("the phone that they did not name is no more erased: %v, %v", at, err)
		}
	})
}

// TestErasureWaitsForOpenAttempts: nobody is erased in the middle of a call, and nobody is claimed while they are erased.
func TestErasureWaitsForOpenAttempts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ana := w.known("ws", audience.ContactEdit{Email: new("ana@example.com")})
		w.campaign("c", 0)
		n := newcomer("ana@example.com")
		n.Contact = ana.No
		_, err := w.EnrolBatch(w.ctx, "ws", "c", []campaign.Newcomer{n}, campaign.Progress{}, *w.now)
		w.must(err)
		flights := w.claim("c", 1).Flights
		if _, err := w.Erase(w.ctx, "ws", ana.ID, *w.now); !fault.Is(err, "contact_in_attempt") {
			t.Fatalf("%v", err)
		}
		if at, err := w.ErasedAt(w.ctx, "ws", "ana@example.com"); err != nil || !at.IsZero() {
			t.Errorf("half erased: %v, %v", at, err)
		}
		w.settle(channel.Deferred, flights...)
		_, err = w.Erase(w.ctx, "ws", ana.ID, *w.now)
		w.must(err)
		*w.now = w.now.Add(48 * time.Hour)
		w.hold = w.take(w.node)
		if c := w.claim("c", 5); len(c.Flights) != 0 {
			t.Errorf("contacted after they were erased: %+v", c)
		}
	})
}

// TestErasureRacesClaims: whoever is faster, somebody is either refused to be erased or not contacted any more.
func TestErasureRacesClaims(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const people = 12
		w.campaign("c", 0)
		contacts := make([]audience.Contact, people)
		for i := range contacts {
			a := fmt.Sprintf("p%d@example.com", i)
			contacts[i] = w.known("ws", audience.ContactEdit{Email: &a})
			n := newcomer(a)
			n.Contact = contacts[i].No
			_, err := w.EnrolBatch(w.ctx, "ws", "c", []campaign.Newcomer{n}, campaign.Progress{}, *w.now)
			w.must(err)
		}
		claimed := make(chan []dispatch.Flight)
		go func() {
			var all []dispatch.Flight
			for range people {
				c, err := w.Claim(context.WithoutCancel(w.ctx), w.request(w.hold, "c", 1), w.place)
				if err != nil {
					t.Error(err)
				}
				all = append(all, c.Flights...)
			}
			claimed <- all
		}()
		erased := map[channel.Address]bool{}
		for i := range contacts {
			c := &contacts[people-1-i]
			_, err := w.Erase(w.ctx, "ws", c.ID, *w.now)
			if err != nil && !fault.Is(err, "contact_in_attempt") {
				t.Fatal(err)
			}
			erased[c.Reaches[0].Address] = err == nil
		}
		for _, f := range <-claimed {
			if a := f.Candidate.Addresses[0]; a == "" || erased[a] {
				t.Errorf("contacted although erased: %q", a)
			}
		}
	})
}

// holders are the tables that can hold a person; everywhere puts one into each, or says why it need not.
var holders = []string{
	"contact", "reach", "term", "attribute", "consent", "suppression", "recipient", "attempt", "stop", "idempotency",
	"recipient_address", // hashes, which go with the addresses: TestAWholeAddressFindsRecipients
	"import", "import_part", "import_problem", "import_before", "import_tie",
}

// others are the tables that hold nobody of the base: what belongs to the customer, numbers, and hashes.
var others = []string{
	"serial", "pulse", "workspace", "api_key", "line", "line_run", "agent", "campaign", "run", "enrolment", "wait", "flight", "standing", "airborne", "tally", "slice", "node",
	"posting", "audience", "registry", "registry_part", "rule_book", "recent", "audit", "merged", "erased", "retention", "duty", "filling", "learnt", "contact_epoch",
	"agent_version", "template", // written by the customer
	"errand",                // whose filter may name somebody, and is forgotten as soon as it ends
	"report", "report_part", // workbooks, which go whole: TestNobodyErasedIsLeftInAReport
	"account", "membership", "access_link", "recovery_code", "identity", "session", "throttle", // of the customer's own people
	"goose_db_version", "sqlite_sequence",
}

// TestErasureKnowsEveryTable: a new table must be said to hold people or not; one that does must be erased from (Store.Erase), emptied when its
// time is over (ExpireSome), and be among those that the tests above put a person into.
func TestErasureKnowsEveryTable(t *testing.T) {
	eachOpen(t, func(t *testing.T, _ *world, raw *sql.DB) {
		for name := range dump(t, raw) {
			if !slices.Contains(holders, name) && !slices.Contains(others, name) && !strings.HasPrefix(name, "sqlite_stat") {
				t.Errorf("can the table %s hold a person of the base? Say so here, and erase them from it", name)
			}
		}
	})
}
