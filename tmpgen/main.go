package main

import (
	"fmt"
	"time"

	"github.com/xuri/excelize/v2"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}
func main() {
	dir := "/tmp/intake-scratch/"
	// 1: a collections export with a title row above the header, merged cells, numbers as numbers, dates, currency
	f := excelize.NewFile()
	s := "Sheet1"
	f.SetSheetName(s, "Carteira")
	s = "Carteira"
	must(f.SetCellValue(s, "A1", "Relatório de inadimplentes - gerado em 20/11/2026"))
	must(f.MergeCell(s, "A1", "H1"))
	head := []any{"Nome do Cliente", "CPF/CNPJ", "DDD", "Telefone", "Celular", "E-mail", "Valor em aberto", "Vencimento", "Contrato", "Cidade/UF", "Observação"}
	must(f.SetSheetRow(s, "A3", &head))
	money, _ := f.NewStyle(&excelize.Style{NumFmt: 4})
	date, _ := f.NewStyle(&excelize.Style{NumFmt: 14})
	rows := [][]any{
		{"ANA SOUZA", 52998224725, 11, 32123456, 987654321, "ana@example.com", 1234.5, time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), 10001, "São Paulo/SP", ""},
		{"João da Silva", "111.444.777-35", "21", "", "98765-4322", "joao@example", 99.9, time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC), 10002, "Rio de Janeiro/RJ", "ligar à tarde"},
		{"Empresa X Ltda", "11.222.333/0001-81", 81, "3212-3456", nil, "", 15000, time.Date(2026, 9, 12, 0, 0, 0, 0, time.UTC), 10003, "Recife/PE", ""},
		{"Sem telefone", 1234567890, nil, nil, nil, nil, 10, nil, 10004, "", ""},
		{"Total", nil, nil, nil, nil, nil, 16344.4, nil, nil, nil, nil},
	}
	for i, r := range rows {
		r := r
		must(f.SetSheetRow(s, fmt.Sprintf("A%d", 4+i), &r))
		must(f.SetCellStyle(s, fmt.Sprintf("G%d", 4+i), fmt.Sprintf("G%d", 4+i), money))
		must(f.SetCellStyle(s, fmt.Sprintf("H%d", 4+i), fmt.Sprintf("H%d", 4+i), date))
	}
	must(f.SaveAs(dir + "inadimplentes.xlsx"))
	// 2: hidden first sheet, second with contacts
	f = excelize.NewFile()
	must(f.SetCellValue("Sheet1", "A1", "config"))
	_, err := f.NewSheet("Contatos")
	must(err)
	h := []any{"Nome", "WhatsApp", "Tags"}
	must(f.SetSheetRow("Contatos", "A1", &h))
	for i := range 20 {
		r := []any{fmt.Sprintf("Pessoa %d", i), fmt.Sprintf("(11) 9%04d-%04d", 8000+i, i), "vip; ouro"}
		must(f.SetSheetRow("Contatos", fmt.Sprintf("A%d", i+2), &r))
	}
	f.SetActiveSheet(1)
	must(f.SetSheetVisible("Sheet1", false))
	must(f.SaveAs(dir + "contatos.xlsx"))
	// 3: scientific phones stored as numbers in General format; +55 numbers; several phones in one cell
	f = excelize.NewFile()
	h = []any{"nome", "fone", "fone 2", "uf"}
	must(f.SetSheetRow("Sheet1", "A1", &h))
	r := [][]any{{"Ana", 5511987654321.0, "(11) 98765-4321 / (11) 3212-3456", "SP"}, {"Bia", "'+55 11 98765-4399", "recado c/ mãe 11 3333-4444", "SP"}, {"Caio", 11987650001.0, "", "sp"}, {"Davi", "5,51199E+12", "", "RJ"}, {"Eva", "011 9 8765 4329", "0800 123 4567", "RJ"}}
	for i, x := range r {
		x := x
		must(f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+2), &x))
	}
	must(f.SaveAs(dir + "fones.xlsx"))
}
