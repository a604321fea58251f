package api

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"campanario/internal/fault"
)

// saying is one sentence of huma's validator and the fault it becomes.
type saying struct {
	pattern *regexp.Regexp
	fault   *fault.Error // its parameters stand for their kind: see the constants
	quotes  []string     // the parameters that the sentence quotes, in order; "" is left out
	child   bool         // the first quotation is the member that the problem is about
}

// Parameters that are known only when something is wrong.
const (
	quoted  = "(quoted)"  // what the sentence quotes
	theKey  = "(key)"     // the last part of the path
	theText = "(written)" // what was written there
)

// sayings are made of the validator's own formats, so that they change with it.
var sayings = func() []saying {
	say := func(format string, e *fault.Error, quotes ...string) saying {
		p := strings.NewReplacer("%s", "(.*)", "%v", "(.*)", "%d", "(.*)").Replace(regexp.QuoteMeta(format))
		return saying{pattern: regexp.MustCompile(`(?s)^` + p + `$`), fault: e, quotes: quotes}
	}
	required := fault.New(fault.Invalid, "required", nil)
	needs := func(format string) saying {
		s := say(format, required)
		s.child = true
		return s
	}
	want := func(format, kind string) saying {
		return say(format, fault.New(fault.Invalid, "type_wrong", fault.Params{"want": kind}))
	}
	tooSmall := fault.New(fault.Invalid, "too_small", fault.Params{"min": quoted})
	tooLarge := fault.New(fault.Invalid, "too_large", fault.Params{"max": quoted})
	tooMany := fault.New(fault.Invalid, "too_many", fault.Params{"max": quoted})
	noTime := fault.New(fault.Invalid, "time_invalid", fault.Params{"value": theText, "example": "2026-11-24T09:00:00-03:00"})
	return []saying{
		say(validation.MsgUnexpectedProperty, fault.New(fault.Invalid, "unknown_key", fault.Params{"key": theKey})),
		say("unknown query parameter", fault.New(fault.Invalid, "unknown_parameter", fault.Params{"key": theKey})),
		needs(validation.MsgExpectedRequiredProperty),
		needs(validation.MsgExpectedDependentRequiredProperty),
		say("required query parameter is missing", required),
		say("required path parameter is missing", required),
		say("required header parameter is missing", required),
		want(validation.MsgExpectedString, "text"),
		want(validation.MsgExpectedBoolean, "boolean"),
		want(validation.MsgExpectedNumber, "number"),
		want(validation.MsgExpectedInteger, "integer"),
		want(validation.MsgExpectedArray, "list"),
		want(validation.MsgExpectedObject, "object"),
		want("invalid integer", "integer"),
		want("invalid float", "number"),
		want("invalid boolean", "boolean"),
		say(validation.MsgExpectedOneOf, fault.New(fault.Invalid, "not_one_of", fault.Params{"value": theText, "allowed": quoted}), "allowed"),
		say(validation.MsgExpectedMinimumNumber, tooSmall, "min"),
		say(validation.MsgExpectedExclusiveMinimumNumber, tooSmall, "min"),
		say(validation.MsgExpectedMaximumNumber, tooLarge, "max"),
		say(validation.MsgExpectedExclusiveMaximumNumber, tooLarge, "max"),
		say(validation.MsgExpectedMinLength, fault.New(fault.Invalid, "too_short", fault.Params{"min": quoted}), "min"),
		say(validation.MsgExpectedMaxLength, fault.New(fault.Invalid, "too_long", fault.Params{"max": quoted}), "max"),
		say(validation.MsgExpectedMinItems, fault.New(fault.Invalid, "too_few", fault.Params{"min": quoted}), "min"),
		say(validation.MsgExpectedMaxItems, tooMany, "max"),
		say(validation.MsgExpectedMaxProperties, tooMany, "max"),
		say(validation.MsgExpectedRFC3339DateTime, noTime),
		say("invalid date/time for format %s", noTime),
		say("json: cannot unmarshal number %s", fault.New(fault.Invalid, "number_unusable", nil)),
		say(unstorable, fault.New(fault.Invalid, "text_invalid", nil)),
	}
}()

// fromHuma makes faults of what huma found. What it says of a value is not repeated: it may be somebody's address.
func fromHuma(m *huma.ErrorModel) error {
	var list fault.List
	for _, d := range m.Errors[:min(len(m.Errors), mostFailures)] {
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
		if found := s.pattern.FindStringSubmatch(d.Message); found != nil {
			return s.about(d, found[1:])
		}
	}
	if d.Location == "body" {
		return fault.New(fault.Invalid, "body_invalid", nil)
	}
	return fault.New(fault.Invalid, "value_invalid", nil).At(fieldOf(d.Location))
}

// about makes the fault of one problem that the saying is about.
func (s saying) about(d *huma.ErrorDetail, quotations []string) *fault.Error {
	at := d.Location
	if s.child && len(quotations) > 0 {
		at += "." + quotations[0]
	}
	e := s.fault.At(fieldOf(at))
	e.Params = maps.Clone(e.Params)
	for name, value := range e.Params {
		switch value {
		case theKey:
			e.Params[name] = clip(lastOf(d.Location))
		case theText:
			e.Params[name] = clip(fmt.Sprint(d.Value))
		}
	}
	for i, name := range s.quotes {
		if name != "" && i < len(quotations) {
			e.Params[name] = number(strings.Trim(clipList(quotations[i]), `"`))
		}
	}
	return e
}

// number is a bound as a number, and anything else as it is.
func number(text string) any {
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		return n
	}
	return text
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
