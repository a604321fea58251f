package report

import (
	"context"
	"io"
	"time"

	"github.com/google/uuid"

	"campanario/internal/locale"
)

// Bounds of files.
const (
	// Kept is how long a file can be downloaded.
	Kept = 7 * 24 * time.Hour
	// MostOpen is how many files of a workspace may wait or be written at once.
	MostOpen = 20
	// MostBytes is how large a file may become.
	MostBytes = 2 << 30
)

// FilesOptions are what Files needs. Store is required.
type FilesOptions struct {
	Store   FileStore
	Changed func()           // called when there is work for a Worker; may be nil
	Now     func() time.Time // time.Now when nil
}

// Files guards the reports that are written in the background. It is safe for concurrent use.
type Files struct{ o FilesOptions }

// NewFiles makes Files.
func NewFiles(o FilesOptions) *Files {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Changed == nil {
		o.Changed = func() {}
	}
	return &Files{o}
}

// Prepare asks for a report. name is that of its file, by who asks. What is wrong with what is asked is refused at once.
func (s *Files) Prepare(ctx context.Context, workspace, campaign, by, name string, o FileOptions) (File, error) {
	checked := Options{Form: o.Form, Filter: o.Filter}
	if err := checked.settle(); err != nil {
		return File{}, err
	}
	if _, err := s.o.Store.Campaign(ctx, workspace, campaign); err != nil {
		return File{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return File{}, err
	}
	o.Form = checked.Form
	f := File{
		ID: id.String(), Workspace: workspace, Campaign: campaign, State: StateWaiting, Name: name, Options: o, By: by, CreatedAt: s.o.Now().UTC(),
	}
	if f, err = s.o.Store.AddFile(ctx, f, MostOpen); err == nil {
		s.o.Changed()
	}
	return f, err
}

// Get gives a file.
func (s *Files) Get(ctx context.Context, workspace, id string) (File, error) {
	return s.o.Store.ReportFile(ctx, workspace, id)
}

// List gives the files of a campaign, the newest first.
func (s *Files) List(ctx context.Context, workspace string, q FileQuery) ([]File, error) {
	if _, err := s.o.Store.Campaign(ctx, workspace, q.Campaign); err != nil {
		return nil, err
	}
	return s.o.Store.ReportFiles(ctx, workspace, q)
}

// Cancel ends a file that waits or is being written.
func (s *Files) Cancel(ctx context.Context, workspace, id string) (File, error) {
	f, err := s.in(ctx, workspace, id, StepCancel)
	if err != nil {
		return f, err
	}
	now := s.o.Now().UTC()
	if err := s.o.Store.CancelFile(ctx, workspace, id, now, now.Add(Kept)); err != nil {
		return f, err
	}
	s.o.Changed() // what was written of it goes
	return s.o.Store.ReportFile(ctx, workspace, id)
}

// Delete removes a file that has ended.
func (s *Files) Delete(ctx context.Context, workspace, id string) error {
	if _, err := s.in(ctx, workspace, id, StepDelete); err != nil {
		return err
	}
	if err := s.o.Store.DeleteFile(ctx, workspace, id); err != nil {
		return err
	}
	s.o.Changed()
	return nil
}

// Open gives a file that is done, and its bytes. An error of the reader means that it is not there any more.
func (s *Files) Open(ctx context.Context, workspace, id string) (File, io.Reader, error) {
	f, err := s.in(ctx, workspace, id, StepDownload)
	return f, &reading{s: s.o.Store, ctx: ctx, f: &f}, err
}

// in gives a file of which the step can be asked.
func (s *Files) in(ctx context.Context, workspace, id string, step FileStep) (File, error) {
	f, err := s.o.Store.ReportFile(ctx, workspace, id)
	if err == nil {
		err = f.State.allow(step)
	}
	return f, err
}

// reading reads a file part by part. It is not safe for concurrent use.
type reading struct {
	s    FileStore
	ctx  context.Context //nolint:containedctx // of one reading
	f    *File
	next int64
	left []byte
}

func (r *reading) Read(b []byte) (int, error) {
	for len(r.left) == 0 {
		if r.next == r.f.Parts {
			return 0, io.EOF
		}
		var err error
		if r.left, err = r.s.FilePart(r.ctx, r.f, r.next); err != nil {
			return 0, err
		}
		r.next++
	}
	n := copy(b, r.left)
	r.left = r.left[n:]
	return n, nil
}

// options are those of the report in a file.
func (o FileOptions) options() Options {
	out := Options{Form: o.Form, Filter: o.Filter, Converted: o.Converted}
	if o.Language != "" {
		out.Words = In(locale.Language(o.Language))
	}
	return out
}
