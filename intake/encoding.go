package intake

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"campanario/internal/fault"
)

// Encoding is how a file writes its letters.
type Encoding string

// The encodings.
const (
	UTF8        Encoding = "utf-8"
	UTF16LE     Encoding = "utf-16le"
	UTF16BE     Encoding = "utf-16be"
	Windows1252 Encoding = "windows-1252"
)

// headSize is how much of a file is looked at before it is read.
const headSize = 64 << 10

// decoded finds the encoding of a stream and gives it back as UTF-8, without its byte order mark. Windows-1252 is left
// as it is: cells are decoded one by one. A file that is no text is refused.
func decoded(r io.Reader) (io.Reader, Encoding, *fault.Error, error) {
	head := make([]byte, headSize)
	n, err := io.ReadFull(r, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, "", nil, err
	}
	head = head[:n]
	if kind := binary(head); kind != "" {
		return nil, "", invalid("file_type_unsupported", fault.Params{"type": kind}), nil
	}
	rest := func(skip int) io.Reader { return io.MultiReader(bytes.NewReader(head[skip:]), r) }
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		return rest(3), UTF8, nil, nil
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return wide(rest(2), unicode.LittleEndian), UTF16LE, nil, nil
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return wide(rest(2), unicode.BigEndian), UTF16BE, nil, nil
	}
	even, odd := zeros(head)
	control := 0
	for _, c := range head {
		if c < ' ' && bytes.IndexByte([]byte("\t\n\v\f\r"), c) < 0 {
			control++
		}
	}
	switch half := len(head) / 2; {
	case half >= 4 && odd > half/2 && even == 0:
		return wide(rest(0), unicode.LittleEndian), UTF16LE, nil, nil
	case half >= 4 && even > half/2 && odd == 0:
		return wide(rest(0), unicode.BigEndian), UTF16BE, nil, nil
	case control > len(head)/10:
		return nil, "", invalid("file_type_unsupported", fault.Params{"type": "binary"}), nil
	case validHead(head, n == headSize):
		return rest(0), UTF8, nil, nil
	default:
		return rest(0), Windows1252, nil, nil
	}
}

func wide(r io.Reader, e unicode.Endianness) io.Reader {
	return transform.NewReader(r, unicode.UTF16(e, unicode.IgnoreBOM).NewDecoder())
}

// zeros counts the zero bytes at even and at odd places.
func zeros(head []byte) (even, odd int) {
	for i, c := range head {
		if c == 0 {
			if i%2 == 0 {
				even++
			} else {
				odd++
			}
		}
	}
	return even, odd
}

// validHead reports whether the head is UTF-8; a letter may be cut off at its end when more follows.
func validHead(head []byte, more bool) bool {
	if more {
		for i := 1; i <= utf8.UTFMax && i <= len(head); i++ {
			if c := head[len(head)-i]; utf8.RuneStart(c) {
				if !utf8.FullRune(head[len(head)-i:]) {
					head = head[:len(head)-i]
				}
				break
			}
		}
	}
	return utf8.Valid(head)
}

// binary names the files that people upload in place of text, by how they begin.
func binary(head []byte) string {
	for magic, kind := range map[string]string{
		"PK\x03\x04": "xlsx", "PK\x05\x06": "zip", "\xd0\xcf\x11\xe0": "xls", "\x1f\x8b": "gzip", "%PDF": "pdf", "{\\rtf": "rtf", "\x89PNG": "image", "\xff\xd8\xff": "image",
	} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return kind
		}
	}
	return ""
}

// utf8Text makes valid UTF-8 of a cell. What is valid already is taken for it also in a file of Windows-1252: letters
// that people write there are, one after the other, hardly ever a letter of UTF-8.
func utf8Text(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	out, err := charmap.Windows1252.NewDecoder().String(s)
	if err != nil {
		return strings.ToValidUTF8(s, "\ufffd")
	}
	return out
}
