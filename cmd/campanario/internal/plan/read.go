package plan

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"campanario/agent"
	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/fault"
	"campanario/rules"
	"campanario/schedule"
)

// Options for Read.
type Options struct {
	Now time.Time
	// Begun tells that the campaign of this file has been started before: times that have passed are what they should be.
	Begun bool
	// Env gives a variable of the environment.
	Env func(name string) (string, bool)
	// Lines understands the settings of lines, by channel.
	Lines map[channel.Kind]channel.Validator
}

// Plan is a campaign file that has been read and checked.
type Plan struct {
	Key string // as the file has it; may be empty
	// Definition has its defaults. Its line and agent are still to be found or made.
	Definition campaign.Definition
	Country    string

	// LineName names a line that exists, Line is one to be made; neither means the sandbox.
	LineName string
	Line     *channel.Line
	// AgentName names an agent that exists, Agent is one to be made.
	AgentName string
	Agent     *agent.Agent
}

// Sandbox reports whether the campaign is to go out to the sandbox.
func (p *Plan) Sandbox() bool { return p.LineName == "" && p.Line == nil }

// Identity gives the key and the name that a file has, without looking at anything else in it; both are empty for a
// file that cannot be read.
func Identity(data []byte) (key, name string) {
	var f File
	_, _ = agent.ReadYAML(data, &f)
	return f.Key, f.Name
}

// Read reads a campaign file. The error is a fault.List of all that is wrong, with the line and column of each.
func Read(data []byte, o Options) (*Plan, error) {
	var f File
	places, err := agent.ReadYAML(data, &f)
	if places == nil {
		return nil, err
	}
	r := &reading{o: o, file: &f, faults: fault.All(err)}
	p := r.plan()
	if err := places.Locate(r.faults).Err(); err != nil {
		return nil, err
	}
	return p, nil
}

// reading turns a file into a plan and gathers what is wrong with it.
type reading struct {
	o      Options
	file   *File
	faults fault.List
}

func (r *reading) add(field, code string, p fault.Params) {
	r.faults = append(r.faults, fault.New(fault.Invalid, code, p).At(field))
}

func (r *reading) plan() *Plan {
	f := r.file
	d := campaign.Definition{
		Name: f.Name, Description: f.Description, Channel: channel.Kind(f.Channel), UseLineAgent: f.UseLineAgent, Zone: f.Zone,
		Call: f.Call, Message: f.Message, Recurrence: f.Recurrence, Window: f.Window.Window, Contacts: f.Contacts, Pace: f.Pace, Release: f.Release,
		Share: f.Share, Retry: f.Retry, Laps: f.Laps, Goal: f.Goal, AllowDuplicates: f.AllowDuplicates, FailurePause: f.FailurePause,
		Purpose: rules.Purpose(f.Purpose), Consent: f.Consent, ContactLimits: f.ContactLimits,
	}
	r.faults = append(r.faults, fault.All(f.Window.err).Under("window")...)
	country := f.Country
	if country == "" {
		country = "BR"
	}
	r.preset(&d, country)
	d.StartsAt = r.instant("starts_at", f.StartsAt)
	d.EndsAt = r.instant("ends_at", f.EndsAt)
	d = d.Defaults()
	r.faults = append(r.faults, fault.All(d.Validate(r.o.Now))...)
	p := &Plan{Key: f.Key, Definition: d, Country: country}
	r.line(p)
	r.speaker(p)
	if d.Channel == channel.Email && d.Message == nil {
		r.add("message", "required", nil)
	}
	return p
}

// instant reads a time of the file; nil for none, or for one that has passed in a campaign that has begun.
func (r *reading) instant(field, text string) *time.Time {
	if text == "" {
		return nil
	}
	name := r.file.Zone
	if name == "" {
		name = campaign.DefaultZone
	}
	zone, err := schedule.LoadZone(name)
	if err != nil {
		return nil // the zone's own complaint
	}
	t, err := schedule.ParseInstant(text, zone, r.o.Now)
	switch {
	case err == nil:
		return &t
	case r.o.Begun && fault.Is(err, "past_time"):
		return nil
	default:
		r.faults = append(r.faults, fault.All(err).Under(field)...)
		return nil
	}
}

// preset fills the retries and the window that the file leaves open.
func (r *reading) preset(d *campaign.Definition, country string) {
	if r.file.Preset == "" {
		return
	}
	var holidays []schedule.Calendar
	if c := schedule.Calendar(country); c.Valid() {
		holidays = []schedule.Calendar{c}
	}
	p, ok := schedule.PresetFor(schedule.PresetName(r.file.Preset), holidays...)
	if !ok {
		r.add("preset", "not_one_of", fault.Params{"value": clip(r.file.Preset), "allowed": presetNames()})
		return
	}
	if d.Retry.MaxAttempts == 0 {
		d.Retry.MaxAttempts = p.MaxAttempts
	}
	if d.Retry.IntervalMinutes == 0 && p.Interval > 0 {
		d.Retry.IntervalMinutes = int(p.Interval / time.Minute)
	}
	if !r.file.Window.given {
		d.Window = p.Window
	}
}

