package media

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestHistogramBuckets(t *testing.T) {
	last := -1
	for us := range 100000 {
		d := time.Duration(us) * time.Microsecond
		i := bucket(d)
		if i != last && i != last+1 {
			t.Fatalf("%v is in bucket %d after %d", d, i, last)
		}
		last = i
		if upper(i) < d || i > 0 && upper(i-1) >= d {
			t.Fatalf("%v is in bucket %d, which ends at %v after %v", d, i, upper(i), upper(i-1))
		}
		if us > 0 && float64(upper(i)) > 1.13*float64(d) {
			t.Fatalf("%v is rounded up to %v", d, upper(i))
		}
	}
	if bucket(-time.Second) != 0 || bucket(1000*time.Hour) != buckets-1 {
		t.Error("what lies outside is not counted at the ends")
	}
}

func TestHistogramQuantiles(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var r recorder
	var all []time.Duration
	for range 20000 {
		d := time.Duration(rng.ExpFloat64() * float64(3*time.Millisecond))
		all = append(all, d)
		r.record(d)
	}
	slices.Sort(all)
	h := r.snapshot()
	for _, q := range []float64{0.01, 0.5, 0.9, 0.99, 0.999, 1} {
		exact := all[max(int(q*20000)-1, 0)]
		if got := h.Quantile(q); got < exact-time.Microsecond || float64(got) > 1.13*float64(exact)+2000 {
			t.Errorf("quantile %v is %v, exactly %v", q, got, exact)
		}
	}
	if h.Max() != all[len(all)-1] || h.Count() != 20000 {
		t.Errorf("max %v, count %d", h.Max(), h.Count())
	}
	for range 100 {
		r.record(time.Second)
	}
	later := r.snapshot()
	if since := later.Sub(h); since.Count() != 100 || since.Quantile(0.5) != time.Second {
		t.Errorf("since: %d at %v", since.Count(), since.Quantile(0.5))
	}
	var none Histogram
	if none.Quantile(0.99) != 0 {
		t.Error("nothing was late")
	}
}
