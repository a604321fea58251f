package dialog

import (
	"testing"
	"time"

	"campanario/channel"
	"campanario/voice/dialog/message"
	"campanario/voice/dialog/transport"
)

// answers is what each final answer means to a campaign: when nothing rang before it, and when something had.
var answersMean = map[int]struct{ quiet, rang channel.Code }{
	300: {channel.Failed, channel.Failed},
	301: {channel.Failed, channel.Failed},
	302: {channel.Failed, channel.Failed},
	305: {channel.Failed, channel.Failed},
	380: {channel.Failed, channel.Failed},
	400: {channel.LineFailed, channel.Failed},
	401: {channel.LineFailed, channel.Failed},
	402: {channel.LineFailed, channel.Failed},
	403: {channel.LineFailed, channel.Failed},
	404: {channel.InvalidNumber, channel.InvalidNumber},
	405: {channel.LineFailed, channel.Failed},
	406: {channel.LineFailed, channel.Failed},
	407: {channel.LineFailed, channel.Failed},
	408: {channel.NoAnswer, channel.NoAnswer},
	409: {channel.Failed, channel.Failed},
	410: {channel.InvalidNumber, channel.InvalidNumber},
	411: {channel.LineFailed, channel.Failed},
	412: {channel.LineFailed, channel.Failed},
	413: {channel.LineFailed, channel.Failed},
	414: {channel.LineFailed, channel.Failed},
	415: {channel.LineFailed, channel.Failed},
	416: {channel.LineFailed, channel.Failed},
	417: {channel.LineFailed, channel.Failed},
	420: {channel.LineFailed, channel.Failed},
	421: {channel.LineFailed, channel.Failed},
	422: {channel.LineFailed, channel.Failed},
	423: {channel.LineFailed, channel.Failed},
	424: {channel.LineFailed, channel.Failed},
	425: {channel.LineFailed, channel.Failed},
	428: {channel.LineFailed, channel.Failed},
	429: {channel.LineFailed, channel.Failed},
	430: {channel.LineFailed, channel.Failed},
	433: {channel.Rejected, channel.Rejected},
	436: {channel.LineFailed, channel.Failed},
	437: {channel.LineFailed, channel.Failed},
	438: {channel.LineFailed, channel.Failed},
	439: {channel.LineFailed, channel.Failed},
	440: {channel.Failed, channel.Failed},
	469: {channel.LineFailed, channel.Failed},
	470: {channel.Rejected, channel.Rejected},
	480: {channel.NoAnswer, channel.NoAnswer},
	481: {channel.LineFailed, channel.Failed},
	482: {channel.Failed, channel.Failed},
	483: {channel.Failed, channel.Failed},
	484: {channel.InvalidNumber, channel.InvalidNumber},
	485: {channel.InvalidNumber, channel.InvalidNumber},
	486: {channel.Busy, channel.Busy},
	487: {channel.NoAnswer, channel.NoAnswer},
	488: {channel.LineFailed, channel.Failed},
	489: {channel.LineFailed, channel.Failed},
	491: {channel.Failed, channel.Failed},
	493: {channel.LineFailed, channel.Failed},
	494: {channel.LineFailed, channel.Failed},
	500: {channel.LineFailed, channel.Failed},
	501: {channel.LineFailed, channel.Failed},
	502: {channel.LineFailed, channel.Failed},
	503: {channel.Congested, channel.Failed},
	504: {channel.LineFailed, channel.Failed},
	505: {channel.LineFailed, channel.Failed},
	513: {channel.LineFailed, channel.Failed},
	555: {channel.LineFailed, channel.Failed},
	580: {channel.LineFailed, channel.Failed},
	600: {channel.Busy, channel.Busy},
	603: {channel.Rejected, channel.Rejected},
	604: {channel.InvalidNumber, channel.InvalidNumber},
	606: {channel.LineFailed, channel.Failed},
	607: {channel.Rejected, channel.Rejected},
	608: {channel.Rejected, channel.Rejected},
	// Not registered: by their hundred.
	399: {channel.Failed, channel.Failed},
	444: {channel.Failed, channel.Failed},
	499: {channel.Failed, channel.Failed},
	599: {channel.LineFailed, channel.Failed},
	699: {channel.Rejected, channel.Rejected},
}

func TestOutcomeOfEveryAnswer(t *testing.T) {
	for _, status := range message.Statuses() {
		if _, ok := answersMean[status]; !ok && status >= 300 {
			t.Errorf("%d %s: nobody has said what it means", status, message.Phrase(status))
		}
	}
	now := time.Now()
	for status, want := range answersMean {
		f := Final{End: EndRefused, EndedBy: Them, Status: status, Sent: now, Ended: now, Heard: true, Delivered: true}
		if got := f.Outcome().Code; got != want.quiet {
			t.Errorf("%d: %s, want %s", status, got, want.quiet)
		}
		f.Rang = now
		if got := f.Outcome().Code; got != want.rang {
			t.Errorf("%d after ringing: %s, want %s", status, got, want.rang)
		}
	}
}

