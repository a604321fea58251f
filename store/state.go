package store

import (
	"database/sql"

	"campanario/campaign"
	"campanario/channel"
)

// put writes where recipients stand: a row in wait or in standing, as each is waiting or settled.
type put struct{ waits, standings [][]any }

func (p *put) add(no int64, n campaign.Number, s *campaign.Standing) {
	if s.Result == "" {
		p.waits = append(p.waits, append([]any{key(no, n), queue(no, n.Band()), s.Due.UnixMilli(), string(s.Why), string(s.Status)}, stateValues(s)...))
		return
	}
	p.standings = append(p.standings, append([]any{key(no, n), string(s.Status), string(s.Result)}, stateValues(s)...))
}

// stateColumns are what wait and standing have in common.
var stateColumns = []string{"lap", "tries", "faults", "ordinal", "address", "bad", "last", "reason", "params", "changed_at"}

var (
	waitColumns     = append([]string{"key", "queue", "due_at", "why", "status"}, stateColumns...)
	standingColumns = append([]string{"key", "status", "result"}, stateColumns...)
)

func stateValues(s *campaign.Standing) []any {
	return []any{
		s.Lap, s.Tries, s.Faults, s.Attempt, s.Address, int64(s.Bad), null(string(s.Last)), null(s.Reason), null(s.Params), s.Changed.UnixMilli(),
	}
}

// stateRow is where a recipient stands, read from whichever table they are in. Without a status they have not had their
// first turn.
type stateRow struct {
	status, result, why, last, reason, params          sql.NullString
	due, lap, tries, faults, ordinal, address, bad, at sql.NullInt64
}

func (r *stateRow) fields() []any {
	return []any{
		&r.status, &r.result, &r.why, &r.due, &r.lap, &r.tries, &r.faults, &r.ordinal, &r.address, &r.bad, &r.last, &r.reason, &r.params, &r.at,
	}
}

// The columns of stateRow: of who waits, of who is settled, of whose attempt is open (as they stood before it), and of
// anybody.
const (
	waitState     = `w.status, NULL, w.why, w.due_at, w.lap, w.tries, w.faults, w.ordinal, w.address, w.bad, w.last, w.reason, w.params, w.changed_at`
	standingState = `s.status, s.result, NULL, NULL, s.lap, s.tries, s.faults, s.ordinal, s.address, s.bad, s.last, s.reason, s.params, s.changed_at`
	flightState   = `f.was, NULL, f.why, NULL, f.lap, f.tries, f.faults, f.ordinal - 1, f.address, f.bad, f.last, NULL, NULL, f.placed_at`
	anyState      = `COALESCE(s.status, w.status, f.was), s.result, COALESCE(w.why, f.why), w.due_at, COALESCE(s.lap, w.lap, f.lap),
		COALESCE(s.tries, w.tries, f.tries), COALESCE(s.faults, w.faults, f.faults), COALESCE(s.ordinal, w.ordinal, f.ordinal),
		COALESCE(s.address, w.address, f.address), COALESCE(s.bad, w.bad, f.bad), COALESCE(s.last, w.last, f.last),
		COALESCE(s.reason, w.reason), COALESCE(s.params, w.params), COALESCE(s.changed_at, w.changed_at, f.placed_at)`
)

func (r *stateRow) standing() campaign.Standing {
	return campaign.Standing{
		Status: campaign.Status(r.status.String), Result: campaign.Result(r.result.String), Why: campaign.Why(r.why.String), Due: at(r.due),
		Lap: int(r.lap.Int64), Tries: int(r.tries.Int64), Faults: int(r.faults.Int64), Attempt: int(r.ordinal.Int64),
		Address: int(r.address.Int64), Bad: uint32(r.bad.Int64), Last: channel.Code(r.last.String), Reason: r.reason.String,
		Params: r.params.String, Changed: at(r.at),
	}
}
