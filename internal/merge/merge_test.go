package merge_test

import (
	"encoding/json"
	"testing"

	"campanario/internal/merge"
)

// TestPatch holds the examples of RFC 7396, appendix A, and a few of ours.
func TestPatch(t *testing.T) {
	for _, tt := range []struct{ document, patch, want string }{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`["a","b"]`, `["c","d"]`, `["c","d"]`},
		{`{"a":"b"}`, `["c"]`, `["c"]`},
		{`{"a":"foo"}`, `null`, `null`},
		{`{"a":"foo"}`, `"bar"`, `"bar"`},
		{`{"e":null}`, `{"a":1}`, `{"a":1,"e":null}`},
		{`[1,2]`, `{"a":"b","c":null}`, `{"a":"b"}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
		{``, `{"a":1}`, `{"a":1}`},
		{`{"n":9007199254740993}`, `{"m":0.10}`, `{"m":0.10,"n":9007199254740993}`},
	} {
		got, err := merge.Patch([]byte(tt.document), []byte(tt.patch))
		if err != nil || string(got) != tt.want {
			t.Errorf("%s with %s: %s, %v; want %s", tt.document, tt.patch, got, err, tt.want)
		}
	}
	for _, bad := range [][2]string{{`{`, `{}`}, {`{}`, `{`}, {`{}`, ``}} {
		if _, err := merge.Patch([]byte(bad[0]), []byte(bad[1])); err == nil {
			t.Errorf("%v was taken", bad)
		}
	}
}

func FuzzPatch(f *testing.F) {
	f.Add(`{"a":{"b":1}}`, `{"a":{"b":null}}`)
	f.Add(`[]`, `{"":{}}`)
	f.Fuzz(func(t *testing.T, document, patch string) {
		got, err := merge.Patch([]byte(document), []byte(patch))
		if err != nil {
			return
		}
		if !json.Valid(got) {
			t.Errorf("%s with %s: %s is no JSON", document, patch, got)
		}
		again, err := merge.Patch(got, []byte(patch))
		if err != nil || string(again) != string(got) {
			t.Errorf("%s with %s twice: %s, then %s", document, patch, got, again)
		}
	})
}
