package sim_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/dbtest"
	"campanario/internal/sim"
	"campanario/rules"
	"campanario/store"
)

// grace is within which time a consent that was taken back is known to every process.
const grace = time.Second

// answer is what somebody said about being called, and when that was taken down.
type answer struct {
	given bool
	at    time.Time
}

// neighbourhood is a few hundred people whom three campaigns on three lines want, while they say yes and no.
type neighbourhood struct {
	mayhem
	people  int
	ids     map[int]string   // of those in the base, by person
	answers map[int][]answer // by person
	limit   rules.Limit
}

// phones are a person's numbers. Those of even number are in the base, with both.
func phones(i int) (first, second channel.Address) {
	return channel.Address(fmt.Sprintf("+551197%07d", i)), channel.Address(fmt.Sprintf("+551196%07d", i))
}

// known reports whether the base knows a person: nobody else can agree to anything.
func known(i int) bool { return i%2 == 0 }

// TestNobodyIsBothered runs campaigns that share their people on three nodes, which are killed meanwhile, and holds the
// log of the far ends against what these people said and against the limit of how often each may be called.
func TestNobodyIsBothered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { bothered(t, seeds(t)[0], "sqlite", 120) })
}

// TestNobodyIsBotheredOnPostgreSQL is the same on the other database, where claims run at once.
func TestNobodyIsBotheredOnPostgreSQL(t *testing.T) {
	t.Parallel()
	dbtest.Postgres(t) // the server lives outside the bubble
	synctest.Test(t, func(t *testing.T) { bothered(t, 4, "postgres", 40) })
}

