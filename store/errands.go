package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"campanario/campaign"
	"campanario/internal/fault"
)

var _ campaign.ErrandStore = (*Store)(nil)

const errandColumns = `e.no, e.id, e.workspace_id, c.id, COALESCE(i.id, ''), e.action, e.filter, e.state, e.cursor, e.changed, e.skipped, e.failure,
	e.made_by, e.created_at, e.ended_at, r.high_tail, r.normal_tail, r.low_tail`

const errandTables = ` FROM errand e JOIN campaign c ON c.no = e.campaign_no JOIN run r ON r.campaign_no = e.campaign_no
	LEFT JOIN campaign i ON i.no = e.into_no`

func scanErrand(row interface{ Scan(...any) error }) (campaign.Errand, error) {
	var e campaign.Errand
	var filter, failure []byte
	var created, ended sql.NullInt64
	var tails [campaign.Bands]campaign.Number
	err := row.Scan(&e.No, &e.ID, &e.Workspace, &e.Campaign, &e.Into, &e.Action, &filter, &e.State, &e.After, &e.Changed, &e.Skipped, &failure,
		&e.By, &created, &ended, &tails[0], &tails[1], &tails[2])
	if err != nil {
		return e, err
	}
	e.CreatedAt, e.EndedAt = at(created), at(ended)
	if e.Progress = min(campaign.Covered(tails, e.After), 999); e.State == campaign.ErrandDone {
		e.Progress = 1000
	}
	if len(filter) > 0 {
		if err := json.Unmarshal(filter, &e.Filter); err != nil {
			return e, fmt.Errorf("errand %s: %w", e.ID, err)
		}
	}
	e.Failure, err = readFault(failure)
	return e, err
}

// stretchOf is whom a batch is about: recipients by their keys, and where the next one begins; 0 at the end.
type stretchOf struct {
	state campaign.State
	f     campaign.Filter
	keys  []int64
	next  campaign.Number
	rows  []campaign.Newcomer // for a copy: themselves
}

// looksAtOnce is how many windows in which nobody fits a batch goes through: each is a read of its own, and nothing is written.
const looksAtOnce = 20

// ahead looks for whom the next batch is about. It reads alone: nobody waits for it, however long it takes to find somebody.
func (s *Store) ahead(ctx context.Context, e *campaign.Errand, batch int) (stretchOf, error) {
	out := stretchOf{next: e.After}
	for range looksAtOnce {
		after := out.next
		err := s.read(ctx, func(t *sql.Tx) error {
			out = stretchOf{}
			no, state, err := stateOf(ctx, t, e.Workspace, e.Campaign)
			if err != nil {
				return err
			}
			out.state = state
			if out.f, err = s.narrow(ctx, t, no, e.Filter); err != nil {
				return err
			}
			l := &looking{s: s, q: t, no: no, state: state, f: out.f, after: after, limit: batch}
			if out.keys, out.next, err = l.found(ctx); err != nil || e.Into == "" {
				return err
			}
			list, err := l.read(ctx, out.keys)
			for i := range list {
				out.rows = append(out.rows, campaign.Newcomer{Recipient: list[i].Recipient, Band: list[i].Number.Band()})
			}
			return err
		})
		if err != nil || len(out.keys) > 0 || out.next == 0 {
			return out, err
		}
	}
	return out, nil
}

// found is look, also for a filter that names recipients by their numbers.
func (l *looking) found(ctx context.Context) (keys []int64, next campaign.Number, err error) {
	if len(l.f.Numbers) == 0 {
		return l.look(ctx)
	}
	list, err := l.s.entries(ctx, l.q, l.no, l.state, l.f, l.after, l.limit+1)
	if len(list) > l.limit {
		list, next = list[:l.limit], list[l.limit-1].Number
	}
	for i := range list {
		keys = append(keys, key(l.no, list[i].Number))
	}
	return keys, next, err
}

// carry does a batch of an errand in a transaction, and counts what became of it. The campaign that it changes is locked first.
func (t *tx) carry(ctx context.Context, s *Store, e *campaign.Errand, found stretchOf, now time.Time) (campaign.ActReport, error) {
	var out campaign.ActReport
	if e.Into != "" {
		no, state, err := t.takeRun(ctx, e.Workspace, e.Into)
		if err == nil {
			err = campaign.Allow(campaign.Enrol, state)
		}
		if err != nil || len(found.rows) == 0 {
			return out, err
		}
		r, err := t.enrol(ctx, no, found.rows, now)
		return campaign.ActReport{Changed: r.Added, Skipped: r.Duplicates + r.Erased}, err
	}
	no, state, err := t.takeRun(ctx, e.Workspace, e.Campaign)
	if err != nil || len(found.keys) == 0 {
		return out, err
	}
	// Somebody may have left the filter since they were looked at.
	f := found.f
	f.Numbers = make([]campaign.Number, len(found.keys))
	for i, k := range found.keys {
		f.Numbers[i] = numberOfKey(k)
	}
	cond, args := s.entryFilter(no, f, state, []any{found.keys[0] - 1, found.keys[len(found.keys)-1]})
	var list []campaign.Entry
	err = scan(ctx, t, func(rows *sql.Rows) error {
		entry, err := scanEntry(rows, state)
		list = append(list, entry)
		return err
	}, `SELECT `+entryColumns+entriesWithin+cond+` ORDER BY r.key`, args...)
	if err != nil {
		return out, err
	}
	var lap int
	if err := t.QueryRowContext(ctx, `SELECT lap FROM run WHERE campaign_no = $1`, no).Scan(&lap); err != nil {
		return out, err
	}
	if out, err = t.act(ctx, no, state, e.Action, list, lap, now); err != nil {
		return out, err
	}
	return out, t.reopen(ctx, no, state, e.Action, out, now)
}

