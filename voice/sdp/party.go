package sdp

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"campanario/internal/fault"
	"campanario/voice/audio"
	"campanario/voice/media"
)

// firstEvents is the payload type we offer telephone events under, as nearly everybody does.
const firstEvents = 101

// Options make a Party.
type Options struct {
	Local  netip.AddrPort // where we want RTP: Session.Local
	Codecs []audio.Codec  // that we speak, best first; empty: A-law and µ-law
}

// Party is our side of the exchange about one call, from its first offer to its end. It is not safe for concurrent use.
type Party struct {
	local   netip.AddrPort
	codecs  []audio.Codec
	session uint64
	version uint64
	last    string // our last description, without its version

	// What was agreed so far, which every later description of ours must respect.
	streams []stream // of the last exchange; only audio at index audio is not refused
	audio   int
	codec   audio.Codec // that is spoken; empty before the first agreement
	number  uint8       // its payload type
	events  uint8       // payload type we receive events under
	wanted  media.Direction
	theirs  string // the far end's last description
	agreed  media.Params
}

// Agreement is the outcome of an exchange: what a media.Session needs, and what signalling wants to know.
type Agreement struct {
	media.Params
	// Held says that the far end does not want to hear us now.
	Held bool
	// Unchanged says that the far end described itself exactly as before and nothing else is agreed either: a refresh of
	// the session, nothing to do.
	Unchanged bool
}

// New makes the party of a new call.
func New(o Options) *Party {
	p := &Party{
		local:  netip.AddrPortFrom(o.Local.Addr().Unmap(), o.Local.Port()),
		codecs: slices.DeleteFunc(slices.Clone(o.Codecs), func(c audio.Codec) bool { return !c.Valid() }),
		// A number that fits into the signed 64 bits some devices use.
		session: rand.Uint64N(1 << 62), events: firstEvents,
	}
	p.version = p.session
	if len(p.codecs) == 0 {
		p.codecs = []audio.Codec{audio.PCMA, audio.PCMU}
	}
	return p
}

// Offer describes what we can do, in a direction that we want. The far end's answer goes to Accept.
func (p *Party) Offer(want media.Direction) []byte {
	p.wanted = want
	ours := stream{kind: "audio", proto: "RTP/AVP", port: int(p.local.Port()), direction: want, codecs: map[string]string{}}
	for _, c := range p.codecs {
		number := c.PayloadType()
		if c == p.codec {
			number = p.number // a number once agreed keeps its meaning
		}
		ours.add(number, string(c)+"/8000")
	}
	ours.add(p.events, "telephone-event/8000")
	streams := []stream{ours}
	if p.streams != nil {
		streams = slices.Clone(p.streams)
		streams[p.audio] = ours
	}
	return p.write(streams)
}

// Answer takes an offer of the far end and gives our answer to it. want bounds the direction of what is agreed: SendRecv
// when we want all that is offered. A fault of kind invalid says why the offer cannot be taken; nothing has changed then.
func (p *Party) Answer(offer []byte, want media.Direction) ([]byte, Agreement, error) {
	d, err := read(offer)
	if err != nil {
		return nil, Agreement{}, err
	}
	i, err := p.choose(d)
	if err != nil {
		return nil, Agreement{}, err
	}
	s := &d.streams[i]
	format := p.pick(s)
	a, err := p.agree(d, s, format, want)
	if err != nil {
		return nil, Agreement{}, err
	}
	ours := stream{kind: "audio", proto: s.proto, port: int(p.local.Port()), direction: a.Direction, codecs: map[string]string{}}
	ours.add(a.PayloadType, string(a.Codec)+"/8000")
	if a.Events != 0 {
		ours.add(a.Events, "telephone-event/8000")
	}
	if a.Events != 0 {
		p.events = a.Events
	}
	a.Unchanged = p.settle(d, i, a, offer)
	streams := slices.Clone(p.streams)
	streams[i] = ours
	return p.write(streams), a, nil
}

// Accept takes the far end's answer to our last offer. A fault of kind invalid says why there is no agreement.
func (p *Party) Accept(answer []byte) (Agreement, error) {
	d, err := read(answer)
	if err != nil {
		return Agreement{}, err
	}
	i, err := p.choose(d)
	if err != nil {
		return Agreement{}, err
	}
	s := &d.streams[i]
	a, err := p.agree(d, s, p.first(s), p.wanted)
	if err != nil {
		return Agreement{}, err
	}
	if a.Events != 0 && p.events != a.PayloadType {
		a.EventsIn = p.events // what we offered is what they send with, whatever number they gave for themselves
	}
	a.Unchanged = p.settle(d, i, a, answer)
	return a, nil
}

// choose finds the audio stream that we can take.
func (p *Party) choose(d *description) (int, error) {
	why := invalid("sdp_no_audio", nil)
	for i := range d.streams {
		s := &d.streams[i]
		switch {
		case s.kind != "audio":
		case s.port == 0:
			why = invalid("sdp_audio_refused", nil)
		case strings.Contains(s.proto, "SAVP"):
			why = invalid("sdp_srtp_only", fault.Params{"protocol": s.proto})
		case s.proto != "RTP/AVP" && s.proto != "RTP/AVPF":
			why = invalid("sdp_protocol", fault.Params{"protocol": s.proto})
		case p.first(s) == "":
			why = invalid("sdp_no_codec", fault.Params{"offered": s.names()})
		default:
			return i, nil
		}
	}
	return 0, why
}

