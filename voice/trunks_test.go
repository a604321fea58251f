package voice

import (
	"testing"
	"time"

	"campanario/channel"
	"campanario/internal/fault"
)

// TestTrunks holds when a line's trunk is kept, replaced and given up.
func TestTrunks(t *testing.T) {
	a := newAdapter(t, Options{})
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	line := lineTo("127.0.0.1:5999", "")
	first, err := a.trunks.get(line, now)
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := a.trunks.get(line, now.Add(time.Minute)); again != first {
		t.Error("the same settings made another trunk")
	}
	line.Settings = lineTo("127.0.0.1:5998", "").Settings
	changed, err := a.trunks.get(line, now.Add(2*time.Minute))
	if err != nil || changed == first {
		t.Errorf("other settings made no other trunk: %v", err)
	}
	bad := line
	bad.Settings = []byte(`{"gateways": []}`)
	if _, err := a.trunks.get(bad, now); !fault.Is(err, "required") {
		t.Errorf("bad settings: %v", err)
	}
	if kept, _ := a.trunks.get(line, now.Add(3*time.Minute)); kept != changed {
		t.Error("bad settings took the good trunk away")
	}
	// Another line's call much later sweeps what is not used, but never a registration.
	registers := channel.Line{ID: "registers", Settings: lineTo("127.0.0.1:5997", `, "register": true, "username": "u"`).Settings}
	if _, err := a.trunks.get(registers, now.Add(4*time.Minute)); err != nil {
		t.Fatal(err)
	}
	if st, known := a.Standing("registers"); !known || len(st.Gateways) != 1 || st.State == channel.Registered || st.Gateways[0].Gateway == "" {
		t.Errorf("the line that registers stands %+v", st)
	}
	for _, id := range []string{line.ID, "unknown"} { // what does not register, and what was never used
		if st, known := a.Standing(id); known {
			t.Errorf("%s stands %+v", id, st)
		}
	}
	other := lineTo("127.0.0.1:5996", "")
	if _, err := a.trunks.get(other, now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	a.trunks.mu.Lock()
	defer a.trunks.mu.Unlock()
	if len(a.trunks.lines) != 2 || a.trunks.lines["registers"] == nil || a.trunks.lines[other.ID] == nil {
		t.Errorf("%d trunks are kept", len(a.trunks.lines))
	}
}

// TestTrunksShareRanges holds that lines with the same ports use them together.
func TestTrunksShareRanges(t *testing.T) {
	a := newAdapter(t, Options{})
	ports := `, "media_ports": {"min": 22000, "max": 22099}`
	one, err1 := a.trunks.get(lineTo("127.0.0.1:5995", ports), time.Now())
	two, err2 := a.trunks.get(lineTo("127.0.0.1:5994", ports), time.Now())
	plain, err3 := a.trunks.get(lineTo("127.0.0.1:5993", ""), time.Now())
	if err1 != nil || err2 != nil || err3 != nil {
		t.Fatal(err1, err2, err3)
	}
	if one.media != two.media || one.media == plain.media || plain.media != a.Media() {
		t.Error("the ports are not shared as they should be")
	}
	if n := one.media.Ports().Size(); n != 50 {
		t.Errorf("room for %d calls in 100 ports", n)
	}
}
