package dialog

import (
	"time"

	"campanario/voice/dialog/transport"
)

// Ending says in one word how a call ended.
type Ending string

// The endings of a call. The first eight are of calls that were not answered.
const (
	EndUnreachable Ending = "unreachable"  // the INVITE reached no gateway: certainly nobody was disturbed
	EndNoResponse  Ending = "no_response"  // the INVITE was sent and nothing at all was heard
	EndLost        Ending = "lost"         // the way broke after the INVITE may have arrived
	EndAuth        Ending = "auth"         // the gateway wants credentials that we do not have or does not take ours
	EndRefused     Ending = "refused"      // a final answer of the far end: Status says which
	EndRingTimeout Ending = "ring_timeout" // it rang for as long as we let it
	EndCancelled   Ending = "cancelled"    // we hung up before it was answered; or, on a call in, they did
	EndMedia       Ending = "media"        // the two sides have no way to talk: answered, and ended at once
	EndBye         Ending = "bye"          // answered, and hung up by EndedBy
	EndExpired     Ending = "expired"      // answered, and the far end has since vanished
)

// Side is who did something.
type Side string

// The sides. An unanswered call that nobody gave up on has none.
const (
	Us   Side = "us"
	Them Side = "them"
)

// Final is all that is known of a call when it is over. Times are zero for what never happened.
type Final struct {
	End        Ending
	Status     int    // the final SIP answer to the INVITE; 0 when none was heard
	Phrase     string // its reason phrase, as the far end wrote it
	Cause      int    // the Q.850 cause of that answer or of the BYE that ended the call; 0 for none
	CauseText  string
	RetryAfter time.Duration // what the answer asked for; 0 for nothing
	Challenge  int           // for EndAuth: 401 or 407

	EndedBy  Side
	Sent     time.Time // the first INVITE left us
	Rang     time.Time // the first 18x
	Answered time.Time // the 2xx
	Ended    time.Time // the BYE, the CANCEL's or the final answer, or the moment we gave up

	Heard     bool           // anything was heard, be it only 100
	Delivered bool           // an INVITE may have arrived: people may have been disturbed
	Transport transport.Kind // why no INVITE could be sent, for EndUnreachable and EndLost
	Down      bool           // no gateway was even tried: all were known to be silent
	Gateway   string         // the gateway that the call ended on
	Tried     int            // how many INVITEs were sent, not counting repetitions
}

// Ring is the time from the start to the answer or, without one, to the end.
func (f Final) Ring() time.Duration {
	switch {
	case f.Sent.IsZero():
		return 0
	case !f.Answered.IsZero():
		return f.Answered.Sub(f.Sent)
	}
	return f.Ended.Sub(f.Sent)
}

// Talk is the time from the answer to the end.
func (f Final) Talk() time.Duration {
	if f.Answered.IsZero() {
		return 0
	}
	return f.Ended.Sub(f.Answered)
}