// first is the stream's first format with a codec of ours; empty for none.
func (p *Party) first(s *stream) string {
	for _, f := range s.formats {
		if _, ok := p.speaks(s, f); ok {
			return f
		}
	}
	return ""
}

// pick is the format we answer with: the codec that is spoken already, if it is still offered, or the first.
func (p *Party) pick(s *stream) string {
	for _, f := range s.formats {
		if c, ok := p.speaks(s, f); ok && c == p.codec {
			return f
		}
	}
	return p.first(s)
}

// speaks reports whether a format is one of our codecs under a number that RTP has.
func (p *Party) speaks(s *stream, format string) (audio.Codec, bool) {
	name, rate, _ := strings.Cut(s.codec(format), "/")
	c := audio.Codec(name)
	_, err := payloadType(format)
	return c, rate == "8000" && slices.Contains(p.codecs, c) && err == nil
}

func payloadType(format string) (uint8, error) {
	n, err := strconv.ParseUint(format, 10, 7)
	return uint8(n), err
}

// agree makes the parameters of a stream of the far end.
func (p *Party) agree(d *description, s *stream, format string, want media.Direction) (Agreement, error) {
	rtp, rtcp, err := d.where(s)
	if err != nil {
		return Agreement{}, err
	}
	if rtp.IsValid() && rtp.Addr().Is4() != p.local.Addr().Is4() {
		return Agreement{}, invalid("sdp_address_family", fault.Params{"address": rtp.Addr().String()})
	}
	codec, _ := p.speaks(s, format)
	number, err := payloadType(format)
	if err != nil {
		return Agreement{}, invalid("sdp_no_codec", fault.Params{"offered": s.names()})
	}
	theirs := media.SendRecv
	for _, dir := range [...]media.Direction{d.direction, s.direction} {
		if dir != "" {
			theirs = dir
		}
	}
	hears := theirs.Receives() && rtp.IsValid()
	return Agreement{
		Params: media.Params{
			Remote: rtp, RTCP: rtcp, Codec: codec, PayloadType: number, Events: s.eventType(number),
			Direction: media.Of(want.Sends() && hears, want.Receives() && theirs.Sends()),
		},
		Held: !hears,
	}, nil
}

// eventType is the payload type of telephone events at our clock rate; 0 for none.
func (s *stream) eventType(codec uint8) uint8 {
	for _, f := range s.formats {
		n, err := payloadType(f)
		if err == nil && n != 0 && n != codec && s.codecs[f] == "TELEPHONE-EVENT/8000" {
			return n
		}
	}
	return 0
}

// settle remembers an agreement and reports whether it is the one before, in the same words.
func (p *Party) settle(d *description, i int, a Agreement, theirs []byte) (unchanged bool) {
	unchanged = p.theirs == string(theirs) && p.agreed == a.Params
	p.theirs, p.agreed = string(theirs), a.Params
	p.streams, p.audio = make([]stream, len(d.streams)), i
	for j, s := range d.streams {
		p.streams[j] = stream{kind: s.kind, proto: s.proto, formats: s.formats} // port 0: refused
	}
	p.codec, p.number = a.Codec, a.PayloadType
	if p.events == p.number {
		p.events = firstEvents + 1
	}
	return unchanged
}

// add appends a format.
func (s *stream) add(number uint8, codec string) {
	f := strconv.Itoa(int(number))
	s.formats = append(s.formats, f)
	s.codecs[f] = codec
}

// write makes a description of ours.
func (p *Party) write(streams []stream) []byte {
	family := "IP4"
	if p.local.Addr().Is6() {
		family = "IP6"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "s=-\r\nc=IN %s %s\r\nt=0 0\r\n", family, p.local.Addr())
	for i := range streams {
		streams[i].write(&b)
	}
	if p.last != "" && b.String() != p.last {
		p.version++
	}
	p.last = b.String()
	return fmt.Appendf(nil, "v=0\r\no=- %d %d IN %s %s\r\n%s", p.session, p.version, family, p.local.Addr(), p.last)
}

func (s *stream) write(b *strings.Builder) {
	formats := strings.Join(s.formats, " ")
	if formats == "" {
		formats = "0" // a stream without formats is not allowed, a refused one may name any
	}
	fmt.Fprintf(b, "m=%s %d %s %s\r\n", s.kind, s.port, s.proto, formats)
	if s.port == 0 {
		return
	}
	for _, f := range s.formats {
		fmt.Fprintf(b, "a=rtpmap:%s %s\r\n", f, s.codecs[f])
		if strings.HasPrefix(s.codecs[f], "telephone-event") {
			fmt.Fprintf(b, "a=fmtp:%s 0-15\r\n", f)
		}
	}
	fmt.Fprintf(b, "a=ptime:20\r\na=%s\r\n", s.direction)
}
