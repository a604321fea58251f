package intake

import (
	"archive/zip"
	"bytes"
	little "encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"campanario/internal/fault"
)

// workbook is an XLSX file (ECMA-376), kept in a temporary file because what is in it can only be found from its end.
type workbook struct {
	file    *os.File
	parts   map[string]*zip.File // by name in small letters
	sheets  []sheet
	strings *phrases
	styles  []numberStyle // by the number that cells carry
	from04  bool          // whether days count from 1904
}

// sheet is one sheet of a workbook.
type sheet struct {
	name, part string
	hidden     bool
}

// Bounds of a workbook.
const (
	mostSheets    = 1000
	mostDirectory = 1 << 20 // bytes of the list of its parts
	mostMarkup    = 256 << 10
)

// openWorkbook takes a workbook in. Its parts are read when they are asked for.
func openWorkbook(in io.Reader) (*workbook, error) {
	file, err := os.CreateTemp("", "campanario-*.xlsx")
	if err != nil {
		return nil, err
	}
	b := &workbook{file: file, parts: map[string]*zip.File{}}
	if err := b.open(in); err != nil {
		return nil, errors.Join(err, b.close())
	}
	return b, nil
}

// close removes the temporary file.
func (b *workbook) close() error {
	err := b.file.Close()
	if b.strings != nil {
		err = errors.Join(err, b.strings.close())
	}
	return errors.Join(err, os.Remove(b.file.Name()))
}

func (b *workbook) open(in io.Reader) error {
	size, err := io.Copy(b.file, io.LimitReader(in, mostWorkbook+1))
	switch {
	case err != nil:
		return err
	case size > mostWorkbook:
		return invalid("workbook_too_large", nil)
	case !directoryBounded(b.file, size):
		return invalid("workbook_broken", nil)
	}
	z, err := zip.NewReader(io.NewSectionReader(b.file, 0, size), size) // a section: a wrong offset is the file's fault, not the disk's
	if err != nil {
		return invalid("workbook_broken", nil).Because(err)
	}
	for _, f := range z.File {
		b.parts[strings.ToLower(strings.TrimPrefix(f.Name, "/"))] = f
	}
	if err := b.find(); err != nil {
		return asBroken(err)
	}
	return nil
}

// directoryBounded reports whether a ZIP's list of parts ends the file and is short: it is held in memory.
func directoryBounded(file io.ReaderAt, size int64) bool {
	tail := make([]byte, min(size, 22+0xffff))
	if _, err := file.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return false
	}
	i := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if i < 0 || i+22 > len(tail) {
		return false
	}
	offset := int64(little.LittleEndian.Uint32(tail[i+16:]))
	at := size - int64(len(tail)) + int64(i)
	return offset <= at && at-offset <= mostDirectory
}

// asBroken gives what is wrong with a workbook its code; the failures of our own disk stay what they are.
func asBroken(err error) error {
	var bad *fault.Error
	var disk *os.PathError
	if errors.As(err, &bad) || errors.As(err, &disk) {
		return err
	}
	if errors.Is(err, errMarkupLong) {
		return invalid("workbook_too_large", nil).Because(err)
	}
	return invalid("workbook_broken", nil).Because(err)
}

// part opens a part, as long as it is in proportion; nil when there is none.
func (b *workbook) part(name string) (io.ReadCloser, error) {
	f := b.parts[strings.ToLower(name)]
	if f == nil {
		return nil, nil
	}
	if packed := max(int64(f.CompressedSize64), 1); int64(f.UncompressedSize64) < 0 || outOfProportion(int64(f.UncompressedSize64), packed) {
		return nil, invalid("file_expands", fault.Params{"max": mostExpansion})
	}
	return f.Open() // which holds it to the size it names
}

