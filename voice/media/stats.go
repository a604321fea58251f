package media

import "time"

// Counters count what was received since the session began.
type Counters struct {
	Packets   uint64 // from the confirmed source
	Octets    uint64 // of their payloads
	Strangers uint64 // packets from somewhere else, not heard
	Broken    uint64 // datagrams that were no RTP, or failed to open
	Dropped   uint64 // packets of another stream or place in it, while it was not clear that it is a new one
	Unknown   uint64 // packets of a payload type nobody agreed on
	Unheard   uint64 // packets that came while we were not to hear anything
	Late      uint64 // duplicates, and packets that came after they had been given up
	Reordered uint64 // packets that came before their turn
	Streams   uint64 // changes of the far end's SSRC

	Frames    uint64 // frames handed on, of which
	Concealed uint64 // were invented in place of lost packets, and
	Filled    uint64 // were silence because nothing came
}

// Stats is what is known of a session at one moment.
type Stats struct {
	Received Counters
	Lost     int64         // packets of the far end that never came
	Jitter   time.Duration // of its packets (RFC 3550)

	Sent       uint64        // packets
	SentOctets uint64        // of their payloads
	Unsent     uint64        // packets that the system refused
	Missed     uint64        // frames whose time passed while the process was kept from running
	WorstLate  time.Duration // the latest that a packet was sent, against the schedule

	Quiet time.Duration // since the last packet was received, or since the start

	// What the far end reports of our packets; zero before its first report.
	Reports      uint64
	RemoteLost   int64
	RemoteJitter time.Duration
	RoundTrip    time.Duration
}
