package media

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"

	"campanario/voice/audio"
)

// listening is a receiver that writes down what it hands on: a letter for a frame of that level (see loud), '.' for
// silence, '~' for something between, which is what concealing leaves.
type listening struct {
	receiver
	p     Params
	heard strings.Builder
	keys  string
	now   time.Duration
}

// loud is the sample of letter c, one step of A-law apart from the next letter's.
func loud(c byte) int16 { return 1056 + 64*int16(c-'a') }

func newListening() *listening {
	l := &listening{p: Params{Codec: audio.PCMA, PayloadType: 8, Events: 101, Direction: SendRecv}}
	l.frame = func(frame []int16) {
		for _, s := range frame[1:] {
			if s != frame[0] {
				l.heard.WriteByte('~')
				return
			}
		}
		for c := byte('a'); c <= 'o'; c++ {
			if frame[0] == loud(c) {
				l.heard.WriteByte(c)
				return
			}
		}
		if frame[0] == 0 || frame[0] == 8 {
			l.heard.WriteByte('.')
			return
		}
		l.heard.WriteByte('~')
	}
	l.key = func(k rune) { l.keys += string(k) }
	return l
}

// sent is one packet: the letters say what is in it, 20 ms each.
type sent struct {
	seq   uint16
	stamp uint32
	what  string
	ssrc  uint32
	typ   uint8         // 0 means 8, A-law
	wait  time.Duration // before it comes; 0 is 20 ms
	fresh bool
}

func (l *listening) hear(s sent) {
	if s.wait == 0 {
		s.wait = period
	}
	// The clock's silence is made in between, as the session would do it.
	for s.wait > 0 {
		step := min(s.wait, period)
		l.now += step
		s.wait -= step
		if s.wait > 0 {
			l.idle(l.now, &l.p)
		}
	}
	if s.typ == 0 {
		s.typ = 8
	}
	var payload []byte
	for _, c := range []byte(s.what) {
		frame := make([]byte, audio.FrameSize)
		samples := make([]int16, audio.FrameSize)
		for i := range samples {
			samples[i] = loud(c)
		}
		audio.PCMA.Encode(frame, samples)
		payload = append(payload, frame...)
	}
	if s.typ == 101 {
		payload = []byte(s.what)
	}
	h := rtp.Header{Version: 2, PayloadType: s.typ, SequenceNumber: s.seq, Timestamp: s.stamp, SSRC: s.ssrc}
	l.packet(l.now, &l.p, &h, payload, s.fresh)
}

