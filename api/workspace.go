package api

import (
	"context"
	"net/http"
	"time"

	"campanario/access"
)

// WorkspaceView is a workspace.
type WorkspaceView struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Country   string    `json:"country" doc:"ISO 3166-1: where phone numbers without a country code belong"`
	Zone      string    `json:"zone" doc:"IANA time zone of what names no other"`
	Language  string    `json:"language" doc:"BCP 47 tag of the language of contacts who name no other"`
	CreatedAt time.Time `json:"created_at"`
}

func workspaceView(w access.Workspace) WorkspaceView {
	return WorkspaceView{w.ID, w.Name, w.Settings.Country, w.Settings.Zone, w.Settings.Language, w.CreatedAt}
}

// WorkspaceEdit is what can be changed about a workspace.
type WorkspaceEdit struct {
	Name     Change[string] `json:"name,omitzero"`
	Country  Change[string] `json:"country,omitzero" doc:"ISO 3166-1, such as BR; null for the default"`
	Zone     Change[string] `json:"zone,omitzero" doc:"IANA time zone, such as America/Sao_Paulo; null for the default"`
	Language Change[string] `json:"language,omitzero" doc:"BCP 47, such as pt-BR; null for the default"`
}

// KeyView is an API key. Its secret is not known any more.
type KeyView struct {
	ID         string        `json:"id"`
	Name       string        `json:"name"`
	Scopes     access.Scopes `json:"scopes" enum:"read,operate,manage,own"`
	CreatedAt  time.Time     `json:"created_at"`
	LastUsedAt *time.Time    `json:"last_used_at,omitempty" doc:"Exact to the minute; absent if never"`
	RevokedAt  *time.Time    `json:"revoked_at,omitempty" doc:"Absent unless somebody revoked it"`
	EndsAt     *time.Time    `json:"ends_at,omitempty" doc:"When it ends by itself; absent for never"`
	Good       bool          `json:"good" doc:"Whether it opens anything now"`
	Current    bool          `json:"current" doc:"Whether this is the key of this very request"`
}

func keyView(k access.Key, by access.Principal, now time.Time) KeyView {
	return KeyView{
		k.ID, k.Name, k.Scopes, k.CreatedAt, optional(k.LastUsedAt), optional(k.RevokedAt), optional(k.EndsAt), k.Good(now), k.ID == by.Key,
	}
}

// NewKeyView is a key that has just been made.
type NewKeyView struct {
	KeyView
	Token string `json:"token" doc:"The key itself. It is shown this once and kept nowhere"`
}

// Whoami says who a key belongs to.
type Whoami struct {
	Workspace WorkspaceView `json:"workspace"`
	Key       string        `json:"key,omitempty" doc:"Id of the key; absent for a person"`
	User      string        `json:"user,omitempty" doc:"Id of the person; absent for a key"`
	Name      string        `json:"name" doc:"Name of the key or the person"`
	Scopes    access.Scopes `json:"scopes" enum:"read,operate,manage,own" doc:"What they hold"`
	// Permissions are the scopes with those they include, so that nobody need know which do.
	Permissions access.Scopes `json:"permissions" enum:"read,operate,manage,own" doc:"The scopes, and those that they include"`
}

// body is an answer that is nothing but a body.
type body[T any] struct{ Body T }

func answer[T any](v T) *body[T] { return &body[T]{v} }

// optional is an instant that may not have come yet.
func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

type nothing struct{}

func (s *Server) workspaceRoutes() {
	handle(s, route{
		id: "whoami", method: http.MethodGet, path: "/whoami", tag: "workspace", scope: access.Read,
		summary: "Tell who asks",
	}, func(ctx context.Context, by access.Principal, _ *nothing) (*body[Whoami], error) {
		w, err := s.o.Access.Workspace(ctx, by.Workspace)
		if err != nil {
			return nil, err
		}
		return answer(Whoami{workspaceView(w), by.Key, by.User, by.Name, by.Scopes, by.Permissions()}), nil
	})
	handle(s, route{
		id: "get-workspace", method: http.MethodGet, path: "/workspace", tag: "workspace", scope: access.Read,
		summary: "Get the workspace",
	}, func(ctx context.Context, by access.Principal, _ *nothing) (*body[WorkspaceView], error) {
		w, err := s.o.Access.Workspace(ctx, by.Workspace)
		return answer(workspaceView(w)), err
	})
	handle(s, route{
		id: "update-workspace", method: http.MethodPatch, path: "/workspace", tag: "workspace", scope: access.Manage,
		summary: "Change the workspace",
	}, s.updateWorkspace)
	s.keyRoutes()
}

func (s *Server) updateWorkspace(ctx context.Context, by access.Principal, in *struct{ Body WorkspaceEdit }) (*body[WorkspaceView], error) {
	w, err := s.o.Access.Workspace(ctx, by.Workspace)
	if err != nil {
		return nil, err
	}
	in.Body.Name.put(&w.Name)
	in.Body.Country.put(&w.Settings.Country)
	in.Body.Zone.put(&w.Settings.Zone)
	in.Body.Language.put(&w.Settings.Language)
	w, err = s.o.Access.SetWorkspace(ctx, w)
	return answer(workspaceView(w)), err
}

func (s *Server) keyRoutes() {
	handle(s, route{
		id: "list-keys", method: http.MethodGet, path: "/keys", tag: "workspace", scope: access.Manage,
		summary: "List the keys", about: "All of them, the newest first, those that were revoked too.",
	}, func(ctx context.Context, by access.Principal, _ *nothing) (*body[Page[KeyView]], error) {
		keys, err := s.o.Access.Keys(ctx, by.Workspace)
		show := func(k access.Key) KeyView { return keyView(k, by, s.o.Now()) }
		return answer(page("keys", keys, len(keys), show, nil)), err
	})
	handle(s, route{
		id: "create-key", method: http.MethodPost, path: "/keys", tag: "workspace", scope: access.Manage, status: http.StatusCreated,
		summary: "Make a key", about: "The answer holds the key itself, this once. That is why it cannot be repeated under an idempotency key.",
	}, s.createKey)
	handle(s, route{
		id: "revoke-key", method: http.MethodDelete, path: "/keys/{key}", tag: "workspace", scope: access.Manage, conflicts: true,
		status: http.StatusNoContent, summary: "Revoke a key", about: "For good and at once. The last key that may manage the workspace stays.",
	}, func(ctx context.Context, by access.Principal, in *struct {
		Key string `path:"key" doc:"Id of the key"`
	},
	) (*nothing, error) {
		return nil, s.o.Access.RevokeKey(ctx, by.Workspace, in.Key)
	})
}

func (s *Server) createKey(ctx context.Context, by access.Principal, in *struct {
	Body struct {
		Name   string        `json:"name" doc:"What it is for"`
		Scopes access.Scopes `json:"scopes" enum:"read,operate,manage,own" doc:"A wider scope includes the narrower ones"`
		EndsAt *time.Time    `json:"ends_at,omitempty" doc:"When it ends by itself; absent for never"`
	} `nameHint:"KeyInput"`
},
) (*body[NewKeyView], error) {
	var ends time.Time
	if in.Body.EndsAt != nil {
		ends = *in.Body.EndsAt
	}
	k, token, err := s.o.Access.CreateKey(ctx, by, in.Body.Name, in.Body.Scopes, ends)
	if err != nil {
		return nil, err
	}
	return answer(NewKeyView{keyView(k, by, s.o.Now()), token}), nil
}
