package agent

import (
	"errors"
	"html"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campanario/internal/fault"
)

func TestRender(t *testing.T) {
	vars := Variables{
		"name": "Maria da Silva", "first_name": "Maria", "wildcard_1": "Rua A, 10", "wildcard_5": "cinco",
		"html": `<b>"O'Neil" & filhos</b>`, "lines": "a\r\nBcc: x@y.z\nb", "data_de_vencimento": "10/12", "blank": " ",
	}
	tests := []struct {
		format Format
		source string
		want   string
		lacks  []string
	}{
		{Text, "", "", nil},
		{Text, "nada", "nada", nil},
		{Text, "Olá, {{first_name}}!", "Olá, Maria!", nil},
		{Text, "{{ First Name }}{{name}}", "MariaMaria da Silva", nil},
		{Text, "{{Data de Vencimento}}", "10/12", nil},
		{Text, "{{nada | nunca}}", "nunca", nil},
		{Text, "{{nada|nunca}}", "nunca", nil},
		{Text, "{{name|nunca}}", "Maria da Silva", nil},
		{Text, `[{{nada | " a "}}]`, "[ a ]", nil},
		{Text, `[{{nada | ""}}]`, "[]", nil},
		{Text, `[{{nada | "a }} | b"}}]`, "[a }} | b]", nil},
		{Text, `{{nada | a | b}}`, "a | b", nil},
		{Text, `{{nada | "a" ou "b"}}`, `a" ou "b`, nil},
		{Text, "{{blank}}", "", []string{"blank"}},
		{Text, "{{blank | x}}", "x", nil},
		{Text, "{{z}} {{a}} {{z}} @Coringa2", "", []string{"a", "wildcard_2", "z"}},
		{Text, `\{{name}} \ \\ {name} }} {`, `{{name}} \ \\ {name} }} {`, nil},

		{Text, "Olá, @PrimeiroNome, teremos: @Coringa1", "Olá, Maria, teremos: Rua A, 10", nil},
		{Text, "@primeironome @NOMECLIENTE @cORINGA5", "Maria Maria da Silva cinco", nil},
		{Text, "(@PrimeiroNome) @PrimeiroNome.", "(Maria) Maria.", nil},
		{Text, "@Coringa1.Venha", "Rua A, 10.Venha", nil},
		{Text, "Olá,@PrimeiroNome-@Coringa5", "Olá,Maria-cinco", nil},
		{Text, "joao@coringa1.com", "joao@coringa1.com", nil},
		{Text, "joão@coringa1.com", "joão@coringa1.com", nil},
		{Text, "joao+x-@coringa1.com.br", "joao+x-@coringa1.com.br", nil},
		{Text, "9@primeironome", "9@primeironome", nil},
		{Text, "x_@primeironome", "x_@primeironome", nil},
		{Text, "@PrimeiroNomes @Coringa12x @coringa_1 @coringa", "@PrimeiroNomes @Coringa12x @coringa_1 @coringa", nil},
		{Text, "@@PrimeiroNome @@Coringa1 a@@b @@", "@PrimeiroNome @Coringa1 a@@b @@", nil},
		{Text, "@empresa @ @media{x}", "@empresa @ @media{x}", nil},
		{Text, "@PrimeiroNome@PrimeiroNome", "Maria@PrimeiroNome", nil},

		{Text, "{{html}}", `<b>"O'Neil" & filhos</b>`, nil},
		{HTML, "<p>{{html}}</p>", "<p>&lt;b&gt;&#34;O&#39;Neil&#34; &amp; filhos&lt;/b&gt;</p>", nil},
		{HTML, `<p>@PrimeiroNome{{nada | A & B}}{{nada|A &amp; B}}</p>`, "<p>MariaA &amp; BA &amp; B</p>", nil},
		{HTML, "<p>{{&nbsp;name&nbsp;}}{{nada | &quot; x&quot;}}</p>", "<p>Maria da Silva x</p>", nil},
		{Header, "Olá {{lines}}!", "Olá a Bcc: x@y.z b!", nil},
		{Header, "a\r\nBcc: x{{nada | a\nb}}", "a Bcc: xa b", nil},
	}
	for _, tt := range tests {
		tmpl, err := Parse(tt.format, tt.source)
		if err != nil {
			t.Errorf("%q: %v", tt.source, err)
			continue
		}
		got, err := tmpl.Render(vars)
		var lack *Missing
		if errors.As(err, &lack) {
			if diff := cmp.Diff(tt.lacks, lack.Names); diff != "" {
				t.Errorf("%q: missing %s", tt.source, diff)
			}
		} else if err != nil || tt.lacks != nil {
			t.Errorf("%q: error %v, want missing %v", tt.source, err, tt.lacks)
		}
		if got != tt.want {
			t.Errorf("%q as %s\n got %q\nwant %q", tt.source, tt.format, got, tt.want)
		}
	}
}

