package api

import (
	"context"
	"net/http"
	"time"

	"campanario/access"
	"campanario/audience"
	"campanario/channel"
)

// SuppressionView is an address that must not be contacted.
type SuppressionView struct {
	Address   string       `json:"address"`
	Channel   channel.Kind `json:"channel" doc:"Empty: on every channel"`
	Reason    string       `json:"reason"`
	Source    string       `json:"source"`
	CreatedAt time.Time    `json:"created_at"`
	ExpiresAt *time.Time   `json:"expires_at" doc:"They may be contacted again from then on; absent: never"`
}

func suppressionView(x audience.Suppression) SuppressionView {
	return SuppressionView{string(x.Address), x.Channel, x.Reason, x.Source, x.At, optional(x.Expires)}
}

// SuppressInput names addresses that must not be contacted.
type SuppressInput struct {
	OptOutInput
	Addresses []string   `json:"addresses" minItems:"1" maxItems:"10000" doc:"Phone numbers and mailboxes, as people write them"`
	ExpiresAt *time.Time `json:"expires_at,omitempty" doc:"They may be contacted again from then on; absent: never"`
}

// SuppressView says what became of them.
type SuppressView struct {
	Added    int64     `json:"added"`
	Already  int64     `json:"already" doc:"Were there before, and for as long"`
	Rejected []Failure `json:"rejected" doc:"What is no address"`
}

func (s *Server) suppressView(ctx context.Context, r audience.SuppressReport) SuppressView {
	return SuppressView{r.Added, r.Already, s.failures(ctx, r.Rejected)}
}

// UnsuppressInput names an address that may be contacted again.
type UnsuppressInput struct {
	Address string       `json:"address"`
	Channel channel.Kind `json:"channel,omitempty" enum:"voice,email,sms,whatsapp" doc:"The channel it is suppressed on; absent: that of every channel"`
}

func (s *Server) suppressionRoutes() {
	handle(s, route{
		id: "list-suppressions", method: http.MethodGet, path: "/suppressions", tag: "suppressions", scope: access.Read,
		summary: "List who must not be contacted", about: "In the order of addresses.",
	}, s.listSuppressions)
	handle(s, route{
		id: "add-suppressions", method: http.MethodPost, path: "/suppressions", tag: "suppressions", scope: access.Operate,
		summary: "Suppress addresses", about: "Once it is answered, this node places no attempt to them, and a second later no other does. What is no address is reported and stops no other.",
	}, func(ctx context.Context, by access.Principal, in *struct{ Body SuppressInput }) (*body[SuppressView], error) {
		x := audience.Suppressing{Channel: in.Body.Channel, Addresses: in.Body.Addresses, Reason: in.Body.Reason, Source: in.Body.Source}
		if in.Body.ExpiresAt != nil {
			x.Expires = *in.Body.ExpiresAt
		}
		r, err := s.o.Suppressions.Add(ctx, by.Workspace, x)
		tellSuppressing(ctx, x, r)
		return answer(s.suppressView(ctx, r)), err
	})
	s.registryRoutes()
	handle(s, route{
		// A POST, because addresses do not belong into URLs, which are written into logs on the way.
		id: "remove-suppression", method: http.MethodPost, path: "/suppressions/remove", tag: "suppressions", scope: access.Manage,
		status: http.StatusNoContent, misses: true, summary: "Lift a suppression",
		about: "The address may be contacted again. A refusal with suppression_not_found (404) says that it was not suppressed so.",
	}, func(ctx context.Context, by access.Principal, in *struct{ Body UnsuppressInput }) (*nothing, error) {
		owners, err := s.o.Contacts.Owners(ctx, by.Workspace, in.Body.Address) // the audit names nobody otherwise
		if err != nil {
			return nil, err
		}
		tell(ctx, "channel", in.Body.Channel)
		tell(ctx, "contacts", owners)
		return nil, s.o.Suppressions.Remove(ctx, by.Workspace, in.Body.Channel, in.Body.Address)
	})
}

func tellSuppressing(ctx context.Context, x audience.Suppressing, r audience.SuppressReport) {
	tell(ctx, "channel", x.Channel)
	tell(ctx, "reason", x.Reason)
	tell(ctx, "added", r.Added)
}

func (s *Server) listSuppressions(ctx context.Context, by access.Principal, in *struct {
	Paging
	Channel string `query:"channel" enum:"voice,email,sms,whatsapp,all" doc:"Only those of a channel; all: those of every channel"`
	Address string `query:"address" maxLength:"254" doc:"Only those of an address, as people write it"`
},
) (*body[Page[SuppressionView]], error) {
	q := audience.SuppressionQuery{Limit: in.Limit + 1}
	if err := resume("suppressions", in.Cursor, &q.After); err != nil {
		return nil, err
	}
	if k := channel.Kind(in.Channel); k == "all" {
		q.Channel = new(channel.Kind)
	} else if k != "" {
		q.Channel = &k
	}
	rows, err := s.o.Suppressions.List(ctx, by.Workspace, in.Address, q)
	at := func(x audience.Suppression) any {
		return audience.Suppression{Address: x.Address, Channel: x.Channel, Reason: x.Reason}
	}
	return answer(page("suppressions", rows, in.Limit, suppressionView, at)), err
}
