package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"campanario/campaign"
	"campanario/intake"
	"campanario/internal/fault"
)

var _ intake.SupplyStore = (*Store)(nil)

// fillingColumns are how far a campaign is filled; the table may have no row for it.
const fillingColumns = `q.state, q.pass, q.picked_at, q.lease_until, q.counts`

type fillingRow struct {
	state                   sql.NullString
	pass, pickedAt, leaseTo sql.NullInt64
	counts                  []byte
}

func (r *fillingRow) fields() []any {
	return []any{&r.state, &r.pass, &r.pickedAt, &r.leaseTo, &r.counts}
}

func (r *fillingRow) filling() (*campaign.Filling, error) {
	if !r.state.Valid {
		return nil, nil
	}
	f := &campaign.Filling{State: campaign.FillState(r.state.String), Pass: int(r.pass.Int64), PickedAt: at(r.pickedAt), Lease: at(r.leaseTo)}
	return f, json.Unmarshal(r.counts, &f.FillCounts)
}

// bits is a bitmap for a column.
func bits(b *roaring.Bitmap) (any, error) {
	if b == nil {
		return nil, nil
	}
	b.RunOptimize()
	return b.ToBytes()
}

func bitmap(raw []byte) (*roaring.Bitmap, error) {
	b := roaring.New()
	if len(raw) == 0 {
		return b, nil
	}
	return b, b.UnmarshalBinary(raw)
}

// bitmapsOf reads whom a source stood for, and whom it ever did, from columns picked, high, low and member.
func bitmapsOf(raw [4][]byte) (p campaign.Picked, members *roaring.Bitmap, err error) {
	for i, to := range []**roaring.Bitmap{&p.All, &p.High, &p.Low, &members} {
		if *to, err = bitmap(raw[i]); err != nil {
			return p, nil, fmt.Errorf("filling: %w", err)
		}
	}
	return p, members, nil
}

// source writes what the source of a draft is, and whom it stood for if that was found out; the caller holds the run row.
func (t *tx) source(ctx context.Context, no int64, d *campaign.Definition, p *campaign.Picked) error {
	if _, err := t.exec(ctx, `DELETE FROM filling WHERE campaign_no = $1`, no); err != nil || d.Contacts == nil {
		return err
	}
	var values [3]any
	var counts campaign.FillCounts
	var picked time.Time
	if p != nil {
		var err error
		if values, err = pickedValues(p); err != nil {
			return err
		}
		counts.Picked, picked = int64(p.All.GetCardinality()), p.At
	}
	text, err := jsonText(counts)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `INSERT INTO filling (campaign_no, renews, pass, state, picked, high, low, cursor, counts, picked_at)
		VALUES ($1, $2, 0, 'waiting', $3, $4, $5, 0, $6, $7)`,
		no, d.Contacts.At == campaign.AtStart, values[0], values[1], values[2], text, ms(picked))
	return err
}

func pickedValues(p *campaign.Picked) (out [3]any, err error) {
	for i, b := range []*roaring.Bitmap{p.All, p.High, p.Low} {
		if out[i], err = bits(b); err != nil {
			return out, err
		}
	}
	return out, nil
}

// beginFilling makes a campaign that has become active have its source evaluated, unless that was done: at its first start,
// and again after it failed. The caller holds the run row.
func (t *tx) beginFilling(ctx context.Context, no int64) error {
	_, err := t.exec(ctx, `UPDATE filling SET state = CASE WHEN state = 'waiting' AND picked IS NOT NULL THEN 'filling' ELSE 'due' END,
		pass = CASE WHEN pass = 0 THEN 1 ELSE pass END, node_no = NULL, lease_until = NULL
		WHERE campaign_no = $1 AND state IN ('waiting', 'failed')`, no)
	return err
}

// Refill has the source of an active campaign evaluated for a pass that is to be opened, unless it was.
func (s *Store) Refill(ctx context.Context, id string, pass int) error {
	return s.write(ctx, func(t *tx) error {
		no, err := s.numberOf(ctx, t, id)
		if err != nil {
			return err
		}
		n, err := t.exec(ctx, `UPDATE run SET revision = revision + 1 WHERE campaign_no = $1 AND state = 'active'`, no)
		if err != nil || n == 0 {
			return err
		}
		_, err = t.exec(ctx, `UPDATE filling SET state = 'due', pass = $1, node_no = NULL, lease_until = NULL
			WHERE campaign_no = $2 AND renews AND state = 'filled' AND pass < $1`, pass, no)
		if err != nil {
			return err
		}
		return t.pulse(ctx)
	})
}

