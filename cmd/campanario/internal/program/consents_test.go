package program_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"campanario/audience"
	"campanario/channel"
)

// post answers a public page.
func post(t *testing.T, link string, form url.Values) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, link, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}

// TestPublicPages gives consent by the contact's own link, and takes it back by that of a message.
func TestPublicPages(t *testing.T) {
	p := start(t, options(t))
	ctx := t.Context()
	name, mailbox := "Ana", "Ana@example.com"
	c, err := p.Contacts.Create(ctx, p.Workspace, audience.ContactEdit{Name: &name, Email: &mailbox})
	if err != nil {
		t.Fatal(err)
	}
	link, err := p.Consents.Invite(ctx, p.Workspace, c.ID, channel.Email, "")
	if err != nil {
		t.Fatal(err)
	}
	if status := post(t, link, url.Values{"answer": {"yes"}}); status != http.StatusOK {
		t.Fatalf("consent: %d", status)
	}
	unsubscribe := p.UnsubscribeLink(p.Workspace, "campaign", 7, channel.Address(mailbox))
	for range 2 { // a mail program may send it again
		if status := post(t, unsubscribe, url.Values{"List-Unsubscribe": {"One-Click"}}); status != http.StatusOK {
			t.Fatalf("unsubscribe: %d", status)
		}
	}
	history, err := p.Consents.History(ctx, p.Workspace, c.ID)
	if err != nil || len(history) != 2 || history[0].Given || !history[1].Given || !strings.Contains(history[0].Proof, "unsubscribe") {
		t.Errorf("%+v, %v", history, err)
	}
	list, err := p.Suppressions.List(ctx, p.Workspace, mailbox, audience.SuppressionQuery{Limit: 10})
	if err != nil || len(list) != 1 || list[0].Reason != string(audience.OptedOut) {
		t.Errorf("suppressed: %+v, %v", list, err)
	}
}
