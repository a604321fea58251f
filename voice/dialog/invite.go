package dialog

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"campanario/internal/fault"
	"campanario/voice/dialog/message"
)

// Invite is a call to be made.
type Invite struct {
	// ID names the attempt and becomes the Call-ID, so that the carrier's records can be matched with ours. Empty for a
	// random one.
	ID   string
	To   string        // number or user part; the trunk's gateway is its host
	From string        // number or user part that the far end is shown
	Name string        // display name that the far end is shown; may be empty
	Ring time.Duration // how long it may ring, from the INVITE on; 0 for 45 s
	// Fields are further header lines, such as P-Asserted-Identity.
	Fields []Field
	Media  Media
	// Events is told what happens, in order. It must not block for long: the call waits for it. May be nil.
	Events func(*Call, Event)
}

// CallID is the Call-ID that an attempt's INVITE has.
func CallID(id string) string { return id }

// Tag is the From tag that an attempt's INVITE has.
func Tag(id string) string {
	sum := sha256.Sum256([]byte("campanario/" + id))
	return hex.EncodeToString(sum[:8])
}

// check tells what is wrong with an order to call.
func (inv *Invite) check() error {
	var bad fault.List
	word := func(field, s string) {
		if s == "" || !message.Clean(s) || strings.ContainsAny(s, " \t<>\"") {
			bad = append(bad, fault.New(fault.Invalid, "sip_text_invalid", nil).At(field))
		}
	}
	word("id", inv.ID)
	word("to", inv.To)
	word("from", inv.From)
	if !message.Clean(inv.Name) {
		bad = append(bad, fault.New(fault.Invalid, "sip_text_invalid", nil).At("name"))
	}
	for i, f := range inv.Fields {
		if f.Name == "" || strings.ContainsAny(f.Name, ": \t") || !message.Clean(f.Name) || !message.Clean(f.Value) {
			bad = append(bad, fault.New(fault.Invalid, "sip_text_invalid", nil).At("fields["+strconv.Itoa(i)+"]"))
		}
	}
	return bad.Err()
}

// defaultRing is how long a call rings when nobody says.
const defaultRing = 45 * time.Second

// Call makes a call. By the time it returns the INVITE has been handed to the network, or that has failed and the call
// is over: ctx bounds only the wait for a connection, and the call goes on when it ends. The error is a fault.List for
// an order that cannot be placed, or says that the agent is not running.
func (t *Trunk) Call(ctx context.Context, inv Invite) (*Call, error) {
	if inv.ID == "" {
		inv.ID = message.Token() + message.Token()
	}
	if inv.Ring == 0 {
		inv.Ring = defaultRing
	}
	if err := inv.check(); err != nil {
		return nil, err
	}
	c := newCall(t.agent, callKey{CallID(inv.ID), Tag(inv.ID)})
	c.trunk, c.media, c.events, c.from = t, inv.Media, inv.Events, inv.From
	c.auth.creds = t.opt.Credentials
	c.out = &outgoing{inv: inv, redirects: t.opt.Redirects, asked: t.opt.Session}
	if err := t.agent.enrol(c); err != nil {
		return nil, err
	}
	c.box.inline(func() { c.begin(ctx) })
	return c, nil
}