// leavers gives who were in a campaign by its source, and are not whom it stands for any more; nil for nobody.
func (t *tx) leavers(ctx context.Context, no int64) (*roaring.Bitmap, error) {
	var raw [4][]byte
	err := t.QueryRowContext(ctx, `SELECT picked, member FROM filling WHERE campaign_no = $1 AND renews`, no).Scan(&raw[0], &raw[3])
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	picked, members, err := bitmapsOf(raw)
	if err != nil {
		return nil, err
	}
	members.AndNot(picked.All)
	return members, nil
}

// PickedFor gives whom the source of a campaign stood for.
func (s *Store) PickedFor(ctx context.Context, workspace, id string) (campaign.Picked, error) {
	var raw [4][]byte
	var picked sql.NullInt64
	err := s.reads.QueryRowContext(ctx, `SELECT q.picked, q.high, q.low, q.picked_at FROM campaign c JOIN filling q ON q.campaign_no = c.no
		WHERE c.id = $1 AND c.workspace_id = $2 AND c.deleted_at IS NULL`, id, workspace).Scan(&raw[0], &raw[1], &raw[2], &picked)
	if errors.Is(err, sql.ErrNoRows) {
		return campaign.Picked{}, notFound("campaign", id)
	}
	if err != nil {
		return campaign.Picked{}, s.readError(err)
	}
	p, _, err := bitmapsOf(raw)
	p.At = at(picked)
	return p, err
}

// openFillings are the campaigns whose filling has something to do, and nobody who does it at the moment $1.
const openFillings = `SELECT q.campaign_no FROM filling q JOIN run r ON r.campaign_no = q.campaign_no AND r.state = 'active'
	WHERE q.state IN ('due', 'filling') AND (q.lease_until IS NULL OR q.lease_until < $1) ORDER BY q.campaign_no LIMIT 1`

// TakeFilling takes an active campaign that is to be filled.
func (s *Store) TakeFilling(ctx context.Context, h intake.Hold, now time.Time) (intake.Supply, bool, error) {
	var x intake.Supply
	var no int64
	err := s.reads.QueryRowContext(ctx, openFillings, ms(now)).Scan(&no)
	if errors.Is(err, sql.ErrNoRows) { // without a transaction that others would wait for
		return x, false, nil
	}
	if err != nil {
		return x, false, s.readError(err)
	}
	err = s.write(ctx, func(t *tx) error {
		x = intake.Supply{}
		var raw [4][]byte
		err := t.QueryRowContext(ctx, `UPDATE filling SET node_no = $1, lease_until = $2 WHERE campaign_no = $3
			AND state IN ('due', 'filling') AND (lease_until IS NULL OR lease_until < $4)
			RETURNING picked, high, low, member`, h.Node, ms(h.Until), no, ms(now)).Scan(&raw[0], &raw[1], &raw[2], &raw[3])
		if err != nil {
			return err
		}
		if x.Picked, x.Members, err = bitmapsOf(raw); err != nil {
			return err
		}
		x.Campaign, x.No, err = scanCampaign(t.QueryRowContext(ctx, `SELECT `+campaignColumns+campaignTables+` WHERE c.no = $1`, no))
		return err
	})
	if errors.Is(err, sql.ErrNoRows) { // another node was quicker
		return x, false, nil
	}
	return x, err == nil, err
}

// SetPicked writes whom the source stands for; false when the campaign is not the holder's any more.
func (s *Store) SetPicked(ctx context.Context, x *intake.Supply, h intake.Hold, p campaign.Picked) (bool, error) {
	left := x.Members.Clone()
	left.AndNot(p.All)
	counts := campaign.FillCounts{Picked: int64(p.All.GetCardinality()), Left: int64(left.GetCardinality())}
	text, err := jsonText(counts)
	if err != nil {
		return false, err
	}
	values, err := pickedValues(&p)
	if err != nil {
		return false, err
	}
	var n int64
	err = s.write(ctx, func(t *tx) error {
		n, err = t.exec(ctx, `UPDATE filling SET state = 'filling', picked = $1, high = $2, low = $3, picked_at = $4, cursor = 0, counts = $5, lease_until = $6
			WHERE campaign_no = $7 AND state = 'due' AND node_no = $8`,
			values[0], values[1], values[2], ms(p.At), text, ms(h.Until), x.No, h.Node)
		if err != nil || n == 0 {
			return err
		}
		return t.pulse(ctx)
	})
	if err == nil && n > 0 {
		x.Picked, x.Campaign.Filling.State, x.Campaign.Filling.FillCounts = p, campaign.FillRunning, counts
	}
	return n > 0, err
}

