package api_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"campanario/api"
	"campanario/intake"
	"campanario/store"
)

// importing lets a node carry imports out while the test runs, or until it is told to end.
func (d *desk) importing() (end func()) {
	ctx, cancel := context.WithCancel(d.ctx)
	w := intake.NewWorker(intake.WorkerOptions{Store: d.store, Node: 1, Poll: 5 * time.Millisecond, ChunkRows: 3, Now: d.now})
	done := make(chan struct{})
	go func() { defer close(done); w.Run(ctx) }()
	end = func() { cancel(); <-done }
	d.t.Cleanup(end)
	return end
}

// rests waits until no node works on an import, and gives it.
func (d *desk) rests(id string) reply {
	d.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		x := d.want(200, "", "GET /imports/"+id, "")
		if !intake.State(x.str("state")).Works() {
			return x
		}
		select {
		case <-tick.C:
		case <-d.ctx.Done():
			d.t.Fatal("the import does not come to an end")
		}
	}
}

// TestAnImportFromItsUploadToItsUndoing is what a person does with a file, in their order.
func TestAnImportFromItsUploadToItsUndoing(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.importing()
		file := "nome;telefone;recado\r\nAna;(11) 98765-4321;123\r\nJo\xe3o;98765-4322;\r\nBia;(11) 98765-4323;(20) 98765-4323\r\nSem nada;;\r\n"
		x := d.want(201, "", "POST /imports?name=base.csv", file, "Content-Type", "text/csv")
		id := x.str("id")
		x.is("state", `"ready"`)
		x.is("can", `["edit","check","commit","delete"]`)
		x.is("found.delimiter", `";"`)
		x.is("found.encoding", `"windows-1252"`)
		d.want(422, "column_unknown", "PUT /imports/"+id+"/settings", `{"file": {"layout": "mapped", "columns": [{"column": "nada", "field": "name"}, {"column": "telefone", "field": "phone"}]}}`)
		settings, err := jsonOf(x.value("settings"))
		d.must(err)
		settings = strings.Replace(settings, `"file":{`, `"description":"Base de novembro","file":{"segments":["Varejo"],`, 1)
		d.want(412, "revision_stale", "PUT /imports/"+id+"/settings", settings, "If-Match", `"1"`)
		x = d.want(200, "", "PUT /imports/"+id+"/settings", settings, "If-Match", x.header.Get("ETag"))
		x.is("settings.description", `"Base de novembro"`)

		d.want(202, "", "POST /imports/"+id+"/check", "")
		x = d.rests(id)
		x.is("state", `"checked"`)
		x.is("counts.refused", "2")
		x.is("counts.warnings", "2")
		x.is("counts.created", "2")
		d.want(200, "", "GET /contacts", "").is("items", "[]")

		// Page by page nothing is lost.
		var seen []string
		for cursor := ""; ; {
			p := d.want(200, "", "GET /imports/"+id+"/problems?limit=1&cursor="+cursor, "", "Accept-Language", "pt-BR")
			seen = append(seen, fmt.Sprintf("%d %s %s", p.num("items.0.line"), p.str("items.0.severity"), p.str("items.0.code")))
			if p.value("next_cursor") == nil {
				break
			}
			cursor = p.str("next_cursor")
		}
		want := "2 warning phone_too_short, 3 refused phone_no_area, 4 warning phone_area_unknown, 5 refused contact_missing"
		if got := strings.Join(seen, ", "); got != want {
			t.Errorf("%s", got)
		}
		p := d.want(200, "", "GET /imports/"+id+"/problems?severity=refused", "", "Accept-Language", "pt-BR")
		p.is("items.0.cells", `["João","98765-4322",""]`)
		p.is("items.0.text", `"Falta o DDD ou código de área no telefone (país: Brasil)."`)
		d.want(422, "cursor_invalid", "GET /imports/"+id+"/problems?cursor=nada", "")
		d.want(422, "not_one_of", "GET /imports/"+id+"/problems?severity=bad", "")

		d.want(202, "", "POST /imports/"+id+"/commit", "")
		d.want(409, "import_step", "PUT /imports/"+id+"/settings", settings)
		x = d.rests(id)
		x.is("state", `"done"`)
		x.is("can", `["undo","delete"]`)
		if n := len(d.want(200, "", "GET /contacts", "").list("items")); n != 2 {
			t.Errorf("%d contacts", n)
		}
		back := d.want(200, "", "GET /imports/"+id+"/refused", "").text
		if lines := strings.Split(back, "\n"); len(lines) != 4 || !strings.HasPrefix(lines[1], "João;98765-4322;;3;telefone;Falta o DDD") {
			t.Errorf("%q", back)
		}
		d.want(202, "", "POST /imports/"+id+"/undo", "")
		d.rests(id).is("counts.undone", "2")
		d.want(200, "", "GET /contacts", "").is("items", "[]")
		d.want(204, "", "DELETE /imports/"+id, "")
		d.want(404, "import_not_found", "GET /imports/"+id, "")
	})
}

// partly is a store that tells of every part of a file that it has been given.
type partly struct {
	intake.SessionStore
	came chan int
}

func (p *partly) AddPart(ctx context.Context, no, part int64, data []byte) error {
	err := p.SessionStore.AddPart(ctx, no, part, data)
	p.came <- len(data)
	return err
}

// TestAnUploadIsNotHeldInMemory: what has come of a file is stored before the rest of it has been sent, so that a file of
// any size takes no more memory than a part of it.
func TestAnUploadIsNotHeldInMemory(t *testing.T) {
	came := make(chan int, 1000)
	d := lone(t, func(o *api.Options) {
		o.Imports = intake.NewSessions(intake.SessionsOptions{Store: &partly{o.Answers.(*store.Store), came}})
	})
	r, w := io.Pipe()
	t.Cleanup(func() { _ = w.CloseWithError(io.ErrClosedPipe) })
	answered := make(chan reply, 1)
	go func() {
		answered <- d.askWith(d.key, "POST /imports?name=grande.csv", r, "Content-Type", "text/csv")
	}()
	row := []byte(strings.Repeat("Ana;11987654321;uma linha como outra qualquer\n", 1000))
	sent, stored := 0, 0
	if _, err := w.Write([]byte("nome;telefone;obs\n")); err != nil {
		t.Fatal(err)
	}
	for stored < 32<<20 {
		writing := make(chan error, 1)
		go func() { _, err := w.Write(row); writing <- err }()
		for done := false; !done; {
			select {
			case n := <-came:
				stored += n
			case err := <-writing:
				d.must(err)
				sent += len(row)
				done = true
			case got := <-answered:
				t.Fatalf("answered too early: %d %s", got.status, got.text)
			}
		}
		if sent-stored > 16<<20 { // so much of it, and more, lies in the buffers of the network
			t.Fatalf("%d bytes were sent, and only %d are stored", sent, stored)
		}
	}
	go func() { _ = w.Close() }()
	for {
		select {
		case <-came:
		case got := <-answered:
			got.refused(201, "")
			got.is("found.layout", `"mapped"`)
			return
		}
	}
}
