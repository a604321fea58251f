package media

import (
	"net"
	"net/netip"
	"testing"

	"campanario/internal/fault"
	"campanario/internal/freeport"
)

func TestPortsGoRound(t *testing.T) {
	// A range that is free now: three pairs beside each other, found by asking the system.
	base := freePorts(t, 6)
	p, err := NewPorts(PortOptions{Min: base - 1, Max: base + 5}) // an odd first port is passed over
	if err != nil {
		t.Fatal(err)
	}
	if p.Size() != 3 {
		t.Fatalf("room for %d", p.Size())
	}
	var open []*pair
	for i := range 3 {
		x, err := p.open()
		if err != nil {
			t.Fatal(err)
		}
		if x.port != base+2*uint16(i) {
			t.Errorf("pair %d is at %d, want %d", i, x.port, base+2*uint16(i))
		}
		open = append(open, x)
	}
	if _, err := p.open(); fault.CodeOf(err) != "media_no_port" || fault.KindOf(err) != fault.Unavailable {
		t.Errorf("a fourth of three: %v", err)
	}
	shut := func(x *pair) { _ = x.rtp.Close(); _ = x.rtcp.Close(); x.release() }
	shut(open[0])
	shut(open[2])
	next, err := p.open() // the last tried was the third: it goes on with the first
	if err != nil || next.port != base {
		t.Fatalf("%v, %v", next, err)
	}
	shut(next)
	next, err = p.open() // not the one that was just closed, as long as there is another
	if err != nil || next.port != base+4 {
		t.Fatalf("%v, %v", next, err)
	}
	shut(next)
	shut(open[1])

	// Somebody else has the RTCP port of the first pair.
	other, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: int(base) + 1})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	for range 4 {
		x, err := p.open()
		if err != nil {
			t.Fatal(err)
		}
		if x.port == base {
			t.Error("a pair of which one port is taken")
		}
		shut(x)
	}
	if p.Taken() != 0 {
		t.Errorf("%d taken", p.Taken())
	}
}

// freePorts gives an even port after which, with itself, n ports are free.
func freePorts(t *testing.T, n int) uint16 {
	t.Helper()
	port, err := freeport.Find(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	return uint16(port)
}

func TestPortOptions(t *testing.T) {
	addr := netip.MustParseAddr
	for _, tt := range []struct {
		name string
		o    PortOptions
		code string
	}{
		{"nothing said", PortOptions{}, ""},
		{"a range", PortOptions{Min: 16384, Max: 32767}, ""},
		{"one pair", PortOptions{Min: 16384, Max: 16385}, ""},
		{"behind a NAT", PortOptions{Bind: addr("0.0.0.0"), Advertise: addr("192.0.2.1")}, ""},
		{"the last port", PortOptions{Min: 65000, Max: 65535}, ""},
		{"half a pair", PortOptions{Min: 16384, Max: 16384}, "media_port_range"},
		{"half a pair, odd", PortOptions{Min: 16385, Max: 16386}, "media_port_range"},
		{"upside down", PortOptions{Min: 20000, Max: 10000}, "media_port_range"},
		{"without an end", PortOptions{Min: 20000}, "media_port_range"},
		{"without a beginning", PortOptions{Max: 20000}, "media_port_range"},
		{"nobody can reach us", PortOptions{Bind: addr("0.0.0.0")}, "media_address"},
		{"another family", PortOptions{Bind: addr("0.0.0.0"), Advertise: addr("2001:db8::1")}, "media_address"},
		{"multicast", PortOptions{Advertise: addr("224.0.0.1")}, "media_address"},
		{"no such marking", PortOptions{DSCP: 64}, "media_dscp"},
	} {
		_, err := NewPorts(tt.o)
		if tt.code == "" && err != nil || tt.code != "" && fault.CodeOf(err) != tt.code {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.code)
		}
	}
	_, err := NewPorts(PortOptions{Bind: addr("::"), Min: 1, Max: 2, DSCP: 99})
	if n := len(fault.All(err)); n != 3 {
		t.Errorf("%d problems told of three: %v", n, err)
	}
}
