package transport

import (
	"crypto/tls"
	"net/netip"
	"strings"
)

// Network is a transport protocol, as it is written in a Via header.
type Network string

// The networks.
const (
	UDP Network = "UDP"
	TCP Network = "TCP"
	TLS Network = "TLS"
)

// ParseNetwork reads a transport parameter, in any case.
func ParseNetwork(s string) (Network, bool) {
	switch n := Network(strings.ToUpper(s)); n {
	case UDP, TCP, TLS:
		return n, true
	}
	return "", false
}

// Reliable reports whether the network itself repeats what was lost.
func (n Network) Reliable() bool { return n != UDP }

// DefaultPort is the port of a URI that names none.
func (n Network) DefaultPort() uint16 {
	if n == TLS {
		return 5061
	}
	return 5060
}

// Link is what messages leave by: a datagram socket, shared by many peers, or one connection.
type Link interface {
	Network() Network
	Local() netip.AddrPort
	// Send hands over one message and does not block. It keeps data: the caller must not change it afterwards.
	Send(to netip.AddrPort, data []byte) error
	// Open reports whether the link can still be used.
	Open() bool
}

// Flow is a way to one peer. Two flows are equal when they are the same way.
type Flow struct {
	Link Link
	Peer netip.AddrPort
}

// Valid reports whether the flow leads anywhere.
func (f Flow) Valid() bool { return f.Link != nil && f.Link.Open() }

// Send hands one message over; see Link.
func (f Flow) Send(data []byte) error { return f.Link.Send(f.Peer, data) }

// Reliable reports whether the flow's network itself repeats what was lost.
func (f Flow) Reliable() bool { return f.Link.Network().Reliable() }

// Target is an address that messages are to be sent to.
type Target struct {
	Network Network
	Addr    netip.AddrPort
	Host    string      // the name it was found by; a TLS certificate must be for it
	TLS     *tls.Config // nil for the stack's own
}
