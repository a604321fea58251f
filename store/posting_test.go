package store_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"campanario/audience"
	"campanario/channel"
	"campanario/internal/dbtest"
	"campanario/store"
)

// people is a workspace's contacts and what a filter should find among them.
type people struct {
	*store.Store
	t   *testing.T
	ctx context.Context
	all map[string]audience.Contact // by id
}

var birth = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func (p *people) random(rng *rand.Rand, id string) audience.Contact {
	some := func(prefix string, n int) []string {
		var out []string
		for i := range n {
			if rng.IntN(3) == 0 {
				out = append(out, fmt.Sprint(prefix, i))
			}
		}
		return out
	}
	c := audience.Contact{
		ID: id, Workspace: "ws", Name: "Ana", City: []string{"", "São Paulo", "sao paulo", "Recife"}[rng.IntN(4)], Tags: some("Tag ", 4),
		Segments: some("s", 2), Priority: audience.Priorities()[rng.IntN(3)], Attributes: map[string]string{"plano": fmt.Sprint(rng.IntN(5))},
		CreatedAt: birth.Add(time.Duration(rng.IntN(96)) * time.Hour), UpdatedAt: birth,
		Reaches: []audience.Reach{{Kind: audience.ByPhone, Address: channel.Address(fmt.Sprintf("+55119%08d", rng.IntN(1e8)))}},
	}
	return c
}

func (p *people) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// step makes, changes or deletes somebody.
func (p *people) step(rng *rand.Rand) {
	p.t.Helper()
	ids := slices.Sorted(maps.Keys(p.all))
	do := rng.IntN(10)
	if len(ids) == 0 || do < 5 {
		c := p.random(rng, "")
		p.must(p.AddContact(p.ctx, &c))
		c.Revision = 1
		p.all[c.ID] = c
		return
	}
	was := p.all[ids[rng.IntN(len(ids))]]
	if do == 9 {
		p.must(p.DeleteContact(p.ctx, "ws", was.ID))
		delete(p.all, was.ID)
		return
	}
	c := p.random(rng, was.ID)
	c.No, c.CreatedAt = was.No, was.CreatedAt
	p.must(p.ReplaceContact(p.ctx, c, was.Revision))
	c.Revision = was.Revision + 1
	p.all[c.ID] = c
}

func (p *people) check(f audience.Filter, fits func(audience.Contact) bool) {
	p.t.Helper()
	p.must(f.Validate())
	got, err := audience.Pick(p.ctx, p.Store, "ws", &f, birth.AddDate(0, 0, 4), time.FixedZone("", -3*3600))
	p.must(err)
	want := 0
	for _, c := range p.all {
		if fits(c) {
			want++
			if !got.Contains(uint32(c.No)) {
				p.t.Errorf("%+v misses %+v", f, c)
			}
		}
	}
	if int(got.GetCardinality()) != want {
		p.t.Errorf("%+v: %d contacts, want %d", f, got.GetCardinality(), want)
	}
}