// each calls f at every tag of a part; a part that is not there has none.
func (b *workbook) each(name string, f func(m *markup) error) error {
	r, err := b.part(name)
	if r == nil || err != nil {
		return err
	}
	defer r.Close() //nolint:errcheck // it is only read
	m := newMarkup(r, mostMarkup)
	for {
		err := m.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = f(m)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
}

// related lists what a part points at, by id, or by the last word of its type.
func (b *workbook) related(part string) (byID, byType map[string]string, err error) {
	byID, byType = map[string]string{}, map[string]string{}
	folder, base := path.Split(part)
	err = b.each(path.Join(folder, "_rels", base+".rels"), func(m *markup) error {
		if m.name != "Relationship" || len(byID) > 10*mostSheets {
			return nil
		}
		target := string(unescaped(nil, m.attr("Target")))
		if !strings.HasPrefix(target, "/") {
			target = path.Join("/", folder, target)
		}
		target = strings.TrimPrefix(path.Clean(target), "/")
		byID[string(m.attr("Id"))] = target
		byType[path.Base(string(m.attr("Type")))] = target
		return nil
	})
	return byID, byType, err
}

// find follows a workbook from its root to its sheets.
func (b *workbook) find() error {
	_, root, err := b.related("")
	if err != nil {
		return err
	}
	main := root["officeDocument"]
	if main == "" || b.parts[strings.ToLower(main)] == nil {
		return invalid("file_type_unsupported", fault.Params{"type": "zip"})
	}
	byID, byType, err := b.related(main)
	if err != nil {
		return err
	}
	err = b.each(main, func(m *markup) error {
		switch {
		case m.closing:
		case m.name == "workbookPr":
			b.from04 = m.has("date1904")
		case m.name == "sheet" && len(b.sheets) < mostSheets:
			if part := byID[string(m.attr(":id"))]; part != "" {
				state := string(m.attr("state"))
				b.sheets = append(b.sheets, sheet{name: string(unescaped(nil, m.attr("name"))), part: part, hidden: state == "hidden" || state == "veryHidden"})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(b.sheets) == 0 {
		return invalid("file_type_unsupported", fault.Params{"type": "zip"})
	}
	if err := b.readStyles(byType["styles"]); err != nil {
		return err
	}
	b.strings, err = b.readPhrases(byType["sharedStrings"])
	return err
}

func (b *workbook) names() []string {
	out := make([]string, len(b.sheets))
	for i, s := range b.sheets {
		out[i] = s.name
	}
	return out
}

// rows reads a sheet from its beginning: the one of the name; when that is empty, the first that people see.
func (b *workbook) rows(name string, o Options) (*sheetRoughs, error) {
	at := b.sheets[max(0, slices.IndexFunc(b.sheets, func(s sheet) bool { return !s.hidden }))]
	if name != "" {
		at.part = ""
		for _, s := range b.sheets {
			if strings.EqualFold(s.name, name) {
				at = s
			}
		}
		if at.part == "" {
			return nil, invalid("sheet_unknown", fault.Params{"value": clip(name), "allowed": clip(strings.Join(b.names(), ", "))})
		}
	}
	r, err := b.part(at.part)
	if err != nil {
		return nil, asBroken(err)
	}
	if r == nil {
		return nil, invalid("workbook_broken", nil)
	}
	g := &gauge{Reader: r, of: int64(b.parts[strings.ToLower(at.part)].UncompressedSize64)}
	return &sheetRoughs{book: b, in: newMarkup(g, max(mostMarkup, o.MaxField*6)), options: o, gauge: g}, nil
}

// phrases are the texts that the cells of a workbook share. Many of them are kept in a file, with only where each ends
// in memory.
type phrases struct {
	ends []int64
	text []byte
	file *os.File
	size int64 // of the file
	buf  []byte
}

const phrasesInMemory = 16 << 20

func (b *workbook) readPhrases(part string) (*phrases, error) {
	p := &phrases{}
	if part == "" {
		return p, nil
	}
	depth, ruby := 0, false
	err := b.each(part, func(m *markup) error {
		m.keep = false
		switch {
		case m.name == "rPh": // how a word is pronounced
			ruby = !m.closing && !m.empty
		case m.name == "si" && !m.closing && m.empty:
			return p.end()
		case m.name == "si" && !m.closing:
			depth = 1
		case m.name == "si":
			depth = 0
			return p.end()
		case m.name == "t" && depth > 0 && !ruby && !m.closing && !m.empty:
			m.keep = true
		case m.name == "t" && depth > 0 && !ruby && m.closing:
			p.text = unescaped(p.text, m.text)
		}
		return nil
	})
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

// end ends a text.
func (p *phrases) end() error {
	if len(p.ends) >= mostSharedText {
		return invalid("workbook_too_large", nil)
	}
	p.ends = append(p.ends, p.size+int64(len(p.text)))
	if len(p.text) < phrasesInMemory {
		return nil
	}
	if p.file == nil {
		file, err := os.CreateTemp("", "campanario-*.text")
		if err != nil {
			return err
		}
		p.file = file
	}
	n, err := p.file.Write(p.text)
	p.size += int64(n)
	p.text = p.text[:0]
	return err
}

// get is a text by its number; it is good until the next call.
func (p *phrases) get(i int) ([]byte, error) {
	if i < 0 || i >= len(p.ends) {
		return nil, errMarkup
	}
	from, to := int64(0), p.ends[i]
	if i > 0 {
		from = p.ends[i-1]
	}
	if from >= p.size {
		return p.text[from-p.size : to-p.size], nil
	}
	if n := int(to - from); cap(p.buf) < n {
		p.buf = make([]byte, n)
	}
	p.buf = p.buf[:to-from]
	if _, err := p.file.ReadAt(p.buf, from); err != nil {
		return nil, err
	}
	return p.buf, nil
}

func (p *phrases) close() error {
	if p.file == nil {
		return nil
	}
	return errors.Join(p.file.Close(), os.Remove(p.file.Name()))
}
