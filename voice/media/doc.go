// Package media carries the sound of calls: RTP and RTCP over UDP (RFC 3550, 3551), keys as telephone events (RFC 4733),
// G.711 both ways. It knows no SIP: whoever signals gives a Session the result of the negotiation (package sdp makes it)
// and gets frames of 20 ms.
//
// # Sending
//
// Every call sends one packet of 20 ms every 20 ms, whether anybody speaks or not: silence keeps the paths of NATs and
// session border controllers open. One Pacer per process calls all sessions. Its schedule is absolute: session s is due
// at t0 + n × 20 ms + its place within the 20 ms, so that calls are spread evenly and no error adds up. When the process
// was kept from running, the frames whose time has passed are not sent late in a burst (a far end would throw them away
// or play them late for ever); the RTP timestamp moves over them and the next packet is the one that is due now.
//
// Sound is pulled from an audio.Source when it is due, so that the clock of what has been heard lives here and nowhere
// else.
//
// # Receiving
//
// Each session has a goroutine that reads its RTP socket. A packet is heard if it comes from the right source (see
// below) and belongs to the stream. Packets in order are decoded and handed on at once; nothing is delayed to even out
// jitter, because those who listen (detection, recognition, recording) count frames and have no loudspeaker. A packet
// that is ahead waits until the missing one comes or three have arrived after it; then the gap is concealed by repeating
// the last frame twice, ever more quietly, and silence after that.
//
// Time for the listener is the number of frames. So when nothing arrives for 100 ms, frames of silence are handed on by
// the clock until something does: a far end that sends nothing at all is 50 frames of silence a second. Nothing is
// handed on while the call is held in our direction.
//
// # Whom we listen to
//
// SDP says where the far end wants to receive, which behind a NAT is often not where its packets come from. So a
// session latches, like other telephone systems ("symmetric RTP"):
//
//   - Before a source is confirmed, a packet from the signalled address confirms it at once; any other address must send
//     three packets in sequence of one stream, with no packet from the signalled address among them.
//   - Once confirmed, packets from elsewhere are dropped. Somebody who sprays packets at our ports cannot take a call
//     over ("RTP bleed"); and who was there before the far end spoke loses it to three packets in sequence from the
//     signalled address.
//   - The source may move only: to an address newly signalled (a re-INVITE; the old source is heard until the new one
//     speaks); to any address that continues the confirmed stream, same SSRC and next sequence numbers, three packets
//     long (a NAT that forgot its mapping); or to another port of the same host once the confirmed one has been quiet for
//     half a second.
//
// We send to the signalled address until a source is confirmed, and to the confirmed source from then on.
//
// # Ends
//
// RTCP goes to the next port every five seconds or so, with statistics as in RFC 3550, and a BYE when the session
// closes. A session that should hear the far end and has not had a packet for some time says so once; whether that ends
// the call is the caller's decision. Encryption (SRTP) has its place in Cipher and is not built yet.
package media
