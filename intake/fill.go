package intake

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/fault"
)

// FillStore is what a Filler reads.
type FillStore interface {
	// ContactsByNo gives contacts in the order of their numbers; those that are gone are left out.
	ContactsByNo(ctx context.Context, workspace string, numbers []int64) ([]audience.Contact, error)
	// StandIns gives the contacts that stand in for others, by whom they stand in for, in the order of their numbers.
	StandIns(ctx context.Context, workspace string, numbers []int64) (map[int64][]audience.Contact, error)
	// OptedOut gives those of some addresses that were suppressed one by one on a channel, and are at an instant.
	OptedOut(ctx context.Context, workspace string, k channel.Kind, list []channel.Address, now time.Time) (map[channel.Address]bool, error)
}

// FillLists are the block lists and do-not-call registries; audience.Registries are.
type FillLists interface {
	// On gives the lists that each of some addresses is on, of those that hold on a channel.
	On(ctx context.Context, workspace string, k channel.Kind, list []channel.Address) ([][]audience.Registry, error)
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
	lists     FillLists
	campaigns Enroller
}

// NewFiller makes a Filler; lists may be nil for none.
func NewFiller(store FillStore, lists FillLists, campaigns Enroller) *Filler {
	return &Filler{store, lists, campaigns}
}

// Filled says what became of contacts that were to be added to a campaign.
type Filled struct {
	Contacts    int64 `json:"contacts" doc:"Those who were picked"`
	Added       int64 `json:"added"`
	Duplicates  int64 `json:"duplicates" doc:"Whose address was in the campaign already"`
	NoAddress   int64 `json:"no_address" doc:"Who have no address for the campaign's channel"`
	Unreachable int64 `json:"unreachable" doc:"All of whose addresses for the channel are known not to work"`
	StandIns    int64 `json:"stand_ins" doc:"Who stand in for somebody: they are reached in that one's place, not for themselves"`
	Suppressed  int64 `json:"suppressed" doc:"Of those added, who must not be contacted as things are: unless that ends before their turn, they are not"`
	Unusable    int64 `json:"unusable" doc:"Whom no campaign can hold, such as for their number of attributes"`
	Erased      int64 `json:"erased" doc:"Whose addresses are those of people who asked to be forgotten"`
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
	rows, counts, err := newcomers(ctx, f.store, f.lists, c, numbers, time.Now())
	if err != nil {
		return err
	}
	out.NoAddress += counts.NoAddress
	out.Unreachable += counts.Unreachable
	out.StandIns += counts.StandIns
	out.Suppressed += counts.Suppressed
	out.Unusable += counts.Unusable
	from := campaign.Progress{}
	if source != "" {
		from = campaign.Progress{Source: source, Rows: done}
	}
	r, err := f.campaigns.Enrol(ctx, c.Workspace, c.ID, rows, from)
	out.Added += r.Added
	out.Duplicates += r.Duplicates
	out.Erased += r.Erased
	return err
}

// newcomers makes recipients of contacts, and counts those of whom none can be made.
func newcomers(ctx context.Context, store FillStore, lists FillLists, c *campaign.Campaign, numbers []int64, now time.Time) ([]campaign.Newcomer, campaign.FillCounts, error) {
	counts := campaign.FillCounts{Done: int64(len(numbers))}
	if len(numbers) == 0 {
		return nil, counts, nil
	}
	contacts, err := store.ContactsByNo(ctx, c.Workspace, numbers)
	if err != nil {
		return nil, counts, err
	}
	standIns, err := store.StandIns(ctx, c.Workspace, numbers)
	if err != nil {
		return nil, counts, err
	}
	rows := make([]campaign.Newcomer, 0, len(contacts))
	for i := range contacts {
		if contacts[i].Primary != "" {
			counts.StandIns++
			continue
		}
		addresses, bad := addressesFor(c.Channel, &contacts[i], standIns[contacts[i].No])
		if len(addresses) == 0 {
			if bad > 0 {
				counts.Unreachable++
			} else {
				counts.NoAddress++
			}
			continue
		}
		n := newcomer(c.Channel, &contacts[i], standIns[contacts[i].No], addresses)
		if len(n.Validate()) > 0 {
			counts.Unusable++
			continue
		}
		rows = append(rows, n)
	}
	counts.Suppressed, err = barred(ctx, store, lists, c, rows, now)
	return rows, counts, err
}

// barred counts those whose first address must not be contacted as things are. Claims look again: a list that this node does
// not have yet is left to them.
func barred(ctx context.Context, store FillStore, lists FillLists, c *campaign.Campaign, rows []campaign.Newcomer, now time.Time) (n int64, err error) {
	first := make([]channel.Address, len(rows))
	for i := range rows {
		first[i] = rows[i].Addresses[0]
	}
	out, err := store.OptedOut(ctx, c.Workspace, c.Channel, first, now)
	if err != nil {
		return 0, err
	}
	on := make([][]audience.Registry, len(first))
	if lists != nil && len(first) > 0 {
		if on, err = lists.On(ctx, c.Workspace, c.Channel, first); err != nil && fault.KindOf(err) == fault.Unavailable {
			on, err = make([][]audience.Registry, len(first)), nil
		}
		if err != nil {
			return 0, err
		}
	}
	for i, a := range first {
		if out[a] || len(on[i]) > 0 {
			n++
		}
	}
	return n, nil
}

// addressesFor gives where a contact is reached on a channel: at their own addresses first, then at those of who stands in
// for them. Those that are known not to work are left out, and counted.
func addressesFor(k channel.Kind, c *audience.Contact, standIns []audience.Contact) (out []channel.Address, bad int) {
	kind := audience.ByPhone
	if k == channel.Email {
		kind = audience.ByEmail
	}
	for _, p := range append([]audience.Contact{*c}, standIns...) {
		for _, r := range p.Reaches {
			switch {
			case r.Kind != kind || slices.Contains(out, r.Address):
			case r.Status == audience.ReachUnreachable, r.Status == audience.ReachBounced, r.Status == audience.ReachNoWhatsApp && k == channel.WhatsApp:
				bad++
			default:
				out = append(out, r.Address)
			}
		}
	}
	return out[:min(len(out), mostAddresses)], bad
}

// newcomer makes a recipient of a contact.
func newcomer(k channel.Kind, c *audience.Contact, standIns []audience.Contact, addresses []channel.Address) campaign.Newcomer {
	n := campaign.Newcomer{Band: band(c.Priority), Recipient: campaign.Recipient{
		Contact: c.No, ExternalID: c.ExternalID, Name: c.Name, Addresses: addresses,
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
	n.Zones = zonesOf(k, addresses, append([]audience.Contact{*c}, standIns...))
	return n
}

// zonesOf are the clocks of all who may be disturbed at the addresses: each person's own, or those of their number. Hours on
// the clock of whom is contacted must be open on all of them.
func zonesOf(k channel.Kind, addresses []channel.Address, people []audience.Contact) []string {
	var out []string
	for i := range people {
		p := &people[i]
		for _, r := range p.Reaches {
			if !slices.Contains(addresses, r.Address) {
				continue
			}
			switch {
			case p.Zone != "":
				out = addZones(out, p.Zone)
			case k != channel.Email:
				out = addZones(out, audience.Zones(r.Address)...)
			}
		}
	}
	return out
}

func addZones(to []string, zones ...string) []string {
	for _, z := range zones {
		if !slices.Contains(to, z) {
			to = append(to, z)
		}
	}
	return to
}
