package client_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"campanario/campaign"
)

// TestErrandsByCommand: an action on more people than one moment takes is waited for, or left to the server.
func TestErrandsByCommand(t *testing.T) {
	d := open(t)
	d.known["campaign"] = d.campaign()
	var list strings.Builder
	for i := range 1500 {
		fmt.Fprintf(&list, "p%d@example.org\n", i)
	}
	file := filepath.Join(t.TempDir(), "list.txt")
	if err := os.WriteFile(file, []byte(list.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	w := campaign.NewErrander(campaign.ErranderOptions{Store: d.store, Node: 1, Now: func() time.Time { return noon }})
	d.o.After = func(time.Duration) <-chan time.Time {
		w.Step(t.Context())
		ready := make(chan time.Time, 1)
		ready <- noon
		return ready
	}
	d.steps([]step{
		{args: "recipient add ⟨campaign⟩ --format list -f " + file, out: "Rows read: 1500. Added: 1500. Duplicates: 0. Refused: 0.\n"},
		{args: "recipient set-completed ⟨campaign⟩ --search example.org --yes", out: "Changed: 1500. Skipped because of their status: 0.\n"},
		{args: "errand list ⟨campaign⟩", out: "ID  ACTION  STATE  CHANGED  SKIPPED  CREATED\n⟨*⟩  mark as completed  done  1500  0  ⟨*⟩\n"},
	})
	ctx, stop := context.WithCancel(t.Context())
	d.o.After = func(time.Duration) <-chan time.Time { stop(); return nil }
	got := d.runIn(ctx, "recipient", "set-pending", "⟨campaign⟩", "--everybody", "--yes")
	if got.code != 130 || !d.like(got.err, "\nThe errand goes on at the server. To stop it:\n  campanario errand cancel ⟨*⟩\n") {
		t.Fatalf("%d %q %q", got.code, got.out, got.err)
	}
	fields := strings.Fields(got.err)
	d.known["errand"] = fields[len(fields)-1]
	d.steps([]step{
		{args: "errand cancel ⟨errand⟩", out: "start over: cancelled. Changed: 1000. Skipped because of their status: 0.\n"},
		{args: "errand cancel ⟨errand⟩", err: refused("errand_ended"), code: 1},
		{args: "errand get ⟨errand⟩", out: "start over: cancelled. ⟨*⟩\n"},
	})
}
