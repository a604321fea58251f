package public_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"campanario/internal/public"
)

var key, formerKey = bytes.Repeat([]byte("k"), 32), bytes.Repeat([]byte("f"), 32)

func links(t *testing.T, o public.LinksOptions) *public.Links {
	t.Helper()
	if o.Base == "" {
		o.Base, o.Path = "https://mail.example.com/", "/c/"
	}
	l, err := public.NewLinks(o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLinksAreReadAsTheyWereMade(t *testing.T) {
	now := links(t, public.LinksOptions{Key: key, Former: [][]byte{formerKey}, Version: 1})
	for _, l := range []*public.Links{now, links(t, public.LinksOptions{Key: formerKey, Version: 1})} {
		for _, body := range []string{"", "x", "whom and what for", strings.Repeat("long", 300)} {
			url := l.URL([]byte(body))
			token, ours := strings.CutPrefix(url, "https://mail.example.com/c/")
			if got, good := now.Open(token); !ours || !good || string(got) != body {
				t.Errorf("%s gives %q, %v", url, got, good)
			}
		}
	}
}

func TestNoOtherTokenIsOpened(t *testing.T) {
	l := links(t, public.LinksOptions{Key: key, Version: 1})
	token := l.Token([]byte("somebody"))
	for i := range token {
		for _, letter := range "Aa0_" {
			if bad := token[:i] + string(letter) + token[i+1:]; bad != token {
				if _, good := l.Open(bad); good {
					t.Errorf("%q opens", bad)
				}
			}
		}
	}
	for name, bad := range map[string]string{
		"nothing":         "",
		"a short one":     token[:8],
		"padded":          token + "=",
		"more behind":     token + "AAAA",
		"not base64":      "!" + token[1:],
		"too long":        strings.Repeat("A", 1<<20),
		"another key's":   links(t, public.LinksOptions{Key: formerKey, Version: 1}).Token([]byte("somebody")),
		"another version": links(t, public.LinksOptions{Key: key, Version: 2}).Token([]byte("somebody")),
	} {
		if _, good := l.Open(bad); good {
			t.Errorf("%s opens", name)
		}
	}
}

func TestNewLinksRefuses(t *testing.T) {
	for name, o := range map[string]public.LinksOptions{
		"a short key":        {Base: "https://example.com", Path: "/c/", Key: key[:31]},
		"a short former key": {Base: "https://example.com", Path: "/c/", Key: key, Former: [][]byte{formerKey[:5]}},
		"no base":            {Path: "/c/", Key: key},
		"a base of no host":  {Base: "https://", Path: "/c/", Key: key},
		"another scheme":     {Base: "ftp://example.com", Path: "/c/", Key: key},
		"a query":            {Base: "https://example.com/?a=b", Path: "/c/", Key: key},
	} {
		if _, err := public.NewLinks(o); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestGuard(t *testing.T) {
	h := http.Header{}
	public.Guard(h, public.Policy("body{}"))
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; style-src 'sha256-fJgEClQWV1hGkK4qHMO0KotTsVnMYMXTq7/suurGyUo='; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		"Referrer-Policy":         "no-referrer",
		"Cache-Control":           "no-store",
		"X-Content-Type-Options":  "nosniff",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
