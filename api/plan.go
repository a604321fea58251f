package api

import (
	"context"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"campanario/access"
	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/locale"
	"campanario/rules"
	"campanario/schedule"
)

// planCode is what a sentence of a plan is about, and the key of its text.
type planCode string

const (
	planPeopleLater    planCode = "people_later"
	planPeopleNone     planCode = "people_none"
	planPeople         planCode = "people"
	planConsentGiven   planCode = "consent_given"
	planConsentKept    planCode = "consent_kept"
	planLineNone       planCode = "line_none"
	planLineCalls      planCode = "line_calls"
	planLineMessages   planCode = "line_messages"
	planShared         planCode = "shared"
	planHoursAlways    planCode = "hours_always"
	planHoursContact   planCode = "hours_contact"
	planHoursAgent     planCode = "hours_agent"
	planHoursCampaign  planCode = "hours_campaign"
	planHolidays       planCode = "holidays"
	planBlackout       planCode = "blackout"
	planTriesOne       planCode = "tries_one"
	planTriesApart     planCode = "tries_apart"
	planTries          planCode = "tries"
	planUntilGoal      planCode = "until_goal"
	planLaps           planCode = "laps"
	planPaceConcurrent planCode = "pace_concurrent"
	planPaceSecond     planCode = "pace_second"
	planPaceDay        planCode = "pace_day"
	planRelease        planCode = "release"
	planBeginsOpen     planCode = "begins_open"
	planBeginsAt       planCode = "begins_at"
	planBeginsNow      planCode = "begins_now"
	planRepeats        planCode = "repeats"
	planLastsLong      planCode = "lasts_long"
	planLastsDays      planCode = "lasts_days"
	planLasts          planCode = "lasts"
	planEnds           planCode = "ends"
	planEndsEarly      planCode = "ends_early"
)

// PlanView is what a campaign would do if it were started now.
type PlanView struct {
	Sentences []PlanSentence `json:"sentences" doc:"The plan in the reader's words, in the order in which people ask"`
	People    int64          `json:"people" doc:"Who are to have their first turn"`
	Later     bool           `json:"people_later" doc:"They are picked from the contact base when the campaign begins: people is whom that would be now"`
	BeginsAt  time.Time      `json:"begins_at" doc:"When the first contact would be made"`
	Limits    LimitsView     `json:"limits" doc:"Those of the line and of the campaign together"`
	Others    int            `json:"others" doc:"Active campaigns besides on the same line, which they share"`
	Estimate  *EstimateView  `json:"estimate,omitempty" doc:"Absent when nothing can be said: nobody is in it, it has no line, or its window never opens"`
	Cost      CostView       `json:"cost"`
}

// PlanSentence is one thing that the plan says.
type PlanSentence struct {
	Code   planCode       `json:"code" enum:"people_later,people_none,people,consent_given,consent_kept,line_none,line_calls,line_messages,shared,hours_always,hours_contact,hours_agent,hours_campaign,holidays,blackout,tries_one,tries_apart,tries,until_goal,laps,pace_concurrent,pace_second,pace_day,release,begins_open,begins_at,begins_now,repeats,lasts_long,lasts_days,lasts,ends,ends_early" doc:"What it is about"`
	Params map[string]any `json:"params" doc:"The values of the sentence"`
	Mend   MendView       `json:"mend" doc:"Where it is decided"`
	Text   string         `json:"text"`
}

// EstimateView is how a campaign is expected to go, once through.
type EstimateView struct {
	EndsAt   *time.Time     `json:"ends_at,omitempty" doc:"When it would be done, about; absent when that is more than a year away"`
	LastsMs  int64          `json:"lasts_ms" doc:"From its beginning to then; 0 when that is unknown"`
	WorkMs   int64          `json:"work_ms" doc:"How long its window must be open for all attempts"`
	Attempts int64          `json:"attempts" doc:"How many are to be expected, retries included"`
	Bound    campaign.Bound `json:"bound" enum:"concurrent,per_second,per_day,interval,release" doc:"What keeps it from being done sooner"`
	Fits     float64        `json:"fits" doc:"How much of the work fits in before its end date, 0 to 1"`
	Measured bool           `json:"measured" doc:"It goes by how the workspace's own attempts of the last 30 days went; otherwise by what is usual"`
	Reached  float64        `json:"reached" doc:"How many attempts are taken to reach the person, 0 to 1"`
	BusyMs   int64          `json:"busy_ms" doc:"How long an attempt is taken to occupy its line"`
}

func (s *Server) planRoutes() {
	handle(s, route{
		id: "plan-campaign", method: http.MethodGet, path: "/campaigns/{campaign}/plan", tag: "campaigns", scope: access.Read,
		summary: "Tell what a campaign would do",
		about:   "In words for people, and as numbers: whom it contacts, when, how often, how fast, and about when it would be done if it were started now. What keeps it from starting is told by its preflight.",
	}, func(ctx context.Context, by access.Principal, in *CampaignPath) (*body[PlanView], error) {
		p, err := s.o.Campaigns.Plan(ctx, by.Workspace, in.Campaign)
		if err != nil {
			return nil, err
		}
		return answer(planView(of(ctx).language, &p, s.o.Now().UTC())), nil
	})
	handle(s, route{
		id: "preview-campaign-change", method: http.MethodPost, path: "/campaigns/{campaign}/plan/preview", tag: "campaigns", scope: access.Read, conflicts: true,
		summary: "Tell what a change would make of a campaign's plan",
		about:   "In words for people. Takes what changing the campaign takes, refuses what it refuses, and changes nothing.",
	}, s.planChange)
}