// A cause of the telephone network says more than the status that a gateway made of it.
func TestCausesRefineAnswers(t *testing.T) {
	for _, c := range []struct {
		status, cause int
		rang          bool
		want          channel.Code
	}{
		{404, 1, false, channel.InvalidNumber},
		{503, 1, false, channel.InvalidNumber},
		{404, 3, false, channel.Failed}, // a carrier without a way there says nothing of the number
		{404, 34, false, channel.Congested},
		{480, 16, false, channel.NoAnswer},
		{487, 16, true, channel.NoAnswer},
		{480, 17, true, channel.Busy},
		{500, 17, false, channel.Busy},
		{603, 17, true, channel.Busy},
		{480, 18, true, channel.NoAnswer},
		{480, 19, true, channel.NoAnswer},
		{500, 19, true, channel.NoAnswer},
		{480, 20, false, channel.NoAnswer},
		{403, 21, false, channel.Rejected},
		{480, 21, true, channel.Rejected},
		{410, 22, false, channel.InvalidNumber},
		{480, 22, false, channel.InvalidNumber},
		{502, 27, false, channel.Failed},
		{484, 28, false, channel.InvalidNumber},
		{500, 28, false, channel.InvalidNumber},
		{480, 31, false, channel.NoAnswer},
		{500, 31, false, channel.LineFailed},
		{503, 34, false, channel.Congested},
		{480, 34, false, channel.Congested},
		{503, 38, false, channel.Congested},
		{500, 41, false, channel.Congested},
		{500, 41, true, channel.Failed},
		{503, 42, false, channel.Congested},
		{503, 47, true, channel.Failed},
		{488, 88, false, channel.LineFailed}, // ours to put right, whatever the cause
		{480, 88, false, channel.Failed},
		{504, 102, false, channel.Congested},
		{408, 102, true, channel.Failed},
		{500, 127, false, channel.LineFailed},
		{480, 127, false, channel.NoAnswer},
		{486, 34, false, channel.Busy},
		{600, 1, true, channel.Busy},
		{407, 21, false, channel.LineFailed},
		{480, 126, false, channel.NoAnswer}, // no such cause
	} {
		f := Final{End: EndRefused, Status: c.status, Cause: c.cause, Heard: true, Delivered: true}
		if c.rang {
			f.Rang = time.Now()
		}
		if got := f.Outcome().Code; got != c.want {
			t.Errorf("%d with cause %d, rang %v: %s, want %s", c.status, c.cause, c.rang, got, c.want)
		}
	}
}

