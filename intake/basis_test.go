package intake_test

import (
	"strings"
	"testing"
	"time"

	"campanario/audience"
	"campanario/channel"
	"campanario/intake"
	"campanario/rules"
)

// agrees is what the base knows by now of the person with a phone.
func (d *desk) agrees(phone string, k channel.Kind) (audience.Answer, []audience.Consent) {
	d.t.Helper()
	list, err := d.store.ContactsWith(d.ctx, "ws", channel.Address(phone), 0)
	d.must(err)
	if len(list) != 1 {
		d.t.Fatalf("%d contacts with %s", len(list), phone)
	}
	history, err := d.store.ConsentsOf(d.ctx, "ws", list[0].ID, 100)
	d.must(err)
	return audience.AnswerOf(audience.Decisive(append([]audience.Consent(nil), history...)), "", k, "", rules.OnChannel), history
}

// An import with a legal basis leaves consents, as far as people have said nothing themselves, and takes only these back.
func TestALegalBasisBecomesConsent(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		const head = "nome;telefone;email\n"
		const agreed, withdrew, silent, fresh = "+5511981110001", "+5511981110002", "+5511981110003", "+5511981110004"
		x := d.open(head + "A;" + agreed + ";\nB;" + withdrew + ";\nC;" + silent + ";\n")
		_, err := d.Commit(d.ctx, "ws", x.ID)
		d.must(err)
		d.work(x, nil)
		for phone, given := range map[string]bool{agreed: true, withdrew: false} {
			list, err := d.store.ContactsWith(d.ctx, "ws", channel.Address(phone), 0)
			d.must(err)
			c := audience.Consent{Channel: channel.Voice, Given: given, Basis: audience.BasisConsent, Source: audience.FromCall, At: d.now, Kept: d.now}
			_, err = d.store.AddConsent(d.ctx, "ws", list[0].ID, c)
			d.must(err)
		}
		voice := audience.Filter{Field: audience.FieldConsent, Channel: channel.Voice}
		mail := audience.Filter{Field: audience.FieldConsent, Channel: channel.Email}
		d.now = d.now.Add(time.Hour)

		y := d.open(head + "A;" + agreed + ";\nB;" + withdrew + ";\nC;" + silent + ";c@example.com\nD;" + fresh + ";\nD;" + fresh + ";\n")
		set := y.Settings
		set.Basis = audience.BasisContract
		_, err = d.Edit(d.ctx, "ws", y.ID, y.Revision, set)
		d.must(err)
		_, err = d.Commit(d.ctx, "ws", y.ID)
		d.must(err)
		if y = d.work(y, nil); y.State != intake.StateDone {
			t.Fatalf("%s %v", y.State, y.Failure)
		}
		for phone, want := range map[string]struct {
			voice, sms audience.Answer
			entries    int
		}{
			agreed:   {audience.Agreed, audience.Agreed, 3},
			withdrew: {audience.Withdrew, audience.Agreed, 3},
			silent:   {audience.Agreed, audience.Agreed, 4},
			fresh:    {audience.Agreed, audience.Agreed, 3},
		} {
			said, history := d.agrees(phone, channel.Voice)
			sms, _ := d.agrees(phone, channel.SMS)
			if said != want.voice || sms != want.sms || len(history) != want.entries {
				t.Errorf("%s: %v by voice, %v by sms, %d entries", phone, said, sms, len(history))
			}
			if h := history[0]; h.Source != audience.FromImport || h.Basis != audience.BasisContract || !strings.Contains(h.Proof, y.ID) || !h.At.Equal(d.now) {
				t.Errorf("%s: %+v", phone, h)
			}
		}
		if v, m := d.count(voice), d.count(mail); v != 3 || m != 1 {
			t.Errorf("%d agree to calls, %d to e-mail", v, m)
		}

		d.now = d.now.Add(time.Hour)
		_, err = d.Undo(d.ctx, "ws", y.ID)
		d.must(err)
		if y = d.work(y, nil); y.State != intake.StateUndone {
			t.Fatalf("%s %v", y.State, y.Failure)
		}
		for phone, want := range map[string]audience.Answer{agreed: audience.Agreed, withdrew: audience.Withdrew, silent: audience.NeverAsked} {
			if said, _ := d.agrees(phone, channel.Voice); said != want {
				t.Errorf("%s after undoing: %v", phone, said)
			}
			if said, _ := d.agrees(phone, channel.SMS); said != audience.NeverAsked {
				t.Errorf("%s after undoing: %v by sms", phone, said)
			}
		}
		if _, history := d.agrees(silent, channel.Voice); len(history) != 8 || history[0].Given || !strings.Contains(history[0].Proof, "undone") {
			t.Errorf("the history is not whole: %+v", history)
		}
		if v, m := d.count(voice), d.count(mail); v != 1 || m != 0 {
			t.Errorf("after undoing %d agree to calls, %d to e-mail", v, m)
		}
	})
}
