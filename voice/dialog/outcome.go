package dialog

import (
	"fmt"
	"strconv"

	"campanario/channel"
	"campanario/voice/dialog/transport"
)

// The class of an outcome decides whether a person may be rung again at once, so it is chosen by what can have happened
// at that person's end:
//
//   - fault (Congested, LineFailed) only when nobody can have been disturbed: the INVITE never left, or was refused for
//     the line's sake before any 18x. After an 18x the same refusal is Failed, which counts.
//   - A wholly unanswered INVITE is Unknown, not a fault: with a network that loses one direction the telephone may have
//     rung every time. What keeps an outage from using up a campaign's attempts is that such a gateway is not called
//     again until it answers a probe (see gateway): the calls that follow are LineFailed without having been sent.
//   - bad_address only where the network says that the number does not exist, as it is never tried again.
type verdict struct {
	code   channel.Code
	reason string // key of the sentence for operators; empty when the code's own says it all
}

// statuses is what each final SIP answer means (the IANA registry of response codes, complete). What is not in it goes
// by its hundred.
var statuses = map[int]verdict{
	300: {channel.Failed, "sip_redirected"},
	301: {channel.Failed, "sip_redirected"},
	302: {channel.Failed, "sip_redirected"},
	305: {channel.Failed, "sip_redirected"},
	380: {channel.Failed, "sip_redirected"},

	400: {channel.LineFailed, "sip_request_refused"},
	401: {channel.LineFailed, "sip_credentials_refused"},
	402: {channel.LineFailed, "sip_payment_required"},
	403: {channel.LineFailed, "sip_forbidden"},
	404: {channel.InvalidNumber, ""},
	405: {channel.LineFailed, "sip_request_refused"},
	406: {channel.LineFailed, "sip_media_refused"},
	407: {channel.LineFailed, "sip_credentials_refused"},
	408: {channel.NoAnswer, "sip_callee_unreachable"},
	409: {channel.Failed, "sip_call_refused"},
	410: {channel.InvalidNumber, "sip_number_gone"},
	411: {channel.LineFailed, "sip_request_refused"},
	412: {channel.LineFailed, "sip_request_refused"},
	413: {channel.LineFailed, "sip_request_refused"},
	414: {channel.LineFailed, "sip_request_refused"},
	415: {channel.LineFailed, "sip_media_refused"},
	416: {channel.LineFailed, "sip_request_refused"},
	417: {channel.LineFailed, "sip_request_refused"},
	420: {channel.LineFailed, "sip_request_refused"},
	421: {channel.LineFailed, "sip_request_refused"},
	422: {channel.LineFailed, "sip_session_timer_refused"},
	423: {channel.LineFailed, "sip_request_refused"},
	424: {channel.LineFailed, "sip_request_refused"},
	425: {channel.LineFailed, "sip_request_refused"},
	428: {channel.LineFailed, "sip_identity_refused"},
	429: {channel.LineFailed, "sip_identity_refused"},
	430: {channel.LineFailed, "sip_request_refused"},
	433: {channel.Rejected, "sip_anonymous_refused"},
	436: {channel.LineFailed, "sip_identity_refused"},
	437: {channel.LineFailed, "sip_identity_refused"},
	438: {channel.LineFailed, "sip_identity_refused"},
	439: {channel.LineFailed, "sip_request_refused"},
	440: {channel.Failed, "sip_routing_failed"},
	469: {channel.LineFailed, "sip_request_refused"},
	470: {channel.Rejected, "sip_consent_needed"},
	480: {channel.NoAnswer, "sip_callee_unavailable"},
	481: {channel.LineFailed, "sip_request_refused"},
	482: {channel.Failed, "sip_routing_failed"},
	483: {channel.Failed, "sip_routing_failed"},
	484: {channel.InvalidNumber, "sip_number_incomplete"},
	485: {channel.InvalidNumber, "sip_number_ambiguous"},
	486: {channel.Busy, ""},
	487: {channel.NoAnswer, "sip_given_up_by_network"},
	488: {channel.LineFailed, "sip_media_refused"},
	489: {channel.LineFailed, "sip_request_refused"},
	491: {channel.Failed, "sip_call_refused"},
	493: {channel.LineFailed, "sip_request_refused"},
	494: {channel.LineFailed, "sip_request_refused"},

	500: {channel.LineFailed, "sip_server_error"},
	501: {channel.LineFailed, "sip_server_error"},
	502: {channel.LineFailed, "sip_server_error"},
	503: {channel.Congested, "sip_congestion"},
	504: {channel.LineFailed, "sip_server_error"},
	505: {channel.LineFailed, "sip_request_refused"},
	513: {channel.LineFailed, "sip_request_refused"},
	555: {channel.LineFailed, "sip_server_error"},
	580: {channel.LineFailed, "sip_server_error"},

	600: {channel.Busy, ""},
	603: {channel.Rejected, ""},
	604: {channel.InvalidNumber, ""},
	606: {channel.LineFailed, "sip_media_refused"},
	607: {channel.Rejected, "sip_unwanted"},
	608: {channel.Rejected, "sip_rejected_by_network"},
}

