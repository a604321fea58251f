// Package transport moves SIP messages over UDP, TCP and TLS sockets (RFC 3261 section 18).
//
// A Stack owns every socket of one user agent. Listening sockets are bound by Open; connections to others are made when
// they are first needed and kept. What arrives is handed up in the order in which it arrived on its socket, by the one
// goroutine that reads that socket, together with its Flow: the way back. What is sent never blocks: a datagram goes
// straight to the kernel, and a stream connection has a bounded queue with a goroutine behind it; a peer that does not
// read loses its connection instead of holding up the calls of others.
//
// This is not sipgo's transport layer, although its parser is used, because a dialler must be able to stop and wait for
// every goroutine, must stay within bounded memory under a flood (sipgo starts a goroutine for each message and keeps an
// entry for each source address), must see responses in their order, and must learn at once that a peer's port is
// closed.
package transport
