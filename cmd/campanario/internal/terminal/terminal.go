// Package terminal is how commands speak to whoever runs them: in which language, with which words, how errors are told,
// and with which code the process ends.
package terminal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode"

	"campanario/internal/fault"
	"campanario/internal/locale"
)

// Exit codes. They are the same for every command.
const (
	CodeDone        = 0
	CodeFailed      = 1   // refused, or something failed that is not one of the following
	CodeUsage       = 2   // the command line or a file is wrong; nothing was begun
	CodeUnavailable = 3   // something that is needed is not there now: the database, an address
	CodeWaiting     = 4   // a campaign stopped with people still waiting
	CodeInterrupted = 130 // by a signal; what was begun is kept
)

// Exit is an error that has been told already.
type Exit struct{ Code int }

// Error is for logs.
func (e *Exit) Error() string { return fmt.Sprintf("exit code %d", e.Code) }

// ExitCode is what the process ends with.
func (e *Exit) ExitCode() int { return e.Code }

// ExitCode is what an error makes the process end with.
func ExitCode(err error) int {
	var told interface{ ExitCode() int }
	switch {
	case err == nil:
		return CodeDone
	case errors.As(err, &told):
		return told.ExitCode()
	case errors.Is(err, context.Canceled):
		return CodeInterrupted
	}
	switch fault.KindOf(err) {
	case fault.Invalid, fault.NotFound:
		return CodeUsage
	case fault.Unavailable:
		return CodeUnavailable
	case fault.Conflict:
		if fault.Is(err, "database_in_use") {
			return CodeUnavailable
		}
		return CodeFailed
	case fault.Denied, fault.Internal:
	}
	return CodeFailed
}

// Language picks the reader's language as POSIX ranks the environment. Who has chosen none, or the C locale, reads
// English.
func Language(getenv func(string) string) locale.Language {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		tag, _, _ := strings.Cut(getenv(name), ".") // pt_BR.UTF-8
		tag, _, _ = strings.Cut(tag, "@")
		switch tag {
		case "":
			continue
		case "C", "POSIX":
			return locale.English
		}
		return locale.Match(strings.ReplaceAll(tag, "_", "-") + ", en;q=0.1")
	}
	return locale.English
}

// Tell says what is wrong, each fault on a line of its own, with its place in the file when it has one. An error that
// carries no fault is said as it is: whoever runs the command is the one to look into it.
func Tell(w io.Writer, l locale.Language, file string, err error) {
	all := fault.All(err)
	if len(all) == 0 {
		fmt.Fprintf(w, "campanario: %s: %s\n", locale.Fault(l, fault.New(fault.Internal, "internal", nil)), Clean(err.Error())) //nolint:errcheck // nobody is left to tell
		return
	}
	for _, e := range all {
		fmt.Fprintf(w, "%s: %s\n", place(file, e), Say(l, e)) //nolint:errcheck // as above
	}
}

// Say is the sentence of a fault, with its code, and with its cause where that lies outside the program.
func Say(l locale.Language, e *fault.Error) string {
	s := Clean(locale.Fault(l, e))
	if cause := e.Unwrap(); cause != nil && (e.Kind == fault.Unavailable || e.Kind == fault.Internal) {
		s += " (" + Clean(withoutPassword(cause.Error())) + ")"
	}
	return s + " [" + e.Code + "]"
}

// place is where a fault is: file:line:column: field, as far as it is known.
func place(file string, e *fault.Error) string {
	at := "campanario"
	if file != "" {
		at = Clean(file)
		if line, ok := e.Params["line"]; ok {
			at += fmt.Sprintf(":%v", line)
			if column, ok := e.Params["column"].(int); ok {
				at += fmt.Sprintf(":%d", column)
			}
		}
	}
	if e.Field != "" {
		at += ": " + Clean(e.Field)
	}
	return at
}

var passwords = []struct {
	found *regexp.Regexp
	said  string
}{
	{regexp.MustCompile(`(://[^:/@\s]*:)\S*@`), "${1}…@"},
	{regexp.MustCompile(`password=\S*`), "password=…"},
}

// withoutPassword takes out the passwords that drivers repeat with the address they could not reach.
func withoutPassword(s string) string {
	for _, p := range passwords {
		s = p.found.ReplaceAllString(s, p.said)
	}
	return s
}

// Clean is a text as it may stand on one line of a terminal: what comes out of files must not move anybody's cursor.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t', r == '\r':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\u2028', r == '\u2029':
			return '·'
		}
		return r
	}, s)
}

// Words are the texts of a command that package locale does not have, in one language.
type Words struct {
	Language locale.Language
	texts    map[string]string
}

// ReadWords reads texts by language and key, as a command embeds them, and picks those of a language.
func ReadWords(file []byte, l locale.Language) Words {
	var all map[locale.Language]map[string]string
	if err := json.Unmarshal(file, &all); err != nil { // it is embedded
		panic(err)
	}
	return Words{l, all[l]}
}

// Say is the text of a key with values in place of {name}, given as name, value, name, value.
func (w Words) Say(key string, values ...any) string {
	s, ok := w.texts[key]
	if !ok {
		return key
	}
	for i := 0; i+1 < len(values); i += 2 {
		s = strings.ReplaceAll(s, fmt.Sprintf("{%v}", values[i]), fmt.Sprint(values[i+1]))
	}
	return s
}

// Has reports whether there is a text for the key.
func (w Words) Has(key string) bool { _, ok := w.texts[key]; return ok }
