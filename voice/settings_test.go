package voice

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"campanario/channel"
	"campanario/internal/fault"
	"campanario/voice/dialog"
)

func TestSettings(t *testing.T) {
	raw := `{
		"gateways": [{"host": "sbc.example.com"}, {"host": "192.0.2.1", "port": 5070, "transport": "tcp"}, {"host": "2001:db8::1", "transport": "tls"}],
		"username": "u<1>", "password": "p&\"\\\u00e9\ud83d\ude00", "realm": "r", "domain": "example.com", "register": true,
		"outbound_proxy": "sip:proxy.example.com:5060;transport=tcp",
		"codecs": ["PCMU", "PCMA"],
		"caller_id": {"name": "Loja \"Sol\"", "header": "p_asserted_identity"},
		"number": {"style": "national", "carrier": "21"},
		"media_ports": {"min": 20000, "max": 20999},
		"session_timer": "30m",
		"tls": {"server_name": "sbc.example.com", "insecure": true},
		"sticky": true
	}`
	s, err := ReadSettings(json.RawMessage(raw))
	if err != nil {
		t.Fatal(err)
	}
	o := s.trunk(channel.Line{ID: "l1"})
	if c := o.TLS; c == nil || c.ServerName != "sbc.example.com" || !c.InsecureSkipVerify {
		t.Errorf("TLS: %+v", c)
	}
	o.TLS = nil
	want := dialog.TrunkOptions{
		Name:     "l1",
		Gateways: []string{"sip:sbc.example.com", "sip:192.0.2.1:5070;transport=tcp", "sip:[2001:db8::1];transport=tls"},
		Proxies:  []string{"sip:proxy.example.com:5060;transport=tcp"}, Domain: "example.com",
		Credentials: dialog.Credentials{User: "u<1>", Password: "p&\"\\é😀", Realm: "r"},
		Register:    true, Session: 30 * time.Minute, Sticky: true,
	}
	if diff := cmp.Diff(want, o); diff != "" {
		t.Error(diff)
	}
	if err := o.Validate(); err != nil {
		t.Errorf("the trunk does not take them: %v", err)
	}
	if f, ok := s.identity("+5511", s.domain()); !ok || f.Name != "P-Asserted-Identity" || f.Value != `"Loja \"Sol\"" <sip:+5511@example.com>` {
		t.Errorf("caller header %v", f)
	}
	s.CallerID = CallerID{Header: HeaderRemote}
	s.Domain = ""
	if f, _ := s.identity("+5511", s.domain()); f.Value != "<sip:+5511@sbc.example.com>;party=calling;privacy=off;screen=yes" {
		t.Errorf("caller header %v", f)
	}
	s.CallerID.Header = HeaderPreferred
	if f, _ := s.identity("1", "x"); f.Name != "P-Preferred-Identity" {
		t.Errorf("caller header %v", f)
	}
	s.CallerID.Header = HeaderNone
	if f, ok := s.identity("1", "x"); ok {
		t.Errorf("caller header %v", f)
	}
}

func TestSettingsFaults(t *testing.T) {
	tests := map[string]string{
		``:                      "yaml_empty",
		`[]`:                    "yaml_wrong_type column=1 line=1 want=mapping",
		`{`:                     "yaml_syntax column=1 detail=could not find flow mapping end token '}' line=1",
		`a: b`:                  "unknown_key at a column=1 key=a line=1",
		`gateways: [{host: x}]`: "json_syntax",
		`{}`:                    "required at gateways",
		`{"gateways": [{"host": "a", "prt": 1}], "user": "x", "tls": {"verify": true}}`: "unknown_key at gateways[0].prt column=29 key=prt line=1; unknown_key at user column=41 key=user line=1; unknown_key at tls.verify column=62 key=verify line=1",
		`{"gateways": [{"host": "a b", "port": 70000, "transport": "ws"}, {}]}`: "host_invalid at gateways[0].host; out_of_range at gateways[0].port max=65535 min=0 value=70000; " +
			"not_one_of at gateways[0].transport allowed=udp, tcp, tls value=ws; host_invalid at gateways[1].host",
		`{"gateways": [{"host": "a"}], "register": true, "domain": "x;y", "outbound_proxy": "proxy", "codecs": ["G729", "PCMA", "PCMA"]}`:                  "not_one_of at codecs[0] allowed=PCMA, PCMU value=G729; duplicate at codecs[2] value=PCMA; host_invalid at domain; sip_uri_invalid at outbound_proxy; required at username",
		`{"gateways": [{"host": "a"}], "username": "a\nb", "caller_id": {"name": "\u0000", "header": "x"}}`:                                                "not_one_of at caller_id.header allowed=none, p_asserted_identity, p_preferred_identity, remote_party_id value=x; sip_text_invalid at caller_id.name; sip_text_invalid at username",
		`{"gateways": [{"host": "a"}], "media_ports": {"min": 80, "max": 90}, "session_timer": "1m", "tls": {"ca": "x", "server_name": "-"}}`:              "media_port_range at media_ports max=90 min=80; out_of_range at session_timer max=2h0m0s min=1m30s value=1m0s; certificate_invalid at tls.ca; host_invalid at tls.server_name",
		`{"gateways": [{"host": "a"}], "number": {"style": "x", "prefix": "a", "country": "+55", "carrier": "x", "trunk_prefix": "-", "from_style": "y"}}`: "digits_invalid at number.carrier; digits_invalid at number.country; not_one_of at number.from_style allowed=e164, plain, national value=y; digits_invalid at number.prefix; not_one_of at number.style allowed=e164, plain, national value=x; digits_invalid at number.trunk_prefix",
		`{"gateways": [` + strings.Repeat(`{"host": "a"},`, 16) + `{"host": "a"}]}`:                                                                        "too_many at gateways max=16",
	}
	for raw, want := range tests {
		_, err := ReadSettings(json.RawMessage(raw))
		if err == nil {
			t.Errorf("%s: accepted", raw)
		} else if got := fault.All(err); got == nil || !strings.HasPrefix(got.Error(), want) {
			t.Errorf("%s:\n got %v\nwant %s", raw, err, want)
		}
	}
}

func FuzzSettings(f *testing.F) {
	f.Add([]byte(`{"gateways": [{"host": "a", "port": 5060}], "username": "u", "tls": {"ca": "x"}}`))
	f.Add([]byte(`{"gateways": [{"host": "[::1]", "transport": "tls"}], "outbound_proxy": "sip:x;lr", "domain": "2001:db8::1"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := ReadSettings(raw)
		if err != nil {
			if len(fault.All(err)) == 0 {
				t.Fatalf("not a fault: %v", err)
			}
			return
		}
		if err := s.trunk(channel.Line{ID: "l"}).Validate(); err != nil {
			t.Fatalf("%s is taken, but not by the trunk: %v", raw, err)
		}
	})
}
