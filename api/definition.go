package api

import (
	"encoding/json"
	"errors"
	"time"

	"campanario/agent"
	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/fault"
	"campanario/internal/merge"
	"campanario/rules"
	"campanario/schedule"
)

// Window says when people may be contacted.
type Window struct {
	Days     map[string][]string `json:"days,omitempty" doc:"Hours by day, such as {\"mon-fri\": [\"09:00-12:00\", \"13:00-18:00\"]}; absent: every day, around the clock"`
	Zone     schedule.Whose      `json:"zone,omitempty" enum:"campaign,agent,contact" doc:"Whose clock it is read on; default campaign"`
	Holidays []schedule.Calendar `json:"holidays,omitempty" doc:"Calendars on whose holidays nobody is contacted: BR, BR-optional, MX, CO, CL, US"`
	Blackout []string            `json:"blackout,omitempty" doc:"Dates on which nobody is contacted: 2026-12-24, or 2026-12-31..2027-01-02"`
}

// WindowEdit is what can be said about a window. In a patch, null closes a day again.
type WindowEdit struct {
	Days     map[string]Change[[]string] `json:"days,omitempty" doc:"Hours by day, such as {\"mon-fri\": [\"09:00-12:00\", \"13:00-18:00\"]}; absent: every day, around the clock; null takes a day of before away"`
	Zone     schedule.Whose              `json:"zone,omitempty" enum:"campaign,agent,contact" doc:"Whose clock it is read on; default campaign"`
	Holidays []schedule.Calendar         `json:"holidays,omitempty" doc:"Calendars on whose holidays nobody is contacted: BR, BR-optional, MX, CO, CL, US"`
	Blackout []string                    `json:"blackout,omitempty" doc:"Dates on which nobody is contacted: 2026-12-24, or 2026-12-31..2027-01-02"`
}

// RetryInput is what is done after an attempt.
type RetryInput struct {
	MaxAttempts     int                          `json:"max_attempts,omitempty" doc:"1 to 5; default 3"`
	IntervalMinutes int                          `json:"interval_minutes,omitempty" doc:"10 to 4320; default 60"`
	RetryOn         []channel.Code               `json:"retry_on,omitempty" doc:"Outcomes after which another attempt follows"`
	Voicemail       campaign.VoicemailRetry      `json:"voicemail,omitempty" enum:"retry,accept" doc:"What a machine that answers is worth; default retry"`
	Delays          map[channel.Code]Change[int] `json:"delays,omitempty" doc:"Minutes instead of the interval after certain outcomes, 1 to 4320; null takes one of before away"`
	Backoff         float64                      `json:"backoff,omitempty" doc:"Multiplies the interval after every round, 1 to 5; default 1"`
	UntilGoal       bool                         `json:"until_goal,omitempty" doc:"Go on after somebody was reached until the goal is"`
}

// LapsInput repeats the whole campaign.
type LapsInput struct {
	MaxPerDay       int            `json:"max_per_day,omitempty" doc:"Passes that begin on one day, the first included, 1 to 20; default 1"`
	MaxTotal        int            `json:"max_total,omitempty" doc:"Passes at all; 0: until ends_at"`
	CooldownMinutes int            `json:"cooldown_minutes,omitempty" doc:"Between two passes, 1 to 10080; default 60"`
	ExcludeOutcomes []channel.Code `json:"exclude_outcomes,omitempty" doc:"Last outcomes that leave somebody out of later passes; default: those of a person who was reached"`
	ExcludeTags     []string       `json:"exclude_tags,omitempty" doc:"Tags that leave somebody out of later passes"`
}

