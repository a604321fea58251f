package email

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"campanario/internal/fault"
)

func keyPEM(t testing.TB, key any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func TestSettingsRefuse(t *testing.T) {
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	quoted := func(s string) string { b, _ := json.Marshal(s); return string(b) }
	tests := []struct{ name, json, want string }{
		{"nothing", ``, `required at host`},
		{"not an object", `[]`, `type_wrong want=object`},
		{"null", `null`, `type_wrong want=object`},
		{"broken", `{"host":`, `type_wrong want=object`},
		{"unknown keys", `{"host":"h","pool":1,"timeouts":{"dot":1}}`, `unknown_key at pool key=pool; unknown_key at timeouts.dot key=dot`},
		{
			"wrong types are told once", `{"host":1,"port":"25","tls_verify":"no","timeouts":7}`,
			`type_wrong at host want=text; type_wrong at port want=integer; type_wrong at timeouts want=object; type_wrong at tls_verify want=boolean`,
		},
		{"null is no value", `{"host":"h","port":null}`, `type_wrong at port want=integer`},
		{"fractions", `{"host":"h","port":2.5}`, `type_wrong at port want=integer`},
		{
			"ranges", `{"host":"h","port":70000,"max_per_connection":-1,"idle_seconds":301,"timeouts":{"end_seconds":0}}`,
			`out_of_range at port max=65535 min=1 value=70000; out_of_range at max_per_connection max=1000000 min=1 value=-1; ` +
				`out_of_range at idle_seconds max=300 min=1 value=301; out_of_range at timeouts.end_seconds max=3600 min=1 value=0`,
		},
		{"words", `{"host":"h","tls":"ssl","auth":"ntlm"}`, `not_one_of at tls allowed=starttls, opportunistic, implicit, none value=ssl; ` +
			`not_one_of at auth allowed=auto, plain, login, cram-md5, scram-sha-1, scram-sha-256 value=ntlm`},
		{"hosts", `{"host":"a b","helo":"-x"}`, `host_invalid at host value=a b; host_invalid at helo value=-x`},
		{"no password", `{"host":"h","username":"u"}`, `required at password`},
		{"no user", `{"host":"h","password":"p"}`, `required at username`},
		{"a line end in the password", `{"host":"h","username":"u","password":"p\r\nQUIT"}`, `control_characters at password`},
		{"password in clear", `{"host":"mx.example.com","tls":"none","auth":"plain","username":"u","password":"p"}`, `smtp_password_in_clear at auth mechanism=plain`},
		{"addresses", `{"host":"h","reply_to":"x","envelope_sender":"a@b\r\nRCPT TO:<c@d>"}`, `email_invalid at envelope_sender; email_invalid at reply_to`},
		{"list id", `{"host":"h","list_id":"news"}`, `list_id_invalid at list_id value=news`},
		{"long name", `{"host":"h","from_name":"` + strings.Repeat("x", 201) + `"}`, `too_long at from_name max=200`},
		{"certificate", `{"host":"h","ca_certificate":"x"}`, `certificate_invalid at ca_certificate`},
		{"key without selector", `{"host":"h","dkim_private_key":"x"}`, `dkim_key_invalid at dkim_private_key: no PEM block; required at dkim_selector`},
		{"selector without key", `{"host":"h","dkim_selector":"s","dkim_domain":"a b"}`, `required at dkim_private_key; host_invalid at dkim_domain value=a b`},
		{"a key of another kind", `{"host":"h","dkim_selector":"s","dkim_private_key":` + quoted(keyPEM(t, curve)) + `}`, `dkim_key_invalid at dkim_private_key: neither RSA nor Ed25519`},
	}
	a := New(Options{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := a.Validate(json.RawMessage(tt.json))
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("kind %s", fault.KindOf(err))
			}
		})
	}
}

func TestSettingsDefaults(t *testing.T) {
	for tls, port := range map[string]int{"": 587, `,"tls":"starttls"`: 587, `,"tls":"opportunistic"`: 587, `,"tls":"implicit"`: 465, `,"tls":"none"`: 25} {
		c, err := readSettings(json.RawMessage(`{"host":"mx.example.com"`+tls+`}`), nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.Port != port {
			t.Errorf("%s: port %d, want %d", tls, c.Port, port)
		}
	}
	c, err := readSettings(json.RawMessage(`{"host":"mx.example.com","timeouts":{"data_seconds":7}}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := stageTimeouts{connect: 15 * time.Second, command: time.Minute, data: 7 * time.Second, end: 10 * time.Minute}
	if c.timeouts != want || c.idle != 30*time.Second || c.MaxPerConnection != 500 || c.TLS != StartTLS || c.tls.InsecureSkipVerify {
		t.Errorf("defaults %+v", c)
	}
}

func TestSettingsAccept(t *testing.T) {
	_, edwards, _ := ed25519.GenerateKey(rand.Reader)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	pkcs1 := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(rsaKey)}))
	a := New(Options{})
	for _, key := range []string{keyPEM(t, edwards), keyPEM(t, rsaKey), pkcs1} {
		raw, _ := json.Marshal(map[string]any{
			"host": "127.0.0.1", "tls": "none", "auth": "login", "username": "u", "password": "p",
			"helo": "[IPv6:::1]", "list_id": "news.example.com", "dkim_selector": "s1", "dkim_private_key": key,
		})
		if err := a.Validate(raw); err != nil {
			t.Error(err)
		}
	}
}

// TestEverySettingIsRead compares the keys that are read with the fields there are, and the secrets with both.
func TestEverySettingIsRead(t *testing.T) {
	for _, typ := range []reflect.Type{reflect.TypeFor[Settings](), reflect.TypeFor[Timeouts]()} {
		for i := range typ.NumField() {
			key := typ.Field(i).Tag.Get("json")
			raw := `{"` + key + `":[]}`
			field := key
			if typ == reflect.TypeFor[Timeouts]() {
				raw, field = `{"timeouts":`+raw+`}`, "timeouts."+key
			}
			err := New(Options{}).Validate(json.RawMessage(raw))
			found := slices.ContainsFunc(fault.All(err), func(e *fault.Error) bool { return e.Field == field && e.Code == "type_wrong" })
			if !found {
				t.Errorf("%s is not read: %v", field, err)
			}
		}
	}
	for _, s := range New(Options{}).Secrets() {
		if err := New(Options{}).Validate(json.RawMessage(`{"` + s + `":1}`)); !strings.Contains(err.Error(), "type_wrong at "+s) {
			t.Errorf("secret %s is no setting", s)
		}
	}
}

func FuzzSettings(f *testing.F) {
	f.Add([]byte(`{"host":"mx.example.com","timeouts":{"end_seconds":5}}`))
	f.Add([]byte(`{"host":"\u0000","port":1e9,"helo":"[IPv6:"}`))
	f.Add([]byte(`{"dkim_private_key":"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := readSettings(raw, nil)
		if err == nil && (c.Host == "" || c.Port < 1 || c.idle <= 0 || c.timeouts.end <= 0) {
			t.Errorf("accepted %s as %+v", raw, c)
		}
		if err != nil && len(fault.All(err)) == 0 {
			t.Errorf("%s: not a fault: %v", raw, err)
		}
	})
}
