package api_test

import (
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"campanario/channel"
)

// voice makes a draft by telephone and gives its id.
func (d *desk) voice() string {
	d.t.Helper()
	return d.want(201, "", "POST /campaigns", `{"name": "Ligações", "channel": "voice"}`).str("id")
}

// TestUploads is files as people have them: what is taken of each, and what is said of the rest.
func TestUploads(t *testing.T) {
	d := lone(t, nil)
	for _, c := range []struct {
		name, media, file string
		status            int
		code              string
		added, refused    int
		first             string // line, column and code of the first refusal
	}{
		{"ndjson", "application/x-ndjson", `{"contact": "11987654321", "name": "Ana"}` + "\n" + `{"contact": "+5511912345678"}`, 200, "", 2, 0, ""},
		{"json", "application/json", `[{"contact": "11987654321"}, {"contact": "11912345678"}]`, 200, "", 2, 0, ""},
		{"one row", "application/json", "\ufeff \n" + `{"contact": "11987654321", "variables": {"valor": 12.5, "vip": true}}`, 200, "", 1, 0, ""},
		{"csv", "text/csv; charset=utf-8", "name,contact,context,id\nAna,11987654321,Deve 100,1\nBia,11912345678,,2\n", 200, "", 2, 0, ""},
		{"semicolons", "text/csv", "Nome;Telefone;Valor da Dívida\nAna;(11) 98765-4321;10,50\n", 200, "", 1, 0, ""},
		{"windows-1252", "text/csv", "nome;telefone\nJo\xe3o;11987654321\n", 200, "", 1, 0, ""},
		{"a list", "text/plain", "11987654321\n11912345678\n", 200, "", 2, 0, ""},
		{"no type, a list", "", "11987654321\n11912345678\n", 200, "", 2, 0, ""},
		{"octets", "application/octet-stream", `{"contact": "11987654321"}`, 200, "", 1, 0, ""},
		{"the same twice", "text/csv", "contact\n11987654321\n+55 11 98765-4321\n", 200, "", 1, 0, ""},
		{
			"bad rows", "text/csv", "name,contact\nAna,11987654321\nBia,abc\nCaio,11\nDia,\nEva,11912345678\n", 200, "", 2, 3,
			"3 contact phone_letters",
		},
		{"a formula", "text/csv", "name,contact\nAna,=1+1\nBia,11912345678\n", 200, "", 1, 1, "2 contact formula"},
		{"zero bytes", "text/csv", "name,contact\nA\x00na,11987654321\nBia,11912345678\n", 200, "", 1, 1, "2 name nul_byte"},
		{"an open quote", "text/csv", "name,contact\n\"Ana,11987654321\nBia,11912345678\n", 200, "", 1, 1, "2  quote_unclosed"},
		{"a bad line", "application/x-ndjson", `{"contact": "11987654321"}` + "\nnada\n" + `{"contact": "11912345678"}`, 200, "", 2, 1, "2  json_invalid"},
		{"an unknown key", "application/x-ndjson", `{"contact": "11987654321", "nome": "Ana"}`, 200, "", 0, 1, "1 nome key_unknown"},
		{"text of zero bytes", "application/x-ndjson", `{"contact": "11987654321", "name": "A\u0000na", "variables": {"a": "\u0000"}}`, 200, "", 1, 0, ""},
		{
			"a huge row", "application/x-ndjson", `{"contact": "11987654321"}` + "\n" + `{"name": "` + strings.Repeat("x", 2<<20) + `"}` + "\n" + `{"contact": "11912345678"}`,
			200, "", 2, 1, "2  row_too_long",
		},
		{"a huge cell", "text/csv", "name,contact\n" + strings.Repeat("x", 3<<20) + ",11987654321\nBia,11912345678\n", 200, "", 1, 1, "2  row_too_long"},
		{"columns without end", "text/csv", strings.Repeat("a,", 1_000_000) + "\n", 422, "columns_too_many", 0, 0, ""},
		{"no contact", "text/csv", "name,city\nAna,Recife\n", 422, "contact_column_missing", 0, 0, ""},
		{"nothing", "text/csv", "", 422, "file_empty", 0, 0, ""},
		{"nobody", "text/csv", "name,contact\n", 422, "file_no_rows", 0, 0, ""},
		{"nobody in json", "application/json", "[]", 422, "file_no_rows", 0, 0, ""},
		{"half a workbook", "text/csv", "PK\x03\x04aaaaaaaaaaaaaa", 422, "workbook_broken", 0, 0, ""},
		{"json that breaks", "application/json", `[{"contact": "11987654321"}, {"contact": `, 422, "json_invalid", 1, 0, ""},
		{"more than one", "application/json", `{"contact": "11987654321"} {"contact": "11912345678"}`, 422, "json_invalid", 1, 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			id := d.voice()
			r := d.askWith(d.key, "POST /campaigns/"+id+"/recipients", read(c.file), "Content-Type", c.media)
			r.t = t
			r.refused(c.status, c.code)
			in := ""
			if c.status != 200 {
				in = "enrolled."
			}
			if r.num(in+"added") != c.added || r.num(in+"refused") != c.refused {
				t.Errorf("%s", r.text)
			}
			if c.first != "" {
				v := func(name string) string {
					if x := r.value(in + "refusals.0." + name); x != nil {
						return fmt.Sprint(x)
					}
					return ""
				}
				if got := v("line") + " " + v("column") + " " + v("code"); got != c.first {
					t.Errorf("refused %q, want %q: %s", got, c.first, r.text)
				}
			}
			if got := d.want(200, "", "GET /campaigns/"+id, "").num("counts.total"); got != c.added {
				t.Errorf("%d in the campaign, want %d", got, c.added)
			}
		})
	}
}

