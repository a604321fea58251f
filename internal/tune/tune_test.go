package tune

import "testing"

func TestGrowth(t *testing.T) {
	for _, c := range []struct {
		live uint64
		want int
	}{
		{0, 300},
		{20 << 20, 300},
		{26 << 20, 300},
		{64 << 20, 125},
		{128 << 20, 62},
		{256 << 20, 50},
		{8 << 30, 50},
	} {
		if got := growth(c.live); got != c.want {
			t.Errorf("%d MB: %d %%, want %d", c.live>>20, got, c.want)
		}
	}
}
