package api

import (
	"context"
	_ "embed" // the page and its style
	"html/template"
	"log/slog"
	"net"
	"net/http"
	"strings"

	"campanario/audience"
	"campanario/channel"
	"campanario/internal/fault"
	"campanario/internal/locale"
	"campanario/internal/public"
	"campanario/rules"
)

// ConsentPageOptions are what NewConsentPage needs.
type ConsentPageOptions struct {
	Links    *audience.Invitations
	Consents *audience.Consents
	// Sender names the workspace to the person; empty when it has no name for the public. May be nil.
	Sender func(ctx context.Context, workspace string) string
	Log    *slog.Logger // nothing when nil
}

// ConsentPage serves links below audience.InvitationPath. GET and HEAD show a page with buttons and change nothing,
// because scanners of mail follow every link; POST takes an answer down, with what was shown as its proof. The link itself
// is the proof of who it is, so neither a session nor a token against forgery is needed. There is no script.
type ConsentPage struct {
	o      ConsentPageOptions
	policy string // Content-Security-Policy
}

// NewConsentPage makes the handler.
func NewConsentPage(o ConsentPageOptions) *ConsentPage {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Sender == nil {
		o.Sender = func(context.Context, string) string { return "" }
	}
	return &ConsentPage{o: o, policy: public.Policy(consentStyle)}
}

//go:embed consentpage.html
var consentSource string

//go:embed consentpage.css
var consentStyle string

var consentTemplate = template.Must(template.New("consent").Parse(consentSource))

// States of the page, which are its classes of style too.
const (
	pageAsk       = "ask"
	pageGiven     = "given"
	pageWithdrawn = "withdrawn"
	pageFailed    = "failed"
	pageInvalid   = "invalid"
)

// consentShown is what the page shows.
type consentShown struct {
	State, Lang, Title, Text string
	Asks                     bool
	Words                    consentWords
	Style                    template.CSS
}

// ServeHTTP answers one request.
func (p *ConsentPage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	public.Guard(h, p.policy)
	token, below := strings.CutPrefix(r.URL.Path, audience.InvitationPath)
	i, err := p.o.Links.Parse(token)
	switch {
	case !below || err != nil:
		p.show(w, r, http.StatusNotFound, audience.Invitation{}, pageInvalid)
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		p.get(w, r, i)
	case r.Method == http.MethodPost:
		p.post(w, r, i)
	default:
		h.Set("Allow", "GET, HEAD, POST")
		p.show(w, r, http.StatusMethodNotAllowed, i, pageAsk)
	}
}

// get shows how things are.
func (p *ConsentPage) get(w http.ResponseWriter, r *http.Request, i audience.Invitation) {
	history, err := p.o.Consents.Current(r.Context(), i.Workspace, i.Contact)
	switch {
	case err != nil && fault.KindOf(err) == fault.NotFound: // the contact was deleted
		p.show(w, r, http.StatusNotFound, i, pageInvalid)
		return
	case err != nil:
		p.failed(w, r, i, err)
		return
	}
	p.show(w, r, http.StatusOK, i, stateOf(history, i))
}

// stateOf is how things are for what an invitation asks for. Of all channels one stands for the others: they are answered
// together here.
func stateOf(history []audience.Consent, i audience.Invitation) string {
	k := i.Channel
	if k == "" {
		k = channel.Voice
	}
	switch audience.AnswerOf(history, "", k, i.Line, rules.OnChannel) {
	case audience.Agreed:
		return pageGiven
	case audience.Withdrew:
		return pageWithdrawn
	case audience.NeverAsked:
	}
	return pageAsk
}

// longestAnswer bounds what is read of a POST.
const longestAnswer = 4 << 10

// post takes an answer down.
func (p *ConsentPage) post(w http.ResponseWriter, r *http.Request, i audience.Invitation) {
	r.Body = http.MaxBytesReader(w, r.Body, longestAnswer)
	said := ""
	if r.ParseForm() == nil {
		said = r.PostForm.Get("answer")
	}
	if said != "yes" && said != "no" {
		p.show(w, r, http.StatusBadRequest, i, pageAsk)
		return
	}
	l := locale.Match(r.Header.Get("Accept-Language"))
	ip, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		ip = r.RemoteAddr
	}
	x := audience.Consenting{
		Channel: i.Channel, Line: i.Line, Given: said == "yes", Source: audience.FromForm,
		Proof: audience.ProofOf(map[string]string{
			"page": "consent", "shown": p.text(r, i, l), "answer": said, "language": string(l), "address": ip, "browser": clipped(r.UserAgent()),
		}),
	}
	state := pageWithdrawn
	if x.Given {
		state = pageGiven
	}
	_, err = p.o.Consents.Record(r.Context(), i.Workspace, i.Contact, x)
	switch {
	case err != nil && fault.KindOf(err) == fault.NotFound:
		p.show(w, r, http.StatusNotFound, i, pageInvalid)
	case err != nil:
		p.failed(w, r, i, err)
	default:
		p.show(w, r, http.StatusOK, i, state)
	}
}

func (p *ConsentPage) failed(w http.ResponseWriter, r *http.Request, i audience.Invitation, err error) {
	p.o.Log.Error("consent_page_failed", "workspace", i.Workspace, "contact", i.Contact, "error", err)
	w.Header().Set("Retry-After", "60")
	p.show(w, r, http.StatusServiceUnavailable, i, pageFailed)
}

// clipped bounds what a browser says of itself.
func clipped(s string) string {
	const most = 300
	if len(s) > most {
		s = s[:most]
	}
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "?")
}

// text is what the person is asked.
func (p *ConsentPage) text(r *http.Request, i audience.Invitation, l locale.Language) string {
	words := consentWordsOf(l)
	kind := words.AnyChannel
	if i.Channel != "" {
		kind = locale.Word(l, "channel", string(i.Channel))
	}
	from := words.Us
	if name := p.o.Sender(r.Context(), i.Workspace); name != "" {
		from = name
	}
	return strings.NewReplacer("{from}", from, "{channel}", kind).Replace(words.Ask)
}

func (p *ConsentPage) show(w http.ResponseWriter, r *http.Request, status int, i audience.Invitation, state string) {
	l := locale.Match(r.Header.Get("Accept-Language"))
	words := consentWordsOf(l)
	v := consentShown{State: state, Lang: string(l), Words: words, Style: template.CSS(consentStyle), Asks: true} //nolint:gosec // ours, not a user's
	switch state {
	case pageGiven:
		v.Title, v.Text = words.GivenTitle, words.Given
	case pageWithdrawn:
		v.Title, v.Text = words.WithdrawnTitle, words.Withdrawn
	case pageFailed:
		v.Title, v.Text = words.FailedTitle, words.Failed
	case pageInvalid:
		v.Title, v.Text, v.Asks = words.InvalidTitle, words.Invalid, false
	default:
		v.Title, v.Text = words.Title, p.text(r, i, l)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", v.Lang)
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return
	}
	if err := consentTemplate.Execute(w, v); err != nil {
		p.o.Log.Debug("page_not_written", "error", err) // the reader has gone
	}
}
