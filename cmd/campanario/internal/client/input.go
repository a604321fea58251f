package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"campanario/agent"
	"campanario/cmd/campanario/internal/terminal"
	"campanario/internal/fault"
)

// maxFile bounds a file that is read whole, in bytes.
const maxFile = 2 << 20

// document is a body that people have written: a file, changed by what --set says.
type document struct {
	value  map[string]any
	places agent.Places
	given  bool   // whether there was a file
	within string // what it was put into, as the beginning of a path: the file's own paths lack it
	inside string // the same for a file that was reshaped
}

// read reads the file of --file, YAML or JSON, or nothing when there is none; then --set changes it.
func (k *call) read(ctx context.Context) (*document, error) {
	d := &document{value: map[string]any{}}
	if name := k.text("file"); name != "" {
		raw, err := k.content(ctx, name)
		if err != nil {
			return nil, err
		}
		if err := d.parse(raw); err != nil {
			return nil, err
		}
		d.given = true
	}
	for _, change := range k.each("set") {
		if err := d.set(change); err != nil {
			return nil, err
		}
	}
	if !d.given && len(d.value) == 0 {
		return nil, fault.New(fault.Invalid, "document_missing", nil)
	}
	return d, nil
}

// content is what a small file holds; "-" is standard input.
func (k *call) content(ctx context.Context, name string) ([]byte, error) {
	f, err := k.open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	raw, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return nil, unreadable(name, err)
	case len(raw) > maxFile:
		return nil, fault.New(fault.Invalid, "too_long", fault.Params{"max": maxFile}).At(name)
	}
	return raw, nil
}

// open opens a file, or standard input.
func (k *call) open(ctx context.Context, name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(leave(ctx, k.cmd.InOrStdin())), nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, unreadable(name, err)
	}
	if info, err := f.Stat(); err != nil || info.IsDir() {
		_ = f.Close()
		return nil, unreadable(name, errors.Join(err, errors.New("is a directory")))
	}
	return f, nil
}

func unreadable(name string, err error) error {
	return fault.New(fault.Invalid, "file_unreadable", fault.Params{"path": terminal.Clean(name)}).Because(err)
}

// parse reads a mapping of YAML or JSON. JSON is taken as it stands, so that no number is read twice.
func (d *document) parse(raw []byte) error {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	var t tree
	places, err := agent.ReadYAML(raw, &t)
	if json.Valid(raw) { // also where YAML would not have it
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.UseNumber()
		t.value = nil
		err = dec.Decode(&t.value)
	}
	if err != nil {
		return err
	}
	value, ok := t.value.(map[string]any)
	if !ok {
		return fault.New(fault.Invalid, "yaml_wrong_type", fault.Params{"want": "mapping", "line": 1, "column": 1})
	}
	d.value, d.places = value, places
	return nil
}

// tree is a document whose shape is the server's to know.
type tree struct{ value any }

// UnmarshalYAML takes whatever stands there.
func (t *tree) UnmarshalYAML(unmarshal func(any) error) error { return unmarshal(&t.value) }

// set changes one member: path=value, where the value is JSON, or a text when it is none.
func (d *document) set(change string) error {
	path, text, ok := strings.Cut(change, "=")
	names := strings.Split(path, ".")
	wrong := fault.New(fault.Invalid, "set_wrong", fault.Params{"value": fit(terminal.Clean(path), 40), "example": "limits.per_second=5"})
	if !ok || slices.Contains(names, "") {
		return wrong
	}
	var value any
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	if !json.Valid([]byte(text)) || dec.Decode(&value) != nil {
		value = text
	}
	at := d.value
	for _, name := range names[:len(names)-1] {
		inner, is := at[name].(map[string]any)
		if !is && at[name] != nil {
			return wrong
		}
		if !is {
			inner = map[string]any{}
			at[name] = inner
		}
		at = inner
	}
	at[names[len(names)-1]] = value
	return nil
}

// where gives the place of a field in the file.
func (d *document) where(field string) (line, column int) {
	field = strings.TrimPrefix(strings.TrimPrefix(field, d.within), d.inside)
	l := d.places.Locate(fault.List{(&fault.Error{Kind: fault.Invalid}).At(field)})
	line, _ = l[0].Params["line"].(int)
	column, _ = l[0].Params["column"].(int)
	return line, column
}

// send sends a document; its refusals say where in the file they are about.
func (k *call) send(ctx context.Context, a ask, d *document) (json.RawMessage, error) {
	raw, err := k.request(ctx, a, d.value)
	var r *refusal
	if errors.As(err, &r) && d.places != nil {
		r.places = d.where
	}
	return raw, err
}

// request sends a JSON body, or none when it is nil, and gives the answer.
func (k *call) request(ctx context.Context, a ask, body any) (json.RawMessage, error) {
	server, err := k.conn()
	if err != nil {
		return nil, err
	}
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil { // YAML knows numbers that JSON does not
			return nil, fault.New(fault.Invalid, "json_invalid", nil).Because(err)
		}
		a.body = bytes.NewReader(raw)
	}
	a.header = maps.Clone(a.header)
	if a.header == nil {
		a.header = map[string]string{}
	}
	if k.cmd.Flags().Changed("revision") { // settings begin with 0
		a.header["If-Match"] = strconv.Quote(strconv.Itoa(k.number("revision")))
	}
	if k.cmd.Flags().Lookup("idempotency-key") != nil {
		a.header["Idempotency-Key"] = k.text("idempotency-key")
		if a.header["Idempotency-Key"] == "" {
			a.header["Idempotency-Key"] = k.o.NewID() // so that a broken connection can be tried again by net/http
		}
	}
	raw, err := server.document(ctx, a)
	return raw, err
}

// get asks for a document.
func (k *call) get(ctx context.Context, path string) (json.RawMessage, error) {
	return k.request(ctx, ask{method: http.MethodGet, path: path}, nil)
}

var idShaped = regexp.MustCompile(`^[A-Za-z0-9_-]{1,100}$`)

// path puts the arguments into a path of the API in place of {0} and {1}.
func (k *call) path(pattern string) (string, error) {
	for i, id := range k.args {
		if keyShaped.MatchString(id) { // a key itself would end up in logs on the way
			return "", fault.New(fault.Invalid, "id_is_key", nil)
		}
		if !idShaped.MatchString(id) {
			return "", fault.New(fault.Invalid, "id_wrong", fault.Params{"value": fit(terminal.Clean(id), 40)})
		}
		pattern = strings.ReplaceAll(pattern, "{"+strconv.Itoa(i)+"}", id)
	}
	return pattern, nil
}
