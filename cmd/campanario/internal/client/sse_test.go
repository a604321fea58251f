package client

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// all reads a stream to its end.
func all(r io.Reader) ([]event, *events, error) {
	e := newEvents(r)
	var out []event
	for {
		one, err := e.next()
		if err != nil {
			return out, e, err
		}
		out = append(out, one)
	}
}

func TestEvents(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []event
	}{
		"one":                     {"event: a\nid: 7\ndata: x\n\n", []event{{"7", "a", "x"}}},
		"without a name":          {"data: x\n\n", []event{{"", "message", "x"}}},
		"CRLF":                    {"event: a\r\ndata: x\r\n\r\ndata: y\r\n\r\n", []event{{"", "a", "x"}, {"", "message", "y"}}},
		"CR":                      {"event: a\rdata: x\r\rdata: y\r\r", []event{{"", "a", "x"}, {"", "message", "y"}}},
		"several lines of data":   {"data: x\ndata\ndata:y\n\n", []event{{"", "message", "x\n\ny"}}},
		"one space is taken off":  {"data:  x\n\n", []event{{"", "message", " x"}}},
		"comments say nothing":    {":\n\n: hello\ndata: x\n: again\n\n", []event{{"", "message", "x"}}},
		"no data, no event":       {"event: a\nid: 3\n\ndata: x\n\n", []event{{"3", "message", "x"}}},
		"the id stays":            {"id: 3\ndata: x\n\ndata: y\n\nid\ndata: z\n\n", []event{{"3", "message", "x"}, {"3", "message", "y"}, {"", "message", "z"}}},
		"an id with a zero byte":  {"id: 3\nid: a\x00b\ndata: x\n\n", []event{{"3", "message", "x"}}},
		"half an event":           {"data: x\n\nevent: b\ndata: y\n", []event{{"", "message", "x"}}},
		"half a line":             {"data: x\n\ndata: y", []event{{"", "message", "x"}}},
		"a byte order mark":       {"\ufeffdata: x\n\n", []event{{"", "message", "x"}}},
		"garbage":                 {"\x00\xff{]\nnothing: here\ndata: x\n\n", []event{{"", "message", "x"}}},
		"nothing":                 {"", nil},
		"nothing but empty lines": {"\n\r\n\r\r", nil},
	} {
		for how, r := range map[string]io.Reader{
			"at once": strings.NewReader(c.text), "byte by byte": iotest.OneByteReader(strings.NewReader(c.text)),
		} {
			got, _, err := all(r)
			if !slices.Equal(got, c.want) || !errors.Is(err, io.EOF) {
				t.Errorf("%s, %s: %q %v, want %q", name, how, got, err, c.want)
			}
		}
	}
}

func TestEventsRetry(t *testing.T) {
	_, e, _ := all(strings.NewReader("retry: 2500\n\nretry: soon\n\nretry: -1\n\nretry: 99999999999999\n\n"))
	if e.retry != 2500*time.Millisecond {
		t.Errorf("retry is %s", e.retry)
	}
}

// endless never ends a line, or an event.
type endless struct{ line string }

func (e endless) Read(b []byte) (int, error) {
	n := 0
	for n+len(e.line) <= len(b) {
		n += copy(b[n:], e.line)
	}
	return n, nil
}

func TestEventsAreBounded(t *testing.T) {
	for _, line := range []string{"x", "data: x\n", "data: x\r", "id: 1\n"} {
		if _, _, err := all(endless{line}); !errors.Is(err, errEventTooLong) {
			t.Errorf("%q for ever: %v", line, err)
		}
	}
	signs := strings.Repeat(":\n\n", maxEvent) + "data: x\n\n" // of life, for weeks
	if got, _, err := all(strings.NewReader(signs)); len(got) != 1 || !errors.Is(err, io.EOF) {
		t.Errorf("after many signs of life: %q %v", got, err)
	}
	if _, _, err := all(iotest.ErrReader(io.ErrUnexpectedEOF)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a stream that broke off: %v", err)
	}
}

// FuzzEvents: whatever comes, in whatever pieces, is read alike, within bounds, and an event's parts hold no line end.
func FuzzEvents(f *testing.F) {
	f.Add("event: a\r\nid: 7\ndata: x\r\rdata: y\n\n")
	f.Add("\ufeff:\nretry: 5\n\ndata\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		once, a, err := all(strings.NewReader(text))
		if !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		pieces, b, _ := all(iotest.OneByteReader(strings.NewReader(text)))
		if !slices.Equal(once, pieces) || a.retry != b.retry {
			t.Errorf("%q at once, %q in pieces", once, pieces)
		}
		for _, e := range once {
			if strings.ContainsAny(e.name+e.id+e.data, "\r") || strings.Contains(e.name+e.id, "\n") || e.name == "" {
				t.Errorf("%q", e)
			}
		}
		lines := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
		if plain, _, _ := all(strings.NewReader(lines)); !slices.Equal(once, plain) {
			t.Errorf("%q, with plain line ends %q", once, plain)
		}
	})
}
