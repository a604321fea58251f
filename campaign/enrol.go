package campaign

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"campanario/channel"
	"campanario/internal/fault"
	"campanario/schedule"
)

// Newcomer is a recipient to be added.
type Newcomer struct {
	Recipient      // Number and EnrolledAt are given by the store
	Band      Band // by priority
}

// EnrolReport says what became of newcomers.
type EnrolReport struct {
	Added      int64 `json:"added"`
	Duplicates int64 `json:"duplicates"` // addresses that were there already
	Erased     int64 `json:"erased"`     // who were erased
}

// Bounds of one recipient.
const (
	maxFieldBytes    = 4000
	maxVariables     = 200
	maxVariableBytes = 64 << 10
	maxTags          = 50
)

// Validate refuses a newcomer that no campaign of the kind can hold.
func (n *Newcomer) Validate() fault.List {
	var bad fault.List
	add := func(field, code string, p fault.Params) {
		bad = append(bad, fault.New(fault.Invalid, code, p).At(field))
	}
	if len(n.Addresses) == 0 {
		add("contact", "required", nil)
	}
	if len(n.Addresses) > MaxAddresses {
		add("secondary", "too_many", fault.Params{"max": MaxAddresses, "got": len(n.Addresses)})
	}
	text := func(field, v string) {
		if len(v) > maxFieldBytes {
			add(field, "too_long", fault.Params{"max": maxFieldBytes})
		}
		if !storable(v) {
			add(field, "text_invalid", nil)
		}
	}
	text("name", n.Name)
	text("id", n.ExternalID)
	text("language", n.Language)
	for i, tag := range n.Tags {
		text(fmt.Sprintf("tags[%d]", i), tag)
	}
	if len(n.Tags) > maxTags {
		add("tags", "too_many", fault.Params{"max": maxTags, "got": len(n.Tags)})
	}
	if len(n.Variables) > maxVariables {
		add("variables", "too_many", fault.Params{"max": maxVariables, "got": len(n.Variables)})
	}
	size := 0
	for k, v := range n.Variables {
		size += len(k) + len(v)
		if !storable(k) || !storable(v) {
			add("variables."+strings.ToValidUTF8(k, "?"), "text_invalid", nil)
		}
	}
	if size > maxVariableBytes {
		add("variables", "too_long", fault.Params{"max": maxVariableBytes})
	}
	for i, z := range n.Zones {
		if _, err := schedule.LoadZone(z); err != nil {
			bad = append(bad, fault.All(err).Under(fmt.Sprintf("zones[%d]", i))...)
		}
	}
	if n.Band < BandHigh || n.Band >= Bands {
		add("priority", "not_one_of", fault.Params{"value": int(n.Band), "allowed": "high, normal, low"})
	}

	return bad
}

// storable reports whether every database takes the text: UTF-8 without NUL.
func storable(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// Filter picks recipients of a campaign. Its parts are joined by "and", the values of one part by "or"; an empty part
// picks everybody.
type Filter struct {
	Statuses []Status       `json:"statuses,omitempty"`
	Outcomes []channel.Code `json:"outcomes,omitempty"` // of the last attempt
	Numbers  []Number       `json:"numbers,omitempty"`
	Search   string         `json:"search,omitempty"` // in the name, the external id and the addresses, without regard to case and accents
	// Whole are addresses that Search is as a whole, if it is one: when anybody has one of these, they alone are meant.
	Whole []channel.Address `json:"whole,omitempty"`
}

// NotReached are the statuses of who had their turns without being reached, and is not tried again by themselves.
func NotReached() []Status {
	return []Status{StatusNoAnswer, StatusBusy, StatusFailed, StatusExhausted}
}

// Validate refuses words it does not know, so that a misspelt filter does not pick everybody.
func (f Filter) Validate() error {
	var bad fault.List
	for i, s := range f.Statuses {
		if !s.Valid() {
			bad = append(bad, fault.New(fault.Invalid, "status_unknown", fault.Params{"value": s}).At(fmt.Sprintf("statuses[%d]", i)))
		}
	}
	for i, c := range f.Outcomes {
		if !c.Valid() {
			bad = append(bad, fault.New(fault.Invalid, "outcome_unknown", fault.Params{"value": c}).At(fmt.Sprintf("outcomes[%d]", i)))
		}
	}
	if len(f.Numbers) > 10_000 {
		bad = append(bad, fault.New(fault.Invalid, "too_many", fault.Params{"max": 10_000, "got": len(f.Numbers)}).At("numbers"))
	}
	return bad.Err()
}

// Entry is a recipient as people see it: who they are, where they stand, and whether an attempt is open.
type Entry struct {
	Recipient
	Standing
	Status   Status
	InFlight bool
}
