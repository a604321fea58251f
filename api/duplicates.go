package api

import (
	"context"
	"net/http"

	"campanario/access"
	"campanario/audience"
)

// DuplicateView is a contact that may be the same person as another.
type DuplicateView struct {
	Contact ContactView         `json:"contact"`
	Shares  []audience.MergeKey `json:"shares" doc:"What both have: document, phone, email"`
}

// GroupView are contacts that share a value.
type GroupView struct {
	By       audience.MergeKey `json:"by" enum:"document,phone,email"`
	Value    string            `json:"value"`
	Count    int               `json:"count" doc:"How many share it"`
	Contacts []ContactView     `json:"contacts" doc:"The oldest 20 of them"`
}

// MergeInput says which contacts are to become one with another.
type MergeInput struct {
	Others []string `json:"others" minItems:"1" maxItems:"50" doc:"Ids of those who go"`
}

func (s *Server) duplicateRoutes() {
	handle(s, route{
		id: "list-duplicates", method: http.MethodGet, path: "/contacts/duplicates", tag: "contacts", scope: access.Read,
		summary: "List contacts of the base that share something",
		about:   "Groups, in an order of their own. " + shortPages,
	}, s.listDuplicates)
	handle(s, route{
		id: "get-duplicates", method: http.MethodGet, path: "/contacts/{contact}/duplicates", tag: "contacts", scope: access.Read,
		summary: "List the contacts that share something with one", about: "Up to 200, the oldest first.",
	}, func(ctx context.Context, by access.Principal, in *ContactPath) (*body[Page[DuplicateView]], error) {
		rows, err := s.o.Contacts.Duplicates(ctx, by.Workspace, in.Contact)
		show := func(d audience.Duplicate) DuplicateView { return DuplicateView{contactView(d.Contact), d.Shares} }
		return answer(page("duplicates", rows, len(rows), show, nil)), err
	})
	handle(s, route{
		id: "merge-contacts", method: http.MethodPost, path: "/contacts/{contact}/merge", tag: "contacts", scope: access.Operate,
		conflicts: true, summary: "Make one contact of several",
		about: "What the one that is kept says of itself stays; what is missing comes from the others. Addresses, tags, consents with their history, places in campaigns, " +
			"attempts that limits count, and who stands in for them are those of all. The ids of the others lead to the one that is kept. It cannot be undone. " +
			"Two different documents are two people, and refused.",
	}, func(ctx context.Context, by access.Principal, in *struct {
		ContactPath
		Body MergeInput
	},
	) (*revisedBody[ContactView], error) {
		tell(ctx, "others", in.Body.Others)
		return contactAnswer(s.o.Contacts.Merge(ctx, by.Workspace, in.Contact, in.Body.Others))
	})
	handle(s, route{
		id: "preview-merge", method: http.MethodPost, path: "/contacts/{contact}/merge/preview", tag: "contacts", scope: access.Read,
		conflicts: true, summary: "Look at the contact that a merge would make",
		about: "Nothing is changed. What would be refused is refused.",
	}, func(ctx context.Context, by access.Principal, in *struct {
		ContactPath
		Body MergeInput
	},
	) (*body[ContactView], error) {
		c, err := s.o.Contacts.MergePreview(ctx, by.Workspace, in.Contact, in.Body.Others)
		return answer(contactView(c)), err
	})
}

func (s *Server) listDuplicates(ctx context.Context, by access.Principal, in *struct {
	Paging
	By audience.MergeKey `query:"by" enum:"document,phone,email" default:"phone" doc:"What they share"`
},
) (*body[Page[GroupView]], error) {
	var after string
	if err := resume("duplicates-"+string(in.By), in.Cursor, &after); err != nil {
		return nil, err
	}
	groups, next, err := s.o.Contacts.DuplicateGroups(ctx, by.Workspace, in.By, after, in.Limit)
	show := func(g audience.Group) GroupView {
		v := GroupView{g.By, g.Value, g.Count, make([]ContactView, len(g.Contacts))}
		for i := range g.Contacts {
			v.Contacts[i] = contactView(g.Contacts[i])
		}
		return v
	}
	return answer(windowed("duplicates-"+string(in.By), groups, next, show)), err
}
