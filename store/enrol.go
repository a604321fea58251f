package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/fault"
	"campanario/internal/fold"
)

var recipientColumns = []string{
	"key", "contact_no", "external_id", "name", "address", "secondary", "variables", "zones",
	"language", "tags", "search_key", "dedupe", "skipped", "enrolled_at",
}

// EnrolBatch adds newcomers in the order given, behind those of their priority.
func (s *Store) EnrolBatch(ctx context.Context, workspace, id string, rows []campaign.Newcomer, from campaign.Progress, now time.Time) (campaign.EnrolReport, error) {
	var out campaign.EnrolReport
	err := s.write(ctx, func(t *tx) error {
		out = campaign.EnrolReport{}
		no, state, err := t.takeRun(ctx, workspace, id)
		if err != nil {
			return err
		}
		if err := campaign.Allow(campaign.Enrol, state); err != nil {
			return err
		}
		if from.Source != "" {
			if err := t.progress(ctx, no, from); err != nil {
				return err
			}
		}
		out, err = t.enrol(ctx, no, rows, now)
		if err != nil {
			return err
		}
		if state == campaign.Active && out.Added > 0 {
			return t.pulse(ctx)
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	s.replan(ctx, &s.recipients, out.Added, "recipient", "wait")
	return out, nil
}

// progress remembers how far a source has come; rows that were done before are a mistake of the caller's, which would
// add people twice.
func (t *tx) progress(ctx context.Context, no int64, p campaign.Progress) error {
	n, err := t.exec(ctx, `INSERT INTO enrolment (campaign_no, source, rows_done) VALUES ($1, $2, $3)
		ON CONFLICT (campaign_no, source) DO UPDATE SET rows_done = excluded.rows_done WHERE enrolment.rows_done < excluded.rows_done`,
		no, p.Source, p.Rows)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "rows_done_before", fault.Params{"rows": p.Rows})
	}
	return err
}

// EnrolDone is how many rows of a source are in the campaign.
func (s *Store) EnrolDone(ctx context.Context, workspace, id, source string) (int64, error) {
	no, err := s.campaignNo(ctx, workspace, id)
	if err != nil {
		return 0, err
	}
	var n int64
	err = s.reads.QueryRowContext(ctx, `SELECT rows_done FROM enrolment WHERE campaign_no = $1 AND source = $2`, no, source).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return n, s.readError(err)
}

// enrol numbers and writes newcomers; the caller holds the run row.
func (t *tx) enrol(ctx context.Context, no int64, rows []campaign.Newcomer, now time.Time) (campaign.EnrolReport, error) {
	var out campaign.EnrolReport
	var def struct {
		AllowDuplicates bool `json:"allow_duplicates"`
	}
	var workspace string
	var text []byte
	var tail [campaign.Bands]int64
	err := t.QueryRowContext(ctx, `SELECT c.workspace_id, c.definition, r.high_tail, r.normal_tail, r.low_tail
		FROM campaign c JOIN run r ON r.campaign_no = c.no WHERE c.no = $1`, no).Scan(&workspace, &text, &tail[0], &tail[1], &tail[2])
	if err != nil {
		return out, err
	}
	if rows, out.Erased, err = t.withoutErased(ctx, workspace, rows); err != nil {
		return out, err
	}
	if rows, err = t.tied(ctx, workspace, rows); err != nil {
		return out, err
	}
	if err := json.Unmarshal(text, &def); err != nil {
		return out, err
	}
	var known map[string]bool
	if !def.AllowDuplicates {
		if known, err = t.known(ctx, no, rows); err != nil {
			return out, err
		}
	}
	values := make([][]any, 0, len(rows))
	var more [][]any
	for i := range rows {
		r := &rows[i]
		var dedupe any
		if !def.AllowDuplicates {
			once := dedupeKey(no, r.Addresses[0])
			if known[once] {
				out.Duplicates++
				continue
			}
			known[once], dedupe = true, once
		}
		tail[r.Band]++
		if tail[r.Band] > int64(r.Band.First())+campaign.BandSize {
			return out, fault.New(fault.Invalid, "too_many", fault.Params{"max": campaign.BandSize}).At("recipients")
		}
		v, err := recipientValues(no, tail[r.Band], r, dedupe, now)
		if err != nil {
			return out, err
		}
		values = append(values, v)
		more = append(more, elsewhere(key(no, campaign.Number(tail[r.Band])), r.Addresses, dedupe)...)
	}
	out.Added = int64(len(values))
	if out.Added == 0 {
		return out, nil
	}
	if err := t.insert(ctx, "recipient", recipientColumns, values, ""); err != nil {
		return out, err
	}
	if err := t.insert(ctx, "recipient_address", elsewhereColumns, more, ""); err != nil {
		return out, err
	}
	_, err = t.exec(ctx, `UPDATE run SET high_tail = $1, normal_tail = $2, low_tail = $3 WHERE campaign_no = $4`, tail[0], tail[1], tail[2], no)
	if err != nil {
		return out, err
	}
	return out, t.count(ctx, no, delta{tallyTotal: out.Added})
}

// dedupeKey is what may be there only once. It names the campaign too, so that one unique column says it (key.go).
func dedupeKey(no int64, a channel.Address) string {
	return strconv.FormatInt(no, 10) + " " + string(a)
}

// known is which of the newcomers are in the campaign already, by dedupeKey.
func (t *tx) known(ctx context.Context, no int64, rows []campaign.Newcomer) (map[string]bool, error) {
	out := make(map[string]bool, len(rows))
	keys := make([]string, len(rows))
	for i := range rows {
		keys[i] = dedupeKey(no, rows[i].Addresses[0])
	}
	among, arg := t.d.anyOf("dedupe", 1, keys)
	err := scan(ctx, t, func(r *sql.Rows) error {
		var k string
		err := r.Scan(&k)
		out[k] = true
		return err
	}, `SELECT dedupe FROM recipient WHERE `+among, arg)
	return out, err
}

func recipientValues(no, number int64, r *campaign.Newcomer, dedupe any, now time.Time) ([]any, error) {
	var secondary, variables, tags any
	var err error
	if len(r.Addresses) > 1 {
		if secondary, err = jsonText(r.Addresses[1:]); err != nil {
			return nil, err
		}
	}
	if len(r.Variables) > 0 {
		if variables, err = jsonText(r.Variables); err != nil {
			return nil, err
		}
	}
	if len(r.Tags) > 0 {
		if tags, err = jsonText(r.Tags); err != nil {
			return nil, err
		}
	}
	return []any{
		key(no, campaign.Number(number)), nullNo(r.Contact), null(r.ExternalID), null(r.Name), string(r.Addresses[0]), secondary, variables,
		null(strings.Join(r.Zones, " ")), null(r.Language), tags, searchKey(r), dedupe, false, ms(now),
	}, nil
}

// searchKey is what a search in a campaign's recipients looks through.
func searchKey(r *campaign.Newcomer) string {
	var b strings.Builder
	for _, a := range r.Addresses {
		b.WriteString(strings.ToLower(string(a)))
		b.WriteByte(' ')
	}
	b.WriteString(fold.Key(r.Name))
	if r.ExternalID != "" {
		b.WriteByte(' ')
		b.WriteString(fold.Key(r.ExternalID))
	}
	return b.String()
}

// jsonText is a value for a JSONB column.
func jsonText(v any) (any, error) {
	b, err := json.Marshal(v)
	return jsonb(b), err
}
