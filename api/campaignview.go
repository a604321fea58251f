package api

import (
	"context"
	"maps"
	"time"

	"campanario/access"
	"campanario/agent"
	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/locale"
	"campanario/report"
	"campanario/rules"
	"campanario/schedule"
)

// CampaignView is a campaign: where it stands, what was decided about it, and its live numbers.
type CampaignView struct {
	ID        string            `json:"id"`
	Key       string            `json:"key" doc:"What its maker knows it by; may be empty"`
	State     campaign.State    `json:"state" enum:"draft,scheduled,active,paused,completed,cancelled"`
	Paused    *PausedView       `json:"paused,omitempty" doc:"Why it is paused, while it is"`
	Archived  bool              `json:"archived"`
	Can       []campaign.Action `json:"can" enum:"start,pause,cancel,delete,edit,archive,unarchive,duplicate,add_recipients" doc:"What may be done to it now"`
	Editable  []string          `json:"editable" doc:"What of it can be changed now, such as window and pace; all but the channel of a draft"`
	Lap       LapView           `json:"lap"`
	Filling   *FillingView      `json:"filling,omitempty" doc:"How far it is filled from the contact base, if it draws from there"`
	Copying   *ErrandView       `json:"copying,omitempty" doc:"The errand that copies recipients into it, while that is not done; of one campaign, not in lists"`
	Revision  int64             `json:"revision"`
	CreatedAt time.Time         `json:"created_at"`
	UpdatedAt time.Time         `json:"updated_at"`
	StartedAt *time.Time        `json:"started_at,omitempty" doc:"When it first became active"`
	EndedAt   *time.Time        `json:"ended_at,omitempty" doc:"When it was completed or cancelled"`

	Name            string                 `json:"name"`
	Description     string                 `json:"description"`
	Channel         channel.Kind           `json:"channel" enum:"voice,email,sms,whatsapp"`
	Line            string                 `json:"line"`
	Agent           string                 `json:"agent"`
	UseLineAgent    bool                   `json:"use_line_agent"`
	Zone            string                 `json:"zone"`
	Call            *agent.Call            `json:"call,omitempty"`
	Message         *agent.MessageTemplate `json:"message,omitempty"`
	StartsAt        *time.Time             `json:"starts_at,omitempty"`
	EndsAt          *time.Time             `json:"ends_at,omitempty"`
	Recurrence      string                 `json:"recurrence"`
	Window          schedule.Window        `json:"window"`
	Contacts        *campaign.Source       `json:"contacts,omitempty" doc:"Whom of the contact base it is for"`
	Pace            LimitsView             `json:"pace"`
	Release         *schedule.Release      `json:"release,omitempty"`
	Share           int                    `json:"share"`
	Retry           campaign.Policy        `json:"retry"`
	Laps            *campaign.Laps         `json:"laps,omitempty"`
	Goal            string                 `json:"goal"`
	Purpose         rules.Purpose          `json:"purpose" enum:",sales,collection,service,survey"`
	Consent         rules.Need             `json:"consent" doc:"The consent that people must have given"`
	ContactLimits   []rules.Limit          `json:"contact_limits"`
	AllowDuplicates bool                   `json:"allow_duplicates"`
	KeepOpen        bool                   `json:"keep_open"`
	FailurePause    int                    `json:"failure_pause_percent"`

	Counts CountsView   `json:"counts"`
	Rates  report.Rates `json:"rates"`
}

// PausedView says why a campaign is paused.
type PausedView struct {
	Reason campaign.PauseReason `json:"reason" enum:"operator,schedule_ended,line_down,too_many_failures,window_never_opens,cannot_speak,cannot_fill"`
	Params map[string]string    `json:"params"`
	Text   string               `json:"text" doc:"The reason in the reader's language"`
}

// LapView is how far the passes have come.
type LapView struct {
	Number   int        `json:"number" doc:"The pass that is running or has just ended; 0 before the first"`
	Today    int        `json:"today" doc:"How many passes began on the day this one did"`
	OpenedAt *time.Time `json:"opened_at,omitempty"`
	EndedAt  *time.Time `json:"ended_at,omitempty"`
}

// FillingView is how far a campaign has been filled from its source, for the pass it is in.
type FillingView struct {
	State    campaign.FillState `json:"state" enum:"waiting,due,filling,filled,failed" doc:"waiting: not begun; due: to be evaluated; failed: the source is gone or stands for nobody"`
	Pass     int                `json:"pass" doc:"The pass it was filled for last; 0 before the first"`
	PickedAt *time.Time         `json:"picked_at,omitempty" doc:"When the source was evaluated last"`
	campaign.FillCounts
}

