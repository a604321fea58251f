package sim_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/dbtest"
	"campanario/internal/fault"
	"campanario/internal/sim"
	"campanario/schedule"
	"campanario/store"
)

// seeds are the chances that CI takes every time; CAMPANARIO_SIM_SEED takes another one.
func seeds(t *testing.T) []uint64 {
	if s := os.Getenv("CAMPANARIO_SIM_SEED"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return []uint64{n}
	}
	return []uint64{1, 2, 3}
}

// TestInvariantsHoldThroughChaos runs four campaigns with ten thousand recipients on three lines and three nodes, while
// nodes are killed and started, the database goes away, people pause and resume in storms, act on recipients and say
// stop; and then holds what the far ends saw against every invariant.
func TestInvariantsHoldThroughChaos(t *testing.T) {
	for _, seed := range seeds(t) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel() // a bubble keeps little more than one processor busy
			synctest.Test(t, func(t *testing.T) { chaos(t, seed, "sqlite", 10_000, 5*time.Second) })
		})
	}
}

func chaos(t *testing.T, seed uint64, database string, recipients int, beat time.Duration) {
	ctx := context.Background()
	s := dbtest.Open(t, database, store.Options{Clock: func() int64 { return time.Now().UnixMilli() }})
	w := sim.NewWorld(seed, sim.Mix{
		NoAnswer: 250, Busy: 80, Voicemail: 100, Invalid: 30, Refuse: 20, Congested: 20, Down: 15, Lost: 10, Twice: 20, Late: 5,
		Ring: 25 * time.Second, Talk: 90 * time.Second,
	})
	log := slog.New(slog.DiscardHandler)
	city, err := sim.NewCity(ctx, s, w, seed, log)
	if err != nil {
		t.Fatal(err)
	}
	city.Beat = beat
	campaigns := build(t, ctx, city, recipients)
	h := &mayhem{t: t, ctx: ctx, city: city, store: s, rng: rand.New(rand.NewPCG(seed, 7)), campaigns: campaigns, renewed: map[string]map[campaign.Number]int{}}
	h.run()
	w.Wait()
	bad, err := city.Check(ctx, h.optOuts, h.renewed)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range bad {
		t.Error(b)
	}
	seen := w.Seen()
	t.Logf("seed %d: %d attempts seen, %d kills, %d outages, %d storms, %d actions, %d opt-outs, until %v",
		seed, len(seen), h.kills, h.outages, h.storms, h.actions, len(h.optOuts), time.Now())
	if len(seen) < recipients || h.kills == 0 {
		t.Errorf("the simulation did not do its work")
	}
}

