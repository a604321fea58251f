package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"campanario/agent"
	"campanario/campaign"
	"campanario/channel"
	"campanario/dispatch"
)

var _ dispatch.Store = (*Store)(nil)

// Pulse grows whenever something changed that the engine acts on.
func (s *Store) Pulse(ctx context.Context) (int64, error) {
	var n int64
	err := s.reads.QueryRowContext(ctx, `SELECT n FROM pulse`).Scan(&n)
	return n, s.readError(err)
}

const jobQuery = `SELECT ` + campaignColumns + `,
	r.begins_at, r.lap_next_at, r.lap_cursor, r.high_cursor, r.high_tail, r.normal_cursor, r.normal_tail, r.low_cursor, r.low_tail, r.edition,
	a.definition, a.version, (SELECT b.settings FROM rule_book b WHERE b.workspace_id = c.workspace_id), ` + lineColumns + campaignTables + ` JOIN line l ON l.no = c.line_no
	LEFT JOIN agent a ON a.workspace_id = c.workspace_id AND a.deleted_at IS NULL
		AND a.id = CASE WHEN c.agent_id IS NULL THEN l.agent_id ELSE c.agent_id END`

// Jobs gives the campaigns of a line that are active or scheduled.
func (s *Store) Jobs(ctx context.Context, line string) ([]dispatch.Job, error) {
	var out []dispatch.Job
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		j, err := s.scanJob(rows)
		if err != nil && !s.d.gone(err) { // one that cannot be read must not hold up the others
			s.log.Error("campaign_unreadable", "line", line, "error", err)
			return nil
		}
		out = append(out, j)
		return err
	}, jobQuery+` WHERE l.id = $1 AND r.state IN ('active', 'scheduled') AND c.deleted_at IS NULL ORDER BY c.no`, line)
	return out, s.readError(err)
}

