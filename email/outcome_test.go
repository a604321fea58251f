package email

import (
	"slices"
	"testing"

	"campanario/channel"
)

// replies are what real servers say, by the stage at which they say it.
var replies = []struct {
	at     Stage
	code   int
	text   string // as it came, the enhanced code first
	out    channel.Code
	reason string
}{
	{StageEnd, 250, "2.0.0 Ok: queued as 4XyZ", channel.Sent, ""},
	{StageEnd, 250, "ok 1732000000 qp 4711", channel.Sent, ""},
	{StageEnd, 251, "User not local; will forward", channel.Sent, ""},

	{StageGreeting, 421, "4.7.0 Too many connections", channel.Congested, "smtp_server_closing"},
	{StageGreeting, 450, "4.3.2 Try later", channel.Congested, "smtp_not_now"},
	{StageGreeting, 554, "5.7.1 Your IP is listed", channel.LineFailed, "smtp_refused_us"},
	{StageHello, 501, "5.5.2 Syntax", channel.LineFailed, "smtp_refused_us"},
	{StageTLS, 454, "4.7.0 TLS not available due to temporary reason", channel.Congested, "smtp_not_now"},
	{StageAuth, 535, "5.7.8 Authentication credentials invalid", channel.LineFailed, "smtp_auth_refused"},
	{StageAuth, 454, "4.7.0 Temporary authentication failure", channel.Congested, "smtp_auth_unavailable"},

	{StageMail, 530, "5.7.0 Must issue a STARTTLS command first", channel.LineFailed, "smtp_auth_needed"},
	{StageMail, 538, "5.7.11 Encryption required", channel.LineFailed, "smtp_tls_needed"},
	{StageMail, 550, "5.7.10 Encryption needed", channel.LineFailed, "smtp_tls_needed"},
	{StageMail, 550, "5.7.9 Authentication mechanism is too weak", channel.LineFailed, "smtp_auth_refused"},
	{StageMail, 525, "5.7.13 User account disabled", channel.LineFailed, "smtp_auth_refused"},
	{StageMail, 550, "5.7.14 Trust relationship required", channel.LineFailed, "smtp_auth_refused"},
	{StageMail, 452, "4.3.1 Insufficient system storage", channel.Congested, "smtp_server_full"},
	{StageMail, 552, "5.3.4 Message size exceeds fixed limit", channel.Failed, "smtp_too_large"},
	{StageMail, 552, "Message too big", channel.Failed, "smtp_too_large"},
	{StageMail, 450, "4.7.1 Error: too much mail from 192.0.2.1", channel.Congested, "smtp_sender_deferred"},
	{StageMail, 503, "5.5.1 Error: nested MAIL command", channel.LineFailed, "smtp_protocol"},
	{StageMail, 555, "5.5.4 Unsupported option: SMTPUTF8", channel.LineFailed, "smtp_protocol"},
	{StageMail, 553, "5.7.1 Sender address rejected: not owned by user", channel.LineFailed, "smtp_sender_refused"},
	{StageMail, 421, "4.4.2 Timeout", channel.Congested, "smtp_server_closing"},

	// Postfix, which keeps what it has against the client until RCPT.
	{StageRcpt, 550, "5.1.1 <x@y>: Recipient address rejected: User unknown in local recipient table", channel.Bounced, "smtp_no_such_mailbox"},
	{StageRcpt, 550, "5.1.1 <x@y>: Recipient address rejected: User unknown in relay recipient table", channel.Bounced, "smtp_no_such_mailbox"},
	{StageRcpt, 554, "5.7.1 <x@y>: Relay access denied", channel.LineFailed, "smtp_relay_refused"},
	{StageRcpt, 454, "4.7.1 <x@y>: Relay access denied", channel.LineFailed, "smtp_relay_refused"},
	{StageRcpt, 450, "4.7.1 Greylisted by mailrelay.example.com", channel.Deferred, "smtp_greylisted"},
	{StageRcpt, 535, "5.7.8 Sign in first", channel.LineFailed, "smtp_auth_refused"},
	{StageRcpt, 554, "5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied", channel.LineFailed, "smtp_refused_us"},
	{StageRcpt, 504, "5.5.2 <x>: Helo command rejected: need fully-qualified hostname", channel.LineFailed, "smtp_refused_us"},
	{StageRcpt, 450, "4.1.8 <a@b>: Sender address rejected: Domain not found", channel.LineFailed, "smtp_sender_refused"},
	{StageRcpt, 550, "5.7.1 <a@b>: Sender address rejected: Access denied", channel.LineFailed, "smtp_sender_refused"},
	{StageRcpt, 450, "4.1.2 <x@y>: Recipient address rejected: Domain not found", channel.Deferred, "smtp_domain_unreachable"},
	{StageRcpt, 450, "4.2.0 <x@y>: Recipient address rejected: Greylisted", channel.Deferred, "smtp_greylisted"},
	{StageRcpt, 451, "4.7.1 Greylisting in action, please come back later", channel.Deferred, "smtp_greylisted"},
	{StageRcpt, 450, "4.2.0 Mailbox busy", channel.Deferred, "smtp_try_later"},
	{StageRcpt, 451, "4.4.1 Connection timed out", channel.Deferred, "smtp_domain_unreachable"},
	{StageRcpt, 452, "4.2.2 Mailbox full", channel.Deferred, "smtp_mailbox_full"},
	{StageRcpt, 452, "Requested action not taken: insufficient system storage", channel.Deferred, "smtp_mailbox_full"},
	{StageRcpt, 452, "4.3.1 Insufficient system storage", channel.Congested, "smtp_server_full"},
	{StageRcpt, 421, "4.3.2 Service closing", channel.Congested, "smtp_server_closing"},
	{StageRcpt, 552, "5.2.2 Over quota", channel.Deferred, "smtp_mailbox_full"},
	{StageRcpt, 552, "Mailbox full", channel.Deferred, "smtp_mailbox_full"},
	{StageRcpt, 550, "5.7.1 Refused by policy", channel.Blocked, "smtp_blocked"},

	// Gmail.
	{StageRcpt, 550, "5.1.1 The email account that you tried to reach does not exist.", channel.Bounced, "smtp_no_such_mailbox"},
	{StageRcpt, 550, "5.2.1 The email account that you tried to reach is inactive.", channel.Bounced, "smtp_mailbox_disabled"},
	{StageRcpt, 450, "4.2.1 The user you are trying to contact is receiving mail too quickly.", channel.Deferred, "smtp_recipient_busy"},
	{StageRcpt, 550, "5.2.1 The user you are trying to contact is receiving mail at a rate that prevents", channel.Deferred, "smtp_recipient_busy"},
	{StageEnd, 550, "5.7.26 This message does not pass authentication checks", channel.LineFailed, "smtp_sender_unproven"},
	{StageEnd, 421, "4.7.0 Try again later, closing connection.", channel.Congested, "smtp_server_closing"},
	{StageEnd, 550, "5.7.1 Our system has detected that this message is likely unsolicited mail.", channel.Blocked, "smtp_content_refused"},
	{StageEnd, 421, "4.7.28 Our system has detected an unusual rate of mail", channel.Congested, "smtp_server_closing"},

	// Microsoft.
	{StageRcpt, 550, "5.4.1 Recipient address rejected: Access denied.", channel.Bounced, "smtp_no_such_mailbox"},
	{StageRcpt, 550, "5.5.0 Requested action not taken: mailbox unavailable.", channel.Bounced, "smtp_no_such_mailbox"},
	{StageRcpt, 550, "5.7.54 SMTP; Unable to relay recipient in non-accepted domain", channel.LineFailed, "smtp_relay_refused"},
	{StageEnd, 550, "5.7.509 Access denied, sending domain does not pass DMARC verification", channel.LineFailed, "smtp_sender_unproven"},
	{StageEnd, 550, "5.7.515 Access denied, sending domain doesn't meet the required authentication level", channel.LineFailed, "smtp_sender_unproven"},

	// RFC 7372 and RFC 7505.
	{StageEnd, 550, "5.7.20 No passing DKIM signature found", channel.LineFailed, "smtp_sender_unproven"},
	{StageEnd, 550, "5.7.21 No acceptable DKIM signature found", channel.LineFailed, "smtp_sender_unproven"},
	{StageEnd, 550, "5.7.22 No valid author-matched DKIM signature found", channel.LineFailed, "smtp_sender_unproven"},
	{StageRcpt, 550, "5.7.23 SPF validation failed", channel.LineFailed, "smtp_sender_unproven"},
	{StageRcpt, 451, "4.7.24 SPF validation error", channel.LineFailed, "smtp_sender_unproven"},
	{StageRcpt, 550, "5.7.25 Reverse DNS validation failed", channel.LineFailed, "smtp_sender_unproven"},
	{StageMail, 550, "5.7.27 Sender address has null MX", channel.LineFailed, "smtp_sender_unproven"},
	{StageRcpt, 556, "5.1.10 Recipient address has null MX", channel.Bounced, "smtp_no_such_domain"},
	{StageMail, 550, "5.1.7 Bad sender's mailbox address syntax", channel.LineFailed, "smtp_sender_refused"},

	// Others.
	{StageRcpt, 550, "5.1.2 Bad destination system address", channel.Bounced, "smtp_no_such_domain"},
	{StageRcpt, 550, "5.4.4 Unable to route", channel.Bounced, "smtp_no_such_domain"},
	{StageRcpt, 501, "5.1.3 Bad recipient address syntax", channel.Bounced, "smtp_bad_address"},
	{StageRcpt, 501, "Syntax error in parameters", channel.Bounced, "smtp_bad_address"},
	{StageRcpt, 553, "sorry, that domain isn't in my list of allowed rcpthosts", channel.Bounced, "smtp_bad_address"},
	{StageRcpt, 550, "No such user here", channel.Bounced, "smtp_no_such_mailbox"},
	{StageRcpt, 551, "User not local", channel.Bounced, "smtp_no_such_mailbox"},
	{StageRcpt, 550, "relay not permitted", channel.LineFailed, "smtp_relay_refused"},
	{StageRcpt, 550, "Message rejected because of blacklisted IP", channel.Blocked, "smtp_blocked"},
	{StageRcpt, 554, "Denied", channel.Blocked, "smtp_blocked"},
	{StageRcpt, 550, "5.4.6 Mail loop detected", channel.Failed, "smtp_unroutable"},
	{StageRcpt, 556, "Domain does not accept mail", channel.Failed, "smtp_refused"},
	{StageRcpt, 554, "5.5.1 Error: no valid MAIL", channel.LineFailed, "smtp_protocol"},
	{StageRcpt, 500, "What?", channel.LineFailed, "smtp_protocol"},
	{StageRcpt, 503, "Bad sequence", channel.LineFailed, "smtp_protocol"},
	{StageRcpt, 555, "Parameters not recognised", channel.LineFailed, "smtp_protocol"},
	{StageData, 451, "Local error in processing", channel.Deferred, "smtp_try_later"},
	{StageData, 554, "Transaction failed", channel.Blocked, "smtp_content_refused"},
	{StageEnd, 454, "Throttling failure: Maximum sending rate exceeded.", channel.Congested, "smtp_rate_limited"},
	{StageEnd, 451, "4.3.0 Error: queue file write error", channel.Deferred, "smtp_try_later"},
	{StageEnd, 552, "Message size exceeds maximum", channel.Failed, "smtp_too_large"},
	{StageEnd, 552, "5.2.3 Message length exceeds limit", channel.Failed, "smtp_too_large"},
	{StageEnd, 554, "5.6.0 Message contained invalid header", channel.Blocked, "smtp_content_refused"},
	{StageEnd, 554, "spam", channel.Blocked, "smtp_content_refused"},
	{StageEnd, 550, "5.1.1 unknown after all", channel.Bounced, "smtp_no_such_mailbox"},

	// What RFC 5321 does not allow.
	{StageMail, 354, "go ahead", channel.LineFailed, "smtp_garbled"},
	{StageRcpt, 150, "wait", channel.LineFailed, "smtp_garbled"},
	{StageEnd, 354, "go on", channel.Unknown, "smtp_garbled_after_data"},
}

