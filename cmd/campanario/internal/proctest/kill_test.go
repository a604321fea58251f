package proctest_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"campanario/campaign"
	"campanario/channel"
	"campanario/cmd/campanario/internal/proctest"
	"campanario/internal/dbtest"
	"campanario/sandbox"
)

// people is how many recipients the campaigns of these tests have.
const people = 5000

// deadline is for a whole test: far more than any of them takes on a machine that is busy with other tests.
const deadline = 6 * time.Minute

// What ordinary numbers do. Nobody lets it ring for long, and the carrier asks for no rest.
const mixOfCalls = "person=55,voicemail=10,busy=15,rejected=8,unknown_number=6,unavailable=5.5,no_answer=0.5"

// Limits of the lines. The trunk's rate is what bounds the large campaigns. The small one can carry so few calls that those
// of a killed server fill it, until they must have ended; and it may make fewer calls on one day than there are people.
func trunk() channel.Limits { return channel.Limits{Concurrent: 400, PerSecond: 180} }
func small() channel.Limits { return channel.Limits{Concurrent: 5, PerSecond: 20, PerDay: perDay} }
func post() channel.Limits  { return channel.Limits{Concurrent: 4, PerSecond: 100} }

const perDay = 200

// lull is how much later the far end may know of an end that it brought about itself, on a machine that is busy.
const lull = 100 * time.Millisecond

// telephoned is a campaign of calls.
func (w *town) telephoned(ctx context.Context, l line, retry map[string]any) string {
	return w.campaign(ctx, map[string]any{
		"name": "Telefonemas", "channel": "voice", "line": l.id, "agent": w.agent(ctx),
		"call": map[string]any{"ring_timeout": "10s", "max_duration": "30s"}, "retry": retry,
	}, people, telephone)
}

// mailed is a campaign of e-mails, each of which is tried once.
func (w *town) mailed(ctx context.Context, l line) string {
	return w.campaign(ctx, map[string]any{
		"name": "Mensagens", "channel": "email", "line": l.id,
		"message": map[string]any{"subject": "Olá", "text": "Bom dia."}, "retry": map[string]any{"max_attempts": 1},
	}, people, mailbox)
}

// twice is a policy by which who is busy, and who was lost with a server, is called once more a minute later.
func twice() map[string]any {
	return map[string]any{
		"max_attempts": 2, "voicemail": "accept", "retry_on": []string{"busy", "unknown"}, "delays": map[string]int{"busy": 1, "unknown": 1},
	}
}

// once is a policy without a second attempt.
func once() map[string]any { return map[string]any{"max_attempts": 1} }

// disturb does something to the town at random moments of a campaign's life, so often, and returns when the campaign has
// ended.
func (w *town) disturb(ctx context.Context, id string, seed uint64, times int, do func(rng *rand.Rand)) proctest.View {
	w.t.Helper()
	rng := rand.New(rand.NewPCG(seed, 1))
	api := w.api()
	for i := range times {
		// Somewhere in its own part of the campaign, and then a moment that no number of people tells.
		least := int64(people * (float64(i) + rng.Float64()) / float64(times) * 0.97)
		v, err := api.Until(ctx, id, func(v proctest.View) bool { return v.Counts.Settled >= least || v.State.Final() })
		if err != nil {
			w.t.Fatal(err)
		}
		if v.State.Final() {
			w.t.Fatalf("the campaign was %s before disturbance %d of %d", v.State, i+1, times)
		}
		moment := time.NewTimer(time.Duration(rng.IntN(400)) * time.Millisecond)
		select {
		case <-moment.C:
		case <-ctx.Done():
			w.t.Fatal(ctx.Err())
		}
		do(rng)
	}
	return w.completed(ctx, id)
}

// victim picks a server: mostly the one that is making the campaign's calls, for the others have less to lose.
func (w *town) victim(ctx context.Context, id string, rng *rand.Rand) *node {
	w.t.Helper()
	var open struct {
		Items []struct{ Node string } `json:"items"`
	}
	if err := w.api().Persist(ctx, http.MethodGet, "/campaigns/"+id+"/attempts/open", nil, &open); err != nil {
		w.t.Fatal(err)
	}
	if len(open.Items) > 0 && rng.IntN(4) > 0 {
		for _, n := range w.nodes {
			if n.name == open.Items[0].Node {
				return n
			}
		}
		w.t.Fatalf("calls are made by %q, which is no server of ours", open.Items[0].Node)
	}
	return w.nodes[rng.IntN(len(w.nodes))]
}

