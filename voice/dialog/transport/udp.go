package transport

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"time"
)

// datagram is a bound UDP socket. All calls over UDP share it, so that answers come back to the port we announce.
type datagram struct {
	stack *Stack
	sock  *net.UDPConn
	local netip.AddrPort
}

func (s *Stack) bindUDP(ctx context.Context, addr string) (*datagram, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	network := "udp4"
	if a, err := netip.ParseAddr(host); err == nil && a.Is6() {
		network = "udp6"
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	pc, err := lc.ListenPacket(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	sock := pc.(*net.UDPConn)
	// Best effort: the kernel grants at most net.core.rmem_max, and a smaller buffer only means more retransmissions.
	_ = sock.SetReadBuffer(s.opt.Buffer)
	_ = sock.SetWriteBuffer(s.opt.Buffer)
	if err := prepare(sock, s.opt.Stamp); err != nil {
		_ = sock.Close()
		return nil, err
	}
	return &datagram{stack: s, sock: sock, local: addrPort(sock.LocalAddr())}, nil
}

func (d *datagram) Network() Network      { return UDP }
func (d *datagram) Local() netip.AddrPort { return d.local }
func (d *datagram) Open() bool            { return d.stack.ctx.Err() == nil }

func (d *datagram) Send(to netip.AddrPort, data []byte) error {
	if to.Port() == 0 || !to.IsValid() {
		return fail(Unreachable, errors.New("no address"))
	}
	_, err := d.sock.WriteToUDPAddrPort(data, to)
	if err == nil {
		return nil
	}
	if d.failures() > 0 {
		// The error was left by an earlier datagram to another peer, whose calls know of it now.
		if _, err = d.sock.WriteToUDPAddrPort(data, to); err == nil {
			return nil
		}
	}
	return classify(err)
}

// read hands up datagrams until the socket is closed.
func (d *datagram) read() {
	buf := make([]byte, 64<<10)
	oob := make([]byte, 128)
	for {
		n, oobn, _, from, err := d.sock.ReadMsgUDPAddrPort(buf, oob)
		if err != nil {
			if errors.Is(err, net.ErrClosed) || d.stack.ctx.Err() != nil {
				return
			}
			d.failures()
			continue
		}
		if n <= 4 { // an empty line or two keep a binding in a router alive
			continue
		}
		at := time.Now()
		if d.stack.opt.Stamp {
			at = arrival(oob[:oobn], at)
		}
		d.stack.take(buf[:n], Flow{Link: d, Peer: unmap(from)}, at)
	}
}

// failures reports the peers that the kernel has heard to be unreachable, and how many.
func (d *datagram) failures() int {
	n := 0
	for n < 64 {
		peer, err := pending(d.sock)
		if err == nil {
			break
		}
		n++
		if peer.IsValid() {
			d.stack.later(func() { d.stack.opt.Handler.Broken(d, peer, classify(err)) })
		}
	}
	return n
}