// CampaignEdit is what can be said about a campaign.
type CampaignEdit struct {
	Name            string                 `json:"name,omitempty" doc:"How people recognise it"`
	Description     string                 `json:"description,omitempty"`
	Channel         channel.Kind           `json:"channel,omitempty" enum:"voice,email,sms,whatsapp" doc:"How people are reached; stays as it was made"`
	Line            string                 `json:"line,omitempty" doc:"Id of the line; needed before the campaign starts"`
	Agent           string                 `json:"agent,omitempty" doc:"Id of the agent that speaks (calls)"`
	UseLineAgent    bool                   `json:"use_line_agent,omitempty" doc:"Let the agent attached to the line speak"`
	Zone            string                 `json:"zone,omitempty" doc:"IANA time zone of the campaign's clock" example:"America/Sao_Paulo"`
	Call            *agent.Call            `json:"call,omitempty" doc:"What concerns calls only"`
	Message         *agent.MessageTemplate `json:"message,omitempty" doc:"What concerns e-mail only"`
	StartsAt        *time.Time             `json:"starts_at,omitempty" doc:"When it begins once it is started; absent: at once"`
	EndsAt          *time.Time             `json:"ends_at,omitempty" doc:"When it pauses by itself"`
	Recurrence      string                 `json:"recurrence,omitempty" doc:"RFC 5545 rule by which everybody is contacted again" example:"FREQ=WEEKLY;BYDAY=MO"`
	Window          WindowEdit             `json:"window,omitzero" doc:"Hours and days on which people may be contacted"`
	Contacts        *campaign.Source       `json:"contacts,omitempty" doc:"Whom of the contact base it is for, besides recipients that are added to it"`
	Pace            channel.Limits         `json:"pace,omitzero" doc:"The campaign's own limits, within those of its line"`
	Release         schedule.Release       `json:"release,omitzero" doc:"Let recipients go in steps"`
	Share           int                    `json:"share,omitempty" doc:"Weight among campaigns on one line, 1 to 100; default 1"`
	Retry           RetryInput             `json:"retry,omitzero"`
	Laps            *LapsInput             `json:"laps,omitempty" doc:"Repeat the whole campaign"`
	Goal            string                 `json:"goal,omitempty" doc:"Boolean variable of the agent that says that the aim is reached"`
	Purpose         rules.Purpose          `json:"purpose,omitempty" enum:"sales,collection,service,survey" doc:"What people are contacted for; laws ask for it"`
	Consent         rules.Need             `json:"consent,omitzero" doc:"The consent that people must have given; who has not is suppressed at their turn"`
	ContactLimits   []rules.Limit          `json:"contact_limits,omitempty" maxItems:"20" doc:"How often this campaign may contact one person, beside the workspace's limits; who is over one waits"`
	AllowDuplicates bool                   `json:"allow_duplicates,omitempty" doc:"Let one address be there more than once"`
	KeepOpen        bool                   `json:"keep_open,omitempty" doc:"Stay active when everybody is settled, for recipients still to come"`
	FailurePause    int                    `json:"failure_pause_percent,omitempty" doc:"Pause by itself when so many per cent of the last 100 attempts failed; 0: never"`
}

// CampaignInput is a new campaign.
type CampaignInput struct {
	Key     string       `json:"key,omitempty" maxLength:"200" doc:"What its maker knows it by, unique in the workspace"`
	Name    string       `json:"name" doc:"How people recognise it"`
	Channel channel.Kind `json:"channel" enum:"voice,email,sms,whatsapp" doc:"How people are reached"`
	CampaignEdit
}

// readDefinition makes a definition of a document that has passed its schema. key is what its maker knows it by. When a
// part cannot be read, what is wrong with the others is told as well.
func readDefinition(doc []byte, now time.Time) (d campaign.Definition, key string, err error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(doc, &members); err != nil {
		return d, "", err
	}
	var bad fault.List
	if window, ok := members["window"]; ok { // it reads itself, and says where it is wrong by its own paths
		if err := json.Unmarshal(window, &d.Window); err != nil {
			bad = append(bad, fault.All(err).Under("window")...)
		}
		delete(members, "window")
	}
	if k, ok := members["key"]; ok {
		if err := json.Unmarshal(k, &key); err != nil {
			return d, "", err
		}
		delete(members, "key")
	}
	rest, err := json.Marshal(members)
	if err != nil {
		return d, "", err
	}
	if err := json.Unmarshal(rest, &d); err != nil {
		bad = append(bad, unmarshalFault(err))
	}
	if len(bad) > 0 {
		bad = append(bad, fault.All(d.Defaults().Validate(now))...)
	}
	return d, key, bad.Err()
}

// unmarshalFault says what the schema let pass and the type cannot hold, such as a length of time that is none.
func unmarshalFault(err error) *fault.Error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fault.New(fault.Invalid, "number_unusable", nil).At(wrong.Field).Because(err)
	}
	return fault.New(fault.Invalid, "duration_invalid", fault.Params{"example": "30s"}).Because(err)
}

// mergeDefinition applies a merge patch to a definition.
func mergeDefinition(d campaign.Definition, patch []byte, at time.Time) (campaign.Definition, error) {
	now, err := json.Marshal(d)
	if err != nil {
		return d, err
	}
	merged, err := merge.Patch(now, patch)
	if err != nil {
		return d, err
	}
	out, _, err := readDefinition(merged, at)
	return out, err
}
