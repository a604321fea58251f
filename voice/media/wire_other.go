//go:build !linux && !darwin

package media

import (
	"errors"
	"net"
	"net/netip"
	"syscall"
)

// mark does nothing: these systems leave the marking of packets to their administrator.
func mark(uint8) func(network, address string, c syscall.RawConn) error { return nil }

// inUse reports whether a port could not be had; on these systems every failure to listen is taken for that.
func inUse(err error) bool {
	var op *net.OpError
	return errors.As(err, &op)
}

// sender writes datagrams to one socket.
type sender struct{ conn *net.UDPConn }

func newSender(conn *net.UDPConn) (*sender, error) { return &sender{conn: conn}, nil }

func (s *sender) send(packet []byte, to netip.AddrPort) error {
	_, err := s.conn.WriteToUDPAddrPort(packet, to)
	return err
}
