package access

import (
	"slices"

	"campanario/internal/fault"
)

// Role is what a person is in a workspace.
type Role string

// The roles, the widest first.
const (
	Owner    Role = "owner"    // also says who has access
	Manager  Role = "manager"  // also lines, agents, keys, rules
	Operator Role = "operator" // runs campaigns
	Viewer   Role = "viewer"   // looks on
)

// Roles lists the roles, the widest first.
func Roles() []Role { return []Role{Owner, Manager, Operator, Viewer} }

// Valid reports whether r is one of the roles.
func (r Role) Valid() bool { return slices.Contains(Roles(), r) }

// Scopes are what the role may do: one scope, which includes the narrower ones. Nobody's role has none.
func (r Role) Scopes() Scopes {
	switch r {
	case Owner:
		return Scopes{Own}
	case Manager:
		return Scopes{Manage}
	case Operator:
		return Scopes{Operate}
	case Viewer:
		return Scopes{Read}
	}
	return nil
}

// checkRole refuses what is no role.
func checkRole(r Role) fault.List {
	if r.Valid() {
		return nil
	}
	return fault.List{fault.New(fault.Invalid, "not_one_of", fault.Params{"value": clip(string(r)), "allowed": "owner, manager, operator, viewer"}).At("role")}
}
