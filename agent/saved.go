package agent

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"campanario/channel"
	"campanario/internal/fault"
)

// SavedTemplate is a message of a workspace that campaigns begin with. A campaign takes a copy: what it says does not change
// because somebody works on the template.
type SavedTemplate struct {
	ID          string // UUIDv7
	Workspace   string
	Channel     channel.Kind
	Name        string
	Description string
	Message     *MessageTemplate // of channel.Email; other channels get their own field beside it
	Revision    int64
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

const (
	maxTemplateName        = 200
	maxTemplateDescription = 2000
)

// Validate gives everything wrong with the template at once.
func (t SavedTemplate) Validate() fault.List {
	var l fault.List
	add := func(field, code string, p fault.Params) { l = append(l, fault.New(fault.Invalid, code, p).At(field)) }
	if strings.TrimSpace(t.Name) == "" {
		add("name", "required", nil)
	}
	for _, text := range []struct {
		field, value string
		max          int
	}{{"name", t.Name, maxTemplateName}, {"description", t.Description, maxTemplateDescription}} {
		switch {
		case utf8.RuneCountInString(text.value) > text.max:
			add(text.field, "too_long", fault.Params{"max": text.max})
		case !utf8.ValidString(text.value) || strings.ContainsRune(text.value, 0):
			add(text.field, "text_invalid", nil)
		}
	}
	switch {
	case t.Channel != channel.Email:
		add("channel", "channel_not_available", fault.Params{"channel": string(t.Channel), "allowed": string(channel.Email)})
	case t.Message == nil:
		add("message", "required", nil)
	default:
		l = append(l, t.Message.Validate().Under("message")...)
	}
	return l
}

// TemplateQuery picks templates for a list, the newest first.
type TemplateQuery struct {
	Channel channel.Kind // empty for all
	Search  string       // in the name, without regard to case and accents
	After   string       // id of the last one seen; empty begins
	Limit   int
}

// TemplateStore is what Templates needs kept. A template of another workspace is not found.
type TemplateStore interface {
	AddTemplate(ctx context.Context, t SavedTemplate) error
	// ReplaceTemplate writes a template over the revision given, or any when that is 0; a newer one is the conflict
	// revision_stale.
	ReplaceTemplate(ctx context.Context, t SavedTemplate, revision int64) error
	Template(ctx context.Context, workspace, id string) (SavedTemplate, error)
	Templates(ctx context.Context, workspace string, q TemplateQuery) ([]SavedTemplate, error)
	DeleteTemplate(ctx context.Context, workspace, id string) error
}

// Templates guards the templates of workspaces. It is safe for concurrent use.
type Templates struct {
	store TemplateStore
	now   func() time.Time
}

// NewTemplates makes Templates; now is time.Now when nil.
func NewTemplates(store TemplateStore, now func() time.Time) *Templates {
	if now == nil {
		now = time.Now
	}
	return &Templates{store: store, now: now}
}

// Create makes a template.
func (s *Templates) Create(ctx context.Context, workspace string, t SavedTemplate) (SavedTemplate, error) {
	if err := t.Validate().Err(); err != nil {
		return SavedTemplate{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return SavedTemplate{}, err
	}
	now := s.now().UTC()
	t.ID, t.Workspace, t.Revision, t.CreatedAt, t.UpdatedAt = id.String(), workspace, 1, now, now
	return t, s.store.AddTemplate(ctx, t)
}

// Replace puts another definition in the place of a template's. revision is the one that was read, or 0 for whatever there
// is. A template stays of its channel.
func (s *Templates) Replace(ctx context.Context, workspace, id string, revision int64, t SavedTemplate) (SavedTemplate, error) {
	have, err := s.store.Template(ctx, workspace, id)
	if err != nil {
		return SavedTemplate{}, err
	}
	l := t.Validate()
	if len(l) == 0 && t.Channel != have.Channel {
		l = append(l, fault.New(fault.Invalid, "field_of_other_channel", fault.Params{"channel": have.Channel}).At("channel"))
	}
	if err := l.Err(); err != nil {
		return SavedTemplate{}, err
	}
	t.ID, t.Workspace, t.UpdatedAt = id, workspace, s.now().UTC()
	if err := s.store.ReplaceTemplate(ctx, t, revision); err != nil {
		return SavedTemplate{}, err
	}
	return s.store.Template(ctx, workspace, id)
}

// Get gives a template.
func (s *Templates) Get(ctx context.Context, workspace, id string) (SavedTemplate, error) {
	return s.store.Template(ctx, workspace, id)
}

// List gives templates, the newest first.
func (s *Templates) List(ctx context.Context, workspace string, q TemplateQuery) ([]SavedTemplate, error) {
	return s.store.Templates(ctx, workspace, q)
}

// Delete removes a template. Campaigns keep their copies.
func (s *Templates) Delete(ctx context.Context, workspace, id string) error {
	return s.store.DeleteTemplate(ctx, workspace, id)
}

// Specimen is a message as an example person would get it.
type Specimen struct {
	Message
	Names    []string          // variables that every recipient must bring, sorted
	Optional []string          // those that have a default, sorted
	Values   map[string]string // what was put in, by name
}

// exampleLink stands in a specimen for the link by which a person unsubscribes.
const exampleLink = "https://example.com/unsubscribe"

// Specimen renders the message for an example person. Variables that are missing are filled in with their names, so that
// nobody has to give them all to see the message. Its error is a fault.List with fields of the message.
func (t MessageTemplate) Specimen(example map[string]string) (Specimen, error) {
	c, err := t.Compile()
	if err != nil {
		return Specimen{}, err
	}
	out := Specimen{Names: c.Names(), Optional: c.Optional(), Values: map[string]string{}}
	v := Example(example, out.Names)
	if _, ok := example[VarUnsubscribe]; !ok {
		v[VarUnsubscribe] = exampleLink
	}
	for _, name := range append(slices.Clone(out.Names), out.Optional...) {
		out.Values[name], _ = v.Lookup(name)
	}
	m, err := c.Render(v)
	if err != nil {
		return Specimen{}, fmt.Errorf("render a specimen: %w", err)
	}
	out.Message = *m
	return out, nil
}
