package report

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"campanario/campaign"
	"campanario/channel"
	"campanario/intake"
	"campanario/internal/fault"
)

// Board is where the figures that change with the time of day are read.
type Board interface {
	// Situation gives what a workspace is doing at this moment, with what was placed from an instant on.
	Situation(ctx context.Context, workspace string, from time.Time) (Situation, error)
	// Slices gives the slices of a campaign from an instant on, the oldest first.
	Slices(ctx context.Context, workspace, id string, from time.Time) ([]campaign.Slice, error)
}

// Situation is what a workspace is doing at one moment.
type Situation struct {
	Campaigns []Campaign // that are active or paused and not put away, the newest first
	Imports   []intake.Session
	Air       []Air
	Slices    []LineSlice
}

// Campaign is where one of them stands.
type Campaign struct {
	ID, Name    string
	Zone        string // of its clock
	State       campaign.State
	Paused      campaign.PauseReason
	PauseParams map[string]string
	Waiting     *campaign.Waiting
	Line        LineState
}

// LineState is a line at that moment.
type LineState struct {
	ID, Name string
	Enabled  bool              // false for one that was deleted, too
	Held     bool              // a process of the engine runs it
	Standing *channel.Standing // as that process knows; nil for a line that does not register
}

// Air is how many attempts are open on a channel.
type Air struct {
	Kind     channel.Kind
	Open     int64
	Answered int64 // calls in which somebody has answered
}

// LineSlice is what was placed on a line within a slice of time.
type LineSlice struct {
	Kind channel.Kind
	Line LineState
	campaign.Slice
}

// Concern is what somebody should look at.
type Concern string

// The concerns, each the key of a sentence.
const (
	LineDisabled     Concern = "line_disabled"     // active campaigns wait for a line that is switched off
	LineIdle         Concern = "line_idle"         // active campaigns wait for a line that no process runs
	LineUnregistered Concern = "line_unregistered" // its network does not take it
	LineResting      Concern = "line_resting"      // the line refused too often
	LineFailing      Concern = "line_failing"      // too many of its attempts fail
	ImportFailed     Concern = "import_failed"
	ImportRefused    Concern = "import_refused" // some rows were not taken
	ImportWaiting    Concern = "import_waiting" // it waits for a person's decision
)

// The concerns of which the sentence of their cause tells.
const (
	CampaignPaused  = Concern("campaign_paused")  // Cause: the reason of the pause
	CampaignWaiting = Concern("campaign_waiting") // Cause: what it waits for, which does not come by itself
)

// Urgency says what a concern asks for.
type Urgency string

// The urgencies, the highest first.
const (
	Broken   Urgency = "broken"   // people are not contacted who should be
	Decision Urgency = "decision" // it goes on when somebody says so
	Notice   Urgency = "notice"   // good to know
)

func urgencies() []Urgency { return []Urgency{Broken, Decision, Notice} }

// Attention is one thing that somebody should look at.
type Attention struct {
	Concern  Concern
	Urgency  Urgency
	Kind     string // what it is about: campaign, line, import
	ID, Name string
	Zone     string // of its clock; empty for the workspace's
	Cause    string
	Params   map[string]any
	Until    time.Time // when it changes by itself; zero when that is unknown, or never
	Since    time.Time // zero when unknown
	Failure  *fault.Error
}

// Figures are what happened in a span of time, by when attempts were placed.
type Figures struct {
	From, Until time.Time
	Calls       campaign.Slice
	Messages    campaign.Slice
}

// All is calls and messages together.
func (f *Figures) All() campaign.Slice {
	all := f.Calls
	all.Sum(&f.Messages)
	return all
}

// Home is what a workspace's people look at first.
type Home struct {
	Attention        []Attention // the most urgent first
	Calls            Air         // that are going on
	Messages         int64       // that are being handed over
	Today, Yesterday Figures     // yesterday's to the slice that began at this time of day
}

// Since is from when on NewHome needs slices: the beginning of yesterday.
func Since(now time.Time, zone *time.Location) time.Time {
	y, m, d := now.In(zone).Date()
	return campaign.SliceOf(time.Date(y, m, d-1, 0, 0, 0, 0, zone))
}

// NewHome tells what matters of a situation at now, on the workspace's clock.
func NewHome(s *Situation, now time.Time, zone *time.Location) Home {
	y, m, d := now.In(zone).Date()
	midnight := time.Date(y, m, d, 0, 0, 0, 0, zone)
	hour, minute, _ := now.In(zone).Clock()
	h := Home{
		Today:     Figures{From: midnight.UTC(), Until: now.UTC()},
		Yesterday: Figures{From: time.Date(y, m, d-1, 0, 0, 0, 0, zone).UTC(), Until: campaign.SliceOf(time.Date(y, m, d-1, hour, minute, 0, 0, zone))},
	}
	for i := range s.Slices {
		x := &s.Slices[i]
		switch {
		case !x.At.Before(h.Today.From):
			h.Today.add(x)
		case x.At.Before(h.Yesterday.Until) && !x.At.Before(h.Yesterday.From):
			h.Yesterday.add(x)
		}
	}
	for _, a := range s.Air {
		if a.Kind == channel.Voice {
			h.Calls = a
		} else {
			h.Messages += a.Open
		}
	}
	h.Attention = append(append(ofCampaigns(s.Campaigns), ofLines(s, now)...), ofImports(s.Imports, h.Yesterday.From, now)...)
	slices.SortStableFunc(h.Attention, func(a, b Attention) int {
		return cmp.Compare(slices.Index(urgencies(), a.Urgency), slices.Index(urgencies(), b.Urgency))
	})
	return h
}

