package client

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"campanario/internal/fault"
)

// Bounds of lists.
const (
	pageSize     = 200 // what the API gives at most
	defaultLimit = 50
)

// listing is a command that shows a list.
type listing struct {
	use     string
	path    string   // of the API, with {0}, {1} for the arguments
	longer  string   // the path when the argument that may be left out is there
	whole   bool     // the API gives it all at once
	filters []string // flags that are parameters of the same name; those in many are repeated
	many    []string
	yes     []string
	columns []column
}

func (a *app) list(noun string, l listing) *cobra.Command {
	flags := []flag{number("limit", defaultLimit), yes("all")}
	for _, name := range l.filters {
		flags = append(flags, text(name))
	}
	for _, name := range l.many {
		flags = append(flags, many(name))
	}
	for _, name := range l.yes {
		flags = append(flags, yes(name))
	}
	return a.verb(noun, verb{use: l.use, flags: flags, run: func(ctx context.Context, k *call) error {
		pattern := l.path
		if l.longer != "" && len(k.args) > 1 {
			pattern = l.longer
		}
		path, err := k.path(pattern)
		if err != nil {
			return err
		}
		q := url.Values{}
		for _, name := range l.filters {
			if v := k.text(name); v != "" {
				q.Set(parameter(name), v)
			}
		}
		for _, name := range l.many {
			for _, v := range k.list(name) {
				q.Add(parameter(name), v)
			}
		}
		for _, name := range l.yes {
			if k.flag(name) {
				q.Set(parameter(name), "true")
			}
		}
		return k.follow(ctx, path, q, l)
	}})
}

// parameter is the API's name of a flag.
func parameter(flag string) string {
	if flag == "with-key" { // --key is the API key
		return "key"
	}
	return strings.ReplaceAll(flag, "-", "_")
}

// follow shows a list page by page, as far as --limit and --all want.
func (k *call) follow(ctx context.Context, path string, q url.Values, l listing) error {
	left := k.number("limit")
	if left < 1 {
		return fault.New(fault.Invalid, "too_small", fault.Params{"min": 1}).At("--limit")
	}
	all := k.flag("all")
	server, err := k.conn()
	if err != nil {
		return err
	}
	t := k.table(l.columns)
	shown, seen := 0, false
	for {
		size := pageSize
		if !all {
			size = min(left, pageSize)
		}
		if !l.whole {
			q.Set("limit", strconv.Itoa(size))
		}
		raw, err := server.document(ctx, ask{method: http.MethodGet, path: path, query: q})
		seen = k.stillLooking(seen, false)
		if err != nil {
			return err
		}
		var page struct {
			Items []json.RawMessage `json:"items"`
			Next  string            `json:"next_cursor"`
		}
		if err := json.Unmarshal(raw, &page); err != nil {
			return server.strange(http.StatusOK)
		}
		if !all && len(page.Items) > left { // lists that have no pages
			page.Items, page.Next = page.Items[:left], q.Get("cursor")+"…"
		}
		if err := k.items(t, page.Items); err != nil {
			return err
		}
		shown += len(page.Items)
		left -= len(page.Items)
		if page.Next == "" || !all && left <= 0 || page.Next == q.Get("cursor") {
			k.listEnd(shown, page.Next != "" && !all)
			return nil
		}
		q.Set("cursor", page.Next)
		seen = k.stillLooking(seen, len(page.Items) < size)
	}
}

// stillLooking tells who sits at a terminal that a list goes on though a page was short, and takes it back when the next one
// has come: pages end with how much the server looked at. It reports whether that stands there now.
func (k *call) stillLooking(was, is bool) bool {
	width, _, ok := k.o.Terminal(k.err)
	switch {
	case !ok || k.json || was == is:
		return was
	case is:
		_, _ = fmt.Fprint(k.err, fit(k.words.Say("list.looking"), width-1))
	default:
		_, _ = fmt.Fprint(k.err, "\r\x1b[K")
	}
	return is
}

// items shows a page.
func (k *call) items(t *table, items []json.RawMessage) error {
	if k.json {
		for _, raw := range items {
			if err := k.raw(raw); err != nil {
				return err
			}
		}
		return nil
	}
	rows := make([]item, len(items))
	for i, raw := range items {
		var err error
		if rows[i], err = decode(raw); err != nil {
			return k.server.strange(http.StatusOK)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return t.print(rows)
}

// listEnd tells people that there is nothing, or more.
func (k *call) listEnd(shown int, more bool) {
	switch {
	case k.json:
	case shown == 0:
		_, _ = io.WriteString(k.err, k.words.Say("list.empty")+"\n")
	case more:
		_, _ = io.WriteString(k.err, k.words.Say("list.more", "n", shown)+"\n")
	}
}
