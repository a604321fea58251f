package access

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"golang.org/x/crypto/argon2"

	"campanario/internal/fault"
	"campanario/internal/fold"
)

// Bounds of passwords, in characters. What is longer than anybody types only costs time.
const (
	MinPassword = 10
	MaxPassword = 200
)

// hashMemory is what a hash takes, in KiB: with two passes about 20 ms of one core (OWASP's first choice).
const hashMemory = 19 * 1024

// hasher makes and compares hashes, few at a time: each takes a core and 19 MiB, and those who sign in must not take the
// machine from the calls.
type hasher struct {
	cost  *argon2id.Params
	turns chan struct{} // those who hash
	queue chan struct{} // those who hash or wait for it
}

// mostWaiting is how many may wait for their turn: at 20 ms each, the last of them two seconds on one core.
const mostWaiting = 100

func newHasher(memory uint32) *hasher {
	if memory == 0 {
		memory = hashMemory
	}
	turns := max(1, runtime.GOMAXPROCS(0)/2)
	cost := &argon2id.Params{Memory: memory, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}
	return &hasher{cost: cost, turns: make(chan struct{}, turns), queue: make(chan struct{}, turns+mostWaiting)}
}

// turn waits for a turn; sign_in_busy when too many wait already.
func (h *hasher) turn(ctx context.Context) (done func(), err error) {
	select {
	case h.queue <- struct{}{}:
	default:
		return nil, fault.New(fault.Unavailable, "sign_in_busy", nil)
	}
	select {
	case h.turns <- struct{}{}:
		return func() { <-h.turns; <-h.queue }, nil
	case <-ctx.Done():
		<-h.queue
		return nil, ctx.Err()
	}
}

func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	done, err := h.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	return argon2id.CreateHash(password, h.cost)
}

// nobody is what a password is compared with when there is none: that takes as long as with one. Nobody knows a password
// for it.
func (h *hasher) nobody() string {
	const salt, key = "Y2FtcGFuYXJpby1lbXB0eQ", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI"
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.cost.Memory, h.cost.Iterations, h.cost.Parallelism, salt, key)
}

// proves reports whether the password is the one of the hash. It takes the same time when there is no hash.
func (h *hasher) proves(ctx context.Context, password, hash string) (bool, error) {
	done, err := h.turn(ctx)
	if err != nil {
		return false, err
	}
	defer done()
	known := hash != ""
	if !known {
		hash = h.nobody()
	}
	if utf8.RuneCountInString(password) > MaxPassword {
		password, known = "", false
	}
	match, err := argon2id.ComparePasswordAndHash(password, hash)
	return match && known, err
}

// checkPassword refuses passwords that are tried first by whoever guesses: the short ones, those made of a common word,
// of a row of keys, of one sign again and again, or of the person's own name or address.
func checkPassword(password string, u User) fault.List {
	wrong := func(e *fault.Error) fault.List { return fault.List{e.At("password")} }
	switch n := utf8.RuneCountInString(password); {
	case !utf8.ValidString(password):
		return wrong(fault.New(fault.Invalid, "text_invalid", nil))
	case n < MinPassword:
		return wrong(fault.New(fault.Invalid, "password_short", fault.Params{"min": MinPassword}))
	case n > MaxPassword:
		return wrong(fault.New(fault.Invalid, "too_long", fault.Params{"max": MaxPassword}))
	case guessable(password, u):
		return wrong(fault.New(fault.Invalid, "password_common", nil))
	}
	return nil
}

// leastSurprise is how many different signs must be left of a password that nobody can foresee.
const leastSurprise = 5

// guessable reports whether little is left of a password when what everybody thinks of is taken away.
func guessable(password string, u User) bool {
	box, host, _ := strings.Cut(fold.Key(u.Email), "@")
	own := strings.FieldsFunc(fold.Key(u.Name)+" "+box+" "+host, func(r rune) bool { return !unicode.IsLetter(r) })
	words := append(own, commonWords()...)
	plain := fold.Key(password)
	return min(surprises(without(plain, words, strings.Clone)), surprises(without(unleet(plain), words, unleet))) < leastSurprise
}

// without takes words out of a text; as says how they are written there.
func without(text string, words []string, as func(string) string) string {
	for _, w := range words {
		if len(w) >= 3 {
			text = strings.ReplaceAll(text, as(w), " ")
		}
	}
	return text
}

// surprises counts the different signs of a text that do not follow from the one before: by repetition, or in the order
// of the alphabet or of numbers.
func surprises(text string) int {
	seen := map[rune]bool{}
	var before rune
	for _, r := range text {
		if step := r - before; r != ' ' && (step < -1 || step > 1) {
			seen[r] = true
		}
		before = r
	}
	return len(seen)
}

// unleet takes back what people put for letters.
func unleet(s string) string {
	return strings.NewReplacer("@", "a", "4", "a", "3", "e", "1", "i", "!", "i", "0", "o", "$", "s", "5", "s", "7", "t").Replace(s)
}

// commonWords are what passwords are made of most often in our languages, longest first where one is part of another.
func commonWords() []string {
	return strings.Fields(`
campanario administrador administrator admin contrasena password passwort passwd senha clave segredo secreto secret
welcome bemvindo bienvenido mudar trocar cambiar changeme teste test prueba usuario user master mestre root
qwertyuiop asdfghjkl zxcvbnm qwerty asdfgh zxcvbn qazwsx 1q2w3e4r 1qaz2wsx
brasil brazil mexico colombia argentina chile peru saopaulo rio flamengo corinthians palmeiras santos vasco gremio
cruzeiro futbol futebol football amor love iloveyou teamo deus jesus cristo familia princesa estrela estrella
janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro verao inverno
enero febrero marzo mayo junio julio septiembre octubre noviembre diciembre verano invierno
january february march april june july august september october november december summer winter spring autumn
monday sunday letmein dragon monkey sunshine superman batman empresa company callcenter telefone telefono
`)
}
