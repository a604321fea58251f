package console

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"strings"
)

// The application, where it was built, and the page in its place.
//
//go:embed all:site
var site embed.FS

// The first parts of the paths that the application has pages for; a test in console/app holds its routes against them.
//
//go:embed sections.json
var sectionsFile []byte

// Options for New.
type Options struct {
	// Files are the application as it was built, with index.html at their root; what is embedded when nil.
	Files fs.FS
}

// Console answers what browsers ask for outside the API. It is immutable and safe for concurrent use.
type Console struct {
	files    map[string]*file // by path, without the slash at its beginning
	index    *file
	sections []string
	built    bool
}

// New reads the files of the application. Without any, it serves the page in its place.
func New(o Options) (*Console, error) {
	c := &Console{}
	if err := json.Unmarshal(sectionsFile, &c.sections); err != nil {
		return nil, fmt.Errorf("sections of the console: %w", err)
	}
	if o.Files == nil {
		var err error
		if o.Files, err = fs.Sub(site, "site/dist"); err != nil {
			return nil, err
		}
	}
	var err error
	if c.files, err = readFiles(o.Files); err != nil {
		return nil, fmt.Errorf("files of the console: %w", err)
	}
	if c.index, c.built = c.files["index.html"]; c.built {
		return c, nil
	}
	page, err := site.ReadFile("site/placeholder.html")
	if err != nil {
		return nil, err
	}
	c.index, c.files = newFile("placeholder.html", page), nil
	return c, nil
}

// Built reports whether the application is there.
func (c *Console) Built() bool { return c.built }

// policy is what the page may do. The component kit writes style attributes; scripts come from here alone.
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; " +
	"connect-src 'self'; media-src 'self' blob:; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// ServeHTTP answers one request by GET or HEAD.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	path := strings.TrimPrefix(r.URL.Path, "/")
	if f, ok := c.files[path]; ok && path != "index.html" {
		f.answer(w, r, http.StatusOK)
		return
	}
	first, _, _ := strings.Cut(path, "/")
	switch {
	case path == "" || slices.Contains(c.sections, first):
		c.index.answer(w, r, http.StatusOK)
	case first == assets: // an old page asks for what a new build has not: an application in its place would not parse
		h.Set("Cache-Control", "no-store")
		http.Error(w, "404", http.StatusNotFound)
	default:
		c.index.answer(w, r, http.StatusNotFound)
	}
}