// TestUploadedRow holds that all that a row says arrives.
func TestUploadedRow(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		id := d.voice()
		d.want(200, "", "POST /campaigns/"+id+"/recipients", `{"contact": "(11) 98765-4321", "secondary_contacts": ["+525512345678"], "name": "João",
			"id": 42, "variables": {"valor": 12.5}, "context": {"vence": "2026-12-01"}, "language": "pt_br", "priority": "high", "tags": ["vip"]}`,
			"Content-Type", "application/json")
		r := d.want(200, "", "GET /campaigns/"+id+"/recipients", "")
		for path, want := range map[string]string{
			"number": "1", "contact": `"+5511987654321"`, "secondary_contacts": `["+525512345678"]`, "name": `"João"`, "id": `"42"`,
			"variables": `{"valor":"12.5","vence":"2026-12-01"}`, "zones": `["America/Sao_Paulo","America/Mexico_City"]`, "language": `"pt-BR"`, "priority": `"high"`,
			"tags": `["vip"]`, "status": `"pending"`, "waits": `{"for":"first"}`, "attempts": "0", "can": `["remove","set_pending","set_completed"]`,
		} {
			r.is("items.0."+path, want)
		}
	})
}

// TestUploadedLetters holds that files of Windows-1252 and UTF-16 arrive with their letters.
func TestUploadedLetters(t *testing.T) {
	d := lone(t, nil)
	wide := "\xff\xfe"
	for _, r := range "nome;telefone\r\nJoão;11987654321\r\n" {
		wide += string([]byte{byte(r), byte(r >> 8)})
	}
	for name, file := range map[string]string{"windows-1252": "nome;telefone\r\nJo\xe3o;11987654321\r\n", "utf-16": wide} {
		id := d.voice()
		d.want(200, "", "POST /campaigns/"+id+"/recipients", file, "Content-Type", "text/csv")
		if got := d.want(200, "", "GET /campaigns/"+id+"/recipients", "").str("items.0.name"); got != "João" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestAFileIsLookedAt holds that somebody sees what a file comes to, and says what its columns hold, before anybody is added.
func TestAFileIsLookedAt(t *testing.T) {
	d := lone(t, nil)
	id := d.voice()
	const file = "Quem;Celular;Dívida\nAna;11987654321;10,50\nBia;123;20\nCaio;11987654322;\n"
	const said = "?columns=" + `%5B%7B%22column%22%3A%22Quem%22%2C%22field%22%3A%22name%22%7D%5D`
	const preview = "/recipients/preview"
	seen := d.want(200, "", "POST /campaigns/"+id+preview, file, "Content-Type", "text/csv")
	seen.is("format", `"csv"`)
	seen.is("header", "true")
	seen.is("rows", "3")
	seen.is("refused", "1")
	seen.is("more", "false")
	seen.is("columns.0.field", `"variable"`)
	seen.is("columns.0.samples.1", `"Bia"`)
	seen.is("columns.1.field", `"contact"`)
	seen.is("columns.2.key", `"divida"`)
	seen.is("items.0.contact", `"+5511987654321"`)
	seen.is("items.0.variables.divida", `"10,50"`)
	seen.is("refusals.0.line", "3")
	seen.is("refusals.0.code", `"phone_too_short"`)
	named := d.want(200, "", "POST /campaigns/"+id+preview+said, file, "Content-Type", "text/csv")
	named.is("columns.0.field", `"name"`)
	named.is("items.1.name", `"Caio"`)
	named.is("items.1.line", "4")
	d.want(200, "", "GET /campaigns/"+id, "").is("counts.total", "0")
	long := d.want(200, "", "POST /campaigns/"+d.campaign("")+preview, people(0, 1200), "Content-Type", "application/x-ndjson")
	long.is("format", `"ndjson"`)
	long.is("rows", "1000")
	long.is("more", "true")
	long.is("refused", "0")
	for query, code := range map[string]string{"?columns=%5B": "columns_wrong", "?columns=%5B%7B%22x%22%3A1%7D%5D": "columns_wrong", "?columns=%5B%7B%22column%22%3A%22Y%22%2C%22field%22%3A%22name%22%7D%5D": "column_unknown"} {
		d.want(422, code, "POST /campaigns/"+id+preview+query, file, "Content-Type", "text/csv")
	}
	d.want(422, "file_empty", "POST /campaigns/"+id+preview, "", "Content-Type", "text/csv")
	d.want(200, "", "POST /campaigns/"+id+"/recipients"+said, file, "Content-Type", "text/csv").is("added", "2")
	if got := d.want(200, "", "GET /campaigns/"+id+"/recipients", "").str("items.0.name"); got != "Ana" {
		t.Errorf("the first one is %q", got)
	}
}

// TestUploadAgain holds that a file under a source goes on where it stopped, and is never added twice.
func TestUploadAgain(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		id := d.want(201, "", "POST /campaigns", `{"name": "Duas vezes", "channel": "email", "allow_duplicates": true}`).str("id")
		const bad = "nada\n"
		file := people(0, 1400) + bad + people(1400, 700)
		cut := file[:strings.Index(file, "p1300@")]
		half := d.answered(d.shut(d.wire("POST /campaigns/"+id+"/recipients?source=dezembro.ndjson", "application/x-ndjson", len(file), cut)))
		half.refused(400, "body_invalid")
		half.is("enrolled.added", "1000")

		whole := d.want(200, "", "POST /campaigns/"+id+"/recipients?source=dezembro.ndjson", file, "Content-Type", "application/x-ndjson")
		whole.is("rows", "2101")
		whole.is("done_before", "1000")
		whole.is("added", "1100")
		whole.is("refused", "1")
		whole.is("refused_by.json_invalid", "1")
		whole.is("refusals.0.line", "1401")
		again := d.want(200, "", "POST /campaigns/"+id+"/recipients?source=dezembro.ndjson", file, "Content-Type", "application/x-ndjson")
		again.is("added", "0")
		again.is("done_before", "2100")
		d.want(200, "", "POST /campaigns/"+id+"/recipients?source=outro", people(0, 1), "Content-Type", "application/x-ndjson").is("added", "1")
		d.want(200, "", "GET /campaigns/"+id, "").is("counts.total", "2101")
	})
}

