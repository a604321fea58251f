package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"campanario/internal/tune"
	"campanario/sandbox/mailbox"
)

// sink is the child that discards. It says where it listens, and when its input ends how many messages it took.
func sink(ctx context.Context, in io.Reader, out io.Writer) error {
	s := mailbox.New(mailbox.Options{Mix: []mailbox.Share{{Behaviour: mailbox.OK, Percent: 100}}})
	if err := s.Start(ctx); err != nil {
		return err
	}
	defer s.Stop()
	if _, err := fmt.Fprintln(out, s.Addr()); err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, in)
	_, err := fmt.Fprintln(out, s.Taken())
	return err
}

// child is the process of one contender. It says how long it took, and how much memory.
func child(ctx context.Context, c config, out io.Writer) error {
	who, known := contenders()[c.role]
	if !known {
		return fmt.Errorf("no contender %q", c.role)
	}
	end, err := tune.Profile(c.profile)
	if err != nil {
		return err
	}
	defer end()
	began := time.Now()
	err = who.run(ctx, task{addr: c.addr, messages: c.messages, connections: c.connections}, func() { began = time.Now() })
	if err != nil {
		return fmt.Errorf("%s: %w", c.role, err)
	}
	said := report{Seconds: time.Since(began).Seconds()}
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		return err
	}
	said.Memory = use.Maxrss << 10 // Linux counts in KiB
	return json.NewEncoder(out).Encode(said)
}

// report is what a child says of its run.
type report struct {
	Seconds float64 `json:"seconds"`
	Memory  int64   `json:"memory"` // its own at most, in bytes, without a database server's
}

// result is what one run took.
type result struct {
	seconds          float64
	processor, sinks time.Duration // of the contender and of the sink
	memory           int64         // most of the contender at any time, in bytes
}

// measure runs one contender against a sink of its own.
func measure(ctx context.Context, c config, name, profile string) (r result, err error) {
	self, err := os.Executable()
	if err != nil {
		return r, err
	}
	server := exec.CommandContext(ctx, self, "-role", "sink")
	server.Stderr = os.Stderr
	in, err := server.StdinPipe()
	if err != nil {
		return r, err
	}
	said, err := server.StdoutPipe()
	if err != nil {
		return r, err
	}
	if err := server.Start(); err != nil {
		return r, err
	}
	lines := bufio.NewReader(said)
	addr, err := lines.ReadString('\n')
	if err == nil {
		r, err = contend(ctx, c, name, strings.TrimSpace(addr), profile)
	}
	_ = in.Close()
	taken, readErr := lines.ReadString('\n')
	waitErr := server.Wait()
	switch {
	case err != nil:
		return r, err
	case readErr != nil:
		return r, fmt.Errorf("the sink's count: %w", readErr)
	case waitErr != nil:
		return r, fmt.Errorf("the sink: %w", waitErr)
	case strings.TrimSpace(taken) != fmt.Sprint(c.messages):
		return r, fmt.Errorf("%s: the sink took %s of %d messages", name, strings.TrimSpace(taken), c.messages)
	}
	r.sinks = server.ProcessState.UserTime() + server.ProcessState.SystemTime()
	return r, nil
}

func contend(ctx context.Context, c config, name, addr, profile string) (r result, err error) {
	self, err := os.Executable()
	if err != nil {
		return r, err
	}
	args := []string{
		"-role", name, "-addr", addr, "-messages", fmt.Sprint(c.messages), "-connections", fmt.Sprint(c.connections),
	}
	if profile != "" {
		args = append(args, "-cpuprofile", profile)
	}
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return r, fmt.Errorf("%s: %w", name, err)
	}
	var said report
	if err := json.Unmarshal(out, &said); err != nil {
		return r, fmt.Errorf("%s said %q: %w", name, out, err)
	}
	r.seconds, r.memory = said.Seconds, said.Memory
	r.processor = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return r, nil
}
