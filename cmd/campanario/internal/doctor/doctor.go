// Package doctor looks whether a machine has what the program needs, without changing anything: it makes no file and no
// table, and it contacts nobody.
package doctor

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"

	"campanario/cmd/campanario/internal/program"
	"campanario/cmd/campanario/internal/terminal"
	"campanario/internal/fault"
	"campanario/internal/seal"
	"campanario/store"
)

// Level is how good a finding is.
type Level string

// The levels.
const (
	Good Level = "good"
	Warn Level = "warn" // it works, but not as it should
	Bad  Level = "bad"  // it does not work
)

// Part is what a finding is about.
type Part string

// The parts, in the order in which they are looked at.
const (
	Data     Part = "data"
	Disk     Part = "disk"
	Key      Part = "key"
	Database Part = "database"
	HTTP     Part = "http"
	SIP      Part = "sip"
	Speech   Part = "speech"
	Clock    Part = "clock"
)

// Finding is one thing that was looked at: Key names its sentence among the words of the commands, or Fault says it.
type Finding struct {
	Part   Part
	Level  Level
	Key    string
	Values []any // of the sentence: name, value, name, value
	Fault  *fault.Error
}

// Say is the finding's sentence.
func (f Finding) Say(w terminal.Words) string {
	if f.Fault != nil {
		return terminal.Say(w.Language, f.Fault)
	}
	return w.Say("doctor."+f.Key, f.Values...)
}

// patience is how long one thing may take.
const patience = 10 * time.Second

// Examine looks at everything that a server with the options would need.
func Examine(ctx context.Context, o program.Options) []Finding {
	x := &examination{o: o}
	for _, look := range []func(context.Context){x.folder, x.disk, x.key, x.database, x.http, x.sip, x.speech, x.clock} {
		ctx, cancel := context.WithTimeout(ctx, patience)
		look(ctx)
		cancel()
	}
	return x.found
}

type examination struct {
	o     program.Options
	inUse bool // another process has the database: very likely the server
	ahead time.Duration
	asked bool // whether the database's clock is known
	found []Finding
}

func (x *examination) add(p Part, l Level, key string, values ...any) {
	x.found = append(x.found, Finding{Part: p, Level: l, Key: key, Values: values})
}

// fault adds what an error says.
func (x *examination) fault(p Part, l Level, err error) {
	var e *fault.Error
	if !errors.As(err, &e) {
		e = fault.New(fault.Internal, "internal", nil).Because(err)
	}
	x.found = append(x.found, Finding{Part: p, Level: l, Fault: e})
}

// folder looks whether the data folder is there, or could be made.
func (x *examination) folder(context.Context) {
	path, err := filepath.Abs(x.o.Data)
	if err != nil {
		path = x.o.Data
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := touch(existing(path)); err != nil {
			x.fault(Data, Bad, fault.New(fault.Invalid, "data_folder_unusable", fault.Params{"path": path}).Because(err))
			return
		}
		x.add(Data, Good, "data_new", "path", path)
	case err != nil || !info.IsDir():
		x.fault(Data, Bad, fault.New(fault.Invalid, "data_folder_unusable", fault.Params{"path": path}).Because(err))
	case touch(path) != nil:
		x.fault(Data, Bad, fault.New(fault.Invalid, "data_folder_unusable", fault.Params{"path": path}))
	case info.Mode().Perm()&0o077 != 0:
		x.add(Data, Warn, "data_open", "path", path)
	default:
		x.add(Data, Good, "data_good", "path", path)
	}
}

// existing is the nearest folder above a path that is there.
func existing(path string) string {
	for {
		if _, err := os.Stat(path); err == nil || filepath.Dir(path) == path {
			return path
		}
		path = filepath.Dir(path)
	}
}

// touch tries whether a file could be made in a folder.
func touch(folder string) error {
	f, err := os.CreateTemp(folder, ".campanario-*")
	if err != nil {
		return err
	}
	_ = f.Close()
	return os.Remove(f.Name())
}

// Room on the disk below which something is to be said, in MiB.
const (
	littleRoom = 2048
	noRoom     = 200
)

func (x *examination) disk(context.Context) {
	free, ok := free(existing(x.o.Data))
	switch mib := free >> 20; {
	case !ok:
	case mib < noRoom:
		x.add(Disk, Bad, "disk_full", "mib", mib)
	case mib < littleRoom:
		x.add(Disk, Warn, "disk_little", "mib", mib)
	default:
		x.add(Disk, Good, "disk_good", "gib", mib>>10)
	}
}