func (f *Figures) add(x *LineSlice) {
	if x.Kind == channel.Voice {
		f.Calls.Sum(&x.Slice)
	} else {
		f.Messages.Sum(&x.Slice)
	}
}

func ofCampaigns(list []Campaign) []Attention {
	var out []Attention
	for i := range list {
		c := &list[i]
		a := Attention{Kind: "campaign", ID: c.ID, Name: c.Name, Zone: c.Zone}
		switch {
		case c.State == campaign.Paused:
			a.Concern, a.Urgency, a.Cause, a.Params = CampaignPaused, Broken, string(c.Paused), values(c.PauseParams)
			if c.Paused == campaign.ByOperator {
				a.Urgency = Notice
			}
			out = append(out, a)
		case c.State == campaign.Active && c.Waiting != nil && c.Waiting.Code == campaign.WaitLists:
			a.Concern, a.Urgency, a.Cause, a.Params, a.Since = CampaignWaiting, Broken, string(c.Waiting.Code), values(c.Waiting.Params), c.Waiting.Since
			out = append(out, a)
		}
	}
	return out
}

func values(m map[string]string) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}

// What makes a line one to look at: so many attempts within the last hour, of which so many failed.
const (
	failingFor   = time.Hour
	failingLeast = 20
)

// ofLines tells of each line once, however many campaigns wait for it.
func ofLines(s *Situation, now time.Time) []Attention {
	var out []Attention
	found := map[string]int{}
	for i := range s.Campaigns {
		c := &s.Campaigns[i]
		if c.State != campaign.Active || c.Line.ID == "" {
			continue
		}
		a := Attention{Urgency: Broken, Kind: "line", ID: c.Line.ID, Name: c.Line.Name, Zone: c.Zone, Params: map[string]any{}}
		switch {
		case !c.Line.Enabled:
			a.Concern = LineDisabled
		case !c.Line.Held:
			a.Concern = LineIdle
		case c.Line.unregistered():
			a.Concern, a.Since = LineUnregistered, c.Line.Standing.Since
			if status := c.Line.Standing.Status; status != 0 {
				a.Params["status"] = status
			}
		case c.Waiting != nil && c.Waiting.Code == campaign.WaitLine:
			a.Concern, a.Params, a.Since, a.Until = LineResting, values(c.Waiting.Params), c.Waiting.Since, c.Waiting.Until
		default:
			continue
		}
		at, known := found[c.Line.ID]
		if !known {
			at, found[c.Line.ID] = len(out), len(out)
			a.Params["line"], a.Params["campaigns"] = a.Name, 0
			out = append(out, a)
		}
		out[at].Params["campaigns"] = out[at].Params["campaigns"].(int) + 1
	}
	return append(out, failing(s.Slices, now, found)...)
}

// unregistered reports whether no gateway of a line that registers takes it.
func (l *LineState) unregistered() bool {
	return l.Standing != nil && (l.Standing.State == channel.Refused || l.Standing.State == channel.Unanswered)
}

// failing finds lines with many failures of which nothing else is told.
func failing(list []LineSlice, now time.Time, found map[string]int) []Attention {
	sums := map[string]*LineSlice{}
	var order []string
	for i := range list {
		x := &list[i]
		if _, told := found[x.Line.ID]; told || x.At.Before(campaign.SliceOf(now.Add(-failingFor))) || x.Line.ID == "" {
			continue
		}
		if sums[x.Line.ID] == nil {
			sums[x.Line.ID] = &LineSlice{Line: x.Line}
			order = append(order, x.Line.ID)
		}
		sums[x.Line.ID].Sum(&x.Slice)
	}
	var out []Attention
	for _, id := range order {
		x := sums[id]
		if share(x.Technical, x.Attempts) <= mostFailure || x.Attempts < failingLeast {
			continue
		}
		out = append(out, Attention{Concern: LineFailing, Urgency: Broken, Kind: "line", ID: id, Name: x.Line.Name, Params: map[string]any{
			"line": x.Line.Name, "failed": x.Technical, "attempts": x.Attempts, "percent": int(math.Round(100 * share(x.Technical, x.Attempts))),
		}})
	}
	return out
}

// decideWithin is for how long an import that nobody goes on with is shown.
const decideWithin = 30 * 24 * time.Hour

func ofImports(list []intake.Session, since, now time.Time) []Attention {
	var out []Attention
	for i := range list {
		x := &list[i]
		a := Attention{Kind: "import", ID: x.ID, Name: x.Name, Since: x.UpdatedAt, Params: map[string]any{"file": x.Name}}
		switch {
		case x.State == intake.StateFailed && !x.UpdatedAt.Before(since):
			a.Concern, a.Urgency, a.Failure = ImportFailed, Broken, x.Failure
		case x.State == intake.StateDone && x.Counts.Refused > 0 && !x.EndedAt.Before(since):
			a.Concern, a.Urgency = ImportRefused, Notice
			a.Params["refused"], a.Params["rows"] = x.Counts.Refused, x.Counts.Rows
		case (x.State == intake.StateReady || x.State == intake.StateChecked) && x.UpdatedAt.After(now.Add(-decideWithin)):
			a.Concern, a.Urgency = ImportWaiting, Decision
		default:
			continue
		}
		out = append(out, a)
	}
	return out
}
