// Package single runs one campaign from its files to its report, in one process.
//
// # Going on
//
// A campaign is found again by its key: the file's own, or the file's path. So the same command goes on where it stopped,
// whether it was interrupted, killed, or the machine went down. Contacts are added once, by the content of their file;
// a campaign that was paused is started again; one that has ended only has its report written again. What was begun is not
// changed: a file that says something else by then is refused.
//
// # Beside others
//
// On an SQLite file this is the only process, and runs its own campaign alone. On PostgreSQL it is a node like any other
// for as long as it lasts: it takes its share of all lines, and its campaign may be carried by another node.
//
// # Being interrupted
//
// The campaign is paused first, so that nobody else is contacted. Calls that are going on may end by themselves for a
// while; then they are hung up, and messages on their way wait for their reply. What came of all of them is written, and
// the report, which is true then.
package single

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"campanario/agent"
	"campanario/campaign"
	"campanario/cmd/campanario/internal/launch"
	"campanario/cmd/campanario/internal/plan"
	"campanario/cmd/campanario/internal/program"
	"campanario/cmd/campanario/internal/terminal"
	"campanario/internal/fault"
	"campanario/report"
	"campanario/store"
)

// Options for Run.
type Options struct {
	Campaign string // path of the campaign file
	Contacts string // path of the contacts; may be empty for a campaign that draws from the contact base
	Report   string // path of the report; written anew at every end
	Rejected string // path of a file for rows that were refused; empty for none
	Key      string // instead of the file's

	Form    report.Options // of the report
	Program program.Options
	// Sandbox is what the sandbox is like, for a campaign that names no line.
	Sandbox program.Sandbox
	// SandboxDatabase is where such a campaign is kept, unless Program.Database says where.
	SandboxDatabase string

	Patience time.Duration // how long open calls may go on when it is interrupted
	Every    time.Duration // between lines of progress, when Live is not set
	Live     bool          // progress is a bar that moves
	Width    int           // of the terminal, with Live

	Env   func(name string) (string, bool)
	Words terminal.Words
	Out   io.Writer // what came of it
	Err   io.Writer // progress and what is wrong
}

// look is how often a campaign is looked at.
const look = 150 * time.Millisecond

// maxFile is more than any campaign file has, in bytes.
const maxFile = 1 << 20

// Run runs a campaign until everybody is settled, or until it stops for a reason of its own (an *terminal.Exit with
// terminal.CodeWaiting), or ctx is done (terminal.CodeInterrupted). What is wrong with the files is an error that says so,
// and nobody has been contacted then.
func Run(ctx context.Context, o Options) error {
	r := &running{Options: o, shown: newProgress(o)}
	defer r.shown.close()
	err := r.run(ctx)
	r.shown.close()
	return r.tell(ctx, err)
}

// running is one run.
type running struct {
	Options
	shown    *progress
	program  *program.Program
	plan     *plan.Plan
	campaign *campaign.Campaign
	contacts *os.File // nil for none
	begun    bool     // the campaign: there is something to report
}

// about is an error with the file that it is about.
type about struct {
	file string
	err  error
}

func (a *about) Error() string { return a.file + ": " + a.err.Error() }
func (a *about) Unwrap() error { return a.err }

// tell says an error with its file, and gives what the process ends with.
func (r *running) tell(ctx context.Context, err error) error {
	var exit *terminal.Exit
	switch {
	case err == nil || errors.As(err, &exit):
		return err
	case ctx.Err() != nil && errors.Is(err, context.Canceled): // before anybody was contacted
		return &terminal.Exit{Code: terminal.CodeInterrupted}
	}
	var a *about
	file := ""
	if errors.As(err, &a) {
		err = a.err
		if kind := fault.KindOf(err); kind != fault.Internal && kind != fault.Unavailable { // what is away is in no file
			file = a.file
		}
	}
	terminal.Tell(r.Err, r.Words.Language, file, err)
	return &terminal.Exit{Code: terminal.ExitCode(err)}
}

