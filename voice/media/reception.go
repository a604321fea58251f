package media

import "time"

// reception keeps the statistics of one received stream as RFC 3550 defines them (appendices A.1, A.3 and A.8).
type reception struct {
	base     uint32 // extended sequence number of the first packet
	highest  uint32 // extended: the upper half counts the wraps
	received uint64
	transit  time.Duration // of the packet before, relative
	jitter   float64       // in timestamp units
}

// interval remembers what was reported before, to tell what was lost since.
type interval struct{ expected, received uint64 }

// begin starts with the first packet of a stream.
func (r *reception) begin(sequence uint16) {
	*r = reception{base: uint32(sequence), highest: uint32(sequence)}
}

// count takes a packet whose sequence number is ahead of the highest, or behind it by less than half the range.
func (r *reception) count(sequence uint16) {
	r.received++
	if ahead := int16(sequence - uint16(r.highest)); ahead > 0 {
		r.highest += uint32(ahead)
	}
}

// arrive measures jitter: how evenly packets come compared with their timestamps.
func (r *reception) arrive(now time.Duration, timestamp uint32) {
	sent := time.Duration(timestamp) * time.Second / 8000
	transit := now - sent
	if r.transit != 0 {
		d := transit - r.transit
		if d < 0 {
			d = -d
		}
		// A jump of the timestamps (a wrap, a new source behind the same stream) is no jitter.
		if d < 10*time.Second {
			r.jitter += (d.Seconds()*8000 - r.jitter) / 16
		}
	}
	r.transit = transit
}

// expected is how many packets the far end has sent, judged by their numbers.
func (r *reception) expected() uint64 {
	if r.received == 0 {
		return 0
	}
	return uint64(r.highest) - uint64(r.base) + 1
}

// lost is how many of them never came; duplicates can make it negative.
func (r *reception) lost() int64 { return int64(r.expected()) - int64(r.received) }

// fraction is the share of the stream lost since the last call, in 1/256.
func (i *interval) fraction(r *reception) uint8 {
	if r.expected() < i.expected || r.received < i.received { // another stream
		*i = interval{}
	}
	expected, received := r.expected()-i.expected, r.received-i.received
	i.expected, i.received = r.expected(), r.received
	if expected == 0 || received >= expected {
		return 0
	}
	return uint8(min((expected-received)<<8/expected, 255))
}
