package channel

import (
	"testing"
	"time"
)

func TestStandingIsThatOfTheBestGateway(t *testing.T) {
	since := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	refused := GatewayStanding{Gateway: "sip:a", State: Refused, Status: 403, Since: since}
	for _, c := range []struct {
		name     string
		gateways []GatewayStanding
		want     Registration
		status   int
	}{
		{"none", nil, "", 0},
		{"one that refuses", []GatewayStanding{refused}, Refused, 403},
		{"one that takes it beside one that refuses", []GatewayStanding{refused, {State: Registered}}, Registered, 0},
		{"one that says nothing beside one that refuses", []GatewayStanding{{State: Unanswered}, refused}, Refused, 403},
		{"one that was not heard yet", []GatewayStanding{{State: Unanswered}, {State: Registering}}, Registering, 0},
	} {
		got := StandingOf(c.gateways)
		if got.State != c.want || got.Status != c.status || len(got.Gateways) != len(c.gateways) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}
