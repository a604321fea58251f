// Package tune sets what the whole process runs with. The program and the benchmarks call it alike, so that what is
// measured is what is run.
package tune

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// The heap may grow by heapGrowth per cent before garbage is collected: claims and outcomes come and go in batches of a
// thousand, over a small heap that lasts, and collecting at every doubling would take a tenth of the processor. A large
// heap grows by heapRoom bytes only, or by half, as three times as much garbage as what lasts would be a waste of memory.
const (
	heapGrowth = 300
	heapLeast  = 50
	heapRoom   = 80 << 20
)

// Process sets the garbage collector, unless GOGC in the environment does.
func Process() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
		follow(&heap{percent: heapGrowth})
	}
}

// heap is collected with the garbage, and set again: it sees every collection.
type heap struct {
	percent int
	_       [24]byte // smaller ones share their memory with others, which may last
}

// follow sets the growth anew after each collection. The runtime's goroutine of finalizers does it.
func follow(h *heap) {
	runtime.SetFinalizer(h, func(h *heap) {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		if p := growth(live[0].Value.Uint64()); p != h.percent {
			h.percent = p
			debug.SetGCPercent(p)
		}
		follow(h)
	})
}

// growth is by how many per cent a heap of so many bytes may grow.
func growth(live uint64) int {
	return int(min(max(heapRoom*100/max(live, 1), heapLeast), heapGrowth))
}
