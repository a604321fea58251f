package intake

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"campanario/audience"
	"campanario/internal/fault"
)

// SessionsOptions are what Sessions needs. Store is required.
type SessionsOptions struct {
	Store SessionStore
	// Country gives the country of phone numbers that name none; nil means that there is none.
	Country func(ctx context.Context, workspace string) (string, error)
	// Registers reports whether a workspace has a do-not-call register to check imports against; nil means that it has.
	Registers func(ctx context.Context, workspace string) (bool, error)
	// Changed is called when there may be work for a Worker; may be nil.
	Changed func()
	Now     func() time.Time // time.Now when nil
}

// Sessions guards imports. It is safe for concurrent use.
type Sessions struct{ o SessionsOptions }

// NewSessions makes Sessions.
func NewSessions(o SessionsOptions) *Sessions {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Changed == nil {
		o.Changed = func() {}
	}
	if o.Registers == nil {
		o.Registers = func(context.Context, string) (bool, error) { return true, nil }
	}
	if o.Country == nil {
		o.Country = func(context.Context, string) (string, error) { return "", nil }
	}
	return &Sessions{o: o}
}

// Bounds of an import.
const (
	partSize    = 1 << 20
	MaxFile     = 4 << 30 // bytes of an uploaded file
	maxFileName = 200
)

// Open takes a file in and looks at it. by names who brings it. A file that cannot be read at all is refused, and nothing
// of it is kept.
func (s *Sessions) Open(ctx context.Context, workspace, by, name string, file io.Reader) (Session, error) {
	if name = strings.TrimSpace(name); name == "" || len(name) > maxFileName || !utf8.ValidString(name) {
		return Session{}, fault.New(fault.Invalid, "file_name_invalid", fault.Params{"max": maxFileName}).At("name")
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Session{}, err
	}
	now := s.o.Now().UTC()
	x := Session{ID: id.String(), Workspace: workspace, State: StateOpen, Name: name, By: by, Revision: 1, CreatedAt: now, UpdatedAt: now}
	if x.No, err = s.o.Store.AddSession(ctx, x); err != nil {
		return Session{}, err
	}
	err = s.take(ctx, &x, file)
	if err == nil {
		err = s.look(ctx, &x)
	}
	if err == nil {
		x.State, x.UpdatedAt = StateReady, s.o.Now().UTC()
		err = s.o.Store.ReplaceSession(ctx, x, x.Revision)
		x.Revision++
	}
	if err != nil {
		gone := s.o.Store.DeleteSession(context.WithoutCancel(ctx), workspace, x.ID)
		return Session{}, errors.Join(err, gone)
	}
	return x, nil
}

// take stores the file.
func (s *Sessions) take(ctx context.Context, x *Session, file io.Reader) error {
	buf := make([]byte, partSize)
	for {
		n, err := io.ReadFull(file, buf)
		if n > 0 {
			if x.Size += int64(n); x.Size > MaxFile {
				return fault.New(fault.Invalid, "file_too_large", fault.Params{"max": int64(MaxFile)})
			}
			if err := s.o.Store.AddPart(ctx, x.No, x.Parts, buf[:n]); err != nil {
				return err
			}
			x.Parts++
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case err != nil:
			return err
		}
	}
}

func (s *Sessions) look(ctx context.Context, x *Session) error {
	country, err := s.o.Country(ctx, x.Workspace)
	if err != nil {
		return err
	}
	found, err := Suggest(s.o.Store.File(ctx, x))
	if err != nil {
		return err
	}
	x.Found = &found
	x.Settings = Settings{File: ContactOptions{Country: country, Layout: found.Layout}, By: audience.MergeKeys()}
	if found.Layout == LayoutMapped {
		for _, c := range found.Columns {
			x.Settings.File.Columns = append(x.Settings.File.Columns, c.Mapped)
		}
	}
	return nil
}

// Get gives an import.
func (s *Sessions) Get(ctx context.Context, workspace, id string) (Session, error) {
	return s.o.Store.Session(ctx, workspace, id)
}

