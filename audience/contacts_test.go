package audience_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"campanario/audience"
	"campanario/channel"
	"campanario/internal/dbtest"
	"campanario/internal/fault"
	"campanario/store"
)

// base is the contacts and suppressions of a workspace in Brazil, and of another one.
type base struct {
	*audience.Contacts
	t     *testing.T
	ctx   context.Context
	stops *audience.Suppressions
	now   time.Time
}

func each(t *testing.T, f func(t *testing.T, b *base)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		b := &base{t: t, ctx: t.Context(), now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
		for _, id := range []string{"ws", "other"} {
			if err := s.CreateWorkspace(b.ctx, id, id, b.now); err != nil {
				t.Fatal(err)
			}
		}
		now := func() time.Time { return b.now }
		country := func(context.Context, string) (string, error) { return "BR", nil }
		b.stops = audience.NewSuppressions(s, country, now)
		b.Contacts = audience.NewContacts(audience.ContactsOptions{Store: s, Suppressions: b.stops, Country: country, Now: now})
		f(t, b)
	})
}

func (b *base) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func text(s string) *string { return &s }

func (b *base) create(e audience.ContactEdit) audience.Contact {
	b.t.Helper()
	c, err := b.Create(b.ctx, "ws", e)
	b.must(err)
	return c
}

func TestContact(t *testing.T) {
	each(t, func(t *testing.T, b *base) {
		tags := []string{"vip", " novo ", "vip"}
		c := b.create(audience.ContactEdit{
			Name: text("  Ana Souza "), Phone: text("(11) 98765-4321"), Email: text("Ana <ana@EXAMPLE.com>"), ExternalID: text("C-1"),
			Tags: &tags, Attributes: map[string]*string{"Plano": text("ouro"), "gone": nil, "CORINGA1": text("x")}, Document: text("529.982.247-25"),
			Reaches: &[]audience.ReachEdit{{Address: "11 99999-0000"}, {Address: "11 3333-4444", Label: " work "}, {Address: "+55 11 3333 4444"}},
			City:    text("São Paulo"), State: text("SP"), Location: text("centro"), Priority: text("ALTA"), Portfolios: &[]string{"A"}, Segments: &[]string{"B", "b"},
		})
		want := audience.Contact{
			No: c.No, ID: c.ID, Workspace: "ws", Name: "Ana Souza", ExternalID: "C-1", Document: "52998224725",
			Reaches: []audience.Reach{
				{Kind: audience.ByPhone, Address: "+5511987654321"},
				{Kind: audience.ByPhone, Address: "+551133334444", Label: "work"},
				{Kind: audience.ByEmail, Address: "ana@example.com"},
			},
			City: "São Paulo", State: "SP", Location: "centro", Priority: audience.PriorityHigh, Portfolios: []string{"A"}, Segments: []string{"B"},
			Tags: []string{"vip", "novo"}, Attributes: map[string]string{"plano": "ouro", "wildcard_1": "x"}, Revision: 1, CreatedAt: b.now, UpdatedAt: b.now,
		}
		if diff := cmp.Diff(want, c); diff != "" {
			t.Error(diff)
		}
		got, err := b.Get(b.ctx, "ws", c.ID)
		b.must(err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("read back: %s", diff)
		}
		b.now = b.now.Add(time.Hour)
		got, err = b.Edit(b.ctx, "ws", c.ID, 1, audience.ContactEdit{Email: text(""), Attributes: map[string]*string{"plano": nil, "a": text("b")}, Language: text("pt-BR")})
		b.must(err)
		want.Reaches, want.Attributes, want.Language = want.Reaches[:2], map[string]string{"a": "b", "wildcard_1": "x"}, "pt-BR"
		want.Revision, want.UpdatedAt = 2, b.now
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("edited: %s", diff)
		}
		if _, err := b.Edit(b.ctx, "ws", c.ID, 1, audience.ContactEdit{Name: text("x")}); !fault.Is(err, "revision_stale") {
			t.Errorf("written over another's change: %v", err)
		}
		if again, _ := b.Get(b.ctx, "ws", c.ID); again.Revision != 2 || again.Name != "Ana Souza" {
			t.Errorf("the refused edit left %+v", again)
		}
		for _, err := range []error{
			func() error { _, err := b.Get(b.ctx, "other", c.ID); return err }(),
			func() error { _, err := b.Edit(b.ctx, "other", c.ID, 0, audience.ContactEdit{}); return err }(),
			b.Delete(b.ctx, "other", c.ID),
		} {
			if !fault.Is(err, "contact_not_found") {
				t.Errorf("seen from another workspace: %v", err)
			}
		}
		b.must(b.Delete(b.ctx, "ws", c.ID))
		if _, err := b.Get(b.ctx, "ws", c.ID); !fault.Is(err, "contact_not_found") {
			t.Errorf("after deleting: %v", err)
		}
	})
}