func TestReceiver(t *testing.T) {
	// at is packet n of an orderly stream.
	at := func(n int, what string) sent { return sent{seq: uint16(n), stamp: uint32(n) * 160, what: what} }
	run := func(from, to int) (out []sent) {
		for n := from; n <= to; n++ {
			out = append(out, at(n, string(rune('a'+n%15))))
		}
		return out
	}
	from := func(s sent, ssrc uint32) sent { s.ssrc = ssrc; return s }
	later := func(s sent, d time.Duration) sent { s.wait = d; return s }
	cat := func(parts ...[]sent) (out []sent) {
		for _, p := range parts {
			out = append(out, p...)
		}
		return out
	}
	tests := []struct {
		name    string
		packets []sent
		want    string
		check   func(*testing.T, *listening)
	}{
		{"in order", run(0, 5), "abcdef", nil},
		{"the numbers wrap", []sent{
			{seq: 65534, stamp: 0xFFFFFF60, what: "a"}, {seq: 65535, stamp: 0, what: "b"}, {seq: 0, stamp: 160, what: "c"},
		}, "abc", nil},
		{"two change places", []sent{at(0, "a"), at(2, "c"), at(1, "b"), at(3, "d")}, "abcd", nil},
		{"one comes three late", []sent{at(0, "a"), at(2, "c"), at(3, "d"), at(1, "b"), at(4, "e")}, "abcde", nil},
		{"one is lost", []sent{at(0, "a"), at(2, "c"), at(3, "d"), at(4, "e"), at(5, "f")}, "a~cdef", func(t *testing.T, l *listening) {
			if l.counters.Concealed != 1 || l.stats.lost() != 1 {
				t.Errorf("%d concealed, %d lost", l.counters.Concealed, l.stats.lost())
			}
		}},
		{"three are lost: two echoes of the last, then silence", cat(run(0, 1), run(5, 8)), "ab~~.fghi", nil},
		{"lost ones that come after all", cat(run(0, 1), run(3, 5), run(2, 2), run(6, 7)), "ab~defgh", func(t *testing.T, l *listening) {
			if l.counters.Late != 1 {
				t.Errorf("%d late", l.counters.Late)
			}
		}},
		{"everything twice", cat(run(0, 0), run(0, 0), run(1, 1), run(1, 1), run(2, 2), run(2, 2)), "abc", nil},
		{"a duplicate of one that waits", []sent{at(0, "a"), at(2, "c"), at(2, "c"), at(1, "b")}, "abc", nil},
		{
			"more is lost than can be put in order", cat(run(0, 0), []sent{later(at(20, "f"), 20*period)}, run(21, 22)),
			"a" + strings.Repeat(".", 19) + "fgh", nil,
		},
		{"10 ms packets", []sent{
			{seq: 0, stamp: 0, what: "ab"}, {seq: 1, stamp: 320, what: "cde"}, {seq: 2, stamp: 800, what: "f"},
		}, "abcdef", nil},
		{"silence suppressed, timestamps go on", []sent{
			at(0, "a"), {seq: 1, stamp: 160 * 26, what: "b", wait: 26 * period}, {seq: 2, stamp: 160 * 27, what: "c"},
		}, "a" + strings.Repeat(".", 25) + "bc", nil},
		{"silence suppressed, timestamps stand still", []sent{
			at(0, "a"), later(at(1, "b"), 26*period), at(2, "c"),
		}, "a" + strings.Repeat(".", 25) + "bc", nil},
		{"a short pause of the far end", []sent{at(0, "a"), {seq: 1, stamp: 160 * 4, what: "b", wait: 4 * period}}, "a...b", nil},
		{"the network holds ten back", cat(run(0, 1), []sent{later(at(2, "c"), 10*period)}, run(3, 4)), "ab.........cde", nil},
		{"comfort noise in a pause", []sent{
			at(0, "a"), {seq: 1, stamp: 160, typ: 13}, {seq: 2, stamp: 320, what: "b", wait: 2 * period},
		}, "a.b", nil},
		{
			"a payload type nobody agreed on",
			[]sent{at(0, "a"), {seq: 1, stamp: 160, typ: 97, what: "x"}, at(2, "c")},
			"a.c",
			func(t *testing.T, l *listening) {
				if l.counters.Unknown != 1 {
					t.Errorf("%d unknown", l.counters.Unknown)
				}
			},
		},
		{"another stream takes over with its second packet", cat(run(0, 2), []sent{
			from(at(900, "d"), 9), from(at(901, "e"), 9), from(at(902, "f"), 9),
		}), "abcef", func(t *testing.T, l *listening) {
			if l.counters.Streams != 1 || l.counters.Dropped != 1 {
				t.Errorf("%d streams, %d dropped", l.counters.Streams, l.counters.Dropped)
			}
		}},
		{"a stray packet of another stream", []sent{at(0, "a"), from(at(900, "o"), 9), at(1, "b"), from(at(901, "o"), 9), at(2, "c")}, "abc", nil},
		{"a source that was just confirmed brings its stream at once", []sent{
			at(0, "a"), {seq: 900, stamp: 5, what: "d", ssrc: 9, fresh: true}, {seq: 901, stamp: 165, what: "e", ssrc: 9},
		}, "ade", nil},
		{"the numbers jump within a stream", cat(run(0, 1), []sent{
			{seq: 40000, stamp: 99, what: "d"}, {seq: 40001, stamp: 259, what: "e"}, {seq: 40002, stamp: 419, what: "f"},
		}), "abef", func(t *testing.T, l *listening) {
			if lost := l.lostBefore + l.stats.lost(); lost != 0 {
				t.Errorf("%d lost: a jump is a new beginning", lost)
			}
		}},
		{"one packet with a mad number", []sent{at(0, "a"), {seq: 40000, stamp: 1, what: "o"}, at(1, "b"), at(2, "c")}, "abc", nil},
		{"the stream begins again a little lower", cat(run(50, 52), run(10, 22)), "fgh" + "efgh", nil},
		{"timestamps jump", []sent{at(0, "a"), {seq: 1, stamp: 1 << 31, what: "b"}, {seq: 2, stamp: 1<<31 + 160, what: "c"}}, "abc", nil},
		{"an empty packet", []sent{at(0, "a"), at(1, ""), {seq: 2, stamp: 160, what: "b"}}, "ab", nil},
		{"a key between frames", []sent{
			at(0, "a"),
			{seq: 1, stamp: 160, typ: 101, what: "\x05\x0a\x00\xa0"},
			{seq: 2, stamp: 160, typ: 101, what: "\x05\x0a\x01\x40"},
			{seq: 3, stamp: 160, typ: 101, what: "\x05\x8a\x01\xe0"},
			{seq: 4, stamp: 160 * 4, what: "b"},
		}, "a...b", func(t *testing.T, l *listening) {
			if l.keys != "5" {
				t.Errorf("keys %q", l.keys)
			}
		}},
		{"a broken key", []sent{at(0, "a"), {seq: 1, stamp: 160, typ: 101, what: "\x05"}, at(2, "c")}, "a.c", func(t *testing.T, l *listening) {
			if l.keys != "" {
				t.Errorf("keys %q", l.keys)
			}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newListening()
			for _, s := range tt.packets {
				l.hear(s)
			}
			if got := l.heard.String(); got != tt.want {
				t.Errorf("heard %q, want %q", got, tt.want)
			}
			if tt.check != nil {
				tt.check(t, l)
			}
		})
	}
}

