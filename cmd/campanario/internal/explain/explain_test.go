package explain_test

import (
	"strings"
	"testing"
	"time"

	"campanario/campaign"
	"campanario/cmd/campanario/internal/explain"
	"campanario/internal/locale"
)

func TestDiagnosisIsSaidOnTheCampaignsClock(t *testing.T) {
	zone := time.FixedZone("", -3*3600)
	until := time.Date(2026, 11, 23, 12, 30, 0, 0, time.UTC)
	for _, l := range locale.Languages() {
		said := explain.Diagnosis(l, campaign.Diagnosis{
			Code: campaign.DiagWaiting, Until: until, Waiting: &campaign.Waiting{Code: campaign.WaitRetry, Until: until},
		}, zone)
		if !strings.Contains(said, "09:30") && !strings.Contains(said, "9:30") {
			t.Errorf("%s: %q does not say half past nine", l, said)
		}
		paused := explain.Diagnosis(l, campaign.Diagnosis{Code: campaign.DiagPaused, Paused: campaign.LineDown}, zone)
		if paused == "" || paused == string(campaign.LineDown) {
			t.Errorf("%s: %q for a line that is down", l, paused)
		}
	}
	if said := explain.Diagnosis(locale.English, campaign.Diagnosis{Code: campaign.DiagWorking}, zone); said != "" {
		t.Errorf("working: %q", said)
	}
}
