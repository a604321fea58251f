package main

import (
	_ "embed" // the words
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"campanario/cmd/campanario/internal/client"
	"campanario/cmd/campanario/internal/program"
	"campanario/cmd/campanario/internal/terminal"
	"campanario/internal/fault"
	"campanario/internal/locale"
	"campanario/internal/seal"
)

//go:embed words.json
var wordsFile []byte

// app is what the commands are made with.
type app struct {
	out, err io.Writer
	getenv   func(string) string
	lang     locale.Language
	words    terminal.Words
}

func newApp(out, err io.Writer, getenv func(string) string) *app {
	l := terminal.Language(getenv)
	return &app{out: out, err: err, getenv: getenv, lang: l, words: terminal.ReadWords(wordsFile, l)}
}

// root is the command that has all the others.
func (a *app) root() *cobra.Command {
	c := &cobra.Command{
		Use: "campanario", Short: a.words.Say("does.campanario"), Long: a.words.Say("does.campanario") + "\n\n" + a.words.Say("help.codes"),
		SilenceErrors: true, SilenceUsage: true, Args: cobra.ArbitraryArgs, Version: version(),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.Help()
			}
			return fault.New(fault.Invalid, "command_unknown", fault.Params{"value": terminal.Clean(args[0]), "help": "campanario --help"})
		},
	}
	c.SetOut(a.out)
	c.SetErr(a.err)
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return fault.New(fault.Invalid, "flag_wrong", fault.Params{"detail": terminal.Clean(err.Error()), "help": c.CommandPath() + " --help"})
	})
	c.AddCommand(a.serve(), a.single(), a.sandbox(), a.migrate(), a.doctor(), a.rescueKey(), a.access(), a.schema(), a.version())
	c.AddCommand(client.Commands(client.Options{Getenv: a.getenv})...)
	return c
}

// command makes a command without arguments, whose flags can also be given by the environment.
func (a *app) command(name string, do func(*cobra.Command) error) *cobra.Command {
	return &cobra.Command{
		Use: name, Short: a.words.Say("does." + name), Long: a.words.Say("does."+name) + a.more(name), SilenceErrors: true, SilenceUsage: true,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fault.New(fault.Invalid, "arguments_wrong", fault.Params{"usage": c.UseLine()})
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error {
			if err := a.fromEnvironment(c.Flags()); err != nil {
				return err
			}
			return do(c)
		},
	}
}

// more is what the help of a command says beyond what it does.
func (a *app) more(name string) string {
	if key := "help." + name; a.words.Has(key) {
		return "\n\n" + a.words.Say(key)
	}
	return ""
}

// variable is the one that stands for a flag.
func variable(flag string) string {
	return "CAMPANARIO_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// fromEnvironment gives flags that were not given the values of their variables.
func (a *app) fromEnvironment(f *pflag.FlagSet) error {
	var bad fault.List
	f.VisitAll(func(one *pflag.Flag) {
		value := a.getenv(variable(one.Name))
		if one.Changed || value == "" || one.Name == "help" {
			return
		}
		if err := f.Set(one.Name, value); err != nil {
			bad = append(bad, fault.New(fault.Invalid, "variable_wrong", fault.Params{"name": variable(one.Name), "detail": terminal.Clean(err.Error())}))
		}
	})
	return bad.Err()
}

// text, number, length, share and yes define flags.
func (a *app) text(c *cobra.Command, to *string, name, def string) {
	c.Flags().StringVar(to, name, def, a.words.Say("flag."+name))
}

func (a *app) length(c *cobra.Command, to *time.Duration, name string, def time.Duration) {
	c.Flags().DurationVar(to, name, def, a.words.Say("flag."+name))
}

func (a *app) yes(c *cobra.Command, to *bool, name string, def bool) {
	c.Flags().BoolVar(to, name, def, a.words.Say("flag."+name))
}

// place defines the flags that say where everything is kept.
func (a *app) place(c *cobra.Command, o *program.Options) {
	a.text(c, &o.Data, "data", "data")
	a.text(c, &o.Database, "database", "")
	o.Keys = a.getenv(seal.Variable)
	o.Version = version()
}

// network defines the flags that say how the world is reached.
func (a *app) network(c *cobra.Command, o *program.Options) {
	a.text(c, &o.BaseURL, "base-url", "")
	a.text(c, &o.SIP, "sip", "")
	a.text(c, &o.Public, "public", "")
}

// logs are the flags of what is logged.
type logs struct{ level, format string }

func (a *app) logs(c *cobra.Command, l *logs) {
	a.text(c, &l.level, "log-level", "auto")
	a.text(c, &l.format, "log-format", "auto")
}

// logger makes the log: lines for people on a terminal, who want to know of nothing that goes well; JSON for programs.
func (l *logs) logger(w io.Writer) (*slog.Logger, error) {
	_, people := width(w)
	level := slog.LevelInfo
	switch {
	case l.level != "auto":
		if err := level.UnmarshalText([]byte(l.level)); err != nil {
			return nil, notOneOf("log-level", l.level, "auto, debug, info, warn, error")
		}
	case people:
		level = slog.LevelWarn
	}
	o := &slog.HandlerOptions{Level: level}
	switch {
	case l.format == "text" || l.format == "auto" && people:
		return slog.New(slog.NewTextHandler(w, o)), nil
	case l.format == "json" || l.format == "auto":
		return slog.New(slog.NewJSONHandler(w, o)), nil
	default:
		return nil, notOneOf("log-format", l.format, "auto, text, json")
	}
}

func notOneOf(flag, value, allowed string) error {
	return fault.New(fault.Invalid, "not_one_of", fault.Params{"value": terminal.Clean(value), "allowed": allowed}).At("--" + flag)
}

// width is that of a terminal; false for anything else.
func width(w io.Writer) (int, bool) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	n, _, err := term.GetSize(int(f.Fd()))
	return n, err == nil
}

// say writes a line of the words to the output.
func (a *app) say(key string, values ...any) {
	fmt.Fprintln(a.out, a.words.Say(key, values...)) //nolint:errcheck // nobody is left to tell
}

// lookup is the environment as os.LookupEnv has it.
func (a *app) lookup(name string) (string, bool) {
	v := a.getenv(name)
	return v, v != ""
}

// joined keeps the first of two errors that was there, with the other.
func joined(err, other error) error {
	if err == nil {
		return other
	}
	return errors.Join(err, other)
}