// TestUploadsTogether holds that of one source sent twice at once nobody is added twice.
func TestUploadsTogether(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		id := d.want(201, "", "POST /campaigns", `{"name": "Duas vezes", "channel": "email", "allow_duplicates": true}`).str("id")
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				r := d.ask("POST /campaigns/"+id+"/recipients?source=f", people(0, 2000), "Content-Type", "application/x-ndjson")
				if r.status != 200 && (r.status != 409 || r.value("code") != "rows_done_before") {
					t.Errorf("%d %s", r.status, r.text)
				}
			})
		}
		all.Wait()
		d.want(200, "", "POST /campaigns/"+id+"/recipients?source=f", people(0, 2000), "Content-Type", "application/x-ndjson")
		d.want(200, "", "GET /campaigns/"+id, "").is("counts.total", "2000")
	})
}

// TestAddingWhileRunning holds that a campaign takes recipients while it runs, and none when it has ended.
func TestAddingWhileRunning(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		line, id := d.running(2)
		e := d.engine(line)
		flights := e.claim(id, 2)
		d.want(200, "", "POST /campaigns/"+id+"/recipients", people(1, 3), "Content-Type", "application/x-ndjson").is("duplicates", "1")
		more := e.claim(id, 2)
		e.settle(channel.Outcome{Code: channel.Sent}, append(flights, more...)...)
		d.want(200, "", "GET /campaigns/"+id, "").is("counts.by_status.completed", "4")
		d.want(200, "", "POST /campaigns/"+id+"/pause", "")
		d.want(200, "", "POST /campaigns/"+id+"/recipients", people(9, 1), "Content-Type", "application/x-ndjson").is("added", "1")
		d.want(200, "", "POST /campaigns/"+id+"/cancel", "")
		d.want(409, "action_not_allowed", "POST /campaigns/"+id+"/recipients", people(10, 1), "Content-Type", "application/x-ndjson")
	})
}

