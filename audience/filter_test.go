package audience

import (
	"encoding/json"
	"strings"
	"testing"

	"campanario/internal/fault"
)

// readFilter reads a filter as somebody writes it.
func readFilter(text string) (Filter, error) {
	var f Filter
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		return f, fault.New(fault.Invalid, "body_invalid", nil).Because(err)
	}
	return f, f.Validate()
}

func TestFilterValidate(t *testing.T) {
	for text, want := range map[string]string{ // codes and where
		`{}`:                         "",
		`{"field":"tag","is":["a"]}`: "",
		`{"all":[{"field":"tag","is":["a"]},{"not":{"field":"has","is":["x"]}}]}`: "",
		`{"field":"created","within_days":30}`:                                    "",
		`{"field":"created","from":"2026-01-01"}`:                                 "",
		`{"field":"attribute.plano","set":false}`:                                 "",
		`{"field":"campaign","campaign":"c","status":["busy"]}`:                   "",
		`{"field":"consent","channel":"voice"}`:                                   "",
		`{"is":["a"]}`:                                                            "filter_node",
		`{"all":[{}]}`:                                                            "filter_node all[0]",
		`{"any":[]}`:                                                              "filter_empty_group",
		`{"field":"colour","is":["a"]}`:                                           "filter_field field",
		`{"field":"attribute.","is":["a"]}`:                                       "filter_field field",
		`{"field":"tag"}`:                                                         "filter_condition",
		`{"field":"tag","is":["a"],"set":true}`:                                   "filter_condition",
		`{"field":"tag","is":[]}`:                                                 "required is",
		`{"field":"tag","within_days":3}`:                                         "filter_member within_days",
		`{"field":"created","is":["x"]}`:                                          "filter_member is",
		`{"field":"created","from":"01/02/2026"}`:                                 "day_invalid from",
		`{"field":"created","from":"2026-02-01","to":"2026-01-01"}`:               "end_before_start to",
		`{"field":"created","within_days":-1}`:                                    "out_of_range within_days",
		`{"field":"campaign","status":["busy"]}`:                                  "required campaign",
		`{"field":"campaign","campaign":"c","status":["dizzy"]}`:                  "not_one_of status[0]",
		`{"field":"consent","channel":"fax"}`:                                     "not_one_of channel",
		`{"not":{"all":[{"field":"tag","is":["a"]},{"field":"x","set":true}]}}`:   "filter_field not.all[1].field",
		strings.Repeat(`{"not":`, 12) + `{"field":"has","is":["phone"]}` + strings.Repeat("}", 12): "filter_too_large " + strings.Repeat("not.", 7) + "not",
	} {
		_, err := readFilter(text)
		var got []string
		for _, f := range fault.All(err) {
			got = append(got, strings.TrimSpace(f.Code+" "+f.Field))
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%s: %v, want %q", text, got, want)
		}
	}
}

// FuzzFilter holds that what is read can be written and read again as the same.
func FuzzFilter(f *testing.F) {
	f.Add(`{"all":[{"field":"tag","is":["a"]},{"not":{"field":"created","within_days":3}}]}`)
	f.Add(`{"any":[{"field":"campaign","campaign":"c","status":["busy"]}]}`)
	f.Add(`{"field":"attribute.x","set":true}`)
	f.Fuzz(func(t *testing.T, text string) {
		a, err := readFilter(text)
		if err != nil {
			if len(fault.All(err)) == 0 {
				t.Fatal(err)
			}
			return
		}
		once, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		b, err := readFilter(string(once))
		twice, _ := json.Marshal(b)
		if err != nil || string(once) != string(twice) {
			t.Errorf("%s became %s, %v", once, twice, err)
		}
	})
}
