package email

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
)

type optOuts struct {
	got []OptOut
	err error
}

func (o *optOuts) OptOut(_ context.Context, out OptOut) error {
	o.got = append(o.got, out)
	return o.err
}

type visit struct {
	method, path, kind, body, language string
}

const form = "application/x-www-form-urlencoded"

func serve(t testing.TB, outs *optOuts, v visit) *httptest.ResponseRecorder {
	t.Helper()
	u := NewUnsubscribe(UnsubscribeOptions{
		Links: newLinks(t, LinksOptions{}), OptOuts: outs, Log: quiet(), Now: func() time.Time { return then },
		Sender: func(_ context.Context, w string) string { return "Loja <" + w[:4] + ">" },
	})
	r := httptest.NewRequest(v.method, "https://example.com"+v.path, strings.NewReader(v.body))
	r.Header.Set("Content-Type", v.kind)
	r.Header.Set("Accept-Language", v.language)
	w := httptest.NewRecorder()
	u.ServeHTTP(w, r)
	return w
}

func goodPath(t testing.TB) string {
	t.Helper()
	link, err := newLinks(t, LinksOptions{}).URL(aTarget)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	return u.Path
}

func multipartForm(t *testing.T, name, value string) (kind, body string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if err := w.WriteField(name, value); err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	return w.FormDataContentType(), b.String()
}

func TestUnsubscribe(t *testing.T) {
	path := goodPath(t)
	parts, partsBody := multipartForm(t, "List-Unsubscribe", "One-Click")
	tests := []struct {
		name   string
		visit  visit
		status int
		source OptOutSource // empty: nothing taken down
		says   string
	}{
		{"a scanner follows the link", visit{method: "GET", path: path}, 200, "", "apertar o botão"},
		{"a scanner asks for the head", visit{method: "HEAD", path: path}, 200, "", ""},
		{"one click", visit{"POST", path, form, "List-Unsubscribe=One-Click", ""}, 200, OneClick, "Pronto"},
		{"one click in parts", visit{"POST", path, parts, partsBody, ""}, 200, OneClick, "Pronto"},
		{"the button", visit{"POST", path, form, "confirm=yes", "en-GB"}, 200, ByPage, "no more campaign messages"},
		{"a POST that says nothing", visit{"POST", path, form, "", ""}, 400, "", "apertar o botão"},
		{"a POST that says no", visit{"POST", path, form, "List-Unsubscribe=No", ""}, 400, "", "apertar o botão"},
		{"the words in the query", visit{"POST", path + "?List-Unsubscribe=One-Click", form, "", ""}, 400, "", "apertar o botão"},
		{"GET with the words", visit{"GET", path + "?List-Unsubscribe=One-Click&confirm=yes", form, "", ""}, 200, "", "apertar o botão"},
		{"a broken form", visit{"POST", path, "multipart/form-data; boundary=x", "--x\r\n", ""}, 400, "", ""},
		{"an endless form", visit{"POST", path, form, "List-Unsubscribe=One-Click&x=" + strings.Repeat("x", 10_000), ""}, 400, "", ""},
		{"JSON", visit{"POST", path, "application/json", `{"List-Unsubscribe":"One-Click"}`, ""}, 400, "", ""},
		{"another method", visit{"DELETE", path, "", "", ""}, 405, "", ""},
		{"a link cut short", visit{"GET", path[:20], "", "", "es-MX,es;q=0.9"}, 404, "", "enlace no es válido"},
		{"a forged link", visit{"POST", path[:len(path)-1] + "A", form, "List-Unsubscribe=One-Click", ""}, 404, "", "não é válido"},
		{"no link", visit{"POST", "/u/", form, "List-Unsubscribe=One-Click", ""}, 404, "", ""},
		{"elsewhere", visit{"GET", "/x", "", "", ""}, 404, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			outs := &optOuts{}
			w := serve(t, outs, tt.visit)
			body := w.Body.String()
			if w.Code != tt.status || !strings.Contains(body, tt.says) {
				t.Errorf("%d:\n%s", w.Code, body)
			}
			if tt.visit.method == "HEAD" && body != "" {
				t.Error("a body for HEAD")
			}
			want := []OptOut{{
				aTarget.Workspace, aTarget.Channel, aTarget.Address, aTarget.Campaign, aTarget.Recipient, tt.source, then,
			}}
			if tt.source == "" {
				want = nil
			}
			if !reflect.DeepEqual(outs.got, want) {
				t.Errorf("took down %+v, want %+v", outs.got, want)
			}
			if len(w.Result().Cookies()) > 0 || w.Code/100 == 3 {
				t.Error("RFC 8058: neither cookies nor redirections")
			}
		})
	}
}

