package api_test

import (
	"fmt"
	"testing"
	"time"

	"campanario/api"
	"campanario/channel"
)

// TestAWorkspaceLive: one stream tells of all that runs, as often as it changes, and to each what they may do.
func TestAWorkspaceLive(t *testing.T) {
	d := lone(t, func(o *api.Options) { o.LiveEvery = time.Millisecond })
	line, id := d.running(3)
	second := d.campaign(line)
	d.want(200, "", "POST /campaigns/"+second+"/recipients", people(0, 1), "Content-Type", "application/x-ndjson")
	e := d.engine(line)
	_, viewer := d.newKey(`"read"`)
	ours, looks, others := d.listenTo("/events", d.key), d.listenTo("/events", viewer), d.listenTo("/events", d.otherKey)
	first := ours.named("snapshot")
	first.is("campaigns.0.campaign", `"`+id+`"`)
	first.is("campaigns.1", "null") // drafts do not run
	first.is("campaigns.0.counts.total", "3")
	first.is("home.attention", "[]")
	first.is("campaigns.0.can.0", `"pause"`)
	looks.named("snapshot").is("campaigns.0.can", "[]")
	others.named("snapshot").is("campaigns", "[]")

	e.settle(channel.Outcome{Code: channel.Sent}, e.claim(id, 2)...)
	now := ours.until("two have ended", func(e event) bool { return e.name == "snapshot" && fmt.Sprint(e.value("home.today.attempts")) == "2" })
	now.is("campaigns.0.counts.attempts", "2")
	now.is("home.live.messages", "0")
	d.want(200, "", "POST /campaigns/"+second+"/start", "")
	ours.until("another begins", func(e event) bool {
		return e.name == "snapshot" && fmt.Sprint(e.value("campaigns.0.campaign")) == second
	})
	d.want(200, "", "POST /campaigns/"+second+"/cancel", "")
	ours.until("it has ended", func(e event) bool {
		return e.name == "snapshot" && fmt.Sprint(e.value("campaigns.0.campaign")) == id && fmt.Sprint(e.value("campaigns.1")) == "<nil>"
	})
	d.want(200, "", "POST /campaigns/"+id+"/pause", "")
	looks.until("the pause is told", func(e event) bool {
		return e.name == "snapshot" && fmt.Sprint(e.value("home.attention.0.code")) == "campaign_paused"
	})
}

// TestAWorkspaceIsReadAtOnce: many campaigns that run cost no more reads than one.
func TestAWorkspaceIsReadAtOnce(t *testing.T) {
	d, c := watched(t, func(o *api.Options) { o.LiveEvery = time.Hour })
	d.running(3)
	d.running(1)
	d.running(2)
	first := d.listenTo("/events", d.key).named("snapshot")
	for i, n := range []string{"2", "1", "3"} {
		first.is(fmt.Sprintf("campaigns.%d.counts.by_status.pending", i), n)
	}
	if n := c.reads.Load(); n != 1 {
		t.Errorf("read %d times", n)
	}
}
