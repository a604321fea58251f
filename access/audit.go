package access

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"
)

// ActorKind says what somebody is who does something.
type ActorKind string

// The kinds of actors.
const (
	ActorKey     ActorKind = "key"     // a program of the customer's, by its API key
	ActorUser    ActorKind = "user"    // a person who has signed in
	ActorProgram ActorKind = "program" // this program, by itself
)

// Actor is who did something. Name is for people, as it was then.
type Actor struct {
	Kind     ActorKind
	ID, Name string
}

// Program is the actor of what happens by itself; name says which part of it.
func Program(name string) Actor { return Actor{Kind: ActorProgram, Name: name} }

// Actor is the principal as the audit knows them.
func (p Principal) Actor() Actor {
	if p.User != "" {
		return Actor{ActorUser, p.User, p.Name}
	}
	return Actor{ActorKey, p.Key, p.Name}
}

// Subject is what something was done to. ID may be empty where there is only one, such as a workspace's rules.
type Subject struct{ Kind, ID string }

// Event is one thing that was done. It holds no personal data but ids, so that it need not be forgotten with a person.
type Event struct {
	No        int64 // rises with time; given by the store
	Workspace string
	At        time.Time
	Actor     Actor
	Operation string // the id of the operation of the API, or one of ours
	Subject   Subject
	Request   string         // the id of the request; empty for what the program did
	Details   map[string]any // what is worth knowing, as JSON; "changes" holds a list of Change
}

// Change is one field of something that was changed. What must not be told has neither value.
type Change struct {
	Field  string `json:"field"`
	Before any    `json:"before,omitempty"`
	After  any    `json:"after,omitempty"`
}

// EventQuery picks events for a list, the newest first. What is zero does not matter.
type EventQuery struct {
	Subject   Subject
	Actor     string // an id
	Operation string
	From, To  time.Time // at or after From and before To
	After     int64     // number of the last one seen; 0 begins
	Limit     int
}

// Trail keeps what was done.
type Trail interface {
	// Record adds an event. Its number is given.
	Record(ctx context.Context, e Event) error
	Events(ctx context.Context, workspace string, q EventQuery) ([]Event, error)
}

// Bounds of what an event keeps.
const (
	maxChanges     = 100
	maxChangeValue = 500 // bytes of JSON
)

// Compare gives the fields in which two documents differ, by their names in JSON with dots between levels, in order. Of
// those for which quiet is true no values are kept, nor of those that are large.
func Compare(before, after any, quiet func(field string) bool) []Change {
	a, b := map[string]any{}, map[string]any{}
	flatten("", tree(before), a)
	flatten("", tree(after), b)
	var out []Change
	for field, v := range a {
		if w, there := b[field]; !there || !reflect.DeepEqual(v, w) {
			out = append(out, Change{field, v, b[field]})
		}
	}
	for field, w := range b {
		if _, there := a[field]; !there {
			out = append(out, Change{field, nil, w})
		}
	}
	slices.SortFunc(out, func(a, b Change) int { return strings.Compare(a.Field, b.Field) })
	for i := range out {
		if c := &out[i]; quiet(c.Field) || large(c.Before) || large(c.After) {
			c.Before, c.After = nil, nil
		}
	}
	if len(out) > maxChanges {
		out = out[:maxChanges]
	}
	return out
}

// Members is a document as JSON reads it, without some of its members; for Compare.
func Members(v any, without ...string) map[string]any {
	m, ok := tree(v).(map[string]any)
	if !ok {
		return nil
	}
	for _, name := range without {
		delete(m, name)
	}
	return m
}

// tree is a value as JSON reads it; nil for what is none.
func tree(v any) any {
	b, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	var out any
	if err := json.Unmarshal(b, &out); err != nil {
		return nil
	}
	return out
}

// flatten collects the values of a document by their paths. Lists are values.
func flatten(path string, v any, to map[string]any) {
	members, ok := v.(map[string]any)
	if !ok {
		if v != nil {
			to[path] = v
		}
		return
	}
	for name, member := range members {
		if path != "" {
			name = path + "." + name
		}
		flatten(name, member, to)
	}
}

func large(v any) bool {
	b, err := json.Marshal(v)
	return err != nil || len(b) > maxChangeValue
}
