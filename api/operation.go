package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"campanario/access"
	"campanario/schedule"
)

// route describes an operation. Its id never changes: the CLI and other clients are made from it.
type route struct {
	id      string
	method  string
	path    string // below Prefix
	tag     string
	summary string
	about   string
	scope   access.Scope
	status  int // 200 when 0
	// repeats tells that it takes an Idempotency-Key.
	repeats bool
	// revised tells that it takes If-Match.
	revised bool
	// conflicts tells that it can be refused because of how things are.
	conflicts bool
	// audited tells that the audit keeps it though it only looks.
	audited bool
	// looks tells that it changes nothing, though its method and its scope are those of what does.
	looks bool
	// misses tells that it can be about something that is not there though its path names nothing.
	misses bool
	// bodies are the types of a body that the handler reads itself.
	bodies func(huma.Registry) map[string]*huma.MediaType
	// answers is the content type of an answer that is not application/json.
	answers string
	// events are what an event stream consists of: the data of each by its name.
	events map[string]reflect.Type
}

// Keys of an operation's metadata.
const (
	metaScope   = "scope"
	metaRepeats = "repeats"
	metaStreams = "streams"
	metaAudited = "audited"
)

// tags in the order of the document.
var tags = []*huma.Tag{
	{Name: "campaigns", Description: "Campaigns: set up, start, watch"},
	{Name: "recipients", Description: "The people in a campaign, and what happened to each"},
	{Name: "contacts", Description: "The people that the workspace knows"},
	{Name: "audiences", Description: "Saved lists of contacts, and the filters that make them"},
	{Name: "imports", Description: "Files of contacts: looked at, tried, brought in, taken back"},
	{Name: "suppressions", Description: "Who must not be contacted"},
	{Name: "lines", Description: "Where contacts come from: telephone trunks, mailboxes"},
	{Name: "agents", Description: "Who speaks in calls"},
	{Name: "templates", Description: "Messages that campaigns begin with"},
	{Name: "sandbox", Description: "The fake outside world that comes with the program"},
	{Name: "workspace", Description: "The workspace and its keys"},
	{Name: "access", Description: "Who may use it: signing in, oneself, the people of the workspace"},
}

// config is huma with everything switched off that this API does not want.
func (s *Server) config() huma.Config {
	c := huma.DefaultConfig("Campanário", s.o.Version)
	c.Info.Description = "Outbound campaigns by telephone and e-mail. Refusals are application/problem+json with a stable code; " +
		"lists go on with next_cursor, however few items a page has; instants are RFC 3339 in UTC; measured lengths of time are milliseconds, those that people set are texts such as \"30s\"."
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", "" // the document is finished and served by us
	c.CreateHooks = nil                                   // no $schema in answers
	c.RejectUnknownQueryParameters = true
	c.Formats = map[string]huma.Format{"application/json": jsonFormat, "json": jsonFormat}
	c.DefaultFormat = "application/json"
	c.Transformers = []huma.Transformer{s.transform}
	c.Servers = []*huma.Server{{URL: "/", Description: "This server"}}
	c.Tags = tags
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"key":     {Type: "http", Scheme: "bearer", BearerFormat: "cmp_…", Description: "An API key of the workspace"},
		"session": {Type: "apiKey", In: "cookie", Name: s.cookieName(), Description: "A person's session: see sign-in"},
	}
	c.Security = []map[string][]string{{"key": {}}, {"session": {}}}
	c.Components.Schemas.RegisterTypeAlias(reflect.TypeFor[schedule.Window](), reflect.TypeFor[Window]())
	return c
}

// unstorable is how the format tells that a text holds what no database takes.
const unstorable = "api: a text holds a zero byte"

// jsonFormat is JSON for bodies and answers. An answer that cannot be written has lost its reader: that is no error.
var jsonFormat = huma.Format{
	Marshal: func(w io.Writer, v any) error {
		var b strings.Builder
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(v); err != nil {
			return err
		}
		_, _ = io.WriteString(w, b.String())
		return nil
	},
	Unmarshal: func(data []byte, v any) error {
		if err := json.Unmarshal(data, v); err != nil {
			return err
		}
		if tree, ok := v.(*any); ok && !storable(*tree) {
			return errors.New(unstorable)
		}
		return nil
	},
}

// storable reports whether every text in a document can be stored.
func storable(v any) bool {
	switch v := v.(type) {
	case string:
		return speakable(v)
	case []any:
		return !slices.ContainsFunc(v, func(e any) bool { return !storable(e) })
	case map[string]any:
		for k, e := range v {
			if !speakable(k) || !storable(e) {
				return false
			}
		}
	}
	return true
}

