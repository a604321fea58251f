package api

import (
	"context"
	"errors"
	"io"

	"campanario/access"
	"campanario/campaign"
	"campanario/intake"
	"campanario/internal/fault"
	"campanario/internal/locale"
)

// Enrolled says what became of rows that were to be added.
type Enrolled struct {
	Rows       int64            `json:"rows" doc:"Rows that were read, good and bad"`
	Added      int64            `json:"added"`
	Duplicates int64            `json:"duplicates" doc:"Whose address was in the campaign already"`
	Erased     int64            `json:"erased" doc:"Who asked to be forgotten, and so are not added"`
	DoneBefore int64            `json:"done_before" doc:"Good rows of the source that an earlier request had done"`
	Refused    int64            `json:"refused"`
	RefusedBy  map[string]int64 `json:"refused_by" doc:"Refused rows by code"`
	Refusals   []RowFailure     `json:"refusals" doc:"The first 1000 of them"`
	Warnings   []RowFailure     `json:"warnings" doc:"What was left out of rows that were taken, such as a second number that is none; the first 1000"`
}

// RowFailure is a row that was refused, or a part of one, and why.
type RowFailure struct {
	Line   int            `json:"line" doc:"Where it begins in the file, from 1; in a JSON array its place"`
	Column string         `json:"column,omitempty" doc:"As the file calls it, or its number; absent for the whole row"`
	Code   string         `json:"code"`
	Params map[string]any `json:"params,omitempty"`
	Text   string         `json:"text" doc:"What is wrong, in the reader's language"`
}

const (
	enrolBatch  = 500  // rows of one transaction
	mostRefused = 1000 // rows that are told one by one
)

// partial is an error that stopped an upload after a part of it was done.
type partial struct {
	error
	done Enrolled
}

func (p *partial) Unwrap() error { return p.error }

func (s *Server) addRecipients(ctx context.Context, by access.Principal, in *struct {
	CampaignPath
	ColumnsParam
	Source string `query:"source" maxLength:"200" doc:"Names the file: when it is sent again under its name, it goes on where it stopped"`
},
) (*body[Enrolled], error) {
	c, err := s.o.Campaigns.Get(ctx, by.Workspace, in.Campaign)
	if err != nil {
		return nil, err
	}
	if err := campaign.Allow(campaign.Enrol, c.State); err != nil {
		return nil, err
	}
	o, err := s.enrolOptions(ctx, c, in.ColumnsParam)
	if err != nil {
		return nil, err
	}
	e := newEnrolment(s.o.Campaigns, c, in.Source, of(ctx).language)
	if in.Source != "" {
		if e.done, err = s.o.Campaigns.EnrolDone(ctx, by.Workspace, in.Campaign, in.Source); err != nil {
			return nil, err
		}
	}
	file := newUpload(of(ctx).body, of(ctx).media)
	o.Format = file.format
	if err := e.take(ctx, file, o); err != nil {
		return nil, &partial{file.why(err), e.out}
	}
	return answer(e.out), nil
}

// enrolment adds the rows of one file in batches. What it holds does not grow with the file.
type enrolment struct {
	campaigns *campaign.Service
	campaign  *campaign.Campaign
	language  locale.Language
	source    string
	done      int64 // rows of the source that are behind us
	batch     []campaign.Newcomer
	out       Enrolled
}

func newEnrolment(to *campaign.Service, c *campaign.Campaign, source string, l locale.Language) *enrolment {
	return &enrolment{
		campaigns: to, campaign: c, source: source, language: l, batch: make([]campaign.Newcomer, 0, enrolBatch),
		out: Enrolled{RefusedBy: map[string]int64{}, Refusals: []RowFailure{}, Warnings: []RowFailure{}},
	}
}

// take adds all rows. When the file cannot be read on, what was read of it is still added; when it did not come whole,
// or nothing can be stored, the rest of the batch is not.
func (e *enrolment) take(ctx context.Context, file io.Reader, o intake.Options) error {
	rows, err := intake.NewReader(file, o)
	if err == nil {
		defer rows.Close() //nolint:errcheck // a temporary file of what has been read
	}
	for err == nil {
		var row intake.Row
		var bad *intake.Rejected
		if row, bad, err = rows.Read(); err == nil {
			err = e.add(ctx, row, bad)
		}
	}
	var broken *fault.Error
	ended := errors.Is(err, io.EOF)
	if !ended && (!errors.As(err, &broken) || broken.Kind != fault.Invalid) {
		return err
	}
	if failed := e.flush(ctx); failed != nil {
		return failed
	}
	if ended {
		return nil
	}
	return err
}

// add takes one row.
func (e *enrolment) add(ctx context.Context, row intake.Row, bad *intake.Rejected) error {
	e.out.Rows++
	var n campaign.Newcomer
	if bad == nil {
		n, bad = row.Newcomer(e.campaign.Channel)
	}
	if bad != nil {
		e.out.Refused++
		e.out.RefusedBy[bad.Error.Code]++
		e.out.Refusals = e.note(e.out.Refusals, bad)
		return nil
	}
	for i := range row.Warnings {
		e.out.Warnings = e.note(e.out.Warnings, &row.Warnings[i])
	}
	if e.out.Rows <= e.done {
		e.out.DoneBefore++
		return nil
	}
	if e.batch = append(e.batch, n); len(e.batch) < enrolBatch {
		return nil
	}
	return e.flush(ctx)
}

// note adds a failure to a list, as long as it has room.
func (e *enrolment) note(list []RowFailure, r *intake.Rejected) []RowFailure {
	if len(list) == mostRefused {
		return list
	}
	return append(list, rowFailure(e.language, r))
}

func rowFailure(l locale.Language, r *intake.Rejected) RowFailure {
	return RowFailure{r.Line, r.Column, r.Error.Code, r.Error.Params, locale.Fault(l, r.Error)}
}

// flush stores the rows that wait.
func (e *enrolment) flush(ctx context.Context) error {
	if len(e.batch) == 0 {
		return nil
	}
	from := campaign.Progress{}
	if e.source != "" {
		from = campaign.Progress{Source: e.source, Rows: e.out.Rows}
	}
	r, err := e.campaigns.Enrol(ctx, e.campaign.Workspace, e.campaign.ID, e.batch, from)
	if err != nil {
		return err
	}
	e.out.Added += r.Added
	e.out.Duplicates += r.Duplicates
	e.out.Erased += r.Erased
	e.batch = e.batch[:0]
	return nil
}
