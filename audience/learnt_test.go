package audience_test

import (
	"testing"

	"campanario/audience"
	"campanario/channel"
)

func TestWhatAnOutcomeTells(t *testing.T) {
	for _, c := range []struct {
		code channel.Code
		kind channel.Kind
		want audience.Learnt
	}{
		{channel.Completed, channel.Voice, audience.Learnt{Contacted: true, Heard: true, Status: audience.ReachValid}},
		{channel.OptedOut, channel.Voice, audience.Learnt{Contacted: true, Heard: true, Status: audience.ReachValid}},
		{channel.NoAnswer, channel.Voice, audience.Learnt{Contacted: true}},
		{channel.Voicemail, channel.Voice, audience.Learnt{Contacted: true}},
		{channel.Unknown, channel.Voice, audience.Learnt{Contacted: true}},
		{channel.Congested, channel.Voice, audience.Learnt{}},
		{channel.InvalidNumber, channel.Voice, audience.Learnt{Status: audience.ReachUnreachable}},
		{channel.Delivered, channel.Email, audience.Learnt{Contacted: true, Status: audience.ReachValid}},
		{channel.Replied, channel.Email, audience.Learnt{Contacted: true, Heard: true, Status: audience.ReachValid}},
		{channel.Bounced, channel.Email, audience.Learnt{Status: audience.ReachBounced}},
		{channel.Undeliverable, channel.WhatsApp, audience.Learnt{Status: audience.ReachNoWhatsApp}},
		{channel.Undeliverable, channel.SMS, audience.Learnt{Status: audience.ReachUnreachable}},
	} {
		if got := audience.LearntFrom(c.code, c.kind); got != c.want {
			t.Errorf("%s by %s: %+v, want %+v", c.code, c.kind, got, c.want)
		}
	}
}