var silences = []struct {
	at      Stage
	failure Failure
	out     channel.Code
	reason  string
}{
	{StageConnect, FailureLost, channel.LineFailed, "smtp_unreachable"},
	{StageConnect, FailureTimeout, channel.LineFailed, "smtp_unreachable"},
	{StageConnect, FailureName, channel.LineFailed, "smtp_host_unknown"},
	{StageGreeting, FailureTimeout, channel.LineFailed, "smtp_silent_before_data"},
	{StageGreeting, FailureGarbled, channel.LineFailed, "smtp_garbled"},
	{StageTLS, FailureTLS, channel.LineFailed, "smtp_tls_failed"},
	{StageTLS, FailureLost, channel.LineFailed, "smtp_lost_before_data"},
	{StageAuth, FailureAuth, channel.LineFailed, "smtp_auth_unsupported"},
	{StageMail, FailureLost, channel.LineFailed, "smtp_lost_before_data"},
	{StageRcpt, FailureTimeout, channel.LineFailed, "smtp_silent_before_data"},
	{StageData, FailureLost, channel.LineFailed, "smtp_lost_before_data"},
	{StageBody, FailureLost, channel.Deferred, "smtp_lost_mid_body"},
	{StageBody, FailureTimeout, channel.Deferred, "smtp_silent_mid_body"},
	{StageEnd, FailureLost, channel.Unknown, "smtp_lost_after_data"},
	{StageEnd, FailureTimeout, channel.Unknown, "smtp_silent_after_data"},
	{StageEnd, FailureGarbled, channel.Unknown, "smtp_garbled_after_data"},
}

