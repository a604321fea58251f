package api

import (
	"context"
	"net/http"
	"time"

	"campanario/access"
	"campanario/audience"
	"campanario/channel"
)

// ContactView is a person that the workspace knows.
type ContactView struct {
	ID         string            `json:"id"`
	ExternalID string            `json:"external_id"`
	Name       string            `json:"name"`
	Phone      string            `json:"phone" doc:"E.164; may be empty"`
	Email      string            `json:"email"`
	Zone       string            `json:"zone"`
	Language   string            `json:"language"`
	Tags       []string          `json:"tags"`
	Attributes map[string]string `json:"attributes"`
	Revision   int64             `json:"revision"`
	CreatedAt  time.Time         `json:"created_at"`
	UpdatedAt  time.Time         `json:"updated_at"`
}

func contactView(c audience.Contact) ContactView {
	return ContactView{
		c.ID, c.ExternalID, c.Name, string(c.Phone), string(c.Email), c.Zone, c.Language, list(c.Tags), texts(c.Attributes),
		c.Revision, c.CreatedAt, c.UpdatedAt,
	}
}

// ContactEdit is what can be said about a contact.
type ContactEdit struct {
	ExternalID Change[string]     `json:"external_id,omitzero" doc:"What your own system calls them; unique in the workspace"`
	Name       Change[string]     `json:"name,omitzero"`
	Phone      Change[string]     `json:"phone,omitzero" doc:"As people write it; a number without a country code is of the workspace's country"`
	Email      Change[string]     `json:"email,omitzero"`
	Zone       Change[string]     `json:"zone,omitzero" doc:"IANA time zone; that of the phone number unless it is said"`
	Language   Change[string]     `json:"language,omitzero" doc:"BCP 47"`
	Tags       Change[[]string]   `json:"tags,omitzero" doc:"All of them: they replace those that were there"`
	Attributes map[string]*string `json:"attributes,omitempty" doc:"Merged: null takes one away"`
}

func (e ContactEdit) edit() audience.ContactEdit {
	return audience.ContactEdit{
		ExternalID: e.ExternalID.to(), Name: e.Name.to(), Phone: e.Phone.to(), Email: e.Email.to(), Zone: e.Zone.to(),
		Language: e.Language.to(), Tags: e.Tags.to(), Attributes: e.Attributes,
	}
}

// OptOutInput says how a contact opted out.
type OptOutInput struct {
	Channel channel.Kind            `json:"channel,omitempty" enum:"voice,email,sms,whatsapp" doc:"Only of this channel; absent: of all"`
	Reason  audience.SuppressReason `json:"reason,omitempty" enum:"opted_out,complained,block_list,do_not_call,by_operator,no_consent,wrong_person" doc:"opted_out unless it is said"`
	Source  string                  `json:"source,omitempty" maxLength:"200" doc:"Where it comes from, for the record"`
}

// ContactPath names a contact in a path.
type ContactPath struct {
	Contact string `path:"contact" doc:"Id of the contact"`
}

func contactAnswer(c audience.Contact, err error) (*revisedBody[ContactView], error) {
	if err != nil {
		return nil, err
	}
	return &revisedBody[ContactView]{etag(c.Revision), contactView(c)}, nil
}

func (s *Server) contactRoutes() {
	handle(s, route{
		id: "list-contacts", method: http.MethodGet, path: "/contacts", tag: "contacts", scope: access.Read,
		summary: "List and search contacts", about: "The newest first.",
	}, s.listContacts)
	handle(s, route{
		id: "create-contact", method: http.MethodPost, path: "/contacts", tag: "contacts", scope: access.Operate, status: http.StatusCreated,
		repeats: true, summary: "Add a contact", about: "With a phone number or an e-mail address at least.",
	}, func(ctx context.Context, by access.Principal, in *struct{ Body ContactEdit }) (*revisedBody[ContactView], error) {
		return contactAnswer(s.o.Contacts.Create(ctx, by.Workspace, in.Body.edit()))
	})
	handle(s, route{
		id: "get-contact", method: http.MethodGet, path: "/contacts/{contact}", tag: "contacts", scope: access.Read, summary: "Get a contact",
	}, func(ctx context.Context, by access.Principal, in *ContactPath) (*revisedBody[ContactView], error) {
		return contactAnswer(s.o.Contacts.Get(ctx, by.Workspace, in.Contact))
	})
	handle(s, route{
		id: "update-contact", method: http.MethodPatch, path: "/contacts/{contact}", tag: "contacts", scope: access.Operate,
		revised: true, conflicts: true, summary: "Change a contact",
	}, func(ctx context.Context, by access.Principal, in *struct {
		ContactPath
		Revised
		Body ContactEdit
	},
	) (*revisedBody[ContactView], error) {
		revision, err := in.revision()
		if err != nil {
			return nil, err
		}
		return contactAnswer(s.o.Contacts.Edit(ctx, by.Workspace, in.Contact, revision, in.Body.edit()))
	})
	handle(s, route{
		id: "delete-contact", method: http.MethodDelete, path: "/contacts/{contact}", tag: "contacts", scope: access.Operate,
		status: http.StatusNoContent, summary: "Delete a contact", about: "Campaigns that they are in keep them, and suppressions of their addresses stay.",
	}, func(ctx context.Context, by access.Principal, in *ContactPath) (*nothing, error) {
		return nil, s.o.Contacts.Delete(ctx, by.Workspace, in.Contact)
	})
	handle(s, route{
		id: "opt-out-contact", method: http.MethodPost, path: "/contacts/{contact}/opt-out", tag: "contacts", scope: access.Operate,
		summary: "Opt a contact out", about: "Suppresses all their addresses. Once it is answered, no attempt is placed to them.",
	}, func(ctx context.Context, by access.Principal, in *struct {
		ContactPath
		Body OptOutInput
	},
	) (*body[SuppressView], error) {
		x := audience.Suppressing{Channel: in.Body.Channel, Reason: in.Body.Reason, Source: in.Body.Source}
		r, err := s.o.Contacts.OptOut(ctx, by.Workspace, in.Contact, x)
		return answer(s.suppressView(ctx, r)), err
	})
}

func (s *Server) listContacts(ctx context.Context, by access.Principal, in *struct {
	Paging
	Search string `query:"search" maxLength:"200" doc:"In names, addresses and external ids, without regard to case and accents"`
},
) (*body[Page[ContactView]], error) {
	q := audience.ContactQuery{Search: in.Search, Limit: in.Limit + 1}
	if err := resume("contacts", in.Cursor, &q.After); err != nil {
		return nil, err
	}
	rows, err := s.o.Contacts.List(ctx, by.Workspace, q)
	return answer(page("contacts", rows, in.Limit, contactView, func(c audience.Contact) any { return c.ID })), err
}
