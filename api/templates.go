package api

import (
	"context"
	"net/http"
	"time"

	"campanario/access"
	"campanario/agent"
	"campanario/channel"
	"campanario/internal/fault"
)

// TemplateInput is a template as somebody writes it.
type TemplateInput struct {
	Channel     channel.Kind           `json:"channel" enum:"voice,email,sms,whatsapp" doc:"What the message is sent by; e-mail in this version"`
	Name        string                 `json:"name" doc:"What people call the template"`
	Description string                 `json:"description,omitempty" doc:"What it is for"`
	Message     *agent.MessageTemplate `json:"message,omitempty" doc:"The e-mail"`
}

// TemplateView is a template.
type TemplateView struct {
	ID          string                 `json:"id"`
	Channel     channel.Kind           `json:"channel" enum:"voice,email,sms,whatsapp"`
	Name        string                 `json:"name"`
	Description string                 `json:"description"`
	Message     *agent.MessageTemplate `json:"message,omitempty" doc:"The e-mail"`
	Revision    int64                  `json:"revision"`
	CreatedAt   time.Time              `json:"created_at"`
	UpdatedAt   time.Time              `json:"updated_at"`
}

func templateView(t agent.SavedTemplate) TemplateView {
	return TemplateView{t.ID, t.Channel, t.Name, t.Description, t.Message, t.Revision, t.CreatedAt, t.UpdatedAt}
}

func (in TemplateInput) template() agent.SavedTemplate {
	return agent.SavedTemplate{Channel: in.Channel, Name: in.Name, Description: in.Description, Message: in.Message}
}

// SpecimenInput is a message that is to be looked at.
type SpecimenInput struct {
	Message   agent.MessageTemplate `json:"message"`
	Variables map[string]string     `json:"variables,omitempty" doc:"Of an example person; those that are missing are filled in with their names"`
}

// SpecimenView is a message as an example person would get it.
type SpecimenView struct {
	Subject   string         `json:"subject"`
	FromName  string         `json:"from_name"`
	Text      string         `json:"text" doc:"The plain part; made of the HTML when there is no other"`
	HTML      string         `json:"html" doc:"The HTML part; empty when there is none"`
	Variables []VariableView `json:"variables" doc:"What the message puts in"`
}

// VariableView is a variable of a text.
type VariableView struct {
	Name     string `json:"name"`
	Value    string `json:"value" doc:"What was put in; empty for one with a default"`
	Required bool   `json:"required" doc:"Who lacks it is not contacted"`
}

func specimenView(s agent.Specimen) SpecimenView {
	v := SpecimenView{Subject: s.Subject, FromName: s.FromName, Text: s.Text, HTML: s.HTML, Variables: []VariableView{}}
	for _, name := range s.Names {
		v.Variables = append(v.Variables, VariableView{name, s.Values[name], true})
	}
	for _, name := range s.Optional {
		v.Variables = append(v.Variables, VariableView{name, s.Values[name], false})
	}
	return v
}

// TemplatePath names a template in a path.
type TemplatePath struct {
	Template string `path:"template" doc:"Id of the template"`
}

func templateAnswer(t agent.SavedTemplate, err error) (*revisedBody[TemplateView], error) {
	if err != nil {
		return nil, err
	}
	return &revisedBody[TemplateView]{etag(t.Revision), templateView(t)}, nil
}

func (s *Server) templateRoutes() {
	handle(s, route{
		id: "list-templates", method: http.MethodGet, path: "/templates", tag: "templates", scope: access.Read, summary: "List templates", about: "The newest first.",
	}, s.listTemplates)
	handle(s, route{
		id: "create-template", method: http.MethodPost, path: "/templates", tag: "templates", scope: access.Operate, status: http.StatusCreated, repeats: true,
		summary: "Save a message as a template",
	}, func(ctx context.Context, by access.Principal, in *struct{ Body TemplateInput }) (*revisedBody[TemplateView], error) {
		return templateAnswer(s.o.Templates.Create(ctx, by.Workspace, in.Body.template()))
	})
	handle(s, route{
		id: "get-template", method: http.MethodGet, path: "/templates/{template}", tag: "templates", scope: access.Read, summary: "Get a template",
	}, func(ctx context.Context, by access.Principal, in *TemplatePath) (*revisedBody[TemplateView], error) {
		return templateAnswer(s.o.Templates.Get(ctx, by.Workspace, in.Template))
	})
	handle(s, route{
		id: "update-template", method: http.MethodPut, path: "/templates/{template}", tag: "templates", scope: access.Operate, revised: true,
		summary: "Replace a template", about: "Campaigns that were made with it keep what they have: they hold copies.",
	}, func(ctx context.Context, by access.Principal, in *struct {
		TemplatePath
		Revised
		Body TemplateInput
	},
	) (*revisedBody[TemplateView], error) {
		revision, err := in.revision()
		if err != nil {
			return nil, err
		}
		return templateAnswer(s.o.Templates.Replace(ctx, by.Workspace, in.Template, revision, in.Body.template()))
	})
	handle(s, route{
		id: "delete-template", method: http.MethodDelete, path: "/templates/{template}", tag: "templates", scope: access.Operate,
		status: http.StatusNoContent, summary: "Delete a template", about: "Campaigns that were made with it keep their copies.",
	}, func(ctx context.Context, by access.Principal, in *TemplatePath) (*nothing, error) {
		return nil, s.o.Templates.Delete(ctx, by.Workspace, in.Template)
	})
	handle(s, route{
		id: "preview-template", method: http.MethodPost, path: "/templates/preview", tag: "templates", scope: access.Read,
		summary: "Look at a message as somebody would get it", about: "Of a template that is saved or not. Nothing is sent.",
	}, func(_ context.Context, _ access.Principal, in *struct{ Body SpecimenInput }) (*body[SpecimenView], error) {
		m, err := in.Body.Message.Specimen(in.Body.Variables)
		if bad := fault.All(err); len(bad) > 0 {
			err = bad.Under("message").Err()
		}
		return answer(specimenView(m)), err
	})
}

func (s *Server) listTemplates(ctx context.Context, by access.Principal, in *struct {
	Paging
	Channel channel.Kind `query:"channel" enum:"voice,email,sms,whatsapp" doc:"Only those of a channel"`
	Search  string       `query:"search" maxLength:"200" doc:"In the name"`
},
) (*body[Page[TemplateView]], error) {
	q := agent.TemplateQuery{Channel: in.Channel, Search: in.Search, Limit: in.Limit + 1}
	if err := resume("templates", in.Cursor, &q.After); err != nil {
		return nil, err
	}
	rows, err := s.o.Templates.List(ctx, by.Workspace, q)
	return answer(page("templates", rows, in.Limit, templateView, func(t agent.SavedTemplate) any { return t.ID })), err
}
