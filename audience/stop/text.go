package stop

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"campanario/internal/fold"
)

// longest bounds what is read of a text, in bytes.
const longest = 4096

// split cuts a text into clauses of folded words.
func split(text string) [][]string {
	if len(text) > longest {
		text = text[:longest]
		for len(text) > 0 && !utf8.ValidString(text[max(0, len(text)-utf8.UTFMax):]) && utf8.RuneStart(text[len(text)-1]) {
			text = text[:len(text)-1]
		}
	}
	text = strings.ToValidUTF8(text, " ")
	var out [][]string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), ">") {
			continue
		}
		for _, c := range strings.FieldsFunc(line, ends) {
			for _, words := range turns(wordsOf(c)) {
				if len(words) > 0 {
					out = append(out, words)
				}
			}
		}
	}
	return out
}

// ends reports whether a sign ends a clause.
func ends(r rune) bool {
	return strings.ContainsRune(".,;:!?¡¿()[]{}…|\n\r\"“”«»", r) || r == '—' || r == '–'
}

// wordsOf gives the words of a clause, folded, with abbreviations written out.
func wordsOf(clause string) []string {
	clause = strings.NewReplacer("'", "", "’", "", "´", "", "`", "").Replace(clause)
	var out []string
	for _, w := range strings.FieldsFunc(fold.Key(clause), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		w = squeeze(w)
		if long, ok := written()[w]; ok {
			w = long
		}
		if n := len(out); n > 0 && w == "not" && (out[n-1] == "do" || out[n-1] == "does") {
			out[n-1] = "dont"
			continue
		}
		out = append(out, w)
	}
	return out
}

// squeeze makes one letter of three and more: pareeeem, stoooop.
func squeeze(w string) string {
	runes := []rune(w)
	var b strings.Builder
	for i := 0; i < len(runes); {
		j := i
		for j < len(runes) && runes[j] == runes[i] {
			j++
		}
		n := j - i
		if n > 2 && unicode.IsLetter(runes[i]) {
			n = 1
		}
		for range n {
			b.WriteRune(runes[i])
		}
		i = j
	}
	return b.String()
}

// turns cuts a clause where a but turns it: what comes before has nothing to do with what comes after.
func turns(words []string) [][]string {
	var out [][]string
	from := 0
	for i, w := range words {
		if w == "mas" && turning(words, i) || w == "pero" || w == "but" || w == "porem" || w == "entao" || w == "entonces" {
			out = append(out, words[from:i])
			from = i + 1
		}
	}
	return append(out, words[from:])
}

// turning tells the Portuguese but (mas) from the Spanish more (más), which is written so without its accent: more comes
// last, before a noun or before what is received.
func turning(words []string, i int) bool {
	if i == 0 || i+1 == len(words) || denials()[words[i-1]] {
		return false
	}
	next := words[i+1]
	return next == "nao" || next == "quero" || next == "obrigado" || next == "obrigada" || next == "eu" || next == "pode" || next == "podem" || next == "me"
}
