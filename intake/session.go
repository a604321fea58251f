package intake

import (
	"context"
	"io"
	"slices"
	"time"

	"campanario/audience"
	"campanario/internal/fault"
)

// State is how far an import has come.
type State string

// The states.
const (
	StateOpen      State = "open"     // its file is being uploaded
	StateReady     State = "ready"    // the file is there, and was looked at
	StateChecking  State = "checking" // a trial goes through the file and writes nothing
	StateChecked   State = "checked"
	StateRunning   State = "running"
	StateDone      State = "done"
	StateCancelled State = "cancelled" // somebody stopped it; what was written stays until it is undone
	StateFailed    State = "failed"    // the file could not be read on, or a strict import met a problem
	StateUndoing   State = "undoing"
	StateUndone    State = "undone"
)

// Works reports whether a node works on an import in the state.
func (s State) Works() bool { return s == StateChecking || s == StateRunning || s == StateUndoing }

// Step is something that people can ask of an import.
type Step string

// The steps.
const (
	StepEdit   Step = "edit"
	StepCheck  Step = "check"
	StepCommit Step = "commit"
	StepCancel Step = "cancel"
	StepUndo   Step = "undo"
	StepDelete Step = "delete"
)

// steps are the states in which each can be taken.
var steps = map[Step][]State{
	StepEdit:   {StateReady, StateChecked, StateFailed},
	StepCheck:  {StateReady, StateChecked, StateFailed},
	StepCommit: {StateReady, StateChecked},
	StepCancel: {StateChecking, StateRunning},
	StepUndo:   {StateDone, StateCancelled, StateFailed},
	StepDelete: {StateOpen, StateReady, StateChecked, StateDone, StateCancelled, StateFailed, StateUndone},
}

// Steps lists what can be asked of an import in a state.
func (s State) Steps() []Step {
	out := []Step{}
	for _, step := range []Step{StepEdit, StepCheck, StepCommit, StepCancel, StepUndo, StepDelete} {
		for _, in := range steps[step] {
			if in == s {
				out = append(out, step)
			}
		}
	}
	return out
}

// Steps lists what can be asked of the import; what has brought nobody in has nothing to be taken back.
func (x *Session) Steps() []Step {
	out := x.State.Steps()
	if x.Counts.Created+x.Counts.Updated == 0 {
		out = slices.DeleteFunc(out, func(s Step) bool { return s == StepUndo })
	}
	return out
}

// Allow is nil when the step can be taken in the state; otherwise the conflict import_step.
func (s State) Allow(step Step) error {
	for _, in := range steps[step] {
		if in == s {
			return nil
		}
	}
	return fault.New(fault.Conflict, "import_step", fault.Params{"step": string(step), "state": string(s)})
}

// Counts are how many rows came to what.
type Counts struct {
	Rows      int64 `json:"rows"`
	Refused   int64 `json:"refused"`
	Created   int64 `json:"created"`
	Updated   int64 `json:"updated"`
	Unchanged int64 `json:"unchanged"`
	Dropped   int64 `json:"dropped"`
	Screened  int64 `json:"screened"`
	Progress  int64 `json:"progress" doc:"How much of the file has been gone through, in thousandths"`
	Warnings  int64 `json:"warnings" doc:"What was left out of rows that were taken, such as the second phone of three"`
	Undone    int64 `json:"undone"`
	Kept      int64 `json:"kept"` // not undone, because something happened since
}

// Add adds counts.
func (c *Counts) Add(d Counts) {
	c.Rows += d.Rows
	c.Refused += d.Refused
	c.Created += d.Created
	c.Updated += d.Updated
	c.Unchanged += d.Unchanged
	c.Dropped += d.Dropped
	c.Screened += d.Screened
	c.Progress += d.Progress
	c.Warnings += d.Warnings
	c.Undone += d.Undone
	c.Kept += d.Kept
}

// Session is an import from its upload to its end. Everything of it is in the store, so that any node can go on with it
// and any browser can look at it.
type Session struct {
	No        int64
	ID        string // UUIDv7
	Workspace string
	State     State
	Name      string // of the file
	Size      int64  // bytes
	Parts     int64
	Settings  Settings
	Found     *Suggestion // what the file looks like; nil while it is uploaded
	Counts    Counts
	RowsDone  int64
	Failure   *fault.Error
	By        string // who made it: a key's id
	Revision  int64
	CreatedAt time.Time
	UpdatedAt time.Time
	EndedAt   time.Time
}

