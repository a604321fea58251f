package media

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"sync"

	"campanario/internal/fault"
)

// PortOptions say where sessions listen.
type PortOptions struct {
	Bind      netip.Addr // address to listen on; the zero value is 127.0.0.1
	Advertise netip.Addr // address to tell the far end, where it differs (NAT); the zero value is Bind
	Min, Max  uint16     // range of ports, both included; 0 and 0: any that the system gives
	DSCP      uint8      // marking of our packets (RFC 2474): 46 is expedited forwarding; 0 sets nothing
}

// Ports gives out pairs of UDP ports, an even one for RTP and the next for RTCP. It goes round its range, so that a port
// rests as long as possible before a next call can get late packets of the one before. It is safe for concurrent use.
type Ports struct {
	o     PortOptions
	mu    sync.Mutex
	taken map[uint16]bool // by the even port
	next  int             // index of the pair to try next
}

// pair is two open sockets.
type pair struct {
	rtp, rtcp *net.UDPConn
	port      uint16
	release   func()
}

// NewPorts checks the range: it must hold at least one pair.
func NewPorts(o PortOptions) (*Ports, error) {
	if !o.Bind.IsValid() {
		o.Bind = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	o.Bind = o.Bind.Unmap()
	if !o.Advertise.IsValid() {
		o.Advertise = o.Bind
	}
	o.Advertise = o.Advertise.Unmap()
	var problems fault.List
	if o.Advertise.IsUnspecified() || o.Advertise.IsMulticast() || o.Advertise.Is4() != o.Bind.Is4() {
		problems = append(problems, fault.New(fault.Invalid, "media_address", nil).At("advertise"))
	}
	if o.DSCP > 63 {
		problems = append(problems, fault.New(fault.Invalid, "media_dscp", fault.Params{"max": 63}).At("dscp"))
	}
	if o.Min%2 != 0 && o.Min < 65535 {
		o.Min++
	}
	if o.Max != 0 && (o.Min < 1024 || int(o.Max)-int(o.Min) < 1) || o.Max == 0 && o.Min != 0 {
		problems = append(problems, fault.New(fault.Invalid, "media_port_range",
			fault.Params{"min": o.Min, "max": o.Max}).At("ports"))
	}
	if len(problems) > 0 {
		return nil, problems.Err()
	}
	return &Ports{o: o, taken: map[uint16]bool{}}, nil
}

// Size is how many sessions fit into the range; 0 means that only the system bounds them.
func (p *Ports) Size() int {
	if p.o.Max == 0 {
		return 0
	}
	return (int(p.o.Max) - int(p.o.Min) + 1) / 2
}

// Taken is how many are open now.
func (p *Ports) Taken() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.taken)
}

// open finds a free pair and listens on it. When there is none it is a fault of kind unavailable.
func (p *Ports) open() (*pair, error) {
	tries := p.Size()
	if tries == 0 {
		tries = 100 // the system gives an odd port, or one whose neighbour is taken, more often than not
	}
	var last error
	for range tries {
		port, ok := p.reserve()
		if !ok {
			continue
		}
		got, err := p.listen(port)
		if err == nil {
			return got, nil
		}
		last = err
		p.giveBack(port)
		if !errors.Is(err, errPortTaken) {
			break
		}
	}
	return nil, fault.New(fault.Unavailable, "media_no_port", fault.Params{"taken": p.Taken(), "size": p.Size()}).Because(last)
}

// reserve names the pair to try next: 0 stands for any.
func (p *Ports) reserve() (uint16, bool) {
	if p.o.Max == 0 {
		return 0, true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	port := p.o.Min + 2*uint16(p.next)
	p.next = (p.next + 1) % p.Size()
	if p.taken[port] {
		return 0, false
	}
	p.taken[port] = true
	return port, true
}

func (p *Ports) giveBack(port uint16) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.taken, port)
}

var errPortTaken = errors.New("media: port taken")

func (p *Ports) listen(port uint16) (*pair, error) {
	first, err := p.bind(port)
	if err != nil {
		return nil, err
	}
	got := first.LocalAddr().(*net.UDPAddr).AddrPort().Port()
	neighbour := got + 1
	if got%2 != 0 {
		neighbour = got - 1
	}
	second, err := p.bind(neighbour)
	if err != nil {
		_ = first.Close()
		return nil, err
	}
	out := &pair{rtp: first, rtcp: second, port: got}
	if got%2 != 0 {
		out.rtp, out.rtcp, out.port = second, first, neighbour
	}
	p.mu.Lock()
	p.taken[out.port] = true
	p.mu.Unlock()
	out.release = func() { p.giveBack(out.port) }
	return out, nil
}

func (p *Ports) bind(port uint16) (*net.UDPConn, error) {
	network := "udp4"
	if p.o.Bind.Is6() {
		network = "udp6"
	}
	config := net.ListenConfig{Control: mark(p.o.DSCP)}
	// Listening does not wait for anything, so there is nothing to cancel.
	conn, err := config.ListenPacket(context.Background(), network,
		net.JoinHostPort(p.o.Bind.String(), strconv.Itoa(int(port))))
	if err != nil {
		if inUse(err) {
			return nil, errPortTaken
		}
		return nil, err
	}
	return conn.(*net.UDPConn), nil
}
