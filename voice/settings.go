package voice

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"campanario/agent"
	"campanario/channel"
	"campanario/internal/fault"
	"campanario/voice/audio"
	"campanario/voice/dialog"
)

// Settings are what a line of channel.Voice knows of its SIP trunk. Unknown keys are refused.
type Settings struct {
	Gateways     []Gateway      `json:"gateways" yaml:"gateways" doc:"Where calls go, in order: the next one is tried when one does not take a call"`
	Username     string         `json:"username,omitempty" yaml:"username,omitempty" doc:"Name for digest authentication and registration"`
	Password     string         `json:"password,omitempty" yaml:"password,omitempty" doc:"Its password"`
	Realm        string         `json:"realm,omitempty" yaml:"realm,omitempty" doc:"Answer challenges of this realm only"`
	Domain       string         `json:"domain,omitempty" yaml:"domain,omitempty" doc:"Host of From; the gateway's when empty"`
	Register     bool           `json:"register,omitempty" yaml:"register,omitempty" doc:"Keep a registration at the gateways"`
	Proxy        string         `json:"outbound_proxy,omitempty" yaml:"outbound_proxy,omitempty" doc:"SIP address that all requests go through"`
	Codecs       []audio.Codec  `json:"codecs,omitempty" yaml:"codecs,omitempty" doc:"PCMA and PCMU in order of preference; both when empty"`
	CallerID     CallerID       `json:"caller_id,omitzero" yaml:"caller_id,omitempty" doc:"How the caller is told"`
	Number       NumberFormat   `json:"number,omitzero" yaml:"number,omitempty" doc:"How numbers are dialled"`
	Ports        PortRange      `json:"media_ports,omitzero" yaml:"media_ports,omitempty" doc:"UDP ports for sound; the node's own range when empty"`
	SessionTimer agent.Duration `json:"session_timer,omitempty" yaml:"session_timer,omitempty" doc:"Asks the far end to confirm the call so often (RFC 4028); 90s to 2h"`
	TLS          TLS            `json:"tls,omitzero" yaml:"tls,omitempty" doc:"How gateways by TLS are trusted"`
	Sticky       bool           `json:"sticky,omitempty" yaml:"sticky,omitempty" doc:"Send requests inside a call where its answer came from, for carriers that give away private addresses"`
}

// Gateway is one place that calls go to.
type Gateway struct {
	Host      string    `json:"host" yaml:"host" doc:"Name or address"`
	Port      int       `json:"port,omitempty" yaml:"port,omitempty" doc:"0 finds it by DNS, or takes 5060 and 5061"`
	Transport Transport `json:"transport,omitempty" yaml:"transport,omitempty" enum:"udp,tcp,tls" doc:"udp, tcp or tls; default udp"`
}

// Transport carries SIP.
type Transport string

// The transports. The zero value means UDP.
const (
	UDP  Transport = "udp"
	TCP  Transport = "tcp"
	SIPS Transport = "tls"
)

// CallerID is how a gateway is told who calls.
type CallerID struct {
	Name   string       `json:"name,omitempty" yaml:"name,omitempty" doc:"Name shown beside the number"`
	Header CallerHeader `json:"header,omitempty" yaml:"header,omitempty" enum:"none,p_asserted_identity,p_preferred_identity,remote_party_id" doc:"Header that repeats the number; default none"`
}

// CallerHeader is a header that names the caller beside From.
type CallerHeader string

// The headers. The zero value means HeaderNone.
const (
	HeaderNone      CallerHeader = "none"
	HeaderAsserted  CallerHeader = "p_asserted_identity"  // RFC 3325
	HeaderPreferred CallerHeader = "p_preferred_identity" // RFC 3325
	HeaderRemote    CallerHeader = "remote_party_id"      // never standardised, and asked for by many
)

// PortRange is a range of UDP ports, both ends included.
type PortRange struct {
	Min int `json:"min" yaml:"min" doc:"First port"`
	Max int `json:"max" yaml:"max" doc:"Last port"`
}

