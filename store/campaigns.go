package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/fault"
	"campanario/internal/fold"
)

var _ campaign.Store = (*Store)(nil)

// CreateCampaign writes a draft.
func (s *Store) CreateCampaign(ctx context.Context, c *campaign.Campaign, picked *campaign.Picked) error {
	def, err := json.Marshal(c.Definition)
	if err != nil {
		return err
	}
	err = s.write(ctx, func(t *tx) error {
		no, err := t.serial(ctx, "campaign")
		if err != nil {
			return err
		}
		line, err := t.lineNo(ctx, c.Workspace, c.Line)
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, `INSERT INTO campaign (no, id, workspace_id, name, external_key, channel, line_no, agent_id, definition,
			archived, search_key, created_at, updated_at, revision)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, FALSE, $10, $11, $11, 1)`,
			no, c.ID, c.Workspace, c.Name, null(c.Key), string(c.Channel), line, null(c.Agent), string(def), fold.Key(c.Name), ms(c.CreatedAt))
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, `INSERT INTO run (campaign_no, state, pause_reason, pause_params, lap, lap_today, lap_cursor,
			high_cursor, high_tail, normal_cursor, normal_tail, low_cursor, low_tail, revision, ends_at)
			VALUES ($1, 'draft', '', '{}', 0, 0, -1, $2, $2, $3, $3, $4, $4, 1, $5)`,
			no, int64(campaign.BandHigh.First()), int64(campaign.BandNormal.First()), int64(campaign.BandLow.First()), instant(c.EndsAt))
		if err != nil {
			return err
		}
		return t.source(ctx, no, &c.Definition, picked)
	})
	if s.d.duplicate(err) {
		return fault.New(fault.Conflict, "campaign_key_taken", fault.Params{"key": c.Key}).At("key")
	}
	return err
}

// instant stores an optional time.
func instant(t *time.Time) any {
	if t == nil {
		return nil
	}
	return ms(*t)
}

// lineNo is the number of a line of the workspace, or NULL for none.
func (t *tx) lineNo(ctx context.Context, workspace, id string) (any, error) {
	if id == "" {
		return nil, nil
	}
	var no int64
	err := t.QueryRowContext(ctx, `SELECT no FROM line WHERE id = $1 AND workspace_id = $2 AND deleted_at IS NULL`, id, workspace).Scan(&no)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound("line", id)
	}
	return no, err
}

const campaignColumns = `c.id, c.workspace_id, COALESCE(c.external_key, ''), c.definition, c.archived, c.created_at, c.updated_at, c.revision,
	r.state, r.pause_reason, r.pause_params, r.started_at, r.ended_at, r.lap, r.lap_opened_at, r.lap_today, r.lap_ended_at, c.no, ` + fillingColumns

// campaignTables are what campaignColumns are of.
const campaignTables = ` FROM campaign c JOIN run r ON r.campaign_no = c.no LEFT JOIN filling q ON q.campaign_no = c.no`

// campaignRow is a row of campaignColumns.
type campaignRow struct {
	c                                                  campaign.Campaign
	def, params                                        []byte
	created, updated, started, ended, opened, lapEnded sql.NullInt64
	no                                                 int64
	filling                                            fillingRow
}

func (r *campaignRow) fields() []any {
	return append([]any{
		&r.c.ID, &r.c.Workspace, &r.c.Key, &r.def, &r.c.Archived, &r.created, &r.updated, &r.c.Revision,
		&r.c.State, &r.c.Paused, &r.params, &r.started, &r.ended, &r.c.Lap.Lap, &r.opened, &r.c.Lap.Today, &r.lapEnded, &r.no,
	}, r.filling.fields()...)
}

