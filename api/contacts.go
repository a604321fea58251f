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
	ID          string            `json:"id"`
	ExternalID  string            `json:"external_id"`
	Document    string            `json:"document" doc:"CPF or CNPJ, without punctuation; may be empty"`
	Name        string            `json:"name"`
	Phone       string            `json:"phone" doc:"The first phone number, E.164; may be empty"`
	Email       string            `json:"email" doc:"The first mailbox; may be empty"`
	Addresses   []ReachView       `json:"addresses" doc:"All of them, in the order in which they are tried"`
	Zone        string            `json:"zone"`
	Language    string            `json:"language"`
	City        string            `json:"city"`
	State       string            `json:"state"`
	Location    string            `json:"location" doc:"A tag of where they are"`
	Priority    audience.Priority `json:"priority" enum:"low,normal,high"`
	Tags        []string          `json:"tags"`
	Portfolios  []string          `json:"portfolios"`
	Segments    []string          `json:"segments"`
	Attributes  map[string]string `json:"attributes"`
	Primary     string            `json:"primary" doc:"Id of the contact whom this one stands in for; may be empty"`
	Revision    int64             `json:"revision"`
	CreatedAt   time.Time         `json:"created_at"`
	UpdatedAt   time.Time         `json:"updated_at"`
	ImportedAt  *time.Time        `json:"imported_at" doc:"When an import last wrote them"`
	ContactedAt *time.Time        `json:"contacted_at" doc:"When we last tried to reach them"`
	HeardAt     *time.Time        `json:"heard_at" doc:"When we last heard from them"`
}

// ReachView is one address of a person.
type ReachView struct {
	Kind     audience.ReachKind   `json:"kind" enum:"phone,email"`
	Address  string               `json:"address"`
	Label    string               `json:"label"`
	Status   audience.ReachStatus `json:"status" enum:",valid,unreachable,bounced,no_whatsapp" doc:"Empty while nothing is known"`
	StatusAt *time.Time           `json:"status_at"`
}

func contactView(c audience.Contact) ContactView {
	v := ContactView{
		ID: c.ID, ExternalID: c.ExternalID, Document: c.Document, Name: c.Name, Phone: string(c.First(audience.ByPhone)),
		Email: string(c.First(audience.ByEmail)), Addresses: make([]ReachView, len(c.Reaches)), Zone: c.Zone, Language: c.Language,
		City: c.City, State: c.State, Location: c.Location, Priority: c.Priority, Tags: list(c.Tags), Portfolios: list(c.Portfolios),
		Segments: list(c.Segments), Attributes: texts(c.Attributes), Primary: c.Primary, Revision: c.Revision, CreatedAt: c.CreatedAt,
		UpdatedAt: c.UpdatedAt, ImportedAt: optional(c.ImportedAt), ContactedAt: optional(c.ContactedAt), HeardAt: optional(c.HeardAt),
	}
	for i, r := range c.Reaches {
		v.Addresses[i] = ReachView{r.Kind, string(r.Address), r.Label, r.Status, optional(r.StatusAt)}
	}
	return v
}

// ReachEdit is an address as people write it.
type ReachEdit struct {
	Address string `json:"address" maxLength:"400" doc:"A phone number or a mailbox"`
	Label   string `json:"label,omitempty" doc:"Whose, or of what: work, mother"`
}

// ContactEdit is what can be said about a contact.
type ContactEdit struct {
	ExternalID Change[string]      `json:"external_id,omitzero" doc:"What your own system calls them; unique in the workspace"`
	Document   Change[string]      `json:"document,omitzero" doc:"CPF or CNPJ, with or without punctuation"`
	Name       Change[string]      `json:"name,omitzero"`
	Phone      Change[string]      `json:"phone,omitzero" doc:"The first phone number, as people write it; one without a country code is of the workspace's country"`
	Email      Change[string]      `json:"email,omitzero" doc:"The first mailbox"`
	Addresses  Change[[]ReachEdit] `json:"addresses,omitzero" doc:"All of them, in the order in which to try them: they replace those that were there"`
	Zone       Change[string]      `json:"zone,omitzero" doc:"IANA time zone; that of the phone number unless it is said"`
	Language   Change[string]      `json:"language,omitzero" doc:"BCP 47"`
	City       Change[string]      `json:"city,omitzero"`
	State      Change[string]      `json:"state,omitzero"`
	Location   Change[string]      `json:"location,omitzero" doc:"A tag of where they are"`
	Priority   Change[string]      `json:"priority,omitzero" doc:"low, normal or high; BAIXA, MEDIA and ALTA are understood"`
	Tags       Change[[]string]    `json:"tags,omitzero" doc:"All of them: they replace those that were there"`
	Portfolios Change[[]string]    `json:"portfolios,omitzero"`
	Segments   Change[[]string]    `json:"segments,omitzero"`
	Attributes map[string]*string  `json:"attributes,omitempty" doc:"Merged: null takes one away"`
	Primary    Change[string]      `json:"primary,omitzero" doc:"Id of the contact whom this one stands in for"`
}

