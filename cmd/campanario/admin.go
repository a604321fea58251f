package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"campanario/access"
	"campanario/cmd/campanario/internal/doctor"
	"campanario/cmd/campanario/internal/plan"
	"campanario/cmd/campanario/internal/program"
	"campanario/cmd/campanario/internal/terminal"
	"campanario/internal/fault"
	"campanario/store"
)

// open opens the database that the flags name, as the server would.
func open(c *cobra.Command, o program.Options) (*store.Store, error) {
	url := o.Database
	if url == "" {
		if err := os.MkdirAll(o.Data, 0o700); err != nil {
			return nil, fault.New(fault.Invalid, "data_folder_unusable", fault.Params{"path": o.Data}).Because(err)
		}
		url = filepath.Join(o.Data, program.DatabaseFile)
	}
	return store.Open(c.Context(), store.Options{URL: url})
}

// migrate brings the database to this program's version.
func (a *app) migrate() *cobra.Command {
	var o program.Options
	c := a.command("migrate", func(c *cobra.Command) error {
		s, err := open(c, o)
		if err != nil {
			return err
		}
		steps, err := s.Migrate(c.Context())
		if err == nil && len(steps) > 0 {
			a.say("migrated", "steps", strings.Join(steps, ", "), "database", s.Dialect())
		}
		if err == nil && len(steps) == 0 {
			have, _, versionErr := s.Schema(c.Context())
			err = versionErr
			a.say("up_to_date", "version", have, "database", s.Dialect())
		}
		return joined(err, s.Close())
	})
	a.place(c, &o)
	return c
}

// rescueKey makes a key for whoever has none left. Who can write to the database may do everything anyhow.
func (a *app) rescueKey() *cobra.Command {
	var o program.Options
	var name string
	c := a.command("rescue-key", func(c *cobra.Command) error {
		s, err := open(c, o)
		if err != nil {
			return err
		}
		keys := access.NewService(access.Options{Store: s})
		w, err := s.FirstWorkspace(c.Context())
		token := ""
		if err == nil {
			by := access.Principal{Workspace: w.ID, Name: name, Scopes: access.AllScopes()}
			_, token, err = keys.CreateKey(c.Context(), by, name, access.AllScopes(), time.Time{})
		}
		if err = joined(err, s.Close()); err != nil {
			return err
		}
		fmt.Fprintln(a.out, token)                   //nolint:errcheck // nobody is left to tell
		fmt.Fprintln(a.err, a.words.Say("key.once")) //nolint:errcheck // as above
		return nil
	})
	a.place(c, &o)
	a.text(c, &name, "name", "rescue")
	return c
}

// schema prints the JSON Schema of campaign files.
func (a *app) schema() *cobra.Command {
	return a.command("schema", func(*cobra.Command) error {
		text, err := plan.Schema()
		if err == nil {
			_, err = a.out.Write(text)
		}
		return err
	})
}

// version says what this is.
func (a *app) version() *cobra.Command {
	return a.command("version", func(*cobra.Command) error {
		_, err := fmt.Fprintf(a.out, "campanario %s %s %s/%s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
		return err
	})
}

// doctor looks whether everything is there.
func (a *app) doctor() *cobra.Command {
	var o program.Options
	c := a.command("doctor", func(c *cobra.Command) error {
		found := doctor.Examine(c.Context(), o)
		bad := false
		for _, f := range found {
			bad = bad || f.Level == doctor.Bad
			fmt.Fprintf(a.out, "%s %-12s %s\n", a.words.Say("level."+string(f.Level)), a.words.Say("part."+string(f.Part)), f.Say(a.words)) //nolint:errcheck // nobody is left to tell
		}
		if bad {
			return &terminal.Exit{Code: terminal.CodeFailed}
		}
		return nil
	})
	a.place(c, &o)
	a.text(c, &o.Listen, "listen", "127.0.0.1:8080")
	a.network(c, &o)
	return c
}
