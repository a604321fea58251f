package email

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"maps"
	"net"
	"slices"
	"strings"
	"time"

	"campanario/internal/fault"
)

// Security says how the connection is protected.
type Security string

// The kinds of security.
const (
	StartTLS      Security = "starttls"      // STARTTLS or nothing is sent; the default
	Opportunistic Security = "opportunistic" // STARTTLS when the server offers it
	Implicit      Security = "implicit"      // TLS from the first byte (RFC 8314), usually on port 465
	NoTLS         Security = "none"          // in clear: for a server on the same machine or a trusted network
)

// Mechanism is how a line signs in.
type Mechanism string

// The mechanisms. AuthAuto takes the best that the server offers; PLAIN and LOGIN only over TLS or to this machine.
const (
	AuthAuto        Mechanism = "auto"
	AuthPlain       Mechanism = "plain"
	AuthLogin       Mechanism = "login"
	AuthCRAMMD5     Mechanism = "cram-md5"
	AuthSCRAMSHA1   Mechanism = "scram-sha-1"
	AuthSCRAMSHA256 Mechanism = "scram-sha-256"
)

// Settings are those of a line, as people write them. What is left out has its default.
type Settings struct {
	Host          string   `json:"host"`
	Port          int      `json:"port"` // 587; 465 with implicit TLS, 25 without TLS
	TLS           Security `json:"tls"`
	TLSVerify     bool     `json:"tls_verify"`     // true; false trusts any certificate
	CACertificate string   `json:"ca_certificate"` // PEM, trusted besides the system's

	Username string    `json:"username"` // empty: no sign-in
	Password string    `json:"password"`
	Auth     Mechanism `json:"auth"`
	HELO     string    `json:"helo"` // this machine's name towards the server; its host name, or its address

	FromName       string `json:"from_name"`       // shown beside the line's address when the message names nobody
	ReplyTo        string `json:"reply_to"`        // when the message has none
	EnvelopeSender string `json:"envelope_sender"` // where bounces go; the line's address
	ListID         string `json:"list_id"`         // RFC 2919, such as news.example.com

	MaxPerConnection int      `json:"max_per_connection"` // messages before a connection is renewed; 500
	IdleSeconds      int      `json:"idle_seconds"`       // 30
	Timeouts         Timeouts `json:"timeouts"`

	DKIMDomain     string `json:"dkim_domain"` // the domain of the line's address
	DKIMSelector   string `json:"dkim_selector"`
	DKIMPrivateKey string `json:"dkim_private_key"` // PEM, RSA or Ed25519; without it messages are not signed here
}

// Timeouts bound each stage, in seconds. Before the final dot giving up costs a retry and nothing else, so those are
// shorter than RFC 5321 4.5.3.2 has them; after it giving up makes an unknown, so that one is the RFC's.
type Timeouts struct {
	Connect int `json:"connect_seconds"` // 15, for TCP and for TLS
	Command int `json:"command_seconds"` // 60, for the greeting and each reply before the message
	Data    int `json:"data_seconds"`    // 180, for writing the message
	End     int `json:"end_seconds"`     // 600, for the reply to the final dot
}

// secrets are the settings that are never shown again.
var secrets = []string{"password", "dkim_private_key"}

// config is what a pool works with: settings read, checked and made ready.
type config struct {
	Settings
	timeouts stageTimeouts
	idle     time.Duration
	tls      *tls.Config
	dkim     crypto.Signer // nil: not signed
}

type stageTimeouts struct{ connect, command, data, end time.Duration }

