package api

import (
	"context"
	"net/http"
	"time"

	"campanario/access"
	"campanario/audience"
	"campanario/channel"
)

// ConsentView is one thing that a contact agreed to, or took back.
type ConsentView struct {
	Address    string                 `json:"address" doc:"Only at this address; empty: at all of theirs"`
	Channel    channel.Kind           `json:"channel" doc:"Empty: on every channel"`
	Line       string                 `json:"line" doc:"Id of the line; empty: for every one"`
	Given      bool                   `json:"given" doc:"Or withdrawn"`
	Basis      audience.Basis         `json:"basis"`
	Source     audience.ConsentSource `json:"source"`
	Proof      string                 `json:"proof"`
	RecordedBy string                 `json:"recorded_by" doc:"Id of the key; empty: the person themselves"`
	At         time.Time              `json:"at" doc:"When they said so"`
	RecordedAt time.Time              `json:"recorded_at"`
	RecordedOf string                 `json:"recorded_of" doc:"Id of the contact for whom it was taken down, when that was merged with this one; else empty"`
}

func consentView(c audience.Consent) ConsentView {
	return ConsentView{string(c.Address), c.Channel, c.Line, c.Given, c.Basis, c.Source, c.Proof, c.By, c.At.UTC(), c.Kept.UTC(), c.Was}
}

// ConsentStandingView is how things are on a channel.
type ConsentStandingView struct {
	Channel channel.Kind `json:"channel" enum:"voice,whatsapp,sms,email"`
	Answer  string       `json:"answer" enum:"none,given,withdrawn" doc:"At any line and address that has no consent of its own"`
	Since   *time.Time   `json:"since,omitempty"`
}

// ConsentHistoryView is what a contact agreed to and took back.
type ConsentHistoryView struct {
	Channels []ConsentStandingView `json:"channels" doc:"How things are now"`
	Items    []ConsentView         `json:"items" doc:"The latest first, 1,000 at most; the first that is about something counts"`
}

func consentHistory(list []audience.Consent) ConsentHistoryView {
	v := ConsentHistoryView{Channels: []ConsentStandingView{}, Items: []ConsentView{}}
	for _, s := range audience.Standings(list) {
		answer := "none"
		switch s.Answer {
		case audience.Agreed:
			answer = "given"
		case audience.Withdrew:
			answer = "withdrawn"
		case audience.NeverAsked:
		}
		v.Channels = append(v.Channels, ConsentStandingView{s.Channel, answer, optional(s.Since)})
	}
	for _, c := range list {
		v.Items = append(v.Items, consentView(c))
	}
	return v
}

// ConsentInput is what a contact agreed to, or takes back.
type ConsentInput struct {
	Given   bool                   `json:"given" doc:"true: they agreed; false: they take it back"`
	Address string                 `json:"address,omitempty" maxLength:"400" doc:"Only at this address of theirs"`
	Channel channel.Kind           `json:"channel,omitempty" enum:"voice,email,sms,whatsapp" doc:"Only on this channel; absent: on all"`
	Line    string                 `json:"line,omitempty" maxLength:"100" doc:"Only for this line; absent: for all"`
	Basis   audience.Basis         `json:"basis,omitempty" enum:"consent,contract,legitimate_interest,legal_obligation,credit_protection,exercise_of_rights,protection_of_life,health,public_policy,research" doc:"Legal basis (LGPD, article 7); default consent"`
	Source  audience.ConsentSource `json:"source,omitempty" enum:"import,form,message,call,api" doc:"Where it came in; default api"`
	Proof   string                 `json:"proof,omitempty" doc:"What shows it: a text or JSON, up to 16 KiB"`
	At      *time.Time             `json:"at,omitempty" doc:"When they said so; default now"`
}

// ConsentLinkInput says what a contact is asked for.
type ConsentLinkInput struct {
	Channel channel.Kind `json:"channel,omitempty" enum:"voice,email,sms,whatsapp" doc:"Absent: all channels"`
	Line    string       `json:"line,omitempty" maxLength:"100" doc:"Absent: all lines"`
}

// ConsentLinkView is a contact's own link to the page of consent.
type ConsentLinkView struct {
	URL string `json:"url" doc:"For this contact only; it does not end"`
}

func (s *Server) consentRoutes() {
	handle(s, route{
		id: "list-consents", method: http.MethodGet, path: "/contacts/{contact}/consents", tag: "contacts", scope: access.Read,
		summary: "List what a contact agreed to and took back",
	}, func(ctx context.Context, by access.Principal, in *ContactPath) (*body[ConsentHistoryView], error) {
		list, err := s.o.Consents.History(ctx, by.Workspace, in.Contact)
		return answer(consentHistory(list)), err
	})
	handle(s, route{
		id: "record-consent", method: http.MethodPost, path: "/contacts/{contact}/consents", tag: "contacts", scope: access.Operate,
		status: http.StatusCreated, repeats: true, summary: "Take down a consent or its withdrawal",
		about: "It is added to the history, of which nothing is ever changed. Campaigns that need it know of it within a second.",
	}, func(ctx context.Context, by access.Principal, in *struct {
		ContactPath
		Body ConsentInput
	},
	) (*body[ConsentView], error) {
		x := audience.Consenting{
			Address: in.Body.Address, Channel: in.Body.Channel, Line: in.Body.Line, Given: in.Body.Given, Basis: in.Body.Basis,
			Source: in.Body.Source, Proof: in.Body.Proof, By: by.ID(),
		}
		if x.Source == "" {
			x.Source = audience.FromAPI
		}
		if in.Body.At != nil {
			x.At = *in.Body.At
		}
		c, err := s.o.Consents.Record(ctx, by.Workspace, in.Contact, x)
		return answer(consentView(c)), err
	})
	handle(s, route{
		id: "create-consent-link", method: http.MethodPost, path: "/contacts/{contact}/consent-link", tag: "contacts", scope: access.Operate,
		conflicts: true, summary: "Make a contact's own link to the page of consent",
		about: "Whoever opens it can give consent in this contact's name, and take it back: send it to them alone.",
	}, func(ctx context.Context, by access.Principal, in *struct {
		ContactPath
		Body ConsentLinkInput
	},
	) (*body[ConsentLinkView], error) {
		url, err := s.o.Consents.Invite(ctx, by.Workspace, in.Contact, in.Body.Channel, in.Body.Line)
		return answer(ConsentLinkView{url}), err
	})
}
