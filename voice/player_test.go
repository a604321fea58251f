package voice

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"campanario/voice/audio"
)

// samples gives n samples, each one more than the one before.
func samples(from, n int) []int16 {
	out := make([]int16, n)
	for i := range out {
		out[i] = int16(from + i)
	}
	return out
}

func TestPlayer(t *testing.T) {
	var done []Playback
	p := &player{finished: func(b Playback) { done = append(done, b) }}
	read := func(want int, from int16) {
		t.Helper()
		buf := make([]int16, 100)
		n := p.ReadFrame(buf)
		if n != want || n > 0 && buf[0] != from {
			t.Fatalf("read %d samples from %d, want %d from %d", n, buf[0], want, from)
		}
	}
	finished := func(want ...Playback) {
		t.Helper()
		if diff := cmp.Diff(want, done); diff != "" {
			t.Fatal(diff)
		}
		done = nil
	}
	ms := func(samples int) time.Duration { return audio.Duration(samples, audio.Rate) }

	read(0, 0)
	if p.busy() {
		t.Error("busy with nothing")
	}
	p.push(Audio{Item: "a", Samples: samples(1, 150)})
	read(100, 1)
	read(50, 101)
	finished()
	read(0, 0) // the rest of a has not arrived
	if !p.busy() {
		t.Error("not busy although more is to come")
	}
	p.push(Audio{Item: "a", Samples: samples(151, 10)})
	p.push(Audio{Item: "a", Last: true})
	p.push(Audio{Item: "b", Samples: samples(500, 20)})
	read(30, 151) // the end of a and the beginning of b in one frame
	finished(Playback{"a", ms(160), true})
	p.push(Audio{Item: "c", Samples: samples(600, 300), Last: true}) // b is over, though nobody said so
	read(100, 600)
	finished(Playback{"b", ms(20), true})
	p.push(Audio{Item: "d", Last: true})
	p.push(Audio{Item: "c", Samples: samples(700, 1), Last: true}) // another item of the same name
	if diff := cmp.Diff([]Playback{{"c", ms(100), false}, {"d", 0, false}, {"c", 0, false}}, p.clear()); diff != "" {
		t.Error(diff)
	}
	read(0, 0)
	finished()
	p.push(Audio{Item: "e", Last: true})
	read(0, 0)
	finished(Playback{"e", 0, true})
	if p.busy() || p.queued != 0 {
		t.Errorf("busy %v with %d samples at the end", p.busy(), p.queued)
	}
}

func TestPlayerIsBounded(t *testing.T) {
	p := &player{finished: func(Playback) {}}
	minute := make([]int16, 60*audio.Rate)
	for i := range 10 {
		if !p.push(Audio{Item: "a", Samples: minute}) {
			t.Fatalf("minute %d does not fit", i+1)
		}
	}
	if p.push(Audio{Item: "a", Samples: minute[:1]}) {
		t.Error("there is no bound")
	}
	p.clear()
	if !p.push(Audio{Item: "a", Samples: minute}) {
		t.Error("no room after clearing")
	}
}