// PlanChangeView is what a change would make of a campaign's plan.
type PlanChangeView struct {
	Before []PlanSentence `json:"before" doc:"What the plan says now and would not say any more"`
	After  []PlanSentence `json:"after" doc:"What it would say instead"`
}

// planChange tells what the plan would say otherwise.
func (s *Server) planChange(ctx context.Context, by access.Principal, in *struct {
	CampaignPath
	Body Document[CampaignEdit]
},
) (*body[PlanChangeView], error) {
	d, _, err := s.patched(ctx, by, in.Campaign, in.Body.raw)
	if err != nil {
		return nil, err
	}
	next, err := s.o.Campaigns.PlanChange(ctx, by.Workspace, in.Campaign, d)
	if err != nil {
		return nil, err
	}
	now, err := s.o.Campaigns.Plan(ctx, by.Workspace, in.Campaign)
	if err != nil {
		return nil, err
	}
	at, language := s.o.Now().UTC(), of(ctx).language
	before, after := planView(language, &now, at).Sentences, planView(language, &next, at).Sentences
	return answer(PlanChangeView{Before: without(before, after), After: without(after, before)}), nil
}

// without gives the sentences that are not among others.
func without(said, others []PlanSentence) []PlanSentence {
	return slices.DeleteFunc(slices.Clone(said), func(s PlanSentence) bool {
		return slices.ContainsFunc(others, func(o PlanSentence) bool { return o.Code == s.Code && o.Text == s.Text })
	})
}

func planView(l locale.Language, p *campaign.Plan, now time.Time) PlanView {
	begins, _ := p.Begins(now)
	v := PlanView{
		People: p.People, Later: p.Later, BeginsAt: begins.UTC(), Limits: LimitsView(p.Limits), Others: p.Others, Cost: costView(l),
	}
	if e := p.Estimate; e != nil {
		v.Estimate = &EstimateView{
			EndsAt: optional(e.Ends), WorkMs: e.Work.Milliseconds(), Attempts: e.Attempts, Bound: e.Bound, Fits: e.Fits,
			Measured: p.Typical.Measured, Reached: p.Typical.Reached, BusyMs: p.Typical.Busy.Milliseconds(),
		}
		if !e.Ends.IsZero() {
			v.Estimate.LastsMs = e.Ends.Sub(e.Begins).Milliseconds()
		}
	}
	w := &planWords{l: l, p: p, clock: clockOf(p.Campaign)}
	w.people()
	w.line()
	w.hours()
	w.tries()
	w.pace()
	w.times(now)
	v.Sentences = w.said
	return v
}

// planWords says a plan.
type planWords struct {
	l     locale.Language
	p     *campaign.Plan
	clock *time.Location
	said  []PlanSentence
}

// say adds a sentence about what a field decides.
func (w *planWords) say(code planCode, field string, values map[string]any) {
	if values == nil {
		values = map[string]any{}
	}
	w.said = append(w.said, PlanSentence{code, values, MendView{Place: campaign.PlaceOf(field)}, locale.Text(w.l, "plan."+string(code), values)})
}

func (w *planWords) people() {
	values := map[string]any{"people": w.p.People}
	switch {
	case w.p.Later:
		w.say(planPeopleLater, "contacts", values)
	case w.p.People == 0:
		w.say(planPeopleNone, "recipients", nil)
	default:
		w.say(planPeople, "recipients", values)
	}
	switch w.p.Consent.Level {
	case rules.Given:
		w.say(planConsentGiven, "consent", nil)
	case rules.NotWithdrawn:
		w.say(planConsentKept, "consent", nil)
	case rules.NotNeeded:
	}
}

func (w *planWords) line() {
	values := map[string]any{"line": w.p.OnLine.Name}
	if w.p.Speaks != "" {
		values["agent"] = w.p.Speaks
	}
	switch {
	case w.p.OnLine.ID == "":
		w.say(planLineNone, "line", nil)
	case w.p.Channel == channel.Voice:
		w.say(planLineCalls, "line", values)
	default:
		w.say(planLineMessages, "line", values)
	}
	if w.p.Others > 0 {
		w.say(planShared, "share", map[string]any{"campaigns": w.p.Others})
	}
}

func (w *planWords) hours() {
	window := &w.p.Window
	if window.Days.Empty() {
		w.say(planHoursAlways, "window", nil)
	} else {
		values := map[string]any{"hours": openHours(w.l, &window.Days)}
		switch window.Zone {
		case schedule.ZoneContact:
			w.say(planHoursContact, "window", values)
		case schedule.ZoneAgent:
			w.say(planHoursAgent, "window", values)
		default:
			values["zone"] = w.p.Zone
			w.say(planHoursCampaign, "window", values)
		}
	}
	if len(window.Holidays) > 0 {
		w.say(planHolidays, "window", map[string]any{"countries": window.Holidays})
	}
	days := 0
	for _, span := range window.Blackout {
		days += span.Days()
	}
	if days > 0 {
		w.say(planBlackout, "window", map[string]any{"days": days})
	}
}

