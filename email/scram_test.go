package email

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"campanario/channel"
)

// scramServer is the far end of SCRAM-SHA-256 (RFC 5802, RFC 7677), as much as a test needs. It says a wrong signature
// when it lies about knowing the password.
type scramServer struct {
	mu       sync.Mutex
	password string
	lie      bool
	step     int
	bare     string // client-first-message-bare
	first    string // server-first-message
}

func (s *scramServer) answer(n int, verb, line string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case verb == "EHLO":
		return "250-far\r\n250-PIPELINING\r\n250 AUTH PLAIN SCRAM-SHA-256 LOGIN"
	case verb == "AUTH":
		s.step = 1
		return "334 "
	case s.step == 1:
		b, _ := base64.StdEncoding.DecodeString(line)
		s.bare = strings.TrimPrefix(string(b), "n,,")
		_, nonce, _ := strings.Cut(s.bare, ",r=")
		s.first = "r=" + nonce + "server,s=" + base64.StdEncoding.EncodeToString([]byte("salt")) + ",i=4096"
		s.step = 2
		return "334 " + base64.StdEncoding.EncodeToString([]byte(s.first))
	case s.step == 2:
		return s.final(line)
	case s.step == 3 && line == "*": // the client did not believe us
		s.step = 0
		return "501 5.0.0 cancelled"
	case s.step == 3:
		s.step = 0
		return "235 2.7.0 welcome"
	default:
		return honest(n, verb, line)
	}
}

func (s *scramServer) final(line string) string {
	b, _ := base64.StdEncoding.DecodeString(line)
	without, proof, _ := strings.Cut(string(b), ",p=")
	salted, err := pbkdf2.Key(sha256.New, s.password, []byte("salt"), 4096, sha256.Size)
	if err != nil {
		return "454 4.7.0 " + err.Error()
	}
	auth := s.bare + "," + s.first + "," + without
	clientKey := sum(salted, "Client Key")
	stored := sha256.Sum256(clientKey)
	signature := sum(stored[:], auth)
	for i := range signature {
		signature[i] ^= clientKey[i]
	}
	if proof != base64.StdEncoding.EncodeToString(signature) {
		s.step = 0
		return "535 5.7.8 no"
	}
	s.step = 3
	server := sum(sum(salted, "Server Key"), auth)
	if s.lie {
		server[0] ^= 1
	}
	return "334 " + base64.StdEncoding.EncodeToString([]byte("v="+base64.StdEncoding.EncodeToString(server)))
}

func sum(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

// TestSCRAM is the best that a server without TLS can offer: no password crosses the wire, and a server that does not
// know it is found out.
func TestSCRAM(t *testing.T) {
	for _, tt := range []struct {
		name, password string
		lie            bool
		want           string
	}{
		{"right", "pencil", false, "sent 250 2.0.0"},
		{"wrong password", "pen", false, "line_failed smtp_auth_refused 535 5.7.8"},
		{"wrong server", "pencil", true, "line_failed smtp_auth_unsupported auth"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &scramServer{password: tt.password, lie: tt.lie}
			bubble(t, s.answer, func(t *testing.T, f *farEnd, a *Adapter) {
				l := line(far, clear+`,"username":"user","password":"pencil"`)
				got := place(t, a, order(l, "maria@example.net", 1)).wait()
				if brief(got) != tt.want {
					t.Errorf("%s (%s), want %s", brief(got), got.ProviderText, tt.want)
				}
				synctest.Wait()
				heard := strings.Join(f.heard(), "\n")
				if strings.Contains(heard, "pencil") || strings.Contains(heard, base64.StdEncoding.EncodeToString([]byte("pencil"))) {
					t.Errorf("the password crossed the wire:\n%s", heard)
				}
				if strings.Contains(tt.want, "refused") {
					_, err := a.Place(t.Context(), order(l, "maria@example.net", 2), newReport(t))
					if no, ok := err.(*channel.NotPlaced); !ok || no.Outcome.RetryAfter != signInPause { //nolint:errorlint // the contract is this type
						t.Errorf("a wrong password is tried again: %v", err)
					}
				}
				if tt.want[:4] != "sent" && (got.Code != channel.LineFailed || len(f.taken()) > 0) {
					t.Error("sent all the same")
				}
			})
		})
	}
}