func TestParseFaults(t *testing.T) {
	tests := map[string]string{
		"a {{name":              "template_unclosed column=3 line=1",
		"á\né {{name }":         "template_unclosed column=3 line=2",
		"{{}}":                  "template_name_invalid column=1 line=1 name=",
		"{{ | x}}":              "template_name_invalid column=1 line=1 name=",
		"{{#if x}}":             "template_name_invalid column=1 line=1 name=#if x",
		"{{/if}}":               "template_name_invalid column=1 line=1 name=/if",
		"{{{name}}}":            "template_name_invalid column=1 line=1 name={name",
		"{{a {{b}}":             "template_name_invalid column=1 line=1 name=a {{b",
		"{{name |}}":            "template_default_empty column=1 line=1 name=name",
		"Olá @Coringa6":         "template_wildcard_unknown column=5 line=1 name=@Coringa6",
		"@coringa12":            "template_wildcard_unknown column=1 line=1 name=@coringa12",
		"{{?}} {{|}} {{":        "template_name_invalid column=1 line=1 name=?; template_name_invalid column=7 line=1 name=; template_unclosed column=13 line=1",
		strings.Repeat("{{", 1): "template_unclosed column=1 line=1",
	}
	for source, want := range tests {
		_, err := Parse(Text, source)
		if err == nil {
			t.Errorf("%q: accepted", source)
		} else if err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", source, err, want)
		}
	}
	if _, err := Parse(Text, "{{"+strings.Repeat("a", maxName+1)+"}}"); !fault.Is(err, "template_name_invalid") {
		t.Errorf("a very long name: %v", err)
	}
}

func TestTemplateNames(t *testing.T) {
	tmpl, err := Parse(Text, "{{b}} {{a|1}} {{b|2}} {{c | 3}} @PrimeiroNome {{a|4}}")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"b", "first_name"}, tmpl.Names()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"a", "c"}, tmpl.Optional()); diff != "" {
		t.Error(diff)
	}
}

// FuzzTemplate holds, for any text: a text without our signs renders as itself; rendering never fails but for missing
// variables; values put into HTML add no markup, and values put into a header no line.
func FuzzTemplate(f *testing.F) {
	for _, s := range []string{
		"Olá, {{ name | amigo }}", "@PrimeiroNome @@Coringa1 a@coringa1.com", `\{{ {{x|"}}"}} }}`, "{{a}}{{b|<c>}}", "{{", "@", "\xff{{\xff}}",
		"<p title='{{a}}'>{{&nbsp;a}}</p>", "a\r\n{{a}}",
	} {
		f.Add(s, "value\n<b>")
	}
	f.Fuzz(func(t *testing.T, source, value string) {
		for _, format := range []Format{Text, HTML, Header} {
			tmpl, err := Parse(format, source)
			if err != nil {
				if len(fault.All(err)) == 0 {
					t.Fatalf("%q: not a fault: %v", source, err)
				}
				continue
			}
			v := Variables{}
			for _, n := range append(tmpl.Names(), tmpl.Optional()...) {
				if n != Key(n) || n == "" {
					t.Fatalf("%q: name %q is not folded", source, n)
				}
				v[n] = value
			}
			out, err := tmpl.Render(v)
			var lack *Missing
			if err != nil && (!errors.As(err, &lack) || strings.TrimSpace(value) != "") {
				t.Fatalf("%q: %v", source, err)
			}
			if err != nil {
				continue
			}
			if format == Text && !strings.ContainsAny(source, "{@") && out != source {
				t.Fatalf("%q became %q", source, out)
			}
			if format == Header && strings.ContainsAny(out, "\r\n") {
				t.Fatalf("%q: header of several lines %q", source, out)
			}
			if format == HTML && html.EscapeString(value) == value {
				continue
			}
			if format == HTML && strings.Count(out, "<") > strings.Count(source, "<")+strings.Count(source, "{{") {
				t.Fatalf("%q with %q: markup in %q", source, value, out)
			}
		}
	})
}

func BenchmarkRender(b *testing.B) {
	tmpl, err := Parse(HTML, "<p>Olá, {{first_name}},</p><p>Sua fatura {{numero}} vence em {{data}} no valor de {{valor | a combinar}}.</p><a href=\"{{unsubscribe_url}}\">Sair</a>")
	if err != nil {
		b.Fatal(err)
	}
	v := Variables{"first_name": "Maria", "numero": "1234", "data": "10/12/2026", "unsubscribe_url": "https://example.com/u/abc"}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tmpl.Render(v); err != nil {
			b.Fatal(err)
		}
	}
}
