// Package locale says things in the reader's language. Everywhere else in this program there are codes and values only;
// here they become sentences, in Brazilian Portuguese, Spanish and English.
//
// To add a text, write it under its kind and code in each of texts/pt-BR.json, es.json and en.json, in order of the codes,
// naming in braces only values that every place gives that makes the code (in brackets what only some give). Then run
// this package's tests, which read our source and say what is missing, what nobody makes, and which value nobody gives.
//
// # Keys
//
// A text is known by its kind and its code, with a dot between them: "fault.required", "reason.sip_congestion",
// "status.no_answer". The kinds are fault (what is refused), title (the kinds of refusals), reason (why an attempt or a
// recipient ended as it did; nothing but optional values, since reports know none), outcome, status, state, action, and
// so on, one for each enumeration that people see.
//
// # Texts
//
// Texts stand in texts/*.json, one file a language. In a text
//
//	{name}               is the value of that name: numbers with the language's separators, lists with commas
//	{name@state}         is the text of the value among the texts of that kind, here state.…; a list of values too
//	{name@time}          is an instant (RFC 3339) as people write it, on the clock it was given with
//	{name@amount}        is a number or a duration ("1m30s"), also one that comes as text
//	{name@size}          is a number of bytes
//	{name@id}            is the value as it is: numbers that count nothing, such as ports
//	{name|one|other}     is the first word or the second, as the value (a number) wants
//	[ … ]                is left out unless all values inside it are there
//	{{ }} [[ ]]          are single braces and brackets
//
// This is a tenth of what the message catalogues in use (ICU, gettext, go-i18n) can do, and all that these texts need. It
// is written here because what those lack is what we want: values that are enumerations are translated too, parts
// disappear with their values, and the names used in a text can be listed, so that a test compares them between the
// languages and with the source. Plural forms are the two that the three languages have.
package locale

import (
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/text/language"

	"campanario/internal/fault"
)

// Language is one of the languages of the texts, as a BCP 47 tag.
type Language string

// The languages.
const (
	Portuguese Language = "pt-BR"
	Spanish    Language = "es"
	English    Language = "en"
)

// Languages lists the languages; the first is the one for readers who want none of them.
func Languages() []Language { return []Language{Portuguese, Spanish, English} }

//go:embed texts/*.json
var files embed.FS

// catalogue is the texts by language and key, parsed once.
var catalogue = sync.OnceValue(func() map[Language]map[string]message {
	all := map[Language]map[string]message{}
	for _, l := range Languages() {
		b, err := files.ReadFile("texts/" + string(l) + ".json")
		if err != nil {
			panic(err) // it is embedded
		}
		var kinds map[string]map[string]string
		if err := json.Unmarshal(b, &kinds); err != nil {
			panic(fmt.Errorf("texts/%s.json: %w", l, err))
		}
		all[l] = map[string]message{}
		for kind, texts := range kinds {
			for code, text := range texts {
				m, err := parse(text)
				if err != nil {
					panic(fmt.Errorf("texts/%s.json: %s.%s: %w", l, kind, code, err))
				}
				all[l][kind+"."+code] = m
			}
		}
	}
	return all
})

var matcher = sync.OnceValue(func() language.Matcher {
	tags := make([]language.Tag, len(Languages()))
	for i, l := range Languages() {
		tags[i] = language.MustParse(string(l))
	}
	return language.NewMatcher(tags)
})

// longestAccept bounds the headers that are read: browsers send a tenth of it.
const longestAccept = 1000

// Match picks a language by an Accept-Language header (RFC 9110 section 12.5.4); the first of Languages when the reader
// names none of them, or what is no such header.
func Match(accept string) Language {
	if accept == "" || len(accept) > longestAccept {
		return Languages()[0]
	}
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(tags) == 0 {
		return Languages()[0]
	}
	_, i, sure := matcher().Match(tags...)
	if sure == language.No {
		return Languages()[0]
	}
	return Languages()[i]
}

// Has reports whether there is a text for the key.
func Has(l Language, key string) bool { _, ok := catalogue()[l][key]; return ok }

// Text says what the key stands for. A text that is missing in the language is said in English, and as its bare code when
// there is none at all; it is never empty. What ends attempts can be found beforehand too, and what is refused can end
// attempts: for want of its own text a reason is said in the words of the fault of that code, and a fault in a reason's.
func Text(l Language, key string, values map[string]any) string {
	kind, code, ok := strings.Cut(key, ".")
	if !ok {
		code = key
	}
	for _, k := range []string{key, kin[kind] + code} {
		for _, in := range []Language{l, English} {
			if m, ok := catalogue()[in][k]; ok {
				return cmp.Or(m.render(in, values), missing)
			}
		}
	}
	return cmp.Or(code, missing)
}

// kin are the kinds whose texts serve for one another, with the dot.
var kin = map[string]string{"fault": "reason.", "reason": "fault."}

// Word says an enumeration's value without further values: Word(l, "state", "paused").
func Word(l Language, kind, code string) string { return Text(l, kind+"."+code, nil) }

// Fault says what is refused.
func Fault(l Language, e *fault.Error) string { return Text(l, "fault."+e.Code, e.Params) }