func (r *running) run(ctx context.Context) error {
	data, err := r.openFiles()
	if err != nil {
		return err
	}
	if r.contacts != nil {
		defer r.contacts.Close() //nolint:errcheck // it was only read
	}
	// What can be said of the file without a database is said before there is one.
	if r.plan, err = r.read(data, true); err != nil {
		return err
	}
	if r.contacts == nil && r.plan.Definition.Contacts == nil {
		return fault.New(fault.Invalid, "required", nil).At("--contacts")
	}
	if err := r.start(ctx); err != nil {
		return err
	}
	err = r.whole(ctx, data)
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.Patience)
	defer cancel()
	if stopped := r.program.Stop(patience); stopped != nil {
		if err != nil { // both are to be told
			_ = r.tell(ctx, stopped)
			return err
		}
		return stopped
	}
	return err
}

// openFiles finds out whether all files can be read and written, before anything else is done.
func (r *running) openFiles() ([]byte, error) {
	f, err := os.Open(r.Campaign)
	if err != nil {
		return nil, unreadable(r.Campaign, err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	data, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return nil, unreadable(r.Campaign, err)
	}
	if err := r.openContacts(); err != nil {
		return nil, err
	}
	for _, path := range []string{r.Report, r.Rejected} {
		if err := writable(path); err != nil {
			return nil, err
		}
	}
	return data, nil
}

func (r *running) openContacts() error {
	if r.Contacts == "" {
		return nil
	}
	var err error
	if r.contacts, err = os.Open(r.Contacts); err != nil {
		return unreadable(r.Contacts, err)
	}
	if info, err := r.contacts.Stat(); err == nil && !info.Mode().IsRegular() { // it is read more than once
		return unreadable(r.Contacts, fs.ErrInvalid)
	}
	return nil
}

func unreadable(path string, err error) error {
	return fault.New(fault.Invalid, "file_unreadable", fault.Params{"path": path}).Because(err)
}

// unwritten is a file that could not be written after all.
func unwritten(path string, err error) error {
	return fault.New(fault.Unavailable, "file_unwritable", fault.Params{"path": path}).Because(err)
}

// writable tries whether a file could be written in place of the one that may be there.
func writable(path string) error {
	if path == "" {
		return nil
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".campanario-*")
	if err != nil {
		return fault.New(fault.Invalid, "file_unwritable", fault.Params{"path": path}).Because(err)
	}
	_ = f.Close()
	return os.Remove(f.Name())
}

// read reads the campaign file; begun tells that times that have passed are what they should be.
func (r *running) read(data []byte, begun bool) (*plan.Plan, error) {
	p, err := plan.Read(data, plan.Options{Now: time.Now(), Begun: begun, Env: r.Env, Lines: program.Validators()})
	if err != nil {
		return nil, &about{r.Campaign, err}
	}
	return p, nil
}

// start starts the product for this campaign alone.
func (r *running) start(ctx context.Context) error {
	o := r.Program
	o.Sandbox = r.Sandbox
	o.Sandbox.Mode = program.Off
	if r.plan.Sandbox() {
		o.Sandbox.Mode = program.On
		if o.Database == "" {
			o.Database = r.SandboxDatabase
		}
		if o.BaseURL == "" { // links lead to this process for as long as it runs
			o.Listen = "127.0.0.1:0"
		}
	} else if uses(r.plan, agent.VarUnsubscribe) && o.BaseURL == "" {
		return &about{r.Campaign, fault.New(fault.Invalid, "base_url_required", nil).At("message")}
	}
	if _, file := store.FileOf(o.Database); file { // where others work too, a line that is left alone would be nobody's
		o.OnlyLines = r.mine
	}
	o.Last = r.last
	r.program = program.New(o)
	return r.program.Start(ctx)
}

// uses reports whether the message of a plan says a variable.
func uses(p *plan.Plan, name string) bool {
	if p.Definition.Message == nil {
		return false
	}
	letter, err := p.Definition.Message.Compile()
	if err != nil {
		return false
	}
	for _, n := range letter.Names() {
		if n == name {
			return true
		}
	}
	return false
}

// mine keeps this process to the line of its campaign: others' are not its to run.
func (r *running) mine(line string) bool {
	c := r.shown.campaign()
	return c != nil && c.Line == line
}

// whole is everything between the start and the stop of the product.
func (r *running) whole(ctx context.Context, data []byte) error {
	key, err := r.key(data)
	if err != nil {
		return err
	}
	begun, err := r.find(ctx, key)
	if err != nil {
		return err
	}
	if r.plan, err = r.read(data, begun); err != nil {
		return err
	}
	if err := r.bring(ctx, key); err != nil {
		return err
	}
	if err := r.begin(ctx); err != nil {
		return err
	}
	return r.watch(ctx)
}

// key is by what the campaign is found again.
func (r *running) key(data []byte) (string, error) {
	if r.Key != "" {
		return r.Key, nil
	}
	if key, _ := plan.Identity(data); key != "" {
		return key, nil
	}
	path, err := filepath.Abs(r.Campaign)
	return "file:" + path, err
}

// find reports whether the campaign has been started before.
func (r *running) find(ctx context.Context, key string) (bool, error) {
	c, err := r.program.Campaigns.ByKey(ctx, r.program.Workspace, key)
	switch {
	case err != nil && fault.KindOf(err) == fault.NotFound:
		return false, nil
	case err != nil:
		return false, err
	case c.State == campaign.Cancelled:
		return true, fault.New(fault.Conflict, "campaign_cancelled", fault.Params{"key": key})
	}
	return c.State != campaign.Draft, nil
}

// bring makes the campaign and adds its contacts.
func (r *running) bring(ctx context.Context, key string) error {
	into := launch.Into{
		Workspace: r.program.Workspace, Lines: r.program.Lines, Agents: r.program.Agents, Campaigns: r.program.Campaigns, Lists: r.program.Lists,
		Sandbox: program.SandboxLine,
	}
	if r.contacts == nil {
		c, err := into.Campaign(ctx, r.plan, key, launch.Contacts{})
		if err != nil {
			return &about{r.Campaign, err}
		}
		r.take(c)
		return nil
	}
	refused, err := newRefusals(r.Contacts, r.Rejected, r.Words, r.Err)
	if err != nil {
		return err
	}
	size := int64(0)
	if info, err := r.contacts.Stat(); err == nil {
		size = info.Size()
	}
	from := launch.Contacts{
		File: r.contacts, Kind: r.plan.Definition.Channel, Country: r.plan.Country, Rejected: refused.add, Progress: r.shown.reading(size),
	}
	c, err := into.Campaign(ctx, r.plan, key, from)
	if err != nil {
		return &about{r.Campaign, errors.Join(err, refused.close())}
	}
	n, err := into.Enrol(ctx, c, from)
	r.shown.clear()
	if err = errors.Join(err, refused.close()); err != nil {
		return &about{r.Contacts, err}
	}
	said := r.Words.Say("contacts", "file", terminal.Clean(filepath.Base(r.Contacts)), "added", n.Added, "before", n.Before, "duplicates", n.Duplicates, "rejected", n.Rejected)
	fmt.Fprintln(r.Err, said) //nolint:errcheck // progress
	r.take(c)
	return nil
}

// take makes a campaign the one that this process is for.
func (r *running) take(c *campaign.Campaign) {
	r.shown.set(c)
	r.campaign = c
	r.program.LookAgain()
}

// begin starts the campaign, unless it runs or has ended.
func (r *running) begin(ctx context.Context) error {
	c := r.campaign
	r.begun = c.State != campaign.Draft
	if c.State == campaign.Active || c.State == campaign.Scheduled || c.State.Final() {
		return nil
	}
	if _, err := r.program.Campaigns.Start(ctx, r.program.Workspace, c.ID); err != nil {
		if len(fault.All(err)) > 0 && fault.KindOf(err) == fault.Conflict { // what stands in the way is in the files
			terminal.Tell(r.Err, r.Words.Language, r.Campaign, err)
			return &terminal.Exit{Code: terminal.CodeUsage}
		}
		return err
	}
	r.begun = true
	return nil
}
