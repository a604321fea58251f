package api

import (
	"bytes"
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// Change is a member of a merge patch (RFC 7396): absent it leaves things as they are, null takes away.
type Change[T any] struct {
	set   bool
	value T
}

// UnmarshalJSON is called for null too.
func (c *Change[T]) UnmarshalJSON(b []byte) error {
	*c = Change[T]{set: true}
	if bytes.Equal(b, []byte("null")) {
		return nil
	}
	return json.Unmarshal(b, &c.value)
}

// MarshalJSON writes what UnmarshalJSON reads.
func (c Change[T]) MarshalJSON() ([]byte, error) { return json.Marshal(c.value) }

// Schema is that of the value, or null.
func (Change[T]) Schema(r huma.Registry) *huma.Schema {
	s := r.Schema(reflect.TypeFor[T](), true, "")
	s.Nullable = s.Ref == ""
	return s
}

// to is where the change goes: nil when there is none.
func (c Change[T]) to() *T {
	if !c.set {
		return nil
	}
	return &c.value
}

// put makes the change.
func (c Change[T]) put(to *T) {
	if c.set {
		*to = c.value
	}
}

// Document is a body that is checked against the schema of T and kept as it was written, for whoever merges it.
type Document[T any] struct{ raw json.RawMessage }

// UnmarshalJSON keeps the text.
func (d *Document[T]) UnmarshalJSON(b []byte) error {
	d.raw = bytes.Clone(b)
	return nil
}

// MarshalJSON writes the text.
func (d Document[T]) MarshalJSON() ([]byte, error) { return d.raw, nil }

// Schema is that of T.
func (Document[T]) Schema(r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[T](), true, "")
}
