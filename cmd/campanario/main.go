// Command campanario reaches people by telephone and e-mail, in campaigns: it is the server, the client, and the tools
// around them.
//
//	campanario serve                 the engine with its API, and a sandbox until there is a line
//	campanario run                   one campaign from a file of contacts to its report
//	campanario campaign|recipient|…  a client of a server
//	campanario doctor                what the machine lacks
//
// Every flag of the commands in this folder can be given as a variable of the environment instead: --sandbox-speed is
// CAMPANARIO_SANDBOX_SPEED. Exit codes are those of package terminal.
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"campanario/cmd/campanario/internal/terminal"
	"campanario/internal/tune"
)

func main() {
	tune.Process()
	ignoreFileSizeLimit()
	// The first signal asks for an orderly end. Signals are let go before anybody hears of it, so that the second one ends
	// the process at once.
	signalled, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithCancel(context.WithoutCancel(signalled))
	context.AfterFunc(signalled, func() {
		stop()
		cancel()
	})
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr, os.Getenv))
}

// run runs the program with its arguments and gives its exit code.
func run(ctx context.Context, args []string, out, err io.Writer, getenv func(string) string) int {
	a := newApp(out, err, getenv)
	root := a.root() //nolint:contextcheck // commands take the context they are executed with
	root.SetArgs(args)
	failed := root.ExecuteContext(ctx)
	var told *terminal.Exit
	if failed != nil && !errors.As(failed, &told) && terminal.ExitCode(failed) != terminal.CodeInterrupted {
		if e, ok := failed.(interface{ ExitCode() int }); ok { // a command's own, told by itself
			return e.ExitCode()
		}
		terminal.Tell(err, a.lang, "", failed)
	}
	return terminal.ExitCode(failed)
}

// version is that of the source this was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "dev"
	}
	return info.Main.Version
}