// key looks at the key of secrets, and makes none.
func (x *examination) key(context.Context) {
	if x.o.Keys != "" {
		if _, err := seal.ParseKeys(x.o.Keys); err != nil {
			x.fault(Key, Bad, err)
			return
		}
		x.add(Key, Good, "key_environment", "variable", seal.Variable)
		return
	}
	path := filepath.Join(x.o.Data, seal.FileName)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		x.add(Key, Good, "key_new", "path", path)
		return
	}
	if _, _, err := seal.Load("", x.o.Data); err != nil {
		x.fault(Key, Bad, err)
		return
	}
	x.add(Key, Good, "key_file", "path", path)
}

func (x *examination) database(ctx context.Context) {
	url := x.o.Database
	if url == "" {
		url = filepath.Join(x.o.Data, program.DatabaseFile)
	}
	if path, sqlite := store.FileOf(url); sqlite {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			x.add(Database, Good, "database_new", "path", path)
			return
		}
	}
	s, err := store.Open(ctx, store.Options{URL: url})
	if fault.Is(err, "database_in_use") {
		x.inUse = true
		x.fault(Database, Warn, err)
		return
	}
	if err != nil {
		x.fault(Database, Bad, err)
		return
	}
	defer s.Close() //nolint:errcheck // nothing was written
	began := time.Now()
	have, want, err := s.Schema(ctx)
	switch {
	case err != nil:
		x.fault(Database, Bad, err)
	case have > want:
		x.fault(Database, Bad, fault.New(fault.Conflict, "schema_newer", fault.Params{"schema": have, "program": want}))
	case have < want:
		x.add(Database, Warn, "database_old", "database", s.Dialect(), "have", have, "want", want)
	default:
		x.add(Database, Good, "database_good", "database", s.Dialect(), "version", have, "ms", time.Since(began).Milliseconds())
	}
	if now, err := s.Now(ctx); err == nil {
		x.ahead, x.asked = time.Until(now), s.Shared()
	}
}

// http looks whether the address of the server is free.
func (x *examination) http(ctx context.Context) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", x.o.Listen)
	if err == nil {
		_ = l.Close()
		x.add(HTTP, Good, "address_free", "address", x.o.Listen)
		return
	}
	x.taken(HTTP, fault.New(fault.Unavailable, "listen_address_unusable", fault.Params{"address": x.o.Listen}).Because(err))
}

// taken is an address that cannot be had: by the server that runs, it seems, or by somebody else.
func (x *examination) taken(p Part, e *fault.Error) {
	level := Bad
	if x.inUse {
		level = Warn
	}
	x.fault(p, level, e)
}

// sip looks whether the address of calls is free, by UDP and by TCP, and whether the public one exists.
func (x *examination) sip(ctx context.Context) {
	addr := x.o.SIP
	if addr == "" {
		x.add(SIP, Good, "sip_any")
		return
	}
	var lc net.ListenConfig
	packets, err := lc.ListenPacket(ctx, "udp", addr)
	if err == nil {
		_ = packets.Close()
		var l net.Listener
		if l, err = lc.Listen(ctx, "tcp", addr); err == nil {
			_ = l.Close()
		}
	}
	if err != nil {
		x.taken(SIP, fault.New(fault.Unavailable, "sip_address_unusable", fault.Params{"address": addr}).Because(err))
		return
	}
	if x.o.Public != "" && net.ParseIP(x.o.Public) == nil {
		if _, err := net.DefaultResolver.LookupHost(ctx, x.o.Public); err != nil {
			x.fault(SIP, Bad, fault.New(fault.Unavailable, "sip_address_unusable", fault.Params{"address": x.o.Public}).Because(err))
			return
		}
	}
	x.add(SIP, Good, "address_free", "address", addr)
}

func (x *examination) speech(ctx context.Context) {
	if err := program.SpeechMissing(ctx); err != nil {
		x.fault(Speech, Warn, err)
		return
	}
	x.add(Speech, Good, "speech_good")
}

// Clocks.
const (
	mostAhead = 2 * time.Second // between this machine's clock and the database's
	firstYear = 2026            // no clock of a machine that runs this can stand before it
)

func (x *examination) clock(context.Context) {
	now := time.Now()
	switch synchronised, known := clockSynchronised(); {
	case now.Year() < firstYear:
		x.add(Clock, Bad, "clock_wrong", "now", now.Format(time.RFC3339))
	case x.asked && x.ahead.Abs() > mostAhead:
		x.add(Clock, Warn, "clock_ahead", "difference", x.ahead.Round(time.Millisecond))
	case known && !synchronised:
		x.add(Clock, Warn, "clock_free", "now", now.Format(time.RFC3339))
	default:
		x.add(Clock, Good, "clock_good", "now", now.Format(time.RFC3339))
	}
}
