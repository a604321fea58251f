package channel

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"campanario/internal/fault"
	"campanario/internal/merge"
)

// LineRecord is a line with what is known about it besides.
type LineRecord struct {
	Line
	Revision  int64 // grows with every change
	CreatedAt time.Time
	UpdatedAt time.Time
	Running   bool         // a process of the engine holds it
	Standing  *Standing    // how it stands with its network, as far as that process knows; nil for one that does not register
	Checked   *CheckedLine // how it went when somebody tried it last; nil for never
}

// CheckedLine is how it went when somebody tried whether a line works.
type CheckedLine struct {
	At       time.Time
	Revision int64      // of the line then: a later one has not been tried
	Found    fault.List // what was wrong; empty when it works
}

// LineStore is what Lines needs kept. A line of another workspace is not found.
type LineStore interface {
	AddLine(ctx context.Context, l Line, secret []string, now time.Time) error
	// ReplaceLine writes a line over the revision given; a newer one is the conflict revision_stale.
	ReplaceLine(ctx context.Context, l Line, secret []string, revision int64, now time.Time) error
	LineRecord(ctx context.Context, workspace, id string) (LineRecord, error)
	LineRecords(ctx context.Context, workspace string, q LineQuery) ([]LineRecord, error)
	// SetChecked keeps how it went when the line was tried. It is no change of the line.
	SetChecked(ctx context.Context, workspace, id string, c CheckedLine) error
	// RemoveLine makes a line disappear, unless campaigns that have not ended use it (line_in_use).
	RemoveLine(ctx context.Context, workspace, id string, now time.Time) error
}

// LineQuery picks lines for a list, the newest first.
type LineQuery struct {
	Kind   Kind   // empty for all
	Search string // in the name and the address, without regard to case and accents
	After  string // id of the last one seen; empty begins
	Limit  int
}

// LinesOptions are what Lines needs; all but Now and Changed are required.
type LinesOptions struct {
	Store    LineStore
	Adapters map[Kind]Adapter
	// Address makes the address that people will see of what somebody wrote.
	Address func(ctx context.Context, workspace string, k Kind, raw string) (Address, error)
	// Agent refuses the id of an agent that the workspace does not have.
	Agent func(ctx context.Context, workspace, id string) error
	// Zone gives the clock of a line that names none.
	Zone    func(ctx context.Context, workspace string) (string, error)
	Now     func() time.Time // time.Now when nil
	Changed func()           // called after a change, for the engine of this process; may be nil
}

// Lines guards the lines of workspaces. It is safe for concurrent use.
type Lines struct{ o LinesOptions }

// NewLines makes Lines.
func NewLines(o LinesOptions) *Lines {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Changed == nil {
		o.Changed = func() {}
	}
	return &Lines{o: o}
}

// LineEdit is what somebody writes about a line: the whole of it when it is made, what changes later. A nil part stays as
// it is.
type LineEdit struct {
	Kind       Kind // of a new line only
	Name       *string
	From       *string // as people write it
	Agent      *string
	Zone       *string
	Concurrent *int
	PerSecond  *float64
	PerDay     *int
	Enabled    *bool
	// Settings is merged into the adapter's settings (RFC 7396). A secret given as it is shown, {"set": true}, stays.
	Settings json.RawMessage
}

// DefaultLimits are those of a line that says nothing.
func DefaultLimits(k Kind) Limits {
	switch k {
	case Voice:
		return Limits{Concurrent: 10, PerSecond: 1}
	case Email:
		return Limits{Concurrent: 4, PerSecond: 10}
	default:
		return Limits{Concurrent: 4, PerSecond: 5}
	}
}

// Bounds of a line.
const (
	maxLineName   = 200
	maxConcurrent = 100_000
	maxPerSecond  = 100_000
	maxPerDay     = 100_000_000
)

// Create makes a line. It is switched on unless the edit says otherwise.
func (s *Lines) Create(ctx context.Context, workspace string, e LineEdit) (LineRecord, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return LineRecord{}, err
	}
	zone, err := s.o.Zone(ctx, workspace)
	if err != nil {
		return LineRecord{}, err
	}
	l := Line{ID: id.String(), Workspace: workspace, Kind: e.Kind, Zone: zone, Limits: DefaultLimits(e.Kind), Enabled: true}
	if s.o.Adapters[e.Kind] == nil {
		return LineRecord{}, s.unavailable(e.Kind).At("kind")
	}
	if err := s.apply(ctx, &l, e); err != nil {
		return LineRecord{}, err
	}
	if err := s.o.Store.AddLine(ctx, l, s.Secrets(l.Kind), s.o.Now().UTC()); err != nil {
		return LineRecord{}, err
	}
	s.o.Changed()
	return s.o.Store.LineRecord(ctx, workspace, l.ID)
}

