package access_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"campanario/access"
	"campanario/internal/dbtest"
	"campanario/internal/fault"
	"campanario/store"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// world is a Service on a clock that the test moves.
type world struct {
	*access.Service
	t     *testing.T
	ctx   context.Context
	store *store.Store
	now   time.Time
}

func each(t *testing.T, f func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		w := &world{t: t, ctx: t.Context(), store: s, now: noon}
		w.Service = access.NewService(access.Options{Store: s, Now: func() time.Time { return w.now }})
		f(t, w)
	})
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) refused(err error, code string) {
	w.t.Helper()
	if !fault.Is(err, code) {
		w.t.Errorf("got %v, want %s", err, code)
	}
}

func (w *world) first() (access.Principal, string) {
	w.t.Helper()
	_, token, created, err := w.EnsureFirst(w.ctx)
	w.must(err)
	if !created {
		w.t.Fatal("not the first start")
	}
	p, err := w.Authenticate(w.ctx, token)
	w.must(err)
	return p, token
}

func TestFirstStart(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		workspace, token, created, err := w.EnsureFirst(w.ctx)
		w.must(err)
		if !created || !regexp.MustCompile(`^cmp_[0-9a-hjkmnp-tv-z]{16}_[0-9a-hjkmnp-tv-z]{52}$`).MatchString(token) {
			t.Fatalf("created %v, a key like %d signs", created, len(token))
		}
		p, err := w.Authenticate(w.ctx, token)
		w.must(err)
		if p.Workspace != workspace || !p.Scopes.Allow(access.Manage) {
			t.Errorf("came in as %+v", p)
		}
		again, token, created, err := w.EnsureFirst(w.ctx)
		w.must(err)
		if created || token != "" || again != workspace {
			t.Errorf("the second start made another: %s, %v", again, created)
		}
	})
}

// TestStartTogether has processes meet an empty database at once.
func TestStartTogether(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		type end struct {
			workspace string
			created   bool
			err       error
		}
		ends := make(chan end, 6)
		for range cap(ends) {
			go func() {
				var e end
				e.workspace, _, e.created, e.err = w.EnsureFirst(w.ctx)
				ends <- e
			}()
		}
		made, seen := 0, map[string]bool{}
		for range cap(ends) {
			e := <-ends
			w.must(e.err)
			seen[e.workspace] = true
			if e.created {
				made++
			}
		}
		if made != 1 || len(seen) != 1 {
			t.Errorf("%d made a workspace, %d are known", made, len(seen))
		}
	})
}

func TestAuthenticateRefuses(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, token := w.first()
		other, second, err := w.CreateKey(w.ctx, p, "old", access.Scopes{access.Read}, time.Time{})
		w.must(err)
		w.must(w.RevokeKey(w.ctx, p.Workspace, other.ID))
		id, secret, _ := strings.Cut(strings.TrimPrefix(token, "cmp_"), "_")
		last := "0"
		if strings.HasSuffix(token, "0") {
			last = "1"
		}
		for name, bad := range map[string]string{
			"nothing":             "",
			"a word":              "hunter2",
			"no prefix":           id + "_" + secret,
			"another prefix":      "sk_" + id + "_" + secret,
			"one sign wrong":      token[:len(token)-1] + last,
			"too short":           token[:len(token)-1],
			"too long":            token + "0",
			"another key's":       "cmp_" + other.ID + "_" + secret,
			"an unknown id":       "cmp_" + strings.Repeat("0", 16) + "_" + secret,
			"capitals":            strings.ToUpper(token),
			"revoked":             second,
			"a zero byte":         "cmp_" + id[:15] + "\x00_" + secret,
			"no UTF-8":            "cmp_" + id[:15] + "\xff_" + secret,
			"a very long one":     "cmp_" + strings.Repeat("x", 1<<16),
			"SQL":                 "cmp_' OR 1=1 --    _" + secret,
			"with a space behind": token + " ",
		} {
			if _, err := w.Authenticate(w.ctx, bad); !fault.Is(err, "key_invalid") || fault.KindOf(err) != fault.Denied {
				t.Errorf("%s: got %v", name, err)
			} else if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the error tells the secret", name)
			}
		}
	})
}

func TestLastUseIsKnownToTheMinute(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, token := w.first()
		used := func() time.Time {
			keys, err := w.Keys(w.ctx, p.Workspace)
			w.must(err)
			return keys[0].LastUsedAt
		}
		for _, step := range []struct{ after, want time.Duration }{
			{0, 0}, {30 * time.Second, 0}, {59 * time.Second, 0}, {60 * time.Second, 60 * time.Second}, {100 * time.Second, 60 * time.Second}, {121 * time.Second, 121 * time.Second},
		} {
			w.now = noon.Add(step.after)
			_, err := w.Authenticate(w.ctx, token)
			w.must(err)
			if got := used(); !got.Equal(noon.Add(step.want)) {
				t.Errorf("used after %v: known as %v", step.after, got.Sub(noon))
			}
		}
	})
}

