package agent

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campanario/channel"
)

func TestLetter(t *testing.T) {
	c, err := MessageTemplate{
		Subject:           "{{first_name}}, sua fatura {{numero | nova}}",
		HTML:              `<html><head><style>p{}</style></head><body><p>Olá, @PrimeiroNome &amp; cia,</p><p>veja <a href="https://x.example/{{numero | 0}}">aqui</a>.<br>Até!</p><a href="{{unsubscribe_url}}">Sair</a></body></html>`,
		FromName:          "Loja {{loja | Centro}}",
		ReplyTo:           "sac@x.example",
		UnsubscribeMailto: "sair@x.example",
		Language:          "pt-BR",
		Headers:           map[string]string{"X-Campaign": "a"},
	}.Compile()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"first_name", "unsubscribe_url"}, c.Names()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"loja", "numero"}, c.Optional()); diff != "" {
		t.Error(diff)
	}
	got, err := c.Render(Variables{"first_name": "Zé <b>\r\nBcc: x", "unsubscribe_url": "https://c.example/u/1?a=b&c=d"})
	if err != nil {
		t.Fatal(err)
	}
	want := &Message{
		Subject:           "Zé <b> Bcc: x, sua fatura nova",
		Text:              "Olá, Zé <b>\r\nBcc: x & cia,\n\nveja aqui (https://x.example/0).\nAté!\n\nSair (https://c.example/u/1?a=b&c=d)",
		HTML:              "<html><head><style>p{}</style></head><body><p>Olá, Zé &lt;b&gt;\r\nBcc: x &amp; cia,</p><p>veja <a href=\"https://x.example/0\">aqui</a>.<br>Até!</p><a href=\"https://c.example/u/1?a=b&amp;c=d\">Sair</a></body></html>",
		Language:          "pt-BR",
		FromName:          "Loja Centro",
		ReplyTo:           "sac@x.example",
		UnsubscribeURL:    "https://c.example/u/1?a=b&c=d",
		UnsubscribeMailto: "sair@x.example",
		Headers:           map[string]string{"X-Campaign": "a"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got.Channel() != channel.Email || !got.OneClick() {
		t.Errorf("channel %s, one click %v", got.Channel(), got.OneClick())
	}
	_, err = c.Render(Variables{})
	var lack *Missing
	if !errors.As(err, &lack) || !cmp.Equal(lack.Names, c.Names()) {
		t.Errorf("a person without variables: %v", err)
	}
	// A link that could break out of its header is not put there.
	got, err = c.Render(Variables{"first_name": "Zé", "unsubscribe_url": "https://x.example/>,<mailto:a@b.c"})
	if err != nil || got.UnsubscribeURL != "" {
		t.Errorf("a bad link out: %q, %v", got.UnsubscribeURL, err)
	}
}

func TestOneClick(t *testing.T) {
	for link, want := range map[string]bool{
		"https://x.example/u": true, "http://x.example/u": false, "http://127.0.0.1:8080/u": true, "http://localhost/u": true, "": false, "mailto:a@b.c": false,
	} {
		if got := (&Message{UnsubscribeURL: link}).OneClick(); got != want {
			t.Errorf("%q: %v", link, got)
		}
	}
}

func TestMessageTemplateFaults(t *testing.T) {
	tests := []struct {
		name string
		tmpl MessageTemplate
		want string
	}{
		{"good", MessageTemplate{Subject: "a", Text: "b"}, ""},
		{"empty", MessageTemplate{}, "required at subject; required at text"},
		{"blank subject", MessageTemplate{Subject: "\r\n", Text: "b"}, "required at subject"},
		{
			"broken everywhere",
			MessageTemplate{Subject: "{{", Text: "\n{{#x}}", HTML: "<p>{{a|}}", FromName: "@Coringa9"},
			"template_unclosed at subject column=1 line=1; template_wildcard_unknown at from_name column=1 line=1 name=@Coringa9; " +
				"template_default_empty at html column=4 line=1 name=a; template_name_invalid at text column=1 line=2 name=#x",
		},
		{"HTML is told once", MessageTemplate{Subject: "a", HTML: "{{a|}}"}, "template_default_empty at html column=1 line=1 name=a"},
		{
			"addresses and language",
			MessageTemplate{Subject: "a", Text: "b", ReplyTo: "Ana <a@b.c>", UnsubscribeMailto: "x", Language: "português"},
			"language_invalid at language value=português; email_invalid at reply_to; email_invalid at unsubscribe_mailto",
		},
		{
			"headers",
			MessageTemplate{Subject: "a", Text: "b", Headers: map[string]string{"X A": "1", "subject": "2", "X-B": "a\nb", "X-C": "ok", "": "x"}},
			"header_name_invalid at headers. name=; header_name_invalid at headers.X A name=X A; header_value_invalid at headers.X-B name=X-B; header_reserved at headers.subject name=subject",
		},
		{
			"too long",
			MessageTemplate{Subject: strings.Repeat("a", maxSubject+1), Text: strings.Repeat("a", maxBody+1), HTML: strings.Repeat("a", maxBody+1)},
			"too_long at subject max=998; too_long at text max=1048576; too_long at html max=1048576",
		},
	}
	for _, tt := range tests {
		got := ""
		if l := tt.tmpl.Validate(); len(l) > 0 {
			got = l.Error()
		}
		if got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

func TestPlainText(t *testing.T) {
	tests := map[string]string{
		"":                               "",
		"a":                              "a",
		"<p>a</p><p>b</p>":               "a\n\nb",
		"<div>a</div><div>b</div>":       "a\nb",
		"a<br/>b<br>\n<br>c":             "a\nb\n\nc",
		"<ul><li>a</li><li>b</li></ul>c": "- a\n- b\n\nc",
		"<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>":                         "a b\nc",
		`<a href="https://x">y</a> z`:                                                             "y (https://x) z",
		`<a href='https://x'>https://x</a>`:                                                       "https://x",
		`<a href=mailto:a@b.c>a@b.c</a>`:                                                          "a@b.c",
		`<a class="x" data-href="no" href=" https://x?a=1&amp;b=2 "><img alt="Logo &amp; x"></a>`: "Logo & x (https://x?a=1&b=2)",
		`<a href="https://x"></a>b`:                                                               "https://xb",
		`<a href="#top">y</a>`:                                                                    "y",
		"<style>p{}</style><SCRIPT>x<y</ScRiPt >a<!-- <p> -->b":                                   "ab",
		"<style>never closed":                                                                     "",
		"1 < 2 &lt;3 &amp; x<3":                                                                   "1 < 2 <3 & x<3",
		"<p title=\"a>b\">c":                                                                      "c",
		"<!DOCTYPE html><?xml x?><html>a</html>":                                                  "a",
		"<pre>a\n  b</pre>c":                                                                      "a\n  b\nc",
		"a\n\n  b":                                                                                "a b",
		"<b>Olá, {{ name | \"a b\" }}</b>":                                                        `Olá, {{ name | "a b" }}`,
		"<a href":                                                                                 "",
		"<":                                                                                       "<",
		"</":                                                                                      "",
	}
	for in, want := range tests {
		if got := PlainText(in); got != want {
			t.Errorf("%q\n got %q\nwant %q", in, got, want)
		}
	}
}

func FuzzPlainText(f *testing.F) {
	for _, s := range []string{"<p>a</p>", `<a href="x">y`, "<style>", "<!--", "<a href='\xff'>\xff</a>", "</A HREF=x>", "<pre>\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := PlainText(s)
		if len(out) > 20*len(s)+100 {
			t.Errorf("%d bytes became %d", len(s), len(out))
		}
		if !strings.ContainsAny(s, "<&") && strings.Join(strings.Fields(out), " ") != strings.Join(strings.Fields(s), " ") {
			t.Errorf("plain %q became %q", s, out)
		}
	})
}

func BenchmarkLetter(b *testing.B) {
	c, err := MessageTemplate{
		Subject: "{{first_name}}, sua fatura {{numero}}",
		HTML:    "<p>Olá, {{first_name}},</p><p>Sua fatura {{numero}} vence em {{data}}.</p><a href=\"{{unsubscribe_url}}\">Sair</a>",
	}.Compile()
	if err != nil {
		b.Fatal(err)
	}
	v := Variables{"first_name": "Maria", "numero": "1", "data": "10/12", "unsubscribe_url": "https://x.example/1"}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Render(v); err != nil {
			b.Fatal(err)
		}
	}
}
