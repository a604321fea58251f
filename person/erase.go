package person

import (
	"context"
	"slices"
	"strings"
	"time"

	"campanario/internal/fault"
)

// EraseReason says why somebody is erased. It is a word and not a text: what is written in a text would outlive them.
type EraseReason string

// The reasons.
const (
	OnRequest    EraseReason = "requested"         // they asked for it (LGPD, article 18 VI)
	NoMoreGround EraseReason = "consent_withdrawn" // what they were contacted by was taken back
	PurposeEnded EraseReason = "purpose_ended"     // what their data were kept for is done
	Unlawful     EraseReason = "unlawful"          // they should never have been there
)

// EraseReasons lists the reasons.
func EraseReasons() []EraseReason {
	return []EraseReason{OnRequest, NoMoreGround, PurposeEnded, Unlawful}
}

// Erasure says what became of a person's data.
type Erasure struct {
	Addresses  int64 `json:"addresses" doc:"Of which only a keyed hash is kept, so that nobody is contacted there any more"`
	Recipients int64 `json:"recipients" doc:"Places in campaigns that nobody can be recognised by any more"`
	Attempts   int64 `json:"attempts" doc:"The same of attempts"`
	Consents   int64 `json:"consents" doc:"Removed, with their proofs"`
	Problems   int64 `json:"problems" doc:"Refused rows of imports that held them, removed"`
	Files      int64 `json:"files" doc:"Files of imports that have ended, removed as a whole"`
	Reports    int64 `json:"reports" doc:"Reports that were kept as workbooks, removed as a whole; those that are being written begin anew without the person"`
	// Imports are those whose files are still needed: whoever deletes them removes what the files may hold of the person.
	Imports []string `json:"imports" doc:"Imports that have not ended: their files may hold the person. Delete them, or end them; the person will be refused"`
}

// EraseStore erases.
type EraseStore interface {
	// Erase removes everything of a contact. One with an attempt under way is refused (contact_in_attempt). When it returns, nobody is
	// contacted at their addresses, by any node.
	Erase(ctx context.Context, workspace, contact string, now time.Time) (Erasure, error)
}

// Office looks after what people may ask for about their data, and how long data are kept. It is safe for concurrent use.
type Office struct {
	store OfficeStore
	now   func() time.Time
}

// OfficeStore is what Office needs kept.
type OfficeStore interface {
	EraseStore
	RetentionStore
}

// NewOffice makes an Office; now may be nil.
func NewOffice(store OfficeStore, now func() time.Time) *Office {
	if now == nil {
		now = time.Now
	}
	return &Office{store, now}
}

// Erase forgets a contact.
func (o *Office) Erase(ctx context.Context, workspace, contact string, why EraseReason) (Erasure, error) {
	if !slices.Contains(EraseReasons(), why) {
		words := make([]string, 0, len(EraseReasons()))
		for _, r := range EraseReasons() {
			words = append(words, string(r))
		}
		return Erasure{}, fault.New(fault.Invalid, "not_one_of", fault.Params{"value": clip(string(why)), "allowed": strings.Join(words, ", ")}).At("reason")
	}
	return o.store.Erase(ctx, workspace, contact, o.now().UTC())
}

// clip bounds what somebody else wrote before it goes into an error.
func clip(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
