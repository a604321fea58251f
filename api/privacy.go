package api

import (
	"context"
	"net/http"

	"campanario/access"
	"campanario/person"
)

// EraseInput says why somebody is erased.
type EraseInput struct {
	Reason person.EraseReason `json:"reason" enum:"requested,consent_withdrawn,purpose_ended,unlawful" doc:"For the audit"`
}

func (s *Server) privacyRoutes() {
	s.exportRoutes()
	s.retentionRoutes()
	handle(s, route{
		id: "erase-contact", method: http.MethodPost, path: "/contacts/{contact}/erase", tag: "contacts", scope: access.Manage,
		conflicts: true, summary: "Forget a contact",
		about: "Removes the contact, their addresses, consents and proofs, and whatever tells who they are in the recipients and attempts of all campaigns, whose rows stay so that " +
			"counters equal what they count. Of their addresses a keyed hash is kept: nobody is contacted there any more, and they are refused wherever people are added, unless they come " +
			"back with a new consent (create-contact). Refused while an attempt to reach them is going on. Files of imports that have ended are removed as a whole; those that have not are named. It cannot be undone.",
	}, func(ctx context.Context, by access.Principal, in *struct {
		ContactPath
		Body EraseInput
	},
	) (*body[person.Erasure], error) {
		out, err := s.o.Office.Erase(ctx, by.Workspace, in.Contact, in.Body.Reason)
		tell(ctx, "reason", in.Body.Reason)
		tell(ctx, "recipients", out.Recipients)
		return answer(out), err
	})
}
