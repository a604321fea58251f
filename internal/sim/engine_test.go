package sim_test

import (
	"testing"
	"time"

	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/sim"
	"campanario/schedule"
)

func TestTheFirstCallComesAtOnce(t *testing.T) {
	inTown(t, channel.Limits{Concurrent: 10, PerSecond: 2}, answered, func(w *town) {
		id := w.campaign(20, nil)
		begin := time.Now()
		w.start(id)
		w.completed(id, time.Hour)
		if d := w.starts(id)[0].Sub(begin); d > 100*time.Millisecond {
			t.Errorf("the first call came after %v", d)
		}
		if n := w.counts(id); n.ByStatus[campaign.StatusCompleted] != 20 || n.Attempts != 20 {
			t.Errorf("counts %+v", n)
		}
	})
}

func TestNothingOutsideTheWindowAndDiagnoseSaysUntilWhen(t *testing.T) {
	inTown(t, channel.Limits{Concurrent: 10, PerSecond: 2}, answered, func(w *town) {
		id := w.campaign(20, window(t, `{"days":{"mon-fri":["15:00-16:00"]},"holidays":["BR"]}`))
		w.start(id)
		<-time.After(time.Minute)
		if n := len(w.starts(id)); n > 0 {
			t.Fatalf("%d calls at noon", n)
		}
		d := w.diagnose(id)
		three := time.Date(2000, 1, 3, 17, 0, 0, 0, time.UTC) // São Paulo kept summer time then
		if d.Code != campaign.DiagWaiting || d.Waiting.Code != campaign.WaitWindow || !d.Until.Equal(three) || d.Params["cause"] != "hours" {
			t.Errorf("diagnosis %+v, waiting %+v", d, d.Waiting)
		}
		w.until(4*time.Hour, "the first call", func() bool { return len(w.starts(id)) > 0 })
		if got := w.starts(id)[0]; got.Sub(three) > time.Second {
			t.Errorf("the first call came at %v", got)
		}
		w.completed(id, time.Hour)
	})
}

func TestAScheduledCampaignBeginsOnTime(t *testing.T) {
	inTown(t, channel.Limits{Concurrent: 10, PerSecond: 2}, answered, func(w *town) {
		at := time.Now().Add(90 * time.Minute)
		id := w.campaign(3, func(d *campaign.Definition) { d.StartsAt = &at })
		w.start(id)
		if s := w.get(id).State; s != campaign.Scheduled {
			t.Fatalf("state %s", s)
		}
		if d := w.diagnose(id); d.Code != campaign.DiagScheduled || !d.Until.Equal(at) {
			t.Errorf("diagnosis %+v", d)
		}
		w.completed(id, 3*time.Hour)
		if d := w.starts(id)[0].Sub(at); d < 0 || d > time.Second {
			t.Errorf("began %v after its time", d)
		}
	})
}

func TestACampaignPausesAtItsEnd(t *testing.T) {
	inTown(t, channel.Limits{Concurrent: 1, PerSecond: 1}, answered, func(w *town) {
		ends := time.Now().Add(time.Minute)
		id := w.campaign(1000, func(d *campaign.Definition) { d.EndsAt = &ends })
		w.start(id)
		w.until(5*time.Minute, "paused", func() bool { return w.get(id).State == campaign.Paused })
		if c := w.get(id); c.Paused != campaign.ScheduleEnded {
			t.Errorf("paused because of %s", c.Paused)
		}
		<-time.After(10 * time.Minute)
		for _, s := range w.starts(id) {
			if s.After(ends) {
				t.Errorf("a call at %v, after the end", s)
			}
		}
	})
}

func TestStaggeredRelease(t *testing.T) {
	inTown(t, channel.Limits{Concurrent: 100, PerSecond: 50}, answered, func(w *town) {
		id := w.campaign(100, func(d *campaign.Definition) { d.Release = schedule.Release{Percent: 20, Every: 30} })
		begin := time.Now()
		w.start(id)
		for step := range 5 {
			<-time.After(time.Until(begin.Add(time.Duration(step)*30*time.Minute + time.Minute)))
			if n := len(w.starts(id)); n != 20*(step+1) {
				t.Errorf("step %d: %d calls", step, n)
			}
			if d := w.diagnose(id); step < 4 && (d.Waiting == nil || d.Waiting.Code != campaign.WaitRelease) {
				t.Errorf("step %d: diagnosis %+v", step, d)
			}
		}
		w.completed(id, time.Hour)
	})
}

