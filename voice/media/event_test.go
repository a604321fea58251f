package media

import (
	"math/rand/v2"
	"testing"

	"campanario/internal/fault"
	"campanario/voice/audio"
)

// heardPacket is one packet of an event as it arrives.
type heardPacket struct {
	timestamp uint32
	code      uint8
	end       bool
	duration  uint16
}

func TestListenerHearsEveryKeyOnce(t *testing.T) {
	one := []heardPacket{
		{1000, 1, false, 160},
		{1000, 1, false, 320},
		{1000, 1, false, 480},
		{1000, 1, true, 640},
		{1000, 1, true, 640},
		{1000, 1, true, 640},
	}
	tests := []struct {
		name    string
		packets []heardPacket
		want    string
	}{
		{"one key", one, "1"},
		{"only its end arrived", one[4:], "1"},
		{"its first packet was lost", one[1:], "1"},
		{"in the wrong order", []heardPacket{one[3], one[0], one[2], one[5], one[1]}, "1"},
		{"everything twice", append(append([]heardPacket{}, one...), one...), "1"},
		{"the same key again", append(append([]heardPacket{}, one...), heardPacket{3000, 1, false, 160}), "11"},
		{"the same key again, all ends lost", append(append([]heardPacket{}, one[:3]...), heardPacket{3000, 1, false, 160}), "11"},
		{"another key at once", append(append([]heardPacket{}, one[:3]...), heardPacket{1500, 2, false, 160}), "12"},
		{"a packet of the key before comes late", []heardPacket{one[5], {3000, 2, false, 160}, one[5], {3000, 2, true, 800}}, "12"},
		{"segments of a long press", []heardPacket{
			{1000, 7, false, 0xFFFF}, {1000 + 0xFFFF, 7, false, 160}, {1000 + 0xFFFF, 7, true, 900}, {1000 + 0xFFFF, 7, true, 900},
		}, "7"},
		{"a gateway that moves the timestamp with every packet", []heardPacket{
			{1000, 5, false, 160},
			{1160, 5, false, 320},
			{1320, 5, false, 480},
			{1480, 5, true, 640},
			{1480, 5, true, 640},
			{9000, 5, false, 160},
		}, "55"},
		{"star, pound and letters", []heardPacket{{0, 10, true, 800}, {2000, 11, true, 800}, {4000, 12, true, 800}, {6000, 15, true, 800}}, "*#AD"},
		{"hook flash and fax are no keys", []heardPacket{{0, 16, true, 800}, {2000, 36, true, 800}, {4000, 255, true, 800}}, ""},
		{"two events with one beginning", []heardPacket{{1000, 1, false, 160}, {1000, 2, false, 160}}, "1"},
		{"timestamps wrap", []heardPacket{{0xFFFFFF00, 3, true, 800}, {0x700, 4, true, 800}, {0xFFFFFF00, 3, true, 800}}, "34"},
		{"timestamps begin anew", []heardPacket{{900000, 3, true, 800}, {800, 4, true, 800}}, "34"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var l listener
			got := ""
			for _, p := range tt.packets {
				var b [eventSize]byte
				event{code: p.code, end: p.end, duration: p.duration}.put(b[:])
				e, ok := parseEvent(b[:])
				if !ok {
					t.Fatal("our own packet is not understood")
				}
				if k, isNew := l.hear(p.timestamp, e); isNew {
					got += string(k)
				}
			}
			if got != tt.want {
				t.Errorf("heard %q, want %q", got, tt.want)
			}
		})
	}
}

// ticks runs a transmitter for so many frames.
func ticks(x *transmitter, p *Params, src audio.Source, n int) [][]byte {
	var out [][]byte
	for range n {
		if packet := x.next(p, src, 1); packet != nil {
			out = append(out, append([]byte(nil), packet...))
		}
	}
	return out
}

func TestKeysAsEvents(t *testing.T) {
	x := newTransmitter(7, 100, 5000)
	p := &Params{Codec: audio.PCMA, PayloadType: 8, Events: 101, Direction: SendRecv}
	if err := x.keys.press("5#"); err != nil {
		t.Fatal(err)
	}
	packets := ticks(&x, p, nil, 40)
	var events []heardPacket
	var marks, sequence []int
	for i, b := range packets {
		h := unpack(t, b)
		if int(h.SequenceNumber) != 100+i {
			t.Fatalf("packet %d has number %d", i, h.SequenceNumber)
		}
		if h.PayloadType != 101 {
			if want := uint32(5000 + 160*(i+1)); h.Timestamp != want {
				t.Fatalf("sound packet %d has timestamp %d, want %d", i, h.Timestamp, want)
			}
			continue
		}
		e, ok := parseEvent(h.Payload)
		if !ok || len(h.Payload) != eventSize {
			t.Fatalf("packet %d is a broken event", i)
		}
		if h.Marker {
			marks = append(marks, len(events))
		}
		sequence = append(sequence, i)
		events = append(events, heardPacket{h.Timestamp, e.code, e.end, e.duration})
	}
	first := uint32(5160)
	second := first + uint32(sequence[7])*160
	want := []heardPacket{
		{first, 5, false, 160},
		{first, 5, false, 320},
		{first, 5, false, 480},
		{first, 5, false, 640},
		{first, 5, true, 800},
		{first, 5, true, 800},
		{first, 5, true, 800},
		{second, 11, false, 160},
		{second, 11, false, 320},
		{second, 11, false, 480},
		{second, 11, false, 640},
		{second, 11, true, 800},
		{second, 11, true, 800},
		{second, 11, true, 800},
	}
	if len(events) != len(want) {
		t.Fatalf("%d event packets, want %d", len(events), len(want))
	}
	for i := range want {
		if events[i] != want[i] {
			t.Errorf("event packet %d: %+v, want %+v", i, events[i], want[i])
		}
	}
	if len(marks) != 2 || marks[0] != 0 || marks[1] != 7 {
		t.Errorf("markers on event packets %v, want the first of each key", marks)
	}
	if pause := sequence[7] - sequence[6]; pause < 4 {
		t.Errorf("only %d frames between two keys", pause-1)
	}
	if x.keys.waiting.Load() != 0 {
		t.Error("the keys are not reported as sent")
	}
}