func bothered(t *testing.T, seed uint64, database string, people int) {
	ctx := context.Background()
	s := dbtest.Open(t, database, store.Options{Clock: func() int64 { return time.Now().UnixMilli() }})
	w := sim.NewWorld(seed, sim.Mix{
		NoAnswer: 400, Busy: 100, Refuse: 20, Congested: 40, Down: 20, Lost: 10, Twice: 20, Ring: 25 * time.Second, Talk: 90 * time.Second,
	})
	city, err := sim.NewCity(ctx, s, w, seed, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	city.Beat = time.Minute
	h := &neighbourhood{people: people, ids: map[int]string{}, answers: map[int][]answer{}, limit: rules.Limit{Most: 2, Days: 1}}
	h.mayhem = mayhem{t: t, ctx: ctx, city: city, store: s, rng: rand.New(rand.NewPCG(seed, 11)), renewed: map[string]map[campaign.Number]int{}}
	h.settle()
	h.live()
	w.Wait()
	bad, err := city.Check(ctx, h.optOuts, h.renewed)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range bad {
		t.Error(b)
	}
	held := h.check(w.Seen())
	t.Logf("seed %d: %d attempts, %d kills, %d opt-outs, %d held at a limit", seed, len(w.Seen()), h.kills, len(h.optOuts), held)
	if held == 0 || h.kills == 0 || len(h.optOuts) == 0 {
		t.Error("the simulation did not do its work")
	}
}

// settle makes the people, what they said before, the lines and the campaigns.
func (h *neighbourhood) settle() {
	for i := range h.people {
		if !known(i) {
			continue
		}
		a, b := phones(i)
		c := audience.Contact{
			Workspace: h.city.Workspace, Priority: audience.PriorityNormal, CreatedAt: time.Now(), UpdatedAt: time.Now(),
			Reaches: []audience.Reach{{Kind: audience.ByPhone, Address: a}, {Kind: audience.ByPhone, Address: b}},
		}
		h.must(h.store.AddContact(h.ctx, &c))
		h.ids[i] = c.ID
		if i%4 == 0 {
			h.say(i, true)
		}
	}
	_, err := h.store.SetRuleSettings(h.ctx, h.city.Workspace, rules.Settings{Limits: []rules.Limit{h.limit}}, 0, time.Now())
	h.must(err)
	speaker, err := h.city.Speaker(h.ctx)
	h.must(err)
	for k, level := range []rules.Level{rules.NotNeeded, rules.NotWithdrawn, rules.Given} {
		h.must(h.city.AddLine(h.ctx, channel.Line{Kind: channel.Voice, From: "+551130000000", Limits: channel.Limits{Concurrent: 20, PerSecond: 2}}))
		d := campaign.Definition{
			Name: string(level), Channel: channel.Voice, Line: fmt.Sprint("line-", k+1), Agent: speaker, Consent: rules.Need{Level: level},
			Retry: campaign.Policy{MaxAttempts: 3, IntervalMinutes: 30},
		}
		id, err := h.city.AddCampaign(h.ctx, d, h.people, func(i int) campaign.Newcomer {
			first, second := phones(i)
			if k == 1 && known(i) { // the same person by another number
				first = second
			}
			return campaign.Newcomer{Recipient: campaign.Recipient{Name: "Ana", Addresses: []channel.Address{first}}, Band: campaign.BandNormal}
		})
		h.must(err)
		h.campaigns = append(h.campaigns, id)
	}
}

func (h *neighbourhood) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// say takes down what somebody said.
func (h *neighbourhood) say(i int, given bool) {
	now := time.Now()
	_, err := h.store.AddConsent(h.ctx, h.city.Workspace, h.ids[i], audience.Consent{
		Given: given, Channel: channel.Voice, Source: audience.FromCall, At: now, Kept: now,
	})
	h.must(err)
	h.answers[i] = append(h.answers[i], answer{given, time.Now()})
}

// live lets the campaigns run to their end while things happen.
func (h *neighbourhood) live() {
	for range 3 {
		h.boot()
	}
	for _, id := range h.campaigns {
		_, err := h.city.Service.Start(h.ctx, h.city.Workspace, id)
		h.must(err)
	}
	begin := time.Now()
	for !h.over() {
		<-time.After(time.Duration(1+h.rng.IntN(600)) * time.Second)
		early := time.Since(begin) < 26*time.Hour
		if !early {
			h.city.World.Calm()
			<-time.After(10 * time.Minute)
		}
		switch k := h.rng.IntN(10); {
		case early && k < 1:
			h.kill()
		case early && k < 2:
			h.stop(h.rng.IntN(h.people))
		case early:
			h.say(h.rng.IntN((h.people+1)/2)*2, h.rng.IntN(2) == 0)
		}
		h.resume()
		if time.Since(begin) > 20*24*time.Hour {
			h.describe()
			h.t.Fatal("the campaigns do not come to an end")
		}
	}
	for _, p := range h.processes {
		if err := h.city.Shut(p, time.Minute); err != nil {
			h.t.Errorf("shut: %v", err)
		}
	}
}

func (h *neighbourhood) kill() {
	i := h.rng.IntN(len(h.processes))
	h.city.Kill(h.processes[i], 1+h.rng.IntN(12))
	h.kills++
	h.processes = append(h.processes[:i], h.processes[i+1:]...)
	h.boot()
}

// stop is somebody who wants no call any more, at either number.
func (h *neighbourhood) stop(i int) {
	a, b := phones(i)
	h.must(h.store.Suppress(h.ctx, h.city.Workspace, []store.Suppression{
		{Address: a, Channel: channel.Voice, Reason: "opted_out", Source: "test"}, {Address: b, Channel: channel.Voice, Reason: "opted_out", Source: "test"},
	}, time.Now()))
	h.optOuts = append(h.optOuts, sim.OptOut{Address: a, At: time.Now()}, sim.OptOut{Address: b, At: time.Now()})
}

// check holds what the far ends saw against what people said and against the limit. It gives how many were called as often
// as they may be.
func (h *neighbourhood) check(seen []sim.Seen) int {
	level := map[string]rules.Level{}
	for _, id := range h.campaigns {
		c, err := h.city.Service.Get(h.ctx, h.city.Workspace, id)
		h.must(err)
		level[id] = c.Consent.Level
	}
	calls := map[int][]time.Time{}
	for _, s := range seen {
		var i int
		if _, err := fmt.Sscanf(string(s.To[len("+55119x"):]), "%d", &i); err != nil {
			h.t.Fatalf("a call to %s", s.To)
		}
		if s.Code.Class() != channel.ClassFault {
			calls[i] = append(calls[i], s.Start)
		}
		id, _, _, _ := campaign.ParseAttemptID(s.Attempt)
		if !h.agreed(i, level[id], s.Start) {
			h.t.Errorf("person %d was called at %v by a campaign that needs %s, after %v", i, s.Start, level[id], h.answers[i])
		}
	}
	held := 0
	for i, times := range calls {
		slices.SortFunc(times, time.Time.Compare)
		for j := h.limit.Most; j < len(times); j++ {
			held++
			if d := times[j].Sub(times[j-h.limit.Most]); d < h.limit.Span() {
				h.t.Errorf("person %d was called %d times within %v, at %v", i, h.limit.Most+1, d, times[j])
			}
		}
	}
	return held
}

// agreed reports whether what somebody said let them be called, at the time or a moment before it.
func (h *neighbourhood) agreed(i int, level rules.Level, at time.Time) bool {
	need := rules.Need{Level: level}
	now := audience.NeverAsked
	for _, a := range h.answers[i] {
		if a.at.After(at) {
			break
		}
		was := now
		if now = audience.Withdrew; a.given {
			now = audience.Agreed
		}
		if at.Sub(a.at) <= grace && audience.Enough(need, was) {
			return true
		}
	}
	return audience.Enough(need, now)
}