func TestSharesOfOneLine(t *testing.T) {
	inTown(t, channel.Limits{Concurrent: 100, PerSecond: 10}, answered, func(w *town) {
		one := w.campaign(2000, nil)
		three := w.campaign(2000, func(d *campaign.Definition) { d.Share = 3 })
		w.start(one)
		w.start(three)
		<-time.After(2 * time.Minute)
		a, b := len(w.starts(one)), len(w.starts(three))
		if ratio := float64(b) / float64(a); ratio < 2.8 || ratio > 3.2 {
			t.Errorf("%d calls against %d: ratio %.2f, want 3", b, a, ratio)
		}
		if total := a + b; total < 1150 || total > 1201 {
			t.Errorf("%d calls in two minutes at ten a second", total)
		}
		// One that comes later has no claim on what was before.
		late := w.campaign(2000, nil)
		before := time.Now()
		w.start(late)
		<-time.After(time.Minute)
		n, m := len(w.starts(late)), 0
		for _, s := range w.starts(one) {
			if s.After(before) {
				m++
			}
		}
		if d := n - m; d < -3 || d > 3 {
			t.Errorf("the one that came later made %d calls while its equal made %d", n, m)
		}
		for _, id := range []string{one, three, late} {
			_, err := w.Service.Cancel(w.ctx, w.Workspace, id)
			w.must(err)
		}
	})
}

func TestUrgentPeopleFirstWheneverTheyCome(t *testing.T) {
	inTown(t, channel.Limits{Concurrent: 1, PerSecond: 1}, answered, func(w *town) {
		id := w.campaign(200, nil)
		w.start(id)
		<-time.After(30 * time.Second)
		urgent := campaign.Newcomer{Band: campaign.BandHigh}
		urgent.Name, urgent.Addresses = "Bia", []channel.Address{"+5511999999999"}
		_, err := w.Service.Enrol(w.ctx, w.Workspace, id, []campaign.Newcomer{urgent}, campaign.Progress{})
		w.must(err)
		came := time.Now()
		w.until(time.Minute, "the urgent one is called", func() bool {
			for _, s := range w.World.Seen() {
				if s.To == "+5511999999999" {
					return true
				}
			}
			return false
		})
		if d := time.Since(came); d > 15*time.Second {
			t.Errorf("called after %v, although one call takes 12 s at most", d)
		}
		_, err = w.Service.Cancel(w.ctx, w.Workspace, id)
		w.must(err)
	})
}

func TestACampaignsOwnLimits(t *testing.T) {
	inTown(t, channel.Limits{Concurrent: 100, PerSecond: 50}, sim.Mix{Talk: 20 * time.Second}, func(w *town) {
		id := w.campaign(300, func(d *campaign.Definition) { d.Pace = channel.Limits{Concurrent: 5, PerSecond: 2} })
		w.start(id)
		w.completed(id, 2*time.Hour)
		seen := w.World.Seen()
		for i, s := range seen {
			open := 0
			for _, o := range seen {
				if !o.Start.After(s.Start) && o.End.After(s.Start) {
					open++
				}
			}
			if open > 5 {
				t.Fatalf("%d calls at once", open)
			}
			if i >= 2 && s.Start.Sub(seen[i-2].Start) < time.Second {
				t.Fatalf("three starts within %v", s.Start.Sub(seen[i-2].Start))
			}
		}
	})
}

func TestTheDailyLimitOfALine(t *testing.T) {
	inTown(t, channel.Limits{Concurrent: 50, PerSecond: 50, PerDay: 30}, answered, func(w *town) {
		id := w.campaign(50, nil)
		w.start(id)
		<-time.After(time.Hour)
		if n := len(w.starts(id)); n != 30 {
			t.Errorf("%d calls on the first day", n)
		}
		midnight := time.Date(2000, 1, 4, 2, 0, 0, 0, time.UTC)
		if d := w.diagnose(id); d.Waiting == nil || d.Waiting.Code != campaign.WaitDay || !d.Until.Equal(midnight) {
			t.Errorf("diagnosis %+v", d)
		}
		w.completed(id, 24*time.Hour)
		if first := w.starts(id)[30]; first.Before(midnight) || first.Sub(midnight) > time.Second {
			t.Errorf("goes on at %v", first)
		}
	})
}