// TestFiltersFindWhomTheyShould compares filters with a walk through all contacts, while these come, change and go.
func TestFiltersFindWhomTheyShould(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		p := &people{Store: s, t: t, ctx: t.Context(), all: map[string]audience.Contact{}}
		rng := rand.New(rand.NewPCG(1, 2))
		for range 150 {
			p.step(rng)
		}
		yes, no := true, false
		in := func(f audience.Field, values ...string) audience.Filter { return audience.Filter{Field: f, Is: values} }
		tagged := func(c audience.Contact, tag string) bool { return slices.Contains(c.Tags, tag) }
		p.check(audience.Filter{}, func(audience.Contact) bool { return true })
		p.check(in(audience.FieldTag, "tag 1"), func(c audience.Contact) bool { return tagged(c, "Tag 1") })
		p.check(in(audience.FieldTag, "tag 1", "TAG 2", "none"), func(c audience.Contact) bool { return tagged(c, "Tag 1") || tagged(c, "Tag 2") })
		p.check(in(audience.FieldCity, "SAO PAULO"), func(c audience.Contact) bool { return c.City != "" && c.City != "Recife" })
		p.check(audience.Filter{Field: audience.FieldCity, Set: &no}, func(c audience.Contact) bool { return c.City == "" })
		p.check(audience.Filter{Field: audience.FieldSegment, Set: &yes}, func(c audience.Contact) bool { return len(c.Segments) > 0 })
		p.check(in(audience.AttributeField("plano"), "3", "4"), func(c audience.Contact) bool { return c.Attributes["plano"] >= "3" })
		p.check(in(audience.FieldHas, "email"), func(audience.Contact) bool { return false })
		nested := audience.Filter{All: []audience.Filter{
			{Any: []audience.Filter{in(audience.FieldTag, "Tag 0"), in(audience.FieldPriority, "high")}},
			{Not: &audience.Filter{All: []audience.Filter{in(audience.FieldCity, "Recife"), in(audience.AttributeField("plano"), "1")}}},
		}}
		p.check(nested, func(c audience.Contact) bool {
			return (tagged(c, "Tag 0") || c.Priority == audience.PriorityHigh) && (c.City != "Recife" || c.Attributes["plano"] != "1")
		})
		local := func(c audience.Contact) string { return c.CreatedAt.Add(-3 * time.Hour).Format(time.DateOnly) }
		p.check(audience.Filter{Field: audience.FieldCreated, From: "2026-11-02", To: "2026-11-03"}, func(c audience.Contact) bool {
			return local(c) >= "2026-11-02" && local(c) <= "2026-11-03"
		})
		p.check(audience.Filter{Field: audience.FieldCreated, WithinDays: 2}, func(c audience.Contact) bool { return local(c) >= "2026-11-04" })
		terms, err := s.Terms(p.ctx, "ws", audience.FieldTag, "AG 1", 5)
		p.must(err)
		want := int64(0)
		for _, c := range p.all {
			if tagged(c, "Tag 1") {
				want++
			}
		}
		if !slices.Equal(terms, []audience.TermCount{{Value: "Tag 1", Count: want}}) {
			t.Errorf("%+v, want %d", terms, want)
		}
		if other, err := audience.Pick(p.ctx, s, "other", &audience.Filter{}, birth, time.UTC); err != nil || !other.IsEmpty() {
			t.Errorf("another workspace sees %v, %v", other, err)
		}
	})
}

// TestAnAttributeWithTooManyValuesIsRead: a contract's number is not indexed, and is found all the same.
func TestAnAttributeWithTooManyValuesIsRead(t *testing.T) {
	dbtest.EachWith(t, store.Options{MaxTerms: 20}, func(t *testing.T, s *store.Store) {
		p := &people{Store: s, t: t, ctx: t.Context(), all: map[string]audience.Contact{}}
		rng := rand.New(rand.NewPCG(3, 4))
		for i := range 60 {
			c := p.random(rng, "")
			c.Attributes["contrato"] = fmt.Sprintf("Nº %d", i)
			p.must(s.AddContact(p.ctx, &c))
			p.all[c.ID] = c
		}
		for name, want := range map[string]bool{"contrato": false, "plano": true} {
			if got, err := s.Indexed(p.ctx, "ws", name); err != nil || got != want {
				t.Errorf("%s indexed: %v, %v", name, got, err)
			}
		}
		contract := audience.AttributeField("contrato")
		p.check(audience.Filter{Field: contract, Is: []string{"nº 7", "Nº 59"}}, func(c audience.Contact) bool {
			return c.Attributes["contrato"] == "Nº 7" || c.Attributes["contrato"] == "Nº 59"
		})
		both := audience.Filter{All: []audience.Filter{{Field: contract, Is: []string{"nº 7", "nº 8", "nº 9"}}, {Field: audience.AttributeField("plano"), Is: []string{"1", "2"}}}}
		p.check(both, func(c audience.Contact) bool {
			n := c.Attributes["contrato"]
			return (n == "Nº 7" || n == "Nº 8" || n == "Nº 9") && (c.Attributes["plano"] == "1" || c.Attributes["plano"] == "2")
		})
		if terms, err := s.Terms(p.ctx, "ws", contract, "", 5); err != nil || len(terms) != 0 {
			t.Errorf("%+v, %v", terms, err)
		}
	})
}

// TestManyAtOnceIndexAlike: nothing is lost when several write the same terms.
func TestManyAtOnceIndexAlike(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		p := &people{Store: s, t: t, ctx: t.Context(), all: map[string]audience.Contact{}}
		var mu sync.Mutex
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				rng := rand.New(rand.NewPCG(uint64(i), 5))
				for range 15 {
					c := p.random(rng, "")
					if err := s.AddContact(p.ctx, &c); err != nil {
						t.Error(err)
					}
					mu.Lock()
					p.all[c.ID] = c
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		p.check(audience.Filter{}, func(audience.Contact) bool { return true })
		p.check(audience.Filter{Field: audience.FieldTag, Is: []string{"tag 0"}}, func(c audience.Contact) bool { return slices.Contains(c.Tags, "Tag 0") })
	})
}
