// Package message reads and writes the text of SIP (RFC 3261 section 7).
//
// Reading is sipgo's parser with the typed headers that every message needs (Via, CSeq, Call-ID, Content-Length);
// everything else stays text until somebody asks, because a telephone call needs few of the headers it is sent. What
// that parser lets through although RFC 3261 forbids it is found by Check, and what it refuses although a sender waits
// for an answer is turned into a reply by Malformed, so that a broken request is refused once instead of being
// repeated for 32 seconds.
//
// Writing goes straight into one byte slice from a Request or a Reply value: a retransmission is the same bytes again,
// and the ACK, the CANCEL and the next request of a dialog are made from the value that made the first.
package message
