// Package merge applies JSON Merge Patch (RFC 7396): members of the patch replace those of the document, null takes a
// member away, objects are merged, everything else is replaced whole.
package merge

import (
	"bytes"
	"encoding/json"
)

// Patch gives the document with the patch applied. An empty document is null. Numbers stay as they are written.
func Patch(document, patch []byte) ([]byte, error) {
	p, err := parse(patch)
	if err != nil {
		return nil, err
	}
	var d any
	if len(bytes.TrimSpace(document)) > 0 {
		if d, err = parse(document); err != nil {
			return nil, err
		}
	}
	return json.Marshal(apply(d, p))
}

func parse(b []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var v any
	err := dec.Decode(&v)
	return v, err
}

func apply(document, patch any) any {
	members, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	out, ok := document.(map[string]any)
	if !ok {
		out = map[string]any{}
	}
	for key, value := range members {
		if value == nil {
			delete(out, key)
			continue
		}
		out[key] = apply(out[key], value)
	}
	return out
}
