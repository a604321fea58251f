package voice

import (
	"campanario/channel"
	"campanario/voice/dialog"
)

// Who answered, as an outcome says it.
const (
	byHuman   = "human"
	byMachine = "machine"
	bySilence = "silence"
	byUnknown = "unknown"
	byFax     = "fax" // told as a machine, with its reason
)

// Reasons of this package, beside those of signalling: keys of sentences for operators.
const (
	ReasonAgentFailed  = "agent_failed"       // the engine broke or could not be reached
	ReasonMaxDuration  = "call_max_duration"  // hung up at the campaign's longest duration
	ReasonSilence      = "call_silence"       // hung up because the person left the agent without an answer
	ReasonNoAudio      = "call_no_audio"      // answered, and not one packet of sound came
	ReasonFax          = "call_fax"           // a fax answered
	ReasonStopped      = "call_stopped"       // hung up by an operator or because the node stops
	ReasonNodeStopping = "node_stopping"      // not placed: the node is going down
	ReasonNotInTime    = "call_not_in_time"   // not placed: no connection to the gateway in the time there was
	ReasonBadContent   = "call_content"       // not placed: the order is not for a call
	ReasonBadNumber    = "call_number"        // not placed: the address is no telephone number
	ReasonBadLine      = "call_line_settings" // not placed: the line's settings do not hold
	ReasonNoEngine     = "agent_unavailable"  // not placed: nothing here speaks for this kind of agent
	ReasonStuck        = "call_stuck"         // given up: signalling never told the end
)

// told is what the conversation of a call learnt.
type told struct {
	answeredBy string
	machine    bool // a machine answered
	left       bool // and has taken the message
	heard      bool // the person spoke or pressed a key
	optedOut   bool
	goal       bool   // told so by the conversation
	variable   string // the one that says so too when it is "true"; may be empty
	failed     bool   // the engine broke
	reason     string // why we hung up, when it was not the agent's wish
	collected  map[string]string
	dialogue   []channel.Turn
}

// outcome is how a call ended: what signalling says of the call, and, once it was answered, what was learnt in it.
func outcome(f dialog.Final, t told) channel.Outcome {
	o := f.Outcome()
	if f.Answered.IsZero() || f.End == dialog.EndMedia {
		if t.failed && o.Code == channel.Cancelled {
			o.Code, o.Reason = channel.Failed, ReasonAgentFailed
		}
		return o
	}
	o.Code = t.code()
	switch {
	case t.failed:
		o.Reason = ReasonAgentFailed
	case t.reason != "":
		o.Reason = t.reason
	}
	o.AnsweredBy, o.Goal, o.Collected, o.Dialogue = t.answeredBy, t.reachedGoal(), t.collected, t.dialogue
	if o.AnsweredBy == "" {
		o.AnsweredBy = byUnknown
	}
	return o
}

func (t told) reachedGoal() bool {
	return t.goal || t.variable != "" && t.collected[t.variable] == "true"
}

// code is what the conversation was worth. What the person said counts whatever happened to the call afterwards.
func (t told) code() channel.Code {
	switch {
	case t.optedOut:
		return channel.OptedOut
	case t.left:
		return channel.MessageLeft
	case t.machine:
		return channel.Voicemail
	case t.failed && !t.reachedGoal():
		return channel.Failed
	case !t.heard && !t.reachedGoal():
		return channel.Silent
	default:
		return channel.Completed
	}
}
