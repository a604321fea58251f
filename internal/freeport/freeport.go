// Package freeport finds ports for the other programs that a test or a benchmark starts.
package freeport

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
	"sync/atomic"
)

// first and count bound where it looks: below the ports that Linux gives to whoever asks for any, for the other program
// takes its port only some time after it was found free.
const first, count = 12000, 20000

// start is where this process begins to look, so that two do not look at the same place.
var start = rand.Uint32N(count/2) * 2

// looked is how far this process has come: it gives no port twice within a round.
var looked atomic.Uint32

// Find gives the first of n ports in a row, an even one, that are free on 127.0.0.1 for UDP and for TCP. It is safe to
// call from several goroutines.
func Find(ctx context.Context, n int) (int, error) {
	step := uint32(n + n%2)
	for range count / step {
		at := (start + looked.Add(step) - step) % count
		if port := first + int(at); free(ctx, port, n) {
			return port, nil
		}
	}
	return 0, errors.New("no free port")
}

func free(ctx context.Context, port, n int) bool {
	var lc net.ListenConfig
	for p := port; p < port+n; p++ {
		at := net.JoinHostPort("127.0.0.1", strconv.Itoa(p))
		u, err := lc.ListenPacket(ctx, "udp4", at)
		if err != nil {
			return false
		}
		_ = u.Close()
		l, err := lc.Listen(ctx, "tcp4", at)
		if err != nil {
			return false
		}
		_ = l.Close()
	}
	return true
}
