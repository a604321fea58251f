package api

import (
	"encoding/json"
	"time"

	"campanario/access"
	"campanario/audience"
	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/locale"
)

// RecipientView is a contact inside a campaign: who they are, where they stand, and what may be done.
type RecipientView struct {
	Number     campaign.Number   `json:"number" doc:"Names them in the campaign, and is their place in the order of contact"`
	ID         string            `json:"id" doc:"What the customer's own system calls them; may be empty"`
	Name       string            `json:"name"`
	Contact    string            `json:"contact" doc:"The primary address: E.164, or a mailbox"`
	Secondary  []string          `json:"secondary_contacts" doc:"In the order in which they are tried"`
	Variables  map[string]string `json:"variables"`
	Zones      []string          `json:"zones" doc:"IANA names of their clock; several when their number leaves it open"`
	Language   string            `json:"language"`
	Tags       []string          `json:"tags"`
	Priority   audience.Priority `json:"priority" enum:"high,normal,low"`
	EnrolledAt time.Time         `json:"enrolled_at"`

	Status      campaign.Status            `json:"status" enum:"pending,queued,in_progress,retry_scheduled,completed,no_answer,busy,failed,exhausted,cancelled,suppressed"`
	Result      campaign.Result            `json:"result,omitempty" enum:"reached,exhausted,invalid,refused,excluded,removed,stopped" doc:"How they were settled; absent before"`
	Waits       *WaitsView                 `json:"waits,omitempty" doc:"What they wait for; absent for who is settled or in progress"`
	Lap         int                        `json:"lap" doc:"The pass that tries is of; 0 before the first attempt"`
	Tries       int                        `json:"tries" doc:"Rounds of attempts that counted, in this pass"`
	Attempts    int                        `json:"attempts" doc:"Attempts ever made to them, an open one included"`
	LastOutcome channel.Code               `json:"last_outcome,omitempty" doc:"Of the last attempt that has ended"`
	Reason      *ReasonView                `json:"reason,omitempty" doc:"What explains the outcome or the result"`
	ChangedAt   *time.Time                 `json:"changed_at,omitempty" doc:"When it became so; absent before their first turn"`
	Can         []campaign.RecipientAction `json:"can" enum:"retry,remove,set_pending,set_completed" doc:"What may be done to them now"`
}

// WaitsView says what a recipient waits for.
type WaitsView struct {
	For   campaign.Why `json:"for" enum:"first,window,limit,retry,fault,secondary,lap,operator"`
	Until *time.Time   `json:"until,omitempty" doc:"Absent for who waits for their first turn"`
}

// ReasonView explains something in the reader's language.
type ReasonView struct {
	Code   string         `json:"code"`
	Params map[string]any `json:"params,omitempty"`
	Text   string         `json:"text"`
}

// reason explains an outcome or a settlement; nil when there is nothing to explain.
func reason(l locale.Language, code, params string, outcome channel.Code) *ReasonView {
	if code == "" && outcome == "" {
		return nil
	}
	if code == "" { // the outcome says it all
		return &ReasonView{Code: string(outcome), Text: locale.Word(l, "outcome", string(outcome))}
	}
	v := &ReasonView{Code: code}
	if params != "" && json.Unmarshal([]byte(params), &v.Params) != nil {
		v.Params = nil
	}
	v.Text = locale.Text(l, "reason."+code, v.Params)
	return v
}

func recipientView(l locale.Language, by access.Principal, state campaign.State, e campaign.Entry) RecipientView {
	v := RecipientView{
		Number: e.Number, ID: e.ExternalID, Name: e.Name, Secondary: []string{}, Variables: texts(e.Variables), Zones: list(e.Zones),
		Language: e.Language, Tags: list(e.Tags), Priority: priority(e.Number.Band()), EnrolledAt: e.EnrolledAt,

		Status: e.Status, Result: e.Result, Lap: e.Lap, Tries: e.Tries, Attempts: e.Attempt, LastOutcome: e.Last,
		Reason: reason(l, e.Reason, e.Params, e.Last), ChangedAt: optional(e.Changed), Can: doable(by, campaign.CanRecipient(state, e.Status)),
	}
	for i, a := range e.Addresses {
		if i == 0 {
			v.Contact = string(a)
		} else {
			v.Secondary = append(v.Secondary, string(a))
		}
	}
	if e.Why != "" && !e.InFlight && !e.Status.Settled() {
		v.Waits = &WaitsView{e.Why, optional(e.Due)}
	}
	return v
}

func priority(b campaign.Band) audience.Priority {
	switch b {
	case campaign.BandHigh:
		return audience.PriorityHigh
	case campaign.BandLow:
		return audience.PriorityLow
	default:
		return audience.PriorityNormal
	}
}