func TestClassify(t *testing.T) {
	for _, tt := range replies {
		r := replyOf(tt.code, tt.text)
		if out, reason := Classify(tt.at, r); out != tt.out || reason != tt.reason {
			t.Errorf("%s: %d %s: %s %s, want %s %s", tt.at, tt.code, tt.text, out, reason, tt.out, tt.reason)
		}
	}
	for _, tt := range silences {
		if out, reason := Classify(tt.at, Reply{Failure: tt.failure}); out != tt.out || reason != tt.reason {
			t.Errorf("%s: %s: %s %s, want %s %s", tt.at, tt.failure, out, reason, tt.out, tt.reason)
		}
	}
}

// TestEveryRowDecidesSomething keeps rows from standing in the shadow of others, and from standing untried.
func TestEveryRowDecidesSomething(t *testing.T) {
	hit := make([]bool, len(table))
	mark := func(at Stage, r Reply) {
		i := slices.IndexFunc(table, func(row rule) bool { return row.fits(at, r, r.lower()) })
		hit[i] = true
	}
	for _, tt := range replies {
		mark(tt.at, replyOf(tt.code, tt.text))
	}
	for _, tt := range silences {
		mark(tt.at, Reply{Failure: tt.failure})
	}
	for i, h := range hit {
		if !h {
			t.Errorf("row %d decides nothing here: %+v", i, table[i])
		}
	}
}