func (r *campaignRow) campaign() (*campaign.Campaign, error) {
	c := &r.c
	if err := json.Unmarshal(r.def, &c.Definition); err != nil {
		return nil, fmt.Errorf("definition of campaign %s: %w", c.ID, err)
	}
	if err := json.Unmarshal(r.params, &c.PauseParams); err != nil {
		return nil, fmt.Errorf("pause of campaign %s: %w", c.ID, err)
	}
	c.CreatedAt, c.UpdatedAt, c.StartedAt, c.EndedAt = at(r.created), at(r.updated), at(r.started), at(r.ended)
	c.Lap.Opened, c.Lap.Ended = at(r.opened), at(r.lapEnded)
	var err error
	if c.Filling, err = r.filling.filling(); err != nil {
		return nil, fmt.Errorf("filling of campaign %s: %w", c.ID, err)
	}
	return c, nil
}

func scanCampaign(row interface{ Scan(...any) error }) (*campaign.Campaign, int64, error) {
	var r campaignRow
	if err := row.Scan(r.fields()...); err != nil {
		return nil, 0, err
	}
	c, err := r.campaign()
	return c, r.no, err
}

// Campaign gives a campaign of the workspace.
func (s *Store) Campaign(ctx context.Context, workspace, id string) (*campaign.Campaign, error) {
	c, no, err := scanCampaign(s.reads.QueryRowContext(ctx, `SELECT `+campaignColumns+campaignTables+`
		WHERE c.id = $1 AND c.workspace_id = $2 AND c.deleted_at IS NULL`, id, workspace))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound("campaign", id)
	}
	if err != nil {
		return nil, s.readError(err)
	}
	s.campaigns.put(id, no)
	return c, nil
}

// CampaignByKey gives the campaign that its maker knows by the key.
func (s *Store) CampaignByKey(ctx context.Context, workspace, key string) (*campaign.Campaign, error) {
	c, no, err := scanCampaign(s.reads.QueryRowContext(ctx, `SELECT `+campaignColumns+campaignTables+`
		WHERE c.workspace_id = $1 AND c.external_key = $2 AND c.deleted_at IS NULL`, workspace, key))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound("campaign", key)
	}
	if err != nil {
		return nil, s.readError(err)
	}
	s.campaigns.put(c.ID, no)
	return c, nil
}

// Campaigns lists campaigns, newest first (ids rise with time).
func (s *Store) Campaigns(ctx context.Context, workspace string, q campaign.Query) ([]*campaign.Campaign, error) {
	query := `SELECT ` + campaignColumns + campaignTables + `
		LEFT JOIN agent a ON a.id = c.agent_id AND a.workspace_id = c.workspace_id
		WHERE c.workspace_id = $1 AND c.deleted_at IS NULL AND c.archived = $2`
	args := []any{workspace, q.Archived}
	arg := func(v any) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
	if q.After != "" {
		query += ` AND c.id < ` + arg(q.After)
	}
	if q.Agent != "" {
		agent := arg(q.Agent)
		query += ` AND (c.agent_id = ` + agent + ` OR c.agent_id IS NULL AND c.line_no IN (SELECT no FROM line WHERE agent_id = ` + agent + `))`
	}
	if q.Line != "" {
		query += ` AND c.line_no IN (SELECT no FROM line WHERE id = ` + arg(q.Line) + `)`
	}
	if len(q.States) > 0 {
		names := make([]string, len(q.States))
		for i, st := range q.States {
			names[i] = arg(string(st))
		}
		query += ` AND r.state IN (` + strings.Join(names, ", ") + `)`
	}
	if key := fold.Key(q.Search); key != "" {
		like := arg("%" + escapeLike(key) + "%")
		query += ` AND (c.search_key LIKE ` + like + ` ESCAPE '\' OR a.search_key LIKE ` + like + ` ESCAPE '\')`
	}
	query += ` ORDER BY c.id DESC LIMIT ` + arg(q.Limit)
	var out []*campaign.Campaign
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		c, no, err := scanCampaign(rows)
		if err == nil {
			s.campaigns.put(c.ID, no)
			out = append(out, c)
		}
		return err
	}, query, args...)
	return out, s.readError(err)
}

// escapeLike makes a text stand for itself in a LIKE pattern.
func escapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

