package cluster

import (
	"fmt"
	"testing"
)

func TestOwnersAreSpreadAndStay(t *testing.T) {
	nodes := []int64{3, 17, 42, 1000}
	count := map[int64]int{}
	moved := 0
	for i := range 4000 {
		line := fmt.Sprintf("0199b0a2-1111-7000-8000-%012d", i)
		o := owner(line, nodes)
		count[o]++
		if left := owner(line, []int64{3, 17, 1000}); o != 42 && left != o {
			moved++
		}
	}
	for _, n := range nodes {
		if count[n] < 800 || count[n] > 1200 {
			t.Errorf("node %d has %d of 4000 lines", n, count[n])
		}
	}
	if moved > 0 {
		t.Errorf("%d lines moved between nodes that stayed", moved)
	}
	if owner("x", nil) != 0 {
		t.Error("somebody owns a line although nobody is alive")
	}
}
