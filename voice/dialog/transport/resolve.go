package transport

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// Lookup is the part of net.Resolver that is needed to find a SIP server.
type Lookup interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
	LookupSRV(ctx context.Context, service, proto, name string) (string, []*net.SRV, error)
}

// Resolver finds the addresses of SIP servers (RFC 3263, without NAPTR: the network is the URI's, UDP when it names
// none). Answers are kept for a short while, failures too, because a campaign asks thousands of times for the same
// gateway. It is safe for concurrent use.
type Resolver struct {
	dns  Lookup
	keep time.Duration

	mu   sync.Mutex
	memo map[memoKey]memo
}

type memoKey struct {
	network Network
	host    string
	port    uint16
}

type memo struct {
	until time.Time
	found []netip.AddrPort
	err   error
}

const (
	keepFound  = 30 * time.Second
	keepFailed = 3 * time.Second
	maxMemos   = 1024
)

// NewResolver makes a resolver; dns nil for the system's.
func NewResolver(dns Lookup) *Resolver {
	if dns == nil {
		dns = net.DefaultResolver
	}
	return &Resolver{dns: dns, keep: keepFound, memo: map[memoKey]memo{}}
}

// Resolve lists the addresses of a host, best first; port 0 when the URI names none. The error is an *Error.
func (r *Resolver) Resolve(ctx context.Context, n Network, host string, port uint16) ([]netip.AddrPort, error) {
	if a, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		if port == 0 {
			port = n.DefaultPort()
		}
		return []netip.AddrPort{netip.AddrPortFrom(a.Unmap(), port)}, nil
	}
	key := memoKey{n, host, port}
	now := time.Now()
	r.mu.Lock()
	m, ok := r.memo[key]
	r.mu.Unlock()
	if ok && now.Before(m.until) {
		return m.found, m.err
	}
	found, err := r.ask(ctx, n, host, port)
	if ctx.Err() != nil {
		return nil, fail(Timeout, ctx.Err()) // says nothing about the name
	}
	m = memo{until: now.Add(r.keep), found: found}
	if err != nil {
		m = memo{until: now.Add(keepFailed), err: fail(Name, err)}
	}
	r.mu.Lock()
	if len(r.memo) >= maxMemos {
		clear(r.memo)
	}
	r.memo[key] = m
	r.mu.Unlock()
	return m.found, m.err
}

func (r *Resolver) ask(ctx context.Context, n Network, host string, port uint16) ([]netip.AddrPort, error) {
	if port == 0 {
		if found := r.service(ctx, n, host); len(found) > 0 {
			return found, nil
		}
		port = n.DefaultPort()
	}
	addrs, err := r.dns.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	if len(addrs) == 0 {
		return nil, errors.New("no address")
	}
	return withPort(nil, addrs, port), nil
}

// service follows SRV records, which come sorted by priority and shuffled by weight.
func (r *Resolver) service(ctx context.Context, n Network, host string) []netip.AddrPort {
	service, proto := "sip", strings.ToLower(string(n))
	if n == TLS {
		service, proto = "sips", "tcp"
	}
	_, records, err := r.dns.LookupSRV(ctx, service, proto, host)
	if err != nil {
		return nil
	}
	var out []netip.AddrPort
	for _, rec := range records {
		addrs, err := r.dns.LookupNetIP(ctx, "ip", strings.TrimSuffix(rec.Target, "."))
		if err == nil {
			out = withPort(out, addrs, rec.Port)
		}
	}
	return out
}

// withPort appends the addresses, IPv4 before IPv6: carriers' IPv6 is rarer than their records for it.
func withPort(out []netip.AddrPort, addrs []netip.Addr, port uint16) []netip.AddrPort {
	for _, a := range addrs {
		if a = a.Unmap(); a.Is4() {
			out = append(out, netip.AddrPortFrom(a, port))
		}
	}
	for _, a := range addrs {
		if a = a.Unmap(); !a.Is4() {
			out = append(out, netip.AddrPortFrom(a, port))
		}
	}
	return out
}
