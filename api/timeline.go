package api

import (
	"context"
	"net/http"
	"time"

	"campanario/access"
	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/locale"
	"campanario/person"
)

// MomentView is one thing that happened between us and a person. What it is not about is absent.
type MomentView struct {
	At          time.Time         `json:"at"`
	Kind        person.Kind       `json:"kind" enum:"created,imported,changed,enrolled,consent,suppressed,attempt,open"`
	Change      *DeedView         `json:"change,omitempty" doc:"changed: what was done to the contact, from the audit"`
	Import      *ImportRefView    `json:"import,omitempty" doc:"imported: which import"`
	Campaign    *CampaignRefView  `json:"campaign,omitempty"`
	Enrolment   *EnrolmentView    `json:"enrolment,omitempty" doc:"enrolled: where they stand in the campaign now"`
	Attempt     *AttemptView      `json:"attempt,omitempty" doc:"attempt: one that has ended, with what was said"`
	Open        *OpenAttemptView  `json:"open,omitempty" doc:"open: one that is going on"`
	Consent     *ConsentView      `json:"consent,omitempty"`
	Suppression *SuppressedAtView `json:"suppression,omitempty"`
}

// DeedView is what somebody did to a contact.
type DeedView struct {
	ActorKind access.ActorKind `json:"actor_kind" enum:"key,user,program"`
	Actor     string           `json:"actor" doc:"Id of the key or of the user; empty for the program itself"`
	ActorName string           `json:"actor_name" doc:"As it was then"`
	Operation string           `json:"operation" doc:"Id of the operation of this API"`
	Details   map[string]any   `json:"details" doc:"As the audit has them"`
}

// ImportRefView names an import.
type ImportRefView struct {
	ID   string `json:"id"`
	Name string `json:"name" doc:"Of the file"`
	Made bool   `json:"made" doc:"Whether it made the contact; otherwise it only wrote them"`
}

// CampaignRefView names a campaign.
type CampaignRefView struct {
	ID      string         `json:"id"`
	Name    string         `json:"name"`
	Channel channel.Kind   `json:"channel"`
	State   campaign.State `json:"state"`
	Deleted bool           `json:"deleted" doc:"Deleted, and still kept"`
}

// EnrolmentView is where a person stands in a campaign.
type EnrolmentView struct {
	Recipient campaign.Number `json:"recipient" doc:"Their number in the campaign"`
	Contact   string          `json:"contact" doc:"The primary address that they were added with"`
	Status    campaign.Status `json:"status"`
	Result    campaign.Result `json:"result,omitempty" doc:"How they were settled; absent before"`
	Waits     *WaitsView      `json:"waits,omitempty" doc:"The next attempt: what it waits for, and until when"`
	Reason    *ReasonView     `json:"reason,omitempty" doc:"Why it is as it is: also why there will be no other attempt"`
	Attempts  int             `json:"attempts" doc:"Made to them so far"`
	ChangedAt *time.Time      `json:"changed_at,omitempty"`
}

// SuppressedAtView is what is, or was, against contacting an address.
type SuppressedAtView struct {
	Address   string       `json:"address"`
	Channel   channel.Kind `json:"channel" doc:"Empty: every channel"`
	Reason    string       `json:"reason"`
	Text      string       `json:"text"`
	Source    string       `json:"source" doc:"Where it came from; the id of the list, for one that is on a list"`
	Registry  string       `json:"registry" doc:"Name of the list; empty for a suppression of its own"`
	ExpiresAt *time.Time   `json:"expires_at,omitempty"`
	Holds     bool         `json:"holds" doc:"Whether it holds now"`
}

func momentView(l locale.Language, now time.Time, m person.Moment) MomentView {
	v := MomentView{At: m.At, Kind: m.Kind}
	if e := m.Event; e != nil {
		v.Change = &DeedView{e.Actor.Kind, e.Actor.ID, e.Actor.Name, e.Operation, eventView(*e).Details}
	}
	if i := m.Import; i != nil {
		v.Import = &ImportRefView{i.ID, i.Name, i.Made}
	}
	if c := m.Campaign; c != nil {
		v.Campaign = &CampaignRefView{c.ID, c.Name, c.Channel, c.State, c.Deleted}
	}
	if m.Entry != nil {
		r := recipientView(l, access.Principal{}, m.Campaign.State, *m.Entry)
		v.Enrolment = &EnrolmentView{r.Number, r.Contact, r.Status, r.Result, r.Waits, r.Reason, r.Attempts, r.ChangedAt}
	}
	if m.Attempt != nil {
		a := attemptView(l, *m.Attempt)
		a.Dialogue = turnViews(m.Attempt.Outcome.Dialogue)
		v.Attempt = &a
	}
	if f := m.Flight; f != nil {
		open := openAttemptView(*f, "")
		v.Open = &open
	}
	if m.Consent != nil {
		c := consentView(*m.Consent)
		v.Consent = &c
	}
	if x := m.Suppression; x != nil {
		v.Suppression = &SuppressedAtView{
			string(x.Address), x.Channel, x.Reason, locale.Word(l, "suppression", x.Reason), x.Source, m.Registry, optional(x.Expires),
			x.Expires.IsZero() || now.Before(x.Expires),
		}
	}
	return v
}

func (s *Server) personRoutes() {
	handle(s, route{
		id: "get-timeline", method: http.MethodGet, path: "/contacts/{contact}/timeline", tag: "contacts", scope: access.Read,
		summary: "List everything that happened with a contact",
		about: "The newest first: when they were made, imported and changed; the campaigns they were added to, and where they stand in each; every attempt; " +
			"consents given and withdrawn; what is against contacting their addresses. Recipients whom nobody tied to a contact are found by their address in campaigns that take each address once.",
	}, s.getTimeline)
	s.duplicateRoutes()
}

func (s *Server) getTimeline(ctx context.Context, by access.Principal, in *struct {
	ContactPath
	Paging
},
) (*body[Page[MomentView]], error) {
	before := person.End()
	if err := resume("timeline", in.Cursor, &before); err != nil {
		return nil, err
	}
	rows, err := s.o.Timeline.Before(ctx, by.Workspace, in.Contact, before, in.Limit+1)
	l, now := of(ctx).language, s.o.Now()
	show := func(m person.Moment) MomentView { return momentView(l, now, m) }
	return answer(page("timeline", rows, in.Limit, show, func(m person.Moment) any { return m.Seat })), err
}