// completed waits for the end of a campaign.
func (w *town) completed(ctx context.Context, id string) proctest.View {
	w.t.Helper()
	v, err := w.api().Until(ctx, id, func(v proctest.View) bool { return v.State != campaign.Active })
	if err != nil || v.State != campaign.Completed {
		w.t.Fatalf("the campaign is %s: %v\n%s", v.State, err, dump(v))
	}
	return v
}

// holdCalls holds a campaign of calls against the sandbox's log.
func (w *town) holdCalls(ctx context.Context, id string, l line, attempts int) proctest.Truth {
	w.t.Helper()
	truth, log := w.truth(ctx, id), w.records(l)
	complain(w.t, proctest.Books(truth))
	complain(w.t, proctest.Calls(truth, log))
	made := map[campaign.Number]int{}
	for _, a := range truth.Attempts {
		if made[a.Recipient]++; made[a.Recipient] > attempts && a.Outcome.Class() != channel.ClassFault {
			w.t.Errorf("recipient %d was tried %d times, of %d", a.Recipient, made[a.Recipient], attempts)
		}
	}
	w.holdLimits(log, l, channel.Voice)
	w.t.Logf("attempts: %s", dump(truth.View.Counts.ByCode))
	return truth
}

// holdLimits holds the limits of a line against what the far end saw of it.
func (w *town) holdLimits(log []sandbox.Record, l line, k channel.Kind) {
	w.t.Helper()
	starts := proctest.Starts(log, k)
	atOnce, within := proctest.MostAtOnce(log, lull), proctest.MostWithin(starts, time.Second)
	if atOnce > l.limits.Concurrent {
		w.t.Errorf("%d calls at once, of %d", atOnce, l.limits.Concurrent)
	}
	if within > int(l.limits.PerSecond) {
		w.t.Errorf("%d starts within a second, of %g", within, l.limits.PerSecond)
	}
	if n := len(starts); l.limits.PerDay > 0 && n > l.limits.PerDay {
		w.t.Errorf("%d starts on one day, of %d", n, l.limits.PerDay)
	}
	w.t.Logf("%s: %d starts, %d at once, %d within a second", l.from, len(starts), atOnce, within)
}

// holdMail holds a campaign of e-mails, each tried once, against the sandbox's log.
func (w *town) holdMail(ctx context.Context, id string, l line) proctest.Truth {
	w.t.Helper()
	truth, log := w.truth(ctx, id), w.records(l)
	complain(w.t, proctest.Books(truth))
	complain(w.t, mailOnce(truth, proctest.Starts(log, channel.Email)))
	w.holdLimits(log, l, channel.Email)
	w.t.Logf("messages: %s", dump(truth.View.Counts.ByCode))
	return truth
}

// mailOnce gives everybody who got a message twice, none, or one that the database does not know of.
func mailOnce(t proctest.Truth, starts []sandbox.Record) []string {
	var bad []string
	kept := map[string]proctest.Attempt{}
	for _, a := range t.Attempts {
		if _, again := kept[a.To]; again {
			bad = append(bad, a.To+" was written to twice, says the database")
		}
		kept[a.To] = a
	}
	got := map[string]sandbox.Record{}
	for _, s := range starts {
		if _, again := got[s.To]; again {
			bad = append(bad, s.To+" was written to twice, says the far end")
		}
		got[s.To] = s
		if _, known := kept[s.To]; !known {
			bad = append(bad, s.To+" was written to, and the database does not know of it")
		}
	}
	for to, a := range kept {
		s, there := got[to]
		switch {
		case a.Outcome == channel.Unknown:
		case !there:
			bad = append(bad, fmt.Sprintf("%s is kept as %s, and nothing reached the far end", to, a.Outcome))
		case (s.Result == "250") != (a.Outcome == channel.Sent):
			bad = append(bad, fmt.Sprintf("%s is kept as %s, and the far end answered %s", to, a.Outcome, s.Result))
		}
	}
	return bad
}