// Summary counts the campaigns of a workspace that are not archived.
func (s *Store) Summary(ctx context.Context, workspace string) (campaign.Summary, error) {
	var out campaign.Summary
	var rates float64
	var rated int64
	err := s.read(ctx, func(t *sql.Tx) error {
		err := scan(ctx, t, func(rows *sql.Rows) error {
			var state campaign.State
			var n int64
			if err := rows.Scan(&state, &n); err != nil {
				return err
			}
			out.Total += n
			switch state {
			case campaign.Active:
				out.Active = n
			case campaign.Completed:
				out.Completed = n
			default:
			}
			return nil
		}, `SELECT r.state, COUNT(*) FROM campaign c JOIN run r ON r.campaign_no = c.no
			WHERE c.workspace_id = $1 AND c.deleted_at IS NULL AND NOT c.archived GROUP BY r.state`, workspace)
		if err != nil {
			return err
		}
		byCampaign := map[int64]*campaign.Counts{}
		err = scan(ctx, t, func(rows *sql.Rows) error {
			var no, n int64
			var name string
			if err := rows.Scan(&no, &name, &n); err != nil {
				return err
			}
			c := byCampaign[no]
			if c == nil {
				c = &campaign.Counts{ByCode: map[channel.Code]int64{}}
				byCampaign[no] = c
			}
			tallyInto(c, name, n)
			return nil
		}, `SELECT t.campaign_no, t.name, t.n FROM tally t JOIN campaign c ON c.no = t.campaign_no
			WHERE c.workspace_id = $1 AND c.deleted_at IS NULL AND NOT c.archived AND (t.name = 'attempts' OR t.name LIKE 'code:%')`, workspace)
		if err != nil {
			return err
		}
		for _, c := range byCampaign {
			if n := c.Carried(); n > 0 {
				rates += float64(c.Answered()) / float64(n)
				rated++
			}
		}
		return nil
	})
	if rated > 0 {
		out.Success = rates / float64(rated)
	}
	return out, err
}

// EditCampaign replaces the definition.
func (s *Store) EditCampaign(ctx context.Context, c *campaign.Campaign, picked *campaign.Picked, now time.Time) error {
	def, err := json.Marshal(c.Definition)
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		line, err := t.lineNo(ctx, c.Workspace, c.Line)
		if err != nil {
			return err
		}
		// The run row first: a start that is going on decides which of the two was first.
		no, err := t.lockRun(ctx, c.Workspace, c.ID, campaign.Edit, c.From()...)
		if err != nil {
			return err
		}
		n, err := t.exec(ctx, `UPDATE campaign SET name = $1, line_no = $2, agent_id = $3, definition = $4, search_key = $5,
			updated_at = $6, revision = revision + 1 WHERE id = $7 AND revision = $8`,
			c.Name, line, null(c.Agent), string(def), fold.Key(c.Name), ms(now), c.ID, c.Revision)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "revision_stale", fault.Params{"revision": c.Revision}).At("revision")
		}
		if c.State != campaign.Draft { // with another edition, claims that go by the definition of before find nobody
			if _, err = t.exec(ctx, `UPDATE run SET ends_at = $1, edition = edition + 1 WHERE campaign_no = $2`, instant(c.EndsAt), no); err != nil {
				return err
			}
			return t.pulse(ctx)
		}
		if _, err = t.exec(ctx, `UPDATE run SET ends_at = $1 WHERE campaign_no = $2`, instant(c.EndsAt), no); err != nil {
			return err
		}
		return t.source(ctx, no, &c.Definition, picked)
	})
}

// lockRun takes the campaign's run row for this transaction and refuses states other than those given.
func (t *tx) lockRun(ctx context.Context, workspace, id string, a campaign.Action, from ...campaign.State) (int64, error) {
	no, state, err := t.takeRun(ctx, workspace, id)
	if err != nil || slices.Contains(from, state) {
		return no, err
	}
	if err := campaign.Allow(a, state); err != nil {
		return 0, err
	}
	return 0, fault.New(fault.Conflict, "action_not_allowed", fault.Params{"action": a, "state": state, "allowed_in": from})
}