// SupplyBatch adds some of those who were picked. more is what became of them otherwise; last ends the filling. false when the campaign is not the holder's any more, or not active.
func (s *Store) SupplyBatch(ctx context.Context, x *intake.Supply, h intake.Hold, rows []campaign.Newcomer, more campaign.FillCounts, last bool, now time.Time) (bool, error) {
	var ours bool
	var counts campaign.FillCounts
	err := s.write(ctx, func(t *tx) error {
		ours = false
		counts = x.Campaign.Filling.FillCounts
		n, err := t.exec(ctx, `UPDATE run SET revision = revision + 1 WHERE campaign_no = $1 AND state = 'active'`, x.No)
		if err != nil || n == 0 {
			return err
		}
		r, err := t.enrol(ctx, x.No, rows, now)
		if err != nil {
			return err
		}
		counts.Add(more)
		counts.Added += r.Added
		counts.Duplicates += r.Duplicates
		if ours, err = t.supplied(ctx, x, h, counts, last); err != nil {
			return err
		}
		if !ours {
			return errLost
		}
		if err := t.pulse(ctx); err != nil || !last {
			return err
		}
		return t.did(ctx, x.No, campaign.Filled, now, map[string]any{"lap": x.Campaign.Filling.Pass, "counts": counts})
	})
	if errors.Is(err, errLost) {
		return false, nil
	}
	if err != nil || !ours {
		return false, err
	}
	added := counts.Added - x.Campaign.Filling.Added
	x.Campaign.Filling.FillCounts = counts
	s.replan(ctx, &s.recipients, added, "recipient", "wait")
	return true, nil
}

// errLost rolls back what was done for a campaign that another node fills by now.
var errLost = errors.New("the filling is not ours any more")

// supplied notes how far the filling has come; false when somebody else has done it.
func (t *tx) supplied(ctx context.Context, x *intake.Supply, h intake.Hold, counts campaign.FillCounts, last bool) (bool, error) {
	text, err := jsonText(counts)
	if err != nil {
		return false, err
	}
	n, err := t.exec(ctx, `UPDATE filling SET cursor = $1, counts = $2, lease_until = $3
		WHERE campaign_no = $4 AND state = 'filling' AND node_no = $5 AND cursor = $6`,
		counts.Done, text, ms(h.Until), x.No, h.Node, x.Campaign.Filling.Done)
	if err != nil || n == 0 || !last {
		return n > 0, err
	}
	members := x.Members.Clone()
	members.Or(x.Picked.All)
	raw, err := bits(members)
	if err != nil {
		return false, err
	}
	_, err = t.exec(ctx, `UPDATE filling SET state = 'filled', member = $1, node_no = NULL, lease_until = NULL WHERE campaign_no = $2`, raw, x.No)
	return true, err
}

// FailFilling pauses a campaign whose source stands for nobody, or for nothing that is there.
func (s *Store) FailFilling(ctx context.Context, x *intake.Supply, h intake.Hold, why *fault.Error, now time.Time) error {
	params := map[string]string{"problem": why.Code}
	for name, value := range why.Params {
		params[name] = fmt.Sprint(value)
	}
	return s.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE run SET revision = revision + 1 WHERE campaign_no = $1 AND state = 'active'`, x.No)
		if err != nil || n == 0 {
			return err
		}
		n, err = t.exec(ctx, `UPDATE filling SET state = 'failed', node_no = NULL, lease_until = NULL
			WHERE campaign_no = $1 AND state IN ('due', 'filling') AND node_no = $2`, x.No, h.Node)
		if err != nil || n == 0 {
			return err
		}
		return t.moved(ctx, x.No, campaign.Move{To: campaign.Paused, Reason: campaign.CannotFill, Params: params, At: now})
	})
}
