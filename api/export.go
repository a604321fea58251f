package api

import (
	"archive/zip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"campanario/access"
	"campanario/audience"
	"campanario/internal/locale"
	"campanario/person"
)

// ExportFormat is the number of the form of exports; it rises when a name in them changes its meaning or goes.
const ExportFormat = 1

// ExportView is the file person.json of an export, as it is documented. It is written member by member.
type ExportView struct {
	Format      int                  `json:"format" doc:"1"`
	GeneratedAt time.Time            `json:"generated_at"`
	Workspace   string               `json:"workspace" doc:"Name of who keeps the data"`
	Contact     ContactView          `json:"contact"`
	Consents    []ConsentView        `json:"consents" doc:"The latest first"`
	Timeline    []MomentView         `json:"timeline" doc:"Everything that happened, the newest first"`
	Recipients  []ExportedRecipients `json:"recipients" doc:"What campaigns were told of them when they were added"`
}

// ExportedRecipients is a person's place in a campaign with all that was given with it.
type ExportedRecipients struct {
	Campaign  CampaignRefView `json:"campaign"`
	Recipient RecipientView   `json:"recipient"`
}

func (s *Server) exportRoutes() {
	s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[ExportView](), true, "")
	handle(s, route{
		id: "export-contact", method: http.MethodGet, path: "/contacts/{contact}/export", tag: "contacts", scope: access.Operate, audited: true,
		answers: "application/zip", summary: "Export everything that is kept of a contact",
		about: "A ZIP archive with person.json (ExportView), and in the folder files whatever was sent or recorded and is kept. For who asks what is known of them (LGPD, article 18). " +
			"The audit tells who exported it. An archive that breaks off has not come whole and cannot be opened.",
	}, s.exportContact)
}

func (s *Server) exportContact(ctx context.Context, by access.Principal, in *ContactPath) (*huma.StreamResponse, error) {
	c, err := s.o.Contacts.Get(ctx, by.Workspace, in.Contact)
	if err != nil {
		return nil, err
	}
	w, err := s.o.Access.Workspace(ctx, by.Workspace)
	if err != nil {
		return nil, err
	}
	consents, err := s.o.Consents.History(ctx, by.Workspace, c.ID)
	if err != nil {
		return nil, err
	}
	first, err := s.o.Timeline.Before(ctx, by.Workspace, c.ID, person.End(), exportPage)
	if err != nil {
		return nil, err
	}
	e := &exporting{s: s, language: of(ctx).language, now: s.o.Now().UTC(), workspace: w.Name, contact: c, consents: consents, page: first}
	return &huma.StreamResponse{Body: func(h huma.Context) {
		h.SetHeader("Content-Type", "application/zip")
		h.SetHeader("Content-Disposition", `attachment; filename="person-`+c.ID+`.zip"`)
		if h.Method() == http.MethodHead {
			return
		}
		_, out := unwrap(h)
		if err := e.write(ctx, out); err != nil {
			s.log.Warn("export_broken_off", "request", of(ctx).id, "contact", c.ID, "error", err)
			panic(http.ErrAbortHandler) // the only way to tell that there was more
		}
	}}, nil
}

// exportPage is how many moments are read at a time.
const exportPage = 200

// exporting writes one person. What it holds does not grow with what happened but by their places in campaigns.
type exporting struct {
	s          *Server
	language   locale.Language
	now        time.Time
	workspace  string
	contact    audience.Contact
	consents   []audience.Consent
	page       []person.Moment
	recipients []ExportedRecipients
}

func (e *exporting) write(ctx context.Context, to io.Writer) error {
	z := zip.NewWriter(to)
	f, err := z.CreateHeader(&zip.FileHeader{Name: "person.json", Method: zip.Deflate, Modified: e.now})
	if err != nil {
		return err
	}
	consents := make([]ConsentView, len(e.consents))
	for i := range e.consents {
		consents[i] = consentView(e.consents[i])
	}
	head := []struct {
		name  string
		value any
	}{
		{"format", ExportFormat}, {"generated_at", e.now}, {"workspace", e.workspace}, {"contact", contactView(e.contact)}, {"consents", consents},
	}
	j := &members{to: f}
	for _, m := range head {
		j.member(m.name, m.value)
	}
	j.list("timeline")
	if err := e.timeline(ctx, j); err != nil {
		return err
	}
	j.text("]")
	j.list("recipients")
	for _, r := range e.recipients {
		j.item(r)
	}
	j.text("]}\n")
	if j.err != nil {
		return j.err
	}
	return z.Close()
}

// timeline writes all moments, page by page.
func (e *exporting) timeline(ctx context.Context, j *members) error {
	for {
		for _, m := range e.page {
			if m.Entry != nil {
				v := momentView(e.language, e.now, m)
				e.recipients = append(e.recipients, ExportedRecipients{*v.Campaign, recipientView(e.language, access.Principal{}, m.Campaign.State, *m.Entry)})
			}
			j.item(momentView(e.language, e.now, m))
		}
		if len(e.page) < exportPage || j.err != nil {
			return j.err
		}
		var err error
		e.page, err = e.s.o.Timeline.Before(ctx, e.contact.Workspace, e.contact.ID, e.page[len(e.page)-1].Seat, exportPage)
		if err != nil {
			return err
		}
	}
}

// members writes a JSON object piece by piece; the first error stays.
type members struct {
	to   io.Writer
	some bool // the object, or the list, has something already
	open bool
	err  error
}

func (j *members) text(s string) {
	if j.err == nil {
		_, j.err = io.WriteString(j.to, s)
	}
}

func (j *members) value(v any) {
	b, err := json.Marshal(v)
	if j.err == nil {
		j.err = err
	}
	j.text(string(b))
}

func (j *members) name(name string) {
	if j.open {
		j.text(",\n")
	} else {
		j.text("{\n")
	}
	j.open = true
	j.text(`"` + name + `": `)
}

func (j *members) member(name string, v any) {
	j.name(name)
	j.value(v)
}

func (j *members) list(name string) {
	j.name(name)
	j.text("[")
	j.some = false
}

func (j *members) item(v any) {
	if j.some {
		j.text(",")
	}
	j.some = true
	j.text("\n")
	j.value(v)
}
