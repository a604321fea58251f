package email

import (
	"context"
	_ "embed" // the page and its words
	"errors"
	"html/template"
	"log/slog"
	"mime"
	"net/http"
	"strings"
	"time"

	"golang.org/x/text/language"

	"campanario/channel"
	"campanario/internal/public"
)

// OptOutSource says how somebody took themselves off.
type OptOutSource string

// The sources.
const (
	OneClick OptOutSource = "one_click" // the mail program's own button (RFC 8058)
	ByPage   OptOutSource = "page"      // the button of our page
)

// OptOut is that somebody wants no more messages.
type OptOut struct {
	Workspace string
	Channel   channel.Kind
	Address   channel.Address
	Campaign  string
	Recipient string
	Source    OptOutSource
	At        time.Time
}

// OptOuts takes them down. The same one may come again and is no error.
type OptOuts interface {
	OptOut(ctx context.Context, o OptOut) error
}

// UnsubscribeOptions are what the handler needs.
type UnsubscribeOptions struct {
	Links   *Links
	OptOuts OptOuts
	// Sender names the workspace to the person; empty when it has no name for the public. May be nil.
	Sender func(ctx context.Context, workspace string) string
	Log    *slog.Logger     // slog.Default when nil
	Now    func() time.Time // time.Now when nil
}

// Unsubscribe serves links below Path. GET and HEAD show a page with one button and change nothing, because scanners
// of mail follow every link. POST unsubscribes: with List-Unsubscribe=One-Click from a mail program, which sends no
// cookie and shows no page, or from the button. The link itself is the proof of who it is, so neither a session nor a
// token against forgery is needed; it must not stand behind a check of Origin that refuses mail providers.
type Unsubscribe struct {
	o      UnsubscribeOptions
	policy string // Content-Security-Policy
}

// NewUnsubscribe makes the handler.
func NewUnsubscribe(o UnsubscribeOptions) *Unsubscribe {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Unsubscribe{o: o, policy: public.Policy(style)}
}

// ServeHTTP answers one request.
func (u *Unsubscribe) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	public.Guard(h, u.policy)
	token, below := strings.CutPrefix(r.URL.Path, Path)
	target, err := u.o.Links.Parse(token)
	switch {
	case !below || err != nil:
		u.page(w, r, http.StatusNotFound, view{State: stateInvalid})
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		u.page(w, r, http.StatusOK, u.about(r.Context(), target, stateAsk))
	case r.Method == http.MethodPost:
		u.post(w, r, target)
	default:
		h.Set("Allow", "GET, HEAD, POST")
		u.page(w, r, http.StatusMethodNotAllowed, u.about(r.Context(), target, stateAsk))
	}
}

// post takes somebody off.
func (u *Unsubscribe) post(w http.ResponseWriter, r *http.Request, t Target) {
	source, err := sourceOf(w, r)
	if err != nil {
		u.page(w, r, http.StatusBadRequest, u.about(r.Context(), t, stateAsk))
		return
	}
	err = u.o.OptOuts.OptOut(r.Context(), OptOut{
		Workspace: t.Workspace, Channel: t.Channel, Address: t.Address, Campaign: t.Campaign, Recipient: t.Recipient,
		Source: source, At: u.o.Now(),
	})
	if err != nil {
		u.o.Log.Error("opt-out not taken down", "workspace", t.Workspace, "campaign", t.Campaign, "recipient", t.Recipient, "error", err)
		w.Header().Set("Retry-After", "60")
		u.page(w, r, http.StatusServiceUnavailable, u.about(r.Context(), t, stateFailed))
		return
	}
	u.page(w, r, http.StatusOK, u.about(r.Context(), t, stateDone))
}

// longestForm bounds what is read of a POST: both kinds of form are a few bytes.
const longestForm = 4 << 10

var errForm = errors.New("email: neither kind of form")

// sourceOf reads which of the two forms came. Mail programs may send theirs in either encoding (RFC 8058 3.1).
func sourceOf(w http.ResponseWriter, r *http.Request) (OptOutSource, error) {
	r.Body = http.MaxBytesReader(w, r.Body, longestForm)
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var err error
	if kind == "multipart/form-data" {
		err = r.ParseMultipartForm(longestForm)
	} else {
		err = r.ParseForm()
	}
	if err != nil {
		return "", err
	}
	switch {
	case r.PostForm.Get("List-Unsubscribe") == "One-Click":
		return OneClick, nil
	case r.PostForm.Get("confirm") == "yes":
		return ByPage, nil
	default:
		return "", errForm
	}
}

type state string

const (
	stateAsk     state = "ask"
	stateDone    state = "done"
	stateFailed  state = "failed"
	stateInvalid state = "invalid"
)

// view is what the page shows.
type view struct {
	State   state
	Address string // partly hidden: links are forwarded
	Sender  string
	Lang    string
	Words   words
	Style   template.CSS
}

