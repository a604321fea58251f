package program

import (
	"campanario/campaign"
	"campanario/channel"
)

// UnsubscribeLink is the link that a message to the address carries.
func (p *Program) UnsubscribeLink(workspace, id string, n campaign.Number, to channel.Address) string {
	return p.unsubscribeLink(workspace, id, n, to)
}