// What one side sends the other must hear, through loss, repetition and disorder that spare one packet of each key.
func TestKeysSurviveABadNetwork(t *testing.T) {
	const all = "0123456789*#ABCD11,22"
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 1))
		x := newTransmitter(7, uint16(rng.Uint32()), rng.Uint32())
		p := &Params{Codec: audio.PCMA, PayloadType: 8, Events: 101, Direction: SendRecv}
		if err := x.keys.press(all); err != nil {
			t.Fatal(err)
		}
		got := ""
		r := &receiver{key: func(k rune) { got += string(k) }}
		var packets [][]byte
		kept := map[uint32]bool{}
		for _, b := range ticks(&x, p, nil, 400) {
			h := unpack(t, b)
			if rng.IntN(100) < 30 && (h.PayloadType != 101 || kept[h.Timestamp]) {
				continue
			}
			if h.PayloadType == 101 {
				kept[h.Timestamp] = true
			}
			packets = append(packets, b)
			if rng.IntN(100) < 10 {
				packets = append(packets, b)
			}
			if n := len(packets); n > 1 && rng.IntN(100) < 10 {
				packets[n-1], packets[n-2] = packets[n-2], packets[n-1]
			}
		}
		feed(t, r, p, packets)
		if want := "0123456789*#ABCD1122"; got != want {
			t.Fatalf("seed %d: heard %q, want %q", seed, got, want)
		}
	}
}

// Where no events were agreed the keys are tones in the sound itself, and the source waits for them.
func TestKeysAsTones(t *testing.T) {
	x := newTransmitter(7, 100, 5000)
	p := &Params{Codec: audio.PCMU, PayloadType: 0, Direction: SendRecv}
	asked := 0
	src := sourceFunc(func(buf []int16) int { asked++; clear(buf); return len(buf) })
	if err := x.keys.press("8"); err != nil {
		t.Fatal(err)
	}
	var samples []int16
	for _, b := range ticks(&x, p, src, 12) {
		h := unpack(t, b)
		var frame [audio.FrameSize]int16
		if h.PayloadType != 0 || audio.PCMU.Decode(frame[:], h.Payload) != audio.FrameSize {
			t.Fatal("not a frame of sound")
		}
		samples = append(samples, frame[:]...)
	}
	want := audio.KeyTones("8", keyOn, 0).Render(keyOn)
	for i, s := range want {
		if d := int(samples[i]) - int(s); d > 600 || d < -600 {
			t.Fatalf("sample %d is %d, want %d", i, samples[i], s)
		}
	}
	if audio.Level(samples[len(want)+160:]) > -60 {
		t.Error("the tone does not end")
	}
	if asked == 0 || asked > 7 {
		t.Errorf("the source was asked %d times in 12 frames", asked)
	}
	if x.keys.waiting.Load() != 0 {
		t.Error("the key is not reported as sent")
	}
}

func TestKeysRefused(t *testing.T) {
	var p presser
	for keys, code := range map[string]string{"12x": "keypad_key_unknown", "é": "keypad_key_unknown", "1 2": "keypad_key_unknown"} {
		if err := p.press(keys); fault.CodeOf(err) != code {
			t.Errorf("%q: %v", keys, err)
		}
	}
	long := make([]byte, mostKeys+1)
	for i := range long {
		long[i] = '1'
	}
	if err := p.press(string(long)); fault.CodeOf(err) != "keys_too_many" {
		t.Errorf("%v", err)
	}
	if p.waiting.Load() != 0 {
		t.Error("refused keys wait all the same")
	}
}

// An agreement that takes events away in the middle of a key must not send its bytes as sound.
func TestKeysWhenEventsAreTakenAway(t *testing.T) {
	x := newTransmitter(7, 100, 5000)
	p := &Params{Codec: audio.PCMU, PayloadType: 0, Events: 101, Direction: SendRecv}
	if err := x.keys.press("1"); err != nil {
		t.Fatal(err)
	}
	ticks(&x, p, nil, 2)
	without := *p
	without.Events = 0
	for _, b := range ticks(&x, &without, nil, 20) {
		if h := unpack(t, b); h.PayloadType != 0 || len(h.Payload) != audio.FrameSize {
			t.Fatalf("payload type %d with %d bytes", h.PayloadType, len(h.Payload))
		}
	}
	if x.keys.waiting.Load() != 0 {
		t.Error("the key waits for ever")
	}
}

func FuzzEvent(f *testing.F) {
	f.Add(uint32(0), []byte{1, 0x8A, 3, 0x20}, uint32(0), []byte{1, 0x8A, 3, 0x20})
	f.Add(uint32(1<<31), []byte{16, 0, 0, 0}, uint32(0), []byte{})
	f.Fuzz(func(t *testing.T, at1 uint32, p1 []byte, at2 uint32, p2 []byte) {
		var l listener
		heard := 0
		for range 3 {
			for at, p := range map[uint32][]byte{at1: p1, at2: p2} {
				if e, ok := parseEvent(p); ok {
					if _, isNew := l.hear(at, e); isNew {
						heard++
					}
				}
			}
		}
		if at1 == at2 && heard > 1 {
			t.Fatalf("one event was heard %d times", heard)
		}
	})
}