//go:embed unsubscribe.html
var pageSource string

//go:embed unsubscribe.css
var style string

var pageTemplate = template.Must(template.New("page").Parse(pageSource))

func (u *Unsubscribe) about(ctx context.Context, t Target, s state) view {
	v := view{State: s, Address: hidden(string(t.Address))}
	if u.o.Sender != nil {
		v.Sender = u.o.Sender(ctx, t.Workspace)
	}
	return v
}

func (u *Unsubscribe) page(w http.ResponseWriter, r *http.Request, status int, v view) {
	v.Lang, v.Words = wordsFor(r.Header.Get("Accept-Language"))
	v.Style = template.CSS(style) //nolint:gosec // ours, not a user's
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", v.Lang)
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return
	}
	if err := pageTemplate.Execute(w, v); err != nil {
		u.o.Log.Debug("page not written", "error", err) // the reader has gone
	}
}

// hidden shows enough of an address for its owner to know it: m•••@example.com.
func hidden(address string) string {
	local, domain, found := strings.Cut(address, "@")
	if !found {
		// A telephone number: its last digits.
		if r := []rune(address); len(r) > 4 {
			return "•••" + string(r[len(r)-4:])
		}
		return "•••"
	}
	first := ""
	for _, r := range local {
		first = string(r)
		break
	}
	return first + "•••@" + domain
}

// words are the texts of the page in one language.
type words struct {
	Title, Ask, AskFrom, Explain, Button, DoneTitle, Done, FailedTitle, Failed, InvalidTitle, Invalid string
}

var languages = []struct {
	tag   language.Tag
	words words
}{
	{language.BrazilianPortuguese, words{
		Title:        "Parar de receber mensagens",
		Ask:          "Deseja parar de receber nossas mensagens em",
		AskFrom:      "Deseja parar de receber as mensagens de %s em",
		Explain:      "Nada muda até você apertar o botão. Depois disso, não enviaremos mais mensagens de campanhas para este endereço.",
		Button:       "Não quero mais receber",
		DoneTitle:    "Pronto",
		Done:         "Este endereço não receberá mais mensagens de campanhas. Uma mensagem que já estava a caminho ainda pode chegar.",
		FailedTitle:  "Não conseguimos registrar seu pedido",
		Failed:       "O erro é nosso, e nada mudou ainda. Por favor, tente de novo em alguns minutos.",
		InvalidTitle: "Este link não é válido", Invalid: "Ele pode ter sido cortado pelo programa de e-mail. " +
			"Abra a mensagem de novo e use o link inteiro, ou responda à mensagem pedindo para sair.",
	}},
	{language.Spanish, words{
		Title:        "Dejar de recibir mensajes",
		Ask:          "¿Desea dejar de recibir nuestros mensajes en",
		AskFrom:      "¿Desea dejar de recibir los mensajes de %s en",
		Explain:      "Nada cambia hasta que pulse el botón. Después, no enviaremos más mensajes de campañas a esta dirección.",
		Button:       "No quiero recibir más",
		DoneTitle:    "Listo",
		Done:         "Esta dirección no recibirá más mensajes de campañas. Un mensaje que ya estaba en camino todavía puede llegar.",
		FailedTitle:  "No pudimos registrar su pedido",
		Failed:       "El error es nuestro y nada ha cambiado todavía. Por favor, inténtelo de nuevo en unos minutos.",
		InvalidTitle: "Este enlace no es válido", Invalid: "Es posible que el programa de correo lo haya cortado. " +
			"Abra el mensaje de nuevo y use el enlace completo, o responda al mensaje pidiendo la baja.",
	}},
	{language.English, words{
		Title:        "Stop receiving messages",
		Ask:          "Do you want to stop receiving our messages at",
		AskFrom:      "Do you want to stop receiving messages from %s at",
		Explain:      "Nothing changes until you press the button. After that we will send no more campaign messages to this address.",
		Button:       "Unsubscribe",
		DoneTitle:    "Done",
		Done:         "This address will receive no more campaign messages. One that was already on its way may still arrive.",
		FailedTitle:  "We could not record your request",
		Failed:       "The error is ours, and nothing has changed yet. Please try again in a few minutes.",
		InvalidTitle: "This link is not valid", Invalid: "Your mail program may have cut it short. " +
			"Open the message again and use the whole link, or reply to the message and ask to be removed.",
	}},
}

// wordsFor chooses by Accept-Language (RFC 9110 12.5.4); Portuguese when nothing fits.
func wordsFor(accept string) (string, words) {
	if len(accept) > 500 {
		accept = ""
	}
	tags := make([]language.Tag, len(languages))
	for i, l := range languages {
		tags[i] = l.tag
	}
	want, _, _ := language.ParseAcceptLanguage(accept) // what cannot be read asks for nothing
	_, i, _ := language.NewMatcher(tags).Match(want...)
	return tags[i].String(), languages[i].words
}
