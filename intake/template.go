package intake

import (
	"io"

	"campanario/internal/fault"
	"campanario/internal/locale"
)

// Template writes the file of a layout for people to fill in, with its header and some rows of examples: CSV that the
// spreadsheets of the language's readers open rightly, or a workbook whose cells are text, so that no phone number becomes
// a quantity. R's and A's columns are called the same in every language; the others as the language calls them.
func Template(w io.Writer, layout Layout, f Format, l locale.Language) error {
	rows, ok := templateRows(layout, l)
	if !ok {
		return invalid("not_one_of", fault.Params{"value": clip(string(layout)), "allowed": "r, a, list, mapped"}).At("layout")
	}
	out, err := newRowWriter(w, f, l, locale.Word(l, "field", "contact"), len(rows[0]))
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := out.Write(row...); err != nil {
			return err
		}
	}
	return out.Flush()
}

func templateRows(layout Layout, l locale.Language) ([][]string, bool) {
	message := locale.Word(l, "example", "message")
	switch layout {
	case LayoutR:
		header := make([]string, len(columnsOfR))
		for i, c := range columnsOfR {
			header[i] = c.name
		}
		return [][]string{
			header,
			{phoneOfR, "11900000001", message, "Ana Souza", "52998224725", "C-1001", "vip", "Rua das Flores, 10", "", "", "", "", "ALTA"},
			{mailOfR, "ana@example.com", "", "Ana Souza", "52998224725", "C-1001", "vip", "Rua das Flores, 10", "", "", "", "", "ALTA"},
			{phoneOfR, "2130000002", "", "Bruno Lima", "", "C-1002", "", "", "", "", "", "", "MEDIA"},
			{mailOfR, "compras@example.com", "", "Comercial Exemplo", "12ABC34501DE35", "C-1003", "", "", "", "", "", "", "BAIXA"},
		}, true
	case LayoutA:
		return [][]string{
			{"name", "contact", "context", "id"},
			{"Ana Souza", "+5511900000001", message, "C-1001"},
			{"Bruno Lima", "+552130000002", `{"amount": "120.50", "due": "2026-12-01"}`, "C-1002"},
		}, true
	case LayoutList:
		return [][]string{{locale.Word(l, "field", "contact")}, {"11900000001"}, {"2130000002"}, {"ana@example.com"}}, true
	case LayoutMapped:
		return mappedTemplate(l), true
	default:
		return nil, false
	}
}

// mappedTemplate has a column for everything that a contact has.
func mappedTemplate(l locale.Language) [][]string {
	fields := []Field{
		FieldName, FieldPhone, FieldEmail, FieldDocument, FieldID, FieldCity, FieldState, FieldLocation, FieldPriority, FieldTags, FieldPortfolios,
		FieldSegments, FieldZone, FieldLanguage,
	}
	header := make([]string, len(fields))
	for i, f := range fields {
		header[i] = locale.Word(l, "field", string(f))
	}
	return [][]string{
		header,
		{"Ana Souza", "11900000001", "ana@example.com", "52998224725", "C-1001", "São Paulo", "SP", "Centro", "ALTA", "vip, ouro", "Carteira 1", "Varejo", "America/Sao_Paulo", "pt-BR"},
		{"Bruno Lima", "+552130000002", "", "", "C-1002", "Rio de Janeiro", "RJ", "", "MEDIA", "", "Carteira 1", "", "", ""},
		{"Comercial Exemplo", "", "compras@example.com", "12ABC34501DE35", "C-1003", "", "", "", "BAIXA", "", "", "Atacado", "", ""},
	}
}
