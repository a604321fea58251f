package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"campanario/audience"
	"campanario/channel"
	"campanario/intake"
)

// consentImported are the columns of a consent that an import brought, or took back.
var consentImported = append(slices.Clone(consentAdded), "import_no", "undoes")

// asked are the channels on which the contacts of a chunk are reached, by contact: whom the base took, whether it knew them
// before or not.
func asked(list []audience.Incoming) (channels map[int64][]channel.Kind, known []int64) {
	channels = make(map[int64][]channel.Kind, len(list))
	made := map[int64]bool{}
	for i := range list {
		in := &list[i]
		switch in.Fate {
		case audience.MergeCreated:
			made[in.Contact.No] = true
		case audience.MergeUpdated, audience.MergeUnchanged:
		case audience.MergeDropped, audience.MergeRefused:
			continue
		}
		of := channels[in.Contact.No]
		for j := range in.Contact.Reaches {
			for _, k := range in.Contact.Reaches[j].Kind.Channels() {
				if !slices.Contains(of, k) {
					of = append(of, k)
				}
			}
		}
		channels[in.Contact.No] = of
	}
	for no := range channels {
		if !made[no] {
			known = append(known, no)
		}
	}
	slices.Sort(known)
	return channels, known
}

// basis gives the consents that an import with a legal basis brings to the contacts of a chunk, and notes what they can be
// found by. Who has agreed on a channel is not asked again, and nobody who took their consent back gives it by being in
// a file.
func (t *tx) basis(ctx context.Context, x *intake.Session, list []audience.Incoming, now time.Time, to *noted) ([][]any, error) {
	channels, known := asked(list)
	before, err := consentsOf(ctx, t, t.d, known)
	if err != nil {
		return nil, err
	}
	proof, err := json.Marshal(map[string]string{"import": x.ID})
	if err != nil {
		return nil, err
	}
	var rows [][]any
	terms := map[channel.Kind][]audience.Term{} // of those who had said nothing
	for _, no := range slices.Sorted(maps.Keys(channels)) {
		history := before[no]
		var given []audience.Consent
		for _, k := range channels[no] {
			if audience.Said(history, k) != audience.NeverAsked {
				continue
			}
			given = append(given, audience.Consent{Channel: k, Given: true, At: now})
			rows = append(rows, []any{
				nil, x.Workspace, no, nil, string(k), nil, true, string(x.Settings.Basis), string(audience.FromImport), string(proof),
				null(x.By), ms(now), ms(now), x.No, nil,
			})
			if len(history) == 0 {
				if terms[k] == nil {
					terms[k] = audience.ConsentTerms([]audience.Consent{{Channel: k, Given: true}})
				}
				to.gain(no, terms[k])
			}
		}
		if len(history) > 0 && len(given) > 0 {
			after := append(given, history...)
			audience.Latest(after)
			to.note(changed(no, audience.ConsentTerms(history), audience.ConsentTerms(after)))
		}
	}
	return rows, nil
}

// putConsents numbers and writes consents of consentImported.
func (t *tx) putConsents(ctx context.Context, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	var last int64
	err := t.QueryRowContext(ctx, `INSERT INTO serial (name, last) VALUES ('consent', $1)
		ON CONFLICT (name) DO UPDATE SET last = serial.last + excluded.last RETURNING last`, len(rows)).Scan(&last)
	if err != nil {
		return err
	}
	for i := range rows {
		rows[i][0] = last - int64(len(rows)) + 1 + int64(i)
	}
	return t.insert(ctx, "consent", consentImported, rows, "")
}

// undoBasis takes back some of the consents that an import brought: an entry in the history for each, which makes as if it
// had never been given. How many there were is what it gives.
func (t *tx) undoBasis(ctx context.Context, x *intake.Session, n int, now time.Time) (int, error) {
	var rows [][]any
	var numbers []int64
	proof, err := json.Marshal(map[string]any{"import": x.ID, "undone": true})
	if err != nil {
		return 0, err
	}
	err = scan(ctx, t, func(r *sql.Rows) error {
		var no, contact int64
		var kind sql.NullString
		if err := r.Scan(&no, &contact, &kind); err != nil {
			return err
		}
		numbers = append(numbers, contact)
		rows = append(rows, []any{
			nil, x.Workspace, contact, nil, null(kind.String), nil, false, nil, string(audience.FromImport), string(proof), nil, ms(now), ms(now), nil, no,
		})
		return nil
	}, `SELECT c.no, c.contact_no, c.channel FROM consent c WHERE c.import_no = $1
		AND NOT EXISTS (SELECT 1 FROM consent u WHERE u.undoes = c.no) ORDER BY c.no LIMIT $2`, x.No, n)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	before, err := consentsOf(ctx, t, t.d, numbers)
	if err != nil {
		return 0, err
	}
	if err := t.putConsents(ctx, rows); err != nil {
		return 0, err
	}
	after, err := consentsOf(ctx, t, t.d, numbers)
	if err != nil {
		return 0, err
	}
	slices.Sort(numbers)
	var changes []change
	for _, no := range slices.Compact(numbers) {
		changes = append(changes, changed(no, audience.ConsentTerms(before[no]), audience.ConsentTerms(after[no])))
	}
	return len(rows), t.index(ctx, x.Workspace, changes)
}
