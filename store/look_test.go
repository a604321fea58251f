package store_test

import (
	"testing"

	"campanario/campaign"
	"campanario/dispatch"
)

// A claim may look at more people than it may contact: those who cannot be contacted now go out of the way, and of the
// others nobody beyond Max is touched.
func TestAClaimLooksFurtherThanItContacts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.campaign("c", 30)
		asleep := func(n campaign.Number) bool { return n%3 != 0 }
		met := map[campaign.Number]int{}
		claim := func(most, look int) dispatch.Claimed {
			r := w.request(w.hold, "c", most)
			r.Look, r.First = look, look
			out, err := w.Claim(w.ctx, r, func(candidates []dispatch.Candidate) []dispatch.Verdict {
				verdicts := w.place(candidates)
				for i, c := range candidates {
					if asleep(c.Number) && c.Standing.Status == "" {
						verdicts[i] = dispatch.Verdict{Do: dispatch.DoDefer, Next: campaign.Defer(c.Standing, campaign.WhyWindow, *w.now, *w.now)}
					}
				}
				return verdicts
			})
			w.must(err)
			for _, f := range out.Flights {
				met[f.Number]++
			}
			return out
		}
		first := claim(2, 20)
		if len(first.Flights) != 2 || first.First != 7 || !first.Filled {
			t.Errorf("%d contacted, %d first turns, filled %v; want 2, 7 (those before the third who can be contacted), true", len(first.Flights), first.First, first.Filled)
		}
		if c := w.counts("c"); c.InFlight != 2 || c.Total != 30 {
			t.Errorf("counts: %+v", c)
		}
		for i := 0; len(met) < 30; i++ {
			if got := claim(1+i%3, 7); i > 60 || len(got.Flights) > 1+i%3 {
				t.Fatalf("after %d claims %d of 30 were met; the last one contacted %d", i, len(met), len(got.Flights))
			}
		}
		for n, times := range met {
			if times != 1 {
				t.Errorf("%d was contacted %d times", n, times)
			}
		}
		if left := claim(5, 50); len(left.Flights) > 0 || left.Filled || !left.FirstEnd {
			t.Errorf("somebody is left: %+v", left)
		}
	})
}
