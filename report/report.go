package report

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"time"

	"campanario/campaign"
	"campanario/intake"
	"campanario/internal/fault"
	"campanario/schedule"
)

// Form says what a row is.
type Form string

// The forms. The zero value means PerRecipient.
const (
	PerRecipient Form = "recipients"
	PerAttempt   Form = "attempts"
)

// MaxColumns is how many variables of either kind get a column of their own.
const MaxColumns = 500

// page is how many recipients are read at once.
const page = 500

// Options say what a report is like.
type Options struct {
	Form   Form
	Filter campaign.Filter // whose rows; the zero Filter picks everybody
	// Converted takes only recipients who reached the goal, or their attempts that did.
	Converted bool
	Words     Words // nil for codes, for programs
	Delimiter rune  // 0 is a comma; Excel expects ';' in Portuguese and Spanish
	Mark      bool  // begin with a byte order mark, without which Excel takes UTF-8 for Windows-1252
}

// Report is a report that can be written.
type Report struct {
	source    Source
	workspace string
	campaign  *campaign.Campaign
	o         Options
	words     Words
	zone      *time.Location
	names     Names
	more      bool            // some variables have no column
	placed    map[string]bool // those that have
	lines     map[string]string
}

// Open finds out what the report of a campaign will have. Everything that is wrong with what is asked comes here, before
// anything is written.
func Open(ctx context.Context, source Source, workspace, id string, o Options) (*Report, error) {
	if err := o.settle(); err != nil {
		return nil, err
	}
	c, err := source.Campaign(ctx, workspace, id)
	if err != nil {
		return nil, err
	}
	r := &Report{source: source, workspace: workspace, campaign: c, o: o, words: o.Words, zone: time.UTC}
	if r.words == nil {
		r.words = codes{}
	}
	if zone, err := schedule.LoadZone(c.Zone); err == nil {
		r.zone = zone
	}
	if r.lines, err = source.LineNames(ctx, workspace); err != nil {
		return nil, err
	}
	if r.names, err = source.ReportNames(ctx, workspace, id, MaxColumns+1); err != nil {
		return nil, err
	}
	r.limit()
	return r, nil
}

// settle puts in what was left out, and refuses what is wrong.
func (o *Options) settle() error {
	switch o.Form {
	case "":
		o.Form = PerRecipient
	case PerRecipient, PerAttempt:
	default:
		return fault.New(fault.Invalid, "not_one_of", fault.Params{"value": clip(string(o.Form)), "allowed": "recipients, attempts"}).At("form")
	}
	switch o.Delimiter {
	case 0:
		o.Delimiter = ','
	case ',', ';', '\t', '|':
	default:
		return fault.New(fault.Invalid, "not_one_of", fault.Params{"value": clip(string(o.Delimiter)), "allowed": ", ; | tab"}).At("delimiter")
	}
	return o.Filter.Validate()
}

// limit keeps as many columns as a report has.
func (r *Report) limit() {
	if r.o.Form == PerAttempt {
		r.names.Brought = nil // every attempt would repeat them
	}
	slices.Sort(r.names.Brought) // databases have orders of their own
	slices.Sort(r.names.Collected)
	r.placed = map[string]bool{}
	for _, list := range []*[]string{&r.names.Brought, &r.names.Collected} {
		if len(*list) > MaxColumns {
			*list, r.more = (*list)[:MaxColumns], true
		}
		for _, n := range *list {
			r.placed[n] = true
		}
	}
}

// Campaign is whose report it is.
func (r *Report) Campaign() *campaign.Campaign { return r.campaign }

