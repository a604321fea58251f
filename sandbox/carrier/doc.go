// Package carrier is a telephone carrier inside the process: a SIP user agent on loopback (UDP and TCP, TLS if wanted)
// whose far ends behave by the number that is dialled, with real signalling and real sound both ways.
//
// # Numbers
//
// +55 11 9000 0BBXX behaves as BB says; XX is free, so that many contacts can behave alike. Table lists every BB. The
// block is no telephone's: subscriber numbers in São Paulo have nine digits. The country code, the plus sign and a
// leading 0 may be missing. Every other number is an ordinary one: what it does follows from the number, from how often
// it was called before and from Options.Seed, in the shares of Options.Mix, and is the same in every run. An unknown
// number stays unknown however often it is called.
//
// # People
//
// A person lets it ring for one to six seconds, says a greeting, and then listens: when somebody has spoken and been
// silent for 0.7 s, the person thinks for half a second to two seconds and presses a key, or says a few words. Nothing to
// hear for 20 s, and the person hangs up. A voicemail box greets for longer than people do, beeps, records, and hangs up
// after silence. All of it is spoken by eSpeak NG where that is installed, and otherwise hummed with the rhythm of speech.
//
// Times of far ends are divided by Options.Speed; the sound itself is not.
//
// # The log
//
// Every INVITE that begins a call is one sandbox.EventStart, at the time at which the kernel had it; a repetition, and the
// same INVITE signed in after a challenge, is not another. An INVITE with a Call-ID that was seen before is, as one that
// is merged with a call that is still there: who holds a caller to «no attempt is made twice» counts these by Ref. Answer
// and end follow as they happen.
package carrier
