package message

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
)

// seeds are the RFC 4475 messages of the package above.
func seeds(f *testing.F) {
	f.Helper()
	files, err := filepath.Glob("../testdata/torture/*.dat")
	if err != nil || len(files) == 0 {
		f.Fatal("no torture messages")
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
}

// FuzzParse reads any text as a message, and writes answers, an ACK and a CANCEL from what it read.
func FuzzParse(f *testing.F) {
	seeds(f)
	f.Add([]byte("OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a;rport;branch=z9hG4bK1\r\nFrom: <sip:a>;tag=\"x\nX: y\"\r\nTo: a\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n"))
	p := NewParser()
	from := netip.MustParseAddrPort("192.0.2.1:5060")
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := p.Parse(data)
		if err != nil {
			var bad *Malformed
			if b, ok := err.(*Malformed); ok { //nolint:errorlint // Parse wraps nothing
				bad = b
			}
			if bad != nil && bad.Reply() != nil {
				oneMessage(t, bad.Reply())
			}
			return
		}
		req, ok := m.(*sip.Request)
		if !ok {
			return
		}
		status, reason := Check(req)
		if req.Via() == nil {
			return
		}
		if status == 0 {
			status = 200
		}
		reply := Reply{Status: status, Reason: reason, Tag: "t", Routes: true, Body: []byte("x"), Type: "a/b"}
		oneMessage(t, reply.Append(nil, req, from))
	})
}

// oneMessage fails unless a text of ours has a single head with whole lines.
func oneMessage(t *testing.T, text []byte) {
	t.Helper()
	head, _, ok := bytes.Cut(text, []byte("\r\n\r\n"))
	if !ok {
		t.Fatalf("no end of the head in %q", text)
	}
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		if bytes.ContainsAny(line, "\r\n") {
			t.Fatalf("half a line end in %q", line)
		}
	}
}

func FuzzFrame(f *testing.F) {
	f.Add([]byte("\r\n\r\nOPTIONS sip:a SIP/2.0\r\nl: 2\r\n\r\nabNOTIFY"), 5)
	f.Add([]byte("A b\r\nContent-Length: -1\r\n\r\n"), 1)
	f.Fuzz(func(t *testing.T, data []byte, step int) {
		// In one piece and in many, a stream is cut in the same places.
		whole, wholeErr := cut(data, len(data))
		pieces, piecesErr := cut(data, 1+abs(step)%64)
		if wholeErr != piecesErr || strings.Join(whole, "|") != strings.Join(pieces, "|") {
			t.Errorf("in one piece %q (%v), in pieces %q (%v)", whole, wholeErr, pieces, piecesErr)
		}
	})
}

func abs(n int) int {
	if n < 0 {
		return -(n + 1)
	}
	return n
}

// cut frames data as it would arrive in pieces of a size.
func cut(data []byte, size int) (out []string, failed bool) {
	var buf []byte
	for len(data) > 0 {
		n := min(size, len(data))
		buf = append(buf, data[:n]...)
		data = data[n:]
		for {
			msg, skip, _, err := Frame(buf)
			if err != nil {
				return out, true
			}
			buf = buf[skip:]
			if msg == nil {
				break
			}
			out = append(out, string(msg))
		}
	}
	return out, false
}

func FuzzAddress(f *testing.F) {
	for _, s := range []string{
		`"A \" <b" <sip:x@y;lr>;tag=1;q="a;b"`, "sip:a@b;tag=1", "<sip:a", `"`, "a <sip:b>x", "<>;tag", `"a" ;tag=2`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		uri, params, ok := Address(s)
		if !ok {
			return
		}
		if uri == "" || params != "" && params[0] != ';' {
			t.Errorf("%q: %q %q", s, uri, params)
		}
		Tag(s)
		for _, v := range Split(s) {
			if v == "" || strings.TrimSpace(v) != v {
				t.Errorf("%q: member %q", s, v)
			}
		}
	})
}
