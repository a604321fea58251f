package email

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"campanario/channel"
	"campanario/internal/public"
)

func key(b byte) []byte { return bytes.Repeat([]byte{b}, 32) }

func newLinks(t testing.TB, o LinksOptions) *Links {
	t.Helper()
	if o.Base == "" {
		o.Base = "https://example.com"
	}
	if o.Key == nil {
		o.Key = key(1)
	}
	l, err := NewLinks(o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

var aTarget = Target{
	Workspace: "0192f0c1-0000-7000-8000-00000000000a", Channel: channel.Email, Address: "maria@example.net",
	Campaign: "0192f0c1-0000-7000-8000-00000000000b", Recipient: "0192f0c1-0000-7000-8000-00000000000c",
}

func TestLinksRoundTrip(t *testing.T) {
	l := newLinks(t, LinksOptions{Base: "https://example.com/base/"})
	for _, want := range []Target{
		aTarget,
		{},
		{Workspace: "w", Channel: channel.Voice, Address: "+5511999990000"},
		{Workspace: strings.Repeat("x", 254), Address: "joão@exämple.com", Recipient: "\x00\xff"},
		{Workspace: "0192F0C1-0000-7000-8000-00000000000A"}, // not as we write UUIDs: kept as it is
	} {
		link, err := l.URL(want)
		if err != nil {
			t.Fatal(err)
		}
		token, ok := strings.CutPrefix(link, "https://example.com/base/u/")
		if !ok || strings.ContainsAny(token, "+/=?&% ") {
			t.Errorf("link %s", link)
		}
		got, err := l.Parse(token)
		if err != nil || got != want {
			t.Errorf("%+v came back as %+v, %v", want, got, err)
		}
	}
	if link, _ := l.URL(aTarget); len(link) > 180 {
		t.Errorf("a link of %d letters", len(link))
	}
	if _, err := l.URL(Target{Workspace: strings.Repeat("x", 255)}); !errors.Is(err, ErrToken) {
		t.Errorf("a field too long: %v", err)
	}
}

func TestLinksRefuse(t *testing.T) {
	l := newLinks(t, LinksOptions{})
	good, err := l.Token(aTarget)
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := base64.RawURLEncoding.DecodeString(good)
	again := func(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
	signed := func(version byte, body ...byte) string {
		t.Helper()
		s, err := public.NewLinks(public.LinksOptions{Base: "https://a", Key: key(1), Version: version})
		if err != nil {
			t.Fatal(err)
		}
		return s.Token(body)
	}
	stranger, err := newLinks(t, LinksOptions{Key: key(9)}).Token(aTarget)
	if err != nil {
		t.Fatal(err)
	}
	bad := map[string]string{
		"empty": "", "short": good[:10], "one letter less": good[:len(good)-1], "one more": good + "A", "padding": good + "=",
		"not base64": "!" + good[1:], "long": strings.Repeat("A", 100_000),
		"another version, signed":    signed(2, 0, 0, 0, 0, 0),
		"a field missing, signed":    signed(1, 0, 0, 0, 0),
		"a field too many, signed":   signed(1, 0, 0, 0, 0, 0, 0),
		"a field cut short, signed":  signed(1, 0, 0, 0, 0, 5, 'a'),
		"a UUID cut short, signed":   signed(1, 0, 0, 0, 0, 255, 1, 2),
		"signed with a stranger key": stranger,
	}
	for i := range raw {
		b := bytes.Clone(raw)
		b[i] ^= 1
		bad["bit flipped in byte "+string(rune('a'+i))] = again(b)
	}
	for name, token := range bad {
		if got, err := l.Parse(token); !errors.Is(err, ErrToken) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// TestOneSpelling: the last letter of base64 may carry bits that mean nothing; a link with others than ours is refused.
func TestOneSpelling(t *testing.T) {
	l := newLinks(t, LinksOptions{})
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for n := range 3 {
		token, err := l.Token(Target{Workspace: strings.Repeat("w", n)})
		if err != nil {
			t.Fatal(err)
		}
		last := strings.IndexByte(letters, token[len(token)-1])
		for i := range len(letters) {
			_, err := l.Parse(token[:len(token)-1] + letters[i:i+1])
			if (err == nil) != (i == last) {
				t.Errorf("length %d: letter %d in place of %d: %v", len(token), i, last, err)
			}
		}
	}
}

func TestLinksOutliveTheirKey(t *testing.T) {
	old := newLinks(t, LinksOptions{Key: key(1)})
	token, err := old.Token(aTarget)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := newLinks(t, LinksOptions{Key: key(2), Former: [][]byte{key(3), key(1)}}).Parse(token); err != nil || got != aTarget {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := newLinks(t, LinksOptions{Key: key(2)}).Parse(token); err == nil {
		t.Error("a key that was given up still opens")
	}
}

func TestNewLinksRefuses(t *testing.T) {
	for name, o := range map[string]LinksOptions{
		"no key":           {Base: "https://a"},
		"short key":        {Base: "https://a", Key: key(1)[:31]},
		"short former key": {Base: "https://a", Key: key(1), Former: [][]byte{{1}}},
		"no base":          {Key: key(1)},
		"a path":           {Base: "/x", Key: key(1)},
		"another scheme":   {Base: "ftp://a", Key: key(1)},
		"a query":          {Base: "https://a?b", Key: key(1)},
	} {
		if _, err := NewLinks(o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func FuzzToken(f *testing.F) {
	l := newLinks(f, LinksOptions{})
	good, _ := l.Token(aTarget)
	f.Add(good, []byte{0, 0, 0, 0, 0})
	f.Add("", []byte{255, 0, 0, 0, 0})
	f.Add(good[:40], []byte{254, 0})
	f.Fuzz(func(t *testing.T, token string, body []byte) {
		// Whatever is accepted is exactly what Token makes of it: nothing has two links.
		for _, s := range []string{token, l.signed.Token(body)} {
			got, err := l.Parse(s)
			if err != nil {
				continue
			}
			if back, err := l.Token(got); err != nil || back != s {
				t.Errorf("%q is %+v, whose token is %q, %v", s, got, back, err)
			}
		}
	})
}
