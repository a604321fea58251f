package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"campanario/person"
)

var _ person.OfficeStore = (*Store)(nil)

// Periods gives how long a workspace keeps data of people.
func (s *Store) Periods(ctx context.Context, workspace string) (person.Periods, int64, error) {
	var p person.Periods
	text, revision, err := s.settings(ctx, "retention", workspace)
	if err != nil || len(text) == 0 {
		return p, 0, err
	}
	return p, revision, json.Unmarshal(text, &p)
}

// SetPeriods replaces them.
func (s *Store) SetPeriods(ctx context.Context, workspace string, p person.Periods, revision int64, now time.Time) (int64, error) {
	text, err := jsonText(p)
	if err != nil {
		return 0, err
	}
	var next int64
	err = s.write(ctx, func(t *tx) error {
		next, err = t.setSettings(ctx, "retention", workspace, text, revision, now)
		return err
	})
	return next, err
}

// AllPeriods gives the workspaces in which anything ends.
func (s *Store) AllPeriods(ctx context.Context) ([]person.Kept, error) {
	var out []person.Kept
	err := scan(ctx, s.reads, func(rows *sql.Rows) error {
		var k person.Kept
		var text []byte
		if err := rows.Scan(&k.Workspace, &text); err != nil {
			return err
		}
		err := json.Unmarshal(text, &k.Periods)
		if k.Periods.Set() {
			out = append(out, k)
		}
		return err
	}, `SELECT workspace_id, settings FROM retention ORDER BY workspace_id`)
	return out, s.readError(err)
}

// TakeDuty makes a node the only one to do something, by the database's clock.
func (s *Store) TakeDuty(ctx context.Context, name string, node int64, ttl time.Duration) (bool, error) {
	var n int64
	err := s.write(ctx, func(t *tx) error {
		now := s.clockSQL()
		var err error
		n, err = t.exec(ctx, `INSERT INTO duty (name, node_no, lease_until) VALUES ($1, $2, `+now+` + $3)
			ON CONFLICT (name) DO UPDATE SET node_no = excluded.node_no, lease_until = excluded.lease_until
			WHERE duty.node_no = excluded.node_no OR duty.lease_until <= `+now, name, node, ttl.Milliseconds())
		return err
	})
	return n > 0, err
}

// What has expired, as conditions with the workspace as $1 and the instant as $2.
const (
	endedCampaigns = ` FROM campaign c JOIN run r ON r.campaign_no = c.no WHERE c.workspace_id = $1
		AND (r.state IN ('completed', 'cancelled') OR c.deleted_at IS NOT NULL) AND COALESCE(r.ended_at, c.deleted_at) < $2
		AND (c.emptied_at IS NULL OR c.emptied_at < COALESCE(r.ended_at, c.deleted_at))`
	endedImports = ` FROM import i WHERE i.workspace_id = $1 AND (i.state IN ` + over + ` AND i.ended_at < $2
		AND (i.parts > 0 OR EXISTS (SELECT 1 FROM import_problem p WHERE p.import_no = i.no) OR EXISTS (SELECT 1 FROM import_before b WHERE b.import_no = i.no))
		OR i.state IN ('open', 'ready', 'checked', 'failed') AND i.updated_at < $2)`
	// quietContacts are those with whom there was nothing; who stands in for somebody goes after them.
	quietContacts = ` FROM contact c WHERE c.workspace_id = $1 AND c.primary_no IS NULL AND c.created_at < $2 AND c.updated_at < $2
		AND COALESCE(c.imported_at, 0) < $2 AND COALESCE(c.contacted_at, 0) < $2 AND COALESCE(c.heard_at, 0) < $2
		AND NOT EXISTS (SELECT 1 FROM consent s WHERE s.contact_no = c.no AND s.kept_at >= $2)
		AND NOT EXISTS (SELECT 1 FROM recipient q WHERE q.contact_no = c.no AND q.enrolled_at >= $2)
		AND NOT EXISTS (SELECT 1 FROM recipient q JOIN run r ON r.campaign_no = (q.key >> 34) WHERE q.contact_no = c.no AND r.state NOT IN ('completed', 'cancelled'))
		AND NOT EXISTS (SELECT 1 FROM recipient q JOIN attempt a ON a.key = q.key WHERE q.contact_no = c.no AND a.closed_at >= $2)`
	oldEvents = ` FROM audit WHERE workspace_id = $1 AND at < $2`
)

