package transport

import (
	"net"
	"net/netip"
	"sync"
)

// localAddrs remembers which of our addresses leads to a peer, for sockets that are bound to all of them.
type localAddrs struct {
	mu    sync.Mutex
	known map[netip.Addr]netip.Addr
}

// maxLocals bounds the memory: a peer that is not remembered is looked up again.
const maxLocals = 4096

// LocalAddr is our address as a peer sees it, short of address translation on the way: the link's own, or, when that is
// bound to every address, the one that the kernel would send from.
func (s *Stack) LocalAddr(l Link, peer netip.Addr) netip.Addr {
	own := l.Local().Addr()
	if !own.IsUnspecified() {
		return own
	}
	s.locals.mu.Lock()
	found, ok := s.locals.known[peer]
	s.locals.mu.Unlock()
	if ok {
		return found
	}
	found = route(peer, own)
	s.locals.mu.Lock()
	defer s.locals.mu.Unlock()
	if s.locals.known == nil || len(s.locals.known) >= maxLocals {
		s.locals.known = map[netip.Addr]netip.Addr{}
	}
	s.locals.known[peer] = found
	return found
}

// route asks the kernel, by a socket that sends nothing, which of our addresses leads to the peer.
func route(peer, fallback netip.Addr) netip.Addr {
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(peer, 9)))
	if err != nil {
		return fallback
	}
	defer func() { _ = c.Close() }()
	return addrPort(c.LocalAddr()).Addr()
}