// openHours writes the hours of a week, days with the same hours together: "seg–sex 09:00–18:00; sáb 09:00–13:00". The first
// three letters of a weekday are its usual short form in all our languages.
func openHours(l locale.Language, week *schedule.Week) string {
	short := func(d int) string {
		name := strings.ToLower(time.Weekday(d % 7).String()[:3])
		return string([]rune(locale.Word(l, "weekday", name))[:3])
	}
	var out []string
	for d := 1; d <= 7; d++ { // from Monday on
		first, open := d, week[d%7]
		if len(open) == 0 {
			continue
		}
		for d < 7 && slices.Equal(week[(d+1)%7], open) {
			d++
		}
		days := short(first)
		switch {
		case d == first+1:
			days += ", " + short(d)
		case d > first:
			days += "–" + short(d)
		}
		hours := make([]string, len(open))
		for i, o := range open {
			hours[i] = o.From.String() + "–" + o.To.String()
		}
		out = append(out, days+" "+strings.Join(hours, ", "))
	}
	return strings.Join(out, "; ")
}

func (w *planWords) tries() {
	r := &w.p.Retry
	values := map[string]any{"attempts": r.MaxAttempts, "interval": minutes(r.IntervalMinutes)}
	switch {
	case r.MaxAttempts <= 1:
		w.say(planTriesOne, "retry", nil)
	case r.Backoff > 1:
		values["times"] = r.Backoff
		w.say(planTriesApart, "retry", values)
	default:
		w.say(planTries, "retry", values)
	}
	if r.UntilGoal {
		w.say(planUntilGoal, "retry", nil)
	}
	if laps := w.p.Laps; laps != nil {
		values := map[string]any{"per_day": laps.MaxPerDay, "cooldown": minutes(laps.CooldownMinutes)}
		if laps.MaxTotal > 0 {
			values["total"] = laps.MaxTotal
		}
		w.say(planLaps, "laps", values)
	}
}

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }

func (w *planWords) pace() {
	limits := w.p.Limits
	if limits.Concurrent > 0 {
		w.say(planPaceConcurrent, "pace", map[string]any{"n": limits.Concurrent})
	}
	if limits.PerSecond > 0 {
		w.say(planPaceSecond, "pace", map[string]any{"n": limits.PerSecond})
	}
	if limits.PerDay > 0 {
		w.say(planPaceDay, "pace", map[string]any{"n": limits.PerDay})
	}
	if r := w.p.Release; r.Set() {
		w.say(planRelease, "release", map[string]any{"percent": r.Percent, "every": minutes(r.Every)})
	}
}

// times says when it begins and when it would be done.
func (w *planWords) times(now time.Time) {
	begins, window := w.p.Begins(now)
	at := func(t time.Time) map[string]any { return map[string]any{"at": t.In(w.clock).Format(time.RFC3339)} }
	switch {
	case window:
		w.say(planBeginsOpen, "window", at(begins))
	case begins.After(now):
		w.say(planBeginsAt, "starts_at", at(begins))
	default:
		w.say(planBeginsNow, "starts_at", nil)
	}
	if next, ok := w.again(begins); ok {
		w.say(planRepeats, "recurrence", at(next))
	}
	e := w.p.Estimate
	if e != nil {
		values := at(e.Ends)
		switch lasts := e.Ends.Sub(e.Begins); {
		case e.Ends.IsZero():
			w.say(planLastsLong, "pace", nil)
		case lasts > 48*time.Hour:
			values["days"] = int(math.Ceil(lasts.Hours() / 24))
			w.say(planLastsDays, "pace", values)
		default:
			values["lasts"] = about(lasts)
			w.say(planLasts, "pace", values)
		}
	}
	if w.p.EndsAt != nil {
		w.say(planEnds, "ends_at", at(*w.p.EndsAt))
		if e != nil && e.Fits < 1 {
			w.say(planEndsEarly, "ends_at", map[string]any{"percent": int(100 * e.Fits)})
		}
	}
}

// again is when a campaign that repeats by a rule would begin for the second time.
func (w *planWords) again(begins time.Time) (time.Time, bool) {
	if w.p.Recurrence == "" {
		return time.Time{}, false
	}
	r, err := schedule.ParseRecurrence(w.p.Recurrence, begins, w.clock)
	if err != nil { // which the preflight tells
		return time.Time{}, false
	}
	return r.Next(begins)
}

// about rounds a length of time to what people would say.
func about(d time.Duration) time.Duration {
	switch {
	case d < 10*time.Minute:
		return max(d.Round(time.Minute), time.Minute)
	case d < 3*time.Hour:
		return d.Round(5 * time.Minute)
	default:
		return d.Round(30 * time.Minute)
	}
}
