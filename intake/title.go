package intake

import (
	"bytes"
	"strings"

	"campanario/agent"
)

// Reports are exported with lines above their table: a title, when it was made, a blank line. They are passed over when what
// follows is plainly a header.

// mostTitles is how many lines may stand above a header.
const mostTitles = 10

// titles is how many of the first rows stand above a table's header; 0 when the first row is one, or none is plainly.
func titles(rows [][]string) int {
	for i := 0; i < len(rows) && i <= mostTitles; i++ {
		filled, names, reached := weigh(rows[i])
		if filled >= 2 && names >= 2 {
			for _, above := range rows[:i] {
				if n, _, _ := weigh(above); n > max(1, filled/3) {
					return 0
				}
			}
			return i
		}
		if names > 0 && filled > 1 || reached {
			return 0
		}
	}
	return 0
}

// weigh says how many cells of a row are filled, how many of them name a column that we know, and whether one looks like an
// address.
func weigh(row []string) (filled, names int, reached bool) {
	for _, cell := range row {
		if cell == "" {
			continue
		}
		filled++
		if _, _, known := knownOfContact(agent.Key(cell)); known {
			names++
		}
		reached = reached || addressLike(cell, anyKind)
	}
	return filled, names, reached
}

// titleLines is titles for a text of which it is not known yet by what it is cut: how many bytes and lines to pass over.
func titleLines(head []byte, lineEnd byte) (length, lines int) {
	for _, d := range ";\t|," {
		var rows [][]string
		var ends []int
		rest := head
		for len(rows) <= mostTitles && len(rest) > 0 {
			line, after, _ := bytes.Cut(rest, []byte{lineEnd})
			row := strings.Split(utf8Text(string(line)), string(d))
			for i := range row {
				row[i] = strings.Trim(strings.TrimSpace(row[i]), `"`)
			}
			rows, rest = append(rows, row), after
			ends = append(ends, len(head)-len(rest))
		}
		if n := titles(rows); n > 0 {
			return ends[n-1], n
		}
	}
	return 0, 0
}
