package email

import (
	"slices"
	"strconv"
	"strings"

	"campanario/channel"
)

// rule is one row of the table: replies of these stages that look like this end an attempt like that. Empty conditions
// are met by everything.
type rule struct {
	at       []Stage
	code     string   // "550"; a dot is any digit
	enhanced string   // "5.1.1", or a beginning such as "5.7."; a leading "x" is 4 or 5
	says     []string // one of these is in the text, in lower case
	failure  Failure
	out      channel.Code
	reason   string
}

var (
	beforeMail  = []Stage{StageConnect, StageGreeting, StageHello, StageTLS}
	beforeBody  = []Stage{StageConnect, StageGreeting, StageHello, StageTLS, StageAuth, StageMail, StageRcpt, StageData}
	transaction = []Stage{StageMail, StageRcpt, StageData, StageEnd}
	atMail      = []Stage{StageMail}
	atRcpt      = []Stage{StageRcpt}
	atBody      = []Stage{StageBody}
	atEnd       = []Stage{StageEnd}
	aboutBody   = []Stage{StageData, StageEnd}
	aboutPerson = []Stage{StageRcpt, StageData, StageEnd}
)

// table is the whole of what we make of SMTP replies and of their absence. The first row that fits decides, so what is
// about us (fault: nobody was disturbed, the line's breaker counts it) stands before what is about the recipient.
// Many servers hold back what they have against us until RCPT: that is why the line's rows are for any stage.
var table = []rule{
	// No reply. Until the final dot is written the server may not deliver (RFC 5321 4.1.1.4): nobody was disturbed.
	{at: beforeBody, failure: FailureName, out: channel.LineFailed, reason: "smtp_host_unknown"},
	{at: beforeBody, failure: FailureTLS, out: channel.LineFailed, reason: "smtp_tls_failed"},
	{at: beforeBody, failure: FailureAuth, out: channel.LineFailed, reason: "smtp_auth_unsupported"},
	{at: []Stage{StageConnect}, failure: FailureLost, out: channel.LineFailed, reason: "smtp_unreachable"},
	{at: []Stage{StageConnect}, failure: FailureTimeout, out: channel.LineFailed, reason: "smtp_unreachable"},
	{at: beforeBody, failure: FailureLost, out: channel.LineFailed, reason: "smtp_lost_before_data"},
	{at: beforeBody, failure: FailureTimeout, out: channel.LineFailed, reason: "smtp_silent_before_data"},
	{at: beforeBody, failure: FailureGarbled, out: channel.LineFailed, reason: "smtp_garbled"},
	// In the middle of the message nobody was disturbed either. But it is as often this message as the line that makes a
	// far end hang up here (size, a content filter that crashes), and as a fault it would be tried again for ever, at no
	// count. As deferred it counts, waits a retry interval and ends.
	{at: atBody, failure: FailureTimeout, out: channel.Deferred, reason: "smtp_silent_mid_body"},
	{at: atBody, out: channel.Deferred, reason: "smtp_lost_mid_body"},
	// After the final dot nobody can know (RFC 1047).
	{at: atEnd, failure: FailureLost, out: channel.Unknown, reason: "smtp_lost_after_data"},
	{at: atEnd, failure: FailureTimeout, out: channel.Unknown, reason: "smtp_silent_after_data"},
	{at: atEnd, failure: FailureGarbled, out: channel.Unknown, reason: "smtp_garbled_after_data"},

	// Taken.
	{at: atEnd, code: "2..", out: channel.Sent},

	// The service, before any message.
	{code: "421", out: channel.Congested, reason: "smtp_server_closing"},
	{at: beforeMail, code: "4..", out: channel.Congested, reason: "smtp_not_now"},
	{at: beforeMail, code: "5..", out: channel.LineFailed, reason: "smtp_refused_us"},
	{at: []Stage{StageAuth}, code: "4..", out: channel.Congested, reason: "smtp_auth_unavailable"},
	{at: []Stage{StageAuth}, code: "5..", out: channel.LineFailed, reason: "smtp_auth_refused"},

	// Us, said by enhanced code at whatever stage.
	{at: transaction, code: "530", out: channel.LineFailed, reason: "smtp_auth_needed"},
	{at: transaction, code: "538", out: channel.LineFailed, reason: "smtp_tls_needed"},
	{at: transaction, enhanced: "5.7.10", out: channel.LineFailed, reason: "smtp_tls_needed"},
	{at: transaction, enhanced: "5.7.8", out: channel.LineFailed, reason: "smtp_auth_refused"},
	{at: transaction, enhanced: "5.7.9", out: channel.LineFailed, reason: "smtp_auth_refused"},
	{at: transaction, enhanced: "5.7.13", out: channel.LineFailed, reason: "smtp_auth_refused"},
	{at: transaction, enhanced: "5.7.14", out: channel.LineFailed, reason: "smtp_auth_refused"},
	{at: transaction, enhanced: "x.1.7", out: channel.LineFailed, reason: "smtp_sender_refused"},
	{at: transaction, enhanced: "x.1.8", out: channel.LineFailed, reason: "smtp_sender_refused"},
	// SPF, DKIM, DMARC, reverse DNS: RFC 7372, and two of Microsoft's own.
	{at: transaction, enhanced: "x.7.20", out: channel.LineFailed, reason: "smtp_sender_unproven"},
	{at: transaction, enhanced: "x.7.21", out: channel.LineFailed, reason: "smtp_sender_unproven"},
	{at: transaction, enhanced: "x.7.22", out: channel.LineFailed, reason: "smtp_sender_unproven"},
	{at: transaction, enhanced: "x.7.23", out: channel.LineFailed, reason: "smtp_sender_unproven"},
	{at: transaction, enhanced: "x.7.24", out: channel.LineFailed, reason: "smtp_sender_unproven"},
	{at: transaction, enhanced: "x.7.25", out: channel.LineFailed, reason: "smtp_sender_unproven"},
	{at: transaction, enhanced: "x.7.26", out: channel.LineFailed, reason: "smtp_sender_unproven"},
	{at: transaction, enhanced: "x.7.27", out: channel.LineFailed, reason: "smtp_sender_unproven"},
	{at: transaction, enhanced: "5.7.509", out: channel.LineFailed, reason: "smtp_sender_unproven"},
	{at: transaction, enhanced: "5.7.515", out: channel.LineFailed, reason: "smtp_sender_unproven"},
	{at: transaction, enhanced: "4.3.1", out: channel.Congested, reason: "smtp_server_full"},
	{at: transaction, enhanced: "5.3.4", out: channel.Failed, reason: "smtp_too_large"},
	{at: transaction, enhanced: "5.2.3", out: channel.Failed, reason: "smtp_too_large"},

	// MAIL FROM: whatever else is refused there is refused to us.
	{at: atMail, code: "552", out: channel.Failed, reason: "smtp_too_large"},
	{at: atMail, code: "50.", out: channel.LineFailed, reason: "smtp_protocol"},
	{at: atMail, code: "555", out: channel.LineFailed, reason: "smtp_protocol"},
	{at: atMail, code: "4..", out: channel.Congested, reason: "smtp_sender_deferred"},
	{at: atMail, code: "5..", out: channel.LineFailed, reason: "smtp_sender_refused"},

	// The recipient's mailbox, by enhanced code.
	{at: aboutPerson, enhanced: "5.1.2", out: channel.Bounced, reason: "smtp_no_such_domain"},
	{at: aboutPerson, enhanced: "5.1.10", out: channel.Bounced, reason: "smtp_no_such_domain"},
	{at: aboutPerson, enhanced: "5.4.4", out: channel.Bounced, reason: "smtp_no_such_domain"},
	{at: aboutPerson, enhanced: "5.1.3", out: channel.Bounced, reason: "smtp_bad_address"},
	{at: aboutPerson, enhanced: "5.1.", out: channel.Bounced, reason: "smtp_no_such_mailbox"},
	{at: aboutPerson, enhanced: "5.4.1", out: channel.Bounced, reason: "smtp_no_such_mailbox"}, // Microsoft's directory
	{at: aboutPerson, enhanced: "x.2.2", out: channel.Deferred, reason: "smtp_mailbox_full"},
	{at: aboutPerson, enhanced: "x.2.1", says: []string{"quickly", "rate"}, out: channel.Deferred, reason: "smtp_recipient_busy"},
	{at: aboutPerson, enhanced: "5.2.1", out: channel.Bounced, reason: "smtp_mailbox_disabled"},

	// Us again, said in words only.
	{at: aboutPerson, says: []string{"relay access", "relaying", "to relay", "relay not", "relay denied", "not relay"}, out: channel.LineFailed, reason: "smtp_relay_refused"},
	{at: aboutPerson, says: []string{"sender address rejected"}, out: channel.LineFailed, reason: "smtp_sender_refused"},
	{at: aboutPerson, says: []string{"client host", "helo command rejected"}, out: channel.LineFailed, reason: "smtp_refused_us"},
	{at: aboutPerson, code: "4..", says: []string{"throttl", "sending rate", "rate limit", "too much mail", "too many messages"}, out: channel.Congested, reason: "smtp_rate_limited"},

	// What remains of the enhanced codes. 5.5.0 is what Outlook.com says of mailboxes it does not have.
	{at: aboutPerson, code: "550", enhanced: "5.5.0", out: channel.Bounced, reason: "smtp_no_such_mailbox"},
	{at: aboutPerson, enhanced: "5.5.", out: channel.LineFailed, reason: "smtp_protocol"},
	{at: aboutPerson, enhanced: "5.4.", out: channel.Failed, reason: "smtp_unroutable"},
	{at: aboutPerson, enhanced: "5.6.", out: channel.Blocked, reason: "smtp_content_refused"},
	{at: atRcpt, enhanced: "5.7.", out: channel.Blocked, reason: "smtp_blocked"},
	{at: aboutBody, enhanced: "5.7.", out: channel.Blocked, reason: "smtp_content_refused"},
	{at: aboutPerson, enhanced: "4.1.", out: channel.Deferred, reason: "smtp_domain_unreachable"},
	{at: aboutPerson, enhanced: "4.4.", out: channel.Deferred, reason: "smtp_domain_unreachable"},
	{at: atRcpt, enhanced: "4.7.1", out: channel.Deferred, reason: "smtp_greylisted"},
	{at: atRcpt, code: "4..", says: []string{"greylist", "graylist", "grey-list", "grey list"}, out: channel.Deferred, reason: "smtp_greylisted"},

	// Only a code, and perhaps a telling word.
	{at: aboutPerson, code: "500", out: channel.LineFailed, reason: "smtp_protocol"},
	{at: aboutPerson, code: "50[234]", out: channel.LineFailed, reason: "smtp_protocol"},
	{at: aboutPerson, code: "555", out: channel.LineFailed, reason: "smtp_protocol"},
	{at: atRcpt, code: "5..", says: []string{"spam", "blocked", "blacklist", "blocklist", "block list", "reputation", "policy"}, out: channel.Blocked, reason: "smtp_blocked"},
	{at: atRcpt, code: "55[01]", out: channel.Bounced, reason: "smtp_no_such_mailbox"},
	{at: atRcpt, code: "552", out: channel.Deferred, reason: "smtp_mailbox_full"},
	{at: atRcpt, code: "501", out: channel.Bounced, reason: "smtp_bad_address"},
	{at: atRcpt, code: "553", out: channel.Bounced, reason: "smtp_bad_address"},
	{at: atRcpt, code: "554", out: channel.Blocked, reason: "smtp_blocked"},
	{at: atRcpt, code: "5..", out: channel.Failed, reason: "smtp_refused"},
	{at: atRcpt, code: "452", out: channel.Deferred, reason: "smtp_mailbox_full"},
	{at: aboutBody, code: "552", out: channel.Failed, reason: "smtp_too_large"},
	// The recipient had been accepted, so this is about what the message says.
	{at: aboutBody, code: "5..", out: channel.Blocked, reason: "smtp_content_refused"},
	{at: aboutPerson, code: "4..", out: channel.Deferred, reason: "smtp_try_later"},

	// A reply that no reading of RFC 5321 allows here.
	{at: atEnd, out: channel.Unknown, reason: "smtp_garbled_after_data"},
	{out: channel.LineFailed, reason: "smtp_garbled"},
}

