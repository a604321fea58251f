package locale_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"campanario/internal/locale"
)

// enumerations are the kinds of texts that are the values of types in our source.
var enumerations = []struct{ kind, dir, typ string }{
	{"title", "internal/fault", "Kind"},
	{"outcome", "channel", "Code"},
	{"class", "channel", "Class"},
	{"channel", "channel", "Kind"},
	{"stage", "channel", "Stage"},
	{"registration", "channel", "Registration"},
	{"status", "campaign", "Status"},
	{"result", "campaign", "Result"},
	{"why", "campaign", "Why"},
	{"state", "campaign", "State"},
	{"action", "campaign", "Action"},
	{"action", "campaign", "RecipientAction"},
	{"pause", "campaign", "PauseReason"},
	{"waiting", "campaign", "WaitCode"},
	{"deed", "campaign", "Deed"},
	{"diagnosis", "campaign", "DiagnosisCode"},
	{"column", "report", "Column"},
	{"health", "report", "Health"},
	{"attention", "report", "Concern"},
	{"plan", "api", "planCode"},
	{"suppression", "audience", "SuppressReason"},
	{"priority", "audience", "Priority"},
	{"field", "intake", "Field"},
	{"import", "intake", "State"},
	{"report", "report", "State"},
	{"errand", "campaign", "ErrandState"},
	{"severity", "intake", "Severity"},
	{"country", "schedule", "Calendar"},
	{"cause", "schedule", "Cause"},
	{"preset", "schedule", "PresetName"},
	{"scope", "access", "Scope"},
	{"role", "access", "Role"},
	{"network", "voice/dialog/transport", "Kind"},
	{"side", "voice/dialog", "Side"},
	{"far_end", "sandbox/carrier", "Behaviour"},
	{"far_mailbox", "sandbox/mailbox", "Behaviour"},
}

// countries are those that telephone numbers come from; others are told by their code.
var countries = []string{
	"AR", "BO", "BR", "CA", "CL", "CO", "CR", "DO", "EC", "ES", "GT", "HN", "MX", "NI", "PA", "PE", "PT", "PY", "SV", "US", "UY", "VE",
}

// made lists every code that our source makes, by kind.
func (s *source) made() map[string][]string {
	out := map[string][]string{}
	for _, e := range enumerations {
		out[e.kind] = append(out[e.kind], s.enumeration(e.dir, e.typ)...)
	}
	out["hint"] = s.textsIn("report", "Hints")
	out["type"] = s.valuesOf("want")
	out["weekday"] = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} // schedule's, and there will be no more
	out["country"] = append(out["country"], countries...)
	out["file"] = []string{"binary"}
	for _, text := range s.textsIn("intake", "binary") {
		if snake.MatchString(text) {
			out["file"] = append(out["file"], text)
		}
	}
	for name, text := range s.pkgs["voice"].text {
		if strings.HasPrefix(name, "by") && name != "byFax" { // told as a machine
			out["answered_by"] = append(out["answered_by"], text)
		}
	}
	for key := range s.asked {
		kind, code, _ := strings.Cut(key, ".")
		out[kind] = append(out[kind], code)
	}
	out["reason"] = slices.Collect(maps.Keys(s.reason))
	for code := range s.codes {
		out["fault"] = append(out["fault"], code)
	}
	return out
}

func TestEveryCodeHasItsTexts(t *testing.T) {
	s := ours(t)
	made := s.made()
	for _, wrong := range s.wrong {
		t.Error(wrong)
	}
	want := map[string]string{}
	for kind, codes := range made {
		for _, code := range codes {
			want[kind+"."+code] = "an enumeration"
		}
	}
	for code, where := range s.reason {
		want["reason."+code] = where
	}
	for code, uses := range s.codes {
		want["fault."+code] = uses[0].at
		if s.reason[code] != "" && !locale.Has(locale.English, "fault."+code) {
			delete(want, "fault."+code) // said in the words of the reason
		}
	}
	for kind, where := range s.kinds {
		if made[kind] == nil {
			t.Errorf("%s asks for texts of the kind %q: this test knows no codes of it", where, kind)
		}
	}
	for _, l := range locale.Languages() {
		for _, key := range slices.Sorted(maps.Keys(want)) {
			if !locale.Has(l, key) {
				t.Errorf("%s has no text for %s (%s)", l, key, want[key])
			}
		}
		for _, key := range locale.Keys(l) {
			if want[key] == "" {
				t.Errorf("%s has a text for %s, which nobody makes", l, key)
			}
		}
	}
}

