package sim_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/dbtest"
	"campanario/internal/sim"
	"campanario/store"
)

func TestOneCampaignRunsToItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		s := dbtest.Open(t, "sqlite", store.Options{Clock: func() int64 { return time.Now().UnixMilli() }})
		w := sim.NewWorld(1, sim.Mix{NoAnswer: 200, Busy: 100, Ring: 20 * time.Second, Talk: time.Minute})
		city, err := sim.NewCity(ctx, s, w, 1, slog.New(slog.NewTextHandler(t.Output(), nil)))
		if err != nil {
			t.Fatal(err)
		}
		if err := city.AddLine(ctx, channel.Line{Kind: channel.Voice, From: "+551130000000", Limits: channel.Limits{Concurrent: 30, PerSecond: 5}}); err != nil {
			t.Fatal(err)
		}
		speaker, err := city.Speaker(ctx)
		if err != nil {
			t.Fatal(err)
		}
		id, err := city.AddCampaign(ctx, campaign.Definition{Name: "C", Channel: channel.Voice, Line: "line-1", Agent: speaker}, 500, func(i int) campaign.Newcomer {
			return campaign.Newcomer{Recipient: campaign.Recipient{Name: "Ana", Addresses: []channel.Address{channel.Address(fmt.Sprintf("+5511990%06d", i))}}, Band: campaign.BandNormal}
		})
		if err != nil {
			t.Fatal(err)
		}
		p, err := city.Boot(ctx)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if _, err := city.Service.Start(ctx, city.Workspace, id); err != nil {
			t.Fatal(err)
		}
		for {
			<-time.After(10 * time.Second)
			c, err := city.Service.Get(ctx, city.Workspace, id)
			if err != nil {
				t.Fatal(err)
			}
			if c.State != campaign.Active {
				t.Logf("%s after %v", c.State, time.Since(start))
				break
			}
			if time.Since(start) > 24*time.Hour {
				n, _ := city.Service.Counts(ctx, city.Workspace, id)
				t.Fatalf("still active: %+v", n)
			}
		}
		n, err := city.Service.Counts(ctx, city.Workspace, id)
		t.Logf("%+v %v", n, err)
		if err := city.Shut(p, time.Minute); err != nil {
			t.Fatal(err)
		}
		w.Wait()
	})
}
