// Package mailbox is the sandbox's mail server: a real SMTP server (RFC 5321) on loopback that delivers nothing. What it
// does with a message depends on the mailbox it is for, and it writes what it saw to the sandbox's log, which tests use
// as the truth about what the engine did.
//
// # How a recipient chooses the behaviour
//
// The local part of the address is compared, without regard to case, with the names of Behaviours; the longest name that
// begins it wins: `bounce@…`, `bounce7@…` and `bounce.maria@…` all bounce. An address that no name begins is ordinary: a
// hash of the seed and the address gives it a place in the mix (by default 94 % ok, 3 % bounce, 2 % greylist, 1 % full),
// so that the same address does the same in every run with the same seed, in whatever order messages come.
//
// # When things happen
//
//	MAIL FROM   always accepted
//	RCPT TO     bounce, full, quota, blocked, defer, tempfail and the first greylist refuse here;
//	            drop-before-data closes the connection, nonsense answers what is not SMTP, never stays silent
//	DATA        drop-mid-data closes the connection after the first bytes of the message
//	final dot   spam refuses here; drop-after-data closes, nonsense-after-data answers what is not SMTP and
//	            never-after-data stays silent, all three having taken the message; the others answer 250
//
// # The log
//
// One record for every recipient of every transaction: EventStart with the Message-ID when a message was read to its
// final dot, without it when the recipient was refused before. Result is the reply's code; empty when the far end gave
// no reply. The record is written before the reply, so a client that dies waiting for it is in the log too.
package mailbox
