package campaign

import (
	"strings"
	"time"
	"unicode/utf8"

	"campanario/agent"
	"campanario/channel"
	"campanario/internal/fault"
	"campanario/rules"
	"campanario/schedule"
)

// Definition is what an operator decides about a campaign. All of it can be changed while the campaign is a draft; later only
// when, how often and how fast people are contacted (Campaign.Editable), so that what is said, and to whom, is what was reviewed.
type Definition struct {
	Name        string       `json:"name" doc:"How people recognise it"`
	Description string       `json:"description,omitempty"`
	Channel     channel.Kind `json:"channel" doc:"How people are reached" enum:"voice,email"`
	// Line is the id of the line that contacts people.
	Line string `json:"line,omitempty" doc:"Id of the line; needed before the campaign starts"`
	// Agent is the id of the agent that speaks (calls only). Empty together with UseLineAgent means the line's own.
	Agent        string `json:"agent,omitempty" doc:"Id of the agent that speaks (calls)"`
	UseLineAgent bool   `json:"use_line_agent,omitempty" doc:"Let the agent attached to the line speak"`
	// Zone is the campaign's clock: for its windows, unless they go by the agent's or the contact's, and for its days.
	Zone string `json:"zone,omitempty" doc:"IANA time zone of the campaign's clock" example:"America/Sao_Paulo"`

	Call    *agent.Call            `json:"call,omitempty" doc:"What concerns calls only"`
	Message *agent.MessageTemplate `json:"message,omitempty" doc:"What concerns e-mail only"`

	// StartsAt is when a started campaign begins; zero begins at once. EndsAt is when it pauses by itself.
	StartsAt   *time.Time      `json:"starts_at,omitempty" doc:"When it begins once it is started; absent: at once"`
	EndsAt     *time.Time      `json:"ends_at,omitempty" doc:"When it pauses by itself"`
	Recurrence string          `json:"recurrence,omitempty" doc:"RFC 5545 rule by which everybody is contacted again"`
	Window     schedule.Window `json:"window,omitzero" doc:"Hours and days on which people may be contacted"`

	// Contacts is whom of the contact base it is for, besides recipients that are added to it.
	Contacts *Source `json:"contacts,omitempty" doc:"Whom of the contact base it is for, besides recipients that are added to it"`

	Pace    channel.Limits   `json:"pace,omitzero" doc:"The campaign's own limits, within those of its line"`
	Release schedule.Release `json:"release,omitzero" doc:"Let recipients go in steps"`
	// Share weighs the campaign against others on the same line; 1 unless it says otherwise.
	Share int `json:"share,omitempty" doc:"Weight among campaigns on one line, 1 to 100"`

	Retry Policy `json:"retry,omitzero"`
	Laps  *Laps  `json:"laps,omitempty" doc:"Repeat the whole campaign"`
	// Goal is the post-call variable (boolean) that says that the campaign's aim is reached for a recipient.
	Goal string `json:"goal,omitempty" doc:"Boolean variable of the agent that says that the aim is reached"`

	Purpose rules.Purpose `json:"purpose,omitempty" enum:"sales,collection,service,survey" doc:"What people are contacted for; laws ask for it"`
	// Consent is what people must have agreed to; who has not is suppressed at their turn.
	Consent rules.Need `json:"consent,omitzero" doc:"The consent that people must have given"`
	// ContactLimits are how often the campaign may contact one person; who is over one waits until it allows.
	ContactLimits []rules.Limit `json:"contact_limits,omitempty" maxItems:"20" doc:"How often this campaign may contact one person, beside the workspace's limits"`

	AllowDuplicates bool `json:"allow_duplicates,omitempty" doc:"Let one address be there more than once"`
	KeepOpen        bool `json:"keep_open,omitempty" doc:"Stay active when everybody is settled, for recipients still to come"`
	// FailurePause pauses the campaign when so many per cent of its last 100 attempts failed; 0 never does.
	FailurePause int `json:"failure_pause_percent,omitempty" doc:"Pause by itself when so many per cent of the last 100 attempts failed; 0: never"`
}

// Bounds of a definition.
const (
	maxName        = 200
	maxDescription = 2000
	maxShare       = 100
)

