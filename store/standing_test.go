package store_test

import (
	"reflect"
	"testing"

	"campanario/channel"
	"campanario/report"
)

// How a line stands is what its holder knows, and nothing once nobody holds it.
func TestStandingIsThatOfTheHolder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 1)
		standing := func() *channel.Standing {
			r, err := w.LineRecord(w.ctx, "ws", "line")
			w.must(err)
			return r.Standing
		}
		if st := standing(); st != nil {
			t.Errorf("before anybody told: %+v", st)
		}
		st := channel.StandingOf([]channel.GatewayStanding{{Gateway: "sip:sbc.example.com", State: channel.Refused, Status: 403, Since: w.now.UTC()}})
		w.must(w.SetStanding(w.ctx, w.hold, &st))
		if got := standing(); got == nil || !reflect.DeepEqual(*got, st) {
			t.Errorf("stored %+v, want %+v", got, st)
		}
		s, err := w.Situation(w.ctx, "ws", *w.now)
		w.must(err)
		if home := report.NewHome(&s, *w.now, w.now.Location()); len(home.Attention) != 1 || home.Attention[0].Concern != report.LineUnregistered {
			t.Errorf("at home: %+v", home.Attention)
		}
		stale := w.hold
		stale.Term--
		w.must(w.SetStanding(w.ctx, stale, nil))
		if standing() == nil {
			t.Error("who held it before has the last word")
		}
		*w.now = w.now.Add(2 * ttl)
		if got := standing(); got != nil {
			t.Errorf("without a holder: %+v", got)
		}
		w.must(w.SetStanding(w.ctx, w.hold, nil))
	})
}
