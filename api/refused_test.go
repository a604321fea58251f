package api_test

import (
	"fmt"
	"testing"

	"campanario/access"
)

// TestWhoWasNotLetInIsInTheAudit: in that of every workspace of the one who was meant, without their address; an address
// that is nobody's is in none.
func TestWhoWasNotLetInIsInTheAudit(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person(d.workspace, "bia@example.com", access.Operator)
		_, link, err := d.users.Invite(d.ctx, access.Principal{Workspace: d.other, Key: "k", Scopes: access.Scopes{access.Own}}, "bia@example.com", access.Viewer)
		d.must(err)
		_, _, err = d.users.Join(d.ctx, link, access.Joining{Password: goodPassword}, access.Visitor{From: "192.0.2.1"}, access.Principal{})
		d.must(err)
		d.nobody(401, "sign_in_invalid", "POST /session", `{"email": "Bia@example.com", "password": "errada"}`)
		d.nobody(401, "sign_in_invalid", "POST /session", `{"email": "ninguem@example.com", "password": "errada"}`)
		d.nobody(201, "", "POST /session", `{"email": "bia@example.com", "password": "`+goodPassword+`"}`)
		in, err := d.store.Events(d.ctx, d.workspace, access.EventQuery{Operation: "sign-in", Limit: 10})
		d.must(err)
		if len(in) != 1 || in[0].Details["changes"] != nil {
			t.Errorf("to come in is noted as a change: %+v", in)
		}
		d.api.Close() // what is to be noted is
		for _, workspace := range []string{d.workspace, d.other} {
			events, err := d.store.Events(d.ctx, workspace, access.EventQuery{Operation: "sign-in-refused", Limit: 10})
			d.must(err)
			if len(events) != 1 {
				t.Fatalf("%d refusals in %s: %+v", len(events), workspace, events)
			}
			e := events[0]
			user, _, err := d.users.Meant(d.ctx, "bia@example.com")
			d.must(err)
			if e.Subject != (access.Subject{Kind: "user", ID: user}) || e.Actor != access.Program("sign-in-refused") || fmt.Sprint(e.Details) != "map[reason:sign_in_invalid]" || e.Request == "" {
				t.Errorf("%+v", e)
			}
		}
	})
}
