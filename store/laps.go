package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"campanario/campaign"
	"campanario/dispatch"
)

// Finish ends a pass in which nobody waits and no attempt is open.
func (s *Store) Finish(ctx context.Context, id string, nextLap, now time.Time) (bool, error) {
	done := false
	err := s.write(ctx, func(t *tx) error {
		no, err := s.numberOf(ctx, t, id)
		if err != nil {
			return err
		}
		after, before := keyBounds(no)
		var lap int64
		err = t.QueryRowContext(ctx, `UPDATE run SET revision = revision + 1, lap_ended_at = $1, lap_next_at = $2
			WHERE campaign_no = $3 AND state = 'active' AND lap_next_at IS NULL AND lap_cursor < 0
			AND high_cursor >= high_tail AND normal_cursor >= normal_tail AND low_cursor >= low_tail
			AND NOT EXISTS (SELECT 1 FROM wait w WHERE w.key > $4 AND w.key < $5)
			AND NOT EXISTS (SELECT 1 FROM flight f WHERE f.key > $4 AND f.key < $5)
			AND NOT EXISTS (SELECT 1 FROM filling q WHERE q.campaign_no = $3 AND q.state <> 'filled')
			RETURNING lap`, ms(now), ms(nextLap), no, after, before).Scan(&lap)
		done = err == nil
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if nextLap.IsZero() {
			return t.moved(ctx, no, campaign.Move{To: campaign.Completed, At: now})
		}
		if err := t.pulse(ctx); err != nil {
			return err
		}
		return t.did(ctx, no, campaign.LapEnded, now, map[string]any{"lap": lap, "next": nextLap.Format(time.RFC3339)})
	})
	return done, err
}

// lapBatch is how many settled recipients one transaction asks for the new lap.
const lapBatch = 2000

// OpenLap gives their turns again to some more of those whom again picks.
func (s *Store) OpenLap(ctx context.Context, id string, lap campaign.LapState, again dispatch.Again, now time.Time) (bool, error) {
	done := false
	err := s.write(ctx, func(t *tx) error {
		done = false
		no, err := s.numberOf(ctx, t, id)
		if err != nil {
			return err
		}
		var cursor int64
		err = t.QueryRowContext(ctx, `UPDATE run SET revision = revision + 1 WHERE campaign_no = $1 AND state = 'active'
			AND lap_next_at IS NOT NULL AND lap_next_at <= $2 RETURNING lap_cursor`, no, ms(now)).Scan(&cursor)
		if errors.Is(err, sql.ErrNoRows) { // somebody paused it, or the lap is open
			done = true
			return nil
		}
		if err != nil {
			return err
		}
		opens := cursor < 0
		if opens {
			cursor = 0
			_, err := t.exec(ctx, `UPDATE run SET lap = $1, lap_opened_at = $2, lap_today = $3 WHERE campaign_no = $4`,
				lap.Lap, ms(lap.Opened), lap.Today, no)
			if err != nil {
				return err
			}
		}
		last, n, err := t.renew(ctx, no, cursor, again)
		if err != nil {
			return err
		}
		over := false
		if done = n < lapBatch; done {
			over, err = t.lapOpen(ctx, no, now)
		} else {
			_, err = t.exec(ctx, `UPDATE run SET lap_cursor = $1 WHERE campaign_no = $2`, last, no)
		}
		if err != nil || !opens || over {
			return err
		}
		return t.did(ctx, no, campaign.LapBegan, now, map[string]any{"lap": lap.Lap})
	})
	return done, err
}