// rows is a file that is made while it is read.
type rows struct {
	left, next int
	bad        int // every so-manieth row is bad
	rest       []byte
	peak       uint64
}

func (r *rows) Read(b []byte) (int, error) {
	if len(r.rest) == 0 {
		if r.left == 0 {
			return 0, io.EOF
		}
		for i := 0; i < 500 && r.left > 0; i++ {
			contact := "p" + strconv.Itoa(r.next) + "@example.com"
			if r.bad > 0 && r.next%r.bad == 0 {
				contact = "nobody"
			}
			r.rest = append(r.rest, `{"contact": "`+contact+`", "name": "`+strings.Repeat("x", 200)+"\"}\n"...)
			r.next++
			r.left--
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		r.peak = max(r.peak, m.HeapInuse)
	}
	n := copy(b, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// TestUploadMemory holds that a large file takes no more memory than a small one, and that of many bad rows only the
// first thousand are told one by one.
func TestUploadMemory(t *testing.T) {
	d := lone(t, nil)
	file := &rows{left: 60_000, bad: 2}
	r := d.askWith(d.key, "POST /campaigns/"+d.campaign("")+"/recipients", file, "Content-Type", "application/x-ndjson")
	r.refusedAs(200)
	r.is("added", "30000")
	r.is("refused", "30000")
	r.is("refused_by.mailbox_no_at", "30000")
	if n := len(r.list("refusals")); n != 1000 {
		t.Errorf("%d refusals told", n)
	}
	if file.peak > 64<<20 {
		t.Errorf("%d MB in use for a file of %d MB", file.peak>>20, 60_000*250>>20)
	}
}
