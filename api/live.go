package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"campanario/access"
	"campanario/campaign"
	"campanario/internal/fault"
	"campanario/internal/locale"
	"campanario/report"
)

// LiveView is a campaign at one moment: what changes by itself while it runs.
type LiveView struct {
	At       time.Time         `json:"at"`
	Campaign string            `json:"campaign"`
	State    campaign.State    `json:"state" enum:"draft,scheduled,active,paused,completed,cancelled"`
	Paused   *PausedView       `json:"paused,omitempty" doc:"Why it is paused, while it is"`
	Waiting  *WaitingView      `json:"waiting,omitempty" doc:"What it waits for, while it is active and does"`
	Running  bool              `json:"running" doc:"Whether a process of the engine holds its line"`
	Begins   *time.Time        `json:"begins,omitempty" doc:"When it begins, while it is scheduled"`
	Can      []campaign.Action `json:"can" doc:"What may be done to it now"`
	Lap      LapView           `json:"lap"`
	Revision int64             `json:"revision"`
	Counts   CountsView        `json:"counts"`
	Rates    report.Rates      `json:"rates"`
}

// ChangeView is something that has become different since the snapshot before.
type ChangeView struct {
	At   time.Time `json:"at"`
	What string    `json:"what" enum:"state,waiting,lap"`
	From string    `json:"from" doc:"The state, the code of what it waited for, or the number of the pass; may be empty"`
	To   string    `json:"to"`
}

// GoneView tells that the campaign was deleted. Nothing follows.
type GoneView struct {
	At time.Time `json:"at"`
}

func liveView(l locale.Language, by access.Principal, r *campaign.Live, at time.Time) LiveView {
	c := r.Campaign
	v := LiveView{
		At: at.UTC(), Campaign: c.ID, State: c.State, Running: r.Engine.LineHeld, Can: doable(by, c.Can()), Lap: lapView(c.Lap), Revision: c.Revision,
		Counts: countsView(r.Counts), Rates: report.Of(r.Counts),
	}
	switch c.State {
	case campaign.Paused:
		v.Paused = pausedView(l, c.Paused, c.PauseParams)
	case campaign.Active:
		v.Waiting = waitingView(l, clockOf(c), r.Engine.Waiting)
	case campaign.Scheduled:
		v.Begins = optional(r.Engine.Begins)
	default:
	}
	return v
}

// changes tells what is different between two snapshots.
func changes(before, now *LiveView) []ChangeView {
	var out []ChangeView
	add := func(what, from, to string) {
		if from != to {
			out = append(out, ChangeView{now.At, what, from, to})
		}
	}
	waits := func(v *LiveView) string {
		if v.Waiting == nil {
			return ""
		}
		return string(v.Waiting.Code)
	}
	add("state", string(before.State), string(now.State))
	add("waiting", waits(before), waits(now))
	add("lap", strconv.Itoa(before.Lap.Number), strconv.Itoa(now.Lap.Number))
	return out
}

func (s *Server) liveRoutes() {
	handle(s, route{
		id: "watch-campaign", method: http.MethodGet, path: "/campaigns/{campaign}/events", tag: "campaigns", scope: access.Read,
		answers: "text/event-stream", summary: "Watch a campaign live",
		about: "Server-sent events. First a snapshot, then another one whenever something is different, once a second at most; " +
			"a change before it for every state, wait or pass that became another; gone when the campaign is deleted. " +
			"Comments keep the line open. Whoever comes back, with or without Last-Event-ID, begins with a snapshot and has missed nothing.",
		events: map[string]reflect.Type{
			"snapshot": reflect.TypeFor[LiveView](), "change": reflect.TypeFor[ChangeView](), "gone": reflect.TypeFor[GoneView](),
		},
	}, s.watchCampaign)
}

func (s *Server) watchCampaign(ctx context.Context, by access.Principal, in *struct {
	CampaignPath
	LastEventID string `header:"Last-Event-ID" maxLength:"200" doc:"Taken and not needed: every stream begins with all there is"`
},
) (*huma.StreamResponse, error) {
	if _, err := s.o.Campaigns.Get(ctx, by.Workspace, in.Campaign); err != nil {
		return nil, err
	}
	l, err := s.live.join(by.ID(), by.Workspace, in.Campaign) //nolint:contextcheck // its reader is everybody's and outlives this request
	if err != nil {
		return nil, err
	}
	t := &stream{language: of(ctx).language, by: by}
	return events(ctx, s, s.live, l, t, t.tell), nil
}

// events answers with what a listener hears.
func events[T any](ctx context.Context, s *Server, h *hub[T], l *listener[T], t *stream, tell func(*reading[T]) error) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(c huma.Context) {
		defer h.leave(l)
		c.SetHeader("Content-Type", "text/event-stream")
		c.SetHeader("X-Accel-Buffering", "no") // proxies are not to collect it
		c.SetStatus(http.StatusOK)
		if c.Method() == http.MethodHead {
			return
		}
		_, w := unwrap(c)
		t.out, t.control = w, http.NewResponseController(w)
		if err := follow(ctx, s, t, h, l, tell); err != nil {
			s.log.Debug("stream_ended", "request", of(ctx).id, "campaign", l.room.key.campaign, "error", err)
		}
	}}
}

// follow writes what comes until somebody ends it: the reader, the server, or the key or session, of which it is asked at
// every heartbeat whether it still opens.
func follow[T any](ctx context.Context, s *Server, out *stream, h *hub[T], l *listener[T], tell func(*reading[T]) error) error {
	if err := out.raw("retry: 2000\n\n"); err != nil {
		return err
	}
	beat := time.NewTicker(s.o.Heartbeat)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-h.ctx.Done():
			return nil
		case r := <-l.news:
			if err := tell(r); err != nil || r.gone {
				return err
			}
		case <-beat.C:
			if err := s.stillIn(ctx); err != nil {
				return err
			}
			if err := out.raw(":\n\n"); err != nil {
				return err
			}
		}
	}
}

// stillIn reports whether who asked may still ask. A database that is away for a moment shuts nobody out.
func (s *Server) stillIn(ctx context.Context) error {
	if err := of(ctx).again(); err != nil && fault.KindOf(err) == fault.Denied {
		return err
	}
	return nil
}

// stream is an event stream to one reader.
type stream struct {
	out      io.Writer
	control  *http.ResponseController
	language locale.Language
	by       access.Principal
	last     *LiveView
	id       int64
}

// tell writes what a reading brings.
func (t *stream) tell(r *reading[campaign.Live]) error {
	if r.gone {
		return t.event(r.at, "gone", GoneView{r.at.UTC()})
	}
	now := liveView(t.language, t.by, &r.live, r.at)
	if t.last != nil {
		for _, c := range changes(t.last, &now) {
			if err := t.event(r.at, "change", c); err != nil {
				return err
			}
		}
	}
	t.last = &now
	return t.event(r.at, "snapshot", now)
}

func (t *stream) event(at time.Time, name string, data any) error {
	b, err := json.Marshal(data)
	if err != nil {
		return err
	}
	t.id = max(t.id+1, at.UnixMilli())
	var text bytes.Buffer
	fmt.Fprintf(&text, "event: %s\nid: %d\ndata: %s\n\n", name, t.id, b)
	return t.raw(text.String())
}

func (t *stream) raw(text string) error {
	if _, err := t.out.Write([]byte(text)); err != nil {
		return err
	}
	return t.control.Flush()
}
