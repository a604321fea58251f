package locale_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestScanner: what the scanner finds in a small module, so that it is known to find anything.
func TestScanner(t *testing.T) {
	s := scan(t, tree(t, map[string]string{
		"voice/kind.go": `package voice

			type Kind string

			const (
				Early Kind = "early"
				Late  Kind = "late"

				ReasonTired = "call_tired"
			)

			func f(ctx any, lost bool) {
				o := Outcome{Reason: "call_odd"}
				o.Reason = ReasonTired
				if lost {
					end(string(Late))
				}
				locale.Word(l, "kind", string(o.Code))
				locale.Text(l, "title.none", map[string]any{"count": 1})
				enum("colour")
			}

			func end(reason string) { o.Reason = reason }

			func (w words) Word(kind, code string) string { return locale.Word(w.l, kind, code) }

			func enum(kind string) { show(func(s string) string { return locale.Word(l, kind, s) }) }`,
		"store/store.go": `package store

			const codeGone = "gone"

			func a(p fault.Params) {
				fault.New(fault.Invalid, "plain", fault.Params{"max": 1, "got": 2})
				fault.New(fault.Invalid, codeGone, nil)
				notFound("line", 7)
				l.add("field", "added", fault.Params{"value": v})
				code := "chosen"
				if p != nil {
					code = "other"
				}
				fault.New(fault.Conflict, code, p)
				refuse := func(code string) { fault.New(fault.Denied, code, nil) }
				refuse("refused")
			}

			func notFound(what string, id int) error {
				return fault.New(fault.NotFound, what+"_not_found", fault.Params{"id": id})
			}

			func (l *list) add(field, code string, p fault.Params) {
				p["line"] = 3
				*l = append(*l, fault.New(fault.Invalid, code, p).At(field))
			}`,
		"api/api.go": `package api

			func table() []saying {
				say := func(format, code string, params ...string) saying { return saying{format: format, code: code, params: params} }
				return []saying{say("%s", "told", "min"), say("x", "silent")}
			}

			func (k call) list() { k.words.Word("shape", "round") }

			func made(s saying) error {
				p := fault.Params{}
				p["value"] = 1
				return fault.New(fault.Invalid, s.code, p)
			}`,
		"api/api_test.go": `package api

			var _ = fault.New(fault.Invalid, "in_a_test", nil)`,
		"odd/odd.go": `package odd

			func f() { fault.New(fault.Invalid, whatever(), nil) }

			func Make(code string) error { return fault.New(fault.Invalid, code, nil) }`,
	}))
	for code, want := range map[string]string{
		"plain": "got max", "gone": "", "line_not_found": "id", "added": "line value", "chosen": "?", "other": "?", "refused": "",
		"told": "min value …", "silent": "value …",
	} {
		uses := s.codes[code]
		if len(uses) != 1 {
			t.Errorf("%s was found %d times", code, len(uses))
			continue
		}
		names := slices.Compact(slices.Sorted(slices.Values(uses[0].params)))
		if !uses[0].known {
			names = append(names, "?")
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s is given %q, want %q", code, got, want)
		}
	}
	equal(t, "codes", len(s.codes), 9)
	equal(t, "reasons", slices.Sorted(maps.Keys(s.reason)), []string{"call_odd", "call_tired", "late"})
	equal(t, "the enumeration", s.enumeration("voice", "Kind"), []string{"early", "late"})
	equal(t, "kinds asked for", slices.Sorted(maps.Keys(s.kinds)), []string{"colour", "kind"})
	equal(t, "texts asked for", slices.Sorted(maps.Keys(s.asked)), []string{"shape.round", "title.none"})
	equal(t, "what cannot be followed", s.wrong, []string{
		"odd.Make/1 makes a fault of a code that other packages may give it: they cannot be followed",
		"odd/odd.go:3: cannot follow the code of this fault: write it where it is made",
	})
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

// tree writes files into a folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}
