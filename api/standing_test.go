package api_test

import (
	"testing"
	"time"

	"campanario/channel"
)

// TestRegistration: how a line's network takes it is told with the line, in the reader's words.
func TestRegistration(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		line := d.line()
		d.want(200, "", "GET /lines/"+line, "").is("registration", "null")
		e := d.engine(line)
		st := channel.StandingOf([]channel.GatewayStanding{
			{Gateway: "sip:a.example.com", State: channel.Refused, Status: 403, Since: d.now().Add(-time.Hour)}, {Gateway: "sip:b.example.com", State: channel.Unanswered},
		})
		d.must(d.store.SetStanding(d.ctx, e.hold, &st))
		r := d.want(200, "", "GET /lines/"+line, "", "Accept-Language", "en")
		r.is("registration.state", `"refused"`)
		r.is("registration.status", "403")
		r.is("registration.text", `"The carrier refused the registration (answer 403). Check user, password, domain and server."`)
		r.is("registration.gateways.1.state", `"unanswered"`)
		r.is("registration.gateways.1.since", "null")
		d.want(200, "", "GET /lines", "").is("items.0.registration.state", `"refused"`)
	})
}
