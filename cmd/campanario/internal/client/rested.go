package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"campanario/cmd/campanario/internal/terminal"
)

// pollEvery is how often work that is waited for is looked at.
const pollEvery = 500 * time.Millisecond

// awaited is work of the server's that somebody waits for.
type awaited struct {
	works  func(m item) bool
	line   func(m item) string // how far it is, on one line
	goesOn string              // what is said to who breaks off the waiting
	cancel string              // the command that ends it
}

// rested waits until nobody works on it any more, and shows meanwhile how far it is. raw is what the path gave.
func (k *call) rested(ctx context.Context, path string, raw json.RawMessage, a awaited) (json.RawMessage, error) {
	width, _, seen := k.o.Terminal(k.err)
	seen = seen && !k.json
	for {
		m, err := decode(raw)
		if err != nil {
			return nil, k.server.strange(http.StatusOK)
		}
		if seen {
			_, _ = fmt.Fprint(k.err, "\r\x1b[K")
		}
		if !a.works(m) {
			return raw, nil
		}
		if seen {
			_, _ = fmt.Fprint(k.err, fit(a.line(m), width-1))
		}
		select {
		case <-ctx.Done():
			_, _ = fmt.Fprintf(k.err, "\n%s\n  campanario %s %s\n", a.goesOn, a.cancel, terminal.Clean(m.text("id")))
			return nil, ctx.Err()
		case <-k.o.After(pollEvery):
		}
		if raw, err = k.get(ctx, path); err != nil {
			return nil, err
		}
	}
}