func TestKeys(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, token := w.first()
		_, _, err := w.CreateKey(w.ctx, p, " ", nil, time.Time{})
		if len(fault.All(err)) != 2 {
			t.Errorf("not all problems at once: %v", err)
		}
		_, _, err = w.CreateKey(w.ctx, p, "x", access.Scopes{"root"}, time.Time{})
		w.refused(err, "not_one_of")
		operator, second, err := w.CreateKey(w.ctx, p, "Operação", access.Scopes{access.Operate, access.Read, access.Operate}, time.Time{})
		w.must(err)
		if !slices.Equal(operator.Scopes, access.Scopes{access.Operate, access.Read}) {
			t.Errorf("scopes %v", operator.Scopes)
		}
		o, err := w.Authenticate(w.ctx, second)
		w.must(err)
		if o.Scopes.Allow(access.Manage) || !o.Scopes.Allow(access.Read) || o.Name != "Operação" {
			t.Errorf("came in as %+v", o)
		}
		_, _, err = w.CreateKey(w.ctx, o, "more", access.Scopes{access.Manage}, time.Time{})
		w.refused(err, "scope_missing")

		// The last key that may manage stays; another one's and another workspace's are not found.
		w.refused(w.RevokeKey(w.ctx, p.Workspace, p.Key), "key_last")
		if _, err := w.Authenticate(w.ctx, token); err != nil {
			t.Errorf("the key that stays does not work: %v", err)
		}
		w.refused(w.RevokeKey(w.ctx, "another", operator.ID), "key_not_found")
		w.must(w.RevokeKey(w.ctx, p.Workspace, operator.ID))
		w.refused(w.RevokeKey(w.ctx, p.Workspace, operator.ID), "key_not_found")
		manager, _, err := w.CreateKey(w.ctx, p, "second", access.Scopes{access.Manage}, time.Time{})
		w.must(err)
		w.must(w.RevokeKey(w.ctx, p.Workspace, p.Key))
		w.refused(w.RevokeKey(w.ctx, p.Workspace, manager.ID), "key_last")
		keys, err := w.Keys(w.ctx, p.Workspace)
		w.must(err)
		if len(keys) != 3 {
			t.Errorf("%d keys are listed", len(keys))
		}
	})
}

// TestKeysEnd: a key that was given an end opens until then, and does not stand in for one that stays.
func TestKeysEnd(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, _ := w.first()
		_, _, err := w.CreateKey(w.ctx, p, "late", access.Scopes{access.Read}, w.now)
		w.refused(err, "past_time")
		w.now = noon.Add(time.Hour) // the newest is listed first
		ends := w.now.Add(30 * 24 * time.Hour)
		k, token, err := w.CreateKey(w.ctx, p, "for a month", access.Scopes{access.Manage}, ends)
		w.must(err)
		keys, err := w.Keys(w.ctx, p.Workspace)
		w.must(err)
		if keys[0].ID != k.ID || !keys[0].EndsAt.Equal(ends) || !keys[1].EndsAt.IsZero() {
			t.Errorf("listed as %+v", keys)
		}
		w.refused(w.RevokeKey(w.ctx, p.Workspace, p.Key), "key_last")
		w.now = ends.Add(-time.Millisecond)
		if _, err := w.Authenticate(w.ctx, token); err != nil {
			t.Errorf("before its end: %v", err)
		}
		w.now = ends
		if _, err := w.Authenticate(w.ctx, token); !fault.Is(err, "key_invalid") {
			t.Errorf("at its end: %v", err)
		}
	})
}

func TestWorkspaces(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, _ := w.first()
		second, token, err := w.CreateWorkspace(w.ctx, " Clínica Sol ")
		w.must(err)
		q, err := w.Authenticate(w.ctx, token)
		w.must(err)
		if second.Name != "Clínica Sol" || q.Workspace != second.ID || q.Workspace == p.Workspace {
			t.Errorf("%+v, %+v", second, q)
		}
		got, err := w.Workspace(w.ctx, second.ID)
		w.must(err)
		if want := (access.Settings{Country: "BR", Zone: "America/Sao_Paulo", Language: "pt-BR"}); got.Settings != want || !got.CreatedAt.Equal(noon) {
			t.Errorf("%+v", got)
		}
		got.Settings = access.Settings{Country: "MX", Zone: "America/Mexico_City", Language: "es"}
		got, err = w.SetWorkspace(w.ctx, got)
		w.must(err)
		if got.Settings.Country != "MX" || got.Name != "Clínica Sol" {
			t.Errorf("%+v", got)
		}
		_, err = w.SetWorkspace(w.ctx, access.Workspace{ID: second.ID, Settings: access.Settings{Country: "brazil", Zone: "Mars/Base", Language: "!"}})
		if got := len(fault.All(err)); got != 4 {
			t.Errorf("%d problems told: %v", got, err)
		}
		_, err = w.SetWorkspace(w.ctx, access.Workspace{ID: "another", Name: "x"})
		w.refused(err, "workspace_not_found")
		_, _, err = w.CreateWorkspace(w.ctx, "")
		w.refused(err, "required")
	})
}

func TestScopes(t *testing.T) {
	tests := []struct {
		have  access.Scopes
		allow []access.Scope
	}{
		{nil, nil},
		{access.Scopes{"root"}, nil},
		{access.Scopes{access.Read}, []access.Scope{access.Read}},
		{access.Scopes{access.Operate}, []access.Scope{access.Read, access.Operate}},
		{access.Scopes{access.Read, access.Manage}, []access.Scope{access.Read, access.Operate, access.Manage}},
	}
	for _, tt := range tests {
		for _, s := range append(access.AllScopes(), "", "root") {
			want := slices.Contains(tt.allow, s)
			if got := tt.have.Allow(s); got != want {
				t.Errorf("%v allow %q: %v", tt.have, s, got)
			}
			if err := (access.Principal{Scopes: tt.have}).Require(s); (err == nil) != want {
				t.Errorf("%v require %q: %v", tt.have, s, err)
			}
		}
	}
}
