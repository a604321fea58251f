package media

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"time"

	"github.com/pion/rtcp"
)

// datagram is the most that is read of one: what an Ethernet carries.
const datagram = 1500

// mostFailures is how many times in a row a socket may fail before it is taken for dead.
const mostFailures = 1000

// readRTP is the goroutine that hears. It also ends the session: only here is it certain that no other goroutine uses
// the sockets.
func (s *Session) readRTP() {
	defer s.finish()
	buf := make([]byte, datagram)
	for failures := 0; !s.closing.Load() && failures < mostFailures; failures++ {
		n, from, err := s.pair.rtp.ReadFromUDPAddrPort(buf)
		now, p := s.stack.now(), s.agreed.Load()
		if p != s.adopted {
			s.adopt(p, now)
		}
		switch {
		case err == nil:
			failures = 0
			s.take(now, p, buf[:n], unmap(from))
		case errors.Is(err, os.ErrDeadlineExceeded):
			failures = 0
			s.lull(now, p)
		case errors.Is(err, net.ErrClosed):
			return
		default: // an ICMP error of some earlier packet, for instance
			s.rx.counters.Broken++
		}
		s.show()
	}
}

// adopt takes over a new agreement.
func (s *Session) adopt(p *Params, now time.Duration) {
	if s.adopted == nil || s.adopted.Remote != p.Remote {
		s.latch.expect(p.Remote, now)
	}
	// Nothing is owed for the time before, which may have been a hold.
	s.rx.lastFrame = max(s.rx.lastFrame, time.Duration(s.resets.Load()))
	s.adopted, s.told = p, false
}

// take hears one datagram.
func (s *Session) take(now time.Duration, p *Params, b []byte, from netip.AddrPort) {
	if len(b) < headerSize || b[0]>>6 != 2 {
		s.rx.counters.Broken++
		return
	}
	if b[1] >= 192 && b[1] <= 223 { // RTCP on the port of RTP (RFC 5761)
		s.takeRTCP(p, b, from)
		return
	}
	if p.Cipher != nil {
		var err error
		if s.opened, err = p.Cipher.OpenRTP(s.opened[:0], b); err != nil {
			s.rx.counters.Broken++
			return
		}
		b = s.opened
	}
	if err := s.in.Unmarshal(b); err != nil {
		s.rx.counters.Broken++
		return
	}
	h := &s.in.Header
	verdict := s.latch.judge(from, h.SSRC, h.SequenceNumber, now)
	if verdict == drop {
		s.rx.counters.Strangers++
		return
	}
	if verdict == moved {
		s.follow(p, from)
	}
	s.heardAt, s.told = now, false
	s.rx.packet(now, p, h, s.in.Payload, verdict == moved)
}

// follow sends to the source that was confirmed, unless a new agreement has come meanwhile.
func (s *Session) follow(p *Params, from netip.AddrPort) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if to := s.dest.Load(); s.agreed.Load() == p && (to == nil || *to != from) {
		s.dest.Store(&from)
	}
}

// lull is called when the read timed out: nothing came for a while, or somebody wants us to look around.
func (s *Session) lull(now time.Duration, p *Params) {
	next, starving := s.rx.idle(now, p)
	if starving {
		_ = s.pair.rtp.SetReadDeadline(s.stack.epoch.Add(next))
	} else {
		_ = s.pair.rtp.SetReadDeadline(time.Time{})
	}
	s.frameAt.Store(int64(s.rx.lastFrame))
	s.roused.Store(starving)
	if s.closing.Load() { // Stop's own deadline may have been overwritten just now
		return
	}
	quiet := s.stack.quiet
	since := max(s.heardAt, time.Duration(s.resets.Load()))
	if starving && !s.told && quiet > 0 && now-since >= quiet {
		s.told = true
		if s.handlers.Quiet != nil {
			s.handlers.Quiet()
		}
	}
}

// show lets others see the reader's state.
func (s *Session) show() {
	s.frameAt.Store(int64(s.rx.lastFrame))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.view = view{
		known: s.rx.known, ssrc: s.rx.ssrc, counters: s.rx.counters, reception: s.rx.stats,
		lostBefore: s.rx.lostBefore, heardAt: s.heardAt,
	}
}

// finish says goodbye and closes the sockets.
func (s *Session) finish() {
	s.mu.Lock()
	seat := s.seat
	s.mu.Unlock()
	seat.leave()
	seat.wait() // from here on the senders are ours
	s.report(s.agreed.Load(), time.Now(), true)
	s.shut()
}

// readRTCP is the goroutine that hears the far end's reports.
func (s *Session) readRTCP() {
	buf := make([]byte, datagram)
	for failures := 0; failures < mostFailures; failures++ {
		n, from, err := s.pair.rtcp.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			failures = 0
			s.takeRTCP(s.agreed.Load(), buf[:n], unmap(from))
		}
	}
}

// takeRTCP hears one RTCP packet from where the sound comes from.
func (s *Session) takeRTCP(p *Params, b []byte, from netip.AddrPort) {
	to := s.dest.Load()
	if from != p.RTCP && (to == nil || from.Addr() != to.Addr()) {
		return
	}
	if p.Cipher != nil {
		opened, err := p.Cipher.OpenRTCP(nil, b)
		if err != nil {
			return
		}
		b = opened
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.reports.hearReports(b, s.ssrc, time.Now()) {
		return
	}
	if in := s.destIn.Load(); s.agreed.Load() == p && (in == nil || *in != from) {
		s.destIn.Store(&from)
	}
}

// report sends what we know. It belongs to the pacer until the seat is given up.
func (s *Session) report(p *Params, now time.Time, bye bool) {
	to := s.reportTo(p)
	if !to.IsValid() || bye && !s.goodbye && s.sent.Load() == 0 { // who never sent anything says no goodbye (RFC 3550, 6.3.7)
		return
	}
	s.goodbye = true
	s.mu.Lock()
	v, heard := s.view, s.reports.heard
	s.mu.Unlock()
	var blocks []rtcp.ReceptionReport
	if v.known {
		blocks = append(blocks, heard.block(v.ssrc, &v.reception, &s.reported, now))
	}
	var sender *rtcp.SenderReport
	if sent := s.sent.Load(); sent != s.sentThen {
		s.sentThen = sent
		sender = &rtcp.SenderReport{
			SSRC: s.ssrc, NTPTime: ntp(now), RTPTime: s.tx.timestamp,
			PacketCount: uint32(sent), OctetCount: uint32(s.octets.Load()),
		}
	}
	packet, err := compose(sender, blocks, s.ssrc, s.name, bye)
	if err == nil && p.Cipher != nil {
		packet, err = p.Cipher.SealRTCP(nil, packet)
	}
	if err == nil {
		err = s.rtcp.send(packet, to)
	}
	if err != nil {
		s.unsent.Add(1)
	}
}

// reportTo is where RTCP goes: where it comes from, where it was asked to go, or the port after that of RTP.
func (s *Session) reportTo(p *Params) netip.AddrPort {
	if in := s.destIn.Load(); in != nil {
		return *in
	}
	if p.RTCP.IsValid() {
		return p.RTCP
	}
	to := s.dest.Load()
	if to == nil || to.Port() == 65535 {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(to.Addr(), to.Port()+1)
}
