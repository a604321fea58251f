package rules

import (
	"strings"

	"campanario/internal/fault"
)

// Purpose says what people are contacted for. Laws ask for it.
type Purpose string

// The purposes.
const (
	Sales      Purpose = "sales"
	Collection Purpose = "collection"
	Service    Purpose = "service"
	Survey     Purpose = "survey"
)

// Purposes lists the purposes.
func Purposes() []Purpose { return []Purpose{Sales, Collection, Service, Survey} }

// Valid reports whether the purpose is one of the four, or empty: nobody has said it.
func (p Purpose) Valid() bool { return p == "" || contains(Purposes(), p) }

// Level says how much consent is needed.
type Level string

// The levels.
const (
	NotNeeded    Level = "none"          // nobody is asked; the default
	NotWithdrawn Level = "not_withdrawn" // who took it back is left alone
	Given        Level = "given"         // who did not give it is left alone
)

// Levels lists the levels.
func Levels() []Level { return []Level{NotNeeded, NotWithdrawn, Given} }

// Scope says what consent must be for.
type Scope string

// The scopes.
const (
	OnChannel Scope = "channel" // the channel is enough; the default
	OnLine    Scope = "line"    // the very line must have been named
)

// Scopes lists the scopes.
func Scopes() []Scope { return []Scope{OnChannel, OnLine} }

// Need is the consent that a campaign needs of whom it contacts. The zero Need needs none.
type Need struct {
	Level Level `json:"level,omitempty" yaml:"level,omitempty" enum:"none,not_withdrawn,given" doc:"none (default), not_withdrawn: who took it back is left alone, given: who did not give it is left alone"`
	On    Scope `json:"on,omitempty" yaml:"on,omitempty" enum:"channel,line" doc:"What it must be given for: channel (default), or the very line"`
}

// Set reports whether anybody's consent matters.
func (n Need) Set() bool { return n.Level == NotWithdrawn || n.Level == Given }

// Validate refuses words that it does not know; fields are relative to the need.
func (n Need) Validate() fault.List {
	var bad fault.List
	if n.Level != "" && !contains(Levels(), n.Level) {
		bad = append(bad, notOneOf(string(n.Level), Levels()).At("level"))
	}
	if n.On != "" && !contains(Scopes(), n.On) {
		bad = append(bad, notOneOf(string(n.On), Scopes()).At("on"))
	}
	return bad
}

func contains[T comparable](list []T, v T) bool {
	for _, one := range list {
		if one == v {
			return true
		}
	}
	return false
}

// notOneOf refuses a word that is not in a list.
func notOneOf[T ~string](value string, allowed []T) *fault.Error {
	names := make([]string, len(allowed))
	for i, a := range allowed {
		names[i] = string(a)
	}
	return fault.New(fault.Invalid, "not_one_of", fault.Params{"value": clip(value), "allowed": strings.Join(names, ", ")})
}

// clip bounds what somebody else wrote before it goes into an error.
func clip(s string) string {
	const most = 40
	s = strings.ToValidUTF8(s, "?")
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
