package intake_test

import (
	"fmt"
	"slices"
	"testing"

	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
	"campanario/intake"
)

func TestNewcomer(t *testing.T) {
	row := intake.Row{
		Line: 7, Name: "Ana", ExternalID: "C-1", Addresses: []channel.Address{"+5592987654321", "+5511987654321"},
		Variables: map[string]string{"a": "b"}, Language: "pt-BR", Priority: audience.PriorityHigh, Tags: []string{"vip"},
	}
	n, bad := row.Newcomer(channel.Voice)
	if bad != nil || n.Band != campaign.BandHigh || n.Name != "Ana" || n.ExternalID != "C-1" || len(n.Addresses) != 2 || n.Variables["a"] != "b" ||
		!slices.Equal(n.Zones, []string{"America/Manaus"}) && !slices.Contains(n.Zones, "America/Manaus") {
		t.Errorf("%+v, %+v", n, bad)
	}
	row.Zone = "America/Bogota"
	if n, _ := row.Newcomer(channel.Voice); !slices.Equal(n.Zones, []string{"America/Bogota"}) {
		t.Errorf("zones %v", n.Zones)
	}
	mail := intake.Row{Line: 1, Addresses: []channel.Address{"a@example.com"}, Priority: audience.PriorityLow}
	if n, bad := mail.Newcomer(channel.Email); bad != nil || len(n.Zones) != 0 || n.Band != campaign.BandLow {
		t.Errorf("%+v, %+v", n, bad)
	}
	row.Variables = map[string]string{}
	for i := range 201 {
		row.Variables[fmt.Sprint("v", i)] = "x"
	}
	if _, bad := row.Newcomer(channel.Voice); bad == nil || bad.Error.Code != "too_many" || bad.Column != "variables" || bad.Line != 7 {
		t.Errorf("more than a campaign holds: %+v", bad)
	}
}
