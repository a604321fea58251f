// Package dbtest gives tests a fresh, migrated store on each of the two databases.
package dbtest

import (
	"bufio"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the "pgx" driver
)

// postgresVariable names a server to use instead of one of our own: postgres://user@host:port/database, by a user who may
// create databases.
const postgresVariable = "CAMPANARIO_TEST_POSTGRES"

var server = sync.OnceValues(startPostgres)

var databases atomic.Int64

// Postgres gives the URL of a new empty database, which is dropped when the test ends. The server is one for the test
// process, with the machine's PostgreSQL, on loopback; it dies with the process.
func Postgres(t testing.TB) string {
	t.Helper()
	base, err := server()
	if err != nil {
		t.Fatalf("no PostgreSQL for tests (make test installs it): %v", err)
	}
	name := fmt.Sprintf("t%d_%d", os.Getpid(), databases.Add(1))
	admin(t, base, "CREATE DATABASE "+name)
	t.Cleanup(func() { admin(t, base, "DROP DATABASE "+name+" WITH (FORCE)") })
	i := strings.LastIndex(base, "/")
	query := ""
	if q := strings.IndexByte(base[i:], '?'); q >= 0 {
		query = base[i+q:]
	}
	return base[:i+1] + name + query
}

func admin(t testing.TB, url, statement string) {
	t.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // a test's connection
	if _, err := db.Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// startPostgres runs a server in a folder of its own. Nothing it writes has to outlive the machine's power.
func startPostgres() (string, error) {
	if url := os.Getenv(postgresVariable); url != "" {
		return url, nil
	}
	bin, err := binaries()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "campanario-postgres-")
	if err != nil {
		return "", err
	}
	who, err := unprivileged(dir)
	if err != nil {
		return "", err
	}
	data := filepath.Join(dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
	initdb.SysProcAttr = &syscall.SysProcAttr{Credential: who}
	if out, err := initdb.CombinedOutput(); err != nil {
		return "", fmt.Errorf("initdb: %w: %s", err, out)
	}
	port, err := freePort()
	if err != nil {
		return "", err
	}
	url := fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", port)
	return url, runPostgres(bin, data, dir, port, who)
}

// runPostgres starts the server and waits until it says that it takes connections.
func runPostgres(bin, data, dir string, port int, who *syscall.Credential) error {
	ready := make(chan error, 1)
	go func() {
		// The kernel ends the server with the thread that started it: this one stays for as long as the process does.
		runtime.LockOSThread()
		cmd := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-p", strconv.Itoa(port), "-k", dir,
			"-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200", "-c", "fsync=off", "-c", "full_page_writes=off",
			"-c", "synchronous_commit=off", "-c", "shared_buffers=128MB", "-c", "log_min_messages=warning", "-c", "lc_messages=C")
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who, Pdeathsig: syscall.SIGQUIT}
		log, err := cmd.StderrPipe()
		if err != nil {
			ready <- err
			return
		}
		if err := cmd.Start(); err != nil {
			ready <- err
			return
		}
		lines := bufio.NewScanner(log)
		var said []string
		for lines.Scan() {
			said = append(said, lines.Text())
			if strings.Contains(lines.Text(), "ready to accept connections") {
				ready <- nil
			}
		}
		select {
		case ready <- fmt.Errorf("postgres ended: %s", strings.Join(said, "\n")):
		default:
		}
		_ = cmd.Wait()
	}()
	return <-ready
}

// binaries finds the newest PostgreSQL of the machine.
func binaries() (string, error) {
	if path, err := exec.LookPath("pg_config"); err == nil {
		if out, err := exec.Command(path, "--bindir").Output(); err == nil {
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

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close() //nolint:errcheck // only its number was wanted
	return l.Addr().(*net.TCPAddr).Port, nil
}