func (s *Lines) unavailable(k Kind) *fault.Error {
	var have []string
	for _, known := range Kinds() {
		if s.o.Adapters[known] != nil {
			have = append(have, string(known))
		}
	}
	if !slices.Contains(Kinds(), k) {
		return fault.New(fault.Invalid, "not_one_of", fault.Params{"value": short(string(k)), "allowed": strings.Join(have, ", ")})
	}
	return fault.New(fault.Invalid, "channel_not_available", fault.Params{"channel": string(k), "allowed": strings.Join(have, ", ")})
}

// lineTries is how often an edit that names no revision is made anew because somebody else was faster.
const lineTries = 5

// Edit changes a line. revision is the one that was read, or 0 for whatever there is.
func (s *Lines) Edit(ctx context.Context, workspace, id string, revision int64, e LineEdit) (LineRecord, error) {
	for try := 1; ; try++ {
		r, err := s.o.Store.LineRecord(ctx, workspace, id)
		if err != nil {
			return LineRecord{}, err
		}
		read := r.Revision
		if revision != 0 {
			read = revision
		}
		if err := s.apply(ctx, &r.Line, e); err != nil {
			return LineRecord{}, err
		}
		err = s.o.Store.ReplaceLine(ctx, r.Line, s.Secrets(r.Kind), read, s.o.Now().UTC())
		if revision == 0 && try < lineTries && fault.Is(err, "revision_stale") {
			continue
		}
		if err != nil {
			return LineRecord{}, err
		}
		s.o.Changed()
		return s.o.Store.LineRecord(ctx, workspace, id)
	}
}

// apply writes an edit into the line, or gives everything that is wrong with it.
func (s *Lines) apply(ctx context.Context, l *Line, e LineEdit) error {
	var bad fault.List
	add := func(field, code string, p fault.Params) {
		bad = append(bad, fault.New(fault.Invalid, code, p).At(field))
	}
	put(e.Name, &l.Name)
	l.Name = strings.TrimSpace(l.Name)
	switch {
	case l.Name == "":
		add("name", "required", nil)
	case utf8.RuneCountInString(l.Name) > maxLineName:
		add("name", "too_long", fault.Params{"max": maxLineName})
	case !utf8.ValidString(l.Name) || strings.ContainsRune(l.Name, 0):
		add("name", "text_invalid", nil)
	}
	put(e.Zone, &l.Zone)
	if _, err := time.LoadLocation(l.Zone); err != nil || l.Zone == "" || l.Zone == "Local" {
		add("zone", "zone_unknown", fault.Params{"value": short(l.Zone)})
	}
	put(e.Enabled, &l.Enabled)
	put(e.Concurrent, &l.Limits.Concurrent)
	put(e.PerSecond, &l.Limits.PerSecond)
	put(e.PerDay, &l.Limits.PerDay)
	if n := l.Limits.Concurrent; n < 1 || n > maxConcurrent {
		add("limits.concurrent", "out_of_range", fault.Params{"value": n, "min": 1, "max": maxConcurrent})
	}
	if n := l.Limits.PerSecond; !(n >= 0 && n <= maxPerSecond) { // also not a number
		add("limits.per_second", "out_of_range", fault.Params{"value": n, "min": 0, "max": maxPerSecond})
	}
	if n := l.Limits.PerDay; n < 0 || n > maxPerDay {
		add("limits.per_day", "out_of_range", fault.Params{"value": n, "min": 0, "max": maxPerDay})
	}
	for _, part := range []func(context.Context, *Line, LineEdit) (fault.List, error){s.applyFrom, s.applyAgent, s.applySettings} {
		more, err := part(ctx, l, e)
		if err != nil {
			return err
		}
		bad = append(bad, more...)
	}
	return bad.Err()
}

func put[T any](from, to *T) {
	if from != nil {
		*to = *from
	}
}

func (s *Lines) applyFrom(ctx context.Context, l *Line, e LineEdit) (fault.List, error) {
	if e.From == nil && l.From != "" {
		return nil, nil
	}
	if e.From == nil || strings.TrimSpace(*e.From) == "" {
		return fault.List{fault.New(fault.Invalid, "required", nil).At("from")}, nil
	}
	a, err := s.o.Address(ctx, l.Workspace, l.Kind, *e.From)
	if bad := fault.All(err); len(bad) > 0 && fault.KindOf(err) == fault.Invalid {
		return bad.Under("from"), nil
	}
	l.From = a
	return nil, err
}

func (s *Lines) applyAgent(ctx context.Context, l *Line, e LineEdit) (fault.List, error) {
	if e.Agent == nil {
		return nil, nil
	}
	l.Agent = *e.Agent
	if l.Agent == "" {
		return nil, nil
	}
	if l.Kind != Voice {
		return fault.List{fault.New(fault.Invalid, "field_of_other_channel", fault.Params{"channel": l.Kind}).At("agent")}, nil
	}
	err := s.o.Agent(ctx, l.Workspace, l.Agent)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return fault.List{fault.New(fault.Invalid, "agent_not_found", fault.Params{"id": short(l.Agent)}).At("agent")}, nil
	}
	return nil, err
}