// CountExpired counts what has expired.
func (s *Store) CountExpired(ctx context.Context, workspace string, e person.Expiry) (person.Expired, error) {
	var out person.Expired
	for _, q := range []struct {
		before time.Time
		query  string
		to     []any
	}{
		{e.Attempts, `SELECT COUNT(*), COALESCE(SUM(r.high_tail + r.normal_tail - 1000000000 + r.low_tail - 2000000000), 0)` + endedCampaigns, []any{&out.Campaigns, &out.Recipients}},
		{e.Imports, `SELECT COUNT(*)` + endedImports, []any{&out.Imports}},
		{e.Contacts, `SELECT COUNT(*)` + quietContacts, []any{&out.Contacts}},
		{e.Audit, `SELECT COUNT(*)` + oldEvents, []any{&out.Events}},
	} {
		if q.before.IsZero() {
			continue
		}
		if err := s.reads.QueryRowContext(ctx, q.query, workspace, ms(q.before)).Scan(q.to...); err != nil {
			return out, s.readError(err)
		}
	}
	return out, nil
}

// How much one transaction removes.
const (
	expireRecipients = 500
	expireContacts   = 200
	expireEvents     = 1000
)

// expiring is what removes one kind of thing: some of them behind a number; next is 0 when none is left.
type expiring func(ctx context.Context, t *tx, workspace string, before time.Time, after int64, now time.Time) (did person.Expired, next int64, err error)

// ExpireSome removes some of what has expired, kind by kind.
func (s *Store) ExpireSome(ctx context.Context, workspace string, e person.Expiry, from person.Progress, now time.Time) (person.Expired, person.Progress, error) {
	stages := []struct {
		before time.Time
		remove expiring
	}{{e.Attempts, expireCampaign}, {e.Imports, expireImport}, {e.Contacts, expireQuiet}, {e.Audit, expireOldEvents}}
	for from.Stage < len(stages) && stages[from.Stage].before.IsZero() {
		from = person.Progress{Stage: from.Stage + 1}
	}
	if from.Stage >= len(stages) {
		return person.Expired{}, person.Progress{Done: true}, nil
	}
	stage := stages[from.Stage]
	var did person.Expired
	var next int64
	err := s.write(ctx, func(t *tx) error {
		var err error
		did, next, err = stage.remove(ctx, t, workspace, stage.before, from.After, now)
		return err
	})
	if err != nil {
		return person.Expired{}, from, err
	}
	if from.After = next; next == 0 {
		from = person.Progress{Stage: from.Stage + 1}
	}
	return did, from, nil
}

