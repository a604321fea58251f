package intake

import (
	"context"
	"maps"

	"github.com/RoaringBitmap/roaring/v2"

	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
)

// FillStore is what a Filler reads.
type FillStore interface {
	// ContactsByNo gives contacts in the order of their numbers; those that are gone are left out.
	ContactsByNo(ctx context.Context, workspace string, numbers []int64) ([]audience.Contact, error)
	// StandIns gives the contacts that stand in for others, by whom they stand in for, in the order of their numbers.
	StandIns(ctx context.Context, workspace string, numbers []int64) (map[int64][]audience.Contact, error)
}

// Enroller takes recipients in; campaign.Service does.
type Enroller interface {
	Get(ctx context.Context, workspace, id string) (*campaign.Campaign, error)
	Enrol(ctx context.Context, workspace, id string, rows []campaign.Newcomer, from campaign.Progress) (campaign.EnrolReport, error)
	EnrolDone(ctx context.Context, workspace, id, source string) (int64, error)
}

// Filler adds contacts of the base to campaigns. It is safe for concurrent use.
type Filler struct {
	store     FillStore
	campaigns Enroller
}

// NewFiller makes a Filler.
func NewFiller(store FillStore, campaigns Enroller) *Filler { return &Filler{store, campaigns} }

// Filled says what became of contacts that were to be added to a campaign.
type Filled struct {
	Contacts    int64 `json:"contacts" doc:"Those who were picked"`
	Added       int64 `json:"added"`
	Duplicates  int64 `json:"duplicates" doc:"Whose address was in the campaign already"`
	Unreachable int64 `json:"unreachable" doc:"Who have no address for the campaign's channel"`
	DoneBefore  int64 `json:"done_before" doc:"Whom an earlier request under the same source had done"`
}

// fillRows is how many contacts one transaction adds.
const fillRows = 1000

// Fill adds contacts by their numbers. source, unless empty, names the request: under the same name it goes on where it
// stopped.
func (f *Filler) Fill(ctx context.Context, workspace, id, source string, picked *roaring.Bitmap) (Filled, error) {
	out := Filled{Contacts: int64(picked.GetCardinality())}
	c, err := f.campaigns.Get(ctx, workspace, id)
	if err == nil {
		err = campaign.Allow(campaign.Enrol, c.State)
	}
	if err == nil && source != "" {
		out.DoneBefore, err = f.campaigns.EnrolDone(ctx, workspace, id, source)
	}
	if err != nil {
		return out, err
	}
	numbers := make([]int64, 0, fillRows)
	done := int64(0)
	for it := picked.Iterator(); it.HasNext(); {
		no := int64(it.Next())
		if done++; done <= out.DoneBefore {
			continue
		}
		if numbers = append(numbers, no); len(numbers) == fillRows {
			if err := f.add(ctx, c, source, done, numbers, &out); err != nil {
				return out, err
			}
			numbers = numbers[:0]
		}
	}
	if len(numbers) == 0 {
		return out, nil
	}
	return out, f.add(ctx, c, source, done, numbers, &out)
}

func (f *Filler) add(ctx context.Context, c *campaign.Campaign, source string, done int64, numbers []int64, out *Filled) error {
	contacts, err := f.store.ContactsByNo(ctx, c.Workspace, numbers)
	if err != nil {
		return err
	}
	standIns, err := f.store.StandIns(ctx, c.Workspace, numbers)
	if err != nil {
		return err
	}
	rows := make([]campaign.Newcomer, 0, len(contacts))
	for i := range contacts {
		n, ok := newcomer(c.Channel, &contacts[i], standIns[contacts[i].No])
		if !ok {
			out.Unreachable++
			continue
		}
		rows = append(rows, n)
	}
	from := campaign.Progress{}
	if source != "" {
		from = campaign.Progress{Source: source, Rows: done}
	}
	r, err := f.campaigns.Enrol(ctx, c.Workspace, c.ID, rows, from)
	out.Added += r.Added
	out.Duplicates += r.Duplicates
	return err
}

// newcomer makes a recipient of a contact: their own addresses for the channel first, then those of who stands in for
// them; false when there is none. An address that is known not to work comes last.
func newcomer(k channel.Kind, c *audience.Contact, standIns []audience.Contact) (campaign.Newcomer, bool) {
	kind := audience.ByPhone
	if k == channel.Email {
		kind = audience.ByEmail
	}
	var good, bad []channel.Address
	for _, p := range append([]audience.Contact{*c}, standIns...) {
		for _, r := range p.Reaches {
			switch {
			case r.Kind != kind:
			case r.Status == audience.ReachUnreachable, r.Status == audience.ReachBounced, r.Status == audience.ReachNoWhatsApp && k == channel.WhatsApp:
				bad = append(bad, r.Address)
			default:
				good = append(good, r.Address)
			}
		}
	}
	addresses := append(good, bad...)
	if len(addresses) == 0 {
		return campaign.Newcomer{}, false
	}
	n := campaign.Newcomer{Band: band(c.Priority), Recipient: campaign.Recipient{
		Contact: c.No, ExternalID: c.ExternalID, Name: c.Name, Addresses: addresses[:min(len(addresses), mostAddresses)],
		Variables: maps.Clone(c.Attributes), Language: c.Language, Tags: c.Tags,
	}}
	for name, value := range map[string]string{"city": c.City, "state": c.State} {
		if value == "" {
			continue
		}
		if n.Variables == nil {
			n.Variables = map[string]string{}
		}
		if _, there := n.Variables[name]; !there {
			n.Variables[name] = value
		}
	}
	switch {
	case c.Zone != "":
		n.Zones = []string{c.Zone}
	case k != channel.Email:
		n.Zones = audience.Zones(n.Addresses[0])
	}
	return n, len(n.Validate()) == 0
}
