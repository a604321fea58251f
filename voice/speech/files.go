package speech

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"

	"campanario/internal/fault"
	"campanario/voice/audio"
)

// name is what a workspace or a file may be called: no path leads anywhere by it.
var name = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$`)

const extension = ".wav"

// Files are the recorded sounds of all workspaces: a folder for each, in one that holds them all. The system itself keeps
// every access below that folder (os.Root), symbolic links included. It is safe for concurrent use.
type Files struct {
	root *os.Root
	kept *cache
}

// OpenFiles makes the folder if it is not there. memory bounds the bytes of sound kept in memory; 0 is 64 MiB.
func OpenFiles(folder string, memory int64) (*Files, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	if memory <= 0 {
		memory = 64 << 20
	}
	kept, err := newCache("", memory, 0)
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return &Files{root: root, kept: kept}, nil
}

// Close ends the use of the folder.
func (f *Files) Close() error { return f.root.Close() }

// Sound gives a file of a workspace as sound of 8 kHz. Its name may be given with or without .wav. A fault of kind
// not_found says that it is not there; of kind invalid, that its name or its content cannot be used.
func (f *Files) Sound(ctx context.Context, workspace, file string) ([]int16, error) {
	path, err := where(workspace, file)
	if err != nil {
		return nil, err
	}
	info, err := f.root.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil, f.missing(file, err)
	}
	// A file that was replaced is another sound.
	key := keyOf(path, fmt.Sprint(info.Size()), fmt.Sprint(info.ModTime().UnixNano()))
	return f.kept.get(ctx, key, func() ([]int16, error) { return f.read(path, file) })
}

func (f *Files) missing(file string, err error) error {
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrInvalid) {
		return fmt.Errorf("open the sound file: %w", err)
	}
	return fault.New(fault.NotFound, "sound_missing", fault.Params{"name": file})
}

func (f *Files) read(path, file string) ([]int16, error) {
	h, err := f.root.Open(path)
	if err != nil {
		return nil, f.missing(file, err)
	}
	defer func() { _ = h.Close() }()
	clip, err := audio.ReadWAV(h, 0)
	if err != nil {
		return nil, err
	}
	clip, err = clip.Telephone()
	return clip.Samples, err
}

// Names lists a workspace's files, sorted, without their extension.
func (f *Files) Names(workspace string) ([]string, error) {
	if !name.MatchString(workspace) {
		return nil, badName(workspace)
	}
	entries, err := fs.ReadDir(f.root.FS(), workspace)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var out []string
	for _, e := range entries {
		if n, ok := strings.CutSuffix(e.Name(), extension); ok && name.MatchString(n) && e.Type().IsRegular() {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out, err
}

// where is the path of a file below the root.
func where(workspace, file string) (string, error) {
	if !name.MatchString(workspace) {
		return "", badName(workspace)
	}
	bare := strings.TrimSuffix(file, extension)
	if !name.MatchString(bare) {
		return "", badName(file)
	}
	return workspace + "/" + bare + extension, nil
}

func badName(s string) error {
	return fault.New(fault.Invalid, "sound_name_invalid", fault.Params{"name": cut(s)})
}
