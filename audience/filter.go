package audience

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"campanario/channel"
	"campanario/internal/fault"
)

// Filter picks contacts. It is either a group (exactly one of All, Any, Not) or a condition on a field. The zero Filter
// picks everybody.
type Filter struct {
	All []Filter `json:"all,omitempty" yaml:"all,omitempty" doc:"Those who fit every one of these"`
	Any []Filter `json:"any,omitempty" yaml:"any,omitempty" doc:"Those who fit at least one of these"`
	Not *Filter  `json:"not,omitempty" yaml:"not,omitempty" doc:"Those who do not fit this"`

	Field Field    `json:"field,omitempty" yaml:"field,omitempty" doc:"tag, portfolio, segment, city, state, location, priority, language, zone, has, created, imported, contacted, heard, import, audience, attribute.NAME, campaign or consent"`
	Is    []string `json:"is,omitempty" yaml:"is,omitempty" doc:"Any of these values, without regard to capitals and accents"`
	Set   *bool    `json:"set,omitempty" yaml:"set,omitempty" doc:"Whether there is any value"`

	From       string `json:"from,omitempty" yaml:"from,omitempty" doc:"First day of a period, YYYY-MM-DD" format:"date"`
	To         string `json:"to,omitempty" yaml:"to,omitempty" doc:"Last day of a period" format:"date"`
	WithinDays int    `json:"within_days,omitempty" yaml:"within_days,omitempty" doc:"The last so many days, today included"`

	Campaign string   `json:"campaign,omitempty" yaml:"campaign,omitempty" doc:"Id of an earlier campaign, for field campaign"`
	Status   []string `json:"status,omitempty" yaml:"status,omitempty" doc:"How the contact stands in it: any of these; absent: whoever was in it"`

	Channel channel.Kind `json:"channel,omitempty" yaml:"channel,omitempty" doc:"For field consent"`
	Line    string       `json:"line,omitempty" yaml:"line,omitempty" doc:"For field consent: the line it was given to; absent: given to any"`
}

// Fields of filters that no term stands for.
const FieldCampaign Field = "campaign"

// Bounds of a filter.
const (
	maxFilterDepth  = 8
	maxFilterNodes  = 200
	maxFilterValues = 1000
	maxWithinDays   = 3660
)

// statuses are those of campaign.Statuses: who a campaign has met, and how it went.
var statuses = []string{
	"pending", "queued", "in_progress", "retry_scheduled", "completed", "no_answer", "busy", "failed", "exhausted", "cancelled", "suppressed",
}

// IsZero reports whether the filter picks everybody.
func (f *Filter) IsZero() bool {
	return len(f.All) == 0 && len(f.Any) == 0 && f.Not == nil && f.Field == ""
}

// Validate gives everything that is wrong with a filter; fields are paths like all[1].not.
func (f *Filter) Validate() error {
	v := &filterCheck{}
	v.node("", f, 1)
	return v.bad.Err()
}

type filterCheck struct {
	bad   fault.List
	nodes int
}

func (v *filterCheck) add(field, code string, p fault.Params) {
	v.bad = append(v.bad, fault.New(fault.Invalid, code, p).At(field))
}

// under is the path of a part.
func under(path, part string) string {
	if path == "" {
		return part
	}
	return path + "." + part
}

func (v *filterCheck) node(path string, f *Filter, depth int) {
	if v.nodes++; depth > maxFilterDepth || v.nodes > maxFilterNodes {
		if v.nodes <= maxFilterNodes+1 {
			v.add(path, "filter_too_large", fault.Params{"depth": maxFilterDepth, "max": maxFilterNodes})
		}
		return
	}
	kinds := 0
	for _, is := range []bool{f.All != nil, f.Any != nil, f.Not != nil, f.Field != ""} {
		if is {
			kinds++
		}
	}
	if kinds > 1 || kinds == 0 && (depth > 1 || f.conditions() > 0) || f.Field == "" && f.conditions() > 0 {
		v.add(path, "filter_node", nil)
		return
	}
	for _, g := range []struct {
		name string
		list []Filter
	}{{"all", f.All}, {"any", f.Any}} {
		for i := range g.list {
			v.node(under(path, fmt.Sprintf("%s[%d]", g.name, i)), &g.list[i], depth+1)
		}
	}
	if (f.All != nil && len(f.All) == 0) || (f.Any != nil && len(f.Any) == 0) {
		v.add(path, "filter_empty_group", nil)
	}
	if f.Not != nil {
		v.node(under(path, "not"), f.Not, depth+1)
	}
	if f.Field != "" {
		v.condition(path, f)
	}
}

