package sdp

import (
	"bytes"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"campanario/internal/fault"
	"campanario/voice/media"
)

// Bounds of a description. Those of real calls have one to five streams and a few dozen lines.
const (
	maxSize    = 16 << 10
	maxStreams = 16
	maxFormats = 64
)

// description is what one side says.
type description struct {
	origin    string
	address   string // of the session, for streams that have none; empty for none
	direction media.Direction
	streams   []stream
}

// stream is one m= line and what belongs to it.
type stream struct {
	kind      string // audio, video, image …
	proto     string
	port      int
	formats   []string
	address   string
	direction media.Direction // empty: the session's
	codecs    map[string]string
	rtcp      string
}

func invalid(code string, p fault.Params) error { return fault.New(fault.Invalid, code, p) }

// read takes a description apart without judging what it offers.
func read(body []byte) (*description, error) {
	body = bytes.TrimRight(body, "\x00\r\n\t ")
	switch {
	case len(body) == 0:
		return nil, invalid("sdp_empty", nil)
	case len(body) > maxSize:
		return nil, invalid("sdp_too_long", fault.Params{"max": maxSize})
	}
	if n := slices.IndexFunc(body, func(c byte) bool { return c < ' ' && c != '\r' && c != '\n' && c != '\t' }); n >= 0 {
		return nil, invalid("sdp_malformed", fault.Params{"line": 1 + bytes.Count(body[:n], []byte("\n"))})
	}
	d, began := &description{}, false
	for n, line := range strings.Split(string(body), "\n") {
		line = strings.Trim(line, "\r \t")
		if line == "" {
			continue
		}
		if len(line) < 2 || line[1] != '=' || !began && line != "v=0" {
			return nil, invalid("sdp_malformed", fault.Params{"line": n + 1})
		}
		began = true
		if err := d.line(line[0], strings.TrimSpace(line[2:]), n+1); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// line takes one line. Those that say nothing to us are passed over.
func (d *description) line(letter byte, value string, n int) error {
	var s *stream
	if len(d.streams) > 0 {
		s = &d.streams[len(d.streams)-1]
	}
	switch letter {
	case 'o':
		d.origin = value
	case 'm':
		return d.stream(value, n)
	case 'c':
		if s != nil {
			s.address = value
		} else {
			d.address = value
		}
	case 'a':
		d.attribute(s, value)
	}
	return nil
}

// stream begins a new one: kind, port, which may have a count, protocol, formats.
func (d *description) stream(value string, n int) error {
	f := strings.Fields(value)
	if len(f) < 3 {
		return invalid("sdp_malformed", fault.Params{"line": n})
	}
	if len(d.streams) == maxStreams || len(f)-3 > maxFormats {
		return invalid("sdp_too_many", fault.Params{"streams": maxStreams, "formats": maxFormats})
	}
	first, _, _ := strings.Cut(f[1], "/")
	port, err := strconv.ParseUint(first, 10, 16)
	if err != nil {
		return invalid("sdp_malformed", fault.Params{"line": n})
	}
	d.streams = append(d.streams, stream{
		kind: strings.ToLower(f[0]), port: int(port), proto: f[2], formats: f[3:], codecs: map[string]string{},
	})
	return nil
}

// attribute takes an a= line of a stream, or of the session when s is nil.
func (d *description) attribute(s *stream, value string) {
	name, rest, _ := strings.Cut(value, ":")
	switch name {
	case string(media.SendRecv), string(media.SendOnly), string(media.RecvOnly), string(media.Inactive):
		if s != nil {
			s.direction = media.Direction(name)
		} else {
			d.direction = media.Direction(name)
		}
	case "rtpmap":
		format, codec, ok := strings.Cut(strings.TrimSpace(rest), " ")
		if s != nil && ok && len(s.codecs) < maxFormats {
			s.codecs[format] = codecName(codec)
		}
	case "rtcp":
		if s != nil {
			s.rtcp = rest
		}
	}
}

// codecName makes the names of one codec equal: upper case, clock rate, and a single channel not mentioned.
func codecName(s string) string {
	return strings.TrimSuffix(strings.ToUpper(strings.TrimSpace(s)), "/1")
}

// codec is what a format of the stream stands for; the static types need no rtpmap and cannot be given another meaning
// (RFC 3551).
func (s *stream) codec(format string) string {
	switch format {
	case "0":
		return "PCMU/8000"
	case "8":
		return "PCMA/8000"
	}
	return s.codecs[format]
}

// names lists the stream's formats for people.
func (s *stream) names() string {
	var out []string
	for _, f := range s.formats[:min(len(s.formats), 12)] {
		name := s.codec(f)
		if name == "" {
			name = f
		}
		out = append(out, strings.TrimSuffix(name, "/8000"))
	}
	return strings.Join(out, ", ")
}

// where gives the addresses of a stream. They are invalid, without an error, when the far end wants to hear nothing: the
// address 0.0.0.0 (RFC 2543) or ::.
func (d *description) where(s *stream) (rtp, rtcp netip.AddrPort, err error) {
	text := s.address
	if text == "" {
		text = d.address
	}
	addr, err := address(text)
	if err != nil || addr.IsUnspecified() {
		return netip.AddrPort{}, netip.AddrPort{}, err
	}
	rtp = netip.AddrPortFrom(addr, uint16(s.port))
	if port, rest, _ := strings.Cut(strings.TrimSpace(s.rtcp), " "); port != "" {
		if other, err := address(rest); err == nil && rest != "" && other.Is4() == addr.Is4() && !other.IsUnspecified() {
			addr = other
		}
		if p, err := strconv.ParseUint(port, 10, 16); err == nil && p != 0 {
			rtcp = netip.AddrPortFrom(addr, uint16(p))
		}
	}
	return rtp, rtcp, nil
}

// address reads the value of a c= line: net type, address type, address and perhaps a scope.
func address(value string) (netip.Addr, error) {
	f := strings.Fields(value)
	if len(f) < 3 || !strings.EqualFold(f[0], "IN") {
		return netip.Addr{}, invalid("sdp_no_address", nil)
	}
	text, _, _ := strings.Cut(f[2], "/")
	a, err := netip.ParseAddr(text)
	if err != nil || a.IsMulticast() {
		// A name would have to be looked up in the middle of a call; carriers give addresses.
		return netip.Addr{}, invalid("sdp_address", fault.Params{"address": text})
	}
	return a.Unmap().WithZone(""), nil
}
