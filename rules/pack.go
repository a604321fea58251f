package rules

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"time"

	"github.com/goccy/go-yaml"

	"campanario/channel"
	"campanario/internal/fault"
	"campanario/schedule"
)

// Status says how sure a rule is.
type Status string

// The statuses.
const (
	Verified  Status = "verified"  // by its own text
	Secondary Status = "secondary" // by what others write of it: to be checked with counsel before it is relied on
)

// Pack is what the law of one place says about contacting people, as data.
type Pack struct {
	Name    string `json:"name"`
	Title   string `json:"title"`            // in English
	Titles  Texts  `json:"titles,omitempty"` // in other languages
	Version int    `json:"version"`
	Date    string `json:"date"` // when it was last looked at, YYYY-MM-DD
	Rules   []Rule `json:"rules"`
}

// Rule is one thing that the law says.
type Rule struct {
	ID       string           `json:"id"`
	Text     string           `json:"text"`            // what it says, in English
	Texts    Texts            `json:"texts,omitempty"` // the same in other languages
	Source   string           `json:"source"`
	Status   Status           `json:"status"`
	Note     string           `json:"note,omitempty"`     // what must be known before it is relied on
	Notes    Texts            `json:"notes,omitempty"`    // the same in other languages
	Purposes []Purpose        `json:"purposes,omitempty"` // only for these
	Channels []channel.Kind   `json:"channels,omitempty"` // only on these
	Hours    *schedule.Window `json:"hours,omitempty"`
	Limits   []Limit          `json:"limits,omitempty"`
	Registry string           `json:"registry,omitempty"` // a do-not-call register that must be kept to
	// RegistryDays is how old the copy of the register may be, in days; 0 for any age.
	RegistryDays int `json:"registry_days,omitempty"`
}

// Texts are one text in several languages, by their BCP 47 tags.
type Texts map[string]string

// In gives the text in a language, and what there is in English where it has none.
func (t Texts) In(language, english string) string {
	if text := t[language]; text != "" {
		return text
	}
	return english
}

// about reports whether the rule is about campaigns with a purpose (any, when it is empty) on a channel.
func (r *Rule) about(p Purpose, k channel.Kind) bool {
	return (len(r.Purposes) == 0 || p == "" || contains(r.Purposes, p)) && (len(r.Channels) == 0 || contains(r.Channels, k))
}

// Packs are packs by their names.
type Packs map[string]*Pack

// Names lists the packs.
func (p Packs) Names() []string { return slices.Sorted(maps.Keys(p)) }

// Bounds of a pack.
const (
	maxPack  = 256 << 10 // bytes
	maxRules = 50
)

//go:embed packs/*.yaml
var packFiles embed.FS

// Shipped reads the packs that come with the program.
func Shipped() (Packs, error) {
	names, err := fs.Glob(packFiles, "packs/*.yaml")
	if err != nil {
		return nil, err
	}
	out := Packs{}
	for _, name := range names {
		text, err := packFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		p, err := ParsePack(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out[p.Name] = p
	}
	return out, nil
}

// ParsePack reads a pack's YAML, of which it refuses every word that it does not know.
func ParsePack(text []byte) (*Pack, error) {
	if len(text) > maxPack {
		return nil, fault.New(fault.Invalid, "too_long", fault.Params{"max": maxPack})
	}
	var p Pack
	asJSON, err := yaml.YAMLToJSON(text)
	if err == nil {
		d := json.NewDecoder(bytes.NewReader(asJSON))
		d.DisallowUnknownFields()
		err = d.Decode(&p)
	}
	if err != nil {
		return nil, fault.New(fault.Invalid, "pack_invalid", fault.Params{"problem": clip(err.Error())}).Because(err)
	}
	return &p, p.Validate().Err()
}

var packName = regexp.MustCompile(`^[A-Z]{2}(-[A-Z0-9]{1,3})?$`)

var ruleID = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// Validate gives everything that is wrong with a pack.
func (p *Pack) Validate() fault.List {
	var bad fault.List
	add := func(field, code string, params fault.Params) {
		bad = append(bad, fault.New(fault.Invalid, code, params).At(field))
	}
	if !packName.MatchString(p.Name) {
		add("name", "pack_name", fault.Params{"value": clip(p.Name)})
	}
	if p.Title == "" {
		add("title", "required", nil)
	}
	if p.Version < 1 {
		add("version", "required", nil)
	}
	if _, err := time.Parse(time.DateOnly, p.Date); err != nil {
		add("date", "day_invalid", fault.Params{"value": clip(p.Date)})
	}
	if len(p.Rules) > maxRules {
		add("rules", "too_many", fault.Params{"max": maxRules, "got": len(p.Rules)})
		return bad
	}
	seen := map[string]bool{}
	for i := range p.Rules {
		at := fmt.Sprintf("rules[%d]", i)
		r := &p.Rules[i]
		if seen[r.ID] || !ruleID.MatchString(r.ID) {
			add(at+".id", "rule_id", fault.Params{"value": clip(r.ID)})
		}
		seen[r.ID] = true
		bad = append(bad, r.validate().Under(at)...)
	}
	return bad
}

func (r *Rule) validate() fault.List {
	var bad fault.List
	add := func(field string, e *fault.Error) { bad = append(bad, e.At(field)) }
	for field, v := range map[string]string{"text": r.Text, "source": r.Source} {
		if v == "" {
			add(field, fault.New(fault.Invalid, "required", nil))
		}
	}
	if r.Status != Verified && r.Status != Secondary {
		add("status", notOneOf(string(r.Status), []Status{Verified, Secondary}))
	}
	if r.Status == Secondary && r.Note == "" {
		add("note", fault.New(fault.Invalid, "required", nil))
	}
	for _, p := range r.Purposes {
		if p == "" || !p.Valid() {
			add("purposes", notOneOf(string(p), Purposes()))
		}
	}
	for _, k := range r.Channels {
		if !contains(channel.Kinds(), k) {
			add("channels", notOneOf(string(k), channel.Kinds()))
		}
	}
	if r.Hours != nil {
		bad = append(bad, fault.All(r.Hours.Validate()).Under("hours")...)
	}
	if r.RegistryDays < 0 || r.RegistryDays > 366 || r.RegistryDays > 0 && r.Registry == "" {
		add("registry_days", fault.New(fault.Invalid, "out_of_range", fault.Params{"value": r.RegistryDays, "min": 0, "max": 366}))
	}
	return append(bad, ValidateLimits("limits", r.Limits)...)
}
