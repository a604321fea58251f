package access

import (
	"bytes"
	"context"
	"errors"
	"net/mail"
	"strings"
	"testing"
	"time"

	"campanario/internal/fault"
	"campanario/internal/seal"
)

func FuzzOwnerLink(f *testing.F) {
	s, err := seal.New(bytes.Repeat([]byte{7}, seal.KeySize))
	if err != nil {
		f.Fatal(err)
	}
	l, err := NewOwnerLinks(s)
	if err != nil {
		f.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	good := l.Token(now, true)
	for _, seed := range []string{"", "cmo_", good, good[:20], good + "A", strings.ToUpper(good)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		link, _, ok := l.open(token, now)
		if !ok {
			return
		}
		// Only what was signed opens, in its one spelling, and each under a name of its own.
		if len(token) != len(good) || !strings.HasPrefix(token, ownerPrefix) || len(link.ID) < 20 || !link.EndsAt.After(now) {
			t.Errorf("%q: %+v", token, link)
		}
		if _, _, ok := l.open(token[:len(token)-1], now); ok {
			t.Errorf("%q opens without its end", token)
		}
	})
}

func FuzzMailbox(f *testing.F) {
	for _, seed := range []string{"", "ana@example.com", " Ana@Example.COM ", "a@b", "a b@c.d", "<a@b.c>", "Ana <a@b.c>", "a@[127.0.0.1]", "a@b.c\x00", "\"a b\"@c.d", "é@ü.example", strings.Repeat("a", 300) + "@b.c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		box := mailboxOf(raw)
		if box == "" {
			return
		}
		if again := mailboxOf(box); again != box && !strings.ContainsFunc(box, func(r rune) bool { return r > 127 }) {
			t.Errorf("%q is %q, which is %q", raw, box, again)
		}
		if _, err := mail.ParseAddress("<" + box + ">"); err != nil || len(box) > 2*maxEmail || strings.ContainsAny(box, "\r\n\x00 ") {
			t.Errorf("%q is %q: %v", raw, box, err)
		}
	})
}

// TestThePasswordOfNobody: comparing with it takes as long as with another, and nothing opens it.
func TestThePasswordOfNobody(t *testing.T) {
	h := newHasher(0)
	for _, password := range []string{"", "campanario", strings.Repeat("x", MaxPassword+1)} {
		if ok, err := h.proves(t.Context(), password, ""); err != nil || ok {
			t.Errorf("%q: %v, %v", password, ok, err)
		}
	}
	hash, err := h.hash(t.Context(), "girafa roxa")
	if err != nil {
		t.Fatal(err)
	}
	// The same algorithm, memory, passes and lanes, and as much to compare.
	if parts, nobody := strings.Split(hash, "$"), strings.Split(h.nobody(), "$"); len(parts) != len(nobody) || parts[3] != nobody[3] || len(parts[4]) != len(nobody[4]) || len(parts[5]) != len(nobody[5]) {
		t.Errorf("%s\n%s", hash, h.nobody())
	}
}

// TestWhoHashesWaits: few at a time, and no more than can be served wait.
func TestWhoHashesWaits(t *testing.T) {
	h := newHasher(64)
	for range cap(h.queue) {
		h.queue <- struct{}{}
	}
	if _, err := h.hash(t.Context(), "girafa roxa"); !fault.Is(err, "sign_in_busy") {
		t.Errorf("too many: %v", err)
	}
	<-h.queue
	for range cap(h.turns) {
		h.turns <- struct{}{}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.hash(gone, "girafa roxa"); !errors.Is(err, context.Canceled) {
		t.Errorf("who has gone: %v", err)
	}
	<-h.turns
	if _, err := h.hash(t.Context(), "girafa roxa"); err != nil {
		t.Errorf("then: %v", err)
	}
	if len(h.queue) != cap(h.queue)-1 || len(h.turns) != cap(h.turns)-1 {
		t.Errorf("%d and %d are taken", len(h.queue), len(h.turns))
	}
}
