package client

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"campanario/cmd/campanario/internal/terminal"
)

// cleanLines is terminal.Clean for a text of several lines.
func cleanLines(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = terminal.Clean(l)
	}
	return strings.Join(lines, "\n")
}

// fit cuts a text to a width in runes, with a sign that something is missing.
func fit(s string, width int) string {
	if width <= 0 || utf8.RuneCountInString(s) <= width {
		return s
	}
	return string([]rune(s)[:width-1]) + "…"
}

// pad fills a text up to a width in runes.
func pad(s string, width int, right bool) string {
	gap := strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
	if right {
		return gap + s
	}
	return s + gap
}

// oneLine is a JSON document on a line of its own.
func oneLine(doc json.RawMessage) string {
	var b bytes.Buffer
	if json.Compact(&b, doc) != nil {
		return string(doc) + "\n"
	}
	return b.String() + "\n"
}
