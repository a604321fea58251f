package audience

import (
	"slices"
	"testing"
	"time"

	"campanario/channel"
)

func TestZones(t *testing.T) {
	tests := []struct {
		phone channel.Address
		all   []string
	}{
		{"+5511987654321", []string{"America/Sao_Paulo"}},
		{"+556532123456", []string{"America/Cuiaba"}},
		{"+5567987654321", []string{"America/Campo_Grande"}},
		{"+5568987654321", []string{"America/Rio_Branco"}},
		{"+5569987654321", []string{"America/Porto_Velho"}},
		{"+5592987654321", []string{"America/Manaus"}},
		{"+5597987654321", []string{"America/Manaus", "America/Eirunepe"}},
		{"+558136191352", []string{"America/Noronha"}},
		{"+5581987654321", []string{"America/Recife"}},
		{"+5520987654321", nil},
		{"+525512345678", []string{"America/Mexico_City"}},
		{"+526641234567", []string{"America/Tijuana"}},
		{"+56961234567", []string{"America/Santiago"}},
		{"+573001234567", []string{"America/Bogota"}},
		{"+12125552368", []string{"America/New_York"}},
		{"+14155552671", []string{"America/Los_Angeles"}},
		{"+17755552671", []string{"America/Boise", "America/Los_Angeles"}},
		{"+447400123456", []string{"Europe/Guernsey", "Europe/Isle_of_Man", "Europe/London"}},
		{"+999123456", nil},
		{"5511987654321", nil},
		{"ana@example.com", nil},
		{"+", nil},
		{"+55", nil},
		{"", nil},
	}
	for _, tt := range tests {
		if got := Zones(tt.phone); !slices.Equal(got, tt.all) {
			t.Errorf("%s: %q, want %q", tt.phone, got, tt.all)
		}
	}
}

// TestAreas holds that Brazil has its 67 area codes, in zones that exist, at the hour of their states (2026: no summer
// time anywhere).
func TestAreas(t *testing.T) {
	hours := map[int]int{63: -3, 65: -4, 66: -4, 67: -4, 68: -5, 69: -4, 92: -4, 93: -3, 95: -4, 96: -3, 97: -4}
	n := 0
	for area, zones := range areas {
		if len(zones) == 0 {
			continue
		}
		n++
		z, err := time.LoadLocation(zones[0])
		if err != nil {
			t.Errorf("area %d: %v", area, err)
			continue
		}
		want, ok := hours[area]
		if !ok {
			want = -3
		}
		for _, month := range []time.Month{time.January, time.July} {
			if _, o := time.Date(2026, month, 15, 12, 0, 0, 0, z).Zone(); o != want*3600 {
				t.Errorf("area %d: %s is at %d seconds, want %d hours", area, zones[0], o, want)
			}
		}
	}
	if n != 67 {
		t.Errorf("%d area codes", n)
	}
}

func TestZonesAreCopies(t *testing.T) {
	for _, p := range []channel.Address{"+5511987654321", "+12125552368"} {
		Zones(p)[0] = "changed"
		if got := Zones(p); got[0] == "changed" {
			t.Errorf("%s: the table was changed from outside", p)
		}
	}
}
