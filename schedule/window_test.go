package schedule

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"campanario/internal/fault"
)

// read decodes a YAML window and gives the codes with their paths.
func read(t *testing.T, text string) (Window, []string) {
	t.Helper()
	var w Window
	err := yaml.Unmarshal([]byte(text), &w)
	return w, found(err)
}

func found(err error) []string {
	var out []string
	for _, e := range fault.All(err) {
		s := e.Code
		if e.Field != "" {
			s += " " + e.Field
		}
		out = append(out, s)
	}
	if err != nil && len(out) == 0 {
		out = append(out, "internal: "+err.Error())
	}
	return out
}

func TestWindowIsReadAndWritten(t *testing.T) {
	tests := []struct{ name, yaml, json string }{
		{"nothing", `{}`, `{}`},
		{
			"everything", `
days: {mon-fri: ["13:00-18:00", "9:00-12:00"], sat: 09:00-13:00}
zone: contact
holidays: [BR, BR-optional]
blackout: [2026-12-24, "2026-12-31..2027-01-02"]`,
			`{"days":{"mon-fri":["09:00-12:00","13:00-18:00"],"sat":["09:00-13:00"]},"zone":"contact",` +
				`"holidays":["BR","BR-optional"],"blackout":["2026-12-24","2026-12-31..2027-01-02"]}`,
		},
		{"a run around the end of the week", `days: {sat-mon: "10:00-12:00"}`, `{"days":{"mon":["10:00-12:00"],"sat-sun":["10:00-12:00"]}}`},
		{"a list of days", `days: {"tue, thu-fri": "10:00-12:00"}`, `{"days":{"tue":["10:00-12:00"],"thu-fri":["10:00-12:00"]}}`},
		{"capitals", `days: {MON-Sun: "00:00-24:00"}`, `{"days":{"mon-sun":["00:00-24:00"]}}`},
		{"midnight at the end", `days: {mon: "22:00-00:00"}`, `{"days":{"mon":["22:00-24:00"]}}`},
		{"a day closed by name", `days: {mon-sat: "09:00-18:00", sun: []}`, `{"days":{"mon-sat":["09:00-18:00"]}}`},
		{"intervals that touch", `days: {mon: ["09:00-12:00", "12:00-18:00"]}`, `{"days":{"mon":["09:00-12:00","12:00-18:00"]}}`},
		{"one holiday without a list", `holidays: CL`, `{"holidays":["CL"]}`},
		{"spaces", `days: {mon: " 09:00 - 18:00 "}`, `{"days":{"mon":["09:00-18:00"]}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w, bad := read(t, tt.yaml)
			if bad != nil {
				t.Fatalf("refused: %v", bad)
			}
			out, err := json.Marshal(w)
			if err != nil {
				t.Fatal(err)
			}
			if string(out) != tt.json {
				t.Errorf("written as\n%s, want\n%s", out, tt.json)
			}
			var again Window
			if err := json.Unmarshal(out, &again); err != nil {
				t.Fatalf("read again: %v", err)
			}
			if diff := cmp.Diff(w, again); diff != "" {
				t.Errorf("read again it differs: %s", diff)
			}
			y, err := yaml.Marshal(w)
			if err != nil {
				t.Fatal(err)
			}
			third, bad := read(t, string(y))
			if diff := cmp.Diff(w, third); bad != nil || diff != "" {
				t.Errorf("through YAML %q: %v %s", y, bad, diff)
			}
		})
	}
}

func TestWindowIsRefusedWithEveryReason(t *testing.T) {
	tests := []struct {
		name, yaml string
		want       []string
	}{
		{"not an object", `"mon-fri"`, []string{"type_wrong"}},
		{"an unknown key", `{day: {}}`, []string{"key_unknown day"}},
		{"no interval in all the week", `days: {}`, []string{"days_empty days"}},
		{"only closed days", `days: {sun: []}`, []string{"days_empty days"}},
		{"an unknown day", `days: {mon-fry: "09:00-18:00", seg: "09:00-18:00"}`, []string{"day_unknown days.mon-fry", "day_unknown days.seg"}},
		{"a day twice", `days: {fri: "09:00-12:00", mon-fri: "09:00-18:00"}`, []string{"day_repeated days.mon-fri"}},
		{"a day twice in one key", `days: {"mon,mon": "09:00-18:00"}`, []string{"day_repeated days.mon,mon"}},
		{"overlapping", `days: {mon: ["09:00-12:00", "11:00-13:00"]}`, []string{"interval_overlap days.mon[1]"}},
		{"across midnight", `days: {fri: "22:00-02:00"}`, []string{"interval_across_midnight days.fri"}},
		{"empty", `days: {fri: "09:00-09:00"}`, []string{"interval_empty days.fri"}},
		{"no such minute", `days: {fri: ["09:00-17:60", "9-17", "24:01-24:02", "x", "-1:00-05:00"]}`, []string{
			"interval_invalid days.fri[0]", "interval_invalid days.fri[1]", "interval_invalid days.fri[2]",
			"interval_invalid days.fri[3]", "interval_invalid days.fri[4]",
		}},
		{"a number for an interval", `days: {fri: 9}`, []string{"type_wrong days.fri"}},
		{"a number in the list", `days: {fri: [9, "09:00-12:00"]}`, []string{"type_wrong days.fri[0]"}},
		{"an unknown zone mode", `zone: America/Sao_Paulo`, []string{"zone_mode_unknown zone"}},
		{"an unknown calendar", `holidays: [BR, AR, BR]`, []string{"holidays_unknown holidays[1]", "holidays_repeated holidays[2]"}},
		{"dates that are none", `blackout: ["2026-02-30", "24/12/2026", "2026-12-24..", "2027-01-02..2026-12-31"]`, []string{
			"dates_invalid blackout[0]", "dates_invalid blackout[1]", "dates_invalid blackout[2]",
		}},
		{"dates the wrong way around", `blackout: ["2027-01-02..2026-12-31"]`, []string{"dates_reversed blackout[0]"}},
		{"dates without end", `blackout: ["2026-01-01..2036-01-01"]`, []string{"dates_too_long blackout[0]"}},
		{"all at once", `{days: {mon: "18:00-09:00"}, zone: 3, holidays: {}, blackout: 1, x: 1}`, []string{
			"type_wrong blackout", "interval_across_midnight days.mon", "type_wrong holidays", "key_unknown x", "type_wrong zone",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, bad := read(t, tt.yaml)
			if !slices.Equal(bad, tt.want) {
				t.Errorf("refused with\n%q, want\n%q", bad, tt.want)
			}
			b, err := yaml.YAMLToJSON([]byte(tt.yaml))
			if err != nil {
				t.Fatal(err)
			}
			var w Window
			bad = found(json.Unmarshal(b, &w))
			slices.Sort(bad) // YAML members come sorted, those of JSON as written
			want := slices.Sorted(slices.Values(tt.want))
			if !slices.Equal(bad, want) {
				t.Errorf("as JSON refused with\n%q, want\n%q", bad, want)
			}
		})
	}
}

func TestWindowRefusesRepeatedKeys(t *testing.T) {
	var w Window
	err := json.Unmarshal([]byte(`{"days": {"mon": "09:00-10:00", "mon": "11:00-12:00"}}`), &w)
	if got := found(err); !slices.Equal(got, []string{"key_repeated days.mon"}) {
		t.Errorf("refused with %q", got)
	}
}

// TestMidnightAdvice holds that the advice is itself accepted and says the same.
func TestMidnightAdvice(t *testing.T) {
	_, e := parseInterval("22:00-02:00")
	if e == nil || e.Params["first"] != "22:00-24:00" || e.Params["second"] != "00:00-02:00" {
		t.Errorf("advice: %v", e)
	}
}

func TestValidateWhatCodeMade(t *testing.T) {
	w := Window{
		Zone: "moon", Holidays: []Calendar{"XX"}, Blackout: []Span{{First: 10, Last: 5}},
		Days: Week{1: {{540, 720}, {700, 800}, {60, 60}, {-1, 5}, {5, 2000}, {900, 10}}},
	}
	want := []string{
		"interval_overlap days.mon", "interval_empty days.mon", "interval_invalid days.mon", "interval_invalid days.mon",
		"interval_across_midnight days.mon", "zone_mode_unknown zone", "holidays_unknown holidays[0]", "dates_reversed blackout[0]",
	}
	if got := found(w.Validate()); !slices.Equal(got, want) {
		t.Errorf("found\n%q, want\n%q", got, want)
	}
	if err := (&Window{}).Validate(); err != nil {
		t.Errorf("the zero window: %v", err)
	}
	w = Window{Blackout: make([]Span, maxBlackout+1)}
	if got := found(w.Validate()); !slices.Equal(got, []string{"too_many blackout"}) {
		t.Errorf("found %q", got)
	}
}

// FuzzWindow holds that a window that is accepted is right and survives being written.
func FuzzWindow(f *testing.F) {
	for _, s := range []string{
		`{}`, `null`, `{"days":{"mon-fri":["09:00-12:00","13:00-18:00"],"sat":"09:00-13:00"},"holidays":["BR"]}`,
		`{"days":{"sat-mon":"22:00-00:00"},"zone":"agent","blackout":["2026-12-31..2027-01-02"]}`,
		`{"days":{"mon":"22:00-02:00"}}`, `{"days":{"":""}}`, `{"blackout":[{}]}`, `{"days":{"mon":[["a"]]}}`, `[[[[[[[[[[`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var w Window
		err := w.UnmarshalJSON([]byte(s))
		if err != nil {
			if len(fault.All(err)) == 0 {
				t.Fatalf("%q: an error without a code: %v", s, err)
			}
			return
		}
		if err := w.Validate(); err != nil {
			t.Fatalf("%q was taken and is wrong: %v", s, err)
		}
		b, err := json.Marshal(w)
		if err != nil {
			t.Fatal(err)
		}
		var again Window
		if err := json.Unmarshal(b, &again); err != nil {
			t.Fatalf("%q was written as %s: %v", s, b, err)
		}
		c, err := json.Marshal(again)
		if err != nil || string(b) != string(c) {
			t.Fatalf("%q became %s, then %s (%v)", s, b, c, err)
		}
	})
}

func TestClip(t *testing.T) {
	if got := clip(strings.Repeat("é", 1000)); len([]rune(got)) != 41 {
		t.Errorf("clipped to %d runes", len([]rune(got)))
	}
}
