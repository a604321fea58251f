package audience_test

import (
	"slices"
	"testing"
	"time"

	"campanario/audience"
	"campanario/channel"
	"campanario/rules"
)

// said is a history, the latest last: "+" for given and "-" for withdrawn, then the channel, the line and the address.
func said(entries ...[4]string) []audience.Consent {
	var out []audience.Consent
	for i, e := range entries {
		out = append(out, audience.Consent{
			No: int64(i + 1), Given: e[0] == "+", Channel: channel.Kind(e[1]), Line: e[2], Address: channel.Address(e[3]),
			At: time.Date(2026, 1, 1+i, 0, 0, 0, 0, time.UTC),
		})
	}
	audience.Latest(out)
	return out
}

func TestTheLatestConsentCounts(t *testing.T) {
	tests := []struct {
		name    string
		history []audience.Consent
		on      rules.Scope
		want    audience.Answer
	}{
		{"nothing said", nil, "", audience.NeverAsked},
		{"given for all", said([4]string{"+", "", "", ""}), "", audience.Agreed},
		{"given for the channel", said([4]string{"+", "voice", "", ""}), "", audience.Agreed},
		{"given for another channel", said([4]string{"+", "email", "", ""}), "", audience.NeverAsked},
		{"given for the line", said([4]string{"+", "voice", "l1", ""}), "", audience.Agreed},
		{"given for another line", said([4]string{"+", "voice", "l2", ""}), "", audience.NeverAsked},
		{"given for the address", said([4]string{"+", "voice", "", "+5511987654321"}), "", audience.Agreed},
		{"given for another address", said([4]string{"+", "voice", "", "+5511900000000"}), "", audience.NeverAsked},
		{"taken back", said([4]string{"+", "voice", "", ""}, [4]string{"-", "", "", ""}), "", audience.Withdrew},
		{"given again", said([4]string{"-", "", "", ""}, [4]string{"+", "voice", "", ""}), "", audience.Agreed},
		{"taken back from the line", said([4]string{"+", "voice", "", ""}, [4]string{"-", "voice", "l1", ""}), "", audience.Withdrew},
		{"taken back from another line", said([4]string{"+", "voice", "", ""}, [4]string{"-", "voice", "l2", ""}), "", audience.Agreed},
		{"the line must be named, and is", said([4]string{"+", "voice", "l1", ""}), rules.OnLine, audience.Agreed},
		{"the line must be named, and is not", said([4]string{"+", "voice", "", ""}), rules.OnLine, audience.NeverAsked},
		{"taken back from all lines", said([4]string{"+", "voice", "l1", ""}, [4]string{"-", "", "", ""}), rules.OnLine, audience.Withdrew},
		{"given to all after it was taken back from the line", said([4]string{"-", "voice", "l1", ""}, [4]string{"+", "voice", "", ""}), rules.OnLine, audience.Withdrew},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := audience.AnswerOf(tt.history, "+5511987654321", channel.Voice, "l1", tt.on); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}

// A consent that is taken down late counts from when it was said.
func TestHistoriesGoByWhenThingsWereSaid(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2026, 1, d, 0, 0, 0, 0, time.UTC) }
	history := []audience.Consent{{No: 2, Given: true, At: day(1)}, {No: 1, At: day(5)}, {No: 4, Given: true, At: day(3)}, {No: 3, At: day(3)}}
	audience.Latest(history)
	var order []int64
	for _, c := range history {
		order = append(order, c.No)
	}
	if !slices.Equal(order, []int64{1, 4, 3, 2}) {
		t.Errorf("order %v", order)
	}
}

func TestWhichConsentIsEnough(t *testing.T) {
	tests := []struct {
		level                   rules.Level
		never, agreed, withdrew bool
	}{
		{"", true, true, true}, {rules.NotNeeded, true, true, true}, {rules.NotWithdrawn, true, true, false}, {rules.Given, false, true, false},
	}
	for _, tt := range tests {
		n := rules.Need{Level: tt.level}
		got := [3]bool{audience.Enough(n, audience.NeverAsked), audience.Enough(n, audience.Agreed), audience.Enough(n, audience.Withdrew)}
		if want := [3]bool{tt.never, tt.agreed, tt.withdrew}; got != want {
			t.Errorf("%q: %v, want %v", tt.level, got, want)
		}
	}
}

func TestConsentTerms(t *testing.T) {
	tests := []struct {
		name    string
		history []audience.Consent
		want    []string
	}{
		{"nothing said", nil, nil},
		{"taken back", said([4]string{"-", "", "", ""}), nil},
		{"a channel", said([4]string{"+", "voice", "", ""}), []string{"voice", "voice:*"}},
		{"a line of it", said([4]string{"+", "voice", "l1", ""}), []string{"voice:l1", "voice"}},
		{"not that line", said([4]string{"+", "voice", "", ""}, [4]string{"-", "voice", "l1", ""}), []string{"voice:!l1", "voice", "voice:*"}},
		{"one address is enough", said([4]string{"+", "email", "", ""}, [4]string{"-", "email", "", "a@example.com"}), []string{"email", "email:*"}},
		{"all channels but one", said([4]string{"+", "", "", ""}, [4]string{"-", "sms", "", ""}), []string{"voice", "voice:*", "whatsapp", "whatsapp:*", "email", "email:*"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, term := range audience.ConsentTerms(tt.history) {
				if got = append(got, term.Value); term.Field != audience.FieldConsent {
					t.Errorf("field %s", term.Field)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}
