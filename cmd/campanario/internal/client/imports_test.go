package client_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"campanario/intake"
)

// importing lets a node carry imports out while the test runs.
func (d *desk) importing() {
	ctx, cancel := context.WithCancel(d.t.Context())
	w := intake.NewWorker(intake.WorkerOptions{Store: d.store, Node: 1, Poll: 5 * time.Millisecond, Now: func() time.Time { return noon }})
	done := make(chan struct{})
	go func() { defer close(done); w.Run(ctx) }()
	d.t.Cleanup(func() { cancel(); <-done })
	d.o.After = func(time.Duration) <-chan time.Time { return time.After(5 * time.Millisecond) }
}

// TestImportByCommands is what a person at a terminal does with a client's file: look, decide, try, import, mend, take back.
func TestImportByCommands(t *testing.T) {
	d := open(t)
	d.importing()
	dir := t.TempDir()
	file := filepath.Join(dir, "base.csv")
	text := "nome;celular;obs\r\nAna;(11) 98765-4321;a\r\nJo\xe3o;98765-4322;b\r\nBia;(11) 98765-4323;c\r\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	d.steps([]step{
		{args: "import upload " + file + " --json", keep: "x"},
		{args: "import|settings|⟨x⟩|--segment|Varejo,Ouro|--basis|contract|--column|obs=ignore|--description|Base de novembro", out: `Import ⟨x⟩: base.csv, ready to check.
Format csv, 83 B. Read as a table, column by column (change it with --column):
COLUMN  READ AS  SAMPLES
nome  name  Ana, João, Bia
celular  phone  (11) 98765-4321, 98765-4322, (11) 98765-4323
obs  ignore  a, b, c
  campanario import check --wait ⟨x⟩  # Go through the file and write nothing
  campanario import commit --wait ⟨x⟩  # Bring the contacts in
`},
		{args: "import settings ⟨x⟩ --set fill=true --json", keep: "x"},
		{args: "import settings ⟨x⟩", err: refused("document_missing"), code: 2},
		{args: "import settings ⟨x⟩ --column nada", err: refused("set_wrong"), code: 2},
		{args: "import settings ⟨x⟩ --column nada=phone", err: "campanario: ⟨*⟩\n", code: 1},
		{args: "import settings ⟨x⟩ --layout r --json", keep: "x"},
		{args: "import settings ⟨x⟩ --column celular=phone --column obs=variable:nota --json", keep: "x"},
		{args: "import check ⟨x⟩ --wait", out: `Import ⟨x⟩: base.csv, checked.
Nothing was written. Rows: 3. There would be 2 new, 0 changed, 0 unchanged. Refused: 1.
  campanario import problems ⟨x⟩  # List what is wrong with the file
  campanario import refused -o refused.xlsx ⟨x⟩  # Download the refused rows, to be mended and imported
  campanario import check --wait ⟨x⟩  # Go through the file and write nothing
  campanario import commit --wait ⟨x⟩  # Bring the contacts in
`},
		{args: "import problems ⟨x⟩", out: "LINE  KIND  COLUMN  REASON\n  3  refused  celular  ⟨*⟩\n"},
		{args: "import commit ⟨x⟩ --wait", out: `Import ⟨x⟩: base.csv, done.
Rows: 3. New: 2. Changed: 0. Unchanged: 0. Refused: 1.
  campanario import problems ⟨x⟩  # List what is wrong with the file
  campanario import refused -o refused.xlsx ⟨x⟩  # Download the refused rows, to be mended and imported
  campanario import undo --wait ⟨x⟩  # Take an import back
`},
	})
	got := d.must("import", "get", "⟨x⟩", "--json")
	for _, want := range []string{`"basis":"contract"`, `"fill":true`, `"segments":["Varejo","Ouro"]`, `"key":"nota"`, `"description":"Base de novembro"`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	// What was refused comes back, is mended, and goes in.
	back := filepath.Join(dir, "recusadas.csv")
	d.steps([]step{{args: "import refused ⟨x⟩ --lang pt-BR -o " + back, err: "Salvo em ⟨*⟩\n"}})
	raw, err := os.ReadFile(back)
	if err != nil || !strings.Contains(string(raw), "João;98765-4322;b;3;celular;Falta o DDD") {
		t.Fatalf("%s, %v", raw, err)
	}
	if err := os.WriteFile(back, bytes.Replace(raw, []byte("98765-4322"), []byte("(11) 98765-4322"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	d.steps([]step{
		{args: "import upload " + back + " --json", keep: "y"},
		{args: "import commit ⟨y⟩ --wait", out: "Import ⟨y⟩: recusadas.csv, done.\nRows: 1. New: 1. Changed: 0. Unchanged: 0. Refused: 0.\n  campanario import undo --wait ⟨y⟩  # Take an import back\n"},
		{args: "import undo ⟨y⟩ --wait", err: refused("confirmation_missing"), code: 2},
		{args: "import undo ⟨y⟩ --wait --yes", out: "Import ⟨y⟩: recusadas.csv, undone.\nRows: 1. New: 1. Changed: 0. Unchanged: 0. Refused: 0. Taken back: 1.\n"},
	})
}

// TestTemplatesByCommand: the template is saved in the format that the file's name says, and comes back as it is.
func TestTemplatesByCommand(t *testing.T) {
	d := open(t)
	d.importing()
	for _, name := range []string{"r.csv", "r.xlsx"} {
		path := filepath.Join(t.TempDir(), name)
		d.steps([]step{
			{args: "import template --layout r -o " + path, err: "Saved as ⟨*⟩\n"},
			{args: "import upload " + path + " --tag novo --json", keep: "x"},
			{args: "import check ⟨x⟩ --wait --json", keep: "x"},
		})
		if got := d.must("import", "get", "⟨x⟩", "--json"); !strings.Contains(got, `"layout":"r"`) || !strings.Contains(got, `"refused":0,"created":3,"updated":1`) {
			t.Errorf("%s: %s", name, got)
		}
	}
	d.width = 80
	d.steps([]step{{args: "import template --format xlsx", err: refused("required"), code: 2}})
}

// TestAPastedListIsImported: numbers as they are pasted from a chat, without a file.
func TestAPastedListIsImported(t *testing.T) {
	d := open(t)
	d.importing()
	d.steps([]step{
		{args: "import upload - --json", in: "(11) 98765-4321\nAna <ana@example.com>; +52 55 1234 5678\n123\n", keep: "x"},
		{args: "import commit ⟨x⟩ --wait", out: `Import ⟨x⟩: pasted list, done.
Rows: 4. New: 3. Changed: 0. Unchanged: 0. Refused: 1.
  campanario import problems ⟨x⟩  # List what is wrong with the file
  campanario import refused -o refused.xlsx ⟨x⟩  # Download the refused rows, to be mended and imported
  campanario import undo --wait ⟨x⟩  # Take an import back
`},
	})
}

// TestWaitingForAnImportThatFails ends with 1 and says why; who breaks off the waiting is told that it goes on.
func TestWaitingForAnImport(t *testing.T) {
	d := open(t)
	d.stdin = "TIPO_DE_REGISTRO;VALOR_DO_REGISTRO\nTELEFONE;11987654321\n"
	d.known["x"] = d.member(d.must("import", "upload", "-", "--name", "r.csv", "--strict", "--json"), "id")
	ctx, stop := context.WithCancel(t.Context())
	d.o.After = func(time.Duration) <-chan time.Time { stop(); return nil }
	if got := d.runIn(ctx, "import", "commit", "⟨x⟩", "--wait"); got.code != 130 || !d.like(got.err, "\nThe import goes on at the server. To stop it:\n  campanario import cancel ⟨x⟩\n") {
		t.Errorf("%d %q %q", got.code, got.out, got.err)
	}
	d.importing()
	for {
		got := d.run("import", "get", "⟨x⟩", "--json")
		if !strings.Contains(got.out, `"state":"running"`) {
			break
		}
	}
	d.steps([]step{{args: "import check ⟨x⟩ --wait", code: 1, out: `Import ⟨x⟩: r.csv, failed.
Format csv, 56 B. Read as the layout TIPO_DE_REGISTRO;VALOR_DO_REGISTRO;… (r)
✗ ⟨*⟩
  campanario import problems ⟨x⟩  # List what is wrong with the file
  campanario import check --wait ⟨x⟩  # Go through the file and write nothing
`}})
}
