package campaign

import (
	"slices"
	"testing"
	"time"

	"campanario/channel"
)

// TestEditable is the table of what can be changed in each state.
func TestEditable(t *testing.T) {
	for _, c := range []struct {
		name     string
		campaign Campaign
		can      []string
		cannot   []string
	}{
		{"a draft", Campaign{State: Draft}, []string{"name", "line", "agent", "message", "starts_at", "contacts", "window", "laps"}, []string{"channel", "recipients", "rules"}},
		{"one that waits for its time", Campaign{State: Scheduled}, []string{"name", "window", "pace", "retry", "ends_at"}, []string{"starts_at", "line", "message", "laps", "zone"}},
		{"one that runs", Campaign{State: Active, StartedAt: noon}, []string{"name", "window", "pace", "retry", "ends_at"}, []string{"starts_at", "line", "message", "purpose", "consent", "laps"}},
		{"one that was paused before it began", Campaign{State: Paused}, []string{"starts_at", "window"}, []string{"line"}},
		{"one that was paused", Campaign{State: Paused, StartedAt: noon}, []string{"window"}, []string{"starts_at"}},
		{"one that is over", Campaign{State: Completed}, nil, []string{"name", "window"}},
		{"one that was cancelled", Campaign{State: Cancelled}, nil, []string{"name"}},
	} {
		got := c.campaign.Editable()
		for _, name := range c.can {
			if !slices.Contains(got, name) {
				t.Errorf("of %s %s cannot be changed", c.name, name)
			}
		}
		for _, name := range c.cannot {
			if slices.Contains(got, name) {
				t.Errorf("of %s %s can be changed", c.name, name)
			}
		}
		if c.can == nil && len(got) > 0 {
			t.Errorf("of %s %v can be changed", c.name, got)
		}
	}
}

func TestDiffers(t *testing.T) {
	there := time.FixedZone("", -3*60*60)
	a := Definition{Name: "Um", Channel: channel.Voice, EndsAt: &noon}.Defaults()
	same, end := a, noon.In(there)
	same.EndsAt = &end
	if got, err := differs(a, same); err != nil || len(got) > 0 {
		t.Errorf("another clock makes another definition: %v, %v", got, err)
	}
	b := a
	b.EndsAt, b.Name, b.Pace.PerDay, b.Retry.MaxAttempts = nil, "Dois", 3, 5
	if got, err := differs(a, b); err != nil || !slices.Equal(got, []string{"ends_at", "name", "pace", "retry"}) {
		t.Errorf("differs in %v, %v", got, err)
	}
}
