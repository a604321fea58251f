package dispatch

import (
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"campanario/agent"
	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/fault"
	"campanario/schedule"
)

// due is when somebody's turn comes, and for what.
type due struct {
	at  time.Time
	why campaign.Why
}

// runner is one campaign in a lane. Its lane's lock guards it.
type runner struct {
	job    Job
	policy campaign.Policy
	plan   *agent.Plan   // calls
	letter *agent.Letter // messages
	broken *fault.Error  // what keeps it from saying anything; nil if nothing

	meter     *meter
	open      int       // attempts at the network
	unsettled int       // attempts whose outcome is not durable yet
	pass      float64   // how much of its share it has had, for fairness
	idle      time.Time // nobody is due before; zero for somebody may be
	first     due       // what the first who is due waits for
	look      int       // how many people the next claim looks at, at least
	asleep    bool      // nobody waits at all: only a change or an outcome can bring somebody
	failures  [100]bool // of the last attempts
	attempts  int
	day       int64 // of the line's calendar that was found full
	// unscreened is until when the campaign is held back because a list of people who must not be contacted is not here.
	unscreened time.Time
	waiting    *campaign.Waiting // as it was last stored
	noted      time.Time         // when that was
	again      time.Time         // when to try again to finish the pass
	asked      bool              // the database was asked whether the pass is over, and nothing has ended since
	tooMany    bool              // so many attempts failed that it should pause
	gone       bool              // its campaign is not active any more
}

// load takes what the database says of the campaign, keeping what only this process knows.
func (r *runner) load(j Job) {
	compile := r.job.Campaign == nil || r.job.Campaign.Revision != j.Campaign.Revision ||
		(j.Agent != nil && (r.job.Agent == nil || r.job.Agent.Version != j.Agent.Version))
	r.job, r.gone = j, false
	r.idle, r.asleep, r.again, r.asked, r.day = time.Time{}, false, time.Time{}, false, 0
	if !compile {
		return
	}
	c := j.Campaign
	r.policy = c.Retry
	r.broken, r.plan, r.letter = nil, nil, nil
	if m := newMeter(c.Pace.PerSecond); r.meter == nil || r.meter.rate != m.rate {
		r.meter = m
	}
	var err error
	switch {
	case c.Channel == channel.Voice && j.Agent == nil:
		err = fault.New(fault.Conflict, "no_agent", nil)
	case c.Channel == channel.Voice:
		var call agent.Call
		if c.Call != nil {
			call = *c.Call
		}
		r.plan, err = agent.NewPlan(*j.Agent, call, c.Goal)
	case c.Message == nil:
		err = fault.New(fault.Conflict, "no_message", nil)
	default:
		r.letter, err = c.Message.Compile()
	}
	if err != nil {
		r.broken = fault.New(fault.Conflict, fault.CodeOf(err), nil).Because(err)
	}
}

// clock is the window on the clock of a recipient.
func (r *runner) clock(own []string) campaign.Clock {
	zone := ""
	if r.job.Agent != nil {
		zone = r.job.Agent.Zone
	}
	return r.job.Campaign.ClockFor(zone, own)
}

// own reports whether every recipient has a clock of their own.
func (r *runner) own() bool { return r.job.Campaign.Window.Zone == schedule.ZoneContact }

// resting reports whether the campaign waits for its next pass: nobody has their first turn then, but whom a person wants
// contacted again does not wait.
func (r *runner) resting() bool { return !r.job.NextLap.IsZero() && !r.job.Opening }

// lap is the pass that is running.
func (r *runner) lap() int { return max(1, r.job.Campaign.Lap.Lap) }

// lookFurther lets the next claim look at twice as many people when this one met only such as cannot be contacted now, and
// at fewer again when it met others: a hundred thousand whose own windows are shut must not cost a transaction each.
func (r *runner) lookFurther(claimed Claimed, c Claim) {
	switch {
	case len(claimed.Flights) > 0:
		r.look /= 2
	case claimed.Filled:
		r.look = min(2*c.Look, maxBatch)
	default:
		r.look = 0
	}
}