// BeginErrand does the first batch of an errand, and keeps the errand if that was not all.
func (s *Store) BeginErrand(ctx context.Context, begun campaign.Errand, batch, most int) (campaign.Errand, error) {
	found, err := s.ahead(ctx, &begun, batch)
	if err != nil {
		return begun, err
	}
	begun.Filter = found.f
	filter, err := jsonText(begun.Filter)
	if err != nil {
		return begun, err
	}
	var e campaign.Errand
	err = s.write(ctx, func(t *tx) error {
		e = begun
		r, err := t.carry(ctx, s, &e, found, e.CreatedAt)
		if err != nil {
			return err
		}
		e.Changed, e.Skipped, e.After = r.Changed, r.Skipped, found.next
		if found.next == 0 {
			e.State, e.ID, e.Progress, e.EndedAt = campaign.ErrandDone, "", 1000, e.CreatedAt
			return nil
		}
		if e.No, err = t.serial(ctx, "errand"); err != nil { // who adds another waits here
			return err
		}
		var open int
		err = t.QueryRowContext(ctx, `SELECT COUNT(*) FROM errand WHERE state = 'running' AND workspace_id = $1`, e.Workspace).Scan(&open)
		if err == nil && open >= most {
			err = fault.New(fault.Conflict, "errands_many", fault.Params{"max": int64(most)})
		}
		if err != nil {
			return err
		}
		if _, err := t.exec(ctx, `DELETE FROM errand WHERE workspace_id = $1 AND ended_at < $2`, e.Workspace, ms(e.CreatedAt.Add(-campaign.ErrandKept))); err != nil {
			return err
		}
		_, err = t.exec(ctx, `INSERT INTO errand (no, id, workspace_id, campaign_no, into_no, action, filter, state, cursor, changed, skipped, made_by, created_at)
			VALUES ($1, $2, $3, (SELECT no FROM campaign WHERE id = $4), (SELECT no FROM campaign WHERE id = $5), $6, $7, 'running', $8, $9, $10, $11, $12)`,
			e.No, e.ID, e.Workspace, e.Campaign, e.Into, string(e.Action), filter, e.After, e.Changed, e.Skipped, e.By, ms(e.CreatedAt))
		return err
	})
	if err == nil && e.No != 0 {
		return s.Errand(ctx, e.Workspace, e.ID)
	}
	return e, err
}

// StepErrand does the next batch.
func (s *Store) StepErrand(ctx context.Context, e *campaign.Errand, h campaign.Hold, batch int, now time.Time) (bool, error) {
	found, err := s.ahead(ctx, e, batch)
	if err != nil {
		return false, err
	}
	var r campaign.ActReport
	err = s.write(ctx, func(t *tx) error {
		var err error
		if r, err = t.carry(ctx, s, e, found, now); err != nil {
			return err
		}
		var n int64
		if found.next != 0 {
			n, err = t.exec(ctx, `UPDATE errand SET cursor = $1, changed = changed + $2, skipped = skipped + $3, lease_until = $4
				WHERE no = $5 AND state = 'running' AND node_no = $6 AND cursor = $7`, found.next, r.Changed, r.Skipped, ms(h.Until), e.No, h.Node, e.After)
		} else {
			n, err = t.exec(ctx, `UPDATE errand SET state = 'done', filter = NULL, ended_at = $1, changed = changed + $2, skipped = skipped + $3,
				node_no = NULL, lease_until = NULL WHERE no = $4 AND state = 'running' AND node_no = $5 AND cursor = $6`,
				ms(now), r.Changed, r.Skipped, e.No, h.Node, e.After)
		}
		if err == nil && n == 0 {
			err = errLost // with what was done
		}
		if err == nil && found.next == 0 {
			err = t.errandDone(ctx, e, r, now)
		}
		return err
	})
	if errors.Is(err, errLost) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	e.Changed, e.Skipped, e.After = e.Changed+r.Changed, e.Skipped+r.Skipped, found.next
	if found.next == 0 {
		e.State, e.Filter, e.EndedAt, e.Progress = campaign.ErrandDone, campaign.Filter{}, now, 1000
	}
	if e.Into != "" {
		s.replan(ctx, &s.recipients, r.Changed, "recipient", "wait")
	}
	return true, nil
}

