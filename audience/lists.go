package audience

import (
	"context"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/google/uuid"

	"campanario/internal/fault"
)

// List is a saved list of contacts, which people call an audience: a filter that is evaluated whenever somebody asks, or
// was evaluated once when the list is static.
type List struct {
	ID          string // UUIDv7
	Workspace   string
	Name        string // unique in the workspace, without regard to capitals and accents
	Description string
	Filter      Filter
	Static      bool
	FrozenAt    time.Time // when a static list was last filled; zero for others
	Revision    int64
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// ListEdit is what somebody writes about a list; a nil part stays as it is.
type ListEdit struct {
	Name, Description *string
	Filter            *Filter
	Static            *bool
}

// ListQuery picks lists, in the order of names.
type ListQuery struct {
	Search string // in names
	After  string // name of the last one seen; empty begins
	Limit  int
}

// ListStore is what Lists needs kept. A list of another workspace is not found.
type ListStore interface {
	Index
	// AddList makes a list; a name that another one has is the conflict audience_name_taken.
	AddList(ctx context.Context, l List) error
	// ReplaceList writes a list over the revision given; a newer one is the conflict revision_stale.
	ReplaceList(ctx context.Context, l List, revision int64) error
	Lists(ctx context.Context, workspace string, q ListQuery) ([]List, error)
	DeleteList(ctx context.Context, workspace, id string) error
	// Freeze writes who is on a static list, and when that was found out.
	Freeze(ctx context.Context, l List, members *roaring.Bitmap) error
	// Terms lists the values of a field that somebody has, the most frequent first.
	Terms(ctx context.Context, workspace string, f Field, search string, limit int) ([]TermCount, error)
	// AttributeNames lists the attributes that contacts have.
	AttributeNames(ctx context.Context, workspace string) ([]string, error)
	Contacts(ctx context.Context, workspace string, q ContactQuery) (page []Contact, next int64, err error)
}

// ListsOptions are what Lists needs. Store is required.
type ListsOptions struct {
	Store ListStore
	// Zone is the clock of a workspace's days; UTC when nil.
	Zone func(ctx context.Context, workspace string) (*time.Location, error)
	Now  func() time.Time // time.Now when nil
}

// Lists guards the saved lists of workspaces. It is safe for concurrent use.
type Lists struct{ o ListsOptions }

// NewLists makes Lists.
func NewLists(o ListsOptions) *Lists {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = func(context.Context, string) (*time.Location, error) { return time.UTC, nil }
	}
	return &Lists{o: o}
}

const maxListDescription = 2000

func (e *ListEdit) apply(l *List) error {
	var bad fault.List
	if e.Name != nil {
		l.Name = strings.TrimSpace(*e.Name)
	}
	if l.Name == "" {
		bad = append(bad, fault.New(fault.Invalid, "required", nil).At("name"))
	}
	bad = append(bad, checkText("name", l.Name, maxTag)...)
	if e.Description != nil {
		l.Description = strings.TrimSpace(*e.Description)
		bad = append(bad, checkText("description", l.Description, maxListDescription)...)
	}
	if e.Filter != nil {
		l.Filter = *e.Filter
		bad = append(bad, fault.All(l.Filter.Validate()).Under("filter")...)
	}
	if e.Static != nil {
		l.Static = *e.Static
	}
	return bad.Err()
}

// Create makes a list; a static one is filled at once.
func (s *Lists) Create(ctx context.Context, workspace string, e ListEdit) (List, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return List{}, err
	}
	now := s.o.Now().UTC()
	l := List{ID: id.String(), Workspace: workspace, Revision: 1, CreatedAt: now, UpdatedAt: now}
	if err := e.apply(&l); err != nil {
		return List{}, err
	}
	if err := s.o.Store.AddList(ctx, l); err != nil || !l.Static {
		return l, err
	}
	return s.Freeze(ctx, workspace, l.ID)
}

// Edit changes a list. revision is the one that was read, or 0 for whatever there is. A static list keeps who is on it
// until it is filled anew.
func (s *Lists) Edit(ctx context.Context, workspace, id string, revision int64, e ListEdit) (List, error) {
	for try := 1; ; try++ {
		l, err := s.o.Store.List(ctx, workspace, id)
		if err != nil {
			return List{}, err
		}
		read, was := l.Revision, l.Static
		if revision != 0 {
			read = revision
		}
		if err := e.apply(&l); err != nil {
			return List{}, err
		}
		l.UpdatedAt = s.o.Now().UTC()
		err = s.o.Store.ReplaceList(ctx, l, read)
		if revision == 0 && try < editTries && fault.Is(err, "revision_stale") {
			continue
		}
		l.Revision = read + 1
		if err == nil && l.Static && !was {
			return s.Freeze(ctx, workspace, id)
		}
		return l, err
	}
}

