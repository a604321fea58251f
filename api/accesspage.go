package api

import (
	_ "embed" // the page and its style
	"html/template"
	"net/http"
	"strings"

	"campanario/access"
	"campanario/internal/fault"
	"campanario/internal/locale"
	"campanario/internal/public"
)

//go:embed accesspage.html
var accessSource string

//go:embed accesspage.css
var accessForms string

var accessTemplate = template.Must(template.New("access").Parse(accessSource))

// accessField is one thing that the page asks for.
type accessField struct {
	Name, Label, Type, Fills, Hint, Value string
	Required, Fixed                       bool
}

// accessShown is what the page shows.
type accessShown struct {
	State, Lang, Title, Text string
	Problems                 []string
	Asks                     bool
	Fields                   []accessField
	Words                    accessWords
	Style                    template.CSS
}

// openAccessPage serves what links to come in lead to: a page without script. GET shows what the link is for and uses
// nothing up, because scanners of mail follow every link; POST comes in, or sets the new password.
func (s *Server) openAccessPage() {
	s.mux.HandleFunc("GET "+AccessPath+"{token}", func(w http.ResponseWriter, r *http.Request) {
		purpose, err := s.o.Users.Purpose(r.Context(), r.PathValue("token"))
		s.showAccess(w, r, purpose, err, nil)
	})
	s.mux.HandleFunc("POST "+AccessPath+"{token}", s.postAccess)
}

// longestForm bounds what is read of a POST.
const longestForm = 16 << 10

func (s *Server) postAccess(w http.ResponseWriter, r *http.Request) {
	q, token := of(r.Context()), r.PathValue("token")
	q.operation = "access-page"
	q.cookie = func(c *http.Cookie) { http.SetCookie(w, c) }
	purpose, err := s.o.Users.Purpose(r.Context(), token)
	if limited := s.limit(q); err == nil && limited != nil {
		err = limited
	}
	if foreign := s.origins.Check(r); err == nil && foreign != nil {
		err = fault.New(fault.Denied, "cross_origin", nil).Because(foreign)
	}
	r.Body = http.MaxBytesReader(w, r.Body, longestForm)
	if err == nil && r.ParseForm() != nil {
		err = fault.New(fault.Invalid, "body_invalid", nil)
	}
	if err != nil {
		s.showAccess(w, r, purpose, err, nil)
		return
	}
	f := r.PostForm
	if purpose.Kind == access.ForReset {
		q.principal, err = s.o.Users.Reset(r.Context(), token, f.Get("password"))
	} else {
		var session string
		session, q.principal, err = s.o.Users.Join(r.Context(), token, access.Joining{
			Email: f.Get("email"), Name: f.Get("name"), Password: f.Get("password"), Code: f.Get("code"),
		}, q.visitor, access.Principal{})
		if err == nil {
			s.setSession(q, session)
		}
	}
	switch {
	case err != nil:
		s.showAccess(w, r, purpose, err, f)
		return
	case purpose.Kind == access.ForReset:
		s.showAccess(w, r, access.Purpose{}, nil, nil)
	default:
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
	s.noteAccess(r, purpose)
}

// noteAccess has the audit keep what was done by the page, under the name of the operation that does the same.
func (s *Server) noteAccess(r *http.Request, p access.Purpose) {
	done := route{id: "join", method: http.MethodPost, path: "/links/join"}
	if p.Kind == access.ForReset {
		done = route{id: "reset-password", method: http.MethodPost, path: "/links/reset"}
	}
	_ = s.audit(r.Context(), done, nil, nil) // changes are never refused by it
}

// showAccess shows what a link is for, and what is wrong with what was said; a zero purpose without an error is that a
// new password is set.
func (s *Server) showAccess(w http.ResponseWriter, r *http.Request, p access.Purpose, err error, said map[string][]string) {
	q := of(r.Context())
	q.operation = "access-page"
	l := q.language
	words := accessWordsOf(l)
	v := accessShown{Lang: string(l), Words: words, Style: template.CSS(consentStyle + accessForms)} //nolint:gosec // ours, not a user's
	status := http.StatusOK
	if err != nil {
		problem := s.problem(r.Context(), err)
		status = problem.Status
		for _, f := range problem.Errors {
			v.Problems = append(v.Problems, f.Text)
		}
		problem.headers(w.Header().Set, l)
	}
	switch {
	case p.Kind == "" && err == nil:
		v.State, v.Title, v.Text = pageGiven, words.DoneTitle, words.Done
	case status == http.StatusInternalServerError:
		v.State, v.Title, v.Text, v.Problems = pageFailed, words.FailedTitle, words.Failed, nil
	case fault.Is(err, "link_invalid"):
		v.State, v.Title, v.Text, v.Problems = pageInvalid, words.InvalidTitle, strings.Join(v.Problems, " "), nil
	case p.Kind == "":
		v.State, v.Title, v.Text, v.Problems = pageInvalid, words.FailedTitle, strings.Join(v.Problems, " "), nil
	default:
		v.State, v.Asks = pageAsk, true
		v.ask(p, l, said)
	}
	h := w.Header()
	public.Guard(h, public.Policy(consentStyle+accessForms))
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", v.Lang)
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return
	}
	if err := accessTemplate.Execute(w, v); err != nil {
		s.log.Debug("page_not_written", "error", err) // the reader has gone
	}
}

// ask fills in what the page asks for. What was said before stands there again, but for what is secret.
func (v *accessShown) ask(p access.Purpose, l locale.Language, said map[string][]string) {
	words := v.Words
	again := func(name string) string { return strings.Join(said[name], "") }
	email := accessField{Name: "email", Label: words.Email, Type: "email", Fills: "username", Value: p.Email, Required: true, Fixed: p.Email != ""}
	if p.Email == "" {
		email.Value = again("email")
	}
	name := accessField{Name: "name", Label: words.Name, Type: "text", Fills: "name", Value: again("name")}
	fresh := accessField{Name: "password", Label: words.Password, Type: "password", Fills: "new-password", Hint: words.PasswordHint, Required: true}
	current := accessField{Name: "password", Label: words.Current, Type: "password", Fills: "current-password", Required: true}
	code := accessField{Name: "code", Label: words.Code, Type: "text", Fills: "one-time-code", Hint: words.CodeHint}
	switch {
	case p.Kind == access.ForOwner:
		v.Title, v.Text, v.Fields = words.OwnerTitle, words.Owner, []accessField{email, name, fresh}
	case p.Kind == access.ForReset:
		v.Title, v.Text, v.Fields = words.ResetTitle, words.Reset, []accessField{email, fresh}
	case p.Known:
		v.Title, v.Text, v.Fields = words.InvitationTitle, words.Known, []accessField{email, current, code}
	default:
		v.Title, v.Text, v.Fields = words.InvitationTitle, words.Invitation, []accessField{email, name, fresh}
	}
	v.Text = strings.NewReplacer("{workspace}", p.Workspace, "{role}", locale.Word(l, "role", string(p.Role))).Replace(v.Text)
}
