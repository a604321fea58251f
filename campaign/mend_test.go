package campaign_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"campanario/campaign"
)

// TestEveryFieldHasItsPlace: whatever can be wrong with a campaign, people are led to where it is mended.
func TestEveryFieldHasItsPlace(t *testing.T) {
	members := []string{"recipients", "rules", "goal_variable", "call.max_duration", "message.subject"}
	for f := range reflect.TypeFor[campaign.Definition]().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		members = append(members, name)
	}
	for _, field := range members {
		if p := campaign.PlaceOf(field); !slices.Contains(campaign.Places(), p) {
			t.Errorf("%s has no place", field)
		}
	}
	for field, want := range map[string]campaign.Place{
		"agent": campaign.PlaceBasics, "agent.script.steps": campaign.PlaceAgent, "retry.max_attempts": campaign.PlaceSchedule, "contacts.audience": campaign.PlaceContacts,
	} {
		if got := campaign.PlaceOf(field); got != want {
			t.Errorf("%s is decided at %s, want %s", field, got, want)
		}
	}
}
