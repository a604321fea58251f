package api

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"campanario/internal/fault"
)

// saying is one sentence of huma's validator and the code it becomes.
type saying struct {
	pattern *regexp.Regexp
	code    string
	params  []string          // names of what the sentence quotes, in order; "" is left out
	fixed   map[string]string // values that the sentence only implies
	child   bool              // the first quotation is the member that the problem is about
}

// sayings are made of the validator's own formats, so that they change with it.
var sayings = func() []saying {
	say := func(format, code string, params ...string) saying {
		p := strings.NewReplacer("%s", "(.*)", "%v", "(.*)", "%d", "(.*)").Replace(regexp.QuoteMeta(format))
		return saying{pattern: regexp.MustCompile(`(?s)^` + p + `$`), code: code, params: params}
	}
	want := func(format, kind string) saying {
		s := say(format, "type_wrong")
		s.fixed = map[string]string{"want": kind}
		return s
	}
	needs := func(format string) saying {
		s := say(format, "required")
		s.child = true
		return s
	}
	return []saying{
		say(validation.MsgUnexpectedProperty, "unknown_key", "key"),
		say("unknown query parameter", "unknown_parameter", "key"),
		needs(validation.MsgExpectedRequiredProperty),
		needs(validation.MsgExpectedDependentRequiredProperty),
		say("required query parameter is missing", "required"),
		say("required path parameter is missing", "required"),
		say("required header parameter is missing", "required"),
		want(validation.MsgExpectedString, "text"),
		want(validation.MsgExpectedBoolean, "boolean"),
		want(validation.MsgExpectedNumber, "number"),
		want(validation.MsgExpectedInteger, "integer"),
		want(validation.MsgExpectedArray, "list"),
		want(validation.MsgExpectedObject, "object"),
		want("invalid integer", "integer"),
		want("invalid float", "number"),
		want("invalid boolean", "boolean"),
		say(validation.MsgExpectedOneOf, "not_one_of", "allowed"),
		say(validation.MsgExpectedMinimumNumber, "too_small", "min"),
		say(validation.MsgExpectedExclusiveMinimumNumber, "too_small", "min"),
		say(validation.MsgExpectedMaximumNumber, "too_large", "max"),
		say(validation.MsgExpectedExclusiveMaximumNumber, "too_large", "max"),
		say(validation.MsgExpectedMinLength, "too_short", "min"),
		say(validation.MsgExpectedMaxLength, "too_long", "max"),
		say(validation.MsgExpectedMinItems, "too_few", "min"),
		say(validation.MsgExpectedMaxItems, "too_many", "max"),
		say(validation.MsgExpectedMaxProperties, "too_many", "max"),
		say(validation.MsgExpectedRFC3339DateTime, "time_invalid", ""),
		say("invalid date/time for format %s", "time_invalid", ""),
		say("json: cannot unmarshal number %s", "number_unusable", ""),
		say(unstorable, "text_invalid"),
	}
}()

// fromHuma makes faults of what huma found. What it says of a value is not repeated: it may be somebody's address.
func fromHuma(m *huma.ErrorModel) error {
	var list fault.List
	for _, d := range m.Errors {
		if d != nil {
			list = append(list, fromDetail(d))
		}
	}
	switch {
	case m.Status >= http.StatusInternalServerError:
		return fmt.Errorf("huma: %s: %w", m.Detail, list)
	case m.Status == http.StatusBadRequest && len(list) == 0:
		return fault.New(fault.Invalid, "body_missing", nil)
	case len(list) == 0:
		return fault.New(fault.Invalid, "value_invalid", nil)
	}
	return list
}

func fromDetail(d *huma.ErrorDetail) *fault.Error {
	for _, s := range sayings {
		found := s.pattern.FindStringSubmatch(d.Message)
		if found == nil {
			continue
		}
		p := fault.Params{}
		for k, v := range s.fixed {
			p[k] = v
		}
		for i, name := range s.params {
			if name == "key" {
				p[name] = clip(lastOf(d.Location))
			} else if name != "" && i+1 < len(found) {
				p[name] = strings.Trim(clipList(found[i+1]), `"`)
			}
		}
		at := d.Location
		if s.child && len(found) > 1 {
			at += "." + found[1]
		}
		if s.code == "not_one_of" {
			p["value"] = clip(fmt.Sprint(d.Value))
		}
		if s.code == "time_invalid" {
			p["value"], p["example"] = clip(fmt.Sprint(d.Value)), "2026-11-24T09:00:00-03:00"
		}
		return fault.New(fault.Invalid, s.code, p).At(fieldOf(at))
	}
	if d.Location == "body" {
		return fault.New(fault.Invalid, "body_invalid", nil)
	}
	return fault.New(fault.Invalid, "value_invalid", nil).At(fieldOf(d.Location))
}

// fieldOf is a path as our own faults have it: inside the body without "body".
func fieldOf(location string) string {
	if rest, ok := strings.CutPrefix(location, "body"); ok {
		return strings.TrimPrefix(rest, ".")
	}
	return location
}

func lastOf(location string) string { return location[strings.LastIndexByte(location, '.')+1:] }

// clipList bounds a list of allowed values, which is ours and may be long.
func clipList(s string) string {
	const most = 600
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
