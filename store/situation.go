package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"campanario/campaign"
	"campanario/channel"
	"campanario/intake"
	"campanario/report"
)

var _ report.Board = (*Store)(nil)

// Bounds of what is told of a workspace at once.
const (
	situationCampaigns = 500
	situationImports   = 50
)

// Situation gives what a workspace is doing. It reads counters and what is open, never recipients.
func (s *Store) Situation(ctx context.Context, workspace string, from time.Time) (report.Situation, error) {
	var out report.Situation
	imports, err := s.Sessions(ctx, workspace, intake.SessionQuery{Limit: situationImports})
	if err != nil {
		return out, err
	}
	err = s.read(ctx, func(t *sql.Tx) error {
		out = report.Situation{Imports: imports}
		if err := s.underWay(ctx, t, workspace, &out); err != nil {
			return fmt.Errorf("campaigns under way: %w", err)
		}
		var err error
		if out.Air, err = s.air(ctx, t, workspace); err != nil {
			return fmt.Errorf("open attempts: %w", err)
		}
		return scan(ctx, t, func(rows *sql.Rows) error {
			var x report.LineSlice
			var err error
			x.Slice, err = scanSlice(rows, &x.Kind, &x.Line.ID, &x.Line.Name)
			out.Slices = append(out.Slices, x)
			return err
		}, lineSlices, workspace, from.UnixMilli())
	})
	return out, err
}

// air counts the workspace's open attempts by channel. They are counted by campaign first, as which of them belong to whom no index
// says, and the few campaigns that have some are looked up.
func (s *Store) air(ctx context.Context, t *sql.Tx, workspace string) ([]report.Air, error) {
	open := map[int64]report.Air{}
	err := scan(ctx, t, func(rows *sql.Rows) error {
		var no int64
		var a report.Air
		err := rows.Scan(&no, &a.Open, &a.Answered)
		open[no] = a
		return err
	}, fmt.Sprintf(`SELECT key >> %d, COUNT(*), COUNT(answered_at) FROM flight GROUP BY 1`, keyShift))
	if err != nil || len(open) == 0 {
		return nil, err
	}
	var out []report.Air
	among, args := anyAmong(s.d, "no", 2, slices.Sorted(maps.Keys(open)))
	err = scan(ctx, t, func(rows *sql.Rows) error {
		var no int64
		var kind channel.Kind
		if err := rows.Scan(&no, &kind); err != nil {
			return err
		}
		i := slices.IndexFunc(out, func(a report.Air) bool { return a.Kind == kind })
		if i < 0 {
			i, out = len(out), append(out, report.Air{Kind: kind})
		}
		out[i].Open, out[i].Answered = out[i].Open+open[no].Open, out[i].Answered+open[no].Answered
		return nil
	}, `SELECT no, channel FROM campaign WHERE workspace_id = $1 AND `+among, append([]any{workspace}, args...)...)
	return out, err
}

// lineSlices sums slices over the campaigns of a channel and a line.
var lineSlices = `SELECT c.channel, COALESCE(l.id, ''), COALESCE(l.name, ''), s.at` + summed(sliceColumns[2:]) + `
	FROM slice s JOIN campaign c ON c.no = s.campaign_no LEFT JOIN line l ON l.no = c.line_no
	WHERE s.at >= $2 AND c.workspace_id = $1 AND c.deleted_at IS NULL
	GROUP BY c.channel, l.id, l.name, s.at ORDER BY s.at, l.id, c.channel`

func summed(columns []string) string {
	out := ""
	for _, c := range columns {
		out += ", CAST(SUM(s." + c + ") AS BIGINT)"
	}
	return out
}

// underWay reads the campaigns that are active or paused.
func (s *Store) underWay(ctx context.Context, t *sql.Tx, workspace string, to *report.Situation) error {
	return scan(ctx, t, func(rows *sql.Rows) error {
		var c report.Campaign
		var params, waiting, standing []byte
		if err := rows.Scan(&c.ID, &c.Name, &c.Zone, &c.State, &c.Paused, &params, &waiting, &c.Line.ID, &c.Line.Name, &c.Line.Enabled, &c.Line.Held, &standing); err != nil {
			return err
		}
		if err := json.Unmarshal(params, &c.PauseParams); err != nil {
			return fmt.Errorf("pause of campaign %s: %w", c.ID, err)
		}
		var err error
		if c.Line.Standing, err = readStanding(standing); err != nil {
			return fmt.Errorf("standing of line %s: %w", c.Line.ID, err)
		}
		if len(waiting) > 0 && c.State == campaign.Active {
			c.Waiting = &campaign.Waiting{}
			if err := json.Unmarshal(waiting, c.Waiting); err != nil {
				return fmt.Errorf("wait of campaign %s: %w", c.ID, err)
			}
		}
		to.Campaigns = append(to.Campaigns, c)
		return nil
	}, `SELECT c.id, c.name, COALESCE(c.definition->>'zone', ''), r.state, r.pause_reason, r.pause_params, r.waiting,
			COALESCE(l.id, ''), COALESCE(l.name, ''), l.id IS NOT NULL AND l.enabled AND l.deleted_at IS NULL, COALESCE(x.expires_at, 0) > `+s.clockSQL()+`, x.standing
		FROM campaign c JOIN run r ON r.campaign_no = c.no LEFT JOIN line l ON l.no = c.line_no LEFT JOIN line_run x ON x.line_no = c.line_no
		WHERE c.workspace_id = $1 AND c.deleted_at IS NULL AND NOT c.archived AND r.state IN ('active', 'paused')
		ORDER BY c.id DESC LIMIT $2`, workspace, situationCampaigns)
}

// Late sums what became of attempts on a channel of late.
func (s *Store) Late(ctx context.Context, workspace string, kind channel.Kind, from time.Time) (campaign.Slice, error) {
	var out campaign.Slice
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		var err error
		out, err = scanSlice(rows)
		return err
	}, `SELECT MIN(s.at)`+summed(sliceColumns[2:])+` FROM slice s JOIN campaign c ON c.no = s.campaign_no
		WHERE s.at >= $2 AND c.workspace_id = $1 AND c.channel = $3 AND c.deleted_at IS NULL HAVING COUNT(*) > 0`, workspace, from.UnixMilli(), string(kind))
	return out, s.readError(err)
}
