package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"campanario/channel"
)

// plainCSV is a file as a Brazilian business has it: the usual columns and two of its own.
func plainCSV(rows int) []byte {
	var b bytes.Buffer
	b.WriteString("nome;telefone;codigo;valor;vencimento\n")
	for i := range rows {
		fmt.Fprintf(&b, "Ana Paula de Souza %d;(%d) 9%04d-%04d;C-%07d;%d,%02d;2026-12-%02d\n", i, 11+i%9, i/10000%10000, i%10000, i, i%1000, i%100, 1+i%28)
	}
	return b.Bytes()
}

func readAll(b *testing.B, in []byte, o Options, want int) {
	b.Helper()
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	rows := 0
	for b.Loop() {
		r, err := NewReader(bytes.NewReader(in), o)
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for {
			_, bad, err := r.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil || bad != nil {
				b.Fatal(err, bad)
			}
			n++
		}
		if n != want {
			b.Fatalf("%d rows, want %d", n, want)
		}
		rows += n
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkRead(b *testing.B) {
	const n = 100_000
	in := plainCSV(n)
	voice := Options{Kind: channel.Voice, Country: "BR"}
	b.Run("plain", func(b *testing.B) { readAll(b, in, voice, n) })
	b.Run("duplicates", func(b *testing.B) {
		o := voice
		o.Duplicates = true
		readAll(b, in, o, n)
	})
	b.Run("windows-1252", func(b *testing.B) {
		readAll(b, bytes.ReplaceAll(in, []byte("Souza"), []byte("Concei\xe7\xe3o")), voice, n)
	})
	b.Run("quoted", func(b *testing.B) {
		readAll(b, []byte("\""+strings.TrimSuffix(strings.NewReplacer(";", `";"`, "\n", "\"\n\"").Replace(string(in)), "\"")), voice, n)
	})
	b.Run("list", func(b *testing.B) {
		var list bytes.Buffer
		for i := range n {
			fmt.Fprintf(&list, "1198%07d\n", i)
		}
		readAll(b, list.Bytes(), voice, n)
	})
	b.Run("ndjson", func(b *testing.B) {
		var lines bytes.Buffer
		for i := range n {
			fmt.Fprintf(&lines, `{"name":"Ana %d","contact":"1198%07d","variables":{"valor":%d}}`+"\n", i, i, i)
		}
		readAll(b, lines.Bytes(), voice, n)
	})
}