func TestALineThatIsDownPausesItsCampaigns(t *testing.T) {
	inTown(t, channel.Limits{Concurrent: 10, PerSecond: 10}, sim.Mix{Down: 1000}, func(w *town) {
		id := w.campaign(500, nil)
		begin := time.Now()
		w.start(id)
		<-time.After(30 * time.Second)
		if d := w.diagnose(id); d.Waiting == nil || d.Waiting.Code != campaign.WaitLine || d.Params["outcome"] != "line_failed" {
			t.Errorf("diagnosis %+v", d)
		}
		took := w.until(10*time.Minute, "paused", func() bool { return w.get(id).State == campaign.Paused }) + 30*time.Second
		if c := w.get(id); c.Paused != campaign.LineDown || c.PauseParams["outcome"] != "line_failed" {
			t.Errorf("paused because of %s %v", c.Paused, c.PauseParams)
		}
		if took < 2*time.Minute {
			t.Errorf("gave up after %v", took)
		}
		if n := w.counts(id); n.Attempts > 25 {
			t.Errorf("tried %d times in %v", n.Attempts, time.Since(begin))
		}
		// The line works again, and somebody resumes: nobody has lost anything.
		w.World.Calm()
		w.start(id)
		w.completed(id, time.Hour)
		if n := w.counts(id); n.ByStatus[campaign.StatusCompleted] != 500 {
			t.Errorf("counts %+v", n)
		}
	})
}

func TestTooManyFailuresPause(t *testing.T) {
	inTown(t, channel.Limits{Concurrent: 10, PerSecond: 10}, sim.Mix{Invalid: 1000}, func(w *town) {
		id := w.campaign(1000, func(d *campaign.Definition) { d.FailurePause = 60 })
		w.start(id)
		w.until(time.Hour, "paused", func() bool { return w.get(id).State == campaign.Paused })
		if c := w.get(id); c.Paused != campaign.TooManyFailed {
			t.Errorf("paused because of %s", c.Paused)
		}
		if n := w.counts(id); n.Attempts < 100 || n.Attempts > 120 {
			t.Errorf("paused after %d attempts", n.Attempts)
		}
	})
}

func TestLapsRepeatForThoseNotReached(t *testing.T) {
	inTown(t, channel.Limits{Concurrent: 50, PerSecond: 50}, sim.Mix{NoAnswer: 500, Talk: time.Second}, func(w *town) {
		id := w.campaign(200, func(d *campaign.Definition) {
			d.Retry.MaxAttempts = 1
			d.Laps = &campaign.Laps{MaxPerDay: 3, MaxTotal: 4, CooldownMinutes: 45}
		})
		begin := time.Now()
		w.start(id)
		<-time.After(10 * time.Minute)
		first := w.counts(id)
		if first.Attempts != 200 {
			t.Fatalf("%d attempts in the first lap", first.Attempts)
		}
		if d := w.diagnose(id); d.Waiting == nil || d.Waiting.Code != campaign.WaitLap || d.Until.IsZero() {
			t.Errorf("diagnosis %+v", d)
		}
		w.completed(id, 48*time.Hour)
		if c := w.get(id); c.Lap.Lap != 4 {
			t.Errorf("ended in lap %d", c.Lap.Lap)
		}
		if d := time.Since(begin); d < 12*time.Hour {
			t.Errorf("four laps in %v, although a day has three", d)
		}
		n := w.counts(id)
		if n.ByStatus[campaign.StatusCompleted] < 170 || n.Retries == 0 {
			t.Errorf("counts %+v", n)
		}
		attempts, err := w.Service.Attempts(w.ctx, w.Workspace, id, campaign.AttemptQuery{Limit: 1000})
		w.must(err)
		reached := map[campaign.Number]int{}
		for i := len(attempts) - 1; i >= 0; i-- {
			a := attempts[i]
			if lap, ok := reached[a.Number]; ok {
				t.Errorf("recipient %d was reached in lap %d and called again in lap %d", a.Number, lap, a.Lap)
			}
			if a.Outcome.Code == channel.Completed {
				reached[a.Number] = a.Lap
			}
		}
	})
}

