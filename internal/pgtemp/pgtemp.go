// Package pgtemp runs the machine's PostgreSQL for a while, in a folder of its own, for tests and benchmarks.
package pgtemp

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"campanario/internal/freeport"
)

// Server is a PostgreSQL server of this process.
type Server struct {
	URL string // of its first database, by a user who may do everything

	dir     string
	command []string
	who     *syscall.Credential
	cmd     *exec.Cmd
	ready   chan error
	done    chan struct{}
}

// Start runs a server on loopback. It ends with the process, or when it is stopped. settings are added to the server's
// own ("fsync=off").
func Start(ctx context.Context, settings ...string) (*Server, error) {
	bin, err := binaries(ctx)
	if err != nil {
		return nil, err
	}
	sweep()
	dir, err := os.MkdirTemp("", folderPrefix)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "owner"), []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		return nil, err
	}
	who, err := unprivileged(dir)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	initdb := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
	initdb.SysProcAttr = &syscall.SysProcAttr{Credential: who}
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	port, err := freeport.Find(ctx, 1)
	if err != nil {
		return nil, err
	}
	args := []string{"-D", data, "-p", strconv.Itoa(port), "-k", dir, "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200", "-c", "lc_messages=C"}
	for _, s := range settings {
		args = append(args, "-c", s)
	}
	s := &Server{
		URL: fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", port),
		dir: dir, command: append([]string{filepath.Join(bin, "postgres")}, args...), who: who,
	}
	return s, s.Resume(ctx)
}

// Resume starts a server again that was halted, with everything that was committed. The caller is the only one to use the
// Server meanwhile.
func (s *Server) Resume(ctx context.Context) error {
	s.ready, s.done = make(chan error, 1), make(chan struct{})
	go s.run(exec.CommandContext(context.WithoutCancel(ctx), s.command[0], s.command[1:]...))
	return <-s.ready
}

// Halt ends the server at once, as if its machine had stopped; Resume brings it back.
func (s *Server) Halt() {
	_ = s.cmd.Process.Signal(syscall.SIGQUIT) // immediate shutdown
	<-s.done
}

// Stop ends the server and removes its folder.
func (s *Server) Stop() {
	_ = s.cmd.Process.Signal(syscall.SIGINT) // fast shutdown
	<-s.done
	_ = os.RemoveAll(s.dir)
}

// CPU is how much time the server's processes that are alive have had of the processors.
func (s *Server) CPU() time.Duration {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0
	}
	const ticks = 100 // of a second, by the kernel's ABI
	var sum int64
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has just ended
		}
		_, rest, _ := strings.Cut(string(text), ") ")
		f := strings.Fields(rest)
		if len(f) < 13 || f[1] != strconv.Itoa(s.cmd.Process.Pid) {
			continue
		}
		user, _ := strconv.ParseInt(f[11], 10, 64)
		system, _ := strconv.ParseInt(f[12], 10, 64)
		sum += user + system
	}
	return time.Duration(sum) * time.Second / ticks
}

// run owns the server's process.
func (s *Server) run(cmd *exec.Cmd) {
	// The kernel ends the server with the thread that started it: this one stays for as long as the server does.
	runtime.LockOSThread()
	defer close(s.done)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.who, Pdeathsig: syscall.SIGQUIT, Setpgid: true}
	s.cmd = cmd
	log, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		s.ready <- err
		return
	}
	lines := bufio.NewScanner(log)
	var said []string
	for lines.Scan() {
		if len(said) < 50 {
			said = append(said, lines.Text())
		}
		if strings.Contains(lines.Text(), "ready to accept connections") {
			s.ready <- nil
		}
	}
	_, _ = io.Copy(io.Discard, log) // a line that is too long for the scanner must not hold the server up
	_ = cmd.Wait()
	select {
	case s.ready <- fmt.Errorf("postgres ended: %s", strings.Join(said, "\n")):
	default:
	}
}

const folderPrefix = "campanario-postgres-"

// sweep removes the folders of processes that are no more: one that was killed could not do it itself.
func sweep() {
	old, err := filepath.Glob(filepath.Join(os.TempDir(), folderPrefix+"*"))
	if err != nil {
		return
	}
	for _, dir := range old {
		text, err := os.ReadFile(filepath.Join(dir, "owner"))
		if err != nil {
			continue
		}
		if pid, err := strconv.Atoi(string(text)); err == nil && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			_ = os.RemoveAll(dir)
		}
	}
}

// binaries finds the newest PostgreSQL of the machine.
func binaries(ctx context.Context) (string, error) {
	if path, err := exec.LookPath("pg_config"); err == nil {
		if out, err := exec.CommandContext(ctx, path, "--bindir").Output(); err == nil {
			dir := strings.TrimSpace(string(out))
			if _, err := os.Stat(filepath.Join(dir, "initdb")); err == nil {
				return dir, nil
			}
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil || len(found) == 0 {
		return "", errors.New("not installed")
	}
	return found[len(found)-1], nil
}

// unprivileged gives the folder to the user that the server runs as: it refuses to be root.
func unprivileged(dir string) (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, os.Chown(dir, uid, gid)
}
