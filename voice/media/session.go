package media

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"campanario/internal/fault"
	"campanario/voice/audio"

	"github.com/pion/rtp"
)

// Session is the sound of one call leg. Its methods are safe for concurrent use.
type Session struct {
	stack    *Stack
	handlers Handlers
	pair     *pair
	local    netip.AddrPort
	name     string // for RTCP
	ssrc     uint32 // ours

	agreed atomic.Pointer[Params]         // what holds now; nil before Start
	source atomic.Pointer[audio.Source]   // what is played
	dest   atomic.Pointer[netip.AddrPort] // where RTP goes; nil for nowhere
	destIn atomic.Pointer[netip.AddrPort] // where RTCP came from; nil before any did
	resets atomic.Int64                   // when Start or Update last changed what is expected, on the stack's clock

	// The pacer's.
	tx        transmitter
	rtp, rtcp *sender
	sealed    []byte
	reportAt  time.Duration
	reported  interval
	sentThen  uint64 // packets sent at the report before
	goodbye   bool   // one is owed: a report has gone out
	hushed    atomic.Bool

	// The reader's.
	rx      receiver
	latch   latch
	in      rtp.Packet
	opened  []byte
	adopted *Params
	heardAt time.Duration // when the last packet came
	told    bool          // Quiet was called since

	frameAt atomic.Int64 // when the last frame was made, for the pacer to see a lack of them
	roused  atomic.Bool  // the reader was woken to see to it

	sent, octets, unsent, missed atomic.Uint64
	worstLate                    atomic.Int64

	mu      sync.Mutex
	seat    *seat
	closing atomic.Bool
	readers sync.WaitGroup
	view    view        // what the reader saw last, for the pacer and Stats
	reports reportState // what RTCP told
}

// view is the reader's state as others may see it.
type view struct {
	known      bool
	ssrc       uint32
	counters   Counters
	reception  reception
	lostBefore int64
	heardAt    time.Duration
}

// Local is the address to offer for RTP. RTCP is one port up.
func (s *Session) Local() netip.AddrPort { return s.local }

// Start begins to send and to hear, as agreed. It may be called once; a new agreement goes to Update.
func (s *Session) Start(p Params) error {
	if err := p.validate(s.local.Addr()); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing.Load() || s.seat != nil {
		return fault.New(fault.Conflict, "media_started", nil)
	}
	now := s.stack.now()
	s.rx.lastFrame, s.heardAt, s.reportAt = now, now, now+nextReport(s.stack.every, true)
	s.view.heardAt = now
	s.frameAt.Store(int64(now))
	s.set(p, now)
	s.readers.Go(s.readRTP)
	s.readers.Go(s.readRTCP)
	s.seat = s.stack.pacer.add(s)
	return nil
}

// Update takes a new agreement: another codec, direction or address. Numbers, timestamps and the SSRC go on, as they
// must. The source that is heard stays until a new address that was signalled speaks.
func (s *Session) Update(p Params) error {
	if err := p.validate(s.local.Addr()); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing.Load() || s.seat == nil {
		return fault.New(fault.Conflict, "media_not_started", nil)
	}
	s.set(p, s.stack.now())
	return nil
}

// set makes an agreement the one that holds. The lock is held.
func (s *Session) set(p Params, now time.Duration) {
	p.Remote, p.RTCP = unmap(p.Remote), unmap(p.RTCP)
	old := s.agreed.Load()
	if old == nil || old.Remote != p.Remote {
		if p.Remote.IsValid() {
			s.dest.Store(&p.Remote)
		} else {
			s.dest.Store(nil)
		}
		s.destIn.Store(nil)
	}
	s.resets.Store(int64(now))
	s.agreed.Store(&p)
}

// SetSource replaces what is played; nil is silence. The old source may be asked once more while this is called.
func (s *Session) SetSource(src audio.Source) {
	if src == nil {
		s.source.Store(nil)
		return
	}
	s.source.Store(&src)
}

