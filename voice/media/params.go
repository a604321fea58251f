package media

import (
	"net/netip"

	"campanario/internal/fault"
	"campanario/voice/audio"
)

// Direction is which way sound flows, as seen from us (RFC 3264).
type Direction string

// The directions. A call that is held by the far end is RecvOnly or Inactive for us.
const (
	SendRecv Direction = "sendrecv"
	SendOnly Direction = "sendonly"
	RecvOnly Direction = "recvonly"
	Inactive Direction = "inactive"
)

// Sends reports whether we send sound.
func (d Direction) Sends() bool { return d == SendRecv || d == SendOnly }

// Receives reports whether we hear sound.
func (d Direction) Receives() bool { return d == SendRecv || d == RecvOnly }

// Of makes a direction from its halves.
func Of(sends, receives bool) Direction {
	switch {
	case sends && receives:
		return SendRecv
	case sends:
		return SendOnly
	case receives:
		return RecvOnly
	}
	return Inactive
}

// Params is what the two sides agreed on: the result of an offer and an answer.
type Params struct {
	// Remote is where the far end wants our RTP. It is invalid while it wants none.
	Remote netip.AddrPort
	// RTCP is where it wants our RTCP; invalid means the port after Remote's.
	RTCP netip.AddrPort

	Codec       audio.Codec
	PayloadType uint8 // of the codec, in both directions. The static types 0 and 8 are always understood
	Events      uint8 // payload type we send telephone events with; 0: none agreed, keys go as tones
	EventsIn    uint8 // payload type we receive them with; 0: the same as Events
	Direction   Direction

	// Cipher protects the packets; nil for plain RTP.
	Cipher Cipher
}

// validate reports what a Session cannot work with. local is our address.
func (p Params) validate(local netip.Addr) error {
	bad := func(field string) error {
		return fault.New(fault.Invalid, "media_params", fault.Params{"field": field}).At(field)
	}
	switch p.Direction {
	case SendRecv, SendOnly, RecvOnly, Inactive:
	default:
		return bad("direction")
	}
	if !p.Codec.Valid() {
		return bad("codec")
	}
	if p.PayloadType > 127 || p.Events > 127 || p.EventsIn > 127 || p.Events == p.PayloadType && p.Events != 0 {
		return bad("payload_type")
	}
	for _, a := range [...]netip.AddrPort{p.Remote, p.RTCP} {
		if a.IsValid() && a.Addr().Unmap().Is4() != local.Unmap().Is4() {
			return fault.New(fault.Invalid, "media_address_family", nil).At("remote")
		}
	}
	return nil
}

// Cipher protects what leaves and opens what arrives: the place of SRTP (RFC 3711) with keys from SDP (RFC 4568). Each
// method appends to dst and returns it. The Seal methods are called from one goroutine at a time; OpenRTP and OpenRTCP may
// run beside them and beside each other.
type Cipher interface {
	SealRTP(dst, packet []byte) ([]byte, error)
	OpenRTP(dst, packet []byte) ([]byte, error)
	SealRTCP(dst, packet []byte) ([]byte, error)
	OpenRTCP(dst, packet []byte) ([]byte, error)
}
