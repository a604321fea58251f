// Package proctest runs the real program in processes of its own, for tests: it builds it once, starts it, listens to what
// it says, speaks to its API, and kills it. What the sandbox's own log says of a campaign is held against the database
// here.
package proctest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// build makes the program, once for a test process.
var build = sync.OnceValues(func() (string, error) {
	path := filepath.Join(folder(), "campanario")
	out, err := exec.Command("go", "build", "-o", path, "campanario/cmd/campanario").CombinedOutput() //nolint:noctx // go test's own time limit holds
	if err != nil {
		err = fmt.Errorf("build the program: %w\n%s", err, out)
	}
	return path, err
})

// folder is where this test process keeps the program.
func folder() string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("campanario-test-%d", os.Getpid()))
}

// Main runs the tests of a package and removes what they built. It is to be called by TestMain.
func Main(m *testing.M) int {
	code := m.Run()
	_ = os.RemoveAll(folder())
	return code
}

// Command is how the program is started.
type Command struct {
	Args []string
	Dir  string   // empty is a folder of its own
	Env  []string // besides the few variables that every process needs
}

// Process is the program, running or not any more.
type Process struct {
	t    testing.TB
	cmd  *exec.Cmd
	name string
	done chan struct{} // closed when it has ended

	mu      sync.Mutex
	out     []string // lines of its output
	err     []string
	changed chan struct{} // closed at the next line
}

// mostLines bounds what is kept of what a process says.
const mostLines = 200_000

// Start starts the program. It ends with the test at the latest.
func Start(t testing.TB, c Command) *Process {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	if c.Dir == "" {
		c.Dir = t.TempDir()
	}
	p := &Process{t: t, name: strings.Join(c.Args[:min(1, len(c.Args))], " "), done: make(chan struct{}), changed: make(chan struct{})}
	p.cmd = exec.Command(path, c.Args...) //nolint:noctx // Kill ends it
	p.cmd.Dir = c.Dir
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "TMPDIR=" + os.TempDir(), "LANG=en_US.UTF-8"}, c.Env...)
	started := make(chan error, 1)
	go p.run(started)
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return p
}

// run owns the process.
func (p *Process) run(started chan<- error) {
	defer close(p.done)
	// The kernel kills the process with the thread that started it, so that nothing outlives a test that is killed.
	runtime.LockOSThread()
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	out, err := p.cmd.StdoutPipe()
	if err == nil {
		var errs io.ReadCloser
		if errs, err = p.cmd.StderrPipe(); err == nil {
			err = p.cmd.Start()
			started <- err
			if err == nil {
				var both sync.WaitGroup
				both.Go(func() { p.read(out, &p.out) })
				both.Go(func() { p.read(errs, &p.err) })
				both.Wait()
				_ = p.cmd.Wait()
			}
			return
		}
	}
	started <- err
}

// read keeps what the process says.
func (p *Process) read(from io.Reader, into *[]string) {
	lines := bufio.NewReader(from)
	for {
		line, err := lines.ReadString('\n')
		p.mu.Lock()
		if line != "" && len(*into) < mostLines {
			*into = append(*into, strings.TrimSuffix(line, "\n"))
			close(p.changed)
			p.changed = make(chan struct{})
		}
		p.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// Out and Err are what the process has said so far.
func (p *Process) Out() string { return p.said(&p.out) }

// Err is what it has said on its standard error.
func (p *Process) Err() string { return p.said(&p.err) }

func (p *Process) said(what *[]string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(*what, "\n")
}

// Await waits for a line of the process and gives what its groups matched. It fails the test when the process ends
// before, or when ctx is done.
func (p *Process) Await(ctx context.Context, line *regexp.Regexp) []string {
	p.t.Helper()
	m, err := p.await(ctx, line)
	if err != nil {
		p.t.Fatalf("%s: no line %q: %v\n%s\n%s", p.name, line, err, p.Out(), p.Err())
	}
	return m
}

func (p *Process) await(ctx context.Context, line *regexp.Regexp) ([]string, error) {
	ended := false
	for {
		p.mu.Lock()
		changed := p.changed
		for _, lines := range [][]string{p.out, p.err} {
			for _, l := range lines {
				if m := line.FindStringSubmatch(l); m != nil {
					p.mu.Unlock()
					return m, nil
				}
			}
		}
		p.mu.Unlock()
		if ended {
			return nil, errors.New("the process has ended")
		}
		select {
		case <-changed:
		case <-p.done:
			ended = true
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Signal sends a signal, and Kill the one that nobody can catch; Kill waits for the end.
func (p *Process) Signal(s syscall.Signal) {
	select {
	case <-p.done:
	default:
		_ = p.cmd.Process.Signal(s)
	}
}

// Kill ends the process at once.
func (p *Process) Kill() {
	p.Signal(syscall.SIGKILL)
	<-p.done
}

// Pid is the process's number.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Wait waits for the end and gives the exit code; -1 for a process that a signal ended.
func (p *Process) Wait(ctx context.Context) int {
	p.t.Helper()
	select {
	case <-p.done:
		return p.cmd.ProcessState.ExitCode()
	case <-ctx.Done():
		p.t.Fatalf("%s does not end: %v\n%s\n%s", p.name, ctx.Err(), p.Out(), p.Err())
		return -1
	}
}

// Run runs the program to its end.
func Run(t testing.TB, c Command) (code int, out, errs string) {
	t.Helper()
	p := Start(t, c)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	code = p.Wait(ctx)
	return code, p.Out(), p.Err()
}