// takeRun locks the campaign's run row until the transaction ends, by changing it, and gives its number and state.
func (t *tx) takeRun(ctx context.Context, workspace, id string) (int64, campaign.State, error) {
	var no int64
	var state campaign.State
	err := t.QueryRowContext(ctx, `UPDATE run SET revision = revision + 1
		WHERE campaign_no = (SELECT no FROM campaign WHERE id = $1 AND workspace_id = $2 AND deleted_at IS NULL)
		RETURNING campaign_no, state`, id, workspace).Scan(&no, &state)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, "", notFound("campaign", id)
	}
	return no, state, err
}

// Move changes the state of a campaign.
func (s *Store) Move(ctx context.Context, workspace, id string, m campaign.Move) error {
	return s.write(ctx, func(t *tx) error {
		no, err := t.lockRun(ctx, workspace, id, m.Action, m.From...)
		if err != nil {
			return err
		}
		return t.setState(ctx, no, m)
	})
}

// setState writes a state and the times that go with it; the caller holds the run row.
func (t *tx) setState(ctx context.Context, no int64, m campaign.Move) error {
	params := []byte("{}")
	if len(m.Params) > 0 {
		var err error
		if params, err = json.Marshal(m.Params); err != nil {
			return err
		}
	}
	_, err := t.exec(ctx, `UPDATE run SET state = $1, pause_reason = $2, pause_params = $3, begins_at = $4 WHERE campaign_no = $5`,
		string(m.To), string(m.Reason), string(params), ms(m.Begins), no)
	if err != nil {
		return err
	}
	switch {
	case m.To == campaign.Active:
		_, err = t.exec(ctx, `UPDATE run SET started_at = COALESCE(started_at, $1), ended_at = NULL,
			lap_opened_at = COALESCE(lap_opened_at, $1), lap = CASE WHEN lap = 0 THEN 1 ELSE lap END,
			lap_today = CASE WHEN lap = 0 THEN 1 ELSE lap_today END WHERE campaign_no = $2`, ms(m.At), no)
		if err == nil {
			err = t.beginFilling(ctx, no)
		}
	case m.To.Final():
		_, err = t.exec(ctx, `UPDATE run SET ended_at = $1 WHERE campaign_no = $2`, ms(m.At), no)
	}
	if err != nil {
		return err
	}
	return t.pulse(ctx)
}

// SetArchived puts a campaign away or takes it out.
func (s *Store) SetArchived(ctx context.Context, workspace, id string, archived bool, now time.Time) error {
	return s.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE campaign SET archived = $1, updated_at = $2
			WHERE id = $3 AND workspace_id = $4 AND deleted_at IS NULL`, archived, ms(now), id, workspace)
		if err == nil && n == 0 {
			err = notFound("campaign", id)
		}
		return err
	})
}

// DeleteCampaign makes a campaign disappear, with the reports of it that are kept or being written; Purge removes its rows.
func (s *Store) DeleteCampaign(ctx context.Context, workspace, id string, now time.Time) error {
	return s.write(ctx, func(t *tx) error {
		no, err := t.lockRun(ctx, workspace, id, campaign.Delete, campaign.Draft, campaign.Completed, campaign.Cancelled)
		if err != nil {
			return err
		}
		if _, err := t.exec(ctx, `DELETE FROM errand WHERE campaign_no = $1 OR into_no = $1`, no); err != nil {
			return err
		}
		if _, err := t.exec(ctx, `UPDATE campaign SET deleted_at = $1 WHERE id = $2`, ms(now), id); err != nil {
			return err
		}
		if _, err := t.exec(ctx, `DELETE FROM report WHERE campaign_id = $1`, id); err != nil {
			return err
		}
		return t.pulse(ctx)
	})
}

// campaignNo is the number of a campaign of the workspace.
func (s *Store) campaignNo(ctx context.Context, workspace, id string) (int64, error) {
	var no int64
	err := s.reads.QueryRowContext(ctx, `SELECT no FROM campaign WHERE id = $1 AND workspace_id = $2 AND deleted_at IS NULL`, id, workspace).Scan(&no)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, notFound("campaign", id)
	}
	return no, s.readError(err)
}