// TestNothingBeforeTheFinalDotIsUnknown is the rule that a retry rests on, and the other way round: after the dot only
// a reply gives certainty.
func TestNothingBeforeTheFinalDotIsUnknown(t *testing.T) {
	stages := []Stage{StageConnect, StageGreeting, StageHello, StageTLS, StageAuth, StageMail, StageRcpt, StageData, StageBody, StageEnd}
	failures := []Failure{FailureLost, FailureTimeout, FailureGarbled}
	for _, at := range stages {
		for _, f := range failures {
			out, reason := Classify(at, Reply{Failure: f})
			if (out.Class() == channel.ClassUnknown) != (at == StageEnd) {
				t.Errorf("%s: %s: %s", at, f, out)
			}
			if reason == "" || !out.Trait().Messages {
				t.Errorf("%s: %s: %s without a reason, or not for messages", at, f, out)
			}
		}
		for code := 100; code < 600; code++ {
			out, reason := Classify(at, Reply{Code: code})
			if out.Class() == channel.ClassReached && at != StageEnd {
				t.Errorf("%s: %d counts as reached", at, code)
			}
			if out.Class() == channel.ClassFault && at == StageEnd && code/100 == 2 {
				t.Errorf("%d after the dot is a fault", code)
			}
			if out != channel.Sent && !slices.Contains(Reasons(), reason) {
				t.Errorf("%s: %d: reason %q is not listed", at, code, reason)
			}
			if !out.Trait().Messages {
				t.Errorf("%s: %d: %s is not for messages", at, code, out)
			}
		}
	}
}

func TestReply(t *testing.T) {
	for _, tt := range []struct {
		code                     int
		text, enhanced, provider string
		words                    string
	}{
		{550, "5.1.1 no such user", "5.1.1", "550 5.1.1", "no such user"},
		{550, "5.7.509\nmore", "5.7.509", "550 5.7.509", "more"},
		{550, "4.1.1 contradicts", "", "550", "4.1.1 contradicts"},
		{550, "5.1 short", "", "550", "5.1 short"},
		{550, "5.1.1234 long", "", "550", "5.1.1234 long"},
		{550, "5.1.x odd", "", "550", "5.1.x odd"},
		{250, "", "", "250", ""},
		{550, "5.1.1", "5.1.1", "550 5.1.1", ""},
		{550, "a\nb\x00\tc \xff", "", "550", "a b c �"},
	} {
		r := replyOf(tt.code, tt.text)
		if r.Enhanced != tt.enhanced || r.provider() != tt.provider || r.Text != tt.words {
			t.Errorf("%q: %+v, %s", tt.text, r, r.provider())
		}
	}
}

func FuzzReply(f *testing.F) {
	f.Add(550, "5.1.1 no such user")
	f.Add(250, "2.0.0\nOk")
	f.Add(421, "....")
	f.Add(0, "\xff\n\n")
	f.Fuzz(func(t *testing.T, code int, text string) {
		r := replyOf(code, text)
		if len(r.Text) > maxText+len("…") {
			t.Errorf("%d bytes kept", len(r.Text))
		}
		for _, at := range []Stage{StageMail, StageRcpt, StageEnd} {
			if out, _ := Classify(at, r); !out.Valid() {
				t.Errorf("%q: outcome %q", text, out)
			}
		}
	})
}
