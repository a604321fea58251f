package program

import (
	"campanario/campaign"
	"campanario/channel"
	"campanario/sandbox/mailbox"
)

// UnsubscribeLink is the link that a message to the address carries.
func (p *Program) UnsubscribeLink(workspace, id string, n campaign.Number, to channel.Address) string {
	return p.unsubscribeLink(workspace, id, n, to)
}

// Mail is the sandbox's mail server.
func (p *Program) Mail() *mailbox.Server { return p.sandbox.mailbox }