// header names the columns. A variable whose name is taken already is told from it by a number.
func (r *Report) header() []string {
	fixed := recipientColumns
	if r.o.Form == PerAttempt {
		fixed = attemptColumns
	}
	out := make([]string, 0, len(fixed)+len(r.names.Brought)+len(r.names.Collected)+1)
	used := map[string]bool{}
	add := func(name string) {
		one := name
		for n := 2; used[one]; n++ {
			one = name + "_" + strconv.Itoa(n)
		}
		used[one] = true
		out = append(out, one)
	}
	for _, c := range fixed {
		add(r.words.Column(c))
	}
	for _, n := range r.names.Brought {
		add(n)
	}
	for _, n := range r.names.Collected {
		add(n)
	}
	if r.more {
		add(r.words.Column(Rest))
	}
	return out
}

// Write writes the report as CSV and says how many rows it has. It is given to w a page at a time.
func (r *Report) Write(ctx context.Context, w io.Writer) (rows int64, err error) {
	if r.o.Mark {
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return 0, err
		}
	}
	out := csv.NewWriter(w)
	out.Comma = r.o.Delimiter
	var safe []string
	write := func(cells []string) error {
		safe = safe[:0]
		for _, c := range cells {
			safe = append(safe, intake.Safe(c))
		}
		return out.Write(safe)
	}
	if err := write(r.header()); err != nil {
		return 0, err
	}
	return r.each(ctx, write, func(int64, campaign.Number) error {
		out.Flush()
		return out.Error()
	})
}

// each gives all rows to write, and after every page calls paged with how many there were and with the last recipient that
// was gone through.
func (r *Report) each(ctx context.Context, write func([]string) error, paged func(rows int64, last campaign.Number) error) (int64, error) {
	out := &table{row: write}
	for after := campaign.Number(0); ; {
		people, next, err := r.source.ReportPage(ctx, r.workspace, r.campaign.ID, r.o.Filter, after, page)
		if err != nil {
			return out.rows, err
		}
		for i := range people {
			if err := r.person(out, &people[i]); err != nil {
				return out.rows, err
			}
		}
		if len(people) > 0 {
			after = people[len(people)-1].Number
		}
		after = max(after, next)
		if err := paged(out.rows, after); err != nil || next == 0 {
			return out.rows, err
		}
	}
}

// person writes the rows of one recipient.
func (r *Report) person(out *table, p *Person) error {
	if r.o.Form == PerAttempt {
		for i := range p.Attempts {
			a := &p.Attempts[i]
			if r.o.Converted && !a.Outcome.Goal {
				continue
			}
			cells := r.attemptRow(p, a, out.cells[:0])
			out.cells = r.variables(cells, nil, a.Outcome.Collected)
			if err := out.write(out.cells); err != nil {
				return err
			}
		}
		return nil
	}
	collected := map[string]string{}
	converted := false
	for i := range p.Attempts {
		converted = converted || p.Attempts[i].Outcome.Goal
		for k, v := range p.Attempts[i].Outcome.Collected { // what came later counts
			collected[k] = v
		}
	}
	if r.o.Converted && !converted {
		return nil
	}
	out.cells = r.variables(r.recipientRow(p, out.cells[:0]), p.Variables, collected)
	return out.write(out.cells)
}

// variables adds the cells of the variables' columns.
func (r *Report) variables(cells []string, brought, collected map[string]string) []string {
	for _, n := range r.names.Brought {
		cells = append(cells, brought[n])
	}
	for _, n := range r.names.Collected {
		cells = append(cells, collected[n])
	}
	if r.more {
		cells = append(cells, r.rest(brought, collected))
	}
	return cells
}

// rest is what has no column.
func (r *Report) rest(brought, collected map[string]string) string {
	left := map[string]string{}
	for _, all := range []map[string]string{brought, collected} {
		for k, v := range all {
			if !r.placed[k] {
				left[k] = v
			}
		}
	}
	if len(left) == 0 {
		return ""
	}
	text, err := json.Marshal(left)
	if err != nil { // texts always marshal
		return ""
	}
	return string(text)
}

// table takes rows.
type table struct {
	row   func([]string) error // cells are the table's again afterwards
	rows  int64
	cells []string
}

func (t *table) write(cells []string) error {
	t.rows++
	return t.row(cells)
}

// clip bounds what somebody else wrote before it goes into an error.
func clip(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