func (s *Lines) applySettings(_ context.Context, l *Line, e LineEdit) (fault.List, error) {
	if len(e.Settings) > 0 {
		patch, err := s.keepSecrets(l.Kind, e.Settings)
		if err == nil {
			l.Settings, err = merge.Patch(l.Settings, patch)
		}
		if err != nil {
			return fault.List{fault.New(fault.Invalid, "json_invalid", nil).At("settings").Because(err)}, nil
		}
	}
	if len(l.Settings) == 0 {
		l.Settings = json.RawMessage("{}")
	}
	v, ok := s.o.Adapters[l.Kind].(Validator)
	if !ok {
		return nil, nil
	}
	err := v.Validate(l.Settings)
	if bad := fault.All(err); len(bad) > 0 {
		return bad.Under("settings"), nil
	}
	return nil, err
}

// keepSecrets takes out of a patch those secrets that it only repeats as they are shown.
func (s *Lines) keepSecrets(k Kind, patch json.RawMessage) (json.RawMessage, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(patch, &members); err != nil {
		return nil, err
	}
	for _, key := range s.Secrets(k) {
		var as struct{ Set *bool }
		if json.Unmarshal(members[key], &as) == nil && as.Set != nil {
			delete(members, key)
		}
	}
	return json.Marshal(members)
}

// shownSecret stands in place of a secret.
type shownSecret struct {
	Set bool `json:"set"`
}

// Secrets lists the settings of a kind of line that are never shown.
func (s *Lines) Secrets(k Kind) []string {
	if v, ok := s.o.Adapters[k].(Validator); ok {
		return v.Secrets()
	}
	return nil
}

// Shown gives the settings of a line as they may be shown: a secret is {"set": true}.
func (s *Lines) Shown(l Line) (map[string]any, error) {
	out := map[string]any{}
	if err := json.Unmarshal(l.Settings, &out); err != nil {
		return nil, fmt.Errorf("settings of line %s: %w", l.ID, err)
	}
	for _, key := range s.Secrets(l.Kind) {
		if v, there := out[key]; there {
			out[key] = shownSecret{Set: v != nil && v != ""}
		}
	}
	return out, nil
}

// Get gives a line. Its settings hold secrets: see Shown.
func (s *Lines) Get(ctx context.Context, workspace, id string) (LineRecord, error) {
	return s.o.Store.LineRecord(ctx, workspace, id)
}

// List gives lines, the newest first.
func (s *Lines) List(ctx context.Context, workspace string, q LineQuery) ([]LineRecord, error) {
	if q.Kind != "" && !slices.Contains(Kinds(), q.Kind) {
		return nil, s.unavailable(q.Kind).At("kind")
	}
	return s.o.Store.LineRecords(ctx, workspace, q)
}

// Delete makes a line disappear, unless campaigns that have not ended use it.
func (s *Lines) Delete(ctx context.Context, workspace, id string) error {
	if err := s.o.Store.RemoveLine(ctx, workspace, id, s.o.Now().UTC()); err != nil {
		return err
	}
	s.o.Changed()
	return nil
}

// checkPatience bounds a check: people wait for it.
const checkPatience = 20 * time.Second

// Check tries whether a line works, without disturbing anybody, keeps how it went, and gives what is wrong with it: the
// adapter's faults, or line_check_timeout. The error says that nothing could be tried.
func (s *Lines) Check(ctx context.Context, workspace, id string) (fault.List, error) {
	r, err := s.o.Store.LineRecord(ctx, workspace, id)
	if err != nil {
		return nil, err
	}
	found, err := s.check(ctx, &r)
	if err != nil {
		return nil, err
	}
	return found, s.o.Store.SetChecked(ctx, workspace, id, CheckedLine{At: s.o.Now().UTC(), Revision: r.Revision, Found: found})
}

func (s *Lines) check(ctx context.Context, r *LineRecord) (fault.List, error) {
	c, ok := s.o.Adapters[r.Kind].(Checker)
	if !ok {
		return nil, fault.New(fault.Conflict, "line_check_unsupported", fault.Params{"channel": string(r.Kind)})
	}
	limited, cancel := context.WithTimeout(ctx, checkPatience)
	defer cancel()
	err := c.Check(limited, r.Line)
	switch found := fault.All(err); {
	case err == nil || len(found) > 0:
		return found, nil
	case ctx.Err() == nil && errors.Is(limited.Err(), context.DeadlineExceeded):
		return fault.List{fault.New(fault.Unavailable, "line_check_timeout", fault.Params{"seconds": int(checkPatience.Seconds())}).Because(err)}, nil
	default:
		return nil, err
	}
}

// short bounds what somebody else wrote before it goes into an error.
func short(s string) string {
	const most = 40
	s = strings.ToValidUTF8(s, "?")
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
