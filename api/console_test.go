package api_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"campanario/api"
)

// TestTheConsoleTakesNothingOfTheAPI: it answers pages, and only those that nothing else here answers.
func TestTheConsoleTakesNothingOfTheAPI(t *testing.T) {
	page := func(body string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
	}
	d := lone(t, func(o *api.Options) {
		o.Console = page("console")
		o.Extra = map[string]http.Handler{"GET /u/{token}": page("public")}
	})
	for _, x := range []struct {
		method, path string
		status       int
		body         string // its beginning
	}{
		{"GET", "/", 200, "console"},
		{"HEAD", "/", 200, ""},
		{"GET", "/campaigns/1", 200, "console"},
		{"GET", "/apis", 200, "console"},
		{"GET", "/u/abc", 200, "public"},
		{"POST", "/", 404, `{"title"`},
		{"POST", "/u/abc", 405, `{"title"`},
		{"GET", "/api", 404, `{"title"`},
		{"GET", "/api/", 404, `{"title"`},
		{"GET", "/api/v1/nothing", 404, `{"title"`},
		{"GET", "/api/v1/../../campaigns", 404, `{"title"`},
		{"GET", "/api/v1/campaigns", 401, `{"title"`},
		{"GET", "/healthz", 200, ""},
	} {
		r, err := http.NewRequestWithContext(t.Context(), x.method, d.http.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.URL.Path = x.path
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if res.StatusCode != x.status || !strings.HasPrefix(string(body), x.body) || x.path == "/healthz" && strings.Contains(string(body), "console") {
			t.Errorf("%s %s: %d %s", x.method, x.path, res.StatusCode, body)
		}
	}
}
