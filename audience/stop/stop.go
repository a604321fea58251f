package stop

import "slices"

// Class says what a verdict rests on.
type Class string

// The classes.
const (
	Word     Class = "word"     // a stop word and nothing else
	Sentence Class = "sentence" // what a sentence means
)

// Verdict says whether somebody wants to be contacted no more.
type Verdict struct {
	Stop     bool
	Class    Class  // empty unless Stop
	Language string // pt, es or en; empty unless Stop, and for words of several languages
}

// Recognise reads what somebody wrote or said. Lines that quote another message (>) are passed over, and what comes after
// the first 4096 bytes.
func Recognise(text string) Verdict {
	clauses := split(text)
	if language, is := onlyWords(clauses); is {
		return Verdict{true, Word, language}
	}
	for _, c := range clauses {
		for _, r := range compiled() {
			if r.fits(c) {
				return Verdict{true, Sentence, r.language}
			}
		}
	}
	return Verdict{}
}

// onlyWords reports whether the words are one stop word, perhaps repeated, among words of politeness, and its language.
func onlyWords(clauses [][]string) (language string, is bool) {
	found := ""
	for _, c := range clauses {
		for i := 0; i < len(c); i++ {
			w := c[i]
			if i+1 < len(c) && w == "opt" && (c[i+1] == "out" || c[i+1] == "me") {
				w = "optout"
				i++
			}
			l, stop := words()[w]
			switch {
			case stop && (found == "" || found == w):
				found, language, is = w, l, true
			case stop && language != "" && (l == language || l == ""): // another word for the same
			case stop && language == "":
				language = l
			case !polite()[w]:
				return "", false
			}
		}
	}
	return language, is
}

// fits reports whether a rule's pattern stands somewhere in a clause.
func (r *rule) fits(clause []string) bool {
	for i := range clause {
		if end, ok := r.match(clause, 0, i); ok && !r.spoiled(clause, i, end) {
			return true
		}
	}
	return false
}

// match compares the pattern from its n-th part with the clause from i, and says where the match ends.
func (r *rule) match(clause []string, n, i int) (int, bool) {
	if n == len(r.parts) {
		return i, true
	}
	p := r.parts[n]
	switch {
	case p.begin:
		if i != 0 {
			return 0, false
		}
		return r.match(clause, n+1, i)
	case p.end:
		for j := i; j < len(clause); j++ {
			if !polite()[clause[j]] {
				return 0, false
			}
		}
		return r.match(clause, n+1, i)
	case p.gap > 0:
		for skip := 0; skip <= p.gap && i+skip <= len(clause); skip++ {
			if skip > 0 && (reversing()[clause[i+skip-1]] || denials()[clause[i+skip-1]]) {
				return 0, false
			}
			if end, ok := r.match(clause, n+1, i+skip); ok {
				return end, true
			}
		}
		return 0, false
	}
	if i < len(clause) && p.is(clause[i]) {
		if end, ok := r.match(clause, n+1, i+1); ok {
			return end, true
		}
	}
	if p.optional {
		return r.match(clause, n+1, i)
	}
	return 0, false
}

// spoiled reports whether what stands around a match takes its meaning away.
func (r *rule) spoiled(clause []string, from, to int) bool {
	if !r.denies && denied(clause, from) {
		return true
	}
	if r.elsewhere && slices.ContainsFunc(clause, func(w string) bool { return others()[w] }) {
		return true
	}
	if !r.denies {
		return false
	}
	// "se não me ligarem", "por que você não me liga": told or asked, not demanded.
	if !r.own && (from > 0 && telling()[clause[from-1]] || slices.ContainsFunc(clause[:from], func(w string) bool { return conditions()[w] })) {
		return true
	}
	return another(clause) && !slices.ContainsFunc(clause[from:to], func(w string) bool { return forever()[w] })
}

// denied reports whether a denial stands before a request, with nothing between but words that carry it on.
func denied(clause []string, at int) bool {
	const reach = 5
	for i := at - 1; i >= 0 && i >= at-reach; i-- {
		if denials()[clause[i]] {
			return true
		}
		if !carrying()[clause[i]] {
			return false
		}
	}
	return false
}

// another reports whether a clause speaks of another time, and not of everything from a time on.
func another(clause []string) bool {
	for i, w := range clause {
		if !times()[w] {
			continue
		}
		from := clause[max(0, i-3):i]
		if !slices.ContainsFunc(from, func(w string) bool { return w == "partir" || w == "desde" || w == "from" || w == "starting" }) {
			return true
		}
	}
	return false
}
