// Package transaction repeats requests until they are answered and answers until they are confirmed: the client and
// server transactions of RFC 3261 section 17, with the corrections of RFC 6026.
//
// An INVITE client transaction repeats the INVITE over UDP (timer A) until anything is heard, gives up after 64·T1
// (timer B), acknowledges every final answer that is not a 2xx, and repeats that ACK for as long as the answer is
// repeated (timer D). It ends with the first 2xx; further 2xx, repeated or from another branch of a fork, go to the
// Core, because their ACK is the dialog's business. Any other client transaction repeats its request (timer E) until a
// final answer or 64·T1 (timer F).
//
// An INVITE server transaction says 100 after 200 ms when nobody else has said anything, repeats a final answer that is
// not a 2xx until its ACK (timers G and H), and after a 2xx only swallows repeated INVITEs (timer L): the dialog repeats
// its own 2xx. Any other server transaction repeats its answer when the request is repeated (timer J).
//
// Each transaction has one timer, keeps the bytes it sent, and costs no goroutine. Answers reach their User in the
// order in which they arrived. The timers belong to the Layer, not to the process.
package transaction
