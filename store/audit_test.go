package store_test

import (
	"slices"
	"testing"
	"time"

	"campanario/access"
)

// TestEventsAreFoundByWhatIsKnownOfThem: the audit is asked for one thing, one actor, one operation, a period, page by page.
func TestEventsAreFoundByWhatIsKnownOfThem(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		key := access.Actor{Kind: access.ActorKey, ID: "k1", Name: "Chave"}
		for i, e := range []access.Event{
			{Workspace: "ws", Actor: key, Operation: "create-line", Subject: access.Subject{Kind: "line", ID: "l1"}, Details: map[string]any{"a": "b"}},
			{Workspace: "ws", Actor: access.Program("retention"), Operation: "delete-expired", Subject: access.Subject{Kind: "workspace"}},
			{Workspace: "other", Actor: key, Operation: "create-line", Subject: access.Subject{Kind: "line", ID: "l1"}},
			{Workspace: "ws", Actor: key, Operation: "update-line", Subject: access.Subject{Kind: "line", ID: "l1"}, Request: "r"},
			{Workspace: "ws", Actor: key, Operation: "update-line", Subject: access.Subject{Kind: "line", ID: "l2"}},
		} {
			e.At = noon.Add(time.Duration(i) * time.Hour)
			w.must(w.Record(w.ctx, e))
		}
		for name, c := range map[string]struct {
			q    access.EventQuery
			want []int64
		}{
			"all":          {access.EventQuery{Limit: 9}, []int64{5, 4, 2, 1}},
			"a page":       {access.EventQuery{Limit: 2}, []int64{5, 4}},
			"the next":     {access.EventQuery{After: 4, Limit: 2}, []int64{2, 1}},
			"a thing":      {access.EventQuery{Subject: access.Subject{Kind: "line", ID: "l1"}, Limit: 9}, []int64{4, 1}},
			"a kind":       {access.EventQuery{Subject: access.Subject{Kind: "workspace"}, Limit: 9}, []int64{2}},
			"an actor":     {access.EventQuery{Actor: "k1", Limit: 9}, []int64{5, 4, 1}},
			"an operation": {access.EventQuery{Operation: "update-line", Limit: 9}, []int64{5, 4}},
			"a period":     {access.EventQuery{From: noon.Add(time.Hour), To: noon.Add(4 * time.Hour), Limit: 9}, []int64{4, 2}},
			"nobody":       {access.EventQuery{Actor: "k2", Limit: 9}, nil},
		} {
			list, err := w.Events(w.ctx, "ws", c.q)
			w.must(err)
			var got []int64
			for _, e := range list {
				got = append(got, e.No)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v", name, got, c.want)
			}
		}
		list, err := w.Events(w.ctx, "ws", access.EventQuery{Limit: 9})
		w.must(err)
		if e := list[3]; e.Actor != key || e.Details["a"] != "b" || !e.At.Equal(noon) {
			t.Errorf("%+v", e)
		}
		if e := list[2]; e.Actor.Kind != access.ActorProgram || e.Actor.Name != "retention" || e.Subject.ID != "" {
			t.Errorf("%+v", e)
		}
	})
}