// lapOpen ends the opening of a lap. One that nobody takes part in completes the campaign: no later one would differ,
// unless it draws from the contact base.
func (t *tx) lapOpen(ctx context.Context, no int64, now time.Time) (over bool, err error) {
	if _, err := t.exec(ctx, `UPDATE run SET lap_cursor = -1, lap_next_at = NULL WHERE campaign_no = $1`, no); err != nil {
		return false, err
	}
	var somebody bool
	after, before := keyBounds(no)
	err = t.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM wait WHERE key > $2 AND key < $3)
		OR EXISTS (SELECT 1 FROM flight WHERE key > $2 AND key < $3)
		OR EXISTS (SELECT 1 FROM filling WHERE campaign_no = $1 AND renews)
		OR (high_cursor < high_tail OR normal_cursor < normal_tail OR low_cursor < low_tail) FROM run WHERE campaign_no = $1`, no, after, before).Scan(&somebody)
	if err != nil {
		return false, err
	}
	if !somebody {
		return true, t.moved(ctx, no, campaign.Move{To: campaign.Completed, At: now})
	}
	return false, t.pulse(ctx)
}

// renew asks the settled recipients behind the cursor, and says how far it came and how many it asked.
func (t *tx) renew(ctx context.Context, no, cursor int64, again dispatch.Again) (last int64, asked int, err error) {
	leavers, err := t.leavers(ctx, no)
	if err != nil {
		return cursor, 0, err
	}
	var next put
	var keys []int64
	d := delta{}
	last = cursor
	_, before := keyBounds(no)
	err = scan(ctx, t, func(rows *sql.Rows) error {
		var k, contact int64
		var tags, secondary []byte
		var row stateRow
		if err := rows.Scan(append([]any{&k, &contact, &tags, &secondary}, row.fields()...)...); err != nil {
			return err
		}
		asked++
		number := numberOfKey(k)
		last = int64(number)
		if leavers != nil && leavers.Contains(uint32(contact)) { // contacts begin at 1
			return nil
		}
		was := row.standing()
		var list []string
		if len(tags) > 0 {
			if err := json.Unmarshal(tags, &list); err != nil {
				return fmt.Errorf("tags of recipient %d: %w", number, err)
			}
		}
		more, err := addresses(secondary)
		if err != nil {
			return fmt.Errorf("addresses of recipient %d: %w", number, err)
		}
		renewed, ok := again(was, list, 1+len(more))
		if !ok {
			return nil
		}
		keys = append(keys, k)
		next.add(no, number, &renewed)
		d.status(was.Status, renewed.Status)
		return nil
	}, `SELECT s.key, COALESCE(r.contact_no, 0), r.tags, r.secondary, `+standingState+` FROM standing s JOIN recipient r ON r.key = s.key
		WHERE s.key > $1 AND s.key < $2 ORDER BY s.key LIMIT $3`, key(no, campaign.Number(cursor)), before, lapBatch)
	if err != nil {
		return last, asked, err
	}
	if len(keys) > 0 {
		among, arg := t.d.anyOf("key", 1, keys)
		if _, err := t.exec(ctx, `DELETE FROM standing WHERE `+among, arg); err != nil {
			return last, asked, err
		}
	}
	if err := t.put(ctx, &next); err != nil {
		return last, asked, err
	}
	return last, asked, t.count(ctx, no, d)
}

// Purge removes some rows of deleted campaigns. One whose last attempts are still open waits for their end.
func (s *Store) Purge(ctx context.Context, limit int) (bool, error) {
	more := false
	err := s.write(ctx, func(t *tx) error {
		more = false
		if err := s.forgetRecent(ctx, t, limit); err != nil {
			return err
		}
		var no int64
		err := t.QueryRowContext(ctx, fmt.Sprintf(`SELECT c.no FROM campaign c WHERE c.deleted_at IS NOT NULL AND NOT EXISTS
			(SELECT 1 FROM flight f WHERE f.key > c.no << %[1]d AND f.key < (c.no + 1) << %[1]d) ORDER BY c.no LIMIT 1`, keyShift)).Scan(&no)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		more = true
		after, before := keyBounds(no)
		n, err := t.exec(ctx, `DELETE FROM recipient_address WHERE mark IN
			(SELECT mark FROM recipient_address WHERE mark >= $1 AND mark < $2 ORDER BY mark LIMIT $3)`, no<<32, (no+1)<<32, limit)
		if err != nil || n > 0 {
			return err
		}
		for _, table := range []string{"attempt", "standing", "wait", "recipient"} {
			n, err := t.exec(ctx, `DELETE FROM `+table+` WHERE key IN
				(SELECT key FROM `+table+` WHERE key > $1 AND key < $2 ORDER BY key LIMIT $3)`, after, before, limit)
			if err != nil || n > 0 {
				return err
			}
		}
		for _, q := range []string{
			`DELETE FROM tally WHERE campaign_no = $1`, `DELETE FROM slice WHERE campaign_no = $1`, `DELETE FROM enrolment WHERE campaign_no = $1`, `DELETE FROM filling WHERE campaign_no = $1`, `DELETE FROM learnt WHERE campaign_no = $1`,
			`DELETE FROM run WHERE campaign_no = $1`, `DELETE FROM campaign WHERE no = $1`,
		} {
			if _, err := t.exec(ctx, q, no); err != nil {
				return err
			}
		}
		return nil
	})
	return more, err
}
