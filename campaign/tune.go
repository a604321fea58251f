package campaign

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"campanario/internal/fault"
)

// running are the states in which part of the definition can still be changed.
var running = []State{Scheduled, Active, Paused}

// tunable are the fields that can be changed in them: how people are contacted from now on. Who is contacted, by whom, and
// with which words stays as it was reviewed.
var tunable = []string{
	"name", "description", "ends_at", "window", "pace", "release", "share", "retry", "contact_limits", "keep_open", "failure_pause_percent",
}

// Editable lists the fields of the definition that can be changed now.
func (c *Campaign) Editable() []string {
	switch {
	case c.State == Draft:
		all := maps.Clone(fields)
		maps.DeleteFunc(all, func(name string, _ Place) bool { return slices.Contains(unwritten, name) })
		return slices.Sorted(maps.Keys(all))
	case !slices.Contains(running, c.State):
		return []string{}
	case c.State == Paused && c.StartedAt.IsZero(): // it was to begin at a time
		return append(slices.Clone(tunable), "starts_at")
	default:
		return slices.Clone(tunable)
	}
}

// unwritten are what problems are told about besides fields that people write, and the channel, which stays as it was made.
var unwritten = []string{"recipients", "channel", "goal_variable", "rules"}

// From are the states in which a change that was decided in the campaign's state may be written.
func (c *Campaign) From() []State {
	if c.State == Draft {
		return []State{Draft}
	}
	return running
}

// retune gives the campaign with another definition, or everything that keeps it from being changed so while it runs.
func (s *Service) retune(ctx context.Context, c *Campaign, d Definition, now time.Time) (*Campaign, error) {
	may := c.Editable()
	if len(may) == 0 {
		return nil, fault.New(fault.Conflict, "action_not_allowed", fault.Params{"action": Edit, "state": c.State, "allowed_in": append([]State{Draft}, running...)})
	}
	changed, err := differs(c.Definition, d)
	if err != nil {
		return nil, err
	}
	var bad fault.List
	for _, name := range changed {
		if !slices.Contains(may, name) {
			bad = append(bad, fault.New(fault.Conflict, "field_fixed", fault.Params{"state": c.State}).At(name))
		}
	}
	if most := c.Retry.MaxAttempts; !c.StartedAt.IsZero() && d.Retry.MaxAttempts < most { // or who waits for the last would have one too many
		bad = append(bad, fault.New(fault.Conflict, "attempts_only_more", fault.Params{"now": most}).At("retry.max_attempts"))
	}
	if len(bad) > 0 {
		return nil, bad.Err()
	}
	v := d
	if !slices.Contains(changed, "starts_at") { // its time may have come long ago
		v.StartsAt = nil
	}
	if err := v.Validate(now); err != nil {
		return nil, err
	}
	next := *c
	next.Definition = d
	problems, err := s.preflight(ctx, &next, now)
	if err != nil {
		return nil, err
	}
	for _, p := range problems {
		if p.Place == PlaceSchedule && !p.Warning { // what else is the matter is not this change's
			bad = append(bad, p.Error)
		}
	}
	return &next, bad.Err()
}

// differs lists the fields in which two definitions are not the same.
func differs(a, b Definition) ([]string, error) {
	var of [2]map[string]json.RawMessage
	for i, d := range []Definition{a, b} {
		for _, at := range []**time.Time{&d.StartsAt, &d.EndsAt} {
			if *at != nil {
				utc := (*at).UTC()
				*at = &utc
			}
		}
		raw, err := json.Marshal(d)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(raw, &of[i]); err != nil {
			return nil, err
		}
	}
	names := maps.Clone(of[0])
	maps.Copy(names, of[1])
	return slices.DeleteFunc(slices.Sorted(maps.Keys(names)), func(name string) bool { return bytes.Equal(of[0][name], of[1][name]) }), nil
}
