package terminal_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"campanario/cmd/campanario/internal/terminal"
	"campanario/internal/fault"
	"campanario/internal/locale"
)

func TestLanguageIsThatOfTheEnvironment(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		want locale.Language
	}{
		{nil, locale.English},
		{map[string]string{"LANG": "pt_BR.UTF-8"}, locale.Portuguese},
		{map[string]string{"LANG": "es_MX.UTF-8@euro"}, locale.Spanish},
		{map[string]string{"LANG": "pt_BR.UTF-8", "LC_ALL": "C"}, locale.English},
		{map[string]string{"LANG": "C", "LC_MESSAGES": "pt_PT"}, locale.Portuguese},
		{map[string]string{"LANG": "ja_JP.UTF-8"}, locale.English},
	} {
		if got := terminal.Language(func(k string) string { return c.env[k] }); got != c.want {
			t.Errorf("%v: %s, want %s", c.env, got, c.want)
		}
	}
}

func TestExitCode(t *testing.T) {
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{errors.New("broken"), 1},
		{fault.New(fault.Denied, "x", nil), 1},
		{fault.List{fault.New(fault.Invalid, "x", nil), fault.New(fault.Invalid, "y", nil)}, 2},
		{fault.New(fault.Conflict, "database_in_use", nil), 3},
		{fault.New(fault.Conflict, "line_in_use", nil), 1},
		{fmt.Errorf("open: %w", fault.New(fault.Unavailable, "database_unavailable", nil)), 3},
		{&terminal.Exit{Code: 4}, 4},
		{fmt.Errorf("watch: %w", context.Canceled), 130},
	} {
		if got := terminal.ExitCode(c.err); got != c.want {
			t.Errorf("%v: %d, want %d", c.err, got, c.want)
		}
	}
}

func TestTellSaysWhere(t *testing.T) {
	var b strings.Builder
	terminal.Tell(&b, locale.English, "a.yaml", fault.List{
		fault.New(fault.Invalid, "code_one", fault.Params{"line": 3, "column": 7}).At("window.days"),
		fault.New(fault.Unavailable, "code_two", nil).Because(errors.New("dial postgres://ana:s3cret:x@db/x password=s3cret\x1b[2J")),
	})
	got := b.String()
	for _, want := range []string{"a.yaml:3:7: window.days: ", "[code_one]\n", "postgres://ana:…@db/x password=…", "[code_two]\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	for _, bad := range []string{"s3cret", "\x1b"} {
		if strings.Contains(got, bad) {
			t.Errorf("%q in\n%s", bad, got)
		}
	}
}
