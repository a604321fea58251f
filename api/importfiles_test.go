package api_test

import (
	"strings"
	"testing"

	"campanario/intake"
)

// TestImportFiles holds what imports hand out: templates, which come back as they are, and rows that were refused.
func TestImportFiles(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		for _, layout := range []string{"r", "a", "list", "mapped"} {
			for _, format := range []string{"csv", "xlsx"} {
				r := d.want(200, "", "GET /import-template?words=es&layout="+layout+"&format="+format, "")
				if got := r.header.Get("Content-Disposition"); got != `attachment; filename="campanario-`+layout+"."+format+`"` {
					t.Errorf("%s %s: %s", layout, format, got)
				}
				d.want(201, "", "POST /imports?name=m."+format, r.text, "Content-Type", "application/octet-stream").is("found.format", `"`+format+`"`)
			}
		}
		if got := d.want(200, "", "GET /import-template?layout=r", "").text; !strings.HasPrefix(got, "\ufeffTIPO_DE_REGISTRO;VALOR_DO_REGISTRO;MENSAGEM;NOME_CLIENTE;CPFCNPJ;") {
			t.Errorf("R's template: %.100q", got)
		}
		d.want(422, "not_one_of", "GET /import-template?layout=x", "")
		x := d.want(201, "", "POST /imports?name=a.csv", "nome;telefone\nAna;11987654321\n", "Content-Type", "text/csv")
		x.is("found.layout", `"mapped"`)
		got := d.want(200, "", "GET /imports/"+x.str("id")+"/refused", "")
		if got.text != "\ufeffnome;telefone;Linha no arquivo;Coluna recusada;Motivo da recusa\n" {
			t.Errorf("nothing was refused: %q", got.text)
		}
		book := d.want(200, "", "GET /imports/"+x.str("id")+"/refused?format=xlsx&words=en", "")
		if s, err := intake.Suggest(strings.NewReader(book.text)); err != nil || s.Columns[4].Column != "Reason for refusal" {
			t.Errorf("%+v, %v", s, err)
		}
		d.want(404, "import_not_found", "GET /imports/"+strings.Repeat("0", 36)+"/refused", "")
	})
}
