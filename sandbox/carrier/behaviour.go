package carrier

import "strings"

// Behaviour is what a far end does.
type Behaviour string

// The behaviours. What each does is its row in Table.
const (
	Person       Behaviour = "person"
	Voicemail    Behaviour = "voicemail"
	Mute         Behaviour = "voicemail_without_beep"
	Busy         Behaviour = "busy"
	NoAnswer     Behaviour = "no_answer"
	Rejected     Behaviour = "rejected"
	Unknown      Behaviour = "unknown_number"
	Gone         Behaviour = "number_changed"
	Unavailable  Behaviour = "unavailable"
	Congestion   Behaviour = "congestion"
	Failure      Behaviour = "network_failure"
	Announcement Behaviour = "announcement"
	Drops        Behaviour = "answers_and_hangs_up"
	Leaves       Behaviour = "hangs_up_in_the_middle"
	Late         Behaviour = "answers_late"
	Silent       Behaviour = "silence"
	Lossy        Behaviour = "packet_loss"
	Disorder     Behaviour = "packet_disorder"
	Rings15      Behaviour = "rings_15_times"
	AsksInvite   Behaviour = "challenges_invite"
	AsksBye      Behaviour = "challenges_bye"
	Holds        Behaviour = "holds_and_resumes"
	Updates      Behaviour = "updates"
	Glare        Behaviour = "answers_the_cancel"
	Twice        Behaviour = "answers_twice"
	Nothing      Behaviour = "never_answers"
	TimerTheirs  Behaviour = "session_timer"
	TimerOurs    Behaviour = "session_timer_refreshed"
	Garbage      Behaviour = "garbage_answer"
	InfoKeys     Behaviour = "keys_by_info"
	Reliable     Behaviour = "reliable_ringing"
)

// Row documents the numbers of one behaviour.
type Row struct {
	Number    string    `json:"number"` // the pattern: +551190000BBXX, XX being free
	Behaviour Behaviour `json:"behaviour"`
	Key       string    `json:"key,omitempty"` // that the person presses
	Answer    string    `json:"answer"`        // the final answer that a caller meets with, if nobody gives up before
	Does      string    `json:"does"`
}

// Block begins the numbers whose last four digits choose a behaviour.
const Block = "+551190000"

// rows is the table, by BB.
var rows = []struct {
	bb        string
	behaviour Behaviour
	key       string
	answer    string
	does      string
}{
	{"10", Person, "", "200", "a person who answers in words"},
	{"11", Person, "1", "200", "a person who presses 1"},
	{"12", Person, "2", "200", "a person who presses 2"},
	{"13", Person, "3", "200", "a person who presses 3"},
	{"14", Person, "4", "200", "a person who presses 4"},
	{"15", Person, "5", "200", "a person who presses 5"},
	{"16", Person, "6", "200", "a person who presses 6"},
	{"17", Person, "7", "200", "a person who presses 7"},
	{"18", Person, "8", "200", "a person who presses 8"},
	{"19", Person, "9", "200", "a person who presses 9"},
	{"20", Person, "0", "200", "a person who presses 0"},
	{"21", Person, "*", "200", "a person who presses the star"},
	{"22", Person, "#", "200", "a person who presses the hash"},
	{"30", Voicemail, "", "200", "a voicemail box: greets, beeps, records"},
	{"31", Mute, "", "200", "a voicemail box that does not beep"},
	{"40", Busy, "", "486", "busy"},
	{"41", NoAnswer, "", "487", "rings until the caller gives up"},
	{"42", Rejected, "", "603", "rings, and the call is declined"},
	{"43", Unknown, "", "404", "no such number"},
	{"44", Congestion, "", "503", "no line free, with Retry-After"},
	{"45", Failure, "", "500", "the network fails"},
	{"46", Unavailable, "", "480", "switched off or out of reach"},
	{"47", Announcement, "", "404", "an announcement before the answer, then no such number"},
	{"48", Gone, "", "410", "the number was changed"},
	{"50", Drops, "", "200", "answers and hangs up at once"},
	{"51", Late, "", "200", "answers when the caller is about to give up"},
	{"52", Silent, "", "200", "answers and says nothing"},
	{"53", Leaves, "", "200", "a person who hangs up in the middle"},
	{"60", Lossy, "1", "200", "a person on a line that loses one packet in ten"},
	{"61", Disorder, "1", "200", "a person on a line that shuffles and delays packets"},
	{"70", Rings15, "1", "200", "says fifteen times that it rings, then a person"},
	{"71", AsksInvite, "1", "200", "wants the call signed in (401), then a person"},
	{"72", AsksBye, "1", "200", "a person; the hanging up must be signed in (407)"},
	{"73", Holds, "1", "200", "a person who puts the caller on hold and comes back"},
	{"74", Updates, "1", "200", "a person; the session is updated without and with a description"},
	{"75", Glare, "", "200", "rings; when the caller gives up it is answered in that moment"},
	{"76", Twice, "1", "200", "a person; a second telephone answers too"},
	{"77", Nothing, "", "", "nothing at all, not even that the call has arrived"},
	{"78", TimerTheirs, "1", "200", "a person; the caller must refresh the session"},
	{"79", Garbage, "", "200", "answers with nonsense for a session description"},
	{"80", TimerOurs, "1", "200", "a person; the far end refreshes the session"},
	{"81", InfoKeys, "1", "200", "a person whose keys arrive by INFO"},
	{"82", Reliable, "1", "200", "a person; the ringing must be confirmed (100rel)"},
}

// Table lists the numbers that choose a behaviour, in order.
func Table() []Row {
	out := make([]Row, len(rows))
	for i, r := range rows {
		out[i] = Row{Number: Block + r.bb + "XX", Behaviour: r.behaviour, Key: r.key, Answer: r.answer, Does: r.does}
	}
	return out
}

// Chooses reports whether a number chooses its behaviour itself.
func Chooses(number string) bool {
	_, _, ok := special(number)
	return ok
}

// special is what the number itself says; false for an ordinary number.
func special(number string) (b Behaviour, key string, ok bool) {
	var digits strings.Builder
	for _, c := range number {
		if c >= '0' && c <= '9' {
			digits.WriteRune(c)
		}
	}
	// Without plus sign, country code and trunk prefix: 11 9000 0BBXX.
	local := strings.TrimPrefix(Block, "+55")
	d := digits.String()
	before, inBlock := strings.CutSuffix(d[:max(0, len(d)-4)], local)
	if !inBlock || before != "" && before != "0" && before != "55" && before != "0055" {
		return "", "", false
	}
	bb := d[len(d)-4 : len(d)-2]
	for _, r := range rows {
		if r.bb == bb {
			return r.behaviour, r.key, true
		}
	}
	return "", "", false
}
