package intake

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"campanario/audience"
	"campanario/channel"
	"campanario/internal/fault"
)

// list reads addresses that are one per line, or several on a line with commas, semicolons, tabs or bars between them.
// A line without end passes through the same small window.
type list struct {
	in      *bufio.Reader
	options Options
	lineEnd byte
	line    int
	carry   []byte // the beginning of an address that is cut off at the end of the window
	pending []entry
	long    bool // inside an address that is too long
}

type entry struct {
	line, number int // which on its line; 0 when it is the only one
	text         string
}

const separators = ",;\t|"

func newList(all io.Reader, s *sample, o Options) *list {
	return &list{in: bufio.NewReaderSize(all, 64<<10), options: o, lineEnd: s.lineEnd, line: 1}
}

func (l *list) read() (Row, *Rejected, error) {
	for len(l.pending) == 0 {
		rej, err := l.fill()
		if rej != nil || err != nil {
			return Row{}, rej, err
		}
	}
	e := l.pending[0]
	l.pending = l.pending[1:]
	column := ""
	if e.number > 0 {
		column = strconv.Itoa(e.number)
	}
	name, text := "", e.text
	if l.options.Kind == channel.Email {
		name = displayName(text)
	}
	found, bad := addressesIn(text, "", l.options)
	if len(found) == 0 {
		return Row{}, &Rejected{Line: e.line, Column: column, Error: bad}, nil
	}
	row := Row{Line: e.line, Name: name, Addresses: found, Priority: audience.PriorityNormal}
	if bad != nil {
		row.Warnings = []Rejected{{Line: e.line, Column: column, Error: bad}}
	}
	return row, nil, nil
}

// fill reads the next line, or as much of it as the window holds.
func (l *list) fill() (*Rejected, error) {
	chunk, err := l.in.ReadSlice(l.lineEnd)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, err
	}
	if len(chunk) == 0 && len(l.carry) == 0 && err != nil {
		return nil, err
	}
	full := errors.Is(err, bufio.ErrBufferFull)
	ended := !full && err == nil
	line := l.line
	if ended {
		l.line++
	}
	if l.long { // its end is here, or not
		i := bytes.IndexAny(chunk, separators)
		if i < 0 {
			l.long = full
			return nil, nil
		}
		chunk, l.long = chunk[i+1:], false
	}
	text := append(l.carry, chunk...)
	l.carry = nil
	if full {
		last := bytes.LastIndexAny(text, separators)
		if last < 0 {
			l.long = true
			return &Rejected{Line: line, Error: invalid("field_too_long", fault.Params{"max": len(chunk), "got": len(text)})}, nil
		}
		l.carry = append(l.carry, text[last+1:]...)
		text = text[:last]
	}
	l.take(line, utf8Text(string(text)), full)
	return nil, nil
}

// take puts what a line holds among the pending.
func (l *list) take(line int, text string, part bool) {
	text = clean(text)
	if text == "" {
		return
	}
	if !part && l.single(text) {
		l.pending = append(l.pending[:0], entry{line: line, text: text})
		return
	}
	l.pending = l.pending[:0]
	for i, word := range splitOutsideQuotes(text) {
		if word = clean(word); word != "" {
			l.pending = append(l.pending, entry{line: line, number: i + 1, text: word})
		}
	}
	if len(l.pending) == 1 && !part {
		l.pending[0].number = 0
	}
}

// single reports whether a line is one address although there is a separator in it: 5,51199E+12, or a number with
// decimals.
func (l *list) single(text string) bool {
	if !strings.ContainsAny(text, separators) {
		return true
	}
	if len(text) > 64 {
		return false
	}
	_, bad := address(text, l.options)
	return bad == nil || bad.Code == "phone_scientific"
}

// splitOutsideQuotes splits at separators, but not inside the quotes of a display name.
func splitOutsideQuotes(s string) []string {
	quoted := false
	return strings.FieldsFunc(s, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return !quoted && r < utf8.RuneSelf && strings.IndexByte(separators, byte(r)) >= 0
	})
}

// displayName is the name in "Ana Souza <ana@example.com>".
func displayName(s string) string {
	name, _, ok := strings.Cut(s, "<")
	if !ok {
		return ""
	}
	name = oneLine(strings.Trim(strings.TrimSpace(name), `"'`))
	if len(name) > longestName || formula(name) {
		return ""
	}
	return name
}