// Job gives one campaign, whatever its state.
func (s *Store) Job(ctx context.Context, id string) (dispatch.Job, error) {
	j, err := s.scanJob(s.reads.QueryRowContext(ctx, jobQuery+` WHERE c.id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return j, notFound("campaign", id)
	}
	return j, s.readError(err)
}

func (s *Store) scanJob(row interface{ Scan(...any) error }) (dispatch.Job, error) {
	var (
		j            dispatch.Job
		begins, next sql.NullInt64
		lapCursor    int64
		cursor, tail [campaign.Bands]int64
		def, book    []byte
		version      sql.NullInt64
		line         lineRow
		campaignRow  campaignRow
		fields       = campaignRow.fields()
		rest         = []any{
			&begins, &next, &lapCursor, &cursor[0], &tail[0], &cursor[1], &tail[1], &cursor[2], &tail[2], &j.Edition, &def, &version, &book,
		}
	)
	if err := row.Scan(append(append(fields, rest...), line.fields()...)...); err != nil {
		return j, err
	}
	c, err := campaignRow.campaign()
	if err != nil {
		return j, err
	}
	s.campaigns.put(c.ID, campaignRow.no)
	j.Campaign, j.Begins, j.NextLap = c, at(begins), at(next)
	j.Opening = lapCursor >= 0
	for b := range campaign.Bands {
		j.Total += tail[b] - int64(b.First())
		j.FirstDone += cursor[b] - int64(b.First())
	}
	if j.Line, err = line.line(s.secrets); err != nil {
		return j, err
	}
	s.lines.put(j.Line.ID, line.no)
	settings, err := ruleSettings(book)
	if err != nil {
		return j, err
	}
	j.Rules = settings.LawFor(s.packs, c.Purpose, c.Channel)
	if c.Channel == channel.Voice && len(def) > 0 {
		j.Agent = &agent.Agent{}
		if err := json.Unmarshal(def, j.Agent); err != nil {
			return j, fmt.Errorf("agent of campaign %s: %w", c.ID, err)
		}
		j.Agent.Workspace, j.Agent.Version = c.Workspace, int(version.Int64)
	}
	return j, nil
}

// numberOf is the number of a campaign whose id the engine already has.
func (s *Store) numberOf(ctx context.Context, q interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}, id string,
) (int64, error) {
	if no, ok := s.campaigns.get(id); ok {
		return no, nil
	}
	var no int64
	err := q.QueryRowContext(ctx, `SELECT no FROM campaign WHERE id = $1`, id).Scan(&no)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, notFound("campaign", id)
	}
	if err == nil {
		s.campaigns.put(id, no)
	}
	return no, err
}

func (s *Store) lineNumber(ctx context.Context, q interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}, id string,
) (int64, error) {
	if no, ok := s.lines.get(id); ok {
		return no, nil
	}
	var no int64
	err := q.QueryRowContext(ctx, `SELECT no FROM line WHERE id = $1`, id).Scan(&no)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, notFound("line", id)
	}
	if err == nil {
		s.lines.put(id, no)
	}
	return no, err
}

// SetWaiting keeps what an active campaign waits for.
func (s *Store) SetWaiting(ctx context.Context, id string, w *campaign.Waiting) error {
	var text any
	if w != nil {
		b, err := json.Marshal(w)
		if err != nil {
			return err
		}
		text = string(b)
	}
	return s.write(ctx, func(t *tx) error {
		no, err := s.numberOf(ctx, t, id)
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, `UPDATE run SET waiting = $1 WHERE campaign_no = $2 AND state = 'active'`, text, no)
		return err
	})
}

// EngineViews gives what the engine has let be known of campaigns, by their ids.
func (s *Store) EngineViews(ctx context.Context, workspace string, ids []string) (map[string]campaign.EngineView, error) {
	out := make(map[string]campaign.EngineView, len(ids))
	among, arg := s.d.anyOf("c.id", 2, ids)
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		var id string
		var v campaign.EngineView
		var begins sql.NullInt64
		var waiting []byte
		if err := rows.Scan(&id, &begins, &waiting, &v.LineHeld); err != nil {
			return err
		}
		v.Begins = at(begins)
		if len(waiting) > 0 {
			v.Waiting = &campaign.Waiting{}
			if err := json.Unmarshal(waiting, v.Waiting); err != nil {
				return fmt.Errorf("wait of campaign %s: %w", id, err)
			}
		}
		out[id] = v
		return nil
	}, `SELECT c.id, r.begins_at, r.waiting, COALESCE(x.expires_at, 0) > `+s.clockSQL()+`
		FROM campaign c JOIN run r ON r.campaign_no = c.no LEFT JOIN line_run x ON x.line_no = c.line_no
		WHERE c.workspace_id = $1 AND c.deleted_at IS NULL AND `+among, workspace, arg)
	return out, s.readError(err)
}

// EngineView is what the engine has let be known of a campaign.
func (s *Store) EngineView(ctx context.Context, workspace, id string) (campaign.EngineView, error) {
	all, err := s.EngineViews(ctx, workspace, []string{id})
	v, there := all[id]
	if err == nil && !there {
		err = notFound("campaign", id)
	}
	return v, err
}

// Begin makes a scheduled campaign active.
func (s *Store) Begin(ctx context.Context, id string, now time.Time) error {
	return s.engineMove(ctx, id, campaign.Scheduled, campaign.Move{To: campaign.Active, At: now})
}

// PauseFor pauses an active campaign for a reason of the engine's.
func (s *Store) PauseFor(ctx context.Context, id string, reason campaign.PauseReason, params map[string]string, now time.Time) error {
	return s.engineMove(ctx, id, campaign.Active, campaign.Move{To: campaign.Paused, Reason: reason, Params: params, At: now})
}

// engineMove changes a state unless somebody else has.
func (s *Store) engineMove(ctx context.Context, id string, from campaign.State, m campaign.Move) error {
	return s.write(ctx, func(t *tx) error {
		no, err := s.numberOf(ctx, t, id)
		if err != nil {
			return err
		}
		n, err := t.exec(ctx, `UPDATE run SET revision = revision + 1 WHERE campaign_no = $1 AND state = $2`, no, string(from))
		if err != nil || n == 0 {
			return err
		}
		return t.moved(ctx, no, m)
	})
}
