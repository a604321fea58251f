// Package explain says in words what a campaign is doing and what it waits for.
package explain

import (
	"time"

	"campanario/campaign"
	"campanario/internal/locale"
)

// Diagnosis is the sentence of a diagnosis, with times on the clock of the zone; empty while the campaign is working and
// there is nothing to explain.
func Diagnosis(l locale.Language, d campaign.Diagnosis, zone *time.Location) string {
	values := map[string]any{}
	for k, v := range d.Params {
		values[k] = v
	}
	if !d.Until.IsZero() {
		values["until"] = d.Until.In(zone).Format(time.RFC3339)
	}
	switch {
	case d.Code == campaign.DiagPaused:
		return locale.Text(l, "pause."+string(d.Paused), values)
	case d.Waiting != nil:
		return locale.Text(l, "waiting."+string(d.Waiting.Code), values)
	case d.Code == campaign.DiagWorking:
		return ""
	default:
		return locale.Text(l, "diagnosis."+string(d.Code), values)
	}
}
