package report

import (
	"context"
	"time"

	"campanario/campaign"
	"campanario/internal/fault"
)

// State is how far the file of a report has come.
type State string

// The states.
const (
	StateWaiting   State = "waiting" // for a node
	StateWriting   State = "writing"
	StateDone      State = "done" // it can be downloaded until it expires
	StateCancelled State = "cancelled"
	StateFailed    State = "failed"
)

// States lists them.
func States() []State {
	return []State{StateWaiting, StateWriting, StateDone, StateCancelled, StateFailed}
}

// Ended reports whether nobody works on a file in the state any more.
func (s State) Ended() bool { return s == StateDone || s == StateCancelled || s == StateFailed }

// FileStep is something that people can ask of a file.
type FileStep string

// The steps.
const (
	StepCancel   FileStep = "cancel"
	StepDownload FileStep = "download"
	StepDelete   FileStep = "delete"
)

// Steps lists what can be asked of a file in the state.
func (s State) Steps() []FileStep {
	switch {
	case s == StateDone:
		return []FileStep{StepDownload, StepDelete}
	case s.Ended():
		return []FileStep{StepDelete}
	default:
		return []FileStep{StepCancel}
	}
}

// allow is nil when the step can be taken in the state; otherwise the conflict report_step.
func (s State) allow(step FileStep) error {
	for _, can := range s.Steps() {
		if can == step {
			return nil
		}
	}
	return fault.New(fault.Conflict, "report_step", fault.Params{"step": string(step), "state": string(s)})
}

// FileOptions say what the report in a file is like.
type FileOptions struct {
	Form      Form            `json:"rows"`
	Filter    campaign.Filter `json:"filter"`
	Converted bool            `json:"converted,omitempty"`
	Language  string          `json:"words,omitempty"` // of headings and values; empty for codes
}

// File is a report as a workbook, from when it was asked for until it expires. Everything of it is in the store, so that
// any node can write it and any can hand it out.
type File struct {
	No        int64
	ID        string // UUIDv7
	Workspace string
	Campaign  string // its id
	State     State
	Name      string // of the file
	Options   FileOptions
	Rows      int64 // written so far
	Progress  int64 // how much of the campaign was gone through, in thousandths
	Size      int64 // bytes so far
	Parts     int64
	Term      int64 // how often it was begun; whoever writes for an earlier term writes no more
	Lost      int64 // how often the node that wrote it was gone
	Failure   *fault.Error
	By        string // who asked for it: the id of a key or a user
	CreatedAt time.Time
	EndedAt   time.Time
	ExpiresAt time.Time // when a file that has ended goes
}

// Hold names the node that writes a file and until when nobody else may.
type Hold struct {
	Node  int64
	Until time.Time
}

// Part is what is written at once: bytes of the file, which may be none, and how far it is with them.
type Part struct {
	Data     []byte
	Rows     int64
	Progress int64
}

// FileQuery picks files for a list, the newest first.
type FileQuery struct {
	Campaign string
	After    int64 // number of the last one seen; 0 begins
	Limit    int
}

// FileStore is what Files and Worker need kept. A file of another workspace is not found (report_not_found).
type FileStore interface {
	Source
	// AddFile keeps a file unless the workspace has so many open already (report_many).
	AddFile(ctx context.Context, f File, most int) (File, error)
	ReportFile(ctx context.Context, workspace, id string) (File, error)
	ReportFiles(ctx context.Context, workspace string, q FileQuery) ([]File, error)
	// CancelFile ends a file that is open; another is left as it is.
	CancelFile(ctx context.Context, workspace, id string, now, expires time.Time) error
	// DeleteFile removes a file that has ended; another is left as it is.
	DeleteFile(ctx context.Context, workspace, id string) error
	// FilePart gives the bytes of a part of a file that is done.
	FilePart(ctx context.Context, f *File, part int64) ([]byte, error)
	// Tails gives the last number of each band of a campaign, or its First where it is empty.
	Tails(ctx context.Context, workspace, campaign string) ([campaign.Bands]campaign.Number, error)
	// TakeFile gives the oldest file that waits, or whose node is gone, to be begun anew in a term of its own; false when
	// there is none.
	TakeFile(ctx context.Context, h Hold, now time.Time) (File, bool, error)
	// WritePart adds to a file and lengthens the lease; false when the file is not the holder's any more.
	WritePart(ctx context.Context, f *File, h Hold, p Part) (bool, error)
	// EndFile notes how the writing ended, unless the file is not the holder's any more.
	EndFile(ctx context.Context, f *File, h Hold, state State, failure *fault.Error, now, expires time.Time) error
	// PutBackFile has a file wait for any node, from an instant on, to be begun anew, unless it is not the holder's any more. lost
	// counts that as a node that is gone.
	PutBackFile(ctx context.Context, f *File, h Hold, from time.Time, lost bool) error
	// SweepFiles removes files that have expired, and some of the parts that belong to none any more; more when there are
	// others.
	SweepFiles(ctx context.Context, now time.Time) (more bool, err error)
}
