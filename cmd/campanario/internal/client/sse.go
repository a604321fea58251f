package client

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
)

// event is one server-sent event.
type event struct {
	id   string // the last one that was said
	name string // "message" when the server says none
	data string
}

// maxEvent bounds the lines of an event together, in bytes.
const maxEvent = 4 << 20

var errEventTooLong = errors.New("client: an event is too long")

// events reads a stream of server-sent events as the HTML standard has it: lines end with LF, CR or CRLF, an event ends
// with an empty line, and what is left at the end without one is no event.
type events struct {
	lines *bufio.Scanner
	first bool
	id    string
	retry time.Duration // what the server asked for; 0 when nothing
}

func newEvents(r io.Reader) *events {
	e := &events{lines: bufio.NewScanner(r), first: true}
	e.lines.Buffer(make([]byte, 4096), maxEvent)
	cr := false // the line before ended with a CR, whose LF may still come
	e.lines.Split(func(data []byte, atEOF bool) (int, []byte, error) {
		skip := 0
		if cr && len(data) > 0 {
			cr = false
			if data[0] == '\n' {
				skip = 1
			}
		}
		at := bytes.IndexAny(data[skip:], "\r\n")
		if at < 0 {
			if atEOF { // a line that was not ended says nothing
				return len(data), nil, nil
			}
			return skip, nil, nil
		}
		cr = data[skip+at] == '\r'
		return skip + at + 1, data[skip : skip+at], nil
	})
	return e
}

// next gives the next event, or io.EOF at the end, or why the stream broke off.
func (e *events) next() (event, error) {
	var now event
	var data []string
	size := 0
	for e.lines.Scan() {
		line := e.lines.Text()
		if e.first {
			line, e.first = strings.TrimPrefix(line, "\ufeff"), false
		}
		if line == "" {
			if data != nil {
				now.id, now.data = e.id, strings.Join(data, "\n")
				if now.name == "" {
					now.name = "message"
				}
				return now, nil
			}
			now, size = event{}, 0
			continue
		}
		if size += len(line); size > maxEvent {
			return event{}, errEventTooLong
		}
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "event":
			now.name = value
		case "data":
			data = append(data, value)
		case "id":
			if !strings.Contains(value, "\x00") {
				e.id = value
			}
		case "retry":
			if ms, err := strconv.ParseUint(value, 10, 31); err == nil {
				e.retry = time.Duration(ms) * time.Millisecond
			}
		}
	}
	switch err := e.lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return event{}, errEventTooLong
	case err != nil:
		return event{}, err
	}
	return event{}, io.EOF
}
