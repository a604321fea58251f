package api

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"campanario/access"
	"campanario/audience"
	"campanario/channel"
	"campanario/intake"
	"campanario/internal/fault"
	"campanario/internal/locale"
)

// RegistryView is a list of addresses that must not be contacted.
type RegistryView struct {
	ID         string                  `json:"id"`
	Name       string                  `json:"name"`
	Kind       audience.SuppressReason `json:"kind" enum:"block_list,do_not_call" doc:"A list of your own, or a public register"`
	Holds      audience.Holding        `json:"holds" enum:"phones,mailboxes"`
	Channels   []channel.Kind          `json:"channels" doc:"On which it holds; empty: on all that such addresses are for"`
	State      string                  `json:"state" enum:"empty,ready,expired"`
	Version    int64                   `json:"version" doc:"Grows with every upload; 0 while there are no entries"`
	Entries    int64                   `json:"entries"`
	Rejected   int64                   `json:"rejected" doc:"Rows of the last upload that were no addresses"`
	Size       int64                   `json:"size" doc:"Bytes that every node keeps"`
	Origin     audience.RegistryOrigin `json:"origin" doc:"Where the entries were fetched, for the next time"`
	ExpiresAt  *time.Time              `json:"expires_at" doc:"It bars nobody from then on; absent: never"`
	ReplacedAt *time.Time              `json:"replaced_at" doc:"When the entries came"`
	CreatedAt  time.Time               `json:"created_at"`
}

func (s *Server) registryView(r audience.Registry) RegistryView {
	state := "ready"
	switch {
	case r.Version == 0:
		state = "empty"
	case !r.Expires.IsZero() && !s.o.Now().Before(r.Expires):
		state = "expired"
	}
	return RegistryView{
		ID: r.ID, Name: r.Name, Kind: r.Kind, Holds: r.Holds, Channels: list(r.Channels), State: state, Version: r.Version, Entries: r.Entries,
		Rejected: r.Rejected, Size: r.Size, Origin: r.Origin, ExpiresAt: optional(r.Expires), ReplacedAt: optional(r.ReplacedAt), CreatedAt: r.CreatedAt,
	}
}

// RegistryInput makes a list.
type RegistryInput struct {
	Name      string                  `json:"name" maxLength:"100"`
	Kind      audience.SuppressReason `json:"kind" enum:"block_list,do_not_call" doc:"A list of your own, or a public register"`
	Holds     audience.Holding        `json:"holds,omitempty" enum:"phones,mailboxes" doc:"phones unless it is said"`
	Channels  []channel.Kind          `json:"channels,omitempty" maxItems:"4" enum:"voice,email,sms,whatsapp" doc:"On which it holds; absent: on all that such addresses are for"`
	ExpiresAt *time.Time              `json:"expires_at,omitempty" doc:"It bars nobody from then on; absent: never"`
}

// RegistryPath names a list in a path.
type RegistryPath struct {
	Registry string `path:"registry" doc:"Id of the list"`
}

// EntriesView says what became of an upload.
type EntriesView struct {
	Registry RegistryView `json:"registry"`
	Rows     int64        `json:"rows" doc:"Addresses that the file had, repeated ones included"`
	Problems []RowFailure `json:"problems" doc:"Rows that are no addresses; the first 100"`
}

// CheckInput is an address to look up.
type CheckInput struct {
	Address string       `json:"address" maxLength:"254" doc:"As people write it"`
	Channel channel.Kind `json:"channel,omitempty" enum:"voice,email,sms,whatsapp" doc:"Only what holds on it; absent: on any"`
}

// CheckView says whether an address may be contacted, and what is against it.
type CheckView struct {
	Address    string    `json:"address"`
	Suppressed bool      `json:"suppressed"`
	Bars       []BarView `json:"bars"`
}

// BarView is what is against contacting an address.
type BarView struct {
	Reason    audience.SuppressReason `json:"reason"`
	Channel   channel.Kind            `json:"channel,omitempty" doc:"Absent: every channel, or those of the list"`
	Source    string                  `json:"source,omitempty"`
	Registry  string                  `json:"registry,omitempty" doc:"Id of the list they are on"`
	Name      string                  `json:"name,omitempty" doc:"Of that list"`
	At        time.Time               `json:"at"`
	ExpiresAt *time.Time              `json:"expires_at" doc:"Absent: never"`
	Text      string                  `json:"text" doc:"The reason, in the reader's language"`
}