// Defaults fills what the operator left out.
func (d Definition) Defaults() Definition {
	d.Name = strings.TrimSpace(d.Name)
	d.Retry = d.Retry.Defaults()
	if d.Laps != nil {
		l := d.Laps.Defaults()
		d.Laps = &l
	}
	if d.Contacts != nil {
		s := d.Contacts.Defaults()
		d.Contacts = &s
	}
	if d.Share == 0 {
		d.Share = 1
	}
	if d.Zone == "" {
		d.Zone = DefaultZone
	}
	if d.Channel == channel.Voice {
		var c agent.Call
		if d.Call != nil {
			c = *d.Call
		}
		c = c.WithDefaults()
		d.Call = &c
	}
	return d
}

// DefaultZone is the clock of a campaign that names none.
const DefaultZone = "America/Sao_Paulo"

// Validate gives all that is wrong with a definition whose defaults are filled in, whatever else it refers to: what
// depends on lines, agents and contacts is Preflight's. now refuses times in the past.
func (d Definition) Validate(now time.Time) error {
	var bad fault.List
	add := func(field, code string, p fault.Params) {
		bad = append(bad, fault.New(fault.Invalid, code, p).At(field))
	}
	between := func(field string, v, least, most int) {
		if v < least || v > most {
			add(field, "out_of_range", fault.Params{"value": v, "min": least, "max": most})
		}
	}
	if d.Name == "" {
		add("name", "required", nil)
	}
	if utf8.RuneCountInString(d.Name) > maxName {
		add("name", "too_long", fault.Params{"max": maxName})
	}
	if utf8.RuneCountInString(d.Description) > maxDescription {
		add("description", "too_long", fault.Params{"max": maxDescription})
	}
	if _, err := schedule.LoadZone(d.Zone); err != nil {
		bad = append(bad, fault.All(err).Under("zone")...)
	}
	between("share", d.Share, 1, maxShare)
	between("failure_pause_percent", d.FailurePause, 0, 100)
	between("pace.concurrent", d.Pace.Concurrent, 0, 100_000)
	between("pace.per_day", d.Pace.PerDay, 0, 100_000_000)
	if d.Pace.PerSecond < 0 || d.Pace.PerSecond > 100_000 {
		add("pace.per_second", "out_of_range", fault.Params{"value": d.Pace.PerSecond, "min": 0, "max": 100_000})
	}
	bad = append(bad, fault.All(d.Window.Validate()).Under("window")...)
	bad = append(bad, fault.All(d.Release.Validate()).Under("release")...)
	bad = append(bad, d.Retry.Validate().Under("retry")...)
	if d.Contacts != nil {
		bad = append(bad, d.Contacts.Validate().Under("contacts")...)
	}
	bad = append(bad, d.Consent.Validate().Under("consent")...)
	bad = append(bad, rules.ValidateLimits("contact_limits", d.ContactLimits)...)
	if !d.Purpose.Valid() {
		add("purpose", "not_one_of", fault.Params{"value": d.Purpose, "allowed": "sales, collection, service, survey"})
	}
	bad = append(bad, d.validateTimes(now)...)
	bad = append(bad, d.validateChannel()...)
	if d.Laps != nil {
		bad = append(bad, d.Laps.Validate(d.EndsAt != nil).Under("laps")...)
		if d.Recurrence != "" {
			add("laps", "laps_and_recurrence", nil)
		}
	}
	if d.Retry.UntilGoal && d.Goal == "" {
		add("goal", "goal_missing", nil)
	}
	return bad.Err()
}

// opens reports whether the window is open at some time between now and the end, on the campaign's clock. A window that
// goes by other clocks is judged by the campaign's, a day's difference being no hindrance.
func (d Definition) opens(now time.Time) bool {
	zone, err := schedule.LoadZone(d.Zone)
	if err != nil {
		return true // its own complaint
	}
	from := now
	if d.StartsAt != nil && d.StartsAt.After(now) {
		from = *d.StartsAt
	}
	open, ok := d.Window.NextOpen(from, zone)
	return ok && (d.EndsAt == nil || open.Before(*d.EndsAt))
}

