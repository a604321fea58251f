package agent

import "testing"

func TestCollectValue(t *testing.T) {
	five, zero := 5.0, 0.0
	tests := []struct {
		c      Collect
		digits string
		want   string
		ok     bool
	}{
		{Collect{}, "007", "007", true},
		{Collect{Min: 2}, "7", "", false},
		{Collect{Max: 2}, "777", "", false},
		{Collect{}, "", "", false},
		{Collect{Format: EntryNumber}, "007", "7", true},
		{Collect{Format: EntryNumber}, "000", "0", true},
		{Collect{Format: EntryNumber, Most: &five, Least: &zero}, "6", "", false},
		{Collect{Format: EntryNumber, Most: &five}, "5", "5", true},
		{Collect{Format: EntryNumber, Least: &five}, "4", "", false},
		{Collect{Format: EntryCPF}, "52998224725", "52998224725", true},
		{Collect{Format: EntryCPF}, "11144477735", "11144477735", true},
		{Collect{Format: EntryCPF}, "52998224724", "52998224724", false},
		{Collect{Format: EntryCPF}, "52998224735", "52998224735", false},
		{Collect{Format: EntryCPF}, "11111111111", "11111111111", false},
		{Collect{Format: EntryCPF}, "5299822472", "", false},
		{Collect{Format: EntryCNPJ}, "11222333000181", "11222333000181", true},
		{Collect{Format: EntryCNPJ}, "11444777000161", "11444777000161", true},
		{Collect{Format: EntryCNPJ}, "11222333000191", "11222333000191", false},
		{Collect{Format: EntryDate}, "29022028", "2028-02-29", true},
		{Collect{Format: EntryDate}, "29022027", "", false},
		{Collect{Format: EntryDate}, "31121899", "", false},
		{Collect{Format: EntryDate}, "00012027", "", false},
	}
	for _, tt := range tests {
		c := Ask{Collect: &tt.c}.withDefaults().Collect
		got, ok := c.Value(tt.digits)
		if ok != tt.ok || ok && got != tt.want {
			t.Errorf("%s %q: %q, %v; want %q, %v", tt.c.Format, tt.digits, got, ok, tt.want, tt.ok)
		}
	}
}
