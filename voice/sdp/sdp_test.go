package sdp_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	pion "github.com/pion/sdp/v3"

	"campanario/internal/fault"
	"campanario/voice/audio"
	"campanario/voice/media"
	"campanario/voice/sdp"
)

var local = netip.MustParseAddrPort("192.0.2.1:16384")

func addrPort(s string) netip.AddrPort {
	if s == "" {
		return netip.AddrPort{}
	}
	return netip.MustParseAddrPort(s)
}

// strict reads a description of ours with a parser that is not ours and forgives nothing.
func strict(t *testing.T, body []byte) *pion.SessionDescription {
	t.Helper()
	var d pion.SessionDescription
	if err := d.Unmarshal(body); err != nil {
		t.Fatalf("our description is wrong: %v\n%s", err, body)
	}
	return &d
}

// body makes a description of lines, with the beginning that all have.
func body(lines ...string) []byte {
	head := []string{"v=0", "o=- 42 42 IN IP4 198.51.100.9", "s=call", "t=0 0"}
	return []byte(strings.Join(append(head, lines...), "\r\n") + "\r\n")
}

func TestOffer(t *testing.T) {
	p := sdp.New(sdp.Options{Local: local})
	got := p.Offer(media.SendRecv)
	d := strict(t, got)
	if d.Origin.SessionVersion != d.Origin.SessionID || d.Origin.UnicastAddress != "192.0.2.1" {
		t.Errorf("origin %v", d.Origin)
	}
	_, rest, _ := bytes.Cut(got, []byte("s=-\r\n"))
	want := "c=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 16384 RTP/AVP 8 0 101\r\n" +
		"a=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n" +
		"a=ptime:20\r\na=sendrecv\r\n"
	if diff := cmp.Diff(want, string(rest)); diff != "" {
		t.Error(diff)
	}

	again := p.Offer(media.SendRecv)
	if !bytes.Equal(got, again) {
		t.Error("the same offer has another version")
	}
	hold := strict(t, p.Offer(media.SendOnly))
	if hold.Origin.SessionVersion != d.Origin.SessionVersion+1 || hold.Origin.SessionID != d.Origin.SessionID {
		t.Errorf("hold has version %d after %d", hold.Origin.SessionVersion, d.Origin.SessionVersion)
	}

	six := sdp.New(sdp.Options{Local: netip.MustParseAddrPort("[2001:db8::1]:4000"), Codecs: []audio.Codec{audio.PCMU, "G729"}})
	d = strict(t, six.Offer(media.SendRecv))
	if d.ConnectionInformation.String() != "IN IP6 2001:db8::1" || strings.Join(d.MediaDescriptions[0].MediaName.Formats, " ") != "0 101" {
		t.Errorf("%v %v", d.ConnectionInformation, d.MediaDescriptions[0].MediaName)
	}
}

