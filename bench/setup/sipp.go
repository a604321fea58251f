package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"campanario/internal/freeport"
)

// sippBuffer is given to SIPp's sockets on both sides, so that no side loses for want of it.
const sippBuffer = "4194304"

// farEnd is a `sipp -sn uas`.
type farEnd struct {
	addr string
	dir  string
	cmd  *exec.Cmd
	done chan struct{}
}

func sipp() (string, error) {
	exe, err := exec.LookPath("sipp")
	if err != nil {
		return "", errors.New("SIPp is needed: install the package sip-tester")
	}
	return exe, nil
}

func startFar(ctx context.Context) (*farEnd, error) {
	exe, err := sipp()
	if err != nil {
		return nil, err
	}
	port, media, err := freePorts(ctx)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "setup")
	if err != nil {
		return nil, err
	}
	f := &farEnd{addr: "127.0.0.1:" + strconv.Itoa(port), dir: dir, done: make(chan struct{})}
	f.cmd = exec.CommandContext(ctx, exe, "-sn", "uas", "-i", "127.0.0.1", "-p", strconv.Itoa(port), "-mi", "127.0.0.1",
		"-mp", strconv.Itoa(media), "-nostdin", "-buff_size", sippBuffer)
	f.cmd.Dir = dir
	if err := f.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { _ = f.cmd.Wait(); close(f.done) }()
	if err := f.listening(ctx, port); err != nil {
		f.stop()
		return nil, err
	}
	return f, nil
}

// listening waits until the kernel's table shows the port bound.
func (f *farEnd) listening(ctx context.Context, port int) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	limit := time.NewTimer(20 * time.Second)
	defer limit.Stop()
	want := fmt.Appendf(nil, "0100007F:%04X", port)
	for {
		data, err := os.ReadFile("/proc/net/udp")
		if err != nil {
			return err
		}
		if bytes.Contains(data, want) {
			return nil
		}
		select {
		case <-tick.C:
		case <-f.done:
			return errors.New("the far end ended before it listened")
		case <-limit.C:
			return errors.New("the far end does not listen")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (f *farEnd) stop() {
	_ = f.cmd.Process.Kill()
	<-f.done
	_ = os.RemoveAll(f.dir)
}

// freePorts finds a port for SIPp's signalling and one for its sound, which also takes the one two above.
func freePorts(ctx context.Context) (signalling, sound int, err error) {
	if signalling, err = freeport.Find(ctx, 1); err == nil {
		sound, err = freeport.Find(ctx, 3)
	}
	return signalling, sound, err
}

// sippCaller is SIPp's own caller: the reference.
func sippCaller(ctx context.Context, c config, addr string, rate int) (result, error) {
	exe, err := sipp()
	if err != nil {
		return result{}, err
	}
	port, media, err := freePorts(ctx)
	if err != nil {
		return result{}, err
	}
	dir, err := os.MkdirTemp("", "setup")
	if err != nil {
		return result{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	calls := rate * c.seconds
	ctx, cancel := context.WithTimeout(ctx, time.Duration(c.seconds+40)*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, exe, addr, "-sn", "uac", "-i", "127.0.0.1", "-p", strconv.Itoa(port), "-mi", "127.0.0.1",
		"-mp", strconv.Itoa(media), "-nostdin", "-buff_size", sippBuffer, "-d", "0", "-r", strconv.Itoa(rate), "-m", strconv.Itoa(calls),
		"-l", "1000000", "-trace_stat", "-stf", "stat.csv", "-fd", "1")
	cmd.Dir = dir
	runErr := cmd.Run() // 1 when a call failed: the table tells how many
	r, err := readStat(filepath.Join(dir, "stat.csv"))
	if err != nil {
		return r, errors.Join(runErr, err)
	}
	r.Offered = rate
	usage(&r, cmd.ProcessState)
	return r, nil
}

// usage takes processor time and memory of a process that has ended.
func usage(r *result, p *os.ProcessState) {
	r.CPU = p.UserTime() + p.SystemTime()
	if u, ok := p.SysUsage().(*syscall.Rusage); ok {
		r.Memory = int(u.Maxrss >> 10)
	}
}

// readStat reads the last line of SIPp's table of counts.
func readStat(file string) (result, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return result{}, err
	}
	in := csv.NewReader(bytes.NewReader(data))
	in.Comma, in.FieldsPerRecord, in.LazyQuotes = ';', -1, true
	rows, err := in.ReadAll()
	if err != nil || len(rows) < 2 {
		return result{}, fmt.Errorf("no counts of SIPp: %w", err)
	}
	last := map[string]string{}
	for i, name := range rows[0] {
		if row := rows[len(rows)-1]; i < len(row) {
			last[name] = row[i]
		}
	}
	var r result
	if r.Calls, err = strconv.Atoi(last["OutgoingCall(C)"]); err != nil {
		return r, err
	}
	if r.Failed, err = strconv.Atoi(last["FailedCall(C)"]); err != nil {
		return r, err
	}
	began, err := instant(last["StartTime"])
	if err != nil {
		return r, err
	}
	ended, err := instant(last["CurrentTime"])
	if err != nil {
		return r, err
	}
	r.Achieved = float64(r.Calls-r.Failed) / max(ended-began, 1e-6)
	return r, nil
}

// instant reads the seconds at the end of "2026-11-21	09:51:52.018728	1795254712.018728".
func instant(s string) (float64, error) {
	return strconv.ParseFloat(s[strings.LastIndexByte(s, '\t')+1:], 64)
}
