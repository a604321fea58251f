package store

import (
	"context"
	"database/sql"
	"fmt"
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

// Counts gives the live numbers of campaigns, all of one moment: by as many queries for many of them as for one.
func (s *Store) Counts(ctx context.Context, workspace string, ids []string) (map[string]campaign.Counts, error) {
	out := make(map[string]campaign.Counts, len(ids))
	err := s.read(ctx, func(t *sql.Tx) error {
		all := map[int64]*counting{}
		among, arg := s.d.anyOf("c.id", 2, ids)
		err := scan(ctx, t, func(rows *sql.Rows) error {
			var no int64
			c := &counting{n: campaign.Counts{ByStatus: map[campaign.Status]int64{}, ByCode: map[channel.Code]int64{}}}
			err := rows.Scan(&no, &c.id, &c.state)
			all[no] = c
			return err
		}, `SELECT c.no, c.id, r.state FROM campaign c JOIN run r ON r.campaign_no = c.no WHERE c.workspace_id = $1 AND c.deleted_at IS NULL AND `+among, workspace, arg)
		if err != nil || len(all) == 0 {
			return err
		}
		if err := s.countAll(ctx, t, all); err != nil {
			return err
		}
		for _, c := range all {
			c.show()
			out[c.id] = c.n
		}
		return nil
	})
	return out, err
}

// counting is a campaign whose numbers are read.
type counting struct {
	id    string
	state campaign.State
	n     campaign.Counts
}

// countAll reads the counters of campaigns, and what is open in them.
func (s *Store) countAll(ctx context.Context, t *sql.Tx, all map[int64]*counting) error {
	numbers := slices.Sorted(maps.Keys(all))
	among, args := anyAmong(s.d, "campaign_no", 1, numbers)
	err := scan(ctx, t, func(rows *sql.Rows) error {
		var no, n int64
		var name string
		if err := rows.Scan(&no, &name, &n); err != nil {
			return err
		}
		tallyInto(&all[no].n, name, n)
		return nil
	}, `SELECT campaign_no, name, n FROM tally WHERE `+among, args...)
	if err != nil {
		return err
	}
	for _, c := range all {
		standing := int64(0)
		for _, n := range c.n.ByStatus {
			standing += n
		}
		c.n.ByStatus[campaign.StatusPending] += c.n.Total - standing
	}
	// Open attempts are as many as the lines have places, so that those of other campaigns in between cost little.
	after, _ := keyBounds(numbers[0])
	_, before := keyBounds(numbers[len(numbers)-1])
	return scan(ctx, t, func(rows *sql.Rows) error {
		var no, n int64
		var was sql.NullString
		if err := rows.Scan(&no, &was, &n); err != nil {
			return err
		}
		c := all[no]
		if c == nil {
			return nil
		}
		if !was.Valid {
			was.String = string(campaign.StatusPending)
		}
		c.n.ByStatus[campaign.Status(was.String)] -= n
		c.n.ByStatus[campaign.StatusInProgress] += n
		c.n.InFlight += n
		return nil
	}, fmt.Sprintf(`SELECT key >> %d, was, COUNT(*) FROM flight WHERE key > $1 AND key < $2 GROUP BY 1, 2`, keyShift), after, before)
}

// show makes of where people stand what the recipient list shows (campaign.StatusOf).
func (c *counting) show() {
	shown := map[campaign.Status]int64{}
	for status, n := range c.n.ByStatus {
		if n != 0 {
			shown[campaign.StatusOf(c.state, campaign.Standing{Status: status}, status == campaign.StatusInProgress)] += n
		}
	}
	c.n.ByStatus = shown
}
