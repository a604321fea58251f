package audience_test

import (
	"errors"
	"strings"
	"testing"

	"campanario/audience"
	"campanario/channel"
)

func invitations(t testing.TB, seed byte, former ...[]byte) *audience.Invitations {
	t.Helper()
	key := make([]byte, 32)
	key[0] = seed
	v, err := audience.NewInvitations("https://example.com/app/", key, former...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

var invited = audience.Invitation{Workspace: "ws", Contact: "0190-abc", Channel: channel.Voice, Line: "line"}

func tokenOf(t testing.TB, v *audience.Invitations) string {
	t.Helper()
	link, err := v.URL(invited)
	if err != nil {
		t.Fatal(err)
	}
	token, ok := strings.CutPrefix(link, "https://example.com/app/c/")
	if !ok {
		t.Fatalf("leads to %s", link)
	}
	return token
}

func TestInvitations(t *testing.T) {
	first := invitations(t, 1)
	token := tokenOf(t, first)
	if got, err := first.Parse(token); err != nil || got != invited {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := invitations(t, 2).Parse(token); !errors.Is(err, audience.ErrInvitation) {
		t.Errorf("another key opens it: %v", err)
	}
	old := make([]byte, 32)
	old[0] = 1
	if got, err := invitations(t, 2, old).Parse(token); err != nil || got != invited {
		t.Errorf("a former key: %+v, %v", got, err)
	}
	for _, base := range []string{"", "example.com", "ftp://example.com", "https://example.com/?a=b"} {
		if _, err := audience.NewInvitations(base, make([]byte, 32)); err == nil {
			t.Errorf("%q is a base", base)
		}
	}
	if _, err := audience.NewInvitations("https://example.com", make([]byte, 31)); err == nil {
		t.Error("a short key is taken")
	}
}

func FuzzInvitation(f *testing.F) {
	v := invitations(f, 1)
	token := tokenOf(f, v)
	f.Add(token)
	f.Add(token[1:])
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := v.Parse(text); (err == nil) != (text == token) || err == nil && got != invited {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	})
}
