package client

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"campanario/internal/locale"
)

// printed is a table on a screen of a width; 0 for none.
func printed(t *testing.T, width int, l locale.Language, rows ...string) string {
	t.Helper()
	var out bytes.Buffer
	a := &app{o: Options{
		Zone: time.FixedZone("", -3*3600), Getenv: func(string) string { return "" },
		Terminal: func(any) (int, int, bool) { return width, 24, width > 0 },
	}}
	cmd := &cobra.Command{}
	cmd.SetOut(&out)
	k := a.call(cmd, nil)
	k.lang, k.words = l, wordsOf(l)
	tab := k.table([]column{
		{name: "id", path: "id"},
		{name: "name", path: "name", cut: true},
		{name: "total", path: "counts.total", right: true},
		{name: "success", path: "rate", show: percent, right: true},
		{name: "created", path: "at", show: instant},
		{name: "tags", path: "tags", cut: true},
	})
	for _, text := range rows {
		m, err := decode(json.RawMessage(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := tab.print([]item{m}); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

func TestTable(t *testing.T) {
	ana := `{"id": "01a1fe31-1650", "name": "Ação — março", "counts": {"total": 12345678901234}, "rate": 0.125, "at": "2026-11-23T12:00:00.5Z", "tags": ["vip", "sul"]}`
	odd := `{"id": 7, "name": "a\u001b[31m\nb\u202ec\u0007", "rate": 1, "at": "soon", "tags": null}`
	for _, c := range []struct {
		name  string
		width int
		lang  locale.Language
		rows  []string
		want  string
	}{
		{"aligned by runes", 0, locale.English, []string{ana}, `
ID             NAME                   TOTAL  SUCCESS  CREATED           TAGS
01a1fe31-1650  Ação — março  12345678901234    12.5%  2026-11-23 09:00  vip, sul
`},
		{"in the reader's way", 0, locale.Portuguese, []string{ana}, `
ID             NOME                   TOTAL  SUCESSO  CRIADO            ETIQUETAS
01a1fe31-1650  Ação — março  12345678901234    12,5%  2026-11-23 09:00  vip, sul
`},
		{"texts give way", 75, locale.English, []string{ana}, `
ID             NAME              TOTAL  SUCCESS  CREATED           TAGS
01a1fe31-1650  Ação —…  12345678901234    12.5%  2026-11-23 09:00  vip, sul
`},
		{"as narrow as it goes", 10, locale.English, []string{ana, strings.Replace(ana, "março", "dezembro", 1)}, `
ID             NAME             TOTAL  SUCCESS  CREATED           TAGS
01a1fe31-1650  Ação …  12345678901234    12.5%  2026-11-23 09:00  vip, …
01a1fe31-1650  Ação …  12345678901234    12.5%  2026-11-23 09:00  vip, …
`},
		{"later rows under the first", 0, locale.English, []string{`{"id": "x", "name": "short"}`, ana}, `
ID  NAME   TOTAL  SUCCESS  CREATED  TAGS
x   short            0.0%
01a1fe31-1650  Ação — março  12345678901234    12.5%  2026-11-23 09:00  vip, sul
`},
		{"what moves cursors is taken out", 0, locale.English, []string{odd}, `
ID  NAME         TOTAL  SUCCESS  CREATED  TAGS
7   a·[31m b·c·          100.0%  soon
`},
	} {
		if got := printed(t, c.width, c.lang, c.rows...); got != strings.TrimPrefix(c.want, "\n") {
			t.Errorf("%s:\n%s\nwant%s", c.name, got, c.want)
		}
	}
}

func TestTexts(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{clock(59*time.Second + 600*time.Millisecond), "01:00"},
		{clock(time.Hour + 2*time.Minute + 3*time.Second), "1:02:03"},
		{size(999), "999 B"},
		{size(1536), "1.5 KiB"},
		{size(3 << 30), "3.0 GiB"},
		{bar(1, 3, 6), "[##....]"},
		{bar(0, 0, 3), "[...]"},
		{bar(9, 3, 3), "[###]"},
		{fit("ação", 3), "aç…"},
		{fit("ação", 4), "ação"},
		{fit("ação", 0), "ação"},
		{oneLine(json.RawMessage("{\n \"a\": 1 }")), `{"a":1}` + "\n"},
		{blot("a cmp_aaaaaaaaaaaaaaaa_bbbb z", "k"), "a cmp_… z"},
		{blot("a other-secret z", "other-secret"), "a … z"},
		{strings.Join(wrap([]string{"aaa", "bbb", "ccc"}, 10), "|"), "  aaa  bbb|  ccc"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}