// given lists the names of values that packages put into maps: the engine's come with why a campaign waits or was paused.
func (s *source) given(dirs ...string) []string {
	out := []string{"until"}
	for _, dir := range dirs {
		p := s.pkgs[dir]
		p.inspect(func(n ast.Node) {
			if lit, ok := n.(*ast.CompositeLit); ok {
				if _, is := lit.Type.(*ast.MapType); is {
					names, _ := keysOf(lit)
					out = append(out, names...)
				}
			}
		})
		for _, f := range p.funcs {
			out = append(out, addedTo(f.body)...)
		}
	}
	return out
}

// bare are the kinds whose codes may come without any values.
var bare = []string{"reason", "pause", "waiting", "diagnosis"}

func TestTextsUseWhatTheirCodesGive(t *testing.T) {
	s := ours(t)
	made, engine := s.made(), s.given("dispatch", "campaign")
	for _, key := range locale.Keys(locale.English) {
		needed, optional := locale.Values(locale.English, key)
		kind, code, _ := strings.Cut(key, ".")
		uses := s.asked[key]
		switch kind {
		case "fault":
			uses = s.codes[code]
		case "reason": // told of recipients who were not contacted, of outcomes and, when something is tried, as faults
			uses = append(slices.Clone(s.codes[code]), use{params: append([]string{"names", "most", "hours", "channel", "rule", "list"}, s.told...), known: true})
		case "pause", "waiting", "diagnosis":
			uses = []use{{params: engine, known: true}}
		case "plan":
			uses = []use{{params: s.given("api")}}
		case "deed": // with the store's details, and what a filling counts
			uses = []use{{params: append(s.given("store"), "picked", "added", "duplicates", "no_address", "unreachable", "left_out"), known: true}}
		case "registration":
			uses = []use{{params: s.given("api")}}
		case "attention":
			uses = []use{{params: append(s.given("report"), engine...)}}
		}
		if slices.Contains(bare, kind) && len(needed) > 0 {
			t.Errorf("%s: it may come without values: put %v in brackets", key, needed)
			continue
		}
		checkNames(t, key, uses, needed, optional)
		for _, l := range locale.Languages() {
			for _, kind := range locale.Kinds(l, key) {
				if made[kind] == nil {
					t.Errorf("%s: %s: there are no texts of the kind %q", l, key, kind)
				}
			}
		}
	}
}

func checkNames(t *testing.T, key string, uses []use, needed, optional []string) {
	t.Helper()
	var all []string
	sure := true
	for _, u := range uses {
		all, sure = append(all, u.params...), sure && u.known
		for _, name := range needed {
			if u.known && !slices.Contains(u.params, name) {
				t.Errorf("%s: {%s} is not given at %s, which gives %v", key, name, u.at, u.params)
			}
		}
	}
	for _, name := range append(slices.Clone(optional), needed...) {
		if sure && !slices.Contains(all, name) {
			t.Errorf("%s: {%s} is given nowhere", key, name)
		}
	}
}

func TestLanguagesSayTheSame(t *testing.T) {
	for _, l := range locale.Languages() {
		for _, key := range locale.Keys(l) {
			gotNeeded, gotOptional := values(l, key)
			needed, optional := values(locale.English, key)
			if !slices.Equal(gotNeeded, needed) || !slices.Equal(gotOptional, optional) {
				t.Errorf("%s: %s uses %v and perhaps %v, English %v and perhaps %v", key, l, gotNeeded, gotOptional, needed, optional)
			}
		}
	}
}

