package message

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
)

// ErrFraming means that no boundary between messages can be found any more in a stream: the connection is of no use.
var ErrFraming = errors.New("message: no boundary in the stream")

var (
	crlf     = []byte("\r\n")
	crlfcrlf = []byte("\r\n\r\n")
)

// Frame cuts the first whole message from what a stream has delivered so far (RFC 3261 sections 7.5 and 18.3). msg is
// nil while more must be read; skip is how many bytes are done with, which includes the empty lines that peers send to
// keep a connection open; pings counts the double ones, each of which wants a CRLF back (RFC 5626 section 3.5.1).
func Frame(buf []byte) (msg []byte, skip, pings int, err error) {
	for bytes.HasPrefix(buf[skip:], crlf) {
		if bytes.HasPrefix(buf[skip:], crlfcrlf) {
			pings++
			skip += 2
		}
		skip += 2
	}
	rest := buf[skip:]
	if !begins(rest) {
		return nil, skip, pings, ErrFraming
	}
	head := bytes.Index(rest, crlfcrlf)
	if head < 0 {
		if len(rest) > MaxSize {
			return nil, skip, pings, ErrFraming
		}
		return nil, skip, pings, nil
	}
	length, ok := contentLength(string(rest[:head]))
	if !ok || head+4+length > MaxSize {
		return nil, skip, pings, ErrFraming
	}
	end := head + 4 + length
	if len(rest) < end {
		return nil, skip, pings, nil
	}
	return rest[:end], skip + end, pings, nil
}

// begins reports whether buf can be the beginning of a message: some other protocol spoken to us by mistake is known by
// its first bytes.
func begins(buf []byte) bool {
	for i, c := range buf {
		switch {
		case c == ' ':
			return i > 1
		case c == '\r' && i == 0:
			return true // an empty line, half arrived
		case i > maxMethod, c < '!', c > '~':
			return false
		}
	}
	return true
}

// contentLength finds the length of the body, which every message on a stream must say.
func contentLength(head string) (int, bool) {
	for line := range strings.SplitSeq(head, "\r\n") {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		name = strings.TrimSpace(name)
		if !strings.EqualFold(name, "Content-Length") && !strings.EqualFold(name, "l") {
			continue
		}
		n, err := strconv.Atoi(strings.TrimSpace(value))
		return n, err == nil && n >= 0 && n <= MaxSize
	}
	return 0, false
}
