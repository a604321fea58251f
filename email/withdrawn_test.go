package email

import (
	"testing"
	"testing/synctest"

	"campanario/channel"
)

// gone is a report whose order is taken back while it is in the queue.
type gone struct{ *report }

func (gone) Withdrawn() bool { return true }

var _ channel.Withdrawer = gone{}

// Who says stop while their message is in the queue gets none; the others do, over the same connection.
func TestWithdrawnOrdersAreNotSent(t *testing.T) {
	bubble(t, honest, func(t *testing.T, f *farEnd, a *Adapter) {
		l := line(far, clear)
		l.Limits.Concurrent = 1
		l.Limits.PerSecond = 5
		first := place(t, a, order(l, "maria@example.net", 1))
		stopped := gone{newReport(t)}
		if _, err := a.Place(t.Context(), order(l, "bia@example.net", 2), stopped); err != nil {
			t.Fatal(err)
		}
		last := place(t, a, order(l, "caio@example.net", 3))
		first.wait()
		last.wait()
		synctest.Wait()
		if len(f.taken()) != 2 || stopped.closed() {
			t.Errorf("%d messages; the one that was taken back has ended: %v", len(f.taken()), stopped.closed())
		}
		for _, heard := range f.heard() {
			if heard == "1 RCPT TO:<bia@example.net>" {
				t.Error("the server heard of who said stop")
			}
		}
	})
}
