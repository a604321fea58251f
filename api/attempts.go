package api

import (
	"context"
	"net/http"
	"time"

	"campanario/access"
	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/locale"
)

// AttemptView is an attempt that has ended.
type AttemptView struct {
	ID           string            `json:"id" doc:"The same for ever and everywhere: Call-IDs and records of far ends carry it"`
	Recipient    campaign.Number   `json:"recipient" doc:"Number of the recipient"`
	Attempt      int               `json:"attempt" doc:"Which of the recipient's attempts, from 1"`
	Lap          int               `json:"lap"`
	Line         string            `json:"line" doc:"Id of the line"`
	To           string            `json:"to" doc:"The address that was contacted"`
	Ref          string            `json:"ref" doc:"What the network calls it: Call-ID, Message-ID"`
	PlacedAt     time.Time         `json:"placed_at"`
	ClosedAt     time.Time         `json:"closed_at"`
	Outcome      channel.Code      `json:"outcome"`
	Class        channel.Class     `json:"class" enum:"reached,unreached,bad_address,refused,fault,unknown" doc:"What the outcome means for what comes next"`
	Reason       *ReasonView       `json:"reason" doc:"Explains the outcome"`
	ProviderCode string            `json:"provider_code" doc:"The network's own answer, such as 486"`
	ProviderText string            `json:"provider_text" doc:"The network's own words"`
	RingMs       int64             `json:"ring_ms" doc:"From the start to the answer or the end"`
	TalkMs       int64             `json:"talk_ms" doc:"From the answer to the end"`
	AnsweredBy   string            `json:"answered_by" doc:"human, machine, silence, unknown; empty when nobody answered"`
	HungUpBy     string            `json:"hung_up_by" doc:"us or them; empty when there was no conversation"`
	Goal         bool              `json:"goal" doc:"Whether the campaign's goal was reached"`
	Agent        *SpeakerView      `json:"agent,omitempty" doc:"Who spoke, of calls that were answered"`
	Collected    map[string]string `json:"collected" doc:"What the conversation found out"`
	Dialogue     []TurnView        `json:"dialogue,omitempty" doc:"What was said and pressed; only in the list of one recipient"`
}

// SpeakerView is an agent as it spoke.
type SpeakerView struct {
	ID      string `json:"id"`
	Version int    `json:"version" doc:"The version it spoke in; it may have others since"`
}

// OpenAttemptView is an attempt that is going on.
type OpenAttemptView struct {
	ID         string          `json:"id"`
	Recipient  campaign.Number `json:"recipient" doc:"Number of the recipient"`
	Name       string          `json:"name" doc:"Of the recipient; may be empty"`
	To         string          `json:"to" doc:"The address that is being contacted"`
	Attempt    int             `json:"attempt" doc:"Which of the recipient's attempts, from 1"`
	Line       string          `json:"line" doc:"Id of the line"`
	Node       string          `json:"node" doc:"The process that made it"`
	Stage      channel.Stage   `json:"stage" enum:"initiated,ringing,in_progress"`
	Step       string          `json:"step,omitempty" doc:"The step of the agent's script that the call is in; absent before the conversation, and for calls of another process than the one asked"`
	PlacedAt   time.Time       `json:"placed_at"`
	AnsweredAt *time.Time      `json:"answered_at,omitempty"`
}

func attemptView(l locale.Language, a campaign.Attempt) AttemptView {
	o := &a.Outcome
	v := AttemptView{
		ID: a.ID, Recipient: a.Number, Attempt: a.Ordinal, Lap: a.Lap, Line: a.Line, To: string(a.To), Ref: a.Ref, PlacedAt: a.PlacedAt,
		ClosedAt: o.At, Outcome: o.Code, Class: o.Code.Class(), Reason: reason(l, o.Reason, "", o.Code), ProviderCode: o.ProviderCode,
		ProviderText: o.ProviderText, RingMs: o.Ring.Milliseconds(), TalkMs: o.Talk.Milliseconds(), AnsweredBy: o.AnsweredBy, HungUpBy: o.HungUpBy,
		Goal: o.Goal, Collected: texts(o.Collected),
	}
	if o.Agent != "" {
		v.Agent = &SpeakerView{o.Agent, o.AgentVersion}
	}
	return v
}

func openAttemptView(f campaign.Flight, step string) OpenAttemptView {
	return OpenAttemptView{f.ID, f.Number, f.Name, string(f.To), f.Ordinal, f.Line, f.Node, f.Stage, step, f.PlacedAt, optional(f.AnsweredAt)}
}

func (s *Server) attemptRoutes() {
	handle(s, route{
		id: "list-attempts", method: http.MethodGet, path: "/campaigns/{campaign}/attempts", tag: "recipients", scope: access.Read,
		summary: "List the attempts of a campaign", about: "Those that have ended, the latest first.",
	}, s.listAttempts)
	handle(s, route{
		id: "list-open-attempts", method: http.MethodGet, path: "/campaigns/{campaign}/attempts/open", tag: "recipients", scope: access.Read,
		summary: "List the attempts that are going on", about: "The oldest first, up to a thousand.",
	}, func(ctx context.Context, by access.Principal, in *CampaignPath) (*body[Page[OpenAttemptView]], error) {
		rows, err := s.o.Campaigns.Flights(ctx, by.Workspace, in.Campaign)
		steps := s.o.Steps(in.Campaign)
		show := func(f campaign.Flight) OpenAttemptView {
			return openAttemptView(f, steps[f.ID])
		}
		return answer(page("open", rows, len(rows), show, nil)), err
	})
	handle(s, route{
		id: "list-recipient-attempts", method: http.MethodGet, path: "/campaigns/{campaign}/recipients/{number}/attempts", tag: "recipients",
		scope: access.Read, summary: "List the attempts of a recipient", about: "Those that have ended, in order, with what was said.",
	}, s.listRecipientAttempts)
}

func (s *Server) listAttempts(ctx context.Context, by access.Principal, in *struct {
	CampaignPath
	Paging
},
) (*body[Page[AttemptView]], error) {
	q := campaign.AttemptQuery{Limit: in.Limit + 1}
	if err := resume("attempts", in.Cursor, &q.After); err != nil {
		return nil, err
	}
	rows, err := s.o.Campaigns.Attempts(ctx, by.Workspace, in.Campaign, q)
	show := func(a campaign.Attempt) AttemptView { return attemptView(of(ctx).language, a) }
	at := func(a campaign.Attempt) any {
		return campaign.AttemptCursor{Closed: a.Outcome.At, Number: a.Number, Ordinal: a.Ordinal}
	}
	return answer(page("attempts", rows, in.Limit, show, at)), err
}

func (s *Server) listRecipientAttempts(ctx context.Context, by access.Principal, in *struct {
	RecipientPath
	Paging
},
) (*body[Page[AttemptView]], error) {
	q := campaign.AttemptQuery{Number: in.Number, Limit: in.Limit + 1}
	if err := resume("recipient-attempts", in.Cursor, &q.After.Ordinal); err != nil {
		return nil, err
	}
	if _, err := s.o.Campaigns.Entry(ctx, by.Workspace, in.Campaign, in.Number); err != nil {
		return nil, err
	}
	rows, err := s.o.Campaigns.Attempts(ctx, by.Workspace, in.Campaign, q)
	show := func(a campaign.Attempt) AttemptView {
		v := attemptView(of(ctx).language, a)
		v.Dialogue = turnViews(a.Outcome.Dialogue)
		return v
	}
	return answer(page("recipient-attempts", rows, in.Limit, show, func(a campaign.Attempt) any { return a.Ordinal })), err
}
