package report_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/fault"
	"campanario/internal/locale"
	"campanario/report"
)

// book is a campaign in memory.
type book struct {
	campaign campaign.Campaign
	names    report.Names
	people   []report.Person
	pages    int
	fails    int // which page fails; 0 none
}

func (b *book) Campaign(_ context.Context, _, id string) (*campaign.Campaign, error) {
	if id != b.campaign.ID {
		return nil, fault.New(fault.NotFound, "campaign_not_found", fault.Params{"id": id})
	}
	return &b.campaign, nil
}

func (b *book) LineNames(context.Context, string) (map[string]string, error) {
	return map[string]string{"line-1": "Tronco"}, nil
}

func (b *book) ReportNames(_ context.Context, _, _ string, most int) (report.Names, error) {
	n := b.names
	n.Brought = append([]string(nil), n.Brought[:min(most, len(n.Brought))]...)
	return n, nil
}

func (b *book) ReportPage(_ context.Context, _, _ string, _ campaign.Filter, after campaign.Number, limit int) ([]report.Person, campaign.Number, error) {
	b.pages++
	if b.pages == b.fails {
		return nil, 0, fault.New(fault.Unavailable, "database_unavailable", nil)
	}
	var out []report.Person
	for _, p := range b.people {
		if p.Number > after && len(out) < limit {
			out = append(out, p)
		}
	}
	return out, further(out, limit), nil
}

// further is where a page that is full goes on.
func further(page []report.Person, limit int) campaign.Number {
	if len(page) < limit {
		return 0
	}
	return page[limit-1].Number
}

var at = time.Date(2026, 11, 23, 12, 30, 0, 0, time.UTC)

// three people: one reached at the second attempt, one who waits, one whom a rule excludes.
func three() *book {
	b := &book{names: report.Names{Brought: []string{"valor", "name", "cidade"}, Collected: []string{"grade", "valor"}}}
	b.campaign = campaign.Campaign{ID: "c", Definition: campaign.Definition{Name: "Teste", Zone: "America/Sao_Paulo", Goal: "won"}}
	first := report.Person{Entry: campaign.Entry{
		Recipient: campaign.Recipient{
			Number: campaign.BandNormal.First() + 1, ExternalID: "=1+1", Name: "Ana", Addresses: []channel.Address{"+5511987654321", "+551133334444"},
			Variables: map[string]string{"valor": "-10,00", "name": "x", "cidade": "São Paulo"}, Tags: []string{"vip", "sp"}, EnrolledAt: at.Add(-time.Hour),
		},
		Standing: campaign.Standing{Status: campaign.StatusCompleted, Result: campaign.Reached, Last: channel.Completed, Lap: 1, Tries: 2, Attempt: 2},
		Status:   campaign.StatusCompleted,
	}}
	first.Attempts = []campaign.Attempt{
		{ID: "c.1.1", Number: first.Number, Ordinal: 1, Lap: 1, Line: "line-1", To: "+5511987654321", Ref: "call-1", PlacedAt: at, Outcome: channel.Outcome{
			Code: channel.Busy, At: at.Add(4 * time.Second), ProviderCode: "486", ProviderText: "Busy Here", Ring: 4 * time.Second,
		}},
		{ID: "c.1.2", Number: first.Number, Ordinal: 2, Lap: 1, Line: "gone", To: "+551133334444", Ref: "call-2", PlacedAt: at.Add(time.Hour), Outcome: channel.Outcome{
			Code: channel.Completed, At: at.Add(time.Hour + 70*time.Second), ProviderCode: "200", Ring: 9600 * time.Millisecond, Talk: 60400 * time.Millisecond,
			AnsweredBy: "human", HungUpBy: "us", Goal: true, Collected: map[string]string{"grade": "9", "valor": "pago"},
		}},
	}
	second := report.Person{Entry: campaign.Entry{
		Recipient: campaign.Recipient{Number: first.Number + 1, Name: "Bia", Addresses: []channel.Address{"+5511987650000"}, EnrolledAt: at},
		Standing:  campaign.Standing{Status: campaign.StatusRetry, Why: campaign.WhyRetry, Due: at.Add(26 * time.Hour), Last: channel.NoAnswer, Lap: 1, Tries: 1, Attempt: 1},
		Status:    campaign.StatusRetry,
	}}
	second.Attempts = []campaign.Attempt{{ID: "c.2.1", Number: second.Number, Ordinal: 1, Lap: 1, Line: "line-1", To: "+5511987650000", PlacedAt: at, Outcome: channel.Outcome{
		Code: channel.NoAnswer, At: at.Add(30 * time.Second), Reason: "ring_timeout",
	}}}
	third := report.Person{Entry: campaign.Entry{
		Recipient: campaign.Recipient{Number: campaign.BandLow.First() + 1, Name: "Caio", Addresses: []channel.Address{"+5511987651111"}, EnrolledAt: at},
		Standing:  campaign.Standing{Status: campaign.StatusSuppressed, Result: campaign.Excluded, Reason: "suppressed", Params: `{"rule":"asked"}`},
		Status:    campaign.StatusSuppressed,
	}}
	b.people = []report.Person{first, second, third}
	return b
}