// handle registers an operation: the handler is given who asks, and its errors become problems.
func handle[I, O any](s *Server, r route, h func(ctx context.Context, by access.Principal, in *I) (*O, error)) {
	op := huma.Operation{
		OperationID: r.id, Method: r.method, Path: Prefix + r.path, Tags: []string{r.tag}, Summary: r.summary, Description: r.about,
		DefaultStatus: r.status, MaxBodyBytes: -1, BodyReadTimeout: -1,
		Metadata:   map[string]any{metaScope: r.scope, metaRepeats: r.repeats, metaStreams: r.bodies != nil, metaAudited: r.changes()},
		Extensions: map[string]any{"x-scope": string(r.scope)},
		Responses:  map[string]*huma.Response{},
	}
	if r.repeats {
		op.Parameters = append(op.Parameters, &huma.Param{
			Name: "Idempotency-Key", In: "header", Schema: &huma.Schema{Type: "string"},
			Description: "The same request with the same key is done once; up to 200 signs, kept for 24 hours",
		})
	}
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		q := of(ctx)
		var before any
		if r.changes() && r.method != http.MethodGet {
			before = s.look(ctx, q.subject(r))
		}
		out, err := h(ctx, q.principal, in)
		if r.changes() {
			err = s.audited(ctx, r, before, out, err)
		}
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		return out, nil
	})
	s.document(r)
}

// operationOf finds what was registered.
func (s *Server) operationOf(r route) *huma.Operation {
	item := s.api.OpenAPI().Paths[Prefix+r.path]
	switch r.method {
	case http.MethodGet:
		return item.Get
	case http.MethodPost:
		return item.Post
	case http.MethodPut:
		return item.Put
	case http.MethodPatch:
		return item.Patch
	case http.MethodDelete:
		return item.Delete
	default:
		panic("api: " + r.method + " is not for operations")
	}
}

// document adds to an operation the body of a stream, and the refusals it can meet.
func (s *Server) document(r route) {
	op := s.operationOf(r)
	if r.bodies != nil { // after Register: before it, huma would read it all into memory
		op.RequestBody = &huma.RequestBody{Required: true, Content: r.bodies(s.api.OpenAPI().Components.Schemas)}
	}
	if r.answers != "" {
		s.documentAnswer(r, op.Responses[strconv.Itoa(http.StatusOK)])
	}
	if b := op.RequestBody; b != nil && r.method == http.MethodPatch {
		b.Content["application/merge-patch+json"] = b.Content["application/json"]
	}
	switch r.scope {
	case access.Open:
		op.Security = []map[string][]string{}
	case access.Personal:
		op.Security = []map[string][]string{{"session": {}}}
	default:
	}
	status := []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable}
	if strings.Contains(r.path, "{") || r.misses {
		status = append(status, http.StatusNotFound)
	}
	if op.RequestBody != nil {
		status = append(status, http.StatusBadRequest, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	if r.revised {
		status = append(status, http.StatusPreconditionFailed)
	}
	if r.conflicts || r.repeats {
		status = append(status, http.StatusConflict)
	}
	for _, code := range status {
		op.Responses[strconv.Itoa(code)] = &huma.Response{Ref: s.refusal(code)}
	}
	delete(op.Responses, "default")
}

// refusal names the description of a refusal with the status, which all operations share.
func (s *Server) refusal(status int) string {
	c := s.api.OpenAPI().Components
	if c.Responses == nil {
		c.Responses = map[string]*huma.Response{}
	}
	name := strings.ReplaceAll(http.StatusText(status), " ", "")
	if c.Responses[name] == nil {
		c.Responses[name] = &huma.Response{
			Description: http.StatusText(status),
			Content: map[string]*huma.MediaType{
				"application/problem+json": {Schema: c.Schemas.Schema(reflect.TypeFor[Problem](), true, "")},
			},
		}
	}
	return "#/components/responses/" + name
}

// documentAnswer describes an answer that is written while it is read.
func (s *Server) documentAnswer(r route, to *huma.Response) {
	media := &huma.MediaType{Schema: &huma.Schema{Type: "string"}}
	if len(r.events) > 0 { // OpenAPI has no words for it
		events := map[string]*huma.Schema{}
		for name, t := range r.events {
			events[name] = s.api.OpenAPI().Components.Schemas.Schema(t, true, "")
		}
		media.Extensions = map[string]any{"x-events": events}
	}
	to.Content = map[string]*huma.MediaType{r.answers: media}
}

// finishDocument gives the OpenAPI document as it is served and published.
func (s *Server) finishDocument() ([]byte, error) {
	schemas := s.api.OpenAPI().Components.Schemas.Map()
	delete(schemas, "ErrorModel") // huma's own, which no answer has
	delete(schemas, "ErrorDetail")
	b, err := json.MarshalIndent(s.api.OpenAPI(), "", "  ")
	return append(b, '\n'), err
}

func unwrap(ctx huma.Context) (*http.Request, http.ResponseWriter) { return humago.Unwrap(ctx) }
