package carrier

import (
	"errors"
	"math/rand/v2"
)

// errLost is how a packet is lost on purpose.
var errLost = errors.New("carrier: packet lost on purpose")

// rough is a line that loses packets or brings them out of order. It stands where encryption would, because that is
// where every packet passes by.
type rough struct {
	rng   *rand.Rand
	lose  float64 // part of the packets
	depth int     // how many packets wait to be sent in any order
	wait  [][]byte
}

// SealRTP implements media.Cipher.
func (r *rough) SealRTP(dst, packet []byte) ([]byte, error) {
	if r.rng.Float64() < r.lose {
		return dst, errLost
	}
	if r.depth == 0 {
		return append(dst, packet...), nil
	}
	r.wait = append(r.wait, append([]byte(nil), packet...))
	if len(r.wait) <= r.depth {
		return dst, errLost
	}
	// One that has waited too long goes first; otherwise anyone.
	i := r.rng.IntN(len(r.wait))
	if r.rng.IntN(3) == 0 {
		i = 0
	}
	dst = append(dst, r.wait[i]...)
	r.wait = append(r.wait[:i], r.wait[i+1:]...)
	return dst, nil
}

// OpenRTP implements media.Cipher.
func (r *rough) OpenRTP(dst, packet []byte) ([]byte, error) { return append(dst, packet...), nil }

// SealRTCP implements media.Cipher.
func (r *rough) SealRTCP(dst, packet []byte) ([]byte, error) { return append(dst, packet...), nil }

// OpenRTCP implements media.Cipher.
func (r *rough) OpenRTCP(dst, packet []byte) ([]byte, error) { return append(dst, packet...), nil }
