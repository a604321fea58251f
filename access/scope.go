package access

import (
	"slices"

	"campanario/internal/fault"
)

// Scope is a part of what can be done in a workspace. A wider scope includes the narrower ones.
type Scope string

// The scopes, the narrowest first.
const (
	Read    Scope = "read"    // see everything but secrets
	Operate Scope = "operate" // run campaigns: make, start, stop them; contacts, recipients, opt-outs
	Manage  Scope = "manage"  // lines, agents, keys, the workspace itself; lifting opt-outs
)

// AllScopes lists the scopes, the narrowest first.
func AllScopes() []Scope { return []Scope{Read, Operate, Manage} }

// Valid reports whether s is one of the scopes.
func (s Scope) Valid() bool { return slices.Contains(AllScopes(), s) }

// Scopes is what somebody holds.
type Scopes []Scope

// Allow reports whether the scopes include s, by themselves or as part of a wider one.
func (l Scopes) Allow(s Scope) bool {
	want := slices.Index(AllScopes(), s)
	return want >= 0 && slices.ContainsFunc(l, func(have Scope) bool { return slices.Index(AllScopes(), have) >= want })
}

// check refuses scopes that are none, or none at all.
func (l Scopes) check() fault.List {
	if len(l) == 0 {
		return fault.List{fault.New(fault.Invalid, "required", nil).At("scopes")}
	}
	for _, s := range l {
		if !s.Valid() {
			return fault.List{fault.New(fault.Invalid, "not_one_of", fault.Params{"value": clip(string(s)), "allowed": "read, operate, manage"}).At("scopes")}
		}
	}
	return nil
}

// Principal is who asks for something.
type Principal struct {
	Workspace string
	Key       string // the id of the key they came with
	Name      string // of the key, for people
	Scopes    Scopes
}

// Require refuses, with scope_missing, who does not hold the scope.
func (p Principal) Require(s Scope) error {
	if p.Scopes.Allow(s) {
		return nil
	}
	return fault.New(fault.Denied, "scope_missing", fault.Params{"needed": string(s)})
}

// clip bounds what somebody else wrote before it goes into an error.
func clip(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
