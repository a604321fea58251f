// Package email sends the messages of campaigns over SMTP. A line of kind e-mail is a mailbox at one mail server (the
// company's own relay, or a provider's submission service); the adapter speaks to that server only and leaves routing,
// queueing and bounces by mail to it.
//
// # What happens to an order
//
// Place queues the order for its line and returns; from then on it ends through its Reporter. A line has a pool of at
// most Limits.Concurrent connections (8 when it has no limit), opened one after the other as work asks for them, kept
// between messages, closed when idle, renewed after so many messages. One worker owns one connection:
//
//	connect, greeting, EHLO, STARTTLS or TLS, AUTH        once per connection
//	MAIL FROM, RCPT TO, DATA → 354                        in one write when the server has PIPELINING (RFC 2920)
//	the message and its final dot → 250                   one write
//
// MAIL, RCPT and DATA may be written together because a message has one recipient and DATA alone delivers nothing: when
// RCPT is refused and the server answers 354 all the same, an empty message to nobody ends the transaction.
//
// # What is certain
//
// Until the final dot has left us the server may not deliver (RFC 5321 4.1.1.4), so whatever goes wrong before it has
// disturbed nobody. From then until the reply nobody can know (RFC 1047): such an attempt ends as unknown and is never
// sent again by itself. A connection that turns out to be dead when it is used again (closed by the server meanwhile) is
// replaced, once, before the message counts as failed. All replies and failures become outcomes in one table, outcome.go.
//
// A message's Message-ID is made of the order's Thread, which all attempts of a recipient in a lap share: a far end that
// got a message twice can drop the second. X-Campanario-Attempt carries the attempt, so that a bounce that quotes the
// header can be matched. Neither Precedence nor Auto-Submitted is written: List-Unsubscribe already keeps well-behaved
// auto-responders silent (RFC 3834 2, RFC 5230 4.6), while help desks set aside what calls itself auto-generated.
//
// # When a line is down
//
// If no connection can be made, everything queued ends as a fault at once and new orders are refused for one second,
// then two, up to thirty (a minute when the password is wrong); then one connection tries. If the server refuses only further connections, the pool makes do
// with those it has for a minute.
//
// # Unsubscribing
//
// Links makes and reads signed links; Unsubscribe serves them: POST for one click (RFC 8058), and a page with one button
// for people, because a GET is made by every scanner of mail and must not unsubscribe anybody.
package email