func TestARecurringCampaignContactsEverybodyAgain(t *testing.T) {
	inTown(t, channel.Limits{Concurrent: 50, PerSecond: 50}, answered, func(w *town) {
		id := w.campaign(10, func(d *campaign.Definition) { d.Recurrence = "FREQ=DAILY;COUNT=3;BYHOUR=12;BYMINUTE=0" })
		w.start(id)
		w.completed(id, 5*24*time.Hour)
		perDay := map[string]int{}
		for _, s := range w.starts(id) {
			perDay[s.Format(time.DateOnly)]++
		}
		for day, n := range perDay {
			if n != 10 {
				t.Errorf("%d calls on %s", n, day)
			}
		}
		if len(perDay) < 3 {
			t.Errorf("calls on %v", perDay)
		}
	})
}

func TestACampaignThatStaysOpenTakesNewcomers(t *testing.T) {
	inTown(t, channel.Limits{Concurrent: 5, PerSecond: 5}, answered, func(w *town) {
		id := w.campaign(2, func(d *campaign.Definition) { d.KeepOpen = true })
		w.start(id)
		<-time.After(10 * time.Minute)
		if c := w.get(id); c.State != campaign.Active {
			t.Fatalf("state %s", c.State)
		}
		if d := w.diagnose(id); d.Waiting == nil || d.Waiting.Code != campaign.WaitOpenEnd {
			t.Errorf("diagnosis %+v", d)
		}
		n := campaign.Newcomer{Band: campaign.BandNormal}
		n.Name, n.Addresses = "Caio", []channel.Address{"+5511988887777"}
		_, err := w.Service.Enrol(w.ctx, w.Workspace, id, []campaign.Newcomer{n}, campaign.Progress{})
		w.must(err)
		if d := w.until(time.Minute, "called", func() bool { return len(w.starts(id)) == 3 }); d > time.Second {
			t.Errorf("called after %v", d)
		}
	})
}

func TestWhoLacksAVariableIsStoppedWithAReason(t *testing.T) {
	inTown(t, channel.Limits{Concurrent: 5, PerSecond: 5}, answered, func(w *town) {
		id := w.campaign(3, nil)
		n := campaign.Newcomer{Band: campaign.BandNormal}
		n.Addresses = []channel.Address{"+5511988887777"} // the agent greets by name
		_, err := w.Service.Enrol(w.ctx, w.Workspace, id, []campaign.Newcomer{n}, campaign.Progress{})
		w.must(err)
		p, err := w.Service.Preflight(w.ctx, w.Workspace, id)
		w.must(err)
		if len(p) != 1 || !p[0].Warning || p[0].Code != "variables_missing" {
			t.Errorf("preflight %v", p)
		}
		w.start(id)
		w.completed(id, time.Hour)
		e, err := w.Service.Entry(w.ctx, w.Workspace, id, campaign.BandNormal.First()+4)
		w.must(err)
		if e.Status != campaign.StatusFailed || e.Result != campaign.Invalid || e.Reason != "variables_missing" || e.Params != `{"names":["name"]}` {
			t.Errorf("stands as %+v", e.Standing)
		}
		for _, s := range w.World.Seen() {
			if s.To == "+5511988887777" {
				t.Error("was called all the same")
			}
		}
	})
}

func TestPreflightTellsEverything(t *testing.T) {
	inTown(t, channel.Limits{}, answered, func(w *town) {
		id := w.campaign(0, func(d *campaign.Definition) { d.Line, d.Agent = "", "" })
		p, err := w.Service.Preflight(w.ctx, w.Workspace, id)
		w.must(err)
		got := map[string]bool{}
		for _, one := range p {
			got[one.Code] = true
		}
		for _, want := range []string{"no_recipients", "no_line", "no_agent"} {
			if !got[want] {
				t.Errorf("preflight does not say %s: %v", want, p)
			}
		}
		if _, err := w.Service.Start(w.ctx, w.Workspace, id); err == nil {
			t.Error("started all the same")
		}
	})
}
