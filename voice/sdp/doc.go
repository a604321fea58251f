// Package sdp agrees on the sound of a call: it writes and reads session descriptions (RFC 4566) and leads one side of
// the exchange of offers and answers (RFC 3264).
//
// We offer one audio stream: A-law and µ-law in the order the line prefers, telephone events (RFC 4733), packets of
// 20 ms. Of what the far end describes we take the first audio stream over plain RTP with a codec of ours; every other
// stream (video, fax, a second audio) is refused with port 0 and keeps its place in all that follows, as RFC 3264
// demands.
//
// Who answers takes the offerer's first codec that it knows, alone, so that both sides speak the same law; an offer in the
// middle of a call keeps the codec that is spoken. A description of ours gets a new version in its o= line exactly when
// it differs from the one before.
//
// Hold is a direction: the far end that says sendonly or inactive, or, as older devices do, gives the address 0.0.0.0,
// does not want to hear us.
//
// Reading is lenient where devices in the field are sloppy (order of lines, line ends, unknown lines, session identifiers
// that are no numbers) and bounded in all that can be repeated. SRTP is recognised and refused by name; its place is the
// a=crypto lines of a stream of RTP/SAVP (RFC 4568), whose keys would go to media.Params.Cipher.
package sdp
