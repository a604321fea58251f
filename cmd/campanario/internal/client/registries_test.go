package client_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
)

// A list is made, filled, brought up to date from an address only when that has changed, and deleted.
func TestListsOfWhoMustNotBeContacted(t *testing.T) {
	d := open(t)
	var numbers, asked atomic.Value
	var served atomic.Int32
	numbers.Store("(11) 98765-4321\n(11) 98765-4322\n")
	register := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Store(r.Header.Get("If-None-Match"))
		text := numbers.Load().(string)
		tag := `"` + text[len(text)-3:len(text)-1] + `"`
		w.Header().Set("ETag", tag)
		switch {
		case r.URL.Path != "/list":
			w.WriteHeader(http.StatusNotFound)
		case r.Header.Get("If-None-Match") == tag:
			w.WriteHeader(http.StatusNotModified)
		default:
			served.Add(1)
			_, _ = w.Write([]byte(text))
		}
	}))
	defer register.Close()
	file := filepath.Join(t.TempDir(), "bloqueio.txt")
	if err := os.WriteFile(file, []byte("11 98765-4323\nnada\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.steps([]step{
		{args: "suppression lists", err: "Nothing to show.\n"},
		{args: "suppression|create|Não Me Perturbe|--register|--channels|voice|--json", keep: "list"},
		{args: "suppression create x --expires ontem", err: "campanario: ⟨*⟩\n", code: 1},
		{args: "suppression sync ⟨list⟩ --url " + register.URL + "/list", out: "Addresses read: 2. Entries on the list: 2. Rows refused: 0.\n"},
		{args: "suppression sync ⟨list⟩ --url " + register.URL + "/list", out: "No changes: the list is the newest already (2 entries).\n"},
		{args: "suppression sync ⟨list⟩ --url " + register.URL + "/gone", err: refused("sync_refused"), code: 3},
		{args: "suppression sync ⟨list⟩ --url ftp://example.com/x", err: refused("sync_url_wrong"), code: 2},
		{args: "suppression sync ⟨list⟩", err: refused("arguments_wrong"), code: 2},
		{args: "suppression check 11987654322", out: "REASON  NAME  CHANNEL  SOURCE  CREATED  EXPIRES\n⟨*⟩Não Me Perturbe⟨*⟩\n", code: 1},
	})
	numbers.Store("(11) 98765-4329\n")
	d.steps([]step{
		{args: "suppression sync ⟨list⟩ --url " + register.URL + "/list", out: "Addresses read: 1. Entries on the list: 1. Rows refused: 0.\n"},
		{args: "suppression check 11987654322", out: "Nothing is against contacting this address.\n"},
		{args: "suppression upload ⟨list⟩ " + file, out: "Addresses read: 1. Entries on the list: 1. Rows refused: 1.\n  ✗ line 2: ⟨*⟩\n"},
		{args: "suppression lists", out: "ID  NAME  KIND  STATE  ENTRIES  REPLACED  EXPIRES\n⟨list⟩  Não Me Perturbe  do_not_call  ready  1  2026-11-23 12:00\n"},
		{args: "suppression upload ⟨list⟩ /nowhere", err: "campanario: ⟨*⟩\n", code: 2},
		{args: "suppression delete ⟨list⟩", err: refused("confirmation_missing"), code: 2},
		{args: "suppression delete ⟨list⟩ --yes", out: "Done.\n"},
		{args: "suppression sync ⟨list⟩ --file " + file, err: refused("registry_not_found"), code: 1},
	})
	if served.Load() != 2 || asked.Load() == "" {
		t.Errorf("served %d times, last asked with %v", served.Load(), asked.Load())
	}
}
