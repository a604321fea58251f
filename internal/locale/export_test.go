package locale

import (
	"maps"
	"slices"
)

// Missing stands where a value should be.
const Missing = missing

// Keys lists all texts of a language.
func Keys(l Language) []string { return slices.Sorted(maps.Keys(catalogue()[l])) }

// Values lists the values that a text needs, and those that it says when they are there.
func Values(l Language, key string) (needed, optional []string) { return catalogue()[l][key].names() }

// Kinds lists by what kinds of texts the values of a text are translated.
func Kinds(l Language, key string) []string {
	var out []string
	for _, p := range catalogue()[l][key] {
		for _, q := range append(message{p}, p.optional...) {
			if q.kind != "" && formats[q.kind] == nil {
				out = append(out, q.kind)
			}
		}
	}
	return out
}

// Render says a text that stands nowhere.
func Render(l Language, text string, values map[string]any) (string, error) {
	m, err := parse(text)
	return m.render(l, values), err
}

// File is the file of a language.
func File(l Language) ([]byte, error) { return files.ReadFile("texts/" + string(l) + ".json") }