func values(l locale.Language, key string) (needed, optional []string) {
	needed, optional = locale.Values(l, key)
	slices.Sort(needed)
	slices.Sort(optional)
	return slices.Compact(needed), slices.Compact(optional)
}

// braced are the texts that speak of braces.
var braced = []string{"fault.template_unclosed", "fault.variable_not_set_yet", "fault.variables_missing"}

// gaps are the texts that leave something out for the reader to fill in.
var gaps = []string{"fault.key_missing", "fault.variable_not_set_yet"}

// sentences are the kinds whose texts are sentences.
var sentences = []string{"fault", "reason", "pause", "waiting", "diagnosis", "hint", "attention", "registration", "plan", "deed"}

func TestTextsAreWellMade(t *testing.T) {
	for _, l := range locale.Languages() {
		for _, key := range locale.Keys(l) {
			kind, _, _ := strings.Cut(key, ".")
			for _, values := range []map[string]any{nil, sample(l, key)} {
				text := locale.Text(l, key, values)
				first, _ := utf8.DecodeRuneInString(text)
				switch {
				case strings.TrimSpace(text) != text || text == "":
					t.Errorf("%s %s: %q is empty or has spaces around it", l, key, text)
				case strings.Contains(text, "  ") || strings.Contains(text, " .") || strings.Contains(text, "..") || strings.Contains(text, " ,"):
					t.Errorf("%s %s: %q: its parts do not join", l, key, text)
				case strings.ContainsAny(text, "{}[]") && !slices.Contains(braced, key) && values != nil:
					t.Errorf("%s %s: %q: braces or brackets are left", l, key, text)
				case slices.Contains(sentences, kind) && (unicode.IsLower(first) || !strings.ContainsAny(text[len(text)-1:], ".?)") && !strings.HasSuffix(text, "…")):
					t.Errorf("%s %s: %q is no sentence", l, key, text)
				case strings.Contains(text, locale.Missing) && values != nil && !slices.Contains(gaps, key):
					t.Errorf("%s %s: %q has a gap", l, key, text)
				}
			}
		}
	}
}

// sample is a value for every name in a text.
func sample(l locale.Language, key string) map[string]any {
	needed, optional := locale.Values(l, key)
	out := map[string]any{}
	for _, name := range append(needed, optional...) {
		out[name] = "2026-11-24T09:00:00-03:00"
	}
	return out
}

// TestTextsStandInOrder: nobody writes the same text twice, and everybody finds it.
func TestTextsStandInOrder(t *testing.T) {
	for _, l := range locale.Languages() {
		file, err := locale.File(l)
		if err != nil {
			t.Fatal(err)
		}
		depth, isKey := 0, false
		var kind, before string
		seen := map[string]bool{}
		for d := json.NewDecoder(bytes.NewReader(file)); d.More() || depth > 0; {
			token, err := d.Token()
			if err != nil {
				t.Fatal(err)
			}
			switch word := fmt.Sprint(token); {
			case word == "{":
				depth, isKey, before = depth+1, true, ""
			case word == "}":
				depth, isKey = depth-1, true
			case isKey && depth == 1:
				kind = word
			case isKey:
				if seen[kind+"."+word] {
					t.Errorf("%s: %s.%s stands there twice", l, kind, word)
				}
				if word < before && slices.Contains([]string{"fault", "reason"}, kind) {
					t.Errorf("%s: %s.%s stands after %s", l, kind, word, before)
				}
				seen[kind+"."+word], before, isKey = true, word, false
			default:
				isKey = true
			}
		}
		if len(seen) != len(locale.Keys(l)) {
			t.Errorf("%s: %d texts were read, of %d", l, len(seen), len(locale.Keys(l)))
		}
	}
}
