package report

import (
	"context"

	"campanario/campaign"
)

// Source is where a report reads.
type Source interface {
	Campaign(ctx context.Context, workspace, id string) (*campaign.Campaign, error)
	// LineNames gives what the lines of the workspace are called, by their ids, those that were deleted too.
	LineNames(ctx context.Context, workspace string) (map[string]string, error)
	// ReportNames gives the names of the variables that recipients of the campaign brought and of those that their
	// attempts collected, at most so many of each.
	ReportNames(ctx context.Context, workspace, id string, most int) (Names, error)
	// ReportPage gives recipients behind the given one that the filter picks, in order, each with its closed attempts, all of one
	// moment. It looks at a bounded number of them: next goes on, and is 0 at the end; before that, there may be fewer than limit,
	// or nobody.
	ReportPage(ctx context.Context, workspace, id string, f campaign.Filter, after campaign.Number, limit int) (page []Person, next campaign.Number, err error)
}

// Names are the names of variables.
type Names struct {
	Brought   []string // by recipients
	Collected []string // by attempts
}

// Person is a recipient with everything that happened.
type Person struct {
	campaign.Entry
	Attempts []campaign.Attempt // in order; their dialogue may be left out
}
