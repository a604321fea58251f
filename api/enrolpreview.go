package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"campanario/access"
	"campanario/campaign"
	"campanario/channel"
	"campanario/intake"
	"campanario/internal/fault"
	"campanario/internal/locale"
)

// ColumnsParam says what the columns of a file hold.
type ColumnsParam struct {
	Columns string `query:"columns" maxLength:"20000" example:"[{\"column\":\"Cliente\",\"field\":\"name\"}]" doc:"What columns of CSV or of a workbook hold, as JSON: an array of {column, field, key}. column is its name, or its number from 1 in a file without a header. field is contact, name, id, context, zone, language, priority, tags, area, variable or ignore; key names a variable. A column that is not named is taken for what it looks like"`
}

// list reads it.
func (p ColumnsParam) list() ([]intake.Mapped, error) {
	if p.Columns == "" {
		return nil, nil
	}
	var out []intake.Mapped
	d := json.NewDecoder(strings.NewReader(p.Columns))
	d.DisallowUnknownFields()
	if err := d.Decode(&out); err != nil || d.More() {
		return nil, fault.New(fault.Invalid, "columns_wrong", nil).At("query.columns").Because(err)
	}
	return out, nil
}

// enrolOptions say how the files of a campaign are read.
func (s *Server) enrolOptions(ctx context.Context, c *campaign.Campaign, p ColumnsParam) (intake.Options, error) {
	columns, err := p.list()
	if err != nil {
		return intake.Options{}, err
	}
	w, err := s.o.Access.Workspace(ctx, c.Workspace)
	if err != nil {
		return intake.Options{}, err
	}
	return intake.Options{Kind: c.Channel, Country: w.Settings.Country, Columns: columns}, nil
}

// RecipientsPreview says what a file comes to, as far as it was looked at.
type RecipientsPreview struct {
	Format   intake.Format            `json:"format" enum:"csv,xlsx,list,ndjson,json"`
	Header   bool                     `json:"header" doc:"Whether the first row names the columns"`
	Columns  []intake.SuggestedColumn `json:"columns" doc:"Of CSV and of a workbook: what each is taken for"`
	Rows     int64                    `json:"rows" doc:"Rows that were looked at, good and bad: the first thousand at most"`
	Refused  int64                    `json:"refused" doc:"How many of these would be refused"`
	More     bool                     `json:"more" doc:"Whether there are rows that were not looked at"`
	Items    []PreviewedRecipient     `json:"items" doc:"The first good rows, as they would be added"`
	Refusals []RowFailure             `json:"refusals" doc:"The first bad ones, and why"`
}

// PreviewedRecipient is a row as it would be added.
type PreviewedRecipient struct {
	Line      int               `json:"line"`
	Contact   channel.Address   `json:"contact"`
	Secondary []channel.Address `json:"secondary_contacts"`
	Name      string            `json:"name,omitempty"`
	ID        string            `json:"id,omitempty"`
	Variables map[string]string `json:"variables"`
}

const (
	previewRows  = 1000 // that are looked at
	previewGood  = 5    // that are shown
	previewWrong = 20
)

func (s *Server) previewRecipients(ctx context.Context, by access.Principal, in *struct {
	CampaignPath
	ColumnsParam
},
) (*body[RecipientsPreview], error) {
	c, err := s.o.Campaigns.Get(ctx, by.Workspace, in.Campaign)
	if err != nil {
		return nil, err
	}
	o, err := s.enrolOptions(ctx, c, in.ColumnsParam)
	if err != nil {
		return nil, err
	}
	file := newUpload(of(ctx).body, of(ctx).media)
	o.Format = file.format
	rows, err := intake.NewReader(file, o)
	if err != nil {
		return nil, file.why(err)
	}
	defer rows.Close() //nolint:errcheck // a temporary file of what has been read
	out, err := previewOf(rows, c.Channel, of(ctx).language)
	if err != nil {
		return nil, file.why(err)
	}
	if _, err := io.Copy(io.Discard, file); err != nil { // who sends more than is looked at hears the answer all the same
		return nil, file.why(err)
	}
	return answer(out), nil
}

// previewOf reads the first rows of a file.
func previewOf(rows *intake.Reader, kind channel.Kind, l locale.Language) (RecipientsPreview, error) {
	info := rows.Info()
	out := RecipientsPreview{
		Format: info.Format, Header: info.Header, Columns: rows.Columns(), Items: []PreviewedRecipient{}, Refusals: []RowFailure{},
	}
	for {
		row, bad, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		if out.Rows == previewRows {
			out.More = true
			return out, nil
		}
		out.Rows++
		var n campaign.Newcomer
		if bad == nil {
			n, bad = row.Newcomer(kind)
		}
		switch {
		case bad != nil:
			if out.Refused++; len(out.Refusals) < previewWrong {
				out.Refusals = append(out.Refusals, rowFailure(l, bad))
			}
		case len(out.Items) < previewGood:
			one := PreviewedRecipient{Line: row.Line, Contact: n.Addresses[0], Secondary: n.Addresses[1:], Name: n.Name, ID: n.ExternalID, Variables: n.Variables}
			if one.Variables == nil {
				one.Variables = map[string]string{}
			}
			out.Items = append(out.Items, one)
		}
	}
}