// hundreds is what an answer means that is not registered (RFC 3261 section 8.1.3.2).
var hundreds = map[int]verdict{
	3: {channel.Failed, "sip_redirected"},
	4: {channel.Failed, "sip_call_refused"},
	5: {channel.LineFailed, "sip_server_error"},
	6: {channel.Rejected, ""},
}

// causes is what a Q.850 cause (ITU-T Q.850, as carried by RFC 3326) means beside a SIP status. It speaks from nearer to
// the person, so it goes before the status; the causes that say nothing of their own (16, 30, 31, 127 and whatever is
// missing here) leave the status alone. The mapping follows RFC 3398 section 7.2.4.1.
var causes = map[int]verdict{
	1:   {channel.InvalidNumber, ""},
	2:   {channel.LineFailed, "sip_routing_failed"},
	3:   {channel.Failed, "sip_routing_failed"},
	4:   {channel.InvalidNumber, ""},
	5:   {channel.InvalidNumber, "sip_number_incomplete"},
	6:   {channel.LineFailed, "sip_server_error"},
	8:   {channel.Congested, "sip_congestion"},
	17:  {channel.Busy, ""},
	18:  {channel.NoAnswer, "sip_callee_unreachable"},
	19:  {channel.NoAnswer, ""},
	20:  {channel.NoAnswer, "sip_callee_unreachable"},
	21:  {channel.Rejected, ""},
	22:  {channel.InvalidNumber, "sip_number_gone"},
	23:  {channel.Failed, "sip_redirected"},
	24:  {channel.Rejected, "sip_anonymous_refused"},
	25:  {channel.Failed, "sip_routing_failed"},
	26:  {channel.Failed, "sip_call_refused"},
	27:  {channel.Failed, "sip_callee_unreachable"},
	28:  {channel.InvalidNumber, "sip_number_incomplete"},
	29:  {channel.LineFailed, "sip_request_refused"},
	34:  {channel.Congested, "sip_congestion"},
	38:  {channel.Congested, "sip_network_trouble"},
	41:  {channel.Congested, "sip_network_trouble"},
	42:  {channel.Congested, "sip_congestion"},
	43:  {channel.LineFailed, "sip_request_refused"},
	44:  {channel.Congested, "sip_congestion"},
	46:  {channel.Congested, "sip_congestion"},
	47:  {channel.Congested, "sip_congestion"},
	49:  {channel.Congested, "sip_congestion"},
	50:  {channel.LineFailed, "sip_forbidden"},
	53:  {channel.LineFailed, "sip_forbidden"},
	55:  {channel.Rejected, ""},
	57:  {channel.LineFailed, "sip_forbidden"},
	58:  {channel.Congested, "sip_congestion"},
	62:  {channel.LineFailed, "sip_request_refused"},
	63:  {channel.LineFailed, "sip_server_error"},
	65:  {channel.LineFailed, "sip_media_refused"},
	66:  {channel.LineFailed, "sip_request_refused"},
	69:  {channel.LineFailed, "sip_request_refused"},
	70:  {channel.LineFailed, "sip_media_refused"},
	79:  {channel.LineFailed, "sip_server_error"},
	81:  {channel.LineFailed, "sip_request_refused"},
	87:  {channel.Rejected, ""},
	88:  {channel.Failed, "sip_callee_incompatible"},
	91:  {channel.LineFailed, "sip_routing_failed"},
	95:  {channel.LineFailed, "sip_request_refused"},
	96:  {channel.LineFailed, "sip_request_refused"},
	97:  {channel.LineFailed, "sip_request_refused"},
	98:  {channel.LineFailed, "sip_request_refused"},
	99:  {channel.LineFailed, "sip_request_refused"},
	100: {channel.LineFailed, "sip_request_refused"},
	101: {channel.LineFailed, "sip_request_refused"},
	102: {channel.Congested, "sip_network_trouble"},
	111: {channel.LineFailed, "sip_server_error"},
}

