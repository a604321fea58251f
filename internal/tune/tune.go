// Package tune sets what the whole process runs with. The program and the benchmarks call it alike, so that what is
// measured is what is run.
package tune

import (
	"os"
	"runtime/debug"
)

// heapGrowth is by how many per cent the heap may grow before garbage is collected. Claims and outcomes come and go in
// batches of a thousand, over a small heap that lasts: collecting at every doubling would take a tenth of the processor.
const heapGrowth = 300

// Process sets the garbage collector, unless GOGC in the environment does.
func Process() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
}
