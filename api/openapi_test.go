package api_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"mime"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
)

var update = flag.Bool("update", false, "write the published OpenAPI document anew")

// published is the copy of the document that clients are made from.
const published = "../docs/api/openapi.json"

// TestOpenAPIIsPublished holds the published document to what is served. Write it anew: go test ./api -run OpenAPI -update
func TestOpenAPIIsPublished(t *testing.T) {
	d := lone(t, nil)
	r := d.askWith("", "GET ^/api/openapi.json", http.NoBody)
	if r.status != 200 || r.header.Get("Content-Type") != "application/openapi+json" {
		t.Fatalf("%d %s", r.status, r.header.Get("Content-Type"))
	}
	served := []byte(r.text)
	if *update {
		d.must(os.MkdirAll("../docs/api", 0o755))
		d.must(os.WriteFile(published, served, 0o644)) //nolint:gosec // everybody may read it
		return
	}
	kept, err := os.ReadFile(published)
	d.must(err)
	if !bytes.Equal(kept, served) {
		t.Errorf("%s is not what is served: go test ./api -run OpenAPI -update", published)
	}
}

// operationAt finds the operation that a path is of; nil when there is none.
func (d *desk) operationAt(method, path string) *huma.Operation {
	parts := strings.Split(path, "/")
	var found *huma.Operation
	names := len(parts)
	for _, o := range d.operations() {
		pattern := strings.Split(o.path, "/")
		if len(pattern) != len(parts) || o.method != method {
			continue
		}
		fits, named := true, 0
		for i := range parts {
			if strings.HasPrefix(pattern[i], "{") {
				named++
			} else if pattern[i] != parts[i] {
				fits = false
			}
		}
		if fits && named < names {
			found, names = o.Operation, named
		}
	}
	return found
}

// documented holds that an answer is one that the document knows: its status, its type, and every member of it.
func (d *desk) documented(method, path string, r reply) {
	d.t.Helper()
	op := d.operationAt(method, path)
	if op == nil || r.status == http.StatusNotFound && r.value("code") == "route_unknown" {
		return
	}
	components := d.api.OpenAPI().Components
	known := op.Responses[strconv.Itoa(r.status)]
	if known == nil {
		d.t.Errorf("%s: the document of %s does not know status %d: %s", r.what, op.OperationID, r.status, r.text)
		return
	}
	if name, shared := strings.CutPrefix(known.Ref, "#/components/responses/"); shared {
		known = components.Responses[name]
	}
	media, _, err := mime.ParseMediaType(r.header.Get("Content-Type"))
	if len(known.Content) == 0 && r.text == "" {
		return
	}
	content := known.Content[media]
	if err != nil || content == nil {
		d.t.Errorf("%s: the document of %s does not know %q with status %d", r.what, op.OperationID, media, r.status)
		return
	}
	if strings.HasSuffix(media, "json") {
		d.fits(r.what, content.Schema, r.text)
	}
}

// fits holds a JSON text to a schema.
func (d *desk) fits(what string, schema *huma.Schema, text string) {
	d.t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		d.t.Errorf("%s: %v", what, err)
		return
	}
	var res huma.ValidateResult
	huma.Validate(d.api.OpenAPI().Components.Schemas, schema, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, v, &res)
	for _, err := range res.Errors {
		d.t.Errorf("%s: %v", what, err)
	}
}

// TestDocumentHolds holds that the document is whole: references lead somewhere, operations are told apart and told of.
func TestDocumentHolds(t *testing.T) {
	d := lone(t, nil)
	text := d.askWith("", "GET ^/api/openapi.json", nil).text
	var document map[string]any
	d.must(json.Unmarshal([]byte(text), &document))
	for _, ref := range regexp.MustCompile(`"\$ref": "#/([^"]+)"`).FindAllStringSubmatch(text, -1) {
		at := any(document)
		for _, part := range strings.Split(ref[1], "/") {
			m, _ := at.(map[string]any)
			at = m[part]
		}
		if at == nil {
			t.Errorf("%s leads nowhere", ref[0])
		}
	}
	tags := map[string]bool{}
	for _, tag := range d.api.OpenAPI().Tags {
		tags[tag.Name] = true
	}
	seen := map[string]bool{}
	for _, op := range d.operations() {
		if seen[op.OperationID] || op.Summary == "" || len(op.Tags) != 1 || !tags[op.Tags[0]] {
			t.Errorf("%s: %q %v", op.OperationID, op.Summary, op.Tags)
		}
		seen[op.OperationID] = true
		for _, p := range op.Parameters {
			if p.Description == "" {
				t.Errorf("%s does not say what %s is", op.OperationID, p.Name)
			}
		}
		for _, status := range []string{"401", "403", "500", "503"} {
			if op.Responses[status] == nil {
				t.Errorf("%s does not know %s", op.OperationID, status)
			}
		}
	}
}

// TestReadme holds that the paths and the operations that the introduction names are there.
func TestReadme(t *testing.T) {
	d := lone(t, nil)
	text, err := os.ReadFile("../docs/api/README.md")
	d.must(err)
	found := regexp.MustCompile(`"?\$URL(/[a-zA-Z/]+)`).FindAllStringSubmatch(string(text), -1)
	if len(found) < 8 {
		t.Fatalf("%d commands", len(found))
	}
	for _, f := range found {
		if d.operationAt("GET", f[1]) == nil && d.operationAt("POST", f[1]) == nil {
			t.Errorf("nothing is at %s", f[1])
		}
	}
}