// daily is a small campaign on a line that may make fewer calls on one day than it has people.
func (w *town) daily(ctx context.Context, l line) string {
	return w.campaign(ctx, map[string]any{
		"name": "Um dia", "channel": "voice", "line": l.id, "agent": w.agent(ctx), "retry": once(),
		"call": map[string]any{"ring_timeout": "10s", "max_duration": "30s"},
	}, 2*perDay, func(i int) string { return fmt.Sprintf("+55219%08d", 70_000_000+i*41) })
}

// holdDay holds the daily limit of a line against the log: the campaign waits for the next day with as many calls as the
// line may make, and not one more.
func (w *town) holdDay(ctx context.Context, id string, l line) {
	w.t.Helper()
	v, err := w.api().Until(ctx, id, func(v proctest.View) bool { return v.Counts.InFlight == 0 && v.Counts.Attempts >= perDay })
	if err != nil || v.State != campaign.Active {
		w.t.Fatalf("the daily limit was not reached: %v, %s", err, v.State)
	}
	truth, log := w.truth(ctx, id), w.records(l)
	complain(w.t, proctest.Books(truth))
	complain(w.t, proctest.Calls(truth, log))
	w.holdLimits(log, l, channel.Voice)
}

// overBoth runs a test with three servers on PostgreSQL and with one on SQLite, side by side, each with a seed of its own.
func overBoth(t *testing.T, three, one uint64, f func(t *testing.T, ctx context.Context, w *town, seed uint64)) { //nolint:revive // t comes first
	t.Helper()
	t.Parallel()
	for _, c := range []struct {
		name  string
		nodes int
		seed  uint64
	}{{"three on PostgreSQL", 3, three}, {"one on SQLite", 1, one}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), deadline)
			defer cancel()
			// Whoever ends in order has the time for it, however busy the machine is.
			o := founding{nodes: c.nodes, sandbox: []string{"--sandbox-mix", mixOfCalls}, serve: []string{"--drain", "3m"}}
			if c.nodes > 1 {
				o.database = dbtest.Postgres(t)
			}
			f(t, ctx, found(t, o), c.seed)
		})
	}
}

// TestKilled kills servers at random moments of campaigns by telephone and e-mail, and starts them again.
func TestKilled(t *testing.T) {
	overBoth(t, 11, 12, func(t *testing.T, ctx context.Context, w *town, seed uint64) {
		main, side, mails := w.line(ctx, channel.Voice, "1001", trunk()), w.line(ctx, channel.Voice, "1002", small()), w.line(ctx, channel.Email, "mala", post())
		mail, day := w.mailed(ctx, mails), w.daily(ctx, side)
		id := w.telephoned(ctx, main, twice())
		w.disturb(ctx, id, seed, 7, func(rng *rand.Rand) { w.victim(ctx, id, rng).kill(ctx) })
		w.holdCalls(ctx, id, main, 2)
		w.completed(ctx, mail)
		w.holdMail(ctx, mail, mails)
		w.holdDay(ctx, day, side)
	})
}

// TestDrained is the same with the signal that asks for an orderly end: then nothing is unknown.
func TestDrained(t *testing.T) {
	overBoth(t, 13, 14, func(t *testing.T, ctx context.Context, w *town, seed uint64) {
		main, mails := w.line(ctx, channel.Voice, "1001", trunk()), w.line(ctx, channel.Email, "mala", post())
		mail := w.mailed(ctx, mails)
		id := w.telephoned(ctx, main, once())
		w.disturb(ctx, id, seed, 5, func(rng *rand.Rand) { w.victim(ctx, id, rng).drain(ctx) })
		w.completed(ctx, mail)
		for _, truth := range []proctest.Truth{w.holdCalls(ctx, id, main, 1), w.holdMail(ctx, mail, mails)} {
			if n := truth.View.Counts.ByCode[channel.Unknown]; n > 0 {
				t.Errorf("%d attempts are unknown after orderly ends", n)
			}
		}
	})
}
