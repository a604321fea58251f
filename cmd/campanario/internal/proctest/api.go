package proctest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"campanario/campaign"
	"campanario/channel"
)

// Server is the API of a running program. URL is asked anew for every request, because programs that are killed come back
// on other ports.
type Server struct {
	URL func() string
	Key func() string
}

// Refused is an answer of the API that is no success.
type Refused struct {
	Status int
	Code   string
	Body   string
}

func (r *Refused) Error() string { return fmt.Sprintf("%d %s", r.Status, r.Body) }

// Do sends a request with a JSON body, or without one when it is nil, and reads the answer into out unless that is nil.
func (s Server) Do(ctx context.Context, method, path string, body, out any) error {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return err
		}
	}
	return s.send(ctx, method, path, "application/json", text, out)
}

// send sends one request.
func (s Server) send(ctx context.Context, method, path, kind string, body []byte, out any) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, s.URL()+"/api/v1"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+s.Key())
	r.Header.Set("Accept-Language", "en")
	if body != nil {
		r.Header.Set("Content-Type", kind)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close() //nolint:errcheck // it was read
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode >= http.StatusMultipleChoices {
		no := &Refused{Status: res.StatusCode, Body: string(text)}
		_ = json.Unmarshal(text, no)
		return no
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(text, out)
}

// Persist is Do, again and again while nobody answers or the database is away, until ctx is done. What is asked must be
// harmless when it is done twice.
func (s Server) Persist(ctx context.Context, method, path string, body, out any) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		err := s.Do(ctx, method, path, body, out)
		var no *Refused
		if err == nil || errors.As(err, &no) && no.Status != http.StatusServiceUnavailable {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%w; last: %w", ctx.Err(), err)
		}
	}
}

// View is what is looked at of a campaign.
type View struct {
	ID     string         `json:"id"`
	State  campaign.State `json:"state"`
	Paused *struct {
		Reason campaign.PauseReason `json:"reason"`
	} `json:"paused"`
	Counts struct {
		Total    int64                     `json:"total"`
		Settled  int64                     `json:"settled"`
		InFlight int64                     `json:"in_flight"`
		Attempts int64                     `json:"attempts"`
		Retries  int64                     `json:"retries"`
		ByStatus map[campaign.Status]int64 `json:"by_status"`
		ByCode   map[channel.Code]int64    `json:"by_outcome"`
	} `json:"counts"`
}

// Recipient is what is looked at of a recipient.
type Recipient struct {
	Number      campaign.Number `json:"number"`
	Contact     string          `json:"contact"`
	Status      campaign.Status `json:"status"`
	Result      campaign.Result `json:"result"`
	Attempts    int             `json:"attempts"`
	Tries       int             `json:"tries"`
	LastOutcome channel.Code    `json:"last_outcome"`
}

// Attempt is what is looked at of an attempt.
type Attempt struct {
	ID        string          `json:"id"`
	Recipient campaign.Number `json:"recipient"`
	Attempt   int             `json:"attempt"`
	Line      string          `json:"line"`
	To        string          `json:"to"`
	Ref       string          `json:"ref"`
	PlacedAt  time.Time       `json:"placed_at"`
	ClosedAt  time.Time       `json:"closed_at"`
	Outcome   channel.Code    `json:"outcome"`
	Provider  string          `json:"provider_code"`
}

// Campaign gives a campaign.
func (s Server) Campaign(ctx context.Context, id string) (View, error) {
	var v View
	err := s.Persist(ctx, http.MethodGet, "/campaigns/"+id, nil, &v)
	return v, err
}

// Recipients gives all recipients of a campaign.
func (s Server) Recipients(ctx context.Context, id string) ([]Recipient, error) {
	return all[Recipient](ctx, s, "/campaigns/"+id+"/recipients")
}

// Attempts gives all attempts of a campaign that have ended.
func (s Server) Attempts(ctx context.Context, id string) ([]Attempt, error) {
	return all[Attempt](ctx, s, "/campaigns/"+id+"/attempts")
}

// all reads a list to its end.
func all[T any](ctx context.Context, s Server, path string) ([]T, error) {
	var out []T
	for cursor := ""; ; {
		var page struct {
			Items []T    `json:"items"`
			Next  string `json:"next_cursor"`
		}
		if err := s.Persist(ctx, http.MethodGet, path+"?limit=200&cursor="+url.QueryEscape(cursor), nil, &page); err != nil {
			return nil, err
		}
		out = append(out, page.Items...)
		if cursor = page.Next; cursor == "" {
			return out, nil
		}
	}
}

// Make makes something and gives its id.
func (s Server) Make(ctx context.Context, path string, body any) (string, error) {
	var made struct{ ID string }
	err := s.Do(ctx, http.MethodPost, path, body, &made)
	return made.ID, err
}

// Enrol adds contacts to a campaign, one a line.
func (s Server) Enrol(ctx context.Context, id string, contacts []byte) (added int64, err error) {
	var report struct{ Added int64 }
	err = s.send(ctx, http.MethodPost, "/campaigns/"+id+"/recipients", "text/csv", contacts, &report)
	return report.Added, err
}

// Upload sends a file of contacts and gives the import's id.
func (s Server) Upload(ctx context.Context, name string, file []byte) (string, error) {
	var made struct{ ID string }
	err := s.send(ctx, http.MethodPost, "/imports?name="+url.QueryEscape(name), "text/csv", file, &made)
	return made.ID, err
}

// Until looks at a campaign until it is as wanted, and gives it then. The error is ctx's, with what it was last.
func (s Server) Until(ctx context.Context, id string, wanted func(View) bool) (View, error) {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	var v View
	for {
		now, err := s.Campaign(ctx, id)
		if err == nil {
			v = now
		}
		var no *Refused
		if errors.As(err, &no) {
			return v, err
		}
		if err == nil && wanted(v) {
			return v, nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return v, fmt.Errorf("%w: the campaign is %s %+v", ctx.Err(), v.State, v.Counts)
		}
	}
}