func TestOutcomeOfEveryEnding(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	sent := Final{Sent: at, Ended: at.Add(30 * time.Second), Delivered: true}
	heard, rang := sent, sent
	heard.Heard = true
	rang.Heard, rang.Rang = true, at.Add(time.Second)
	up := rang
	up.Answered, up.Ended = at.Add(8*time.Second), at.Add(68*time.Second)
	with := func(f Final, change func(*Final)) Final { change(&f); return f }
	for name, c := range map[string]struct {
		f      Final
		code   channel.Code
		reason string
	}{
		"hung up by us":      {with(up, func(f *Final) { f.End, f.EndedBy = EndBye, Us }), channel.Completed, ""},
		"hung up by them":    {with(up, func(f *Final) { f.End, f.EndedBy, f.Cause = EndBye, Them, 41 }), channel.Completed, ""},
		"far end vanished":   {with(up, func(f *Final) { f.End = EndExpired }), channel.Completed, "sip_far_end_vanished"},
		"media after answer": {with(up, func(f *Final) { f.End = EndMedia }), channel.Failed, "sip_media_refused"},
		"no media of ours":   {Final{End: EndMedia}, channel.LineFailed, "sip_media_unavailable"},
		"nothing heard":      {with(sent, func(f *Final) { f.End = EndNoResponse }), channel.Unknown, "sip_no_response"},
		"connection broke":   {with(heard, func(f *Final) { f.End = EndLost }), channel.Unknown, "sip_connection_lost"},
		"broke when ringing": {with(rang, func(f *Final) { f.End = EndLost }), channel.Unknown, "sip_connection_lost"},
		"no credentials":     {with(heard, func(f *Final) { f.End, f.Status = EndAuth, 401 }), channel.LineFailed, "sip_credentials_refused"},
		"challenged ringing": {with(rang, func(f *Final) { f.End, f.Status = EndAuth, 407 }), channel.Failed, "sip_credentials_refused"},
		"cancelled by us":    {with(rang, func(f *Final) { f.End, f.Status = EndCancelled, 487 }), channel.Cancelled, ""},
		"cancelled, busy":    {with(rang, func(f *Final) { f.End, f.Status = EndCancelled, 486 }), channel.Cancelled, ""},
		"rang out":           {with(rang, func(f *Final) { f.End, f.Status = EndRingTimeout, 487 }), channel.NoAnswer, ""},
		"rang out, no 487":   {with(rang, func(f *Final) { f.End = EndRingTimeout }), channel.NoAnswer, ""},
		"rang out, answered": {with(rang, func(f *Final) { f.End, f.Status = EndRingTimeout, 200 }), channel.NoAnswer, "sip_answered_too_late"},
		"rang out, refused":  {with(rang, func(f *Final) { f.End, f.Status = EndRingTimeout, 404 }), channel.InvalidNumber, ""},
		"only 100":           {with(heard, func(f *Final) { f.End, f.Status = EndRingTimeout, 487 }), channel.NoAnswer, "sip_never_rang"},
		"short patience":     {with(sent, func(f *Final) { f.End = EndRingTimeout }), channel.Unknown, "sip_no_response"},
		"gateways silent":    {Final{End: EndUnreachable, Down: true}, channel.LineFailed, "sip_gateways_silent"},
		"port closed":        {Final{End: EndUnreachable, Transport: transport.Refused}, channel.LineFailed, "sip_connection_refused"},
		"no way":             {Final{End: EndUnreachable, Transport: transport.Unreachable}, channel.LineFailed, "sip_network_unreachable"},
		"no connection":      {Final{End: EndUnreachable, Transport: transport.Timeout}, channel.LineFailed, "sip_connection_timeout"},
		"bad certificate":    {Final{End: EndUnreachable, Transport: transport.Secure}, channel.LineFailed, "sip_tls_failed"},
		"no such name":       {Final{End: EndUnreachable, Transport: transport.Name}, channel.LineFailed, "sip_name_unknown"},
		"too large":          {Final{End: EndUnreachable, Transport: transport.TooLarge}, channel.LineFailed, "sip_message_too_large"},
		"stopping":           {Final{End: EndUnreachable, Transport: transport.Closed}, channel.LineFailed, "sip_connection_lost"},
		"not over":           {Final{}, channel.Unknown, "sip_no_response"},
		"no such answer":     {Final{End: EndRefused, Status: 99}, channel.Unknown, "sip_no_response"},
	} {
		o := c.f.Outcome()
		if o.Code != c.code || o.Reason != c.reason {
			t.Errorf("%s: %s %q, want %s %q", name, o.Code, o.Reason, c.code, c.reason)
		}
		if o.Code.Class() == channel.ClassFault && (!c.f.Rang.IsZero() || !c.f.Answered.IsZero()) {
			t.Errorf("%s: a fault after somebody's telephone rang", name)
		}
	}
}

// Whatever happens, a call that may have rung somebody's telephone is never given back as a fault of the line, for that
// would have it rung again at once.
func TestNoFaultAfterRinging(t *testing.T) {
	for status := 300; status < 700; status++ {
		for cause := range 128 {
			for _, end := range []Ending{EndRefused, EndRingTimeout, EndAuth, EndLost, EndNoResponse, EndCancelled} {
				f := Final{End: end, Status: status, Cause: cause, Rang: time.Now(), Heard: true, Delivered: true}
				o := f.Outcome()
				if o.Code.Class() == channel.ClassFault || !o.Code.Valid() || !o.Code.Trait().Calls {
					t.Fatalf("%s, %d, cause %d: %s", end, status, cause, o.Code)
				}
			}
		}
	}
}

func TestOutcomeCarriesTheNetworksWords(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	o := Final{
		End: EndRefused, EndedBy: Them, Status: 503, Phrase: "Trunk Full", Cause: 34, CauseText: "No circuit", RetryAfter: 9 * time.Second,
		Sent: at, Ended: at.Add(time.Second), Heard: true, Delivered: true,
	}.Outcome()
	want := channel.Outcome{
		Code: channel.Congested, At: at.Add(time.Second), ProviderCode: "503", ProviderText: "Trunk Full (Q.850 34 No circuit)",
		Reason: "sip_congestion", RetryAfter: 9 * time.Second, Ring: time.Second,
	}
	if o.Code != want.Code || o.At != want.At || o.ProviderCode != want.ProviderCode || o.ProviderText != want.ProviderText ||
		o.Reason != want.Reason || o.RetryAfter != want.RetryAfter || o.Ring != want.Ring || o.Talk != 0 || o.HungUpBy != "" {
		t.Errorf("got  %+v\nwant %+v", o, want)
	}
	o = Final{
		End: EndBye, EndedBy: Them, Status: 200, Phrase: "OK", Sent: at, Answered: at.Add(6 * time.Second), Ended: at.Add(36 * time.Second),
		Heard: true, Delivered: true,
	}.Outcome()
	if o.Code != channel.Completed || o.Ring != 6*time.Second || o.Talk != 30*time.Second || o.HungUpBy != "them" || o.ProviderCode != "200" {
		t.Errorf("%+v", o)
	}
}
