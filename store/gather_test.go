package store_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"campanario/audience"
	"campanario/channel"
	"campanario/intake"
)

// carrier carries chunks of an import in, as a worker does.
type carrier struct {
	*base
	x intake.Session
	h intake.Hold
	m intake.Merging

	rows int64
}

func (b *base) carry(workspace string, o audience.MergeOptions) *carrier {
	b.t.Helper()
	x := intake.Session{
		ID: "import-" + workspace, Workspace: workspace, State: intake.StateRunning, Name: "x.csv", Size: 1000, By: "k", Revision: 1, CreatedAt: b.now, UpdatedAt: b.now,
	}
	if _, err := b.AddSession(b.ctx, x); err != nil {
		b.t.Fatal(err)
	}
	c := &carrier{base: b, h: intake.Hold{Node: 1, Until: b.now.Add(time.Hour)}}
	var ok bool
	var err error
	if c.x, ok, err = b.TakeSession(b.ctx, c.h, b.now); err != nil || !ok {
		b.t.Fatalf("not taken: %v", err)
	}
	o.Import, o.Now = c.x.ID, b.now
	if c.m, err = b.Merging(b.ctx, &c.x, o); err != nil {
		b.t.Fatal(err)
	}
	return c
}

func (c *carrier) plan(list ...audience.Contact) (intake.Planned, *intake.Chunk) {
	c.t.Helper()
	c.rows += int64(len(list))
	chunk := &intake.Chunk{RowsDone: c.rows, Counts: intake.Counts{Rows: int64(len(list))}}
	for i := range list {
		chunk.Contacts = append(chunk.Contacts, audience.Incoming{Line: i + 2, Contact: list[i]})
	}
	p, err := c.m.Plan(c.ctx, chunk)
	if err != nil {
		c.t.Fatal(err)
	}
	return p, chunk
}

// ahead plans a chunk while the one before it is written.
func (c *carrier) ahead(before intake.Planned, list ...audience.Contact) intake.Planned {
	c.t.Helper()
	written := make(chan struct{})
	go func() {
		defer close(written)
		if before != nil {
			if ours, err := before.Write(c.ctx, &c.x, c.h); err != nil || !ours {
				c.t.Errorf("not written: %v, %v", ours, err)
			}
		}
	}()
	p, _ := c.plan(list...)
	<-written
	return p
}

func (c *carrier) write(p intake.Planned) {
	c.t.Helper()
	if ours, err := p.Write(c.ctx, &c.x, c.h); err != nil || !ours {
		c.t.Fatalf("not written: %v, %v", ours, err)
	}
}

// What a chunk comes to is decided while the one before it is not written yet, and anew when somebody else changes
// contacts meanwhile.
func TestChunksAreDecidedAhead(t *testing.T) {
	person := func(name string, numbers ...string) audience.Contact {
		c := audience.Contact{Name: name}
		for _, n := range numbers {
			c.Reaches = append(c.Reaches, phone("+55119876500"+n)...)
		}
		return c
	}
	for name, meanwhile := range map[string]bool{"alone": false, "beside others": true} {
		t.Run(name, func(t *testing.T) {
			eachBase(t, func(t *testing.T, b *base) {
				c := b.carry("ws", audience.MergeOptions{By: audience.MergeKeys()})
				first, one := c.plan(person("Ana", "01"), person("Bia", "02"))
				if meanwhile {
					b.merge(audience.MergeOptions{By: audience.MergeKeys()}, person("Carla", "03"), person("Bia", "02", "12"))
				}
				second, two := c.plan(person("Ana", "01", "11"), person("Carla", "03"))
				c.write(first)
				c.write(second)
				third, three := c.plan(person("Ana", "11"), person("Bia", "02"), person("Carla", "03"), person("Duda", "04"))
				c.write(third)
				b.fates(one.Contacts, audience.MergeCreated, map[bool]audience.Merged{false: audience.MergeCreated, true: audience.MergeUnchanged}[meanwhile])
				b.fates(two.Contacts, audience.MergeUpdated, map[bool]audience.Merged{false: audience.MergeCreated, true: audience.MergeUnchanged}[meanwhile])
				b.fates(three.Contacts, audience.MergeUnchanged, audience.MergeUnchanged, audience.MergeUnchanged, audience.MergeCreated)
				b.addresses(three.Contacts[0], "+5511987650001", "+5511987650011")
				b.finds(audience.Filter{}, 4)
				b.finds(audience.Filter{Field: audience.FieldImport, Is: []string{c.x.ID}}, 4)
				if c.x.RowsDone != 8 || c.x.Counts.Rows != 8 {
					t.Errorf("%+v", c.x)
				}
			})
		})
	}
}

