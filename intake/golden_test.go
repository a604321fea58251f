package intake

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campanario/channel"
	"campanario/internal/fault"
)

var update = flag.Bool("update", false, "write what is read as what is expected")

// TestGolden reads every file of testdata/golden and compares what came of it with the file of the same name and
// ".want". Phone numbers are Brazilian; files that begin with "email" are read for e-mail.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/golden/*")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, file := range files {
		if strings.HasSuffix(file, ".want") {
			continue
		}
		n++
		t.Run(filepath.Base(file), func(t *testing.T) {
			in, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			o := Options{Kind: channel.Voice, Country: "BR", Duplicates: true}
			if strings.HasPrefix(filepath.Base(file), "email") {
				o.Kind = channel.Email
			}
			got := describe(bytes.NewReader(in), o)
			// However a stream comes in, its rows are the same.
			for _, r := range []io.Reader{&slow{in: in, step: 1}, &slow{in: in, step: 7}} {
				if diff := cmp.Diff(got, describe(r, o)); diff != "" {
					t.Errorf("in small pieces it is read otherwise: %s", diff)
				}
			}
			want := file + ".want"
			if *update {
				if err := os.WriteFile(want, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			expected, err := os.ReadFile(want)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(expected), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if n < 50 {
		t.Errorf("only %d files", n)
	}
}

// slow gives a few bytes at a time.
type slow struct {
	in   []byte
	step int
}

func (s *slow) Read(p []byte) (int, error) {
	if len(s.in) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), s.step)], s.in)
	s.in = s.in[n:]
	return n, nil
}

// describe writes down all that a file gives.
func describe(in io.Reader, o Options) string {
	var b strings.Builder
	r, err := NewReader(in, o)
	if err != nil {
		fmt.Fprintf(&b, "refused: %v\n", err)
		return b.String()
	}
	i := r.Info()
	fmt.Fprintf(&b, "%s, %s", i.Format, i.Encoding)
	if i.Format == CSV {
		fmt.Fprintf(&b, ", delimiter %q, header %v", i.Delimiter, i.Header)
	}
	b.WriteByte('\n')
	for n, c := range i.Columns {
		fmt.Fprintf(&b, "column %d %q: %s %s\n", n+1, c.Name, c.Field, c.Key)
	}
	for {
		row, bad, err := r.Read()
		switch {
		case errors.Is(err, io.EOF):
			b.WriteString("end\n")
			return b.String()
		case err != nil:
			var f *fault.Error
			if !errors.As(err, &f) {
				err = fmt.Errorf("not a fault: %w", err)
			} else {
				err = fault.New(f.Kind, f.Code, f.Params).At(f.Field) // without the cause, which may change with Go
			}
			fmt.Fprintf(&b, "ended by: %v\n", err)
			return b.String()
		case bad != nil:
			fmt.Fprintf(&b, "line %d refused: %s\n", bad.Line, why(*bad))
		default:
			describeRow(&b, row)
		}
	}
}

func why(r Rejected) string {
	s := fault.New(r.Error.Kind, r.Error.Code, r.Error.Params).Error()
	if r.Column != "" {
		s = fmt.Sprintf("column %q: %s", r.Column, s)
	}
	return s
}

func describeRow(b *strings.Builder, row Row) {
	fmt.Fprintf(b, "line %d: %s", row.Line, row.Addresses[0])
	for _, a := range row.Addresses[1:] {
		fmt.Fprintf(b, ", then %s", a)
	}
	for _, part := range []struct{ name, text string }{
		{"name", row.Name}, {"id", row.ExternalID}, {"zone", row.Zone}, {"language", row.Language}, {"tags", strings.Join(row.Tags, "|")},
	} {
		if part.text != "" {
			fmt.Fprintf(b, "; %s %q", part.name, part.text)
		}
	}
	if row.Priority != "normal" {
		fmt.Fprintf(b, "; priority %s", row.Priority)
	}
	for _, k := range slices.Sorted(maps.Keys(row.Variables)) {
		fmt.Fprintf(b, "; %s=%q", k, row.Variables[k])
	}
	if row.Duplicate > 0 {
		fmt.Fprintf(b, "; as line %d", row.Duplicate)
	}
	for _, w := range row.Warnings {
		fmt.Fprintf(b, "; without %s", why(w))
	}
	b.WriteByte('\n')
}
