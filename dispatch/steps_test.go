package dispatch

import (
	"maps"
	"testing"

	"campanario/agent"
	"campanario/channel"
)

// TestStepsOfACampaign: where conversations are, by attempt; those that have not begun, or are another campaign's, are not told.
func TestStepsOfACampaign(t *testing.T) {
	flight := func(campaign string, ordinal int, step string) *open {
		f := &open{Flight: Flight{Campaign: campaign, Number: 7, Ordinal: ordinal}, stage: channel.StageAnswered}
		f.Signal(channel.Signal{Stage: channel.StageAnswered, Step: step})
		return f
	}
	e := &Engine{lanes: map[string]*lane{
		"a": {flights: map[int64]*open{1: flight("c", 1, "oferta"), 2: flight("other", 1, "oferta"), 3: flight("c", 2, "")}},
		"b": {flights: map[int64]*open{4: flight("c", 3, "despedida")}},
	}}
	if got, want := e.Steps("c"), (map[string]string{"c.7.1": "oferta", "c.7.3": "despedida"}); !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestWhoSpoke: of calls that somebody or something answered, and of nothing else.
func TestWhoSpoke(t *testing.T) {
	brief := &agent.Brief{Agent: &agent.Agent{ID: "a", Version: 3}}
	for name, x := range map[string]struct {
		answered string
		content  channel.Content
		want     int
	}{
		"answered":     {"human", brief, 3},
		"a machine":    {"machine", brief, 3},
		"not answered": {"", brief, 0},
		"a message":    {"human", &agent.Message{}, 0},
	} {
		o := spoken(channel.Outcome{AnsweredBy: x.answered}, x.content)
		if o.AgentVersion != x.want || (o.Agent == "a") != (x.want > 0) {
			t.Errorf("%s: %q in version %d", name, o.Agent, o.AgentVersion)
		}
	}
}