// Problem is a row that was refused, or something that was left out of one that was taken.
type Problem struct {
	Line     int
	Column   string
	Error    *fault.Error
	Cells    []string // of a refused row
	Severity Severity
	Place    int64 // its number among the problems of the import; given by the store
}

// Severity is what a problem means for its row.
type Severity string

// The severities.
const (
	Refused Severity = "refused" // the row was not taken
	Warning Severity = "warning" // it was, without what is wrong
)

// ProblemQuery picks problems, in the order of the file.
type ProblemQuery struct {
	Severity  Severity // empty for all
	AfterLine int      // of the last one seen; 0 begins
	After     int64    // its place
	Limit     int
}

// MostTrialProblems is how many refused rows a trial keeps, and how many warnings.
const MostTrialProblems = 1000

// Hold names the node that works on an import and until when nobody else may.
type Hold struct {
	Node  int64
	Until time.Time
}

// Chunk is one transaction's worth of an import.
type Chunk struct {
	Contacts []audience.Incoming
	Problems []Problem
	Counts   Counts // of the problems; what becomes of contacts the store counts
	RowsDone int64  // after it

	cells []rowCells // of the contacts
	bytes int        // of all cells
}

// newChunk has room for so many contacts.
func newChunk(contacts int) *Chunk {
	return &Chunk{Contacts: make([]audience.Incoming, 0, contacts), cells: make([]rowCells, 0, contacts)}
}

// add adds a contact that was read.
func (c *Chunk) add(p *Person) {
	for i := range p.Warnings {
		c.Problems = append(c.Problems, Problem{Line: p.Line, Column: p.Warnings[i].Column, Error: p.Warnings[i].Error, Severity: Warning})
	}
	c.Counts.Warnings += int64(len(p.Warnings))
	c.Contacts = append(c.Contacts, audience.Incoming{Line: p.Line, Contact: p.Contact, PrimaryKey: p.PrimaryKey})
	c.cells = append(c.cells, p.cells)
	c.bytes += p.cells.size()
}

// CellsOf gives the cells of a contact's row as the file has them; none when it came from no file.
func (c *Chunk) CellsOf(i int) []string {
	if i >= len(c.cells) {
		return nil
	}
	return c.cells[i].list()
}

// Merging decides about the chunks of an import, in their order. One goroutine uses it.
type Merging interface {
	// Plan decides what becomes of a chunk. It may be called while the chunk before it is written by another goroutine, but
	// not earlier, and may wait for that.
	Plan(ctx context.Context, c *Chunk) (Planned, error)
}

// Planned is a chunk that can be written, once.
type Planned interface {
	// Write stores the chunk, or notes what a trial found; false when the import is not the holder's or was stopped. What
	// was counted is written into the session.
	Write(ctx context.Context, s *Session, h Hold) (bool, error)
}

// SessionQuery picks sessions for a list, the newest first.
type SessionQuery struct {
	After int64 // number of the last one seen; 0 begins
	Limit int
}

// SessionStore is what Sessions needs kept. An import of another workspace is not found.
type SessionStore interface {
	AddSession(ctx context.Context, s Session) (no int64, err error)
	// AddPart adds bytes of the file.
	AddPart(ctx context.Context, no, part int64, data []byte) error
	// ReplaceSession writes a session over a revision of it (revision_stale). The problems of one whose work begins anew go.
	ReplaceSession(ctx context.Context, s Session, revision int64) error
	Session(ctx context.Context, workspace, id string) (Session, error)
	Sessions(ctx context.Context, workspace string, q SessionQuery) ([]Session, error)
	DeleteSession(ctx context.Context, workspace, id string) error
	// File reads the file from its beginning.
	File(ctx context.Context, s *Session) io.Reader
	// TakeSession gives an import that needs work and that nobody holds; false when there is none.
	TakeSession(ctx context.Context, h Hold, now time.Time) (Session, bool, error)
	// Merging begins to decide about the chunks of an import that a node works on: of the import itself or of its trial.
	Merging(ctx context.Context, s *Session, o audience.MergeOptions) (Merging, error)
	// UndoChunk takes back some of what an import did; more is false when nothing is left.
	UndoChunk(ctx context.Context, s *Session, h Hold, n int, now time.Time) (counts Counts, more bool, err error)
	// EndSession notes how the work ended.
	EndSession(ctx context.Context, s *Session, h Hold, state State, failure *fault.Error, now time.Time) error
	// Problems gives what the trial or the import has met so far.
	Problems(ctx context.Context, s *Session, q ProblemQuery) ([]Problem, error)
}