func TestAccept(t *testing.T) {
	params := func(remote, rtcp string, c audio.Codec, number, events, in uint8, d media.Direction) media.Params {
		return media.Params{
			Remote: addrPort(remote), RTCP: addrPort(rtcp), Codec: c, PayloadType: number, Events: events, EventsIn: in, Direction: d,
		}
	}
	tests := []struct {
		name   string
		offer  media.Direction
		answer []byte
		want   media.Params
		held   bool
		code   string
	}{
		{
			"plain", media.SendRecv, body("c=IN IP4 198.51.100.9", "m=audio 5000 RTP/AVP 0 101", "a=rtpmap:101 telephone-event/8000"),
			params("198.51.100.9:5000", "", audio.PCMU, 0, 101, 101, media.SendRecv), false, "",
		},
		{
			"their first of our codecs", media.SendRecv, body("c=IN IP4 198.51.100.9", "m=audio 5000 RTP/AVP 18 0 8"),
			params("198.51.100.9:5000", "", audio.PCMU, 0, 0, 0, media.SendRecv), false, "",
		},
		{
			"events under a number of their own", media.SendRecv, body("c=IN IP4 198.51.100.9", "m=audio 5000 RTP/AVP 8 96",
				"a=rtpmap:96 telephone-event/8000", "a=fmtp:96 0-16"),
			params("198.51.100.9:5000", "", audio.PCMA, 8, 96, 101, media.SendRecv), false, "",
		},
		{
			"events at another clock are none of ours", media.SendRecv, body("c=IN IP4 198.51.100.9", "m=audio 5000 RTP/AVP 8 97 98",
				"a=rtpmap:97 telephone-event/48000", "a=rtpmap:98 telephone-event/8000/1"),
			params("198.51.100.9:5000", "", audio.PCMA, 8, 98, 101, media.SendRecv), false, "",
		},
		{
			"the stream's own address, and RTCP elsewhere", media.SendRecv, body("c=IN IP4 198.51.100.9", "m=audio 5000/1 RTP/AVP 8",
				"c=IN IP4 203.0.113.5/127", "a=rtcp:6001 IN IP4 203.0.113.6"),
			params("203.0.113.5:5000", "203.0.113.6:6001", audio.PCMA, 8, 0, 0, media.SendRecv), false, "",
		},
		{
			"RTCP on another port", media.SendRecv, body("c=IN IP4 198.51.100.9", "m=audio 5000 RTP/AVP 8", "a=rtcp:6001"),
			params("198.51.100.9:5000", "198.51.100.9:6001", audio.PCMA, 8, 0, 0, media.SendRecv), false, "",
		},
		{
			"they hold", media.SendRecv, body("c=IN IP4 198.51.100.9", "m=audio 5000 RTP/AVP 8", "a=sendonly"),
			params("198.51.100.9:5000", "", audio.PCMA, 8, 0, 0, media.RecvOnly), true, "",
		},
		{
			"they hold all, in the session", media.SendRecv, body("c=IN IP4 198.51.100.9", "a=inactive", "m=audio 5000 RTP/AVP 8"),
			params("198.51.100.9:5000", "", audio.PCMA, 8, 0, 0, media.Inactive), true, "",
		},
		{
			"the stream overrides the session", media.SendRecv, body("c=IN IP4 198.51.100.9", "a=inactive", "m=audio 5000 RTP/AVP 8", "a=sendrecv"),
			params("198.51.100.9:5000", "", audio.PCMA, 8, 0, 0, media.SendRecv), false, "",
		},
		{
			"they hold the old way", media.SendRecv, body("c=IN IP4 0.0.0.0", "m=audio 5000 RTP/AVP 8"),
			params("", "", audio.PCMA, 8, 0, 0, media.RecvOnly), true, "",
		},
		{
			"we hold", media.SendOnly, body("c=IN IP4 198.51.100.9", "m=audio 5000 RTP/AVP 8", "a=recvonly"),
			params("198.51.100.9:5000", "", audio.PCMA, 8, 0, 0, media.SendOnly), false, "",
		},
		{
			"we hold and they did not notice", media.SendOnly, body("c=IN IP4 198.51.100.9", "m=audio 5000 RTP/AVP 8"),
			params("198.51.100.9:5000", "", audio.PCMA, 8, 0, 0, media.SendOnly), false, "",
		},
		{
			"A-law under a number of its own", media.SendRecv, body("c=IN IP4 198.51.100.9", "m=audio 5000 RTP/AVP 97", "a=rtpmap:97 pcma/8000/1"),
			params("198.51.100.9:5000", "", audio.PCMA, 97, 0, 0, media.SendRecv), false, "",
		},
		{
			"static numbers keep their meaning", media.SendRecv, body("c=IN IP4 198.51.100.9", "m=audio 5000 RTP/AVP 0", "a=rtpmap:0 PCMA/8000"),
			params("198.51.100.9:5000", "", audio.PCMU, 0, 0, 0, media.SendRecv), false, "",
		},
		{
			"the second audio is the one that works", media.SendRecv, body("c=IN IP4 198.51.100.9", "m=audio 0 RTP/AVP 8", "m=audio 7000 RTP/AVP 8"),
			params("198.51.100.9:7000", "", audio.PCMA, 8, 0, 0, media.SendRecv), false, "",
		},
		{
			"lines in any order, bare line ends, unknown lines, no time", media.SendRecv,
			[]byte("\nv=0\ns=x\no=me no numbers at all\nq=?\nm=audio 5000 RTP/AVP 8\na=recvonly \nb=AS:64\nc=IN IP4 198.51.100.9 \n\n\x00\x00"),
			params("198.51.100.9:5000", "", audio.PCMA, 8, 0, 0, media.SendOnly), false, "",
		},

		{"nothing", media.SendRecv, nil, media.Params{}, false, "sdp_empty"},
		{"only space", media.SendRecv, []byte("\r\n \x00"), media.Params{}, false, "sdp_empty"},
		{"no SDP", media.SendRecv, []byte("<xml/>"), media.Params{}, false, "sdp_malformed"},
		{"another version", media.SendRecv, []byte("v=1\r\nm=audio 5000 RTP/AVP 8\r\n"), media.Params{}, false, "sdp_malformed"},
		{"a broken stream", media.SendRecv, body("m=audio RTP/AVP"), media.Params{}, false, "sdp_malformed"},
		{"a port that is none", media.SendRecv, body("c=IN IP4 198.51.100.9", "m=audio 65536 RTP/AVP 8"), media.Params{}, false, "sdp_malformed"},
		{"control characters", media.SendRecv, body("m=aud\x01io 5000 RTP/AVP 8"), media.Params{}, false, "sdp_malformed"},
		{"too long", media.SendRecv, body("a=" + strings.Repeat("x", 20000)), media.Params{}, false, "sdp_too_long"},
		{"too many streams", media.SendRecv, body(strings.Repeat("m=video 0 RTP/AVP 31\r\n", 17)), media.Params{}, false, "sdp_too_many"},
		{"too many formats", media.SendRecv, body("m=audio 5000 RTP/AVP" + strings.Repeat(" 8", 65)), media.Params{}, false, "sdp_too_many"},
		{"no audio", media.SendRecv, body("m=image 5000 udptl t38"), media.Params{}, false, "sdp_no_audio"},
		{"audio refused", media.SendRecv, body("m=audio 0 RTP/AVP 8"), media.Params{}, false, "sdp_audio_refused"},
		{"encrypted only", media.SendRecv, body("m=audio 5000 RTP/SAVP 8"), media.Params{}, false, "sdp_srtp_only"},
		{"another protocol", media.SendRecv, body("m=audio 5000 TCP/MRCPv2 1"), media.Params{}, false, "sdp_protocol"},
		{"no codec of ours", media.SendRecv, body("m=audio 5000 RTP/AVP 18 96", "a=rtpmap:96 opus/48000/2"), media.Params{}, false, "sdp_no_codec"},
		{"A-law at a rate that is none", media.SendRecv, body("m=audio 5000 RTP/AVP 96", "a=rtpmap:96 PCMA/16000"), media.Params{}, false, "sdp_no_codec"},
		{"a number that RTP has not", media.SendRecv, body("m=audio 5000 RTP/AVP 200", "a=rtpmap:200 PCMA/8000"), media.Params{}, false, "sdp_no_codec"},
		{"no address", media.SendRecv, body("m=audio 5000 RTP/AVP 8"), media.Params{}, false, "sdp_no_address"},
		{"a name for an address", media.SendRecv, body("c=IN IP4 media.example.com", "m=audio 5000 RTP/AVP 8"), media.Params{}, false, "sdp_address"},
		{"multicast", media.SendRecv, body("c=IN IP4 224.2.1.1/127", "m=audio 5000 RTP/AVP 8"), media.Params{}, false, "sdp_address"},
		{"IPv6 for us who have none", media.SendRecv, body("c=IN IP6 2001:db8::9", "m=audio 5000 RTP/AVP 8"), media.Params{}, false, "sdp_address_family"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := sdp.New(sdp.Options{Local: local})
			p.Offer(tt.offer)
			got, err := p.Accept(tt.answer)
			if tt.code != "" {
				if fault.CodeOf(err) != tt.code || fault.KindOf(err) != fault.Invalid {
					t.Errorf("%v, want %s", err, tt.code)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.Params != tt.want || got.Held != tt.held {
				t.Errorf("got  %+v held %v\nwant %+v held %v", got.Params, got.Held, tt.want, tt.held)
			}
		})
	}
}

func TestAnswer(t *testing.T) {
	p := sdp.New(sdp.Options{Local: local, Codecs: []audio.Codec{audio.PCMU, audio.PCMA}})
	offer := body("c=IN IP4 198.51.100.9", "m=video 6000 RTP/AVP 31", "m=audio 5000 RTP/AVP 18 8 0 96", "a=rtpmap:96 telephone-event/8000",
		"m=audio 5010 RTP/AVP 8", "m=image 5020 udptl t38")
	answer, a, err := p.Answer(offer, media.SendRecv)
	if err != nil {
		t.Fatal(err)
	}
	if a.Codec != audio.PCMA || a.PayloadType != 8 || a.Events != 96 || a.Direction != media.SendRecv || a.Held || a.Unchanged ||
		a.Remote != netip.MustParseAddrPort("198.51.100.9:5000") {
		t.Errorf("%+v", a)
	}
	_, got, _ := strings.Cut(string(answer), "t=0 0\r\n")
	want := "m=video 0 RTP/AVP 31\r\nm=audio 16384 RTP/AVP 8 96\r\na=rtpmap:8 PCMA/8000\r\n" +
		"a=rtpmap:96 telephone-event/8000\r\na=fmtp:96 0-15\r\na=ptime:20\r\na=sendrecv\r\nm=audio 0 RTP/AVP 8\r\nm=image 0 udptl t38\r\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	// The session is refreshed: same words, same answer.
	again, a, err := p.Answer(offer, media.SendRecv)
	if err != nil || !a.Unchanged || !bytes.Equal(again, answer) {
		t.Errorf("a refresh: %v, unchanged %v\n%s", err, a.Unchanged, again)
	}
	if _, a, err = p.Answer(offer, media.RecvOnly); err != nil || a.Unchanged {
		t.Errorf("the same offer, and we want something else: %v, unchanged %v", err, a.Unchanged)
	}
	if answer, a, err = p.Answer(offer, media.SendRecv); err != nil || a.Unchanged {
		t.Errorf("and back: %v, unchanged %v", err, a.Unchanged)
	}
	// Our own offer keeps the places of all streams and the numbers that were agreed.
	own := string(p.Offer(media.SendOnly))
	_, got, _ = strings.Cut(own, "t=0 0\r\n")
	want = "m=video 0 RTP/AVP 31\r\nm=audio 16384 RTP/AVP 0 8 96\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n" +
		"a=rtpmap:96 telephone-event/8000\r\na=fmtp:96 0-15\r\na=ptime:20\r\na=sendonly\r\nm=audio 0 RTP/AVP 8\r\nm=image 0 udptl t38\r\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if v := version(t, own); v != version(t, string(answer))+1 {
		t.Errorf("version %d after %d", v, version(t, string(answer)))
	}
	// A new offer that prefers another law does not change the law in the middle of the call …
	turned := body("c=IN IP4 198.51.100.9", "m=audio 5000 RTP/AVP 0 8", "a=sendonly")
	answer, a, err = p.Answer(turned, media.SendRecv)
	if err != nil || a.Codec != audio.PCMA || a.Direction != media.RecvOnly || !a.Held {
		t.Errorf("%v %+v", err, a)
	}
	d := strict(t, answer)
	if len(d.MediaDescriptions) != 1 || strings.Join(d.MediaDescriptions[0].MediaName.Formats, " ") != "8" {
		t.Errorf("%s", answer)
	}
	if _, ok := d.MediaDescriptions[0].Attribute("recvonly"); !ok {
		t.Errorf("%s", answer)
	}
	// … and one that no longer has it does.
	_, a, err = p.Answer(body("c=IN IP4 198.51.100.9", "m=audio 5000 RTP/AVP 0"), media.SendRecv)
	if err != nil || a.Codec != audio.PCMU || a.PayloadType != 0 {
		t.Errorf("%v %+v", err, a)
	}
	// An offer that cannot be taken changes nothing.
	before := p.Offer(media.SendRecv)
	if _, _, err = p.Answer(body("m=audio 5000 RTP/AVP 18"), media.SendRecv); fault.CodeOf(err) != "sdp_no_codec" {
		t.Errorf("%v", err)
	}
	if !bytes.Equal(before, p.Offer(media.SendRecv)) {
		t.Error("a refused offer left traces")
	}
}