// build makes three lines and four campaigns of different kinds.
func build(t *testing.T, ctx context.Context, city *sim.City, recipients int) []string {
	t.Helper()
	for _, l := range []channel.Limits{{Concurrent: 60, PerSecond: 4}, {Concurrent: 25, PerSecond: 20, PerDay: 2500}, {Concurrent: 200, PerSecond: 10}} {
		if err := city.AddLine(ctx, channel.Line{Kind: channel.Voice, From: "+551130000000", Limits: l}); err != nil {
			t.Fatal(err)
		}
	}
	speaker, err := city.Speaker(ctx)
	if err != nil {
		t.Fatal(err)
	}
	call := campaign.Definition{Channel: channel.Voice, Agent: speaker}
	office := mustWindow(t, `{"days":{"mon-fri":["09:00-12:00","13:00-18:00"]},"holidays":["BR"]}`)
	wide := mustWindow(t, `{"days":{"mon-sun":["08:00-20:00"]},"zone":"contact"}`)
	first, second, third, fourth := call, call, call, call
	first.Name, first.Line, first.Window = "office", "line-1", office
	first.Retry = campaign.Policy{MaxAttempts: 3, IntervalMinutes: 30}
	second.Name, second.Line, second.Window = "their own clocks", "line-2", wide
	second.Retry = campaign.Policy{MaxAttempts: 2, IntervalMinutes: 60, Backoff: 2}
	third.Name, third.Line = "laps", "line-3"
	third.Retry = campaign.Policy{MaxAttempts: 1}
	third.Laps = &campaign.Laps{MaxPerDay: 2, MaxTotal: 3, CooldownMinutes: 30}
	third.Pace = channel.Limits{Concurrent: 50}
	fourth.Name, fourth.Line, fourth.Share = "steps", "line-1", 2
	fourth.Release = schedule.Release{Percent: 20, Every: 30}
	var ids []string
	for k, d := range []campaign.Definition{first, second, third, fourth} {
		id, err := city.AddCampaign(ctx, d, recipients/4, func(i int) campaign.Newcomer { return person(k, i) })
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

func mustWindow(t *testing.T, text string) schedule.Window {
	t.Helper()
	var w schedule.Window
	if err := w.UnmarshalJSON([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return w
}

// person is the i-th of a campaign; some have secondary addresses, some are urgent, all have a clock. A tenth are in
// every campaign.
func person(k, i int) campaign.Newcomer {
	n := campaign.Newcomer{Band: campaign.BandNormal}
	n.Name = fmt.Sprintf("Pessoa %d", i)
	k2 := k
	if i%10 == 0 {
		k2 = 9
	}
	n.Addresses = []channel.Address{channel.Address(fmt.Sprintf("+55119%d%07d", k2, i))}
	if i%7 == 0 {
		n.Addresses = append(n.Addresses, channel.Address(fmt.Sprintf("+55118%d%07d", k2, i)))
	}
	if i%13 == 0 {
		n.Band = campaign.BandHigh
	}
	n.Zones = [][]string{{"America/Sao_Paulo"}, {"America/Manaus"}, {"America/Noronha"}, {"America/Rio_Branco", "America/Manaus"}}[i%4]
	return n
}

// mayhem is what happens to the city.
type mayhem struct {
	t         *testing.T
	ctx       context.Context
	city      *sim.City
	store     *store.Store
	rng       *rand.Rand
	campaigns []string
	processes []*sim.Process
	optOuts   []sim.OptOut
	renewed   map[string]map[campaign.Number]int

	kills, outages, storms, actions int
}

func (h *mayhem) run() {
	for range 3 {
		h.boot()
	}
	for _, id := range h.campaigns {
		if _, err := h.city.Service.Start(h.ctx, h.city.Workspace, id); err != nil {
			h.t.Fatal(err)
		}
	}
	begin := time.Now()
	for time.Since(begin) < 6*24*time.Hour {
		<-time.After(time.Duration(20+h.rng.IntN(400)) * time.Second)
		h.something()
		if h.rng.IntN(20) == 0 && h.over() {
			break
		}
	}
	h.city.World.Calm()
	for !h.over() {
		<-time.After(time.Minute)
		h.resume()
		if time.Since(begin) > 40*24*time.Hour {
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

func (h *mayhem) boot() {
	p, err := h.city.Boot(h.ctx)
	if err != nil {
		h.t.Fatal(err)
	}
	h.processes = append(h.processes, p)
}

// something is one thing that goes wrong or that people do.
func (h *mayhem) something() {
	switch k := h.rng.IntN(100); {
	case k < 25:
		i := h.rng.IntN(len(h.processes))
		h.city.Kill(h.processes[i], 1+h.rng.IntN(12))
		h.kills++
		h.processes = append(h.processes[:i], h.processes[i+1:]...)
		<-time.After(time.Duration(h.rng.IntN(20)) * time.Second)
		h.boot()
	case k < 32:
		i := h.rng.IntN(len(h.processes))
		if err := h.city.Shut(h.processes[i], time.Duration(h.rng.IntN(60))*time.Second); err != nil {
			h.t.Errorf("shut: %v", err)
		}
		h.processes = append(h.processes[:i], h.processes[i+1:]...)
		h.boot()
	case k < 40:
		h.outages++
		for _, p := range h.processes {
			p.Outage(true)
		}
		<-time.After(time.Duration(h.rng.IntN(40)) * time.Second)
		for _, p := range h.processes {
			p.Outage(false)
		}
	case k < 60:
		h.storm()
	case k < 75:
		h.act()
	default:
		h.optOut()
	}
}

// storm is somebody who cannot decide.
func (h *mayhem) storm() {
	h.storms++
	id := h.campaigns[h.rng.IntN(len(h.campaigns))]
	for range 2 + h.rng.IntN(8) {
		_, err := h.city.Service.Pause(h.ctx, h.city.Workspace, id)
		h.allowed(err)
		<-time.After(time.Duration(h.rng.IntN(30)) * time.Millisecond)
		_, err = h.city.Service.Start(h.ctx, h.city.Workspace, id)
		h.allowed(err)
	}
}

// allowed takes the refusals of actions that came too late.
func (h *mayhem) allowed(err error) {
	if err != nil && fault.KindOf(err) != fault.Conflict {
		h.t.Errorf("action: %v", err)
	}
}

func (h *mayhem) act() {
	h.actions++
	id := h.campaigns[h.rng.IntN(len(h.campaigns))]
	a := campaign.RecipientActions()[h.rng.IntN(4)]
	numbers := make([]campaign.Number, 0, 20)
	for range 20 {
		numbers = append(numbers, campaign.BandNormal.First()+campaign.Number(1+h.rng.IntN(2000)))
	}
	if h.renewed[id] == nil {
		h.renewed[id] = map[campaign.Number]int{}
	}
	if a == campaign.RetryNow || a == campaign.SetPending {
		for _, n := range numbers {
			h.renewed[id][n]++
		}
	}
	_, err := h.city.Service.Act(h.ctx, h.city.Workspace, id, a, campaign.Filter{Numbers: numbers}, "operator")
	h.allowed(err)
}

func (h *mayhem) optOut() {
	n := person(9, h.rng.IntN(200)*10)
	if err := h.store.Suppress(h.ctx, h.city.Workspace, []store.Suppression{{Address: n.Addresses[0], Channel: channel.Voice, Reason: "asked", Source: "test"}}, time.Now()); err != nil {
		h.t.Fatal(err)
	}
	h.optOuts = append(h.optOuts, sim.OptOut{Address: n.Addresses[0], At: time.Now()})
}

func (h *mayhem) resume() {
	for _, id := range h.campaigns {
		c, err := h.city.Service.Get(h.ctx, h.city.Workspace, id)
		if err != nil {
			h.t.Fatal(err)
		}
		if c.State == campaign.Paused {
			_, err := h.city.Service.Start(h.ctx, h.city.Workspace, id)
			h.allowed(err)
		}
	}
}

func (h *mayhem) over() bool {
	for _, id := range h.campaigns {
		c, err := h.city.Service.Get(h.ctx, h.city.Workspace, id)
		if err != nil {
			h.t.Fatal(err)
		}
		if c.State != campaign.Completed {
			return false
		}
	}
	return true
}

func (h *mayhem) describe() {
	for _, id := range h.campaigns {
		c, _ := h.city.Service.Get(h.ctx, h.city.Workspace, id)
		n, _ := h.city.Service.Counts(h.ctx, h.city.Workspace, id)
		h.t.Logf("%s %s %v %+v", c.Name, c.State, c.Paused, n)
	}
}

// TestInvariantsHoldOnPostgreSQL is the same with fewer people on the other database.
func TestInvariantsHoldOnPostgreSQL(t *testing.T) {
	t.Parallel()
	dbtest.Postgres(t) // the server lives outside the bubble
	synctest.Test(t, func(t *testing.T) { chaos(t, 4, "postgres", 1000, time.Minute) })
}
