package launch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"campanario/campaign"
	"campanario/channel"
	"campanario/intake"
	"campanario/internal/fault"
)

// Contacts is a file of contacts. It is read twice: its fingerprint tells it from any other.
type Contacts struct {
	File    io.ReadSeeker // nil for none
	Kind    channel.Kind
	Country string
	// Rejected is told of each row that was refused, and of each part of a row that was left out; may be nil.
	Rejected func(r intake.Rejected, left bool)
	// Progress is told how many bytes have been read; may be nil.
	Progress func(read int64)
}

// Enrolled says what became of a file.
type Enrolled struct {
	Added      int64 // now
	Before     int64 // rows that had been dealt with before
	Duplicates int64 // rows whose address is in the campaign already
	Rejected   int64
}

// enrolBatch is how many rows one transaction adds.
const enrolBatch = 1000

// Enrol adds the contacts of a file to a campaign. Each row is added once, however often this is interrupted and done
// again; a row that is refused stops no other. The rows that were refused are told every time.
func (in Into) Enrol(ctx context.Context, c *campaign.Campaign, from Contacts) (Enrolled, error) {
	var out Enrolled
	source, err := from.fingerprint(ctx)
	if err != nil {
		return out, err
	}
	if out.Before, err = in.Campaigns.EnrolDone(ctx, in.Workspace, c.ID, source); err != nil {
		return out, err
	}
	n, err := in.Campaigns.Counts(ctx, in.Workspace, c.ID)
	if err != nil {
		return out, err
	}
	if c.AllowDuplicates && out.Before == 0 && n.Total > 0 { // nothing would tell its rows from those of the file before
		return out, fault.New(fault.Conflict, "contacts_changed", nil)
	}
	r, err := intake.NewReader(&counted{r: from.File, tell: from.Progress}, intake.Options{Kind: from.Kind, Country: from.Country})
	if err != nil {
		return out, err
	}
	defer r.Close() //nolint:errcheck // a temporary file of what has been read
	e := &enrolment{in: in, campaign: c, source: source, from: from, out: &out}
	for {
		more, err := e.row(ctx, r)
		if err != nil || !more {
			return out, err
		}
	}
}

// fingerprint names a file by its content, and goes back to its beginning.
func (c Contacts) fingerprint(ctx context.Context) (string, error) {
	f := c.File
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	h := sha256.New()
	if _, err := io.Copy(h, &stoppable{ctx, f}); err != nil {
		return "", err
	}
	_, err := f.Seek(0, io.SeekStart)
	return "file:" + hex.EncodeToString(h.Sum(nil)), err
}

// stoppable ends with its context.
type stoppable struct {
	ctx context.Context
	r   io.Reader
}

// Read reads on unless the context is done.
func (s *stoppable) Read(b []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(b)
}

// counted tells how far a file has been read.
type counted struct {
	r    io.Reader
	n    int64
	tell func(int64)
}

// Read reads and tells.
func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	if c.tell != nil {
		c.tell(c.n)
	}
	return n, err
}

// enrolment is the reading of one file.
type enrolment struct {
	in       Into
	campaign *campaign.Campaign
	source   string
	from     Contacts
	out      *Enrolled

	rows  int64 // read so far, good and bad
	batch []campaign.Newcomer
}

// row reads one row; false at the end.
func (e *enrolment) row(ctx context.Context, r *intake.Reader) (bool, error) {
	row, bad, err := r.Read()
	switch {
	case errors.Is(err, io.EOF):
		return false, e.flush(ctx)
	case err != nil: // what was read before it counts: reading again meets the same error at the same place
		return false, errors.Join(e.flush(ctx), err)
	}
	e.rows++
	var newcomer campaign.Newcomer
	if bad == nil {
		for _, w := range row.Warnings {
			e.tell(w, true)
		}
		newcomer, bad = row.Newcomer(e.from.Kind)
	}
	if bad != nil {
		e.out.Rejected++
		e.tell(*bad, false)
	} else if e.rows > e.out.Before {
		e.batch = append(e.batch, newcomer)
	}
	if len(e.batch) < enrolBatch {
		return true, ctx.Err()
	}
	return true, e.flush(ctx)
}

func (e *enrolment) tell(r intake.Rejected, left bool) {
	if e.from.Rejected != nil {
		e.from.Rejected(r, left)
	}
}

// flush adds a batch, and notes how far the file has come with it.
func (e *enrolment) flush(ctx context.Context) error {
	if len(e.batch) == 0 {
		return nil
	}
	report, err := e.in.Campaigns.Enrol(ctx, e.in.Workspace, e.campaign.ID, e.batch, campaign.Progress{Source: e.source, Rows: e.rows})
	if err != nil {
		return fmt.Errorf("add contacts: %w", err)
	}
	e.out.Added += report.Added
	e.out.Duplicates += report.Duplicates
	e.batch = e.batch[:0]
	return nil
}