// line checks the line of the file.
func (r *reading) line(p *Plan) {
	if r.file.Line == nil {
		if p.Definition.UseLineAgent {
			r.add("use_line_agent", "no_line", nil)
		}
		return
	}
	p.LineName = r.file.Line.Named
	def := r.file.Line.Definition
	if def == nil {
		if p.LineName == "" {
			r.add("line", "required", nil)
		}
		return
	}
	l := channel.Line{Kind: p.Definition.Channel, Name: def.Name, Zone: def.Zone, Limits: def.Limits, Enabled: true}
	if l.Zone == "" {
		l.Zone = p.Definition.Zone
	} else if _, err := schedule.LoadZone(l.Zone); err != nil {
		r.faults = append(r.faults, fault.All(err).Under("line.zone")...)
	}
	if l.Name == "" {
		r.add("line.name", "required", nil)
	}
	if p.Definition.UseLineAgent {
		r.add("use_line_agent", "no_agent", nil)
	}
	r.from(&l, def.From, p.Country)
	l.Settings = r.settings(l.Kind, def.Settings)
	p.Line = &l
}

// from reads what people see of a line.
func (r *reading) from(l *channel.Line, from, country string) {
	if from == "" {
		r.add("line.from", "required", nil)
		return
	}
	var err error
	switch l.Kind {
	case channel.Email:
		l.From, err = audience.Mailbox(from)
	case channel.Voice:
		l.From, err = audience.Phone(from, country)
	default: // the channel's own complaint
	}
	r.faults = append(r.faults, fault.All(err).Under("line.from")...)
}

// settings checks how a line connects, and puts in what the environment holds.
func (r *reading) settings(kind channel.Kind, t Tree) json.RawMessage {
	v := r.o.Lines[kind]
	if v == nil {
		return nil
	}
	value, ok := t.value.(map[string]any)
	if t.value != nil && !ok {
		r.add("line.settings", "yaml_wrong_type", fault.Params{"want": "mapping"})
		return nil
	}
	secret := v.Secrets()
	before := len(r.faults)
	filled := map[string]any{}
	for _, k := range slices.Sorted(maps.Keys(value)) {
		at := "line.settings." + k
		if s, is := value[k].(string); slices.Contains(secret, k) && (!is || !reference.MatchString(s)) {
			r.add(at, "secret_in_file", fault.Params{"key": clip(k), "example": "${CAMPANARIO_LINE_SECRET}"})
			continue
		}
		filled[k] = r.fill(at, value[k])
	}
	raw, err := json.Marshal(filled)
	if err != nil { // keys that are no text, or numbers that are none
		r.add("line.settings", "json_invalid", nil)
		return nil
	}
	if len(r.faults) > before {
		return nil // what is missing would be told twice
	}
	for _, e := range fault.All(v.Validate(raw)) {
		e = e.At(join("line.settings", e.Field))
		if e.Params = maps.Clone(e.Params); e.Params != nil { // places in the settings' own JSON, which nobody sees
			delete(e.Params, "line")
			delete(e.Params, "column")
		}
		r.faults = append(r.faults, e)
	}
	return raw
}

// speaker checks the agent of the file.
func (r *reading) speaker(p *Plan) {
	d := &p.Definition
	a := r.file.Agent
	switch {
	case d.Channel != channel.Voice:
		if a != nil {
			r.add("agent", "field_of_other_channel", fault.Params{"channel": d.Channel})
		}
		return
	case a == nil:
		if !d.UseLineAgent {
			r.add("agent", "required", nil)
		}
		return
	case d.UseLineAgent:
		r.add("use_line_agent", "agent_twice", nil)
		return
	}
	p.AgentName = a.Named
	if a.Definition == nil {
		if p.AgentName == "" {
			r.add("agent", "required", nil)
		}
		return
	}
	def := a.Definition.WithDefaults()
	def.ID, def.Version = "", 0
	bad := def.Validate().Under("agent")
	r.faults = append(r.faults, bad...)
	if len(bad) == 0 && d.Call.Validate() == nil {
		_, err := agent.NewPlan(def, *d.Call, d.Goal)
		for _, e := range fault.All(err) {
			if e.Field == "goal_variable" {
				e = e.At("goal")
			}
			r.faults = append(r.faults, e)
		}
	}
	p.Agent = &def
}

func presetNames() string {
	var out []string
	for _, p := range schedule.Presets() {
		out = append(out, string(p.Name))
	}
	return strings.Join(out, ", ")
}
