package access

import (
	"context"
	"time"
)

// Answer is what a request under an idempotency key was answered.
type Answer struct {
	Status int
	Header map[string]string
	Body   []byte
}

// Turn is what becomes of a request that comes with an idempotency key.
type Turn string

// The turns.
const (
	TurnFresh  Turn = "fresh"  // do it
	TurnDone   Turn = "done"   // it has been done: this is the answer
	TurnBusy   Turn = "busy"   // it is being done at this moment
	TurnReused Turn = "reused" // something else was asked under the key
)

// Times of idempotency keys.
const (
	// AnswersLast is how long an answer is given again.
	AnswersLast = 24 * time.Hour
	// AnswersWait is after what time a request that was begun and not answered is taken for lost with its process.
	AnswersWait = time.Minute
)

// Answers keeps what was answered under idempotency keys. A key belongs to one workspace.
type Answers interface {
	// BeginAnswer asks whose turn it is. request is a hash of everything that was asked; by names who asks, and must be
	// unique.
	BeginAnswer(ctx context.Context, workspace, key, request, by string, now time.Time) (Turn, Answer, error)
	// KeepAnswer ends a fresh turn with its answer.
	KeepAnswer(ctx context.Context, workspace, key, by string, a Answer) error
	// DropAnswer ends a fresh turn that came to nothing: the same request may come again.
	DropAnswer(ctx context.Context, workspace, key, by string) error
}
