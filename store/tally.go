package store

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"
	"time"

	"campanario/campaign"
	"campanario/channel"
)

// The counters of a campaign, by name. Recipients are counted under the status of their standing; who has none yet is
// what is left of the total. Open attempts are counted where they stand, for there are never many.
const (
	tallyTotal     = "total"
	tallyAttempts  = "attempts"
	tallyRetries   = "retries"
	tallyAgain     = "again"
	tallyReached   = "reached"
	tallyConverted = "converted"
	tallyGoals     = "goals"
	tallyTalk      = "talk_ms"
	tallyStatus    = "status:"
	tallyCode      = "code:"
)

func tallyInto(c *campaign.Counts, name string, n int64) {
	switch name {
	case tallyTotal:
		c.Total = n
	case tallyAttempts:
		c.Attempts = n
	case tallyRetries:
		c.Retries = n
	case tallyAgain:
		c.Again = n
	case tallyReached:
		c.Reached = n
	case tallyConverted:
		c.Converted = n
	case tallyGoals:
		c.Goals = n
	case tallyTalk:
		c.Talk = time.Duration(n) * time.Millisecond
	default:
		if status, ok := strings.CutPrefix(name, tallyStatus); ok {
			c.ByStatus[campaign.Status(status)] += n
		} else if code, ok := strings.CutPrefix(name, tallyCode); ok && n != 0 {
			c.ByCode[channel.Code(code)] += n
		}
	}
}

// delta is what a transaction adds to the counters of one campaign.
type delta map[string]int64

func (d delta) status(from, to campaign.Status) {
	if from != "" {
		d[tallyStatus+string(from)]--
	}
	if to != "" {
		d[tallyStatus+string(to)]++
	}
}

// count adds a campaign's delta to its counters. It comes last in every transaction, for here settlers and claims meet.
func (t *tx) count(ctx context.Context, no int64, d delta) error {
	rows := make([][]any, 0, len(d))
	for _, name := range slices.Sorted(maps.Keys(d)) { // in one order everywhere, so that nobody waits in a circle
		if n := d[name]; n != 0 {
			rows = append(rows, []any{no, name, n})
		}
	}
	return t.insert(ctx, "tally", []string{"campaign_no", "name", "n"}, rows,
		`ON CONFLICT (campaign_no, name) DO UPDATE SET n = tally.n + excluded.n`)
}

// Counts gives the live numbers of campaigns, all of one moment.
func (s *Store) Counts(ctx context.Context, workspace string, ids []string) (map[string]campaign.Counts, error) {
	out := make(map[string]campaign.Counts, len(ids))
	err := s.read(ctx, func(t *sql.Tx) error {
		for _, id := range ids {
			var no int64
			var state campaign.State
			err := t.QueryRowContext(ctx, `SELECT c.no, r.state FROM campaign c JOIN run r ON r.campaign_no = c.no
				WHERE c.id = $1 AND c.workspace_id = $2 AND c.deleted_at IS NULL`, id, workspace).Scan(&no, &state)
			if err == sql.ErrNoRows { //nolint:errorlint // Scan returns it bare
				continue
			}
			if err != nil {
				return err
			}
			c, err := counts(ctx, t, no, state)
			if err != nil {
				return err
			}
			out[id] = c
		}
		return nil
	})
	return out, err
}

func counts(ctx context.Context, t *sql.Tx, no int64, state campaign.State) (campaign.Counts, error) {
	c := campaign.Counts{ByStatus: map[campaign.Status]int64{}, ByCode: map[channel.Code]int64{}}
	err := scan(ctx, t, func(rows *sql.Rows) error {
		var name string
		var n int64
		if err := rows.Scan(&name, &n); err != nil {
			return err
		}
		tallyInto(&c, name, n)
		return nil
	}, `SELECT name, n FROM tally WHERE campaign_no = $1`, no)
	if err != nil {
		return c, err
	}
	after, before := keyBounds(no)
	standing := int64(0)
	for _, n := range c.ByStatus {
		standing += n
	}
	c.ByStatus[campaign.StatusPending] += c.Total - standing
	err = scan(ctx, t, func(rows *sql.Rows) error {
		var was sql.NullString
		var n int64
		if err := rows.Scan(&was, &n); err != nil {
			return err
		}
		if !was.Valid {
			was.String = string(campaign.StatusPending)
		}
		c.ByStatus[campaign.Status(was.String)] -= n
		c.ByStatus[campaign.StatusInProgress] += n
		c.InFlight += n
		return nil
	}, `SELECT was, COUNT(*) FROM flight WHERE key > $1 AND key < $2 GROUP BY was`, after, before)
	if err != nil {
		return c, err
	}
	// What the recipient list shows (campaign.StatusOf), in numbers.
	shown := map[campaign.Status]int64{}
	for status, n := range c.ByStatus {
		if n != 0 {
			shown[campaign.StatusOf(state, campaign.Standing{Status: status}, status == campaign.StatusInProgress)] += n
		}
	}
	c.ByStatus = shown
	return c, nil
}
