package api

import (
	"bufio"
	"errors"
	"io"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"campanario/intake"
)

// formats are the types that a file of recipients can have. Those without a format are looked at.
var formats = map[string]intake.Format{
	"application/json":         intake.JSON,
	"application/x-ndjson":     intake.NDJSON,
	"application/ndjson":       intake.NDJSON,
	"application/jsonl":        intake.NDJSON,
	"text/csv":                 intake.CSV,
	"text/plain":               "",
	"application/octet-stream": "",
	bookFile:                   "",
}

// RecipientInput is a row of JSON. Members that are not here are refused.
type RecipientInput struct {
	Contact   string         `json:"contact" doc:"A phone number as people write it, or a mailbox, by the campaign's channel" example:"+5511987654321"`
	Secondary []string       `json:"secondary_contacts,omitempty" maxItems:"9" doc:"Tried in order when the first is not reached"`
	Name      string         `json:"name,omitempty" maxLength:"400"`
	ID        string         `json:"id,omitempty" maxLength:"200" doc:"What your own system calls them; external_id is taken too"`
	Variables map[string]any `json:"variables,omitempty" doc:"What templates and agents can say: texts, numbers, booleans"`
	Context   any            `json:"context,omitempty" doc:"A text, or an object whose members become variables"`
	Zone      string         `json:"zone,omitempty" doc:"IANA time zone; that of the phone number unless it is said"`
	Language  string         `json:"language,omitempty" doc:"BCP 47"`
	Priority  string         `json:"priority,omitempty" enum:"high,normal,low"`
	Tags      []string       `json:"tags,omitempty" maxItems:"50"`
}

// uploads describes them.
func uploads(r huma.Registry) map[string]*huma.MediaType {
	row := r.Schema(reflect.TypeFor[RecipientInput](), true, "")
	out := map[string]*huma.MediaType{}
	for media, format := range formats {
		out[media] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
		if format == intake.JSON {
			out[media].Schema = &huma.Schema{OneOf: []*huma.Schema{{Type: huma.TypeArray, Items: row}, row}}
		}
	}
	return out
}

// upload is a body that is read as a file of recipients.
type upload struct {
	io.Reader
	format intake.Format
	wire   *wire
}

func newUpload(body io.Reader, media string) *upload {
	w := &wire{in: body}
	u := &upload{Reader: w, format: formats[media], wire: w}
	if u.format == intake.JSON {
		u.Reader = rowOrRows(w)
	}
	return u
}

// why gives the cause of an error that reading the upload came to.
func (u *upload) why(err error) error {
	if u.wire.failed != nil && errors.Is(err, errWire) {
		return unread(u.wire.failed)
	}
	return err
}

// wire keeps why a body broke off, so that nobody on the way takes it for a file that ends.
type wire struct {
	in     io.Reader
	failed error
}

var errWire = errors.New("api: the body broke off")

func (w *wire) Read(b []byte) (int, error) {
	n, err := w.in.Read(b)
	if err != nil && err != io.EOF { //nolint:errorlint // io.Reader's contract is the value itself
		w.failed, err = err, errWire
	}
	return n, err
}

// rowOrRows makes an array of one row of a body that is an object.
func rowOrRows(in io.Reader) io.Reader {
	const most = 4 << 10
	b := bufio.NewReaderSize(in, most)
	for i := 1; i <= most; i++ {
		head, err := b.Peek(i)
		if err != nil {
			break
		}
		switch c := head[i-1]; c {
		case ' ', '\t', '\r', '\n', 0xef, 0xbb, 0xbf: // and the byte order mark
		case '{':
			_, _ = b.Discard(i - 1)
			return io.MultiReader(strings.NewReader("["), b, strings.NewReader("]"))
		default:
			return b
		}
	}
	return b
}