func (d Definition) validateTimes(now time.Time) fault.List {
	var bad fault.List
	add := func(field, code string, p fault.Params) {
		bad = append(bad, fault.New(fault.Invalid, code, p).At(field))
	}
	if d.StartsAt != nil && d.StartsAt.Before(now) {
		add("starts_at", "past_time", fault.Params{"at": d.StartsAt.Format(time.RFC3339), "now": now.Format(time.RFC3339)})
	}
	if d.EndsAt != nil && !d.EndsAt.After(now) {
		add("ends_at", "past_time", fault.Params{"at": d.EndsAt.Format(time.RFC3339), "now": now.Format(time.RFC3339)})
	}
	if d.StartsAt != nil && d.EndsAt != nil && !d.EndsAt.After(*d.StartsAt) {
		add("ends_at", "end_before_start", fault.Params{"starts_at": d.StartsAt.Format(time.RFC3339), "ends_at": d.EndsAt.Format(time.RFC3339)})
	}
	if zone, err := schedule.LoadZone(d.Zone); d.Recurrence != "" && err == nil {
		start := now
		if d.StartsAt != nil {
			start = *d.StartsAt
		}
		_, err := schedule.ParseRecurrence(d.Recurrence, start, zone)
		bad = append(bad, fault.All(err).Under("recurrence")...)
	}
	if len(bad) == 0 && d.Window.Validate() == nil && !d.opens(now) {
		add("window", "window_never_opens", nil)
	}
	return bad
}

// validateChannel refuses the fields of other channels, as the fields of a form appear by channel.
func (d Definition) validateChannel() fault.List {
	var bad fault.List
	add := func(field, code string, p fault.Params) {
		bad = append(bad, fault.New(fault.Invalid, code, p).At(field))
	}
	other := func(field string, set bool) {
		if set {
			add(field, "field_of_other_channel", fault.Params{"channel": d.Channel})
		}
	}
	switch d.Channel {
	case channel.Voice:
		other("message", d.Message != nil)
		if d.Call != nil {
			bad = append(bad, d.Call.Validate().Under("call")...)
		}
		if d.Agent != "" && d.UseLineAgent {
			add("use_line_agent", "agent_twice", nil)
		}
	case channel.Email:
		other("call", d.Call != nil)
		other("agent", d.Agent != "")
		other("use_line_agent", d.UseLineAgent)
		other("goal", d.Goal != "")
		if d.Message != nil {
			bad = append(bad, d.Message.Validate().Under("message")...)
		}
	case channel.SMS, channel.WhatsApp:
		add("channel", "channel_not_available", fault.Params{"channel": d.Channel, "allowed": "voice, email"})
	default:
		add("channel", "not_one_of", fault.Params{"value": d.Channel, "allowed": "voice, email"})
	}
	return bad
}

// Clock is the window of the campaign read on the clock of one recipient; an Opener. Where the recipient's number leaves
// their zone open, all the zones it may be in must agree.
type Clock struct {
	Window *schedule.Window
	Zones  []*time.Location
}

// Open reports whether people may be contacted at t.
func (c Clock) Open(t time.Time) bool {
	for _, z := range c.Zones {
		if !c.Window.Open(t, z) {
			return false
		}
	}
	return true
}

// NextOpen is the first instant at or after t at which the window is open on every clock; false when there is none
// within the schedule's horizon.
func (c Clock) NextOpen(t time.Time) (time.Time, bool) {
	limit := t.Add(schedule.Horizon)
	for t.Before(limit) {
		latest := t
		for _, z := range c.Zones {
			open, ok := c.Window.NextOpen(t, z)
			if !ok {
				return time.Time{}, false
			}
			if open.After(latest) {
				latest = open
			}
		}
		if latest.Equal(t) {
			return t, true
		}
		t = latest
	}
	return time.Time{}, false
}

// ClockFor is the clock of a recipient: the campaign's zone, the agent's or their own, as the window says. Zones that
// cannot be loaded are left out; with none left it is the campaign's.
func (d *Definition) ClockFor(agentZone string, own []string) Clock {
	names := []string{d.Zone}
	switch d.Window.Zone {
	case schedule.ZoneAgent:
		if agentZone != "" {
			names = []string{agentZone}
		}
	case schedule.ZoneContact:
		if len(own) > 0 {
			names = own
		}
	case schedule.ZoneCampaign:
	}
	c := Clock{Window: &d.Window}
	for _, n := range names {
		if z, err := schedule.LoadZone(n); err == nil {
			c.Zones = append(c.Zones, z)
		}
	}
	if len(c.Zones) == 0 {
		c.Zones = []*time.Location{time.UTC}
		if z, err := schedule.LoadZone(d.Zone); err == nil {
			c.Zones[0] = z
		}
	}
	return c
}
