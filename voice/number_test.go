package voice

import (
	"testing"

	"campanario/channel"
)

func TestDial(t *testing.T) {
	brazil := NumberFormat{Style: National, Carrier: "21"}
	tests := []struct {
		name   string
		format NumberFormat
		to     channel.Address
		want   string // empty: refused
	}{
		{"as it is", NumberFormat{}, "+5511987654321", "+5511987654321"},
		{"without plus", NumberFormat{Style: Plain}, "+5511987654321", "5511987654321"},
		{"with an access code", NumberFormat{Style: Plain, Prefix: "9#"}, "+5511987654321", "9#5511987654321"},
		{"national", NumberFormat{Style: National}, "+5511987654321", "011987654321"},
		{"national by a carrier", brazil, "+5511987654321", "02111987654321"},
		{"abroad by a carrier", brazil, "+34912345678", "002134912345678"},
		{"national elsewhere", NumberFormat{Style: National, Country: "1", Trunk: "none", International: "011"}, "+12125550123", "2125550123"},
		{"abroad from elsewhere", NumberFormat{Style: National, Country: "1", Trunk: "1", International: "011"}, "+5511987654321", "0115511987654321"},
		{"no plus", NumberFormat{}, "5511987654321", ""},
		{"letters", NumberFormat{}, "+55ABC", ""},
		{"too long", NumberFormat{}, "+1234567890123456", ""},
		{"a header", NumberFormat{}, "+5511\r\nX: y", ""},
		{"nothing", NumberFormat{}, "", ""},
	}
	for _, tt := range tests {
		got, ok := tt.format.Dial(tt.to)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("%s: %q, %v; want %q", tt.name, got, ok, tt.want)
		}
	}
	for _, tt := range []struct {
		format NumberFormat
		want   string
	}{
		{NumberFormat{}, "+551130001000"},
		{NumberFormat{Style: Plain, Prefix: "9"}, "551130001000"},
		{brazil, "01130001000"},
		{NumberFormat{Style: National, From: E164}, "+551130001000"},
	} {
		if got := tt.format.Caller("+551130001000"); got != tt.want {
			t.Errorf("%+v: caller %q, want %q", tt.format, got, tt.want)
		}
	}
	if got := brazil.Caller("trunk-7"); got != "trunk-7" {
		t.Errorf("a caller that is no number: %q", got)
	}
}