// entryFiles describes files of addresses.
func entryFiles(huma.Registry) map[string]*huma.MediaType {
	out := map[string]*huma.MediaType{}
	for _, media := range []string{"text/csv", "text/plain", "application/gzip", "application/octet-stream"} {
		out[media] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	}
	return out
}

func (s *Server) registryRoutes() {
	const one = "/registries/{registry}"
	handle(s, route{
		id: "list-registries", method: http.MethodGet, path: "/registries", tag: "suppressions", scope: access.Read,
		summary: "List the lists of who must not be contacted", about: "Lists that are replaced as a whole: block lists, and public registers such as Não Me Perturbe. By name.",
	}, s.listRegistries)
	handle(s, route{
		id: "create-registry", method: http.MethodPost, path: "/registries", tag: "suppressions", scope: access.Manage, status: http.StatusCreated, conflicts: true,
		summary: "Make a list of who must not be contacted", about: "It bars nobody until entries are uploaded.",
	}, func(ctx context.Context, by access.Principal, in *struct{ Body RegistryInput }) (*body[RegistryView], error) {
		e := audience.RegistryEdit{Name: in.Body.Name, Kind: in.Body.Kind, Holds: in.Body.Holds, Channels: in.Body.Channels}
		if in.Body.ExpiresAt != nil {
			e.Expires = *in.Body.ExpiresAt
		}
		r, err := s.o.Registries.Create(ctx, by.Workspace, e)
		return answer(s.registryView(r)), err
	})
	handle(s, route{
		id: "get-registry", method: http.MethodGet, path: one, tag: "suppressions", scope: access.Read, summary: "Get a list of who must not be contacted",
	}, func(ctx context.Context, by access.Principal, in *RegistryPath) (*body[RegistryView], error) {
		r, err := s.o.Registries.Get(ctx, by.Workspace, in.Registry)
		return answer(s.registryView(r)), err
	})
	handle(s, route{
		id: "delete-registry", method: http.MethodDelete, path: one, tag: "suppressions", scope: access.Manage, status: http.StatusNoContent,
		summary: "Delete a list of who must not be contacted", about: "Who was on it may be contacted again.",
	}, func(ctx context.Context, by access.Principal, in *RegistryPath) (*nothing, error) {
		return nil, s.o.Registries.Delete(ctx, by.Workspace, in.Registry)
	})
	handle(s, route{
		id: "replace-entries", method: http.MethodPut, path: one + "/entries", tag: "suppressions", scope: access.Operate, conflicts: true, bodies: entryFiles,
		summary: "Replace the entries of a list",
		about: "A plain list or CSV with a column of numbers or mailboxes, also compressed with gzip, of up to 4 GiB. The old entries count until this is answered; " +
			"from then on no attempt is placed to anybody on the new ones. Rows that are no addresses are reported and stop no other.",
	}, s.replaceEntries)
	handle(s, route{
		id: "check-suppression", method: http.MethodPost, path: "/suppressions/check", tag: "suppressions", scope: access.Read,
		summary: "Look an address up", about: "Tells everything that is against contacting it: suppressions of its own, and lists it is on.",
	}, s.checkSuppression)
}

func (s *Server) listRegistries(ctx context.Context, by access.Principal, _ *struct{}) (*body[Page[RegistryView]], error) {
	all, err := s.o.Registries.List(ctx, by.Workspace)
	out := Page[RegistryView]{Items: make([]RegistryView, 0, len(all))}
	for _, r := range all {
		out.Items = append(out.Items, s.registryView(r))
	}
	return answer(out), err
}

