package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"campanario/access"
	"campanario/api"
	"campanario/cmd/campanario/internal/program"
	"campanario/internal/fault"
	"campanario/internal/seal"
)

// access is what can be done about who has access from the machine itself.
func (a *app) access() *cobra.Command {
	c := &cobra.Command{
		Use: "access", Short: a.words.Say("does.access"), Long: a.words.Say("does.access"), SilenceErrors: true, SilenceUsage: true,
		Args: cobra.ArbitraryArgs, RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.Help()
			}
			return fault.New(fault.Invalid, "arguments_wrong", fault.Params{"usage": c.UseLine()})
		},
	}
	c.AddCommand(a.accessLink())
	return c
}

// accessLink prints a link by which somebody becomes an owner. It needs the secret key alone, not the database: the server
// may run meanwhile. Who can read that key may do everything anyhow.
func (a *app) accessLink() *cobra.Command {
	var o program.Options
	c := a.command("link", func(*cobra.Command) error {
		sealer, err := present(o)
		if err != nil {
			return err
		}
		links, err := access.NewOwnerLinks(sealer)
		if err != nil {
			return err
		}
		fmt.Fprintln(a.out, base(o)+api.AccessPath+links.Token(time.Now(), false)) //nolint:errcheck // nobody is left to tell
		fmt.Fprintln(a.err, a.words.Say("link.once"))                              //nolint:errcheck // as above
		return nil
	})
	a.text(c, &o.Data, "data", "data")
	a.text(c, &o.Listen, "listen", "127.0.0.1:8080")
	a.text(c, &o.BaseURL, "base-url", "")
	o.Keys = a.getenv(seal.Variable)
	return c
}

// present is the secret key of an installation that is there: none is made.
func present(o program.Options) (*seal.Sealer, error) {
	if strings.TrimSpace(o.Keys) == "" {
		path := filepath.Join(o.Data, seal.FileName)
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, fault.New(fault.Invalid, "secret_key_file_unusable", fault.Params{"path": path}).Because(err)
		}
	}
	s, _, err := seal.Load(o.Keys, o.Data)
	return s, err
}

// base is where a server with these options is reached.
func base(o program.Options) string {
	if o.BaseURL != "" {
		return strings.TrimSuffix(o.BaseURL, "/")
	}
	host, port, err := net.SplitHostPort(o.Listen)
	if a, wrong := netip.ParseAddr(host); err == nil && (host == "" || wrong == nil && a.IsUnspecified()) {
		return "http://" + net.JoinHostPort("127.0.0.1", port)
	}
	return "http://" + o.Listen
}

// oidcSecret is the variable that holds what proves this program to an issuer of identities. It is no flag: those are seen
// by everybody on the machine.
const oidcSecret = "CAMPANARIO_OIDC_SECRET"

// secret is what the variable holds, or else a small file.
func (a *app) secret(file string) (string, error) {
	if v := strings.TrimSpace(a.getenv(oidcSecret)); v != "" || file == "" {
		return v, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return "", fault.New(fault.Invalid, "file_unreadable", fault.Params{"path": file}).Because(err)
	}
	defer f.Close() //nolint:errcheck // only read
	b, err := io.ReadAll(io.LimitReader(f, 4096))
	if err != nil {
		return "", fault.New(fault.Invalid, "file_unreadable", fault.Params{"path": file}).Because(err)
	}
	return strings.TrimSpace(string(b)), nil
}
