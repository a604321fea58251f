package client

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"campanario/cmd/campanario/internal/terminal"
	"campanario/internal/fault"
	"campanario/internal/locale"
)

// Options for Commands. The zero value is right for a process.
type Options struct {
	Server string // used when neither --server nor CAMPANARIO_URL says where; empty is http://127.0.0.1:8080

	Getenv   func(string) string                           // os.Getenv when nil
	Terminal func(stream any) (width, height int, ok bool) // whether a stream is a terminal, and its size
	Zone     *time.Location                                // of times that people see; the machine's when nil
	Now      func() time.Time                              // time.Now when nil
	After    func(time.Duration) <-chan time.Time          // time.After when nil
	NewID    func() string                                 // of idempotency keys; random when nil

	Patience time.Duration // how long a request may bring nothing; 0 is 5 minutes
	Silence  time.Duration // the same for events, whose server gives signs of life; 0 is 45 seconds
	GiveUp   time.Duration // how long "watch" tries to connect again; 0 is 15 minutes
}

func (o Options) withDefaults() Options {
	fallback(&o.Server, "http://127.0.0.1:8080")
	fallback(&o.Patience, 5*time.Minute)
	fallback(&o.Silence, 45*time.Second)
	fallback(&o.GiveUp, 15*time.Minute)
	fallback(&o.Zone, time.Local)
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	if o.Terminal == nil {
		o.Terminal = tty
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.After == nil {
		o.After = time.After
	}
	if o.NewID == nil {
		o.NewID = uuid.NewString
	}
	return o
}

func fallback[T comparable](v *T, def T) {
	if zero := *new(T); *v == zero {
		*v = def
	}
}

// tty tells whether a stream of this process is a terminal that can be painted on, and its size.
func tty(stream any) (width, height int, ok bool) {
	f, is := stream.(*os.File)
	if !is || !term.IsTerminal(int(f.Fd())) || os.Getenv("TERM") == "dumb" {
		return 0, 0, false
	}
	if width, height, err := term.GetSize(int(f.Fd())); err == nil && width > 0 && height > 0 {
		return width, height, true
	}
	return 80, 24, true // a terminal that does not know
}

// app makes the commands.
type app struct {
	o     Options
	words terminal.Words // of the help, which is made before flags are read
}

// Commands makes the commands, for a root command to mount. They tell their errors themselves: what they return is an
// *terminal.Exit, or nil.
func Commands(o Options) []*cobra.Command {
	o = o.withDefaults()
	a := &app{o, wordsOf(terminal.Language(o.Getenv))}
	return []*cobra.Command{
		a.home(), a.campaigns(), a.recipients(), a.errands(), a.reports(),
		a.lines(), a.agents(), a.templates(), a.playground(),
		a.contacts(), a.audiences(), a.imports(), a.consents(), a.suppressions(), a.rules(),
		a.keys(), a.users(), a.audit(), a.retention(),
	}
}

// noun is a command that has others.
func (a *app) noun(name string, verbs ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{
		Use: name, Short: a.words.Say("does." + name), Long: a.words.Say("does."+name) + "\n\n" + a.words.Say("help.exit"),
		SilenceErrors: true, SilenceUsage: true, Args: cobra.ArbitraryArgs,
	}
	f := c.PersistentFlags()
	f.String("server", "", a.words.Say("flag.server")) // their defaults are not shown: the key is in one of them
	f.String("key", "", a.words.Say("flag.key"))
	f.Bool("json", false, a.words.Say("flag.json"))
	f.String("lang", "", a.words.Say("flag.lang"))
	c.RunE = a.run(func(_ context.Context, k *call) error {
		if len(k.args) == 0 {
			return k.cmd.Help()
		}
		return fault.New(fault.Invalid, "command_unknown", fault.Params{"value": fit(terminal.Clean(k.args[0]), 40), "help": k.cmd.CommandPath() + " --help"})
	})
	c.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return a.fail(cmd, fault.New(fault.Invalid, "flag_wrong", fault.Params{"detail": terminal.Clean(err.Error()), "help": cmd.CommandPath() + " --help"}))
	})
	c.AddCommand(verbs...)
	return c
}

// verb is a command that does something.
type verb struct {
	use   string // name and arguments: [X] may be left out, X… may be several
	does  string // its words, when they are not does.<noun>.<verb>
	flags []flag
	run   func(ctx context.Context, k *call) error
}

// flag defines a flag.
type flag func(c *cobra.Command, w terminal.Words)

func text(name string) flag {
	return func(c *cobra.Command, w terminal.Words) { c.Flags().String(name, "", w.Say("flag."+name)) }
}