func written(t *testing.T, b *book, o report.Options) (string, int64) {
	t.Helper()
	r, err := report.Open(t.Context(), b, "ws", "c", o)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	n, err := r.Write(t.Context(), &out)
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), n
}

func TestARowPerRecipient(t *testing.T) {
	got, rows := written(t, three(), report.Options{})
	want := `number,id,name,contact,other_contacts,status,outcome,reason,attempts,lap,first_attempt_at,last_attempt_at,next_attempt_at,talk_seconds,goal,network_answer,priority,tags,added_at,cidade,name_2,valor,grade,valor_2
1000000001,'=1+1,Ana,'+5511987654321,'+551133334444,completed,completed,,2,1,2026-11-23T09:30:00-03:00,2026-11-23T10:30:00-03:00,,60,true,200,normal,"vip, sp",2026-11-23T08:30:00-03:00,São Paulo,x,"-10,00",9,pago
1000000002,,Bia,'+5511987650000,,retry_scheduled,no_answer,,1,1,2026-11-23T09:30:00-03:00,2026-11-23T09:30:00-03:00,2026-11-24T11:30:00-03:00,0,false,,normal,,2026-11-23T09:30:00-03:00,,,,,
2000000001,,Caio,'+5511987651111,,suppressed,,suppressed,0,,,,,,,,low,,2026-11-23T09:30:00-03:00,,,,,
`
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if rows != 3 {
		t.Errorf("%d rows", rows)
	}
}

func TestARowPerAttempt(t *testing.T) {
	got, rows := written(t, three(), report.Options{Form: report.PerAttempt, Delimiter: ';', Mark: true})
	want := "\ufeff" + `number;id;name;contact;attempt;lap;line;started_at;ended_at;outcome;reason;network_answer;ring_seconds;talk_seconds;answered_by;hung_up_by;goal;network_reference;attempt_id;grade;valor
1000000001;'=1+1;Ana;'+5511987654321;1;1;Tronco;2026-11-23T09:30:00-03:00;2026-11-23T09:30:04-03:00;busy;;486 Busy Here;4;0;;;false;call-1;c.1.1;;
1000000001;'=1+1;Ana;'+551133334444;2;1;gone;2026-11-23T10:30:00-03:00;2026-11-23T10:31:10-03:00;completed;;200;10;60;human;us;true;call-2;c.1.2;9;pago
1000000002;;Bia;'+5511987650000;1;1;Tronco;2026-11-23T09:30:00-03:00;2026-11-23T09:30:30-03:00;no_answer;ring_timeout;;0;0;;;false;;c.2.1;;
`
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if rows != 3 {
		t.Errorf("%d rows", rows)
	}
}

// shouting is a language.
type shouting struct{}

func (shouting) Column(c report.Column) string   { return strings.ToUpper(string(c)) }
func (shouting) Status(s campaign.Status) string { return strings.ToUpper(string(s)) + "!" }
func (shouting) Outcome(c channel.Code) string   { return strings.ToUpper(string(c)) + "!" }
func (shouting) Priority(c string) string        { return strings.ToUpper(c) + "!" }
func (shouting) AnsweredBy(c string) string      { return strings.ToUpper(c) + "!" }
func (shouting) Side(c string) string            { return strings.ToUpper(c) + "!" }
func (shouting) YesNo(yes bool) string           { return fmt.Sprintf("%t!", yes) }
func (shouting) Reason(c string, p map[string]any) string {
	return fmt.Sprintf("%s %v!", strings.ToUpper(c), p["rule"])
}

