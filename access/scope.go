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
	Own     Scope = "own"     // who has access at all: users, their roles, how they sign in
)

// What an operation can demand beside a scope. Nobody holds these: they are met by how somebody comes.
const (
	Open     Scope = "open"     // nothing: it is there for those who are not signed in
	Personal Scope = "personal" // to have signed in as a person; it is about oneself
)

// AllScopes lists the scopes that can be held, the narrowest first.
func AllScopes() []Scope { return []Scope{Read, Operate, Manage, Own} }

// Valid reports whether s is one of the scopes that can be held.
func (s Scope) Valid() bool { return slices.Contains(AllScopes(), s) }

// Scopes is what somebody holds.
type Scopes []Scope

// Allow reports whether the scopes include s, by themselves or as part of a wider one.
func (l Scopes) Allow(s Scope) bool {
	want := slices.Index(AllScopes(), s)
	return want >= 0 && slices.ContainsFunc(l, func(have Scope) bool { return slices.Index(AllScopes(), have) >= want })
}

// Permissions are the scopes held and those that they include, the narrowest first.
func (p Principal) Permissions() Scopes {
	out := Scopes{}
	for _, s := range AllScopes() {
		if p.Scopes.Allow(s) {
			out = append(out, s)
		}
	}
	return out
}

// Withheld is why a person has no scopes though they have signed in; nil for everybody else.
func (p Principal) Withheld() error { return p.withheld }

// check refuses scopes that are none, or none at all.
func (l Scopes) check() fault.List {
	if len(l) == 0 {
		return fault.List{fault.New(fault.Invalid, "required", nil).At("scopes")}
	}
	for _, s := range l {
		if !s.Valid() {
			return fault.List{fault.New(fault.Invalid, "not_one_of", fault.Params{"value": clip(string(s)), "allowed": "read, operate, manage, own"}).At("scopes")}
		}
	}
	return nil
}

// Principal is who asks for something: a program that came with a key, or a person who signed in.
type Principal struct {
	Workspace string // empty for a person who is in none
	Key       string // the id of the key they came with; empty for a person
	User      string // the id of the person; empty for a program
	Session   string // the id of the person's session
	Name      string // of the key or the person, for people
	Role      Role   // of the person in the workspace
	Scopes    Scopes

	withheld error // why a person has no scopes though their role has
}

// ID names who asks: the id of the key, or that of the person.
func (p Principal) ID() string {
	if p.User != "" {
		return p.User
	}
	return p.Key
}

// Require refuses who does not hold the scope: with scope_missing, with person_only when a program asks for what is a
// person's own, or with what keeps a person from using their role.
func (p Principal) Require(s Scope) error {
	switch {
	case s == Open || s == Personal && p.User != "" || p.Scopes.Allow(s):
		return nil
	case s == Personal:
		return fault.New(fault.Denied, "person_only", nil)
	case p.withheld != nil:
		return p.withheld
	default:
		return fault.New(fault.Denied, "scope_missing", fault.Params{"needed": string(s)})
	}
}

// clip bounds what somebody else wrote before it goes into an error.
func clip(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