// Packets need not be whole frames.
func TestReceiverCutsFrames(t *testing.T) {
	for _, size := range []int{1, 40, 80, 200, 240, 480, 1480} {
		total := 0
		var got []int16
		r := receiver{frame: func(f []int16) { got = append(got, f...) }}
		p := Params{Codec: audio.PCMU, PayloadType: 0, Direction: RecvOnly}
		for seq := 0; total < 4800; seq++ {
			payload := make([]byte, size)
			for i := range payload {
				payload[i] = byte(0x80 + (total+i)%100)
			}
			h := rtp.Header{Version: 2, SequenceNumber: uint16(seq), Timestamp: uint32(total)}
			r.packet(0, &p, &h, payload, false)
			total += size
		}
		for i, s := range got {
			var want [1]int16
			audio.PCMU.Decode(want[:], []byte{byte(0x80 + i%100)})
			if s != want[0] {
				t.Fatalf("packets of %d: sample %d is %d, want %d", size, i, s, want[0])
			}
		}
		if missing := total - len(got); missing < 0 || missing >= audio.FrameSize {
			t.Errorf("packets of %d: %d of %d samples came out", size, len(got), total)
		}
	}
}

// With nothing coming, the listener still gets 50 frames a second.
func TestReceiverMakesSilenceByTheClock(t *testing.T) {
	l := newListening()
	if _, starving := l.idle(90*time.Millisecond, &l.p); starving || l.heard.Len() != 0 {
		t.Error("silence before anything can be missing")
	}
	for now := 100 * time.Millisecond; now <= 2*time.Second; now += period {
		next, starving := l.idle(now, &l.p)
		if !starving || next != now+period {
			t.Fatalf("at %v: %v, next %v", now, starving, next)
		}
	}
	if l.heard.String() != strings.Repeat(".", 100) || l.counters.Filled != 100 {
		t.Errorf("%d frames in 2 s", l.heard.Len())
	}
	// After the process itself stood still for an hour it does not make up for it.
	l.heard.Reset()
	l.idle(time.Hour, &l.p)
	if l.heard.Len() != mostOwed {
		t.Errorf("%d frames at once", l.heard.Len())
	}
	// A packet that waits for a missing one is not forgotten when nothing follows it.
	l = newListening()
	l.hear(sent{seq: 0, stamp: 0, what: "a"})
	l.hear(sent{seq: 2, stamp: 320, what: "c"})
	l.idle(l.now+200*time.Millisecond, &l.p)
	if got := l.heard.String(); !strings.HasPrefix(got, "a~c") {
		t.Errorf("heard %q", got)
	}
}

