package tune

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Main is the main function of a benchmark, which reads its arguments and ends when it is interrupted. It gives the status
// to exit with: 1 when the benchmark failed.
func Main(run func(ctx context.Context, args []string, out io.Writer) error) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) { // which was told by the flags
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
