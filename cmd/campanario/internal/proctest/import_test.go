package proctest_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"campanario/intake"
)

// imported is an import as the API shows it.
type imported struct {
	State  intake.State
	Counts intake.Counts
}

// TestAnImportOutlivesItsServer kills the server twice while it imports: it goes on by itself where it was, and in the end
// everybody is there once.
func TestAnImportOutlivesItsServer(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	w := found(t, founding{nodes: 1})
	const all = 120_000
	var file bytes.Buffer
	file.WriteString("nome;telefone\n")
	for i := range all {
		fmt.Fprintf(&file, "Pessoa %d;%s\n", i, telephone(i))
	}
	id, err := w.api().Upload(ctx, "base.csv", file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.api().Do(ctx, http.MethodPost, "/imports/"+id+"/commit", nil, nil); err != nil {
		t.Fatal(err)
	}
	kills := 0
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for least := int64(1); ; {
		var x imported
		if err := w.api().Persist(ctx, http.MethodGet, "/imports/"+id, nil, &x); err != nil {
			t.Fatal(err)
		}
		switch {
		case x.State == intake.StateRunning && x.Counts.Rows >= least && kills < 2:
			kills++
			least = x.Counts.Rows + 1
			w.nodes[0].kill(ctx)
		case x.State.Works():
		default:
			if x.State != intake.StateDone || x.Counts.Rows != all || x.Counts.Created != all || kills != 2 {
				t.Fatalf("after %d kills: %+v", kills, x)
			}
			var found struct{ Count int }
			if err := w.api().Do(ctx, http.MethodPost, "/contacts/preview", map[string]any{}, &found); err != nil || found.Count != all {
				t.Errorf("%d contacts, %v", found.Count, err)
			}
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%+v", x)
		}
	}
}
