// Package dialog is a SIP user agent for calls: it makes them, takes them, keeps them and ends them. It carries session
// descriptions without reading them; who makes and reads those is a Media, and what is said in the call is not its
// business either.
//
// # A call out
//
// Trunk.Call sends an INVITE whose Call-ID and From tag derive from the attempt (RFC 3261 section 13). Then any of this
// can happen, in any order that a network allows:
//
//   - 1xx: any number of them, from any branch of a fork. The first 18x means that somebody may have been disturbed
//     (Final.Rang). One that is to be confirmed is met with PRACK (RFC 3262). A session description in it is early
//     media.
//   - 2xx: the call is up as soon as its ACK is sent. Every repetition gets the ACK again. A 2xx from another branch gets
//     an ACK and a BYE, and so does one that arrives after the call was given up: an answered leg that nobody ends stays
//     up and is paid for. For 64·T1 after its end a call leaves a grave behind for that.
//   - 401 and 407: signed in, once for each realm, and once more when the nonce was too old. 422: sent again with the
//     interval that is wanted. 3xx: followed if the trunk says so. 503: the trunk's next gateway, unless it rang.
//   - Nothing: over UDP the INVITE is repeated for 32 s, or until the trunk's next gateway is tried.
//   - We give up: by CANCEL, but never before anything was heard (RFC 3261 section 9.1); until then the wish waits. A 200
//     that crosses the CANCEL gets an ACK and a BYE.
//
// # Inside a call
//
// Either side may offer the media anew (re-INVITE, UPDATE), an INVITE without an offer asks us for one and is answered
// in its ACK, offers that cross are tried again (491), session timers are kept in both roles (RFC 4028), requests are
// signed in like the INVITE, and our own 2xx are repeated until their ACK has come. The route set, strict routers
// included, and the remote target follow RFC 3261 section 12.
//
// # Order and time
//
// All that happens to one call runs in one order, its mailbox, which is a goroutine only while something is in it. The
// goroutines that read sockets only fill mailboxes. Timers post to mailboxes too. So a Media or an event handler holds up
// its own call and no other.
//
// # Layers
//
// Package message reads (with sipgo's parser) and writes the text, package transport owns the sockets, package
// transaction repeats and matches; Agent, Trunk and Call are what stands above. What the end of a call means to a
// campaign is one table, in outcome.go.
package dialog