func TestWordsTakeThePlaceOfCodes(t *testing.T) {
	got, _ := written(t, three(), report.Options{Words: shouting{}})
	for _, want := range []string{"NUMBER,ID,NAME,", ",COMPLETED!,COMPLETED!,,2,", ",SUPPRESSED!,,SUPPRESSED asked!,0,", ",true!,", ",NORMAL!,", ",cidade,name,valor,"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}

func TestWhoAnsweredIsSaidInWords(t *testing.T) {
	got, _ := written(t, three(), report.Options{Form: report.PerAttempt, Words: report.In(locale.Portuguese)})
	for _, want := range []string{",Pessoa,Nós,Sim,"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}

func TestConvertedOnly(t *testing.T) {
	for form, want := range map[report.Form]string{report.PerRecipient: "1000000001", report.PerAttempt: "c.1.2"} {
		got, rows := written(t, three(), report.Options{Form: form, Converted: true})
		if rows != 1 || !strings.Contains(got, want) {
			t.Errorf("%s: %d rows\n%s", form, rows, got)
		}
	}
}

func TestWhatIsAskedWronglyIsRefusedBeforeAnythingIsWritten(t *testing.T) {
	for _, c := range []struct {
		id   string
		o    report.Options
		want string
	}{
		{"nobody's", report.Options{}, "campaign_not_found"},
		{"c", report.Options{Form: "letters"}, "not_one_of"},
		{"c", report.Options{Delimiter: 'x'}, "not_one_of"},
		{"c", report.Options{Filter: campaign.Filter{Statuses: []campaign.Status{"happy"}}}, "status_unknown"},
	} {
		if _, err := report.Open(t.Context(), three(), "ws", c.id, c.o); !fault.Is(err, c.want) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestAPageThatFailsEndsTheReport(t *testing.T) {
	b := crowd(1200)
	b.fails = 2
	r, err := report.Open(t.Context(), b, "ws", "c", report.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := r.Write(t.Context(), io.Discard); !fault.Is(err, "database_unavailable") || n != 500 {
		t.Errorf("%d rows, %v", n, err)
	}
}

// crowd is a campaign of n people with very many names of variables.
func crowd(n int) *book {
	b := &book{campaign: campaign.Campaign{ID: "c"}}
	for i := range n {
		name := fmt.Sprintf("v%05d", i)
		b.names.Brought = append(b.names.Brought, name)
		b.people = append(b.people, report.Person{Entry: campaign.Entry{Recipient: campaign.Recipient{
			Number: campaign.Number(i + 1), Addresses: []channel.Address{"a@example.com"}, Variables: map[string]string{name: "x", "v00000": "y"},
		}, Status: campaign.StatusPending}})
	}
	return b
}

func TestVariablesWithoutAColumnGoTogether(t *testing.T) {
	text, rows := written(t, crowd(1200), report.Options{})
	all, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || rows != 1200 || len(all) != 1201 {
		t.Fatalf("%d rows, %v", rows, err)
	}
	if n := len(all[0]); n != 19+report.MaxColumns+1 || all[0][n-1] != "other_variables" {
		t.Errorf("%d columns, the last %s", n, all[0][n-1])
	}
	if last := all[1200][len(all[0])-1]; last != `{"v01199":"x"}` {
		t.Errorf("the last row keeps %s", last)
	}
	if first := all[1][len(all[0])-1]; first != "" {
		t.Errorf("the first row keeps %s", first)
	}
}

// endless is a campaign whose pages are made when they are read.
type endless struct {
	book
	n    int
	heap uint64
}

func (e *endless) ReportPage(_ context.Context, _, _ string, _ campaign.Filter, after campaign.Number, limit int) ([]report.Person, campaign.Number, error) {
	if int(after)%(100*limit) == 0 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		e.heap = max(e.heap, m.HeapInuse)
	}
	out := make([]report.Person, min(limit, e.n-int(after)))
	for i := range out {
		out[i] = report.Person{Entry: campaign.Entry{Recipient: campaign.Recipient{
			Number: after + campaign.Number(i+1), Name: "Pessoa", Addresses: []channel.Address{"+5511987654321"}, Variables: map[string]string{"valor": "10"},
		}, Status: campaign.StatusPending}}
	}
	return out, further(out, limit), nil
}

func TestAMillionRowsTakeTheMemoryOfAPage(t *testing.T) {
	e := &endless{n: 1_000_000, book: book{campaign: campaign.Campaign{ID: "c"}, names: report.Names{Brought: []string{"valor"}}}}
	r, err := report.Open(t.Context(), e, "ws", "c", report.Options{})
	if err != nil {
		t.Fatal(err)
	}
	n, err := r.Write(t.Context(), io.Discard)
	if err != nil || n != 1_000_000 {
		t.Fatalf("%d rows, %v", n, err)
	}
	if most := uint64(64 << 20); e.heap > most {
		t.Errorf("%d MB in use", e.heap>>20)
	}
}