func (e *ContactEdit) edit() audience.ContactEdit {
	out := audience.ContactEdit{
		ExternalID: e.ExternalID.to(), Document: e.Document.to(), Name: e.Name.to(), Phone: e.Phone.to(), Email: e.Email.to(),
		Zone: e.Zone.to(), Language: e.Language.to(), City: e.City.to(), State: e.State.to(), Location: e.Location.to(),
		Priority: e.Priority.to(), Tags: e.Tags.to(), Portfolios: e.Portfolios.to(), Segments: e.Segments.to(),
		Attributes: e.Attributes, Primary: e.Primary.to(),
	}
	if given := e.Addresses.to(); given != nil {
		reaches := make([]audience.ReachEdit, len(*given))
		for i, r := range *given {
			reaches[i] = audience.ReachEdit{Address: r.Address, Label: r.Label}
		}
		out.Reaches = &reaches
	}
	return out
}

// ContactInput is a new contact.
type ContactInput struct {
	ContactEdit
	Consent *ReturnInput `json:"consent,omitempty" doc:"For who was erased and comes back: what they agreed to anew. Without it an address of somebody who was erased is refused"`
}

// ReturnInput is the new consent of somebody who was erased.
type ReturnInput struct {
	Channel channel.Kind           `json:"channel,omitempty" enum:"voice,email,sms,whatsapp" doc:"Only on this channel; absent: on all"`
	Basis   audience.Basis         `json:"basis,omitempty" enum:"consent,contract,legitimate_interest,legal_obligation,credit_protection,exercise_of_rights,protection_of_life,health,public_policy,research" doc:"Legal basis (LGPD, article 7); default consent"`
	Source  audience.ConsentSource `json:"source,omitempty" enum:"import,form,message,call,api" doc:"Where it came in; default api"`
	Proof   string                 `json:"proof" doc:"What shows it: a text or JSON, up to 16 KiB"`
	At      *time.Time             `json:"at,omitempty" doc:"When they said so; default now"`
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
		summary: "List and search contacts", about: "The newest first. " + shortPages,
	}, s.listContacts)
	handle(s, route{
		id: "create-contact", method: http.MethodPost, path: "/contacts", tag: "contacts", scope: access.Operate, status: http.StatusCreated,
		repeats: true, summary: "Add a contact", about: "With a phone number or an e-mail address at least.",
	}, func(ctx context.Context, by access.Principal, in *struct{ Body ContactInput }) (*revisedBody[ContactView], error) {
		x := in.Body.Consent
		if x == nil {
			return contactAnswer(s.o.Contacts.Create(ctx, by.Workspace, in.Body.edit()))
		}
		tell(ctx, "returned", true)
		said := audience.Consenting{Channel: x.Channel, Basis: x.Basis, Source: x.Source, Proof: x.Proof, By: by.Key}
		if said.Source == "" {
			said.Source = audience.FromAPI
		}
		if x.At != nil {
			said.At = *x.At
		}
		return contactAnswer(s.o.Contacts.Return(ctx, by.Workspace, in.Body.edit(), said))
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
		status: http.StatusNoContent, summary: "Delete a contact", about: "Campaigns that they are in keep them, and suppressions of their addresses stay, as does what they agreed to and took back, as proof. Whom they took consent back from keeps them suppressed. To forget somebody, erase them.",
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
		tellSuppressing(ctx, x, r)
		return answer(s.suppressView(ctx, r)), err
	})
}

func (s *Server) listContacts(ctx context.Context, by access.Principal, in *struct {
	Paging
	Search string `query:"search" maxLength:"200" doc:"In names, addresses and external ids, without regard to case and accents. What is the whole address, document or external id of somebody finds these alone"`
},
) (*body[Page[ContactView]], error) {
	q := audience.ContactQuery{Search: in.Search, Limit: in.Limit}
	if err := resume("contacts", in.Cursor, &q.After); err != nil {
		return nil, err
	}
	rows, next, err := s.o.Contacts.List(ctx, by.Workspace, q)
	return answer(windowed("contacts", rows, next, contactView)), err
}
