package dialog

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"campanario/internal/fault"
	"campanario/voice/dialog/message"
)

// registrar answers REGISTER and OPTIONS like one, and keeps what it was asked.
type registrar struct {
	guard *Guard
	least time.Duration // Min-Expires; 0 for none
	grant time.Duration
	end   *wire

	mu     sync.Mutex
	mute   bool
	status int // refuses with this; 0 for not
	asked  []string
	at     []time.Time
}

func (r *registrar) take(text string, from netip.AddrPort) {
	r.mu.Lock()
	defer r.mu.Unlock()
	method, _, _ := strings.Cut(text, " ")
	expires := headerOf(text, "Expires")
	r.asked = append(r.asked, method+" "+expires)
	r.at = append(r.at, time.Now())
	if r.mute {
		return
	}
	say := func(status, extra string) { _ = r.end.Send(from, []byte(replyTo(text, status, "tag=r", extra))) }
	switch {
	case r.status != 0:
		say(fmt.Sprintf("%d %s", r.status, message.Phrase(r.status)), "")
	case method == "OPTIONS":
		say("200 OK", "")
	case r.guard != nil:
		ok, stale := r.guard.Check("REGISTER", headerOf(text, "Authorization"), time.Now())
		if !ok {
			_, f := r.guard.challenge(time.Now(), stale)
			say("401 X", f.Name+": "+f.Value+"\r\n")
			return
		}
		fallthrough
	default:
		d, _ := message.Seconds(expires)
		if r.least > 0 && d > 0 && d < r.least {
			say("423 Interval Too Brief", "Min-Expires: "+seconds(r.least)+"\r\n")
			return
		}
		grant := r.grant
		if d == 0 {
			say("200 OK", "")
			return
		}
		say("200 OK", "Contact: <sip:other@10.9.9.9>;expires=7, "+headerOf(text, "Contact")+";expires="+seconds(grant)+"\r\n")
	}
}

func (r *registrar) log() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.asked, ", ")
}

func headerOf(text, name string) string {
	for line := range strings.SplitSeq(text, "\r\n") {
		if n, v, ok := strings.Cut(line, ": "); ok && n == name {
			return v
		}
	}
	return ""
}

// registering runs f inside a bubble with a registrar at 10.0.0.1 and an agent at 10.0.0.2.
func registering(t *testing.T, r *registrar, opt TrunkOptions, f func(tr *Trunk)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := newWires(t)
		r.end = n.stranger(r.take)
		a := n.agent(Options{})
		opt.Gateways = []string{"10.0.0.1"}
		opt.Domain = "example.test"
		opt.Credentials = Credentials{User: "ana", Password: "s3cret"}
		tr := trunkFor(t, a, opt)
		f(tr)
		a.Stop()
		r.end.Close()
	})
}

func TestRegistration(t *testing.T) {
	r := &registrar{
		guard: NewGuard(Guard{Realm: "r", User: "ana", Password: "s3cret"}), least: 20 * time.Minute, grant: 20 * time.Minute,
	}
	registering(t, r, TrunkOptions{Register: true}, func(tr *Trunk) {
		<-time.After(time.Minute)
		first := tr.States()[0]
		if !first.Registered || !first.Tried || time.Since(first.Since) > time.Minute {
			t.Errorf("%+v", first)
		}
		// Asked for ten minutes, it wants twenty; every nonce is good for five.
		if got := r.log(); got != "REGISTER 600, REGISTER 600, REGISTER 1200" {
			t.Errorf("asked: %s", got)
		}
		<-time.After(20 * time.Minute)
		if got := r.log(); got != "REGISTER 600, REGISTER 600, REGISTER 1200, REGISTER 1200, REGISTER 1200" {
			t.Errorf("after twenty minutes: %s", got)
		}
		if gap := r.at[3].Sub(r.at[2]); gap < 18*time.Minute || gap >= 20*time.Minute {
			t.Errorf("refreshed after %s", gap)
		}
		if s := tr.States()[0]; s != first {
			t.Errorf("refreshed, it is %+v instead of %+v", s, first)
		}
		r.guard = nil
		tr.Close()
		if got := r.log(); !strings.HasSuffix(got, ", REGISTER 0") {
			t.Errorf("at the end: %s", got)
		}
	})
}