// Reasons of ends that no far end speaks of.
const (
	reasonNotStarted = "smtp_not_started"      // the program stopped before the message's turn
	reasonQueueFull  = "smtp_queue_full"       // more orders than Depth
	reasonSettings   = "smtp_settings_invalid" // the line's settings cannot be read
	reasonContent    = "smtp_wrong_content"    // the order is not for this channel
	reasonBadAddress = "smtp_bad_address"      // no server would understand the address
	reasonUTF8       = "smtp_utf8_unsupported" // the server lacks SMTPUTF8
	reasonTooLarge   = "smtp_too_large"        // larger than the server announced to take
	reasonUnsigned   = "smtp_dkim_failed"      // the message could not be signed
)

// Classify says how an attempt ends when this reply, or its absence, decides at this stage. reason is the code of the
// sentence an operator reads; it is empty for a message that was taken.
func Classify(at Stage, r Reply) (code channel.Code, reason string) {
	text := r.lower()
	for i := range table {
		if table[i].fits(at, r, text) {
			return table[i].out, table[i].reason
		}
	}
	return channel.Unknown, "smtp_garbled" // not reached: the last row fits everything
}

// Reasons lists every reason an outcome of this channel can carry, sorted: each has its sentence in every language.
func Reasons() []string {
	out := []string{
		reasonNotStarted, reasonQueueFull, reasonSettings, reasonContent, reasonBadAddress, reasonUTF8, reasonTooLarge,
		reasonUnsigned,
	}
	for _, r := range table {
		if r.reason != "" {
			out = append(out, r.reason)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (r *rule) fits(at Stage, got Reply, text string) bool {
	if len(r.at) > 0 && !slices.Contains(r.at, at) {
		return false
	}
	if r.failure != FailureNone && r.failure != got.Failure {
		return false
	}
	if r.code != "" && (got.Code == 0 || !fitsCode(r.code, strconv.Itoa(got.Code))) {
		return false
	}
	if r.enhanced != "" && !fitsEnhanced(r.enhanced, got.Enhanced) {
		return false
	}
	if len(r.says) > 0 && !slices.ContainsFunc(r.says, func(w string) bool { return strings.Contains(text, w) }) {
		return false
	}
	return true
}

// fitsCode compares digit by digit: a dot is any digit, digits in brackets are any of them.
func fitsCode(pattern, code string) bool {
	for i := range len(code) {
		if pattern == "" {
			return false
		}
		if pattern[0] == '[' {
			set, rest, _ := strings.Cut(pattern[1:], "]")
			if !strings.Contains(set, code[i:i+1]) {
				return false
			}
			pattern = rest
			continue
		}
		if pattern[0] != '.' && pattern[0] != code[i] {
			return false
		}
		pattern = pattern[1:]
	}
	return pattern == ""
}

// fitsEnhanced compares with a whole code, or with a beginning that ends with a dot.
func fitsEnhanced(pattern, enhanced string) bool {
	if enhanced == "" {
		return false
	}
	if pattern[0] == 'x' {
		pattern, enhanced = pattern[1:], enhanced[1:]
	}
	if strings.HasSuffix(pattern, ".") {
		return strings.HasPrefix(enhanced, pattern)
	}
	return pattern == enhanced
}