func TestAnswerBoundsTheDirection(t *testing.T) {
	for _, theirs := range []media.Direction{media.SendRecv, media.SendOnly, media.RecvOnly, media.Inactive} {
		for _, want := range []media.Direction{media.SendRecv, media.SendOnly, media.RecvOnly, media.Inactive} {
			p := sdp.New(sdp.Options{Local: local})
			answer, a, err := p.Answer(body("c=IN IP4 198.51.100.9", "m=audio 5000 RTP/AVP 8", "a="+string(theirs)), want)
			if err != nil {
				t.Fatal(err)
			}
			sends, receives := want.Sends() && theirs.Receives(), want.Receives() && theirs.Sends()
			if a.Direction.Sends() != sends || a.Direction.Receives() != receives {
				t.Errorf("they %s, we want %s: %s", theirs, want, a.Direction)
			}
			if !strings.Contains(string(answer), "a="+string(a.Direction)+"\r\n") {
				t.Errorf("we agree on %s and say\n%s", a.Direction, answer)
			}
		}
	}
}

// Two of our own parties agree with each other, through holds and back, whoever offers.
func TestTwoParties(t *testing.T) {
	a := sdp.New(sdp.Options{Local: local})
	b := sdp.New(sdp.Options{Local: netip.MustParseAddrPort("192.0.2.2:20000"), Codecs: []audio.Codec{audio.PCMU}})
	for i, d := range []media.Direction{media.SendRecv, media.SendOnly, media.Inactive, media.SendRecv} {
		x, y := a, b
		if i%2 == 1 {
			x, y = b, a
		}
		answer, theirs, err := y.Answer(x.Offer(d), media.SendRecv)
		if err != nil {
			t.Fatal(err)
		}
		strict(t, answer)
		ours, err := x.Accept(answer)
		if err != nil {
			t.Fatal(err)
		}
		if ours.Direction != d || theirs.Direction.Sends() != ours.Direction.Receives() || theirs.Direction.Receives() != ours.Direction.Sends() {
			t.Errorf("offered %s: %s and %s", d, ours.Direction, theirs.Direction)
		}
		if ours.Codec != audio.PCMU || theirs.Codec != audio.PCMU || ours.Events != 101 || theirs.Events != 101 {
			t.Errorf("%+v\n%+v", ours, theirs)
		}
	}
}