func TestUnsubscribeTwiceAndWhenTheStoreIsAway(t *testing.T) {
	path := goodPath(t)
	outs := &optOuts{}
	for range 2 {
		if w := serve(t, outs, visit{"POST", path, form, "List-Unsubscribe=One-Click", ""}); w.Code != 200 {
			t.Errorf("status %d", w.Code)
		}
	}
	outs.err = errors.New("database gone")
	w := serve(t, outs, visit{"POST", path, form, "List-Unsubscribe=One-Click", "en"})
	if w.Code != 503 || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "nothing has changed") ||
		!strings.Contains(w.Body.String(), "<button") || strings.Contains(w.Body.String(), "database") {
		t.Errorf("%d:\n%s", w.Code, w.Body)
	}
}

// TestThePage holds what a page must and must not have, in every language and state.
func TestThePage(t *testing.T) {
	path := goodPath(t)
	for lang, tag := range map[string]string{"": "pt-BR", "pt-PT": "pt-BR", "es-AR": "es", "en;q=0.5, de": "en", "zz": "pt-BR", strings.Repeat("en,", 300): "pt-BR", ";;;": "pt-BR"} {
		for _, v := range []visit{{method: "GET", path: path}, {"POST", path, form, "confirm=yes", ""}, {method: "GET", path: "/u/x"}} {
			v.language = lang
			w := serve(t, &optOuts{}, v)
			page := w.Body.String()
			h := w.Header()
			if !strings.Contains(page, `<html lang="`+tag+`">`) || h.Get("Content-Language") != tag {
				t.Errorf("%q: language %s", lang, h.Get("Content-Language"))
			}
			for _, never := range []string{"<script", "javascript:", " src=", "<link", "url(", "@import", "ZgotmplZ", "maria@", "<no value>", "%!", "Loja <"} {
				if strings.Contains(page, never) {
					t.Errorf("%q: the page holds %q:\n%s", lang, never, page)
				}
			}
			for _, must := range []string{"<!doctype html>", `name="viewport"`, "<title>", "<h1", "<main>", "@media (prefers-"} {
				if !strings.Contains(page, must) {
					t.Errorf("%q: the page lacks %q", lang, must)
				}
			}
			for name, want := range map[string]string{
				"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
				"Content-Type": "text/html; charset=utf-8",
			} {
				if h.Get(name) != want {
					t.Errorf("%s: %q", name, h.Get(name))
				}
			}
			css := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(page)
			sum := sha256.Sum256([]byte(css[1]))
			policy := h.Get("Content-Security-Policy")
			if !strings.HasPrefix(policy, "default-src 'none';") || !strings.Contains(policy, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") {
				t.Errorf("policy %s does not fit the style", policy)
			}
		}
	}
	page := serve(t, &optOuts{}, visit{method: "GET", path: path, language: "en"}).Body.String()
	if !strings.Contains(page, "m•••@example.net") || !strings.Contains(page, "messages from Loja &lt;0192&gt; at") ||
		strings.Count(page, "<button") != 1 {
		t.Errorf("got\n%s", page)
	}
}

func TestEveryLanguageHasEveryWord(t *testing.T) {
	for _, l := range languages {
		v := reflect.ValueOf(l.words)
		for i := range v.NumField() {
			if v.Field(i).String() == "" {
				t.Errorf("%s: %s is missing", l.tag, v.Type().Field(i).Name)
			}
		}
		if strings.Count(l.words.AskFrom, "%s") != 1 {
			t.Errorf("%s: the sender's place", l.tag)
		}
	}
}

func TestHidden(t *testing.T) {
	for address, want := range map[string]string{
		"maria@example.com": "m•••@example.com", "é@x": "é•••@x", "@x": "•••@x", "+5511999991234": "•••1234", "123": "•••", "": "•••",
	} {
		if got := hidden(address); got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
	}
}

// TestNeedsNoOrigin: mail providers post without Origin or with their own, so the check of Origin that the API has must
// let the first kind pass; for the second the path is to be exempted.
func TestNeedsNoOrigin(t *testing.T) {
	outs := &optOuts{}
	u := NewUnsubscribe(UnsubscribeOptions{Links: newLinks(t, LinksOptions{}), OptOuts: outs, Log: quiet()})
	srv := httptest.NewServer(http.NewCrossOriginProtection().Handler(u))
	defer srv.Close()
	resp, err := http.Post(srv.URL+goodPath(t), form, strings.NewReader("List-Unsubscribe=One-Click"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK || len(outs.got) != 1 {
		t.Errorf("%d, %+v", resp.StatusCode, outs.got)
	}
}
