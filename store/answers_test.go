package store_test

import (
	"testing"
	"time"

	"campanario/access"
)

func TestAnswers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		begin := func(workspace, key, request, by string, now time.Time) (access.Turn, access.Answer) {
			t.Helper()
			turn, a, err := w.BeginAnswer(w.ctx, workspace, key, request, by, now)
			w.must(err)
			return turn, a
		}
		expect := func(want, got access.Turn) {
			t.Helper()
			if got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
		turn, _ := begin("ws", "k", "hash", "a", noon)
		expect(access.TurnFresh, turn)
		turn, _ = begin("ws", "k", "hash", "b", noon.Add(time.Second))
		expect(access.TurnBusy, turn)
		turn, _ = begin("ws", "k", "other", "b", noon.Add(time.Second))
		expect(access.TurnReused, turn)
		turn, _ = begin("other", "k", "other", "b", noon)
		expect(access.TurnFresh, turn)

		// The process of the first dies; after a minute another goes on, and what the first may still say is too late.
		turn, _ = begin("ws", "k", "hash", "c", noon.Add(2*time.Minute))
		expect(access.TurnFresh, turn)
		w.must(w.KeepAnswer(w.ctx, "ws", "k", "a", access.Answer{Status: 500}))
		w.must(w.DropAnswer(w.ctx, "ws", "k", "a"))
		w.must(w.KeepAnswer(w.ctx, "ws", "k", "c", access.Answer{Status: 201, Header: map[string]string{"Etag": `"1"`}, Body: []byte(`{"id":"x"}`)}))
		turn, a := begin("ws", "k", "hash", "d", noon.Add(3*time.Minute))
		expect(access.TurnDone, turn)
		if a.Status != 201 || string(a.Body) != `{"id":"x"}` || a.Header["Etag"] != `"1"` {
			t.Errorf("%+v", a)
		}
		w.must(w.DropAnswer(w.ctx, "ws", "k", "c")) // what is answered stays
		turn, _ = begin("ws", "k", "hash", "e", noon.Add(4*time.Minute))
		expect(access.TurnDone, turn)
		turn, _ = begin("ws", "k", "hash", "f", noon.Add(25*time.Hour))
		expect(access.TurnFresh, turn)
		w.must(w.DropAnswer(w.ctx, "ws", "k", "f"))
		turn, _ = begin("ws", "k", "something else", "g", noon.Add(25*time.Hour))
		expect(access.TurnFresh, turn)
	})
}
