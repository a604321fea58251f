//go:build linux || darwin

package media

import (
	"errors"
	"net"
	"net/netip"
	"syscall"
)

// mark sets the DSCP of a socket's packets before it is bound; nil for none.
func mark(dscp uint8) func(network, address string, c syscall.RawConn) error {
	if dscp == 0 {
		return nil
	}
	return func(network, _ string, c syscall.RawConn) error {
		var failed error
		err := c.Control(func(fd uintptr) {
			if network == "udp6" {
				failed = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IPV6, syscall.IPV6_TCLASS, int(dscp)<<2)
				return
			}
			failed = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IP, syscall.IP_TOS, int(dscp)<<2)
		})
		return errors.Join(err, failed)
	}
}

func inUse(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }

// sender writes datagrams to one socket without ever waiting: where Go's own method would park the caller until the
// system has room again, and with it the pacing of every other call, this one loses the packet. It belongs to one
// goroutine.
type sender struct {
	conn   *net.UDPConn
	raw    syscall.RawConn
	to     netip.AddrPort
	toSys  syscall.Sockaddr
	packet []byte
	result error
	write  func(fd uintptr) bool // made once, so that sending allocates nothing
}

func newSender(conn *net.UDPConn) (*sender, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	s := &sender{conn: conn, raw: raw}
	s.write = func(fd uintptr) bool {
		s.result = syscall.Sendto(int(fd), s.packet, syscall.MSG_DONTWAIT, s.toSys)
		return true // also when it would have to wait
	}
	return s, nil
}

// send gives one datagram to the system.
func (s *sender) send(packet []byte, to netip.AddrPort) error {
	if to != s.to {
		s.to = to
		if a := to.Addr().Unmap(); a.Is4() {
			s.toSys = &syscall.SockaddrInet4{Port: int(to.Port()), Addr: a.As4()}
		} else {
			s.toSys = &syscall.SockaddrInet6{Port: int(to.Port()), Addr: a.As16()}
		}
	}
	s.packet = packet
	if err := s.raw.Write(s.write); err != nil {
		return err
	}
	return s.result
}
