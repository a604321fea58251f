package access

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"campanario/internal/fault"
)

// Store is what Service needs kept. A thing of another workspace is not found.
type Store interface {
	// AddFirst makes a workspace with its first key unless there is any workspace, and tells whether it did; of several
	// processes that start together one does.
	AddFirst(ctx context.Context, w Workspace, k Key, hash string) (bool, error)
	// AddWorkspace makes a workspace with its first key.
	AddWorkspace(ctx context.Context, w Workspace, k Key, hash string) error
	// FirstWorkspace is the oldest.
	FirstWorkspace(ctx context.Context) (Workspace, error)
	Workspace(ctx context.Context, id string) (Workspace, error)
	// SetWorkspace replaces the name and the settings.
	SetWorkspace(ctx context.Context, w Workspace) error

	AddKey(ctx context.Context, k Key, hash string) error
	// KeyByID gives a key of whatever workspace with the hash of its secret.
	KeyByID(ctx context.Context, id string) (Key, string, error)
	Keys(ctx context.Context, workspace string) ([]Key, error)
	// RevokeKey ends a key for good; the last good one that may manage and never ends by itself is a conflict while the
	// workspace has no owner.
	RevokeKey(ctx context.Context, workspace, id string, now time.Time) error
	// TouchKey writes when a key was last used, unless that is known as exactly as `every` demands.
	TouchKey(ctx context.Context, id string, now time.Time, every time.Duration) error
}

// Options for NewService. Store is required.
type Options struct {
	Store Store
	Now   func() time.Time // time.Now when nil
	Log   *slog.Logger     // nothing when nil
}

// Service guards workspaces and keys. It is safe for concurrent use.
type Service struct {
	store Store
	now   func() time.Time
	log   *slog.Logger
}

// NewService makes a Service.
func NewService(o Options) *Service {
	s := &Service{store: o.Store, now: o.Now, log: o.Log}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	return s
}

// touchEvery is how exactly the last use of a key is known.
const touchEvery = time.Minute

// Authenticate tells who comes with the token. Whatever is wrong with it, the answer is key_invalid: who guesses learns
// nothing.
func (s *Service) Authenticate(ctx context.Context, token string) (Principal, error) {
	invalid := fault.New(fault.Denied, "key_invalid", nil)
	id, secret, ok := parseKey(token)
	if !ok {
		return Principal{}, invalid
	}
	k, hash, err := s.store.KeyByID(ctx, id)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return Principal{}, err
	}
	now := s.now().UTC()
	if !proves(secret, hash) || err != nil || !k.Good(now) {
		return Principal{}, invalid
	}
	if now.Sub(k.LastUsedAt) >= touchEvery {
		if err := s.store.TouchKey(ctx, id, now, touchEvery); err != nil && ctx.Err() == nil {
			s.log.Warn("key_use_not_written", "key", id, "error", err) // it only informs
		}
	}
	return Principal{Workspace: k.Workspace, Key: k.ID, Name: k.Name, Scopes: k.Scopes}, nil
}

// EnsureFirst makes the first workspace and its key when there is none: the first start. Otherwise it gives the oldest
// workspace and no key.
func (s *Service) EnsureFirst(ctx context.Context) (workspace, token string, created bool, err error) {
	w, k, token, hash, err := s.fresh("Campanário")
	if err != nil {
		return "", "", false, err
	}
	created, err = s.store.AddFirst(ctx, w, k, hash)
	if err != nil {
		return "", "", false, err
	}
	if created {
		return w.ID, token, true, nil
	}
	w, err = s.store.FirstWorkspace(ctx)
	return w.ID, "", false, err
}

// CreateWorkspace makes a workspace with a first key that may do everything in it.
func (s *Service) CreateWorkspace(ctx context.Context, name string) (Workspace, string, error) {
	if err := checkName(name).Err(); err != nil {
		return Workspace{}, "", err
	}
	w, k, token, hash, err := s.fresh(strings.TrimSpace(name))
	if err != nil {
		return Workspace{}, "", err
	}
	return w, token, s.store.AddWorkspace(ctx, w, k, hash)
}

func (s *Service) fresh(name string) (w Workspace, k Key, token, hash string, err error) {
	id, err := uuid.NewV7()
	if err != nil {
		return w, k, "", "", err
	}
	now := s.now().UTC()
	w = Workspace{ID: id.String(), Name: name, CreatedAt: now}
	k = Key{Workspace: w.ID, Name: "first key", Scopes: Scopes{Own}, CreatedAt: now}
	k.ID, token, hash = newKey()
	return w, k, token, hash, nil
}

// Workspace gives a workspace, its settings with their defaults.
func (s *Service) Workspace(ctx context.Context, id string) (Workspace, error) {
	w, err := s.store.Workspace(ctx, id)
	w.Settings = w.Settings.Defaults()
	return w, err
}

// Zone is the clock of a workspace's days.
func (s *Service) Zone(ctx context.Context, id string) (*time.Location, error) {
	w, err := s.Workspace(ctx, id)
	if err != nil {
		return nil, err
	}
	return time.LoadLocation(w.Settings.Zone)
}

// SetWorkspace replaces the name and the settings of a workspace.
func (s *Service) SetWorkspace(ctx context.Context, w Workspace) (Workspace, error) {
	w.Name = strings.TrimSpace(w.Name)
	if err := w.Validate().Err(); err != nil {
		return w, err
	}
	if err := s.store.SetWorkspace(ctx, w); err != nil {
		return w, err
	}
	return s.Workspace(ctx, w.ID)
}

// CreateKey makes a key that ends by itself at an instant (never when that is zero). The token is given this once. by is
// who asks: nobody gives away what they do not hold.
func (s *Service) CreateKey(ctx context.Context, by Principal, name string, scopes Scopes, ends time.Time) (Key, string, error) {
	now := s.now().UTC()
	bad := append(checkName(name), scopes.check()...)
	if !ends.IsZero() && !ends.After(now) {
		bad = append(bad, fault.New(fault.Invalid, "past_time", fault.Params{"at": ends.UTC().Format(time.RFC3339), "now": now.Format(time.RFC3339)}).At("ends_at"))
	}
	if err := bad.Err(); err != nil {
		return Key{}, "", err
	}
	for _, scope := range scopes {
		if err := by.Require(scope); err != nil {
			return Key{}, "", err
		}
	}
	slices.Sort(scopes)
	k := Key{Workspace: by.Workspace, Name: strings.TrimSpace(name), Scopes: slices.Compact(scopes), CreatedAt: now, EndsAt: ends.UTC()}
	var token, hash string
	k.ID, token, hash = newKey()
	return k, token, s.store.AddKey(ctx, k, hash)
}

// Keys lists the keys of a workspace, the revoked ones too, the newest first.
func (s *Service) Keys(ctx context.Context, workspace string) ([]Key, error) {
	return s.store.Keys(ctx, workspace)
}

// RevokeKey ends a key for good. While the workspace has no owner, the last one that may manage it and never ends by
// itself stays (key_last).
func (s *Service) RevokeKey(ctx context.Context, workspace, id string) error {
	return s.store.RevokeKey(ctx, workspace, id, s.now().UTC())
}
