package console

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// assets is the folder whose files have a hash in their names.
const assets = "assets"

// encodings in the order of preference, with the endings that their files have.
var encodings = []struct{ name, ending string }{{"br", ".br"}, {"gzip", ".gz"}}

// file is one file in all its encodings.
type file struct {
	kind    string // content type
	plain   []byte
	encoded map[string][]byte // by the encoding's name
	tag     string            // its revision, in quotes
	lasting bool              // it never changes under its name
}

// kinds are the content types of what a build consists of: the machine's own table may be any.
var kinds = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".json": "application/json", ".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon", ".woff2": "font/woff2",
	".md": "text/plain; charset=utf-8", ".txt": "text/plain; charset=utf-8", ".webmanifest": "application/manifest+json",
}

func newFile(name string, plain []byte) *file {
	kind := kinds[path.Ext(name)]
	if kind == "" {
		kind = "application/octet-stream"
	}
	sum := sha256.Sum256(plain)
	return &file{
		kind: kind, plain: plain, encoded: map[string][]byte{}, lasting: strings.HasPrefix(name, assets+"/"),
		tag: `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`,
	}
}

// readFiles reads a folder; an absent one has no files. Compressed files belong to those that they were made of.
func readFiles(from fs.FS) (map[string]*file, error) {
	all := map[string][]byte{}
	err := fs.WalkDir(from, ".", func(name string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && name == "." {
			return fs.SkipAll
		}
		if err != nil || e.IsDir() {
			return err
		}
		all[name], err = fs.ReadFile(from, name)
		return err
	})
	if err != nil {
		return nil, err
	}
	files := map[string]*file{}
	for name, content := range all {
		if of, _ := compressed(name); all[of] == nil {
			files[name] = newFile(name, content)
		}
	}
	for name, content := range all {
		if of, encoding := compressed(name); files[of] != nil {
			files[of].encoded[encoding] = content
		}
	}
	return files, nil
}

// compressed tells which file a name is the compressed form of; empty for one that is not.
func compressed(name string) (of, encoding string) {
	for _, e := range encodings {
		if plain, ok := strings.CutSuffix(name, e.ending); ok {
			return plain, e.name
		}
	}
	return "", ""
}

// answer writes the file in the best encoding that is taken.
func (f *file) answer(w http.ResponseWriter, r *http.Request, status int) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("ETag", f.tag)
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache")
	if f.lasting {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if status == http.StatusOK && strings.Contains(r.Header.Get("If-None-Match"), f.tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := f.plain
	for _, e := range encodings {
		if b, ok := f.encoded[e.name]; ok && takes(r.Header.Get("Accept-Encoding"), e.name) {
			h.Set("Content-Encoding", e.name)
			body = b
			break
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // a browser that went away is no error
	}
}

// takes reports whether a browser that sent the Accept-Encoding takes an encoding (RFC 9110 12.5.3).
func takes(header, encoding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, quality, _ := strings.Cut(strings.TrimSpace(part), ";")
		if !strings.EqualFold(strings.TrimSpace(name), encoding) {
			continue
		}
		_, value, found := strings.Cut(strings.ReplaceAll(quality, " ", ""), "q=")
		q, err := strconv.ParseFloat(value, 64)
		return !found || err == nil && q > 0
	}
	return false
}