// readSettings gives the settings with their defaults, or a fault.List of everything that is wrong.
func readSettings(raw json.RawMessage, roots *x509.CertPool) (*config, error) {
	s := Settings{
		TLS: StartTLS, TLSVerify: true, Auth: AuthAuto, MaxPerConnection: 500, IdleSeconds: 30,
		Timeouts: Timeouts{Connect: 15, Command: 60, Data: 180, End: 600},
	}
	bad := s.decode(raw)
	if len(bad) == 1 && bad[0].Field == "" {
		return nil, bad.Err() // no settings at all: nothing more can be said
	}
	if s.Port == 0 {
		s.Port = map[Security]int{Implicit: 465, NoTLS: 25}[s.TLS]
		if s.Port == 0 {
			s.Port = 587
		}
	}
	c := &config{Settings: s}
	// A field that could not be read is told once, not again as missing.
	told := map[string]bool{}
	for _, b := range bad {
		told[b.Field] = true
	}
	for _, b := range c.check(roots) {
		if !told[b.Field] {
			bad = append(bad, b)
		}
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	c.timeouts = stageTimeouts{
		connect: seconds(s.Timeouts.Connect), command: seconds(s.Timeouts.Command),
		data: seconds(s.Timeouts.Data), end: seconds(s.Timeouts.End),
	}
	c.idle = seconds(s.IdleSeconds)
	return c, nil
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

// decode reads every known key into s and refuses the others.
func (s *Settings) decode(raw json.RawMessage) fault.List {
	if len(bytes.TrimSpace(raw)) == 0 {
		raw = json.RawMessage("{}")
	}
	t := &s.Timeouts
	return decodeObject("", raw, map[string]any{
		"host": &s.Host, "port": &s.Port, "tls": &s.TLS, "tls_verify": &s.TLSVerify, "ca_certificate": &s.CACertificate,
		"username": &s.Username, "password": &s.Password, "auth": &s.Auth, "helo": &s.HELO,
		"from_name": &s.FromName, "reply_to": &s.ReplyTo, "envelope_sender": &s.EnvelopeSender, "list_id": &s.ListID,
		"max_per_connection": &s.MaxPerConnection, "idle_seconds": &s.IdleSeconds,
		"timeouts": map[string]any{
			"connect_seconds": &t.Connect, "command_seconds": &t.Command, "data_seconds": &t.Data, "end_seconds": &t.End,
		},
		"dkim_domain": &s.DKIMDomain, "dkim_selector": &s.DKIMSelector, "dkim_private_key": &s.DKIMPrivateKey,
	})
}

// decodeObject reads the members of a JSON object into pointers by key; a map instead of a pointer is an object within.
func decodeObject(path string, raw json.RawMessage, into map[string]any) fault.List {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil || members == nil {
		return fault.List{invalid(strings.TrimSuffix(path, "."), "type_wrong", fault.Params{"want": "object"})}
	}
	var bad fault.List
	for _, key := range slices.Sorted(maps.Keys(members)) {
		field := path + clip(key)
		switch to := into[key].(type) {
		case nil:
			bad = append(bad, invalid(field, "unknown_key", fault.Params{"key": clip(key)}))
		case map[string]any:
			bad = append(bad, decodeObject(field+".", members[key], to)...)
		default:
			if bytes.Equal(members[key], []byte("null")) || json.Unmarshal(members[key], to) != nil {
				bad = append(bad, invalid(field, "type_wrong", fault.Params{"want": wanted(to)}))
			}
		}
	}
	return bad
}

func wanted(to any) string {
	switch to.(type) {
	case *int:
		return "integer"
	case *bool:
		return "boolean"
	default:
		return "text"
	}
}

// check gives everything that is wrong with settings that could be read, and fills tls and dkim.
func (c *config) check(roots *x509.CertPool) fault.List {
	var l fault.List
	add := func(field, code string, p fault.Params) { l = append(l, invalid(field, code, p)) }
	within := func(field string, v, most int) {
		if v < 1 || v > most {
			add(field, "out_of_range", fault.Params{"value": v, "min": 1, "max": most})
		}
	}
	if c.Host == "" {
		add("host", "required", nil)
	} else if !hostName(c.Host) && net.ParseIP(c.Host) == nil {
		add("host", "host_invalid", fault.Params{"value": clip(c.Host)})
	}
	if c.HELO != "" && !hostName(c.HELO) && !addressLiteral(c.HELO) {
		add("helo", "host_invalid", fault.Params{"value": clip(c.HELO)})
	}
	within("port", c.Port, 65535)
	within("max_per_connection", c.MaxPerConnection, 1_000_000)
	within("idle_seconds", c.IdleSeconds, 300)
	within("timeouts.connect_seconds", c.Timeouts.Connect, 300)
	within("timeouts.command_seconds", c.Timeouts.Command, 600)
	within("timeouts.data_seconds", c.Timeouts.Data, 1800)
	within("timeouts.end_seconds", c.Timeouts.End, 3600)
	l = append(l, oneOf("tls", c.TLS, StartTLS, Opportunistic, Implicit, NoTLS)...)
	l = append(l, oneOf("auth", c.Auth, AuthAuto, AuthPlain, AuthLogin, AuthCRAMMD5, AuthSCRAMSHA1, AuthSCRAMSHA256)...)
	l = append(l, c.checkSignIn()...)
	l = append(l, c.checkWords()...)
	l = append(l, c.checkTLS(roots)...)
	return append(l, c.checkDKIM()...)
}

func (c *config) checkSignIn() fault.List {
	var l fault.List
	switch {
	case c.Username != "" && c.Password == "":
		l = append(l, invalid("password", "required", nil))
	case c.Username == "" && c.Password != "":
		l = append(l, invalid("username", "required", nil))
	}
	for field, v := range map[string]string{"username": c.Username, "password": c.Password} {
		if strings.ContainsAny(v, "\r\n\x00") {
			l = append(l, invalid(field, "control_characters", nil))
		}
	}
	clear := c.Auth == AuthPlain || c.Auth == AuthLogin
	if c.Username != "" && c.TLS == NoTLS && clear && !thisMachine(c.Host) {
		l = append(l, invalid("auth", "smtp_password_in_clear", fault.Params{"mechanism": string(c.Auth)}))
	}
	return l
}

func (c *config) checkWords() fault.List {
	var l fault.List
	for field, v := range map[string]string{"reply_to": c.ReplyTo, "envelope_sender": c.EnvelopeSender} {
		if v == "" {
			continue
		}
		if _, err := parseMailbox(v); err != nil {
			l = append(l, invalid(field, "email_invalid", nil))
		}
	}
	if len(c.FromName) > 200 {
		l = append(l, invalid("from_name", "too_long", fault.Params{"max": 200}))
	}
	if c.ListID != "" && (!hostName(c.ListID) || !strings.Contains(c.ListID, ".") || len(c.ListID) > 255) {
		l = append(l, invalid("list_id", "list_id_invalid", fault.Params{"value": clip(c.ListID)}))
	}
	slices.SortFunc(l, func(a, b *fault.Error) int { return strings.Compare(a.Field, b.Field) })
	return l
}

func (c *config) checkTLS(roots *x509.CertPool) fault.List {
	// A name that the system resolves may be given with other capitals; certificates are compared without regard to case.
	c.tls = &tls.Config{
		ServerName: c.Host, MinVersion: tls.VersionTLS12, RootCAs: roots,
		ClientSessionCache: tls.NewLRUClientSessionCache(16),
	}
	if !c.TLSVerify {
		c.tls.InsecureSkipVerify = true // the operator's explicit choice for this line
	}
	if c.CACertificate == "" {
		return nil
	}
	if roots == nil {
		roots, _ = x509.SystemCertPool()
	}
	if roots == nil {
		roots = x509.NewCertPool()
	}
	c.tls.RootCAs = roots.Clone()
	if !c.tls.RootCAs.AppendCertsFromPEM([]byte(c.CACertificate)) {
		return fault.List{invalid("ca_certificate", "certificate_invalid", nil)}
	}
	return nil
}

func (c *config) checkDKIM() fault.List {
	var l fault.List
	if c.DKIMPrivateKey == "" && c.DKIMSelector == "" && c.DKIMDomain == "" {
		return nil
	}
	if c.DKIMPrivateKey == "" {
		l = append(l, invalid("dkim_private_key", "required", nil))
	} else if key, err := signingKey([]byte(c.DKIMPrivateKey)); err != nil {
		l = append(l, invalid("dkim_private_key", "dkim_key_invalid", nil).Because(err))
	} else {
		c.dkim = key
	}
	if c.DKIMSelector == "" {
		l = append(l, invalid("dkim_selector", "required", nil))
	} else if !hostName(c.DKIMSelector) {
		l = append(l, invalid("dkim_selector", "host_invalid", fault.Params{"value": clip(c.DKIMSelector)}))
	}
	if c.DKIMDomain != "" && !hostName(c.DKIMDomain) {
		l = append(l, invalid("dkim_domain", "host_invalid", fault.Params{"value": clip(c.DKIMDomain)}))
	}
	return l
}

// signingKey reads an RSA key of at least 1024 bits (RFC 8301) or an Ed25519 key (RFC 8463), in PKCS #1 or #8.
func signingKey(text []byte) (crypto.Signer, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("no PEM block")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return strongEnough(key)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	switch key := key.(type) {
	case *rsa.PrivateKey:
		return strongEnough(key)
	case ed25519.PrivateKey:
		return key, nil
	default:
		return nil, errors.New("neither RSA nor Ed25519")
	}
}

func strongEnough(key *rsa.PrivateKey) (crypto.Signer, error) {
	if key.N.BitLen() < 1024 {
		return nil, errors.New("RSA key shorter than 1024 bits")
	}
	return key, nil
}

// hostName reports whether s is a name of DNS, with underscores allowed as DKIM selectors and private networks have them.
func hostName(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	label := 0 // letters since the last dot
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_':
			label++
		case c == '-' && label > 0:
			label++
		case c == '.' && label > 0 && s[i-1] != '-':
			label = 0
		default:
			return false
		}
		if label > 63 {
			return false
		}
	}
	return label > 0 && s[len(s)-1] != '-'
}