// errandDone notes what the whole of an errand came to: who asked for it is noted with the asking.
func (t *tx) errandDone(ctx context.Context, e *campaign.Errand, last campaign.ActReport, now time.Time) error {
	var no int64
	if err := t.QueryRowContext(ctx, `SELECT COALESCE(into_no, campaign_no) FROM errand WHERE no = $1`, e.No).Scan(&no); err != nil {
		return err
	}
	return t.did(ctx, no, campaign.Carried, now, map[string]any{
		"action": string(e.Action), "changed": e.Changed + last.Changed, "skipped": e.Skipped + last.Skipped,
	})
}

// Errand gives one of the workspace.
func (s *Store) Errand(ctx context.Context, workspace, id string) (campaign.Errand, error) {
	e, err := scanErrand(s.reads.QueryRowContext(ctx, `SELECT `+errandColumns+errandTables+` WHERE e.id = $1 AND e.workspace_id = $2`, id, workspace))
	if errors.Is(err, sql.ErrNoRows) {
		return e, notFound("errand", id)
	}
	return e, s.readError(err)
}

// Errands gives those in a campaign or into it, the newest first.
func (s *Store) Errands(ctx context.Context, workspace, id string, after int64, limit int) ([]campaign.Errand, error) {
	no, err := s.campaignNo(ctx, workspace, id)
	if err != nil {
		return nil, err
	}
	below, args := "", []any{no, limit}
	if after != 0 {
		below, args = ` AND no < $3`, append(args, after)
	}
	var out []campaign.Errand
	err = scan(ctx, s.reads, func(rows *sql.Rows) error {
		e, err := scanErrand(rows)
		out = append(out, e)
		return err
	}, `SELECT `+errandColumns+errandTables+` WHERE e.no IN (SELECT no FROM errand WHERE campaign_no = $1`+below+` UNION SELECT no FROM errand WHERE into_no = $1`+below+`
		ORDER BY no DESC LIMIT $2) ORDER BY e.no DESC`, args...)
	return out, s.readError(err)
}

// CopyInto gives the errand that copies recipients into a campaign, unless it is done or was cancelled.
func (s *Store) CopyInto(ctx context.Context, workspace, id string) (*campaign.Errand, error) {
	e, err := scanErrand(s.reads.QueryRowContext(ctx, `SELECT `+errandColumns+errandTables+` WHERE e.into_no = (SELECT no FROM campaign WHERE id = $1)
		AND e.workspace_id = $2 AND e.state IN ('running', 'failed') ORDER BY e.no DESC LIMIT 1`, id, workspace))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &e, s.readError(err)
}

// CancelErrand ends one that runs.
func (s *Store) CancelErrand(ctx context.Context, workspace, id string, now time.Time) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `UPDATE errand SET state = 'cancelled', filter = NULL, ended_at = $1, node_no = NULL, lease_until = NULL
			WHERE id = $2 AND workspace_id = $3 AND state = 'running'`, ms(now), id, workspace)
		return err
	})
}

// TakeErrand gives the oldest that runs and that nobody does.
func (s *Store) TakeErrand(ctx context.Context, h campaign.Hold, now time.Time) (campaign.Errand, bool, error) {
	var no int64
	err := s.reads.QueryRowContext(ctx, `SELECT no FROM errand WHERE state = 'running' AND (lease_until IS NULL OR lease_until < $1)
		ORDER BY no LIMIT 1`, ms(now)).Scan(&no)
	if errors.Is(err, sql.ErrNoRows) { // which is nearly always: nothing is written to find that out
		return campaign.Errand{}, false, nil
	}
	if err != nil {
		return campaign.Errand{}, false, s.readError(err)
	}
	var e campaign.Errand
	err = s.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE errand SET node_no = $1, lease_until = $2 WHERE no = $3 AND state = 'running' AND (lease_until IS NULL OR lease_until < $4)`,
			h.Node, ms(h.Until), no, ms(now))
		if err == nil && n == 0 {
			return sql.ErrNoRows
		}
		if err != nil {
			return err
		}
		e, err = scanErrand(t.QueryRowContext(ctx, `SELECT `+errandColumns+errandTables+` WHERE e.no = $1`, no))
		return err
	})
	if errors.Is(err, sql.ErrNoRows) { // another node was quicker
		return e, false, nil
	}
	return e, err == nil, err
}

// FailErrand ends one that cannot be gone on with.
func (s *Store) FailErrand(ctx context.Context, e *campaign.Errand, h campaign.Hold, why *fault.Error, now time.Time) error {
	text, err := faultText(why)
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `UPDATE errand SET state = 'failed', filter = NULL, failure = $1, ended_at = $2, node_no = NULL, lease_until = NULL
			WHERE no = $3 AND node_no = $4 AND state = 'running'`, text, ms(now), e.No, h.Node)
		return err
	})
}