func TestContactRefuses(t *testing.T) {
	each(t, func(t *testing.T, b *base) {
		b.create(audience.ContactEdit{Email: text("a@example.com"), ExternalID: text("taken")})
		mail := text("b@example.com")
		long := []string{}
		for i := range 51 {
			long = append(long, fmt.Sprint(i))
		}
		tests := []struct {
			name   string
			edit   audience.ContactEdit
			code   string
			fields string
		}{
			{"nowhere to reach", audience.ContactEdit{Name: text("x")}, "contact_unreachable", ""},
			{"a phone with letters", audience.ContactEdit{Phone: text("11 9876-ABCD")}, "phone_letters", "phone"},
			{"a mailbox without a domain", audience.ContactEdit{Email: text("ana@")}, "mailbox_domain_invalid", "email"},
			{"zone", audience.ContactEdit{Email: mail, Zone: text("Mars/Base")}, "zone_unknown", "zone"},
			{"language", audience.ContactEdit{Email: mail, Language: text("klingon!")}, "language_invalid", "language"},
			{"long name", audience.ContactEdit{Email: mail, Name: text(strings.Repeat("x", 401))}, "too_long", "name"},
			{"a zero byte", audience.ContactEdit{Email: mail, Name: text("a\x00b")}, "text_invalid", "name"},
			{"no UTF-8", audience.ContactEdit{Email: mail, Name: text("a\xff")}, "text_invalid", "name"},
			{"empty tag", audience.ContactEdit{Email: mail, Tags: &[]string{"a", " "}}, "required", "tags[1]"},
			{"many tags", audience.ContactEdit{Email: mail, Tags: &long}, "too_many", "tags"},
			{"attribute without a name", audience.ContactEdit{Email: mail, Attributes: map[string]*string{"": text("x")}}, "required", "attributes"},
			{"long attribute", audience.ContactEdit{Email: mail, Attributes: map[string]*string{"a": text(strings.Repeat("x", 4001))}}, "too_long", "attributes.a"},
			{"attribute with a name of ours", audience.ContactEdit{Email: mail, Attributes: map[string]*string{"Nome": text("x")}}, "attribute_reserved", "attributes.Nome"},
			{"document", audience.ContactEdit{Email: mail, Document: text("529.982.247-26")}, "document_check", "document"},
			{"priority", audience.ContactEdit{Email: mail, Priority: text("urgente")}, "priority_unknown", "priority"},
			{"one of several addresses", audience.ContactEdit{Reaches: &[]audience.ReachEdit{{Address: "a@example.com"}, {Address: "12"}}}, "phone_too_short", "addresses[1].address"},
			{"stands in for nobody known", audience.ContactEdit{Email: mail, Primary: text("nobody")}, "contact_not_found", "primary"},
			{"external id of another", audience.ContactEdit{Email: mail, ExternalID: text("taken")}, "external_id_taken", "external_id"},
			{"several at once", audience.ContactEdit{Phone: text("1"), Email: text("x"), Zone: text("?")}, "phone_too_short", "phone email zone"},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				_, err := b.Create(b.ctx, "ws", tt.edit)
				var fields []string
				for _, f := range fault.All(err) {
					fields = append(fields, f.Field)
				}
				if !fault.Is(err, tt.code) || strings.Join(fields, " ") != tt.fields {
					t.Errorf("got %v at %v", err, fields)
				}
			})
		}
		// The external id of another workspace's contact is free.
		if _, err := b.Create(b.ctx, "other", audience.ContactEdit{Email: mail, ExternalID: text("taken")}); err != nil {
			t.Error(err)
		}
	})
}

