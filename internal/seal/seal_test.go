package seal_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"campanario/internal/fault"
	"campanario/internal/seal"
	"campanario/store"
)

var _ store.Sealer = (*seal.Sealer)(nil)

func mustNew(t *testing.T, keys ...[]byte) *seal.Sealer {
	t.Helper()
	s, err := seal.New(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSealAndOpen(t *testing.T) {
	s := mustNew(t, seal.NewKey())
	for _, plain := range []string{"", "x", `{"password":"çã"}`, strings.Repeat("long ", 10_000)} {
		a, err := s.Seal([]byte(plain))
		if err != nil {
			t.Fatal(err)
		}
		b, _ := s.Seal([]byte(plain))
		if a == b {
			t.Error("the same text was sealed to the same result twice")
		}
		if plain != "" && len(plain) > 3 && strings.Contains(a, plain) {
			t.Error("the text can be read in its sealed form")
		}
		got, err := s.Open(a)
		if err != nil || string(got) != plain {
			t.Errorf("opened %q, %v", got, err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	old, now := seal.NewKey(), seal.NewKey()
	s := mustNew(t, now)
	sealed, _ := s.Seal([]byte("secret"))
	other, _ := mustNew(t, old).Seal([]byte("secret"))
	flip := func(s string, i int) string {
		b := []byte(s)
		if b[i] == 'A' {
			b[i] = 'B'
		} else {
			b[i] = 'A'
		}
		return string(b)
	}
	tests := []struct{ name, sealed, code string }{
		{"another key", other, "secret_key_other"},
		{"a byte changed", flip(sealed, len(sealed)-4), "secret_damaged"},
		{"the nonce changed", flip(sealed, len("v1.00000000.")), "secret_damaged"},
		{"cut short", sealed[:len(sealed)-6], "secret_damaged"},
		{"another version", "v2" + sealed[2:], "secret_damaged"},
		{"clear text", "hunter2", "secret_damaged"},
		{"nothing", "", "secret_damaged"},
		{"no base64", "v1." + s.KeyID() + ".***", "secret_damaged"},
		{"dots only", "..", "secret_damaged"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := s.Open(tt.sealed); !fault.Is(err, tt.code) {
				t.Errorf("got %v, want %s", err, tt.code)
			}
		})
	}
	// With the old key beside the new one, both are read, and the new one seals.
	both := mustNew(t, now, old)
	if got, err := both.Open(other); err != nil || string(got) != "secret" {
		t.Errorf("the old key no longer opens: %v", err)
	}
	if again, _ := both.Seal([]byte("x")); !strings.HasPrefix(again, "v1."+s.KeyID()+".") {
		t.Errorf("sealed by another key than the first: %s", again)
	}
}

func TestParseKeys(t *testing.T) {
	key := seal.NewKey()
	for name, text := range map[string]string{
		"hex":        hex.EncodeToString(key),
		"HEX":        strings.ToUpper(hex.EncodeToString(key)),
		"base64":     base64.StdEncoding.EncodeToString(key),
		"base64url":  base64.RawURLEncoding.EncodeToString(key),
		"with space": "  " + base64.StdEncoding.EncodeToString(key) + "\n",
	} {
		keys, err := seal.ParseKeys(text)
		if err != nil || len(keys) != 1 || !bytes.Equal(keys[0], key) {
			t.Errorf("%s: %d keys, %v", name, len(keys), err)
		}
	}
	for text, code := range map[string]string{
		"": "secret_key_missing", " , ": "secret_key_missing", "short": "secret_key_invalid",
		hex.EncodeToString(key[:16]): "secret_key_invalid", hex.EncodeToString(key) + ",nonsense!": "secret_key_invalid",
	} {
		if _, err := seal.ParseKeys(text); !fault.Is(err, code) {
			t.Errorf("%q: got %v, want %s", text, err, code)
		} else if text != "" && strings.Contains(err.Error(), "nonsense") {
			t.Errorf("the error tells the key: %v", err)
		}
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	s, created, err := seal.Load("", dir)
	if err != nil || !created {
		t.Fatalf("first start: created %v, %v", created, err)
	}
	sealed, _ := s.Seal([]byte("x"))
	info, err := os.Stat(filepath.Join(dir, seal.FileName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the key file: %v, %v", info.Mode(), err)
	}
	again, created, err := seal.Load("", dir)
	if err != nil || created {
		t.Fatalf("second start: created %v, %v", created, err)
	}
	if _, err := again.Open(sealed); err != nil {
		t.Errorf("the second start has another key: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 1 {
		t.Errorf("files were left: %v", left)
	}
	fromEnvironment, created, err := seal.Load(hex.EncodeToString(seal.NewKey()), dir)
	if err != nil || created || fromEnvironment.KeyID() == s.KeyID() {
		t.Errorf("the environment does not come first: %v", err)
	}
}

func TestLoadRefuses(t *testing.T) {
	tests := []struct {
		name    string
		prepare func(t *testing.T, path string)
		code    string
	}{
		{"readable by others", func(t *testing.T, path string) { write(t, path, hex.EncodeToString(seal.NewKey()), 0o640) }, "secret_key_file_open"},
		{"no key in it", func(t *testing.T, path string) { write(t, path, "hello", 0o600) }, "secret_key_invalid"},
		{"empty", func(t *testing.T, path string) { write(t, path, "", 0o600) }, "secret_key_file_unusable"},
		{"a folder", func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}, "secret_key_file_unusable"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			tt.prepare(t, filepath.Join(dir, seal.FileName))
			if _, _, err := seal.Load("", dir); !fault.Is(err, tt.code) {
				t.Errorf("got %v, want %s", err, tt.code)
			}
		})
	}
	if _, _, err := seal.Load("", filepath.Join(t.TempDir(), "missing")); !fault.Is(err, "secret_key_file_unusable") {
		t.Errorf("a folder that is not there: %v", err)
	}
}

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

// TestManyAtOnce has processes start together: they must agree on one key.
func TestManyAtOnce(t *testing.T) {
	dir := t.TempDir()
	ids := make(chan string, 8)
	for range cap(ids) {
		go func() {
			s, _, err := seal.Load("", dir)
			if err != nil {
				ids <- err.Error()
				return
			}
			ids <- s.KeyID()
		}()
	}
	first := <-ids
	for range cap(ids) - 1 {
		if id := <-ids; id != first {
			t.Errorf("one has %s, another %s", first, id)
		}
	}
}

func FuzzOpen(f *testing.F) {
	s, err := seal.New(bytes.Repeat([]byte{7}, seal.KeySize))
	if err != nil {
		f.Fatal(err)
	}
	sealed, _ := s.Seal([]byte("x"))
	for _, seed := range []string{"", "v1", "v1..", sealed, sealed[:20], "v1." + s.KeyID() + ".AAAA"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if plain, err := s.Open(text); err == nil && string(plain) != "x" {
			t.Errorf("%q was opened", text)
		}
	})
}

func TestDerivedSecretsAreOfTheKeyAndThePurposeAlone(t *testing.T) {
	a, b := seal.NewKey(), seal.NewKey()
	derive := func(purpose string, keys ...[]byte) [][]byte {
		out, err := mustNew(t, keys...).Derive(purpose)
		if err != nil || len(out) != len(keys) {
			t.Fatalf("%d secrets, %v", len(out), err)
		}
		return out
	}
	one := derive("links", a, b)
	if !bytes.Equal(one[0], derive("links", a)[0]) || !bytes.Equal(one[1], derive("links", b)[0]) {
		t.Error("the same key gives another secret")
	}
	for name, other := range map[string][]byte{"another purpose": derive("other", a)[0], "another key": one[1], "the key": a} {
		if bytes.Equal(one[0], other) {
			t.Errorf("the secret is that of %s", name)
		}
	}
}