// addressLiteral reports whether s is one of RFC 5321 4.1.3, such as [192.0.2.1] or [IPv6:2001:db8::1].
func addressLiteral(s string) bool {
	if len(s) < 3 || s[0] != '[' || s[len(s)-1] != ']' {
		return false
	}
	s = s[1 : len(s)-1]
	if six, ok := strings.CutPrefix(s, "IPv6:"); ok {
		ip := net.ParseIP(six)
		return ip != nil && strings.Contains(six, ":")
	}
	ip := net.ParseIP(s)
	return ip != nil && ip.To4() != nil && !strings.Contains(s, ":")
}

// thisMachine is the exception that the mail library makes for passwords in clear.
func thisMachine(host string) bool {
	return host == "localhost" || host == "127.0.0.1" || host == "::1"
}

func oneOf[T ~string](field string, v T, allowed ...T) fault.List {
	if slices.Contains(allowed, v) {
		return nil
	}
	names := make([]string, len(allowed))
	for i, a := range allowed {
		names[i] = string(a)
	}
	return fault.List{invalid(field, "not_one_of", fault.Params{"value": clip(string(v)), "allowed": strings.Join(names, ", ")})}
}

func invalid(field, code string, p fault.Params) *fault.Error {
	return fault.New(fault.Invalid, code, p).At(field)
}

// clip bounds what a person typed, for messages.
func clip(s string) string {
	s = strings.ToValidUTF8(s, "�")
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
