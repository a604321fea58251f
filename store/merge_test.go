package store_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"campanario/audience"
	"campanario/channel"
	"campanario/internal/dbtest"
	"campanario/internal/fault"
	"campanario/store"
)

// base is a contact base that contacts are merged into.
type base struct {
	*store.Store
	t   *testing.T
	ctx context.Context
	now time.Time
}

func eachBase(t *testing.T, f func(t *testing.T, b *base)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, s *store.Store) { f(t, &base{s, t, t.Context(), birth}) })
}

func phone(number string) []audience.Reach {
	return []audience.Reach{{Kind: audience.ByPhone, Address: channel.Address(number)}}
}

// merge brings contacts in, a minute later than the last ones, and gives what became of them.
func (b *base) merge(o audience.MergeOptions, list ...audience.Contact) []audience.Incoming {
	b.t.Helper()
	b.now = b.now.Add(time.Minute)
	o.Now = b.now
	in := make([]audience.Incoming, len(list))
	for i := range list {
		in[i].Contact = list[i]
	}
	if err := b.MergeContacts(b.ctx, "ws", in, o); err != nil {
		b.t.Fatal(err)
	}
	return in
}

func (b *base) get(in audience.Incoming) audience.Contact {
	b.t.Helper()
	c, err := b.Contact(b.ctx, "ws", in.Contact.ID)
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

func (b *base) fates(in []audience.Incoming, want ...audience.Merged) {
	b.t.Helper()
	var got []audience.Merged
	for i := range in {
		got = append(got, in[i].Fate)
	}
	if !slices.Equal(got, want) {
		b.t.Errorf("%v, want %v", got, want)
	}
}

func (b *base) addresses(in audience.Incoming, want ...channel.Address) {
	b.t.Helper()
	c := b.get(in)
	if got := c.Addresses(); !slices.Equal(got, want) {
		b.t.Errorf("%v, want %v", got, want)
	}
}

func (b *base) finds(f audience.Filter, want int) {
	b.t.Helper()
	got, err := audience.Pick(b.ctx, b.Store, "ws", &f, b.now, time.UTC)
	if err != nil || int(got.GetCardinality()) != want {
		b.t.Errorf("%+v: %d contacts, %v; want %d", f, got.GetCardinality(), err, want)
	}
}

func TestMerge(t *testing.T) {
	all := audience.MergeOptions{By: audience.MergeKeys()}
	t.Run("rows of one person are one contact", func(t *testing.T) {
		eachBase(t, func(t *testing.T, b *base) {
			in := b.merge(all,
				audience.Contact{Name: "Ana", Document: "52998224725", Reaches: phone("+5511987654321")},
				audience.Contact{Document: "52998224725", Reaches: phone("+551133334444"), Tags: []string{"vip"}},
				audience.Contact{Document: "52998224725", Reaches: []audience.Reach{{Kind: audience.ByEmail, Address: "ana@example.com"}}},
				audience.Contact{Name: "Bia", Reaches: []audience.Reach{{Kind: audience.ByEmail, Address: "bia@example.com"}}},
			)
			b.fates(in, audience.MergeCreated, audience.MergeUpdated, audience.MergeUpdated, audience.MergeCreated)
			b.addresses(in[1], "+5511987654321", "+551133334444", "ana@example.com")
			if c := b.get(in[2]); c.Name != "Ana" || len(c.Tags) != 1 || c.Revision != 1 {
				t.Errorf("%+v", c)
			}
			b.finds(audience.Filter{}, 2)
			b.finds(audience.Filter{Field: audience.FieldTag, Is: []string{"VIP"}}, 1)
			b.finds(audience.Filter{Field: audience.FieldHas, Is: []string{"email"}}, 2)
		})
	})
	t.Run("what comes in replaces, or only fills", func(t *testing.T) {
		eachBase(t, func(t *testing.T, b *base) {
			b.merge(all, audience.Contact{Name: "Ana", City: "Recife", Reaches: phone("+5511987654321"), Attributes: map[string]string{"a": "1"}})
			fill := all
			fill.Fill = true
			in := b.merge(fill, audience.Contact{Name: "Ana Souza", State: "PE", Reaches: phone("+5511987654321"), Attributes: map[string]string{"a": "2", "b": "3"}})
			b.fates(in, audience.MergeUpdated)
			if c := b.get(in[0]); c.Name != "Ana" || c.State != "PE" || c.Attributes["a"] != "1" || c.Attributes["b"] != "3" {
				t.Errorf("filled: %+v", c)
			}
			in = b.merge(all, audience.Contact{Name: "Ana Souza", City: "Olinda", Reaches: phone("+5511987654321")})
			c := b.get(in[0])
			if c.Name != "Ana Souza" || c.City != "Olinda" || c.State != "PE" || c.Revision != 3 {
				t.Errorf("replaced: %+v", c)
			}
			if in[0].Before == nil || in[0].Before.City != "Recife" || in[0].Before.Revision != 2 {
				t.Errorf("before: %+v", in[0].Before)
			}
			b.finds(audience.Filter{Field: audience.FieldCity, Is: []string{"recife"}}, 0)
			b.finds(audience.Filter{Field: audience.FieldCity, Is: []string{"olinda"}}, 1)
			b.fates(b.merge(all, audience.Contact{Name: "Ana Souza", Reaches: phone("+5511987654321")}), audience.MergeUnchanged)
		})
	})
	t.Run("keys are tried in their order, mailboxes whatever their capitals", func(t *testing.T) {
		eachBase(t, func(t *testing.T, b *base) {
			mail := []audience.Reach{{Kind: audience.ByEmail, Address: "Ana@example.com"}}
			first := b.merge(all, audience.Contact{Name: "Ana", Reaches: mail}, audience.Contact{Name: "Bia", ExternalID: "7", Reaches: phone("+5511987654321")})
			in := b.merge(all, audience.Contact{ExternalID: "7", Reaches: []audience.Reach{{Kind: audience.ByEmail, Address: "ana@EXAMPLE.com"}}})
			if in[0].Contact.ID != first[1].Contact.ID {
				t.Error("the external id is surer than the mailbox")
			}
			in = b.merge(audience.MergeOptions{By: []audience.MergeKey{audience.ByAnyEmail}}, audience.Contact{Name: "Ana Souza", Reaches: []audience.Reach{{Kind: audience.ByEmail, Address: "ANA@example.com"}}})
			if in[0].Contact.ID != first[0].Contact.ID {
				t.Error("the oldest with the address is meant")
			}
			in = b.merge(audience.MergeOptions{}, audience.Contact{Name: "Ana", Reaches: mail}, audience.Contact{ExternalID: "7", Reaches: mail})
			b.fates(in, audience.MergeCreated, audience.MergeRefused)
			if !fault.Is(in[1].Error, "external_id_taken") {
				t.Errorf("%v", in[1].Error)
			}
		})
	})
	t.Run("segments, location, verify", func(t *testing.T) {
		eachBase(t, func(t *testing.T, b *base) {
			b.merge(all, audience.Contact{Name: "Ana", Segments: []string{"A", "B"}, Location: "norte", Reaches: phone("+5511987654321")})
			o := all
			o.OnlySegments, o.ClearLocation = true, true
			in := b.merge(o, audience.Contact{Segments: []string{"b", "C"}, Reaches: phone("+5511987654321")})
			if c := b.get(in[0]); !slices.Equal(c.Segments, []string{"B", "C"}) || c.Location != "" {
				t.Errorf("%+v", c)
			}
			verify := all
			verify.Verify = true
			same := audience.Contact{Name: "Ana", Reaches: phone("+5511987654321")}
			b.fates(b.merge(verify, same), audience.MergeUnchanged) // there was nothing between us yet
			b.must(b.Touched(b.ctx, "ws", []int64{in[0].Contact.No}, b.now))
			b.fates(b.merge(verify, same), audience.MergeDropped)
			same.City = "Recife"
			b.fates(b.merge(verify, same), audience.MergeUpdated)
		})
	})
}

func (b *base) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}