func TestRegistrationComesBack(t *testing.T) {
	r := &registrar{mute: true, grant: time.Hour}
	registering(t, r, TrunkOptions{Register: true}, func(tr *Trunk) {
		<-time.After(3 * time.Minute)
		if s := tr.States()[0]; s.Registered || !s.Tried || s.Refused != 0 || time.Since(s.Since) < 2*time.Minute {
			t.Errorf("at nobody's: %+v", s)
		}
		r.mu.Lock()
		r.mute, r.status = false, 503
		r.mu.Unlock()
		<-time.After(5 * time.Minute)
		if s := tr.States()[0]; s.Registered || s.Refused != 503 {
			t.Errorf("%+v", s)
		}
		r.mu.Lock()
		r.status = 0
		r.mu.Unlock()
		<-time.After(6 * time.Minute)
		if !tr.States()[0].Registered {
			t.Error("not registered")
		}
	})
}

func TestCheck(t *testing.T) {
	wrong := NewGuard(Guard{Realm: "r", User: "ana", Password: "other"})
	for name, c := range map[string]struct {
		r        *registrar
		register bool
		code     string
	}{
		"options":           {r: &registrar{}},
		"options, not here": {r: &registrar{status: 404}},
		"options, closed":   {r: &registrar{status: 403}, code: "sip_refused"},
		"options, trouble":  {r: &registrar{status: 503}, code: "sip_refused"},
		"silent":            {r: &registrar{mute: true}, code: "sip_silent"},
		"registered":        {r: &registrar{grant: time.Hour}, register: true},
		"wrong password":    {r: &registrar{guard: wrong, grant: time.Hour}, register: true, code: "sip_credentials_refused"},
		"not our registrar": {r: &registrar{status: 404}, register: true, code: "sip_refused"},
	} {
		t.Run(name, func(t *testing.T) {
			registering(t, c.r, TrunkOptions{Register: c.register}, func(tr *Trunk) {
				err := tr.Check(context.Background())
				if got := fault.CodeOf(err); err == nil && c.code != "" || err != nil && got != c.code {
					t.Errorf("%v, want %q", err, c.code)
				}
			})
		})
	}
}

func TestProbes(t *testing.T) {
	r := &registrar{}
	registering(t, r, TrunkOptions{Probe: time.Minute}, func(tr *Trunk) {
		<-time.After(10*time.Minute + time.Second)
		if n := strings.Count(r.log(), "OPTIONS"); n != 11 {
			t.Errorf("%d probes in ten minutes", n)
		}
		r.mu.Lock()
		r.mute = true
		r.mu.Unlock()
		<-time.After(2 * time.Minute)
		if !tr.States()[0].Silent {
			t.Error("not silent")
		}
		r.mu.Lock()
		r.mute = false
		r.mu.Unlock()
		<-time.After(time.Minute)
		if tr.States()[0].Silent {
			t.Error("still silent")
		}
	})
}

func TestTrunkOptionsAreChecked(t *testing.T) {
	err := TrunkOptions{
		Gateways: []string{"sip:ok.test", "sip:bad host", "http://x", "sip:x;transport=pigeon"}, Proxies: []string{"sip:"},
		Domain: "a b", Register: true, Credentials: Credentials{User: ""},
	}.Validate()
	var got []string
	for _, e := range fault.All(err) {
		got = append(got, e.Code+" at "+e.Field)
	}
	want := "sip_uri_invalid at gateways[1], sip_uri_invalid at gateways[2], sip_uri_invalid at gateways[3], " +
		"sip_uri_invalid at proxies[0], sip_user_missing at user, sip_text_invalid at domain"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
	if err := (TrunkOptions{}).Validate(); fault.CodeOf(err) != "sip_gateways_missing" {
		t.Errorf("%v", err)
	}
}

func TestInvitesAreChecked(t *testing.T) {
	together(t, TrunkOptions{}, pickUp, func(p *pair) {
		for name, inv := range map[string]Invite{
			"id":     {ID: "a\r\nX: y", To: "1", From: "2"},
			"to":     {To: "1\r\nX: y", From: "2"},
			"from":   {To: "1", From: ""},
			"name":   {To: "1", From: "2", Name: "a\nb"},
			"fields": {To: "1", From: "2", Fields: []Field{{Name: "X", Value: "a\r\nY: b"}}},
		} {
			_, err := p.trunk.Call(context.Background(), inv)
			if !fault.Is(err, "sip_text_invalid") {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