// firstAllowed is how many more recipients may have their first turn by the staggered release, and when that changes.
func (r *runner) firstAllowed(now time.Time) (n int, again time.Time) {
	c := r.job.Campaign
	if r.resting() {
		return 0, r.job.NextLap
	}
	if !c.Release.Set() {
		return maxBatch, time.Time{}
	}
	clock := r.clock(nil)
	zone := clock.Zones[0]
	elapsed := c.Window.OpenTime(c.StartedAt, now, zone)
	n = c.Release.Allowed(int(r.job.Total), elapsed) - int(r.job.FirstDone)
	if n > 0 {
		return n, time.Time{}
	}
	if step, ok := c.Release.NextStep(elapsed); ok {
		if at, ok := c.Window.Advance(now, step-elapsed, zone); ok {
			again = at
		}
	}
	return 0, again
}

// content makes what is said to a candidate at an address.
func (r *runner) content(c *Candidate, to channel.Address, unsubscribe string) (channel.Content, error) {
	v := campaign.VariablesOf(c.Recipient, to)
	if r.plan != nil {
		return r.plan.Brief(v)
	}
	if unsubscribe != "" {
		v[agent.VarUnsubscribe] = unsubscribe
	}
	return r.letter.Render(v)
}

// judge looks at a candidate for the last time before they are contacted. A nil verdict's content comes with DoPlace.
func (r *runner) judge(c *Candidate, now time.Time, unsubscribe func(campaign.Number, channel.Address) string) (Verdict, channel.Content) {
	s := c.Standing
	if s.Status == "" {
		s.Lap = r.lap()
	}
	switch {
	case c.Barred&1 != 0:
		return Verdict{Do: DoSettle, Next: campaign.Exclude(s, campaign.Excluded, "suppressed", c.Rule.Params(), now)}, nil
	case c.Barred&(1<<s.Address) != 0:
		d := r.policy.Pass(s, len(c.Addresses), c.Barred, now, r.clock(c.Zones))
		if d.Next.Result != "" {
			return Verdict{Do: DoSettle, Next: d.Next}, nil
		}
		return Verdict{Do: DoDefer, Next: d.Next}, nil
	}
	if v := r.bound(c, s, now); v != nil {
		return *v, nil
	}
	to := c.Addresses[min(s.Address, len(c.Addresses)-1)]
	link := ""
	if r.letter != nil && unsubscribe != nil {
		link = unsubscribe(c.Number, to)
	}
	content, err := r.content(c, to, link)
	if err != nil {
		reason, params := "content_failed", ""
		var missing *agent.Missing
		if errors.As(err, &missing) {
			reason = "variables_missing"
			if b, err := json.Marshal(map[string]any{"names": missing.Names}); err == nil {
				params = string(b)
			}
		}
		return Verdict{Do: DoSettle, Next: campaign.Exclude(s, campaign.Invalid, reason, params, now)}, nil
	}
	return Verdict{Do: DoPlace, Until: now.Add(content.Longest())}, content
}

// thread is the same for all attempts of a recipient in a lap.
func thread(id string, n campaign.Number, lap int) string {
	return id + "." + strconv.FormatInt(int64(n), 10) + ".lap" + strconv.Itoa(lap)
}

// failed notes whether an attempt failed, and reports whether so many of the last hundred did that the campaign should
// stop by itself.
func (r *runner) failed(o channel.Outcome) bool {
	var bad bool
	switch o.Code.Class() {
	case channel.ClassFault, channel.ClassUnknown, channel.ClassBadAddress:
		bad = true
	default:
		bad = o.Code == channel.Failed || o.Code == channel.Blocked
	}
	r.failures[r.attempts%len(r.failures)] = bad
	r.attempts++
	limit := r.job.Campaign.FailurePause
	if limit == 0 || r.attempts < len(r.failures) {
		return false
	}
	n := 0
	for _, f := range r.failures {
		if f {
			n++
		}
	}
	return n*100 >= limit*len(r.failures)
}