// List gives imports, the newest first.
func (s *Sessions) List(ctx context.Context, workspace string, q SessionQuery) ([]Session, error) {
	return s.o.Store.Sessions(ctx, workspace, q)
}

// step changes an import that is in a state for it. revision is the one that was read, or 0 for whatever there is.
func (s *Sessions) step(ctx context.Context, workspace, id string, revision int64, step Step, change func(*Session) error) (Session, error) {
	x, err := s.o.Store.Session(ctx, workspace, id)
	if err != nil {
		return x, err
	}
	if err := x.State.Allow(step); err != nil {
		return x, err
	}
	if err := change(&x); err != nil {
		return x, err
	}
	read := x.Revision
	if revision != 0 {
		read = revision
	}
	x.UpdatedAt = s.o.Now().UTC()
	if err := s.o.Store.ReplaceSession(ctx, x, read); err != nil {
		return x, err
	}
	x.Revision = read + 1
	s.o.Changed()
	return x, nil
}

// Edit changes what was decided about an import. What a trial found is forgotten.
func (s *Sessions) Edit(ctx context.Context, workspace, id string, revision int64, set Settings) (Session, error) {
	return s.step(ctx, workspace, id, revision, StepEdit, func(x *Session) error {
		if set.File.Sheet != x.Settings.File.Sheet {
			found, err := SuggestSheet(s.o.Store.File(ctx, x), set.File.Sheet)
			if err != nil {
				return err
			}
			x.Found = &found
		}
		if err := set.validate(x.Found); err != nil {
			return err
		}
		x.State, x.Settings, x.Counts, x.RowsDone, x.Failure = StateReady, set, Counts{}, 0, nil
		return nil
	})
}

// Check begins a trial: it goes through the file and writes nothing.
func (s *Sessions) Check(ctx context.Context, workspace, id string) (Session, error) {
	return s.step(ctx, workspace, id, 0, StepCheck, func(x *Session) error {
		if err := s.screens(ctx, x); err != nil {
			return err
		}
		x.State, x.Counts, x.RowsDone, x.Failure, x.EndedAt = StateChecking, Counts{}, 0, nil, time.Time{}
		return nil
	})
}

// Commit begins the import.
func (s *Sessions) Commit(ctx context.Context, workspace, id string) (Session, error) {
	return s.step(ctx, workspace, id, 0, StepCommit, func(x *Session) error {
		if err := s.screens(ctx, x); err != nil {
			return err
		}
		x.State, x.Counts, x.RowsDone, x.Failure, x.EndedAt = StateRunning, Counts{}, 0, nil, time.Time{}
		return nil
	})
}

// Cancel stops the work on an import: a trial leaves it as it was before, an import keeps what it has written.
func (s *Sessions) Cancel(ctx context.Context, workspace, id string) (Session, error) {
	return s.step(ctx, workspace, id, 0, StepCancel, func(x *Session) error {
		if x.State = StateCancelled; x.Counts.Created+x.Counts.Updated == 0 {
			x.State = StateReady
		}
		x.EndedAt = s.o.Now().UTC()
		return nil
	})
}

// Undo begins to take an import back.
func (s *Sessions) Undo(ctx context.Context, workspace, id string) (Session, error) {
	return s.step(ctx, workspace, id, 0, StepUndo, func(x *Session) error {
		x.State, x.Failure, x.EndedAt = StateUndoing, nil, time.Time{}
		return nil
	})
}

// Delete removes an import; the contacts stay.
func (s *Sessions) Delete(ctx context.Context, workspace, id string) error {
	x, err := s.o.Store.Session(ctx, workspace, id)
	if err == nil {
		err = x.State.Allow(StepDelete)
	}
	if err != nil {
		return err
	}
	return s.o.Store.DeleteSession(ctx, workspace, id)
}

// Problems gives what is wrong with the file, in its order: of the import, or of its trial before it was begun.
func (s *Sessions) Problems(ctx context.Context, workspace, id string, q ProblemQuery) ([]Problem, error) {
	x, err := s.o.Store.Session(ctx, workspace, id)
	if err != nil {
		return nil, err
	}
	return s.problems(ctx, &x, q)
}
