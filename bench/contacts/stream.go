package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"campanario/internal/rig"
)

// stream is a CSV of so many bytes that is made while it is read: people with a message and wildcards of their own, some
// five hundred bytes a row.
type stream struct {
	left int64
	rows int
	row  []byte // what is left of the row that is being given
}

// filler is what makes rows long.
const filler = "Prezado cliente, informamos que existe uma parcela em aberto em seu nome e que temos uma condição especial para você até o fim do mês. "

func newStream(bytes int64) *stream {
	return &stream{left: bytes, row: []byte("nome;telefone;email;codigo;cidade;uf;etiquetas;mensagem;coringa1;coringa2\n")}
}

func (s *stream) Read(p []byte) (int, error) {
	if len(s.row) == 0 {
		if s.left <= 0 {
			return 0, io.EOF
		}
		s.row = fmt.Appendf(s.row[:0], "Maria da Silva %d;(%d) 9%04d-%04d;p%d@example.com;C%d;Recife;PE;t%d;%s%s%s;Rua das Flores, %d;R$ %d,00\n",
			s.rows, 11+s.rows/100_000_000, s.rows/10_000%10_000, s.rows%10_000, s.rows, s.rows, s.rows%20, filler, filler, filler, s.rows, s.rows%1000)
		s.rows++
	}
	n := copy(p, s.row)
	s.row = s.row[n:]
	s.left -= int64(n)
	return n, nil
}

// measureStream imports a file that is nowhere whole, and says how much memory this process has taken at most.
func measureStream(ctx context.Context, o options, database string, out io.Writer) error {
	r, err := rig.New(ctx, database)
	if err != nil {
		return err
	}
	defer r.Close()
	s := newStream(o.bytes)
	took, counts, err := bring(ctx, r, s)
	if err != nil {
		return err
	}
	mb := peak() >> 20
	_, _ = fmt.Fprintf(out, "%s, import of %d MB: %.0f rows/s, %.1f MB/s (%v): %+v; peak memory %d MB\n", database, o.bytes>>20, float64(s.rows)/took.Seconds(),
		float64(o.bytes)/(1<<20)/took.Seconds(), took.Round(time.Millisecond), counts, mb)
	if counts.Created != int64(s.rows) {
		return fmt.Errorf("%d contacts of %d rows", counts.Created, s.rows)
	}
	if o.memory > 0 && mb > o.memory {
		return fmt.Errorf("%d MB; %d are allowed", mb, o.memory)
	}
	return nil
}

// size is a number of bytes, also as 50MB or 1GB.
type size int64

func (n *size) String() string { return strconv.FormatInt(int64(*n), 10) }

func (n *size) Set(text string) error {
	times := int64(1)
	for _, unit := range []struct {
		name  string
		bytes int64
	}{{"KB", 1 << 10}, {"MB", 1 << 20}, {"GB", 1 << 30}} {
		if rest, is := strings.CutSuffix(strings.ToUpper(text), unit.name); is {
			text, times = rest, unit.bytes
		}
	}
	v, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil || v < 0 || v > 1<<40/times {
		return errors.New("a number of bytes is wanted, such as 50MB")
	}
	*n = size(v * times)
	return nil
}