// Freeze fills a static list with those whom its filter fits now.
func (s *Lists) Freeze(ctx context.Context, workspace, id string) (List, error) {
	l, err := s.o.Store.List(ctx, workspace, id)
	if err != nil {
		return List{}, err
	}
	if !l.Static {
		return List{}, fault.New(fault.Conflict, "audience_not_static", nil)
	}
	members, err := s.Pick(ctx, workspace, &l.Filter)
	if err != nil {
		return List{}, err
	}
	l.FrozenAt = s.o.Now().UTC()
	l.Revision++
	return l, s.o.Store.Freeze(ctx, l, members)
}

// Get gives a list.
func (s *Lists) Get(ctx context.Context, workspace, id string) (List, error) {
	return s.o.Store.List(ctx, workspace, id)
}

// List gives lists, by name.
func (s *Lists) List(ctx context.Context, workspace string, q ListQuery) ([]List, error) {
	return s.o.Store.Lists(ctx, workspace, q)
}

// Delete removes a list. Campaigns that it filled keep their recipients.
func (s *Lists) Delete(ctx context.Context, workspace, id string) error {
	return s.o.Store.DeleteList(ctx, workspace, id)
}

// Pick gives the numbers of the contacts that a valid filter fits now.
func (s *Lists) Pick(ctx context.Context, workspace string, f *Filter) (*roaring.Bitmap, error) {
	zone, err := s.o.Zone(ctx, workspace)
	if err != nil {
		return nil, err
	}
	return Pick(ctx, s.o.Store, workspace, f, s.o.Now(), zone)
}

// Members gives the numbers of the contacts on a list.
func (s *Lists) Members(ctx context.Context, workspace, id string) (*roaring.Bitmap, error) {
	l, err := s.o.Store.List(ctx, workspace, id)
	if err != nil {
		return nil, err
	}
	if l.Static {
		return s.Pick(ctx, workspace, &Filter{Field: FieldAudience, Is: []string{l.ID}})
	}
	return s.Pick(ctx, workspace, &l.Filter)
}

// sampleSize is how many contacts a preview shows.
const sampleSize = 20

// Preview is whom a filter fits.
type Preview struct {
	Count  int64
	Sample []Contact // some of them, from the oldest to the newest
}

// Preview counts whom a valid filter fits, and gives a sample.
func (s *Lists) Preview(ctx context.Context, workspace string, f *Filter) (Preview, error) {
	picked, err := s.Pick(ctx, workspace, f)
	if err != nil {
		return Preview{}, err
	}
	return s.preview(ctx, workspace, picked)
}

// PreviewList does the same with those on a list.
func (s *Lists) PreviewList(ctx context.Context, workspace, id string) (Preview, error) {
	picked, err := s.Members(ctx, workspace, id)
	if err != nil {
		return Preview{}, err
	}
	return s.preview(ctx, workspace, picked)
}

func (s *Lists) preview(ctx context.Context, workspace string, picked *roaring.Bitmap) (Preview, error) {
	out := Preview{Count: int64(picked.GetCardinality())}
	if out.Count == 0 {
		return out, nil
	}
	n := min(out.Count, sampleSize)
	numbers := make([]int64, n)
	for i := range n {
		no, err := picked.Select(uint32(i * out.Count / n))
		if err != nil {
			return out, err
		}
		numbers[i] = int64(no)
	}
	var err error
	out.Sample, _, err = s.o.Store.Contacts(ctx, workspace, ContactQuery{Among: numbers, Limit: len(numbers)})
	return out, err
}

// mostTerms is how many values of a field are listed at once.
const mostTerms = 100

// Values lists the values of a field that contacts have, the most frequent first; search is a part of a value.
func (s *Lists) Values(ctx context.Context, workspace string, f Field, search string) ([]TermCount, error) {
	ask, known := f.asks()
	if !known || !ask.is {
		return nil, fault.New(fault.Invalid, "filter_field", fault.Params{"value": clip(string(f))}).At("field")
	}
	return s.o.Store.Terms(ctx, workspace, f, search, mostTerms)
}

// Attributes lists the attributes that contacts have.
func (s *Lists) Attributes(ctx context.Context, workspace string) ([]string, error) {
	return s.o.Store.AttributeNames(ctx, workspace)
}
