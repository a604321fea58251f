package intake

import (
	"slices"
	"strings"
	"unicode/utf8"

	"campanario/audience"
	"campanario/internal/fault"
)

// Settings are what somebody decides about an import.
type Settings struct {
	Description string         `json:"description,omitempty"`
	File        ContactOptions `json:"file"`
	// By is what contacts are recognised by, the first that finds somebody deciding; all keys when nil.
	By            []audience.MergeKey `json:"by,omitempty"`
	Fill          bool                `json:"fill,omitempty"`
	OnlySegments  bool                `json:"only_segments,omitempty"`
	ClearLocation bool                `json:"clear_location,omitempty"`
	Verify        bool                `json:"verify,omitempty"`
	// Basis is the legal basis on which the data are processed; empty when nothing was said.
	Basis audience.Basis `json:"basis,omitempty"`
	// Screen leaves out addresses that are on a do-not-call register, and whoever has no other.
	Screen bool `json:"screen,omitempty"`
}

func (set *Settings) validate(found *Suggestion) error {
	var bad fault.List
	add := func(field, code string, p fault.Params) {
		bad = append(bad, fault.New(fault.Invalid, code, p).At(field))
	}
	if len(set.Description) > 2000 || !utf8.ValidString(set.Description) {
		add("description", "too_long", fault.Params{"max": 2000})
	}
	if set.Basis != "" && !slices.Contains(audience.Bases(), set.Basis) {
		add("basis", "not_one_of", fault.Params{"value": clip(string(set.Basis)), "allowed": wordList(audience.Bases())})
	}
	for _, k := range set.By {
		switch k {
		case audience.ByDocument, audience.ByExternalID, audience.ByAnyPhone, audience.ByAnyEmail:
		default:
			add("by", "not_one_of", fault.Params{"value": clip(string(k)), "allowed": "document, external_id, phone, email"})
		}
	}
	if found != nil {
		bad = append(bad, set.File.validate(found).Under("file")...)
	}
	return bad.Err()
}

// validate looks at a mapping beside the file's columns. The members of JSON are known only once all of it is read.
func (o *ContactOptions) validate(found *Suggestion) fault.List {
	bad := o.check()
	if found.Format == JSON || found.Format == NDJSON {
		return bad
	}
	known := make(map[string]bool, len(found.Columns))
	for _, c := range found.Columns {
		known[c.Column] = true
	}
	reaches := false
	for _, m := range o.Columns {
		if !known[m.Column] {
			bad = append(bad, fault.New(fault.Invalid, "column_unknown", fault.Params{"column": clip(m.Column)}).At("columns"))
		}
		reaches = reaches || m.Field == FieldContact || m.Field == FieldPhone || m.Field == FieldEmail
	}
	if o.Layout == LayoutMapped && !reaches {
		bad = append(bad, fault.New(fault.Invalid, "contact_column_missing", fault.Params{"columns": clip(columnNames(found)), "example": "telefone"}).At("columns"))
	}
	return bad
}

// wordList is an enumeration as people are told it.
func wordList[T ~string](words []T) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = string(w)
	}
	return strings.Join(out, ", ")
}

func columnNames(found *Suggestion) string {
	names := make([]string, len(found.Columns))
	for i, c := range found.Columns {
		names[i] = c.Column
	}
	return strings.Join(names, ", ")
}
