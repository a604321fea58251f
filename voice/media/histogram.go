package media

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// Buckets of a histogram: eight to every doubling, from a microsecond to more than an hour, so that a quantile read
// from it is at most an eighth too high.
const (
	perOctave = 8
	buckets   = 32 * perOctave
)

// Histogram counts durations. It is a value: a copy taken at one time can be subtracted from one taken later.
type Histogram struct {
	counts [buckets]uint64
	max    time.Duration
}

// bucket is where a duration is counted.
func bucket(d time.Duration) int {
	us := uint64(max(d, 0) / time.Microsecond)
	if us < perOctave {
		return int(us)
	}
	octave := bits.Len64(us) - 4 // us>>octave lies between 8 and 15
	return min((octave+1)*perOctave+int(us>>octave)-perOctave, buckets-1)
}

// upper is the largest duration of a bucket, to the microsecond.
func upper(i int) time.Duration {
	if i < perOctave {
		return time.Duration(i) * time.Microsecond
	}
	octave := i/perOctave - 1
	return time.Duration((uint64(i%perOctave)+perOctave+1)<<octave-1) * time.Microsecond
}

// Count is how many durations were counted.
func (h *Histogram) Count() uint64 {
	n := uint64(0)
	for _, c := range h.counts {
		n += c
	}
	return n
}

// Quantile is the duration that the share q (0 to 1) of all did not exceed, at most an eighth too high; 0 when there are
// none.
func (h *Histogram) Quantile(q float64) time.Duration {
	total := h.Count()
	if total == 0 {
		return 0
	}
	want := max(uint64(q*float64(total)+0.5), 1)
	seen := uint64(0)
	for i, c := range h.counts {
		if seen += c; seen >= want {
			return min(upper(i), h.max)
		}
	}
	return h.max
}

// Max is the longest duration counted. After Sub it is still that of the later copy.
func (h *Histogram) Max() time.Duration { return h.max }

// Sub gives what was counted since an earlier copy.
func (h Histogram) Sub(earlier Histogram) Histogram {
	for i := range h.counts {
		h.counts[i] -= earlier.counts[i]
	}
	return h
}

// Add gives what both counted.
func (h Histogram) Add(other Histogram) Histogram {
	for i := range h.counts {
		h.counts[i] += other.counts[i]
	}
	h.max = max(h.max, other.max)
	return h
}

// recorder is a histogram that one goroutine writes and others read.
type recorder struct {
	counts [buckets]atomic.Uint64
	max    atomic.Int64
}

func (r *recorder) record(d time.Duration) {
	r.counts[bucket(d)].Add(1)
	if int64(d) > r.max.Load() {
		r.max.Store(int64(d))
	}
}

func (r *recorder) snapshot() Histogram {
	var h Histogram
	for i := range h.counts {
		h.counts[i] = r.counts[i].Load()
	}
	h.max = time.Duration(r.max.Load())
	return h
}
