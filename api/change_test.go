package api_test

import (
	"encoding/json"
	"slices"
	"testing"
)

// TestARunningCampaignIsChanged: hours, retries and pace of what runs, with the plan of it before; nothing that was reviewed.
func TestARunningCampaignIsChanged(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		_, id := d.running(3)
		c := d.want(200, "", "GET /campaigns/"+id, "")
		c.is("state", `"active"`)
		for _, name := range []string{"window", "pace", "retry"} {
			if !slices.Contains(c.list("editable"), any(name)) {
				t.Errorf("%s cannot be changed: %s", name, c.text)
			}
		}

		change := `{"pace": {"per_day": 50}, "retry": {"max_attempts": 5}, "window": {"days": {"mon-sun": ["00:00-23:00"]}}}`
		p := d.want(200, "", "POST /campaigns/"+id+"/plan/preview", change, "Accept-Language", "en")
		var says struct{ Before, After []struct{ Code, Text string } }
		if err := json.Unmarshal([]byte(p.text), &says); err != nil || len(says.Before) == 0 || len(says.After) == 0 {
			t.Fatalf("the plan of a change: %s", p.text)
		}
		told := map[string]bool{}
		for _, s := range says.After {
			told[s.Code] = true
		}
		if !told["pace_day"] || !told["hours_campaign"] || told["people"] {
			t.Errorf("the plan of a change says %s", p.text)
		}
		d.want(200, "", "GET /campaigns/"+id, "").is("pace.per_day", "0") // nothing was changed

		d.want(200, "", "PATCH /campaigns/"+id, change, "If-Match", `"1"`).is("pace.per_day", "50")
		d.want(412, "revision_stale", "PATCH /campaigns/"+id, `{"pace": {"per_day": 60}}`, "If-Match", `"1"`)
		codes := map[string]string{"message": "field_fixed", "purpose": "field_fixed", "starts_at": "field_fixed", "laps": "field_fixed", "retry.max_attempts": "attempts_only_more"}
		for body, refused := range map[string]string{
			`{"message": {"subject": "Outro"}}`:            "message",
			`{"purpose": "sales"}`:                         "purpose",
			`{"retry": {"max_attempts": 1}}`:               "retry.max_attempts",
			`{"starts_at": "2026-12-28T03:00:00Z"}`:        "starts_at",
			`{"laps": {"max_per_day": 2, "max_total": 3}}`: "laps",
		} {
			for _, path := range []string{"PATCH /campaigns/" + id, "POST /campaigns/" + id + "/plan/preview"} {
				d.want(409, codes[refused], path, body).is("errors.0.field", `"`+refused+`"`)
			}
		}
		d.want(422, "past_time", "PATCH /campaigns/"+id, `{"ends_at": "2020-01-01T00:00:00Z"}`).is("errors.0.field", `"ends_at"`)

		d.want(200, "", "POST /campaigns/"+id+"/cancel", "")
		d.want(409, "action_not_allowed", "PATCH /campaigns/"+id, `{"pace": {"per_day": 5}}`)
		d.want(200, "", "GET /campaigns/"+id, "").is("editable", "[]")
	})
}
