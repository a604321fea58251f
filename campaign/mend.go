package campaign

import "strings"

// Place is where something about a campaign is decided.
type Place string

// The places.
const (
	PlaceBasics     Place = "basics"     // the campaign's name, line, agent and message
	PlaceContacts   Place = "contacts"   // whom it is for
	PlaceSchedule   Place = "schedule"   // its hours, retries, laps and pace
	PlaceLine       Place = "line"       // the line itself
	PlaceAgent      Place = "agent"      // the agent itself
	PlaceRules      Place = "rules"      // the workspace's rules
	PlaceRegistries Place = "registries" // the lists of whom nobody may contact
)

// Places lists the places.
func Places() []Place {
	return []Place{PlaceBasics, PlaceContacts, PlaceSchedule, PlaceLine, PlaceAgent, PlaceRules, PlaceRegistries}
}

// fields are where the fields of a campaign are decided, by the first of their names.
var fields = map[string]Place{
	"recipients": PlaceContacts, "contacts": PlaceContacts, "allow_duplicates": PlaceContacts, "keep_open": PlaceContacts, "consent": PlaceContacts,
	"window": PlaceSchedule, "starts_at": PlaceSchedule, "ends_at": PlaceSchedule, "recurrence": PlaceSchedule, "retry": PlaceSchedule,
	"laps": PlaceSchedule, "pace": PlaceSchedule, "release": PlaceSchedule, "share": PlaceSchedule, "contact_limits": PlaceSchedule, "failure_pause_percent": PlaceSchedule,
	"name": PlaceBasics, "description": PlaceBasics, "channel": PlaceBasics, "line": PlaceBasics, "agent": PlaceBasics, "use_line_agent": PlaceBasics,
	"zone": PlaceBasics, "call": PlaceBasics, "message": PlaceBasics, "goal": PlaceBasics, "goal_variable": PlaceBasics, "purpose": PlaceBasics,
	"rules": PlaceRules,
}

// PlaceOf is where a field of a campaign is decided, such as "retry.max_attempts".
func PlaceOf(field string) Place {
	first, rest, _ := strings.Cut(field, ".")
	if first == "agent" && rest != "" { // not which it is, but what it says
		return PlaceAgent
	}
	return fields[first]
}

// place says where every problem is mended. ofLine is the agent of the campaign's line.
func (p Problems) place(c *Campaign, ofLine string) {
	for i := range p {
		switch one := &p[i]; one.Code {
		case "line_disabled":
			one.Place, one.ID = PlaceLine, c.Line
		case "register_missing", "register_old":
			one.Place = PlaceRegistries
		default:
			one.Place = PlaceOf(one.Field)
			if one.Place == PlaceAgent {
				if one.ID = c.Agent; c.UseLineAgent {
					one.ID = ofLine
				}
			}
		}
	}
}