func (s *Server) replaceEntries(ctx context.Context, by access.Principal, in *struct {
	RegistryPath
	URL      string `query:"url" maxLength:"2000" doc:"Where the file was fetched, for the record"`
	ETag     string `query:"etag" maxLength:"2000" doc:"What its server said, so that it is fetched again only when it has changed"`
	Modified string `query:"modified" maxLength:"2000" doc:"The same, from Last-Modified"`
},
) (*body[EntriesView], error) {
	r, err := s.o.Registries.Get(ctx, by.Workspace, in.Registry)
	if err != nil {
		return nil, err
	}
	w, err := s.o.Access.Workspace(ctx, by.Workspace)
	if err != nil {
		return nil, err
	}
	file := newUpload(of(ctx).body, "application/octet-stream")
	rows, err := newEntries(file, r.Holds, w.Settings.Country)
	if err != nil {
		return nil, file.why(err)
	}
	defer rows.rows.Close() //nolint:errcheck // a temporary file of what has been read
	done, err := s.o.Registries.Replace(ctx, by.Workspace, in.Registry, rows, audience.RegistryOrigin{URL: in.URL, ETag: in.ETag, Modified: in.Modified})
	if err != nil {
		return nil, file.why(err)
	}
	out := EntriesView{Registry: s.registryView(done.Registry), Rows: done.Rows, Problems: []RowFailure{}}
	for _, p := range done.Problems {
		out.Problems = append(out.Problems, RowFailure{Line: p.Line, Code: p.Error.Code, Params: p.Error.Params, Text: locale.Fault(of(ctx).language, p.Error)})
	}
	return answer(out), nil
}

func (s *Server) checkSuppression(ctx context.Context, by access.Principal, in *struct{ Body CheckInput }) (*body[CheckView], error) {
	a, bars, err := s.o.Registries.Check(ctx, by.Workspace, in.Body.Channel, in.Body.Address)
	if err != nil {
		return nil, err
	}
	out := CheckView{Address: string(a), Suppressed: len(bars) > 0, Bars: []BarView{}}
	for _, b := range bars {
		v := BarView{Reason: b.Reason, Channel: b.Channel, Source: b.Source, At: b.At, ExpiresAt: optional(b.Expires), Text: locale.Word(of(ctx).language, "suppression", string(b.Reason))}
		if b.List != nil {
			v.Registry, v.Name = b.List.ID, b.List.Name
		}
		out.Bars = append(out.Bars, v)
	}
	return answer(out), nil
}

// entries are the addresses of an uploaded file.
type entries struct {
	rows *intake.Reader
	rest []channel.Address // further ones of the last row
}

var _ audience.Entries = (*entries)(nil)

// newEntries reads a file, which may be compressed.
func newEntries(file io.Reader, holds audience.Holding, country string) (*entries, error) {
	in := bufio.NewReaderSize(file, 64<<10)
	var text io.Reader = in
	if head, err := in.Peek(2); err == nil && bytes.Equal(head, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, fault.New(fault.Invalid, "file_type_unsupported", fault.Params{"type": "gzip"}).Because(err)
		}
		text = &bounded{z, maxEntriesText}
	}
	rows, err := intake.NewReader(text, intake.Options{Kind: holds.Kinds()[0], Country: country})
	if err != nil {
		return nil, err
	}
	return &entries{rows: rows}, nil
}

// maxEntriesText bounds what a compressed file may grow to.
const maxEntriesText = 16 << 30

// bounded is an io.Reader that fails where io.LimitReader would pretend that the file ended.
type bounded struct {
	in   io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fault.New(fault.Invalid, "body_too_large", fault.Params{"max": int64(maxEntriesText)})
	}
	n, err := b.in.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	if errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = fault.New(fault.Invalid, "file_type_unsupported", fault.Params{"type": "gzip"}).Because(err)
	}
	return n, err
}

// Next gives the next address.
func (e *entries) Next() (channel.Address, *audience.RejectedEntry, error) {
	if len(e.rest) > 0 {
		a := e.rest[0]
		e.rest = e.rest[1:]
		return a, nil, nil
	}
	row, bad, err := e.rows.Read()
	if err != nil {
		if fault.CodeOf(err) == "file_no_rows" { // the service says it better
			err = io.EOF
		}
		return "", nil, err
	}
	if bad != nil {
		return "", &audience.RejectedEntry{Line: bad.Line, Error: bad.Error}, nil
	}
	e.rest = row.Addresses[1:]
	return row.Addresses[0], nil, nil
}