func TestContactsList(t *testing.T) {
	each(t, func(t *testing.T, b *base) {
		for i := range 7 {
			name := fmt.Sprintf("Pessoa %d", i)
			if i == 3 {
				name = "José Ávila"
			}
			b.create(audience.ContactEdit{Name: &name, Email: text(fmt.Sprintf("p%d@example.com", i)), ExternalID: text(fmt.Sprintf("X_%d%%", i))})
		}
		names := func(q audience.ContactQuery) []string {
			t.Helper()
			list, _, err := b.List(b.ctx, "ws", q)
			b.must(err)
			var out []string
			for _, c := range list {
				out = append(out, c.Name)
			}
			return out
		}
		page, _, err := b.List(b.ctx, "ws", audience.ContactQuery{Limit: 3})
		b.must(err)
		if got := names(audience.ContactQuery{Limit: 3, After: page[2].No}); !slices.Equal(got, []string{"José Ávila", "Pessoa 2", "Pessoa 1"}) {
			t.Errorf("second page %v", got)
		}
		phone := text("11987654321")
		b.create(audience.ContactEdit{Name: text("Rita"), Phone: phone, ExternalID: text("44"), Document: text("529.982.247-25")})
		b.create(audience.ContactEdit{Name: text("Rui"), Phone: phone, ExternalID: text("445")})
		// What somebody's address, document or id is as a whole finds these alone, however it is written.
		for search, want := range map[string]string{
			"(11) 98765-4321": "Rui Rita", "+5511987654321": "Rui Rita", " 44 ": "Rita", "445": "Rui", "529.982.247-25": "Rita", "52998224725": "Rita", "P5@EXAMPLE.com": "Pessoa 5",
		} {
			if got := strings.Join(names(audience.ContactQuery{Limit: 10, Search: search}), " "); got != want {
				t.Errorf("search %q: %s, want %s", search, got, want)
			}
		}
		if got := names(audience.ContactQuery{Limit: 1, Search: "11987654321"}); len(got) != 1 || got[0] != "Rui" {
			t.Errorf("one of two: %v", got)
		}
		for search, want := range map[string]int{"jose avila": 1, "ÁVILA": 1, "p5@": 1, "x_2%": 1, "X%": 0, "_": 7, "9876543": 2, "nobody": 0} {
			if got := names(audience.ContactQuery{Limit: 10, Search: search}); len(got) != want {
				t.Errorf("search %q: %v", search, got)
			}
		}
		if list, _, err := b.List(b.ctx, "other", audience.ContactQuery{Limit: 10}); err != nil || len(list) != 0 {
			t.Errorf("another workspace sees %d, %v", len(list), err)
		}
	})
}

