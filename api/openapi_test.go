package api_test

import (
	"bytes"
	"flag"
	"net/http"
	"os"
	"testing"
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
