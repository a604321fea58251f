package plan

import (
	"campanario/agent"
	"campanario/campaign"
	"campanario/channel"
	"campanario/rules"
	"campanario/schedule"
)

// File is a campaign file as it is written. What is not here stands in campaign.Definition, where it means the same.
type File struct {
	Key         string `yaml:"key,omitempty" doc:"Name by which running the file again finds its campaign; the file's path when absent"`
	Name        string `yaml:"name" doc:"How people recognise the campaign"`
	Description string `yaml:"description,omitempty" doc:"What it is for"`
	Channel     string `yaml:"channel" enum:"voice,email" doc:"How people are reached"`

	Line         *Line  `yaml:"line,omitempty" doc:"The line that contacts people: the name of one that exists, or its definition. Absent: the sandbox"`
	Agent        *Agent `yaml:"agent,omitempty" doc:"Who speaks (calls): the name of an agent that exists, or its definition"`
	UseLineAgent bool   `yaml:"use_line_agent,omitempty" doc:"Let the agent attached to the line speak"`

	Zone    string `yaml:"zone,omitempty" doc:"IANA time zone of the campaign's clock; default America/Sao_Paulo"`
	Country string `yaml:"country,omitempty" doc:"ISO 3166-1 country of phone numbers without a country code; default BR"`

	Call    *agent.Call            `yaml:"call,omitempty" doc:"What concerns calls only"`
	Message *agent.MessageTemplate `yaml:"message,omitempty" doc:"What concerns e-mail only"`

	Preset     string `yaml:"preset,omitempty" enum:"sales_follow_up,collection,satisfaction_survey,appointment_reminder" doc:"Retries and hours that have proved themselves; what the file says itself comes before them"`
	StartsAt   string `yaml:"starts_at,omitempty" doc:"When it begins: a time on the wall of the zone (2026-12-01 09:00) or RFC 3339; absent: at once"`
	EndsAt     string `yaml:"ends_at,omitempty" doc:"When it pauses by itself, written as starts_at"`
	Recurrence string `yaml:"recurrence,omitempty" doc:"RFC 5545 rule by which everybody is contacted again"`
	Window     Window `yaml:"window,omitempty" doc:"Hours and days on which people may be contacted"`

	Contacts *campaign.Source `yaml:"contacts,omitempty" doc:"Whom of the contact base it is for: an audience, by its name or id, or a filter"`

	Pace    channel.Limits   `yaml:"pace,omitempty" doc:"The campaign's own limits, within those of its line"`
	Release schedule.Release `yaml:"release,omitempty" doc:"Let recipients go in steps"`
	Share   int              `yaml:"share,omitempty" doc:"Weight among campaigns on one line, 1 to 100; default 1"`
	Retry   campaign.Policy  `yaml:"retry,omitempty" doc:"What is done when somebody was not reached"`
	Laps    *campaign.Laps   `yaml:"laps,omitempty" doc:"Repeat the whole campaign"`
	Goal    string           `yaml:"goal,omitempty" doc:"Boolean variable of the agent that says that the aim is reached"`

	Purpose       string        `yaml:"purpose,omitempty" enum:"sales,collection,service,survey" doc:"What people are contacted for; laws ask for it"`
	Consent       rules.Need    `yaml:"consent,omitempty" doc:"The consent that people must have given"`
	ContactLimits []rules.Limit `yaml:"contact_limits,omitempty" doc:"How often this campaign may contact one person, beside the workspace's limits"`

	AllowDuplicates bool `yaml:"allow_duplicates,omitempty" doc:"Let one address be there more than once"`
	FailurePause    int  `yaml:"failure_pause_percent,omitempty" doc:"Pause by itself when so many per cent of the last 100 attempts failed; 0: never"`
}

// LineDefinition is a line written in the file.
type LineDefinition struct {
	Name     string         `yaml:"name" doc:"How people recognise the line; a line of this name is made, or changed to what stands here"`
	From     string         `yaml:"from" doc:"What people see: a phone number or a mailbox"`
	Zone     string         `yaml:"zone,omitempty" doc:"IANA time zone in which the line's day begins; the campaign's when absent"`
	Limits   channel.Limits `yaml:"limits,omitempty" doc:"What the line may do"`
	Settings Tree           `yaml:"settings,omitempty" doc:"How the line connects; secrets are given as ${VARIABLE}"`
}

// Line is a line by its name or by its definition.
type Line struct {
	Named      string          `yaml:",scalar"`
	Definition *LineDefinition `yaml:",mapping"`
}

// UnmarshalYAML reads either form.
func (l *Line) UnmarshalYAML(unmarshal func(any) error) error {
	return either(unmarshal, &l.Named, &l.Definition)
}

// Agent is an agent by its name or by its definition.
type Agent struct {
	Named      string       `yaml:",scalar"`
	Definition *agent.Agent `yaml:",mapping"`
}

// UnmarshalYAML reads either form.
func (a *Agent) UnmarshalYAML(unmarshal func(any) error) error {
	return either(unmarshal, &a.Named, &a.Definition)
}

func either[T any](unmarshal func(any) error, named *string, definition **T) error {
	var name any
	if err := unmarshal(&name); err != nil {
		return err
	}
	if s, ok := name.(string); ok {
		*named = s
		return nil
	}
	*definition = new(T)
	return unmarshal(*definition)
}

// Window is a window that keeps what is wrong with it, to be told together with everything else.
type Window struct {
	schedule.Window
	given bool
	err   error
}

// UnmarshalYAML reads the window's written form; see package schedule.
func (w *Window) UnmarshalYAML(unmarshal func(any) error) error {
	w.given = true
	w.err = w.Window.UnmarshalYAML(unmarshal)
	return nil
}

// Tree is a part of the file that somebody else understands.
type Tree struct{ value any }

// UnmarshalYAML takes whatever stands there.
func (t *Tree) UnmarshalYAML(unmarshal func(any) error) error { return unmarshal(&t.value) }
