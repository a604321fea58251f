package console_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"campanario/console"
)

var build = fstest.MapFS{
	"index.html":               {Data: []byte("<title>app</title>")},
	"index.html.br":            {Data: []byte("br of index")},
	"index.html.gz":            {Data: []byte("gz of index")},
	"theme.js":                 {Data: []byte("theme")},
	"assets/main-abc123.js":    {Data: []byte("main")},
	"assets/main-abc123.js.gz": {Data: []byte("gz of main")},
	"assets/notes.gz":          {Data: []byte("a file of its own")},
}

func TestAnswers(t *testing.T) {
	c, err := console.New(console.Options{Files: build})
	if err != nil {
		t.Fatal(err)
	}
	if !c.Built() {
		t.Error("the build was not found")
	}
	const year, ask = "public, max-age=31536000, immutable", "no-cache"
	for _, x := range []struct {
		path, accept          string
		status                int
		encoding, cache, body string
		kind                  string
	}{
		{"/", "", 200, "", ask, "<title>app</title>", "text/html; charset=utf-8"},
		{"/", "gzip, deflate, br, zstd", 200, "br", ask, "br of index", "text/html; charset=utf-8"},
		{"/", "gzip;q=0.5, br;q=0", 200, "gzip", ask, "gz of index", "text/html; charset=utf-8"},
		{"/", "br; q=nonsense", 200, "", ask, "<title>app</title>", "text/html; charset=utf-8"},
		{"/campaigns", "", 200, "", ask, "<title>app</title>", "text/html; charset=utf-8"},
		{"/campaigns/0190-x/recipients", "", 200, "", ask, "<title>app</title>", "text/html; charset=utf-8"},
		{"/campaignsish", "", 404, "", ask, "<title>app</title>", "text/html; charset=utf-8"},
		{"/index.html", "", 404, "", ask, "<title>app</title>", "text/html; charset=utf-8"},
		{"/unsubscribe/abc", "", 404, "", ask, "<title>app</title>", "text/html; charset=utf-8"},
		{"/../secret", "", 404, "", ask, "<title>app</title>", "text/html; charset=utf-8"},
		{"/theme.js", "br", 200, "", ask, "theme", "text/javascript; charset=utf-8"},
		{"/assets/main-abc123.js", "br, gzip", 200, "gzip", year, "gz of main", "text/javascript; charset=utf-8"},
		{"/assets/main-abc123.js", "identity", 200, "", year, "main", "text/javascript; charset=utf-8"},
		{"/assets/main-abc123.js.gz", "", 404, "", "no-store", "404\n", "text/plain; charset=utf-8"},
		{"/assets/main-old.js", "", 404, "", "no-store", "404\n", "text/plain; charset=utf-8"},
		{"/assets/notes.gz", "", 200, "", year, "a file of its own", "application/octet-stream"},
	} {
		r := httptest.NewRequest(http.MethodGet, x.path, nil)
		r.Header.Set("Accept-Encoding", x.accept)
		w := httptest.NewRecorder()
		c.ServeHTTP(w, r)
		h := w.Result().Header
		if w.Code != x.status || h.Get("Content-Encoding") != x.encoding || h.Get("Cache-Control") != x.cache ||
			w.Body.String() != x.body || h.Get("Content-Type") != x.kind {
			t.Errorf("%s (%s): %d %q %q %q %q, want %+v", x.path, x.accept, w.Code, h.Get("Content-Encoding"), h.Get("Cache-Control"), w.Body, h.Get("Content-Type"), x)
		}
		if p := h.Get("Content-Security-Policy"); !strings.Contains(p, "script-src 'self';") || strings.Contains(p, "eval") {
			t.Errorf("%s: policy %q", x.path, p)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: no nosniff", x.path)
		}
	}
}

// TestWhatIsThereIsNotSentAgain: a browser that has the file is told so, in any encoding; an unknown page is one each time.
func TestWhatIsThereIsNotSentAgain(t *testing.T) {
	c, err := console.New(console.Options{Files: build})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(path, tag string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Accept-Encoding", "br")
		r.Header.Set("If-None-Match", tag)
		w := httptest.NewRecorder()
		c.ServeHTTP(w, r)
		return w
	}
	tag := ask("/", "").Header().Get("ETag")
	if tag == "" {
		t.Fatal("no ETag")
	}
	if w := ask("/contacts", "W/"+tag); w.Code != http.StatusNotModified || w.Body.Len() > 0 {
		t.Errorf("known: %d %q", w.Code, w.Body)
	}
	if w := ask("/", `"other"`); w.Code != http.StatusOK {
		t.Errorf("another: %d", w.Code)
	}
	if w := ask("/nowhere", tag); w.Code != http.StatusNotFound {
		t.Errorf("no such page: %d", w.Code)
	}
}

func TestWithoutABuildThereIsAPageInItsPlace(t *testing.T) {
	c, err := console.New(console.Options{Files: fstest.MapFS{}})
	if err != nil {
		t.Fatal(err)
	}
	if c.Built() {
		t.Error("it claims to be built")
	}
	w := httptest.NewRecorder()
	c.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	for _, want := range []string{"make build", `href="/status"`, `lang="es"`, `lang="en"`} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("the page has no %q: %s", want, w.Body)
		}
	}
}

func TestHeadHasNoBody(t *testing.T) {
	c, err := console.New(console.Options{Files: build})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	c.ServeHTTP(w, httptest.NewRequest(http.MethodHead, "/", nil))
	if w.Body.Len() != 0 || w.Header().Get("Content-Length") == "0" {
		t.Errorf("body %q, length %q", w.Body, w.Header().Get("Content-Length"))
	}
}

// TestEmbedded: whatever is in the tree, the program has a page.
func TestEmbedded(t *testing.T) {
	c, err := console.New(console.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	c.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "<title>Campanário</title>") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