func TestReceiverOnHold(t *testing.T) {
	l := newListening()
	l.hear(sent{seq: 0, stamp: 0, what: "a"})
	l.p.Direction = SendOnly
	for n := uint16(1); n < 10; n++ {
		l.hear(sent{seq: n, stamp: uint32(n) * 160, what: "o"})
	}
	if _, starving := l.idle(l.now+time.Second, &l.p); starving {
		t.Error("silence is made while nobody is to hear")
	}
	l.p.Direction = SendRecv
	l.hear(sent{seq: 10, stamp: 1600, what: "b"})
	l.hear(sent{seq: 11, stamp: 1760, what: "c"})
	if got := l.heard.String(); got != "abc" || l.counters.Unheard != 9 {
		t.Errorf("heard %q, %d unheard", got, l.counters.Unheard)
	}
}

// Both laws are understood whichever was agreed, and a law under a number of its own.
func TestReceiverCodecs(t *testing.T) {
	for _, tt := range []struct {
		agreed  audio.Codec
		number  uint8
		typ     uint8
		codec   audio.Codec
		eventIn uint8
	}{
		{audio.PCMA, 8, 8, audio.PCMA, 0},
		{audio.PCMA, 8, 0, audio.PCMU, 0},
		{audio.PCMU, 0, 8, audio.PCMA, 0},
		{audio.PCMU, 0, 0, audio.PCMU, 0},
		{audio.PCMA, 97, 97, audio.PCMA, 0},
		{audio.PCMU, 98, 98, audio.PCMU, 96},
	} {
		t.Run(fmt.Sprint(tt), func(t *testing.T) {
			var got int16
			r := receiver{frame: func(f []int16) { got = f[80] }}
			p := Params{Codec: tt.agreed, PayloadType: tt.number, EventsIn: tt.eventIn, Direction: SendRecv}
			samples := make([]int16, audio.FrameSize)
			for i := range samples {
				samples[i] = 5000
			}
			payload := make([]byte, audio.FrameSize)
			tt.codec.Encode(payload, samples)
			r.packet(0, &p, &rtp.Header{PayloadType: tt.typ}, payload, false)
			if math.Abs(float64(got)-5000) > 130 {
				t.Errorf("5000 came out as %d", got)
			}
		})
	}
}

func TestReceiverAllocatesNothing(t *testing.T) {
	r := receiver{frame: func([]int16) {}}
	p := Params{Codec: audio.PCMA, PayloadType: 8, Direction: SendRecv}
	payload := make([]byte, audio.FrameSize)
	h := rtp.Header{PayloadType: 8}
	if n := testing.AllocsPerRun(1000, func() {
		r.packet(0, &p, &h, payload, false)
		h.SequenceNumber++
		h.Timestamp += 160
	}); n != 0 {
		t.Errorf("%v allocations for a packet", n)
	}
}