// expireCampaign empties some recipients of a campaign. after is the last key that was emptied; the recipients of one campaign follow those of
// another.
func expireCampaign(ctx context.Context, t *tx, workspace string, before time.Time, after int64, now time.Time) (person.Expired, int64, error) {
	var did person.Expired
	var no int64
	err := t.QueryRowContext(ctx, `SELECT c.no`+endedCampaigns+` ORDER BY c.no LIMIT 1`, workspace, ms(before)).Scan(&no)
	if errors.Is(err, sql.ErrNoRows) {
		return did, 0, nil
	}
	if err != nil {
		return did, 0, err
	}
	if err := t.takeRuns(ctx, map[int64]bool{no: true}); err != nil {
		return did, 0, err
	}
	first, last := keyBounds(no)
	if after > first && after < last {
		first = after
	}
	var keys []int64
	err = scan(ctx, t, func(rows *sql.Rows) error {
		var k int64
		err := rows.Scan(&k)
		keys = append(keys, k)
		return err
	}, `SELECT r.key FROM recipient r WHERE r.key > $1 AND r.key < $2 AND NOT EXISTS (SELECT 1 FROM flight f WHERE f.key = r.key) ORDER BY r.key LIMIT $3`,
		first, last, expireRecipients)
	if err != nil {
		return did, 0, err
	}
	if did.Recipients, err = t.blankRecipients(ctx, keys); err != nil {
		return did, 0, err
	}
	if _, err := t.blankAttempts(ctx, keys); err != nil {
		return did, 0, err
	}
	if len(keys) == expireRecipients {
		return did, keys[len(keys)-1], nil
	}
	did.Campaigns = 1
	_, err = t.exec(ctx, `UPDATE campaign SET emptied_at = $1 WHERE no = $2`, ms(now), no)
	if err == nil {
		_, err = t.exec(ctx, `DELETE FROM report WHERE campaign_id = (SELECT id FROM campaign WHERE no = $1)`, no)
	}
	return did, last, err
}

// expireImport removes what is kept of one import; one that never came to an end goes as a whole.
func expireImport(ctx context.Context, t *tx, workspace string, before time.Time, _ int64, _ time.Time) (person.Expired, int64, error) {
	var did person.Expired
	var no int64
	var ended bool
	err := t.QueryRowContext(ctx, `SELECT i.no, i.state IN `+over+endedImports+` ORDER BY i.no LIMIT 1`, workspace, ms(before)).Scan(&no, &ended)
	if errors.Is(err, sql.ErrNoRows) {
		return did, 0, nil
	}
	if err != nil {
		return did, 0, err
	}
	did.Imports = 1
	if ended {
		err = t.dropFile(ctx, no)
	} else {
		_, err = t.exec(ctx, `DELETE FROM import WHERE no = $1`, no)
	}
	for _, table := range []string{"import_part", "import_problem", "import_before", "import_tie"} {
		if err == nil {
			_, err = t.exec(ctx, `DELETE FROM `+table+` WHERE import_no = $1`, no)
		}
	}
	return did, no, err
}

// expireQuiet removes contacts. Whom they took consent back from stays away from them.
func expireQuiet(ctx context.Context, t *tx, workspace string, before time.Time, after int64, _ time.Time) (person.Expired, int64, error) {
	var did person.Expired
	if _, err := t.contactsChange(ctx, workspace); err != nil {
		return did, 0, err
	}
	list, err := contactsBy(ctx, t, ` WHERE c.no IN (SELECT c.no`+quietContacts+fmt.Sprintf(` AND c.no > $3 ORDER BY c.no LIMIT %d)`, expireContacts)+` ORDER BY c.no`,
		workspace, ms(before), after)
	if err != nil || len(list) == 0 {
		return did, 0, err
	}
	numbers := make([]int64, len(list))
	for i := range list {
		numbers[i] = list[i].No
	}
	if err := t.forgetBefore(ctx, workspace, numbers); err != nil {
		return did, 0, err
	}
	if _, err := t.removeContacts(ctx, workspace, list, expired); err != nil {
		return did, 0, err
	}
	did.Contacts = int64(len(list))
	if len(list) < expireContacts {
		return did, 0, nil
	}
	return did, numbers[len(numbers)-1], nil
}

// expireOldEvents shortens the audit.
func expireOldEvents(ctx context.Context, t *tx, workspace string, before time.Time, _ int64, _ time.Time) (person.Expired, int64, error) {
	var did person.Expired
	var err error
	did.Events, err = t.exec(ctx, `DELETE FROM audit WHERE no IN (SELECT no`+oldEvents+fmt.Sprintf(` ORDER BY no LIMIT %d)`, expireEvents), workspace, ms(before))
	if err != nil || did.Events < expireEvents {
		return did, 0, err
	}
	return did, 1, nil
}