func short(name, letter string) flag {
	return func(c *cobra.Command, w terminal.Words) { c.Flags().StringP(name, letter, "", w.Say("flag."+name)) }
}

// many may be given several times, or once with commas.
func many(name string) flag {
	return func(c *cobra.Command, w terminal.Words) { c.Flags().StringSlice(name, nil, w.Say("flag."+name)) }
}

// each may be given several times; commas are part of it.
func each(name string) flag {
	return func(c *cobra.Command, w terminal.Words) { c.Flags().StringArray(name, nil, w.Say("flag."+name)) }
}

func yes(name string) flag {
	return func(c *cobra.Command, w terminal.Words) { c.Flags().Bool(name, false, w.Say("flag."+name)) }
}

func number(name string, def int) flag {
	return func(c *cobra.Command, w terminal.Words) { c.Flags().Int(name, def, w.Say("flag."+name)) }
}

func (a *app) verb(noun string, v verb) *cobra.Command {
	name, least, most := arity(v.use)
	if v.does == "" {
		v.does = noun + "." + name
	}
	c := &cobra.Command{Use: v.use, Short: a.words.Say("does." + v.does), SilenceErrors: true, SilenceUsage: true}
	c.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) < least || len(args) > most {
			return a.fail(cmd, fault.New(fault.Invalid, "arguments_wrong", fault.Params{"usage": cmd.UseLine()}))
		}
		return nil
	}
	for _, f := range v.flags {
		f(c, a.words)
	}
	c.RunE = a.run(v.run)
	return c
}

// run makes of a function what cobra runs: it gives it its call, and tells its error.
func (a *app) run(f func(ctx context.Context, k *call) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		k := a.call(cmd, args)
		defer k.close()
		err := f(cmd.Context(), k)
		var told *terminal.Exit
		if err == nil || errors.As(err, &told) {
			return err
		}
		return a.fail(cmd, err)
	}
}

// fail tells an error and makes an Exit of it.
func (a *app) fail(cmd *cobra.Command, err error) error {
	k := a.call(cmd, nil)
	if cmd.Context() != nil && cmd.Context().Err() != nil {
		err = context.Canceled
	}
	tell(cmd.ErrOrStderr(), k.lang, k.json, k.key(), err)
	return &terminal.Exit{Code: exitCode(err)}
}

// call is one running of a command.
type call struct {
	*app
	cmd    *cobra.Command
	args   []string
	lang   locale.Language
	words  terminal.Words
	json   bool
	out    io.Writer
	err    io.Writer
	server *conn // made by the first request
}

func (a *app) call(cmd *cobra.Command, args []string) *call {
	k := &call{app: a, cmd: cmd, args: args, out: cmd.OutOrStdout(), err: cmd.ErrOrStderr()}
	k.json, _ = cmd.Flags().GetBool("json")
	k.lang = languageOf(k.text("lang"), a.o.Getenv)
	k.words = wordsOf(k.lang)
	return k
}

// text, flag, number and list give what a flag says; nothing for one that the command does not have.
func (k *call) text(name string) string   { v, _ := k.cmd.Flags().GetString(name); return v }
func (k *call) flag(name string) bool     { v, _ := k.cmd.Flags().GetBool(name); return v }
func (k *call) number(name string) int    { v, _ := k.cmd.Flags().GetInt(name); return v }
func (k *call) list(name string) []string { v, _ := k.cmd.Flags().GetStringSlice(name); return v }
func (k *call) each(name string) []string { v, _ := k.cmd.Flags().GetStringArray(name); return v }

func (k *call) key() string {
	if key := k.text("key"); key != "" {
		return key
	}
	return k.o.Getenv("CAMPANARIO_KEY")
}

// conn is the connection to the server.
func (k *call) conn() (*conn, error) {
	if k.server != nil {
		return k.server, nil
	}
	server := k.text("server")
	if server == "" {
		server = k.o.Getenv("CAMPANARIO_URL")
	}
	if server == "" {
		server = k.o.Server
	}
	var err error
	k.server, err = dial(server, k.key(), string(k.lang), k.o.Patience)
	return k.server, err
}

func (k *call) close() {
	if k.server != nil {
		k.server.close()
	}
}

// arity reads from a usage its name and how many arguments it takes.
func arity(use string) (name string, least, most int) {
	words := strings.Fields(use)
	for _, w := range words[1:] {
		if !strings.HasPrefix(w, "[") {
			least++
		}
		most++
		if strings.Contains(w, "…") {
			most = maxArguments
		}
	}
	return words[0], least, most
}

// maxArguments bounds what may be named one by one.
const maxArguments = 10000
