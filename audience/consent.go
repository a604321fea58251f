package audience

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"campanario/channel"
	"campanario/rules"
)

// Consent is one thing that a person agreed to, or took back. Consents are only ever added: the latest that is about
// something counts.
type Consent struct {
	No      int64           // rises in the order in which they were taken down; given by the store
	Contact int64           // the contact's number
	Address channel.Address // only at this address; empty for all of theirs
	Channel channel.Kind    // only on this channel; empty for every one
	Line    string          // only for this line; empty for every one
	Given   bool            // or withdrawn
	Basis   Basis
	Source  ConsentSource
	Proof   string    // what shows it: a text or JSON
	By      string    // who took it down: the id of a key, or empty for the person themselves
	At      time.Time // when they said so
	Kept    time.Time // when it was taken down
	Undoes  int64     // the number of the entry that this one takes back, as if it had never been there; 0 for none
	Was     string    // the id of the contact for whom it was taken down, when that was merged with the one who has it now
}

// Basis is what the law lets somebody be contacted by: those of LGPD article 7 that a company can have.
type Basis string

// The legal bases.
const (
	BasisConsent      Basis = "consent"
	BasisContract     Basis = "contract"
	BasisInterest     Basis = "legitimate_interest"
	BasisObligation   Basis = "legal_obligation"
	BasisCredit       Basis = "credit_protection"
	BasisRights       Basis = "exercise_of_rights"
	BasisLife         Basis = "protection_of_life"
	BasisHealth       Basis = "health"
	BasisPublicPolicy Basis = "public_policy"
	BasisResearch     Basis = "research"
)

// Bases lists the legal bases.
func Bases() []Basis {
	return []Basis{
		BasisConsent, BasisContract, BasisInterest, BasisObligation, BasisCredit, BasisRights, BasisLife, BasisHealth, BasisPublicPolicy, BasisResearch,
	}
}

// ConsentSource says where a consent came in.
type ConsentSource string

// The sources.
const (
	FromImport  ConsentSource = "import"
	FromForm    ConsentSource = "form" // a page: ours, or the customer's own
	FromMessage ConsentSource = "message"
	FromCall    ConsentSource = "call"
	FromAPI     ConsentSource = "api"
)

// ConsentSources lists the sources.
func ConsentSources() []ConsentSource {
	return []ConsentSource{FromImport, FromForm, FromMessage, FromCall, FromAPI}
}

// Answer is what a history says about one question.
type Answer int

// The answers.
const (
	NeverAsked Answer = iota
	Agreed
	Withdrew
)

// Latest orders a history with the latest first.
func Latest(history []Consent) {
	slices.SortStableFunc(history, func(a, b Consent) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.No, a.No)) })
}

// Decisive is what of a history counts, the latest first: without entries that were taken back, and those that did so.
func Decisive(history []Consent) []Consent {
	undone := map[int64]bool{}
	for i := range history {
		if n := history[i].Undoes; n != 0 {
			undone[n] = true
		}
	}
	if len(undone) > 0 {
		history = slices.DeleteFunc(history, func(c Consent) bool { return c.Undoes != 0 || undone[c.No] })
	}
	Latest(history)
	return history
}

// Said is the last that a history, the latest first, says about a channel, at whichever address and for whichever line.
func Said(history []Consent, k channel.Kind) Answer {
	for i := range history {
		if c := &history[i]; c.Channel == "" || c.Channel == k {
			if c.Given {
				return Agreed
			}
			return Withdrew
		}
	}
	return NeverAsked
}

// AnswerOf is what a history, the latest first, says about an address on a channel for a line. Where consent must name
// the line (rules.OnLine) one that was given to every line is passed over, and one that was withdrawn from every line
// counts.
func AnswerOf(history []Consent, a channel.Address, k channel.Kind, line string, on rules.Scope) Answer {
	for i := range history {
		c := &history[i]
		if c.Channel != "" && c.Channel != k || c.Line != "" && c.Line != line || c.Address != "" && !strings.EqualFold(string(c.Address), string(a)) {
			continue
		}
		if c.Given && c.Line == "" && on == rules.OnLine {
			continue
		}
		if c.Given {
			return Agreed
		}
		return Withdrew
	}
	return NeverAsked
}

// Enough reports whether an answer is what is needed.
func Enough(n rules.Need, a Answer) bool {
	switch n.Level {
	case rules.Given:
		return a == Agreed
	case rules.NotWithdrawn:
		return a != Withdrew
	case rules.NotNeeded:
	}
	return true
}

// ConsentTerms are what a contact with the history, the latest first, can be found by: the channels that they agreed to be
// contacted on at some address of theirs, by some line or by all of them, and the lines where that is otherwise.
func ConsentTerms(history []Consent) []Term {
	if len(history) == 0 {
		return nil
	}
	addresses, lines := []channel.Address{""}, []string{}
	for i := range history {
		if a := history[i].Address; a != "" && !slices.Contains(addresses, a) {
			addresses = append(addresses, a)
		}
		if l := history[i].Line; l != "" && !slices.Contains(lines, l) {
			lines = append(lines, l)
		}
	}
	agreed := func(k channel.Kind, line string) bool {
		return slices.ContainsFunc(addresses, func(a channel.Address) bool {
			return AnswerOf(history, a, k, line, rules.OnChannel) == Agreed
		})
	}
	var out []Term
	add := func(value string) { out = append(out, NewTerm(FieldConsent, value)) }
	for _, k := range channel.Kinds() {
		everywhere := agreed(k, "")
		somewhere := everywhere
		for _, l := range lines {
			switch here := agreed(k, l); {
			case here:
				somewhere = true
				add(ConsentValue(k, l))
			case everywhere:
				add(ConsentValue(k, withdrawnFrom+l))
			}
		}
		if somewhere {
			add(ConsentValue(k, ""))
		}
		if everywhere {
			add(ConsentValue(k, everyLine))
		}
	}
	return out
}

// What stands in place of a line in the terms of who agreed to a channel at every line, and of who did so and took it back
// for the line that follows.
const (
	everyLine     = "*"
	withdrawnFrom = "!"
)