// Hush stops sending sound for good, as when the call has been hung up; what comes in is heard until Close.
func (s *Session) Hush() { s.hushed.Store(true) }

// SendKeys presses keys one after the other, 100 ms each with as much between them: 0-9, *, #, A-D, and a comma for a
// pause of half a second. They go as telephone events where these were agreed and as tones otherwise; the source pauses
// meanwhile. What is no key, or more than 128 at once, is a fault of kind invalid.
func (s *Session) SendKeys(keys string) error { return s.tx.keys.press(keys) }

// KeysWaiting is how many keys have not been sent to their end yet.
func (s *Session) KeysWaiting() int { return int(s.tx.keys.waiting.Load()) }

// Stop begins to close the session and returns at once. Unlike Close it may be called from a handler or a source.
func (s *Session) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing.Swap(true) {
		return
	}
	if s.seat == nil {
		s.shut()
		return
	}
	s.seat.leave()
	s.wake()
}

// Close ends the session and returns when its source and its handlers are not called any more. It may be called again.
func (s *Session) Close() {
	s.Stop()
	s.readers.Wait()
}

// wake makes the reader look around.
func (s *Session) wake() { _ = s.pair.rtp.SetReadDeadline(time.Unix(1, 0)) }

// shut closes the sockets.
func (s *Session) shut() {
	_ = s.pair.rtp.Close()
	_ = s.pair.rtcp.Close()
	s.pair.release()
	s.stack.forget(s)
}

// tick implements paced: it sends the frame that is due.
func (s *Session) tick(now time.Time, late time.Duration, elapsed int) {
	p := s.agreed.Load()
	var src audio.Source
	if b := s.source.Load(); b != nil {
		src = *b
	}
	if !s.hushed.Load() {
		if packet := s.tx.next(p, src, elapsed); packet != nil {
			s.sendRTP(p, packet)
		}
	}
	if elapsed > 1 {
		s.missed.Add(uint64(elapsed - 1))
	}
	if int64(late) > s.worstLate.Load() {
		s.worstLate.Store(int64(late))
	}
	at := now.Sub(s.stack.epoch)
	if p.Direction.Receives() && at-time.Duration(s.frameAt.Load()) > starved && !s.roused.Swap(true) {
		s.wake()
	}
	if at >= s.reportAt {
		s.reportAt = at + nextReport(s.stack.every, false)
		s.report(p, now, false)
	}
}

func (s *Session) sendRTP(p *Params, packet []byte) {
	to := s.dest.Load()
	if to == nil {
		return
	}
	size := len(packet) - headerSize
	var err error
	if p.Cipher != nil {
		s.sealed, err = p.Cipher.SealRTP(s.sealed[:0], packet)
		packet = s.sealed
	}
	if err == nil {
		err = s.rtp.send(packet, *to)
	}
	if err != nil {
		s.unsent.Add(1)
		return
	}
	s.sent.Add(1)
	s.octets.Add(uint64(size))
}

// Stats is what is known at this moment.
func (s *Session) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.view
	st := Stats{
		Received: v.counters,
		Lost:     v.lostBefore + v.reception.lost(),
		Jitter:   time.Duration(v.reception.jitter * float64(time.Second) / audio.Rate),

		Sent: s.sent.Load(), SentOctets: s.octets.Load(), Unsent: s.unsent.Load(),
		Missed: s.missed.Load(), WorstLate: time.Duration(s.worstLate.Load()),

		Reports: s.reports.reports, RemoteLost: s.reports.lost,
		RemoteJitter: s.reports.jitter, RoundTrip: s.reports.roundTrip,
	}
	if s.seat != nil {
		st.Quiet = s.stack.now() - max(v.heardAt, time.Duration(s.resets.Load()))
	}
	return st
}

func unmap(a netip.AddrPort) netip.AddrPort {
	if !a.IsValid() {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(a.Addr().Unmap().WithZone(""), a.Port())
}
