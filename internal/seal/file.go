package seal

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"campanario/internal/fault"
)

// Variable is the environment variable that may hold the keys (see ParseKeys). Nodes that share a database need the same
// ones.
const Variable = "CAMPANARIO_SECRET_KEY"

// FileName is the file in the data folder that holds the key when the environment has none.
const FileName = "secret.key"

// Load gives the Sealer of this installation: of the keys in text (the value of Variable) unless it is empty, else of
// the key file in the folder, which is made with a new key when there is none. created tells that it was.
//
// A file that others than its owner may read is refused (secret_key_file_open), as is one that holds no key
// (secret_key_invalid) or cannot be read or made (secret_key_file_unusable).
func Load(text, folder string) (s *Sealer, created bool, err error) {
	if strings.TrimSpace(text) == "" {
		if text, created, err = keyFile(filepath.Join(folder, FileName)); err != nil {
			return nil, false, err
		}
	}
	keys, err := ParseKeys(text)
	if err != nil {
		return nil, false, err
	}
	s, err = New(keys...)
	return s, created, err
}

// keyFile gives the text of the key file, made anew when there is none.
func keyFile(path string) (text string, created bool, err error) {
	unusable := fault.New(fault.Unavailable, "secret_key_file_unusable", fault.Params{"path": path})
	for range 2 {
		text, err := readKey(path)
		if !errors.Is(err, fs.ErrNotExist) {
			if err != nil && fault.KindOf(err) == fault.Internal {
				err = unusable.Because(err)
			}
			return text, created, err
		}
		if err := makeKey(path); err == nil {
			created = true
		} else if !errors.Is(err, fs.ErrExist) { // another process was faster: its key counts
			return "", false, unusable.Because(err)
		}
	}
	return "", false, unusable
}

func readKey(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close() //nolint:errcheck // only read
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", fault.New(fault.Denied, "secret_key_file_open", fault.Params{"path": path, "mode": fmt.Sprintf("%04o", info.Mode().Perm())})
	}
	b := make([]byte, 4096)
	n, err := f.Read(b)
	if n == 0 && err != nil {
		return "", err
	}
	return string(b[:n]), nil
}

// makeKey writes a new key under another name first: nobody ever reads half a key, and a file that is there is never
// written over.
func makeKey(path string) error {
	f, err := os.CreateTemp(filepath.Dir(path), FileName+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // the link below is the file that stays
	_, err = f.WriteString(base64.StdEncoding.EncodeToString(NewKey()) + "\n")
	return errors.Join(err, f.Chmod(0o600), f.Sync(), f.Close(), os.Link(f.Name(), path))
}
