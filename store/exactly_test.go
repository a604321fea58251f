package store_test

import (
	"testing"

	"campanario/audience"
	"campanario/channel"
)

func TestAWholeAddressFindsThoseWhoHaveIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.contact("a@example.com")
		w.contact("b@example.com", "A@Example.com")
		w.contact("aa@example.com")
		search := func(workspace string) (out []channel.Address) {
			t.Helper()
			list, _, err := w.Contacts(w.ctx, workspace, audience.ContactQuery{Search: " a@example.com", Exact: []channel.Address{"a@example.com"}, Limit: 10})
			w.must(err)
			for i := range list {
				out = append(out, list[i].Reaches[0].Address)
			}
			return out
		}
		if got := search("ws"); len(got) != 2 || got[0] != "b@example.com" || got[1] != "a@example.com" {
			t.Errorf("found %q", got)
		}
		if got := search("other"); len(got) != 0 {
			t.Errorf("found %q elsewhere", got)
		}
	})
}