func TestSuppressions(t *testing.T) {
	each(t, func(t *testing.T, b *base) {
		add := func(x audience.Suppressing) audience.SuppressReport {
			t.Helper()
			r, err := b.stops.Add(b.ctx, "ws", x)
			b.must(err)
			return r
		}
		r := add(audience.Suppressing{Addresses: []string{"(11) 98765-4321", "ana@example.com", "hello", "+5511987654321"}, Reason: audience.BlockList, Source: "lista.csv"})
		if r.Added != 2 || r.Already != 1 || len(r.Rejected) != 1 || r.Rejected[0].Field != "addresses[2]" || r.Rejected[0].Code != "phone_letters" {
			t.Errorf("%+v", r)
		}
		if r := add(audience.Suppressing{Channel: channel.Email, Addresses: []string{"ANA@example.com", "ana@example.com"}}); r.Added != 1 || r.Already != 1 {
			t.Errorf("on another channel: %+v", r) // who says stop means both ways of writing it
		}
		list := func(search string, q audience.SuppressionQuery) []string {
			t.Helper()
			q.Limit = max(q.Limit, 1)
			found, err := b.stops.List(b.ctx, "ws", search, q)
			b.must(err)
			var out []string
			for _, x := range found {
				out = append(out, string(x.Address)+"/"+string(x.Channel)+"/"+x.Reason)
			}
			return out
		}
		var all []string
		var after audience.Suppression
		for {
			page, err := b.stops.List(b.ctx, "ws", "", audience.SuppressionQuery{After: after, Limit: 1})
			b.must(err)
			if len(page) == 0 {
				break
			}
			after = page[0]
			all = append(all, string(after.Address)+"/"+string(after.Channel))
		}
		slices.Sort(all)
		if want := []string{"+5511987654321/", "ana@example.com/", "ana@example.com/email"}; !slices.Equal(all, want) {
			t.Errorf("page by page: %v", all)
		}
		if got := list("11 98765 4321", audience.SuppressionQuery{Limit: 5}); !slices.Equal(got, []string{"+5511987654321//block_list"}) {
			t.Errorf("by address: %v", got)
		}
		none, mail := channel.Kind(""), channel.Email
		if got := list("", audience.SuppressionQuery{Channel: &none, Limit: 5}); len(got) != 2 {
			t.Errorf("of every channel: %v", got)
		}
		if got := list("ana@example.com", audience.SuppressionQuery{Channel: &mail, Limit: 5}); !slices.Equal(got, []string{"ana@example.com/email/by_operator"}) {
			t.Errorf("of e-mail: %v", got)
		}
		if err := b.stops.Remove(b.ctx, "other", "", "ana@example.com"); !fault.Is(err, "suppression_not_found") {
			t.Errorf("lifted from another workspace: %v", err)
		}
		b.must(b.stops.Remove(b.ctx, "ws", "", "Ana <ana@example.com>"))
		if got := list("ana@example.com", audience.SuppressionQuery{Limit: 5}); len(got) != 1 {
			t.Errorf("after lifting one of two: %v", got)
		}
		for name, err := range map[string]error{
			"not_one_of": func() error { _, err := b.stops.Add(b.ctx, "ws", audience.Suppressing{Channel: "fax"}); return err }(),
			"required":   func() error { _, err := b.stops.Add(b.ctx, "ws", audience.Suppressing{}); return err }(),
			"too_many": func() error {
				_, err := b.stops.Add(b.ctx, "ws", audience.Suppressing{Addresses: make([]string, 10_001)})
				return err
			}(),
			"phone_too_short": b.stops.Remove(b.ctx, "ws", "", "12"),
		} {
			if !fault.Is(err, name) {
				t.Errorf("got %v, want %s", err, name)
			}
		}
	})
}

func TestContactOptsOut(t *testing.T) {
	each(t, func(t *testing.T, b *base) {
		c := b.create(audience.ContactEdit{Phone: text("11987654321"), Email: text("a@example.com")})
		r, err := b.OptOut(b.ctx, "ws", c.ID, audience.Suppressing{Source: "api"})
		b.must(err)
		if r.Added != 2 {
			t.Errorf("%+v", r)
		}
		list, err := b.stops.List(b.ctx, "ws", "", audience.SuppressionQuery{Limit: 10})
		b.must(err)
		if len(list) != 2 || list[0].Reason != "opted_out" || list[0].Channel != "" || list[0].Source != "api" || !list[0].At.Equal(b.now) {
			t.Errorf("%+v", list)
		}
		if _, err := b.OptOut(b.ctx, "other", c.ID, audience.Suppressing{}); !fault.Is(err, "contact_not_found") {
			t.Errorf("from another workspace: %v", err)
		}
	})
}

func TestOrigin(t *testing.T) {
	for raw, want := range map[string]string{
		"11 4000-1234": "+551140001234", "+551140001234": "+551140001234", "+558001234567": "+558001234567", "08001234567": "", "+12": "", "call me": "",
	} {
		a, err := audience.Origin(channel.Voice, raw, "BR")
		if string(a) != want || (want == "") != (err != nil) {
			t.Errorf("%q: %q, %v", raw, a, err)
		}
	}
	if a, err := audience.Origin(channel.Email, "Loja <loja@example.com>", ""); err != nil || a != "loja@example.com" {
		t.Errorf("%q, %v", a, err)
	}
	if _, err := audience.Origin(channel.Email, "+5511987654321", "BR"); err == nil {
		t.Error("a number was taken for a mailbox")
	}
}
