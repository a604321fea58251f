package api_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"campanario/api"
	"campanario/campaign"
	"campanario/report"
)

// wire opens a connection and sends the beginning of a request with a body of the length.
func (d *desk) wire(what, kind string, length int, begin string) net.Conn {
	d.t.Helper()
	method, path, _ := strings.Cut(what, " ")
	var dialer net.Dialer
	c, err := dialer.DialContext(d.ctx, "tcp", d.http.Listener.Addr().String())
	d.must(err)
	d.t.Cleanup(func() { _ = c.Close() })
	_, err = fmt.Fprintf(c, "%s %s%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
		method, api.Prefix, path, d.key, kind, length, begin)
	d.must(err)
	return c
}

// shut ends what the client sends.
func (d *desk) shut(c net.Conn) net.Conn {
	d.t.Helper()
	d.must(c.(*net.TCPConn).CloseWrite())
	return c
}

func (d *desk) answered(c net.Conn) reply {
	d.t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	d.must(err)
	defer resp.Body.Close() //nolint:errcheck // read to its end
	text, err := io.ReadAll(resp.Body)
	d.must(err)
	return reply{d.t, "a slow request", resp.StatusCode, resp.Header, string(text)}
}

// TestSlowBodies holds that nobody keeps the server waiting: neither who stops in the middle nor who trickles.
func TestSlowBodies(t *testing.T) {
	d := lone(t, func(o *api.Options) { o.BodyIdle = 40 * time.Millisecond })
	id := d.campaign("")
	t.Run("stops", func(t *testing.T) {
		d.answered(d.wire("POST /campaigns", "application/json", 100, `{"name": "x`)).refused(408, "body_too_slow")
	})
	t.Run("never begins", func(t *testing.T) {
		d.answered(d.wire("POST /campaigns", "application/json", 100, "")).refused(408, "body_too_slow")
	})
	t.Run("trickles", func(t *testing.T) {
		c := d.wire("POST /campaigns", "application/json", 1<<20, `{"name": "`)
		var drip sync.WaitGroup
		drip.Go(func() {
			for {
				if _, err := c.Write([]byte("x")); err != nil {
					return
				}
				<-time.After(5 * time.Millisecond)
			}
		})
		d.answered(c).refused(408, "body_too_slow")
		d.must(c.Close())
		drip.Wait()
	})
	t.Run("an upload stops", func(t *testing.T) {
		rows := people(0, 1200) // beyond what is looked at first
		r := d.answered(d.wire("POST /campaigns/"+id+"/recipients", "application/x-ndjson", 10*len(rows), rows))
		r.refused(408, "body_too_slow")
		if got := d.want(200, "", "GET /campaigns/"+id, ""); got.num("counts.total") != r.num("enrolled.added") || got.num("counts.total") < 500 {
			t.Errorf("%s added of %s", got.text, r.text)
		}
	})
}

// TestSlowReader holds that who stops reading is let go, and that a connection on which a report came whole is good for
// more, however long it was silent between.
func TestSlowReader(t *testing.T) {
	const patience = 50 * time.Millisecond
	over := make(chan struct{})
	d := lone(t, func(o *api.Options) {
		o.ReaderIdle = patience
		o.Report = endless{o.Report, over}
	})
	_, id := d.running(1)
	d.wire("GET /campaigns/"+id+"/report", "text/csv", 0, "") // and never reads
	<-over

	c := d.wire("GET /campaigns/"+id+"/report?search=p0", "text/csv", 0, "")
	in := bufio.NewReader(c)
	for _, want := range []string{mailbox(0), d.workspace} {
		resp, err := http.ReadResponse(in, nil)
		d.must(err)
		text, err := io.ReadAll(resp.Body)
		d.must(errors.Join(err, resp.Body.Close()))
		if resp.StatusCode != http.StatusOK || !strings.Contains(string(text), want) {
			t.Fatalf("%d %s", resp.StatusCode, text)
		}
		<-time.After(3 * patience)
		_, err = fmt.Fprintf(c, "GET %s/workspace HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", api.Prefix, d.key)
		d.must(err)
	}
}

// TestReaderOfAnything holds that no answer at all waits for ever for who does not read it, with or without a key.
func TestReaderOfAnything(t *testing.T) {
	d := lone(t, func(o *api.Options) { o.ReaderIdle = 50 * time.Millisecond })
	for name, path := range map[string]string{"without a key": "/api/openapi.json", "with a key": api.Prefix + "/workspace"} {
		t.Run(name, func(t *testing.T) {
			var dialer net.Dialer
			c, err := dialer.DialContext(d.ctx, "tcp", d.http.Listener.Addr().String())
			d.must(err)
			defer c.Close() //nolint:errcheck // the server has closed it
			d.must(c.SetWriteDeadline(time.Now().Add(20 * time.Second)))
			ask := fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", path, d.key)
			for err == nil { // once everything between is full, nothing moves until the server gives up
				_, err = c.Write(bytes.Repeat(ask, 100))
			}
			if errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error("the server still waits for who does not read")
			}
		})
	}
}

// endless is a source whose report has no end, unless somebody is searched for; over is closed when nobody asks for more.
type endless struct {
	report.Source
	over chan struct{}
}

func (e endless) ReportPage(ctx context.Context, workspace, id string, f campaign.Filter, after campaign.Number, limit int) ([]report.Person, campaign.Number, error) {
	page, next, err := e.Source.ReportPage(ctx, workspace, id, f, 0, limit)
	if err != nil || f.Search != "" {
		return page, next, err
	}
	if after == 0 {
		context.AfterFunc(ctx, func() { close(e.over) })
	}
	page[0].Name = strings.Repeat("x", 100_000)
	for len(page) < limit {
		page = append(page, page[0])
	}
	return page, page[0].Number, nil
}

// TestUploadBreaksOff holds that a file whose connection breaks off is not taken for one that ends: the last row, of
// which only a part came, is not added.
func TestUploadBreaksOff(t *testing.T) {
	d := lone(t, nil)
	id := d.campaign("")
	c := d.wire("POST /campaigns/"+id+"/recipients?source=f", "text/plain", 1000, "a@example.com\nb@example.com\nc@example.co")
	r := d.answered(d.shut(c))
	r.refused(400, "body_invalid")
	r.is("enrolled.added", "0")
	d.want(200, "", "GET /campaigns/"+id, "").is("counts.total", "0")
}

// TestUploadTooLarge holds the bound of uploads, and that what came before it is told.
func TestUploadTooLarge(t *testing.T) {
	d := lone(t, func(o *api.Options) { o.MaxUpload = 100_000 })
	id := d.campaign("")
	r := d.want(413, "body_too_large", "POST /campaigns/"+id+"/recipients", people(0, 3000), "Content-Type", "application/x-ndjson")
	if added := r.num("enrolled.added"); added < 500 || added != d.want(200, "", "GET /campaigns/"+id, "").num("counts.total") {
		t.Errorf("%s", r.text)
	}
}