func fillingView(f *campaign.Filling) *FillingView {
	if f == nil {
		return nil
	}
	return &FillingView{f.State, f.Pass, optional(f.PickedAt), f.FillCounts}
}

// CountsView are the live numbers of a campaign, exact and all of one moment.
type CountsView struct {
	Total      int64                     `json:"total" doc:"Recipients"`
	Settled    int64                     `json:"settled" doc:"Recipients who wait for nothing"`
	InFlight   int64                     `json:"in_flight" doc:"Attempts that are open"`
	Attempts   int64                     `json:"attempts" doc:"Attempts that have ended"`
	Retries    int64                     `json:"retries" doc:"Of them, those that were not their recipient's first"`
	Answered   int64                     `json:"answered" doc:"Of them, those that reached the person"`
	TalkMs     int64                     `json:"talk_ms" doc:"Of all answered calls together"`
	ByStatus   map[campaign.Status]int64 `json:"by_status" doc:"Every recipient once; every status is there"`
	ByOutcome  map[channel.Code]int64    `json:"by_outcome" doc:"Attempts that have ended; outcomes that occurred"`
	Goals      int64                     `json:"goals" doc:"Attempts that reached the goal"`
	Retried    int64                     `json:"retried" doc:"Recipients who were tried more than once"`
	FirstTurns int64                     `json:"first_turns" doc:"Recipients who were tried at least once"`
	Reached    int64                     `json:"reached" doc:"Recipients who were reached at least once"`
	Converted  int64                     `json:"converted" doc:"Recipients with whom the goal was reached at least once"`
}

func countsView(c campaign.Counts) CountsView {
	v := CountsView{
		Total: c.Total, Settled: c.Settled(), InFlight: c.InFlight, Attempts: c.Attempts, Retries: c.Retries, Answered: c.Answered(),
		TalkMs: c.Talk.Milliseconds(), ByStatus: map[campaign.Status]int64{}, ByOutcome: map[channel.Code]int64{},
		Goals: c.Goals, Retried: c.Again, FirstTurns: c.Attempts - c.Retries, Reached: c.Reached, Converted: c.Converted,
	}
	for _, status := range campaign.Statuses() {
		v.ByStatus[status] = c.ByStatus[status]
	}
	maps.Copy(v.ByOutcome, c.ByCode)
	return v
}

func lapView(l campaign.LapState) LapView {
	return LapView{l.Lap, l.Today, optional(l.Opened), optional(l.Ended)}
}

func pausedView(l locale.Language, why campaign.PauseReason, params map[string]string) *PausedView {
	return &PausedView{why, texts(params), locale.Text(l, "pause."+string(why), anyOf(params))}
}

func anyOf(m map[string]string) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}

func campaignView(ctx context.Context, c *campaign.Campaign, n campaign.Counts) CampaignView {
	v := CampaignView{
		ID: c.ID, Key: c.Key, State: c.State, Archived: c.Archived, Can: doable(of(ctx).principal, c.Can()), Editable: doable(of(ctx).principal, c.Editable()), Lap: lapView(c.Lap), Filling: fillingView(c.Filling),
		Revision: c.Revision, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt, StartedAt: optional(c.StartedAt), EndedAt: optional(c.EndedAt),

		Name: c.Name, Description: c.Description, Channel: c.Channel, Line: c.Line, Agent: c.Agent, UseLineAgent: c.UseLineAgent, Zone: c.Zone,
		Call: c.Call, Message: c.Message, StartsAt: utc(c.StartsAt), EndsAt: utc(c.EndsAt), Recurrence: c.Recurrence, Window: c.Window,
		Contacts: c.Contacts, Pace: LimitsView(c.Pace), Share: c.Share, Retry: c.Retry, Laps: c.Laps, Goal: c.Goal, AllowDuplicates: c.AllowDuplicates,
		Purpose: c.Purpose, Consent: c.Consent, ContactLimits: list(c.ContactLimits), KeepOpen: c.KeepOpen, FailurePause: c.FailurePause,

		Counts: countsView(n), Rates: report.Of(n),
	}
	if c.State == campaign.Paused {
		v.Paused = pausedView(of(ctx).language, c.Paused, c.PauseParams)
	}
	if c.Release.Set() {
		v.Release = &c.Release
	}
	return v
}

// doable is what of it somebody may do: nothing, for who may only look.
func doable[A any](by access.Principal, can []A) []A {
	if !by.Scopes.Allow(access.Operate) {
		return []A{}
	}
	return can
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	return optional(*t)
}
