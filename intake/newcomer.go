package intake

import (
	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
)

// Newcomer makes of a row somebody to be added to a campaign of the channel. Whose clock is not in the file has that of
// their phone numbers, all zones of them when they leave several open. What no campaign can hold is the row's refusal.
func (r *Row) Newcomer(k channel.Kind) (campaign.Newcomer, *Rejected) {
	n := campaign.Newcomer{Band: band(r.Priority), Recipient: campaign.Recipient{
		ExternalID: r.ExternalID, Name: r.Name, Addresses: r.Addresses, Variables: r.Variables, Language: r.Language, Tags: r.Tags,
	}}
	switch {
	case r.Zone != "":
		n.Zones = []string{r.Zone}
	case k != channel.Email:
		for _, a := range r.Addresses {
			n.Zones = addZones(n.Zones, audience.Zones(a)...)
		}
	}
	if bad := n.Validate(); len(bad) > 0 {
		return n, &Rejected{Line: r.Line, Column: bad[0].Field, Error: bad[0].At("")}
	}
	return n, nil
}

func band(p audience.Priority) campaign.Band {
	switch p {
	case audience.PriorityHigh:
		return campaign.BandHigh
	case audience.PriorityLow:
		return campaign.BandLow
	default:
		return campaign.BandNormal
	}
}