// tangled makes rows that mean each other in all ways.
func tangled(rng *rand.Rand, n int) []audience.Contact {
	out := make([]audience.Contact, n)
	for i := range out {
		c := &out[i]
		c.Name, c.City = fmt.Sprintf("P%d", rng.IntN(8)), []string{"", "Recife", "Olinda"}[rng.IntN(3)]
		for range 1 + rng.IntN(2) {
			c.Reaches = append(c.Reaches, phone(fmt.Sprintf("+5511987650%03d", rng.IntN(60)))...)
		}
		if rng.IntN(3) == 0 {
			c.Reaches = append(c.Reaches, audience.Reach{Kind: audience.ByEmail, Address: channel.Address(fmt.Sprintf("p%d@example.com", rng.IntN(30)))})
		}
		if rng.IntN(3) == 0 {
			c.ExternalID = fmt.Sprintf("C%d", rng.IntN(30))
		}
		c.Tags = []string{fmt.Sprintf("t%d", rng.IntN(4))}
		c.Reaches = slices.CompactFunc(c.Reaches, func(a, b audience.Reach) bool { return a.Address == b.Address })
	}
	return out
}

// Chunks that are decided ahead come to the same as one merge after the other.
func TestChunksComeToTheSameAsMerges(t *testing.T) {
	eachBase(t, func(t *testing.T, b *base) {
		rng := rand.New(rand.NewPCG(7, 7))
		rows := tangled(rng, 400)
		o := audience.MergeOptions{By: audience.MergeKeys()}
		c := b.carry("ahead", o)
		var before intake.Planned
		for list := rows; len(list) > 0; {
			n := min(len(list), 1+rng.IntN(60))
			before, list = c.ahead(before, list[:n]...), list[n:]
		}
		c.write(before)
		for i := range rows {
			in := []audience.Incoming{{Contact: rows[i]}}
			o.Now = b.now
			if err := b.MergeContacts(b.ctx, "plain", in, o); err != nil {
				t.Fatal(err)
			}
		}
		ahead, plain := b.told("ahead"), b.told("plain")
		if len(ahead) < 20 || !slices.Equal(ahead, plain) {
			t.Errorf("%d contacts, %d by plain merges:\n%s\n\n%s", len(ahead), len(plain), strings.Join(ahead, "\n"), strings.Join(plain, "\n"))
		}
	})
}

// told gives the contacts of a workspace as texts.
func (b *base) told(workspace string) []string {
	b.t.Helper()
	list, _, err := b.Contacts(b.ctx, workspace, audience.ContactQuery{Limit: 1000})
	if err != nil {
		b.t.Fatal(err)
	}
	out := make([]string, len(list))
	for i := range list {
		c := &list[i]
		sort.Strings(c.Tags)
		out[i] = fmt.Sprint(c.Name, c.City, c.ExternalID, c.Addresses(), c.Tags)
	}
	slices.Sort(out)
	return out
}

// While an import runs, others bring the same people: nobody is there twice.
func TestImportsBesideOthersMakeNobodyTwice(t *testing.T) {
	eachBase(t, func(t *testing.T, b *base) {
		rng := rand.New(rand.NewPCG(5, 5))
		by := audience.MergeOptions{By: []audience.MergeKey{audience.ByAnyPhone}}
		single := func(n int) []audience.Contact {
			out := tangled(rng, n)
			for i := range out {
				out[i].Reaches, out[i].ExternalID = out[i].Reaches[:1], ""
			}
			return out
		}
		c := b.carry("ws", by)
		var before intake.Planned
		for range 30 {
			rows := single(5)
			if rng.IntN(3) == 0 {
				b.merge(by, single(3)...)
			}
			before = c.ahead(before, rows...)
		}
		c.write(before)
		seen := map[string]int{}
		list, _, err := b.Contacts(b.ctx, "ws", audience.ContactQuery{Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		for i := range list {
			for _, a := range list[i].Addresses() {
				if seen[string(a)]++; seen[string(a)] > 1 {
					t.Errorf("%s belongs to several", a)
				}
			}
		}
		if len(seen) < 40 {
			t.Errorf("only %d addresses", len(seen))
		}
	})
}