// TLS is how a gateway's certificate is checked.
type TLS struct {
	CA         string `json:"ca,omitempty" yaml:"ca,omitempty" doc:"PEM of the authorities to trust instead of the system's"`
	ServerName string `json:"server_name,omitempty" yaml:"server_name,omitempty" doc:"Name the certificate must be for; the host's when empty"`
	Insecure   bool   `json:"insecure,omitempty" yaml:"insecure,omitempty" doc:"Accept any certificate: whoever is in between can listen"`
}

// ReadSettings reads and validates a line's settings. The error is a fault.List of everything wrong at once.
func ReadSettings(raw json.RawMessage) (Settings, error) {
	// JSON is YAML too, and read so tells all unknown keys and wrong values at once, with their places.
	var s Settings
	if _, err := agent.ReadYAML(raw, &Settings{}); err != nil {
		return Settings{}, err
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		return Settings{}, fault.New(fault.Invalid, "json_syntax", nil).Because(err)
	}
	if err := s.validate().Err(); err != nil {
		return Settings{}, err
	}
	return s, nil
}

const maxGateways = 16

var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$`)

func (s *Settings) validate() fault.List {
	var l fault.List
	add := func(field, code string, p fault.Params) { l = append(l, fault.New(fault.Invalid, code, p).At(field)) }
	switch {
	case len(s.Gateways) == 0:
		add("gateways", "required", nil)
	case len(s.Gateways) > maxGateways:
		add("gateways", "too_many", fault.Params{"max": maxGateways})
	}
	for i, g := range s.Gateways {
		l = append(l, g.validate().Under(fmt.Sprintf("gateways[%d]", i))...)
	}
	if s.Domain != "" && !host(s.Domain) {
		add("domain", "host_invalid", nil)
	}
	if (s.Register || s.Password != "") && s.Username == "" {
		add("username", "required", nil)
	}
	for field, value := range map[string]string{"username": s.Username, "password": s.Password, "realm": s.Realm, "caller_id.name": s.CallerID.Name} {
		if len(value) > 200 || strings.IndexFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }) >= 0 {
			add(field, "sip_text_invalid", nil)
		}
	}
	if _, err := proxy(s.Proxy); s.Proxy != "" && err != nil {
		add("outbound_proxy", "sip_uri_invalid", nil)
	}
	for i, c := range s.Codecs {
		if !c.Valid() {
			add(fmt.Sprintf("codecs[%d]", i), "not_one_of", fault.Params{"value": string(c), "allowed": "PCMA, PCMU"})
		} else if slices.Contains(s.Codecs[:i], c) {
			add(fmt.Sprintf("codecs[%d]", i), "duplicate", fault.Params{"value": string(c)})
		}
	}
	switch s.CallerID.Header {
	case "", HeaderNone, HeaderAsserted, HeaderPreferred, HeaderRemote:
	default:
		add("caller_id.header", "not_one_of", fault.Params{
			"value": string(s.CallerID.Header), "allowed": "none, p_asserted_identity, p_preferred_identity, remote_party_id",
		})
	}
	if p := s.Ports; p != (PortRange{}) && (p.Min < 1024 || p.Max > 65535 || p.Max <= p.Min) {
		add("media_ports", "media_port_range", fault.Params{"min": p.Min, "max": p.Max})
	}
	if d := s.SessionTimer.D(); d != 0 && (d < 90*time.Second || d > 2*time.Hour) {
		add("session_timer", "out_of_range", fault.Params{"value": d.String(), "min": "1m30s", "max": "2h0m0s"})
	}
	if s.TLS.CA != "" && !x509.NewCertPool().AppendCertsFromPEM([]byte(s.TLS.CA)) {
		add("tls.ca", "certificate_invalid", nil)
	}
	if s.TLS.ServerName != "" && !host(s.TLS.ServerName) {
		add("tls.server_name", "host_invalid", nil)
	}
	sortFaults(l)
	return append(l, s.Number.validate().Under("number")...)
}

// sortFaults makes the order of faults the order of the fields' names, for those found in a map.
func sortFaults(l fault.List) {
	slices.SortStableFunc(l, func(a, b *fault.Error) int { return strings.Compare(a.Field, b.Field) })
}

func (g Gateway) validate() fault.List {
	var l fault.List
	if !host(g.Host) {
		l = append(l, fault.New(fault.Invalid, "host_invalid", nil).At("host"))
	}
	if g.Port < 0 || g.Port > 65535 {
		l = append(l, fault.New(fault.Invalid, "out_of_range", fault.Params{"value": g.Port, "min": 0, "max": 65535}).At("port"))
	}
	switch g.Transport {
	case "", UDP, TCP, SIPS:
	default:
		p := fault.Params{"value": string(g.Transport), "allowed": "udp, tcp, tls"}
		l = append(l, fault.New(fault.Invalid, "not_one_of", p).At("transport"))
	}
	return l
}

// host reports whether s is a name or an address, an IPv6 one with or without its brackets.
func host(s string) bool {
	return hostName.MatchString(s) || net.ParseIP(strings.Trim(s, "[]")) != nil
}

// proxy reads a SIP address such as sip:proxy.example.com:5060;transport=tcp.
func proxy(s string) (string, error) {
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || scheme != "sip" && scheme != "sips" {
		return "", errArguments
	}
	hostPort, params, _ := strings.Cut(rest, ";")
	u, err := url.Parse("//" + hostPort)
	if err != nil || u.User != nil || u.Path != "" || !host(u.Hostname()) || strings.ContainsAny(params, " <>\"@\r\n") {
		return "", errArguments
	}
	return s, nil
}

// uri is the gateway's SIP address.
func (g Gateway) uri() string {
	h := g.Host
	if strings.Contains(h, ":") && !strings.HasPrefix(h, "[") {
		h = "[" + h + "]"
	}
	if g.Port != 0 {
		h += ":" + strconv.Itoa(g.Port)
	}
	if g.Transport != "" && g.Transport != UDP {
		h += ";transport=" + string(g.Transport)
	}
	return "sip:" + h
}

// trunk is the way out these settings describe.
func (s *Settings) trunk(l channel.Line) dialog.TrunkOptions {
	o := dialog.TrunkOptions{
		Name: l.ID, Domain: s.Domain, Register: s.Register, Session: s.SessionTimer.D(), Sticky: s.Sticky,
		Credentials: dialog.Credentials{User: s.Username, Password: s.Password, Realm: s.Realm},
		TLS:         s.TLS.config(),
	}
	for _, g := range s.Gateways {
		o.Gateways = append(o.Gateways, g.uri())
	}
	if s.Proxy != "" {
		o.Proxies = []string{s.Proxy}
	}
	return o
}

func (t TLS) config() *tls.Config {
	if t == (TLS{}) {
		return nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.ServerName, InsecureSkipVerify: t.Insecure} //nolint:gosec // the operator's own choice, spelt out
	if t.CA != "" {
		c.RootCAs = x509.NewCertPool()
		c.RootCAs.AppendCertsFromPEM([]byte(t.CA))
	}
	return c
}

// identity is the header that names the caller beside From; false for none.
func (s *Settings) identity(number, domain string) (dialog.Field, bool) {
	address := "<sip:" + number + "@" + domain + ">"
	if s.CallerID.Name != "" {
		address = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s.CallerID.Name) + `" ` + address
	}
	switch s.CallerID.Header {
	case HeaderAsserted:
		return dialog.Field{Name: "P-Asserted-Identity", Value: address}, true
	case HeaderPreferred:
		return dialog.Field{Name: "P-Preferred-Identity", Value: address}, true
	case HeaderRemote:
		return dialog.Field{Name: "Remote-Party-ID", Value: address + ";party=calling;privacy=off;screen=yes"}, true
	default:
		return dialog.Field{}, false
	}
}

// domain is the host that our own number is at.
func (s *Settings) domain() string {
	if s.Domain != "" {
		return s.Domain
	}
	h := s.Gateways[0].Host
	if strings.Contains(h, ":") && !strings.HasPrefix(h, "[") {
		h = "[" + h + "]"
	}
	return h
}
