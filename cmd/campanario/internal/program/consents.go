package program

import (
	"context"
	"net/http"

	"campanario/api"
	"campanario/audience"
	"campanario/email"
	"campanario/internal/fault"
	"campanario/rules"
)

// openConsents makes what guards consents, and the links to the page of consent, when there is an address that
// they could lead to.
func (p *Program) openConsents() error {
	if p.URL() != "" {
		keys, err := p.sealer.Derive("consent")
		if err != nil {
			return err
		}
		if p.invitations, err = audience.NewInvitations(p.URL(), keys[0], keys[1:]...); err != nil {
			return fault.New(fault.Invalid, "base_url_invalid", fault.Params{"url": p.URL()}).Because(err)
		}
	}
	p.Consents = audience.NewConsents(audience.ConsentsOptions{
		Store: p.Store, Contacts: p.Contacts, Links: p.invitations,
		Line: func(ctx context.Context, workspace, id string) error {
			_, err := p.Store.Line(ctx, workspace, id)
			return err
		},
	})
	return nil
}

// publicPages are what people open by links that they were sent.
func (p *Program) publicPages(to map[string]http.Handler) {
	if p.links != nil {
		to[email.Path] = email.NewUnsubscribe(email.UnsubscribeOptions{Links: p.links, OptOuts: optOuts{p}, Sender: p.sender, Log: p.log})
	}
	if p.invitations != nil {
		to[audience.InvitationPath] = api.NewConsentPage(api.ConsentPageOptions{Links: p.invitations, Consents: p.Consents, Sender: p.sender, Log: p.log})
	}
}

// withdraw takes down that whoever has the address took back their consent to the channel. The same wish may come again,
// and stands in the history once.
func (p *Program) withdraw(ctx context.Context, x email.OptOut) error {
	people, err := p.Store.ContactsWith(ctx, x.Workspace, x.Address, 0)
	if err != nil {
		return err
	}
	for i := range people {
		history, err := p.Consents.History(ctx, x.Workspace, people[i].ID)
		if err != nil {
			return err
		}
		if audience.AnswerOf(history, x.Address, x.Channel, "", rules.OnChannel) == audience.Withdrew {
			continue
		}
		_, err = p.Consents.Record(ctx, x.Workspace, people[i].ID, audience.Consenting{
			Address: string(x.Address), Channel: x.Channel, Source: audience.FromForm,
			Proof: audience.ProofOf(map[string]string{"page": "unsubscribe", "by": string(x.Source), "campaign": x.Campaign, "recipient": x.Recipient}),
		})
		if err != nil {
			return err
		}
	}
	return nil
}