// plain are the statuses that a cause cannot make plainer: the person's own doing, or ours.
var plain = map[int]bool{401: true, 407: true, 486: true, 488: true, 600: true, 604: true, 606: true, 607: true, 608: true}

// transports is why no INVITE left us.
var transports = map[transport.Kind]string{
	transport.Refused:     "sip_connection_refused",
	transport.Unreachable: "sip_network_unreachable",
	transport.Timeout:     "sip_connection_timeout",
	transport.Secure:      "sip_tls_failed",
	transport.Name:        "sip_name_unknown",
	transport.TooLarge:    "sip_message_too_large",
	transport.Closed:      "sip_connection_lost",
}

// Outcome says what the end of a call out means to the campaign that made it. Who talks in the call may know better of a
// call that was answered: it then changes the code.
func (f Final) Outcome() channel.Outcome {
	v := f.verdict()
	if !f.Rang.IsZero() && v.code.Class() == channel.ClassFault {
		v.code = channel.Failed // somebody's telephone rang
	}
	o := channel.Outcome{
		Code: v.code, At: f.Ended, Reason: v.reason, RetryAfter: f.RetryAfter, Ring: f.Ring(), Talk: f.Talk(),
		ProviderText: f.Phrase,
	}
	if f.Status != 0 {
		o.ProviderCode = strconv.Itoa(f.Status)
	}
	if f.Cause != 0 {
		o.ProviderText = fmt.Sprintf("%s (Q.850 %d %s)", f.Phrase, f.Cause, f.CauseText)
	}
	if !f.Answered.IsZero() {
		o.HungUpBy = string(f.EndedBy)
	}
	return o
}

func (f Final) verdict() verdict {
	switch f.End {
	case EndBye:
		return verdict{channel.Completed, ""}
	case EndExpired:
		return verdict{channel.Completed, "sip_far_end_vanished"}
	case EndMedia:
		if f.Delivered {
			return verdict{channel.Failed, "sip_media_refused"}
		}
		return verdict{channel.LineFailed, "sip_media_unavailable"}
	case EndCancelled:
		return verdict{channel.Cancelled, ""}
	case EndUnreachable:
		if f.Down {
			return verdict{channel.LineFailed, "sip_gateways_silent"}
		}
		return verdict{channel.LineFailed, transports[f.Transport]}
	case EndNoResponse:
		return verdict{channel.Unknown, "sip_no_response"}
	case EndLost:
		return verdict{channel.Unknown, "sip_connection_lost"}
	case EndAuth:
		return verdict{channel.LineFailed, "sip_credentials_refused"}
	case EndRingTimeout:
		return f.unanswered()
	case EndRefused:
		return f.refusal()
	}
	return verdict{channel.Unknown, "sip_no_response"} // not over yet, or not known how: what can hurt nobody
}

// unanswered is a call that rang for as long as we let it.
func (f Final) unanswered() verdict {
	switch {
	case !f.Heard:
		return verdict{channel.Unknown, "sip_no_response"}
	case f.Status == 200:
		return verdict{channel.NoAnswer, "sip_answered_too_late"}
	case f.Status >= 300 && f.Status != 487:
		return f.refusal() // it was refused while we gave up
	case f.Rang.IsZero():
		return verdict{channel.NoAnswer, "sip_never_rang"}
	}
	return verdict{channel.NoAnswer, ""}
}

func (f Final) refusal() verdict {
	if v, ok := causes[f.Cause]; ok && !plain[f.Status] {
		return v
	}
	if v, ok := statuses[f.Status]; ok {
		return v
	}
	if v, ok := hundreds[f.Status/100]; ok {
		return v
	}
	return verdict{channel.Unknown, "sip_no_response"}
}
