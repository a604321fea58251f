package store

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"campanario/audience"
	"campanario/channel"
)

// standing is what is known of an address.
type standing struct {
	status audience.ReachStatus
	at     int64 // in milliseconds since 1970 UTC
}

// standings are those of a contact's addresses.
type standings map[channel.Address]standing

func (s standing) MarshalJSON() ([]byte, error) { return json.Marshal([2]any{s.status, s.at}) }

func (s *standing) UnmarshalJSON(text []byte) error {
	return json.Unmarshal(text, &[2]any{&s.status, &s.at})
}

// reachTexts are what a contact's row says of its addresses: themselves with their labels, and how they stand.
func reachTexts(list []audience.Reach) (reaches string, known any, err error) {
	to := make([]byte, 0, 24*len(list)+2)
	to = append(to, '[')
	stand := standings{}
	for i := range list {
		r := &list[i]
		if i > 0 {
			to = append(to, ',')
		}
		to = appendText(append(to, '['), string(r.Address))
		if r.Label != "" {
			to = appendText(append(to, ','), r.Label)
		}
		to = append(to, ']')
		if r.Status != "" {
			stand[r.Address] = standing{r.Status, r.StatusAt.UnixMilli()}
		}
	}
	if len(stand) > 0 {
		text, err := json.Marshal(stand)
		if err != nil {
			return "", nil, err
		}
		known = string(text)
	}
	return string(append(to, ']')), known, nil
}

// appendText adds a text as JSON has it. Nearly all of them need no more than the quotes.
func appendText(to []byte, text string) []byte {
	plain := func(c byte) bool { return c >= ' ' && c < 0x7f && c != '"' && c != '\\' }
	for i := range len(text) {
		if !plain(text[i]) {
			quoted, err := json.Marshal(text)
			if err != nil { // texts always marshal
				panic(err)
			}
			return append(to, quoted...)
		}
	}
	return append(append(append(to, '"'), text...), '"')
}

// reachesOf reads what reachTexts wrote.
func reachesOf(reaches, known []byte) ([]audience.Reach, error) {
	var list [][]string
	if err := json.Unmarshal(reaches, &list); err != nil {
		return nil, err
	}
	stand, err := standingsOf(known)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	out := make([]audience.Reach, len(list))
	for i, of := range list {
		a := channel.Address(of[0])
		out[i] = audience.Reach{Kind: audience.KindOf(a), Address: a}
		if len(of) > 1 {
			out[i].Label = of[1]
		}
		if s, there := stand[a]; there {
			out[i].Status, out[i].StatusAt = s.status, time.UnixMilli(s.at).UTC()
		}
	}
	return out, nil
}

func standingsOf(known []byte) (standings, error) {
	out := standings{}
	if len(known) == 0 {
		return out, nil
	}
	return out, json.Unmarshal(known, &out)
}

// markOf is the mark of an address: half of audience.Mark, since the pages that an import writes again and again are as many as
// the bytes of marks. Of a million addresses about a hundred share theirs with another.
func markOf(workspace string, a channel.Address) int64 { return audience.Mark(workspace, a) >> 32 }

var reachColumns = []string{"mark", "contact_no"}

// marks are those of a contact's addresses, each once.
func marks(c *audience.Contact) []int64 {
	out := make([]int64, 0, len(c.Reaches))
	for i := range c.Reaches {
		if m := markOf(c.Workspace, c.Reaches[i].Address); !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return out
}

// reachRows are rows for the addresses that a contact has and did not have; was is nil for somebody new.
func reachRows(c, was *audience.Contact) [][]any {
	var had []int64
	if was != nil {
		had = marks(was)
	}
	out := make([][]any, 0, len(c.Reaches))
	for _, m := range marks(c) {
		if !slices.Contains(had, m) {
			out = append(out, []any{m, c.No})
		}
	}
	return out
}

// reach has a contact found by the addresses that it has now; was is nil for somebody new.
func (t *tx) reach(ctx context.Context, was, c *audience.Contact) error {
	if was != nil {
		has, gone := marks(c), audience.Contact{No: was.No, Workspace: was.Workspace}
		for _, r := range was.Reaches {
			if !slices.Contains(has, markOf(was.Workspace, r.Address)) {
				gone.Reaches = append(gone.Reaches, r)
			}
		}
		if err := t.unreach(ctx, []audience.Contact{gone}); err != nil {
			return err
		}
	}
	return t.insert(ctx, "reach", reachColumns, reachRows(c, was), "")
}

// unreach has contacts found by none of their addresses any more.
func (t *tx) unreach(ctx context.Context, list []audience.Contact) error {
	var all, numbers []int64
	for i := range list {
		if its := marks(&list[i]); len(its) > 0 {
			all, numbers = append(all, its...), append(numbers, list[i].No)
		}
	}
	if len(all) == 0 {
		return nil
	}
	slices.Sort(all)
	has, first := t.d.anyOf("mark", 1, slices.Compact(all))
	is, second := t.d.anyOf("contact_no", 2, numbers)
	_, err := t.exec(ctx, `DELETE FROM reach WHERE `+has+` AND `+is, first, second) // they have no others that stay
	return err
}
