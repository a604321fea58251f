// Package voice calls people over SIP trunks and has agents talk to them: it is the channel.Adapter of channel.Voice.
//
// # A call
//
//	Place      the line's trunk is opened if need be, ports for the sound are taken, the INVITE is written
//	  │
//	ringing    the conversation is opened: its engine connects and makes its first words
//	  │
//	answered   the agent speaks at once; meanwhile the ears find out who answered
//	  ├── a person, or nobody can tell: the conversation goes on until either side hangs up, the longest duration is over,
//	  │   or the person has left the agent without an answer for the campaign's silence timeout
//	  └── a machine, even one found late by its beep: the agent falls silent, and by the campaign's policy the call is
//	      hung up, or the message is left once the announcement is over
//	  │
//	over       exactly one channel.Outcome, whatever happened, an engine that panicked included
//
// # Who does what
//
//   - dialog signals, media moves sound, sdp agrees on it, detect listens, speech makes words into sound.
//   - An Adapter owns them and its calls; Drain lets the calls end.
//   - Each call lives in one goroutine (call.run). What happens elsewhere, in signalling, in the goroutine that brings
//     frames, in the pacer, in timers, is posted to its mailbox, in order. Frames themselves go straight to the ears and
//     the conversation, 50 a second, and cost no switch of goroutines.
//   - A Conversation is what an agent says and hears, made by the Engine of its kind. Scripts is one; an adapter for a
//     provider's protocol is another, in one file.
//
// # Silence
//
// The time that counts against the silence timeout is the person's turn: the agent says nothing, and neither do they. It
// adds up until they speak or press a key, so that a script which asks the same again and again does not go on for ever.
package voice