// conditions is how many ways of asking about a field are used.
func (f *Filter) conditions() int {
	n := 0
	for _, is := range []bool{
		f.Is != nil, f.Set != nil, f.From != "" || f.To != "", f.WithinDays != 0, f.Campaign != "" || f.Status != nil, f.Channel != "" || f.Line != "",
	} {
		if is {
			n++
		}
	}
	return n
}

// asks are the members by which a field can be asked about.
type asks struct{ is, period, campaign, consent bool }

func (f Field) asks() (asks, bool) {
	switch f {
	case FieldTag, FieldPortfolio, FieldSegment, FieldCity, FieldState, FieldLocation, FieldPriority, FieldLanguage, FieldZone, FieldHas,
		FieldImport, FieldAudience:
		return asks{is: true}, true
	case FieldCreated, FieldImported, FieldContacted, FieldHeard:
		return asks{period: true}, true
	case FieldCampaign:
		return asks{campaign: true}, true
	case FieldConsent:
		return asks{consent: true}, true
	case FieldAll:
		return asks{}, false
	}
	name, is := f.Attribute()
	return asks{is: true}, is && name != "" && len(name) <= maxAttributeName
}

func (v *filterCheck) condition(path string, f *Filter) {
	ask, known := f.Field.asks()
	if !known {
		v.add(under(path, "field"), "filter_field", fault.Params{"value": clip(string(f.Field))})
		return
	}
	if n := f.conditions(); n != 1 {
		v.add(path, "filter_condition", fault.Params{"field": string(f.Field)})
		return
	}
	wrong := func(name string, used, may bool) {
		if used && !may {
			v.add(under(path, name), "filter_member", fault.Params{"field": string(f.Field), "member": name})
		}
	}
	wrong("is", f.Is != nil, ask.is)
	wrong("set", f.Set != nil, ask.is || ask.period)
	wrong("from", f.From != "" || f.To != "", ask.period)
	wrong("within_days", f.WithinDays != 0, ask.period)
	wrong("campaign", f.Campaign != "" || f.Status != nil, ask.campaign)
	wrong("channel", f.Channel != "" || f.Line != "", ask.consent)
	v.values(path, f)
}

func (v *filterCheck) values(path string, f *Filter) {
	if f.Is != nil && len(f.Is) == 0 {
		v.add(under(path, "is"), "required", nil)
	}
	if len(f.Is) > maxFilterValues {
		v.add(under(path, "is"), "too_many", fault.Params{"max": maxFilterValues})
	}
	for i, value := range f.Is {
		v.bad = append(v.bad, checkText(under(path, fmt.Sprintf("is[%d]", i)), value, maxAttributeValue)...)
	}
	for name, day := range map[string]string{"from": f.From, "to": f.To} {
		if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
			v.add(under(path, name), "day_invalid", fault.Params{"value": clip(day)})
		}
	}
	if f.From != "" && f.To != "" && f.From > f.To {
		v.add(under(path, "to"), "end_before_start", fault.Params{"starts_at": f.From, "ends_at": f.To})
	}
	if f.WithinDays < 0 || f.WithinDays > maxWithinDays {
		v.add(under(path, "within_days"), "out_of_range", fault.Params{"value": f.WithinDays, "min": 1, "max": maxWithinDays})
	}
	if f.Field == FieldCampaign && f.Campaign == "" {
		v.add(under(path, "campaign"), "required", nil)
	}
	for i, s := range f.Status {
		if !slices.Contains(statuses, s) {
			v.add(under(path, fmt.Sprintf("status[%d]", i)), "not_one_of", fault.Params{"value": clip(s), "allowed": strings.Join(statuses, ", ")})
		}
	}
	if f.Field == FieldConsent && !slices.Contains(channel.Kinds(), f.Channel) {
		v.add(under(path, "channel"), "not_one_of", fault.Params{"value": clip(string(f.Channel)), "allowed": "voice, whatsapp, sms, email"})
	}
}
