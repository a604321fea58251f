package transport

import (
	"errors"
	"net"
	"net/netip"
	"syscall"
	"time"
	"unsafe"
)

// prepare asks the kernel to tell us when a peer's port is closed, which it otherwise hides from a socket with many
// peers, and, when stamp is set, when each datagram arrived.
func prepare(sock *net.UDPConn, stamp bool) error {
	rc, err := sock.SyscallConn()
	if err != nil {
		return err
	}
	var serr error
	err = rc.Control(func(fd uintptr) {
		if addrPort(sock.LocalAddr()).Addr().Is4() {
			serr = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IP, syscall.IP_RECVERR, 1)
		} else {
			serr = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IPV6, syscall.IPV6_RECVERR, 1)
		}
		if serr == nil && stamp {
			serr = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_TIMESTAMPNS, 1)
		}
	})
	return errors.Join(err, serr)
}

// pending takes one report off the socket's error queue: whom a datagram could not reach and why. The error is nil when
// the queue is empty.
func pending(sock *net.UDPConn) (peer netip.AddrPort, report error) {
	rc, err := sock.SyscallConn()
	if err != nil {
		return netip.AddrPort{}, nil //nolint:nilerr // a closed socket has no reports
	}
	_ = rc.Control(func(fd uintptr) {
		var data [1]byte
		oob := make([]byte, 512)
		_, n, _, from, err := syscall.Recvmsg(int(fd), data[:], oob, syscall.MSG_ERRQUEUE|syscall.MSG_DONTWAIT)
		if err != nil {
			return
		}
		report = extendedError(oob[:n])
		switch a := from.(type) {
		case *syscall.SockaddrInet4:
			peer = netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port))
		case *syscall.SockaddrInet6:
			peer = unmap(netip.AddrPortFrom(netip.AddrFrom16(a.Addr), uint16(a.Port)))
		}
	})
	return peer, report
}

// extendedError reads the error number of a struct sock_extended_err (ip(7), IP_RECVERR).
func extendedError(oob []byte) error {
	msgs, err := syscall.ParseSocketControlMessage(oob)
	if err != nil {
		return err
	}
	for _, m := range msgs {
		v4 := m.Header.Level == syscall.IPPROTO_IP && m.Header.Type == syscall.IP_RECVERR
		v6 := m.Header.Level == syscall.IPPROTO_IPV6 && m.Header.Type == syscall.IPV6_RECVERR
		if (v4 || v6) && len(m.Data) >= 4 {
			return syscall.Errno(*(*uint32)(unsafe.Pointer(&m.Data[0])))
		}
	}
	return syscall.EIO
}

// arrival is the kernel's time of arrival from a datagram's control messages, or now.
func arrival(oob []byte, now time.Time) time.Time {
	msgs, err := syscall.ParseSocketControlMessage(oob)
	if err != nil {
		return now
	}
	for _, m := range msgs {
		if m.Header.Level == syscall.SOL_SOCKET && m.Header.Type == syscall.SCM_TIMESTAMPNS &&
			len(m.Data) >= int(unsafe.Sizeof(syscall.Timespec{})) {
			ts := (*syscall.Timespec)(unsafe.Pointer(&m.Data[0]))
			// Put on our clock's monotonic scale, so that it can be compared with times taken in Go.
			return now.Add(-now.Sub(time.Unix(ts.Unix())))
		}
	}
	return now
}
