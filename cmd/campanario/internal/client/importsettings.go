package client

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"campanario/cmd/campanario/internal/terminal"
	"campanario/intake"
	"campanario/internal/fault"
)

// Flags that decide about an import, by the member of its settings that each stands for.
var (
	saidTexts = map[string]string{"layout": "file.layout", "country": "file.country", "sheet": "file.sheet", "description": "description", "basis": "basis"}
	saidLists = map[string]string{"tag": "file.tags", "segment": "file.segments", "portfolio": "file.portfolios", "by": "by"}
	saidMarks = map[string]string{
		"strict": "file.strict", "fill": "fill", "only-segments": "only_segments", "clear-location": "clear_location", "verify": "verify", "screen": "screen",
	}
)

// deciding are those flags.
func deciding() []flag {
	out := []flag{each("column")}
	for _, name := range slices.Sorted(maps.Keys(saidTexts)) {
		out = append(out, text(name))
	}
	for _, name := range slices.Sorted(maps.Keys(saidLists)) {
		out = append(out, many(name))
	}
	for _, name := range slices.Sorted(maps.Keys(saidMarks)) {
		out = append(out, yes(name))
	}
	return out
}

// decides reports whether one of them was given.
func (k *call) decides() bool {
	changed := k.cmd.Flags().Changed
	for _, names := range []map[string]string{saidTexts, saidLists, saidMarks} {
		for name := range names {
			if changed(name) {
				return true
			}
		}
	}
	return changed("column")
}

// settle decides about an import: by a file that says all, or by flags that change what was decided before.
func settle(ctx context.Context, k *call) error {
	var m item
	if k.text("file") == "" {
		if !k.decides() && len(k.each("set")) == 0 {
			return fault.New(fault.Invalid, "document_missing", nil)
		}
		path, err := k.path("/imports/{0}")
		if err != nil {
			return err
		}
		raw, err := k.get(ctx, path)
		if err != nil {
			return err
		}
		if m, err = decode(raw); err != nil {
			return k.server.strange(http.StatusOK)
		}
	}
	raw, err := k.decide(ctx, m)
	if err != nil {
		return err
	}
	return k.answer(raw, importShown)
}

// decide writes the settings of an import. m is the import as it was read; nil when a file says all.
func (k *call) decide(ctx context.Context, m item) (json.RawMessage, error) {
	path, err := k.path("/imports/{0}/settings")
	if err != nil {
		return nil, err
	}
	a, d := ask{method: http.MethodPut, path: path}, &document{}
	switch settings := m.item("settings"); {
	case m == nil:
		if d, err = k.read(ctx); err != nil {
			return nil, err
		}
	case settings == nil:
		return nil, k.server.strange(http.StatusOK)
	default:
		d.value = settings
		for _, change := range k.each("set") {
			if err := d.set(change); err != nil {
				return nil, err
			}
		}
		a.header = map[string]string{"If-Match": `"` + m.at("revision").(json.Number).String() + `"`}
	}
	if err := k.decisions(d, m); err != nil {
		return nil, err
	}
	return k.send(ctx, a, d)
}

// decisions writes what flags say into settings.
func (k *call) decisions(d *document, m item) error {
	file, is := d.value["file"].(map[string]any)
	if !is {
		file = map[string]any{}
		d.value["file"] = file
	}
	put := func(path string, v any) {
		to := d.value
		if rest, inside := strings.CutPrefix(path, "file."); inside {
			to, path = file, rest
		}
		to[path] = v
	}
	changed := k.cmd.Flags().Changed
	for name, path := range saidTexts {
		if changed(name) {
			put(path, k.text(name))
		}
	}
	for name, path := range saidLists {
		if changed(name) {
			put(path, slices.DeleteFunc(slices.Clone(k.list(name)), func(s string) bool { return s == "" }))
		}
	}
	for name, path := range saidMarks {
		if changed(name) {
			put(path, k.flag(name))
		}
	}
	if changed("layout") && k.text("layout") != string(intake.LayoutMapped) {
		delete(file, "columns") // they are the layout's own
	}
	return k.columns(file, m)
}

// columns changes what columns are read as: NAME=FIELD, or NAME=variable:KEY.
func (k *call) columns(file map[string]any, m item) error {
	if len(k.each("column")) == 0 {
		return nil
	}
	list, _ := file["columns"].([]any)
	if len(list) == 0 {
		for _, c := range m.list("found.columns") {
			delete(c, "samples")
			list = append(list, map[string]any(c))
		}
	}
	for _, change := range k.each("column") {
		at := strings.LastIndex(change, "=")
		if at < 1 || at == len(change)-1 {
			return fault.New(fault.Invalid, "set_wrong", fault.Params{"value": fit(terminal.Clean(change), 40), "example": "Telefone 2=phone"})
		}
		name := change[:at]
		field, key, _ := strings.Cut(change[at+1:], ":")
		now := map[string]any{"column": name, "field": field}
		if key != "" {
			now["key"] = key
		}
		same := func(v any) bool { c, _ := v.(map[string]any); return c["column"] == name }
		if i := slices.IndexFunc(list, same); i >= 0 {
			list[i] = now
		} else {
			list = append(list, now)
		}
	}
	file["columns"], file["layout"] = list, string(intake.LayoutMapped)
	return nil
}
