package media

import (
	"math/rand/v2"
	"time"

	"github.com/pion/rtcp"
)

const (
	reportEvery = 5 * time.Second
	cnameSize   = 16 // letters
)

// cname makes the canonical name of a session: random, so that it tells nobody anything (RFC 7022).
func cname() string {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	b := make([]byte, cnameSize)
	for i := range b {
		b[i] = letters[rand.N(len(letters))]
	}
	return string(b)
}

// nextReport is how long to wait until the next report: half to one and a half times the interval, so that sessions
// that began together do not report together (RFC 3550, 6.2). The first comes in half the time.
func nextReport(every time.Duration, first bool) time.Duration {
	if first {
		every /= 2
	}
	return every/2 + rand.N(every)
}

// ntp is a moment as RTCP tells time: seconds since 1900 in the upper half, fractions in the lower.
func ntp(t time.Time) uint64 {
	const from1900to1970 = 2208988800
	return (uint64(t.Unix())+from1900to1970)<<32 | uint64(t.Nanosecond())<<32/uint64(time.Second)
}

// middle is the part of an NTP time that reports refer to: 16 bits of seconds and 16 of fractions.
func middle(n uint64) uint32 { return uint32(n >> 16) }

// heardReport is the far end's last sender report, to which ours refers.
type heardReport struct {
	last uint32 // middle of its NTP time; 0: none
	at   time.Time
}

// reportState is what the reports of both sides tell. The session's lock guards it.
type reportState struct {
	heard     heardReport
	reports   uint64
	lost      int64
	jitter    time.Duration
	roundTrip time.Duration
}

// block makes our report about a stream of the far end.
func (h heardReport) block(ssrc uint32, r *reception, since *interval, now time.Time) rtcp.ReceptionReport {
	b := rtcp.ReceptionReport{
		SSRC:               ssrc,
		FractionLost:       since.fraction(r),
		TotalLost:          uint32(min(max(r.lost(), 0), 1<<23-1)),
		LastSequenceNumber: r.highest,
		Jitter:             uint32(r.jitter),
	}
	if h.last != 0 {
		b.LastSenderReport = h.last
		b.Delay = uint32(now.Sub(h.at) * 65536 / time.Second)
	}
	return b
}

// compose makes a compound packet: a sender report or, while nothing is sent, a receiver report; our name; and a
// goodbye at the end.
func compose(sender *rtcp.SenderReport, blocks []rtcp.ReceptionReport, ssrc uint32, name string, bye bool) ([]byte, error) {
	packets := []rtcp.Packet{&rtcp.ReceiverReport{SSRC: ssrc, Reports: blocks}}
	if sender != nil {
		sender.Reports = blocks
		packets[0] = sender
	}
	packets = append(packets, &rtcp.SourceDescription{Chunks: []rtcp.SourceDescriptionChunk{{
		Source: ssrc,
		Items:  []rtcp.SourceDescriptionItem{{Type: rtcp.SDESCNAME, Text: name}},
	}}})
	if bye {
		packets = append(packets, &rtcp.Goodbye{Sources: []uint32{ssrc}})
	}
	return rtcp.Marshal(packets)
}

// hearReports takes a compound packet of the far end; ssrc is ours, theirs the one we hear. It reports false for what is
// no RTCP.
func (s *reportState) hearReports(packet []byte, ssrc uint32, now time.Time) bool {
	packets, err := rtcp.Unmarshal(packet)
	if err != nil {
		return false
	}
	for _, p := range packets {
		switch p := p.(type) {
		case *rtcp.SenderReport:
			s.heard = heardReport{last: middle(p.NTPTime), at: now}
			s.hearBlocks(p.Reports, ssrc, now)
		case *rtcp.ReceiverReport:
			s.hearBlocks(p.Reports, ssrc, now)
		}
	}
	return true
}

func (s *reportState) hearBlocks(blocks []rtcp.ReceptionReport, ssrc uint32, now time.Time) {
	for _, b := range blocks {
		if b.SSRC != ssrc {
			continue
		}
		s.reports++
		s.lost = int64(int32(b.TotalLost<<8) >> 8) // 24 bits with a sign
		s.jitter = min(time.Duration(b.Jitter)*time.Second/8000, time.Minute)
		if b.LastSenderReport == 0 {
			continue
		}
		// Unsigned arithmetic wraps rightly; a result of half the range or more is negative, by a clock that was set.
		if trip := middle(ntp(now)) - b.LastSenderReport - b.Delay; trip < 1<<31 {
			s.roundTrip = time.Duration(trip) * time.Second / 65536
		}
	}
}
