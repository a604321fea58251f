package mailbox

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestMixIsSeededAndHolds(t *testing.T) {
	c := newChooser(7, nil)
	counts := map[Behaviour]int{}
	const n = 100_000
	for i := range n {
		b, named := c.choose(fmt.Sprintf("user%d@example.com", i))
		if named {
			t.Fatal("an ordinary address was taken for a named one")
		}
		counts[b]++
	}
	for b, want := range map[Behaviour]float64{OK: 94, Bounce: 3, Greylist: 2, Full: 1} {
		if got := float64(counts[b]) / n * 100; math.Abs(got-want) > 0.3 {
			t.Errorf("%s: %.2f %%, want %.0f %%", b, got, want)
		}
	}
	same, other := 0, newChooser(8, nil)
	for i := range 1000 {
		a := fmt.Sprintf("user%d@example.com", i)
		x, _ := c.choose(a)
		y, _ := newChooser(7, nil).choose(strings.ToUpper(a))
		if x != y {
			t.Fatalf("%s does %s, then %s", a, x, y)
		}
		if z, _ := other.choose(a); x == z {
			same++
		}
	}
	if same == 1000 {
		t.Error("the seed changes nothing")
	}
}

func TestLongestNameWins(t *testing.T) {
	c := newChooser(0, nil)
	for local, want := range map[string]Behaviour{
		"never-after-data3": NeverAfterData, "never3": Never, "nonsense-after-data": NonsenseAfterData, "nonsense-after": Nonsense,
	} {
		if got, named := c.choose(local + "@example.com"); got != want || !named {
			t.Errorf("%s does %s, want %s", local, got, want)
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte("Subject: x\r\n\r\nhello\r\n"))
	f.Add([]byte("Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n"))
	f.Add([]byte("Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n????"))
	f.Add([]byte("Subject: =?x?q?=?=\r\n\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := open(stored{raw: raw})
		if len(m.Text) > 3*len(raw) || len(m.HTML) > 3*len(raw) {
			t.Errorf("%d bytes became %d and %d", len(raw), len(m.Text), len(m.HTML))
		}
	})
}

func FuzzMessageID(f *testing.F) {
	f.Add([]byte("Message-ID: <a@b>\r\n\r\n"), "<a@b>")
	f.Add([]byte("Subject: x\r\nmessage-id:\r\n <a@b>\r\n\r\n"), "<a@b>")
	f.Add([]byte("Subject: x\r\n\r\nMessage-ID: <a@b>\r\n"), "")
	f.Add([]byte("\r\n"), "")
	f.Fuzz(func(t *testing.T, head []byte, _ string) {
		if id := messageID(head); strings.ContainsAny(id, "\r\n") {
			t.Errorf("%q holds a line end", id)
		}
	})
}

func TestMessageID(t *testing.T) {
	for head, want := range map[string]string{
		"Message-ID: <a@b>\r\n\r\n":                           "<a@b>",
		"Subject: x\r\nmessage-id:\r\n <a@b>\r\n\r\n":         "<a@b>",
		"Subject: x\r\n\r\nMessage-ID: <a@b>\r\n":             "",
		"Message-ID: <cut":                                    "",
		"Subject: x\r\n Message-ID: <no@no>\r\nTo: a@b\r\n":   "",
		"X: y\r\nMESSAGE-ID:<a@b>\r\nMessage-ID: <c@d>\r\n\r": "<a@b>",
	} {
		if got := messageID([]byte(head)); got != want {
			t.Errorf("%q: %q, want %q", head, got, want)
		}
	}
}
