package carrier

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestSpecial(t *testing.T) {
	for number, want := range map[string]Behaviour{
		"+551190000" + "1012": Person, "5511900004399": Unknown, "11900004099": Busy, "011900004100": NoAnswer, "0055119000030 01": Voicemail,
		"+55 (11) 90000-7700": Nothing, "+5511900009900": "", "+5511900000100": "", "+5511912345678": "", "": "", "1012": "", "+15511900001012": "",
	} {
		b, _, ok := special(number)
		if b != want || ok != (want != "") {
			t.Errorf("%s: %q %v, want %q", number, b, ok, want)
		}
	}
}

func TestTable(t *testing.T) {
	seen := map[string]bool{}
	last := ""
	for _, r := range Table() {
		if seen[r.Number] || r.Number < last || r.Does == "" || len(r.Key) > 1 {
			t.Errorf("%+v", r)
		}
		seen[r.Number], last = true, r.Number
		b, key, ok := special(strings.ReplaceAll(r.Number, "X", "7"))
		if !ok || b != r.Behaviour || key != r.Key {
			t.Errorf("%s: %s %q", r.Number, b, key)
		}
	}
}

func TestMix(t *testing.T) {
	const numbers = 20_000
	got := map[Behaviour]float64{}
	for i := range numbers {
		n := "+5511" + strconv.Itoa(900_000_000+i)
		got[ordinary(DefaultMix(), 7, n, 0)] += 100.0 / numbers
		// The same throw every time; an unknown number for good.
		first := ordinary(DefaultMix(), 7, n, 0)
		if ordinary(DefaultMix(), 7, n, 0) != first {
			t.Fatal("the same call ended differently")
		}
		for turn := uint64(1); turn < 4; turn++ {
			if (ordinary(DefaultMix(), 7, n, turn) == Unknown) != (first == Unknown) {
				t.Fatalf("%s is unknown now and then", n)
			}
		}
	}
	for _, s := range DefaultMix() {
		if math.Abs(got[s.Behaviour]-s.Percent) > 1 {
			t.Errorf("%s: %.1f %%, want %.1f", s.Behaviour, got[s.Behaviour], s.Percent)
		}
	}
	changed := 0
	for i := range 1000 {
		n := "+5521" + strconv.Itoa(900_000_000+i)
		if ordinary(DefaultMix(), 7, n, 0) != ordinary(DefaultMix(), 8, n, 0) || ordinary(DefaultMix(), 7, n, 0) != ordinary(DefaultMix(), 7, n, 1) {
			changed++
		}
	}
	if changed < 500 {
		t.Errorf("seed and turn changed only %d of 1000", changed)
	}
}

func TestMixesAreChecked(t *testing.T) {
	for name, mix := range map[string][]Share{
		"too much": {{Person, 60}, {Busy, 50}}, "negative": {{Person, -1}}, "nobody": {{"ghost", 1}},
	} {
		if _, err := New(Options{Mix: mix}); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	for name, opt := range map[string]Options{"speed": {Speed: -1}, "sound": {Sound: "loud"}} {
		if _, err := New(opt); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if got := ordinary([]Share{{Busy, 0}}, 1, "1", 0); got != Person {
		t.Errorf("the rest is %s", got)
	}
}

func TestRates(t *testing.T) {
	var r rates
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, ms := range []int{0, 500, 999, 1000, 1500, 1998} {
		r.begin(at.Add(time.Duration(ms)*time.Millisecond), 0, 0)
	}
	if s := r.get(); s.PeakPerSecond != 4 || s.Live != 6 || s.Peak != 6 {
		t.Errorf("%+v", s)
	}
}

func TestRough(t *testing.T) {
	packets := func(r *rough) (out []byte) {
		for i := range 200 {
			p, err := r.SealRTP(nil, []byte{byte(i)})
			if err == nil {
				out = append(out, p...)
			}
		}
		return out
	}
	lossy := packets(&rough{rng: source(1, "x", 0), lose: 0.1})
	if len(lossy) < 160 || len(lossy) > 195 {
		t.Errorf("%d of 200 came through", len(lossy))
	}
	shuffled := packets(&rough{rng: source(1, "x", 0), depth: 3})
	inverted, seen := 0, map[byte]bool{}
	for i, p := range shuffled {
		if seen[p] {
			t.Errorf("packet %d twice", p)
		}
		seen[p] = true
		if i > 0 && p < shuffled[i-1] {
			inverted++
		}
	}
	if len(shuffled) != 197 || inverted < 20 {
		t.Errorf("%d packets, %d out of order", len(shuffled), inverted)
	}
}

func TestEar(t *testing.T) {
	e := newEar(time.Now())
	loud, quiet := make([]int16, 160), make([]int16, 160)
	for i := range loud {
		loud[i] = 3000
	}
	hear := func(frame []int16, n int) {
		for range n {
			e.frame(frame)
		}
	}
	paused := func() bool {
		select {
		case <-e.paused:
			return true
		default:
			return false
		}
	}
	hear(quiet, 100)
	hear(loud, 5) // a click
	hear(quiet, 100)
	if paused() {
		t.Error("a click was taken for speech")
	}
	hear(loud, 20)
	hear(quiet, 20) // between two words
	hear(loud, 20)
	if paused() || !e.speaking() {
		t.Error("a breath was taken for the end")
	}
	hear(quiet, 40)
	if !paused() || e.speaking() {
		t.Error("the end was not noticed")
	}
	hear(quiet, 200)
	if paused() {
		t.Error("noticed twice")
	}
}

func FuzzSpecial(f *testing.F) {
	for _, r := range Table() {
		f.Add(r.Number)
	}
	f.Add("5511")
	f.Fuzz(func(t *testing.T, number string) {
		if b, key, ok := special(number); ok && (!known(b) || len(key) > 1) {
			t.Errorf("%q: %s %q", number, b, key)
		}
	})
}
