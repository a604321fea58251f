package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"

	"campanario/internal/xlsx"
)

// brazilianCSV is a base as a Brazilian business exports it.
func brazilianCSV(rows int) []byte {
	var b bytes.Buffer
	b.WriteString("Nome;Telefone;E-mail;CPF;Código;Cidade;UF;Valor da dívida;Vencimento\n")
	for i := range rows {
		fmt.Fprintf(&b, "Ana Paula de Souza %d;(%d) 9%04d-%04d;ana%d@example.com;%s;C-%07d;São Paulo;SP;%d,%02d;%02d/12/2026\n",
			i, 11+i%9, i/10000%10000, i%10000, i, cpf(i), i, i%1000, i%100, 1+i%28)
	}
	return b.Bytes()
}

// cpf is a CPF with right check digits.
func cpf(n int) string {
	s := fmt.Sprintf("%09d", n+100_000_000)
	for range 2 {
		sum := 0
		for i := range s {
			sum += int(s[i]-'0') * (len(s) + 1 - i)
		}
		d := 11 - sum%11
		if d > 9 {
			d = 0
		}
		s += fmt.Sprint(d)
	}
	return s
}

func BenchmarkContacts(b *testing.B) {
	const n = 1_000_000
	csv := brazilianCSV(n)
	for _, bb := range []struct {
		name string
		in   []byte
		rows int
	}{{"csv", csv, n}, {"xlsx", sheetOf(b, 100_000), 100_000}} {
		b.Run(bb.name, func(b *testing.B) {
			b.SetBytes(int64(len(bb.in)))
			b.ReportAllocs()
			rows := 0
			for b.Loop() {
				rows += countContacts(b, bb.in, bb.rows)
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func countContacts(b *testing.B, in []byte, want int) int {
	b.Helper()
	r, err := NewContactReader(bytes.NewReader(in), ContactOptions{Country: "BR"})
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for {
		p, bad, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || bad != nil || len(p.Contact.Reaches) != 2 {
			b.Fatal(err, bad, p)
		}
		n++
	}
	if err := r.Close(); err != nil || n != want {
		b.Fatal(n, err)
	}
	return n
}

func sheetOf(b *testing.B, rows int) []byte {
	b.Helper()
	var out bytes.Buffer
	w, err := xlsx.New(&out, xlsx.Options{Name: "base", Columns: 9})
	if err != nil {
		b.Fatal(err)
	}
	if err := w.Write("Nome", "Telefone", "E-mail", "CPF", "Código", "Cidade", "UF", "Valor da dívida", "Vencimento"); err != nil {
		b.Fatal(err)
	}
	for i := range rows {
		if err := w.Write(fmt.Sprint("Ana Paula de Souza ", i), fmt.Sprintf("(11) 9%04d-%04d", i/10000, i%10000), fmt.Sprintf("ana%d@example.com", i), cpf(i),
			fmt.Sprint("C-", i), "São Paulo", "SP", "100,20", "01/12/2026"); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}
