package media

import (
	"math"
	"testing"
	"time"

	"github.com/pion/rtcp"
)

func TestReceptionCountsLoss(t *testing.T) {
	var r reception
	var since interval
	r.begin(65530)
	for n := range 20 { // 65530 … 13, past the wrap, one in five missing
		if n%5 != 4 {
			r.count(uint16(65530 + n))
		}
	}
	if r.expected() != 19 || r.lost() != 3 || r.highest != 65530+18 {
		t.Errorf("expected %d, lost %d, highest %d", r.expected(), r.lost(), r.highest)
	}
	if got := since.fraction(&r); got != 3*256/19 {
		t.Errorf("fraction %d/256", got)
	}
	for n := 20; n < 30; n++ {
		r.count(uint16(65530 + n))
	}
	if got := since.fraction(&r); got != 256/11 {
		t.Errorf("fraction %d/256 after ten more, of eleven expected", got)
	}
	last := 65530 + 29
	r.count(uint16(last)) // a duplicate
	if since.fraction(&r) != 0 || r.lost() != 3 {
		t.Errorf("lost %d after a duplicate", r.lost())
	}
	r.begin(7)
	r.count(7)
	if since.fraction(&r) != 0 || r.lost() != 0 {
		t.Error("a new stream is not new")
	}
}

// RFC 3550, A.8: J += (|D| - J)/16, with D the change of the transit time.
func TestReceptionMeasuresJitter(t *testing.T) {
	var r reception
	r.begin(0)
	want := 0.0
	at, last := time.Second, time.Duration(0)
	for n := range 100 {
		late := time.Duration(n%3) * 5 * time.Millisecond
		r.arrive(at+late, uint32(n*160))
		if n > 0 {
			d := math.Abs((late - last).Seconds()) * 8000
			want += (d - want) / 16
		}
		last = late
		at += period
	}
	if math.Abs(r.jitter-want) > 0.01 || want < 20 {
		t.Errorf("jitter %.2f, want %.2f", r.jitter, want)
	}
	r.arrive(at, 1<<31)
	if r.jitter > 60 {
		t.Errorf("a jump of the timestamps became a jitter of %.0f", r.jitter)
	}
}

func TestNTP(t *testing.T) {
	at := time.Date(2026, 11, 21, 12, 0, 0, 500_000_000, time.UTC)
	n := ntp(at)
	if n>>32 != uint64(at.Unix())+2208988800 || uint32(n) != 1<<31 {
		t.Errorf("%x", n)
	}
	if middle(0x1122334455667788) != 0x33445566 {
		t.Error("the middle is not the middle")
	}
}

// A report goes there and back: loss, jitter and the round trip as RFC 3550 (6.4.1) says.
func TestReportsThereAndBack(t *testing.T) {
	start := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	const ours, theirs = 0x1111, 0x2222

	// We send a report at 0; it reaches the far end 30 ms later, which reports 2 s after that, 50 ms on the way back.
	first, err := compose(&rtcp.SenderReport{SSRC: ours, NTPTime: ntp(start)}, nil, ours, "name", false)
	if err != nil {
		t.Fatal(err)
	}
	var farEnd reportState
	if !farEnd.hearReports(first, theirs, start.Add(30*time.Millisecond)) {
		t.Fatal("our report is not understood")
	}
	var got reception
	got.begin(0)
	for n := range uint16(100) {
		if n%10 != 5 {
			got.count(n)
		}
	}
	got.jitter = 80
	var since interval
	back := start.Add(2030 * time.Millisecond)
	second, err := compose(nil, []rtcp.ReceptionReport{farEnd.heard.block(ours, &got, &since, back)}, theirs, "name", true)
	if err != nil {
		t.Fatal(err)
	}
	packets, err := rtcp.Unmarshal(second)
	if err != nil || len(packets) != 3 {
		t.Fatalf("%d packets, %v", len(packets), err)
	}
	if _, ok := packets[2].(*rtcp.Goodbye); !ok {
		t.Error("no goodbye at the end")
	}
	var us reportState
	if !us.hearReports(second, ours, back.Add(50*time.Millisecond)) {
		t.Fatal("their report is not understood")
	}
	if us.reports != 1 || us.lost != 10 || us.jitter != 10*time.Millisecond {
		t.Errorf("%+v", us)
	}
	if d := us.roundTrip - 80*time.Millisecond; d < -time.Millisecond || d > time.Millisecond {
		t.Errorf("round trip %v, want 80 ms", us.roundTrip)
	}
	var stranger reportState
	stranger.hearReports(second, 0x3333, back)
	if stranger.reports != 0 {
		t.Error("a report about somebody else was taken for ours")
	}
}

func FuzzReports(f *testing.F) {
	whole, err := compose(&rtcp.SenderReport{SSRC: 1}, []rtcp.ReceptionReport{{SSRC: 2, LastSenderReport: 5, Delay: 7}}, 1, "x", true)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:9])
	f.Add([]byte{0x80, 200, 0, 0})
	f.Add([]byte{0x81, 201, 0xFF, 0xFF, 0, 0, 0, 1})
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, packet []byte) {
		var s reportState
		s.hearReports(packet, 2, now)
		if s.roundTrip < 0 || s.jitter < 0 || s.jitter > time.Minute {
			t.Fatalf("%+v", s)
		}
	})
}