func version(t *testing.T, body string) (v uint64) {
	t.Helper()
	var id uint64
	_, rest, _ := strings.Cut(body, "o=- ")
	if _, err := fmt.Sscan(rest, &id, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func FuzzParty(f *testing.F) {
	f.Add(body("c=IN IP4 198.51.100.9", "m=audio 5000 RTP/AVP 0 101", "a=rtpmap:101 telephone-event/8000", "a=sendonly"), []byte{})
	f.Add(body("c=IN IP4 0.0.0.0", "m=video 1 RTP/AVPF 31", "m=audio 5000/2 RTP/AVP 8 101", "a=rtpmap:101 PCMA/8000"),
		body("c=IN IP4 198.51.100.9", "m=audio 5000 RTP/AVP 101", "a=rtpmap:101 PCMA/8000", "a=rtcp:1 IN IP4 1.2.3.4"))
	f.Add([]byte("v=0\nm=audio 1 RTP/AVP 8\nc=IN IP4 ::ffff:1.2.3.4"), []byte("v=0\no=\nm= = = =\nc=\na=rtpmap:\na="))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		p := sdp.New(sdp.Options{Local: local})
		check := func(a sdp.Agreement, err error) {
			t.Helper()
			if err != nil {
				if len(fault.All(err)) == 0 {
					t.Fatalf("an error that says nothing: %v", err)
				}
				return
			}
			if !a.Codec.Valid() || a.Events == a.PayloadType && a.Events != 0 || a.EventsIn == a.PayloadType && a.EventsIn != 0 ||
				a.Remote.IsValid() && (!a.Remote.Addr().Is4() || a.Remote.Port() == 0) || a.Direction.Sends() && !a.Remote.IsValid() {
				t.Fatalf("%+v", a)
			}
		}
		p.Offer(media.SendRecv)
		for _, b := range [][]byte{first, second, first} {
			answer, a, err := p.Answer(b, media.SendRecv)
			check(a, err)
			if err == nil && bytes.Count(answer, []byte("\r\nm=")) != len(answerStreams(b)) {
				t.Fatalf("%d streams answered of\n%s\n%s", bytes.Count(answer, []byte("\r\nm=")), b, answer)
			}
			a, err = p.Accept(b)
			check(a, err)
			// What we say ourselves must be understood by ourselves.
			own := p.Offer(media.SendRecv)
			if _, _, err := sdp.New(sdp.Options{Local: local}).Answer(own, media.SendRecv); err != nil {
				t.Fatalf("our own offer: %v\n%s", err, own)
			}
		}
	})
}

// answerStreams lists the streams of a description, in the simplest way.
func answerStreams(b []byte) (out []string) {
	for line := range strings.SplitSeq(string(b), "\n") {
		if line = strings.Trim(line, "\r \t"); strings.HasPrefix(line, "m=") {
			out = append(out, line)
		}
	}
	return out
}
