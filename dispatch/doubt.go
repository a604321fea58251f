package dispatch

import (
	"context"
	"sync"
	"time"
)

// doubts are the tokens of claims whose commit the database did not answer, by line. None of their orders was launched.
// They are the engine's and not their lane's: the line can have moved before the database can be asked.
type doubts struct {
	mu     sync.Mutex
	tokens map[string][]int64
	wake   chan struct{}
}

func newDoubts() *doubts { return &doubts{tokens: map[string][]int64{}, wake: make(chan struct{}, 1)} }

func (d *doubts) add(line string, tokens []int64) {
	if len(tokens) == 0 {
		return
	}
	d.mu.Lock()
	d.tokens[line] = append(d.tokens[line], tokens...)
	d.mu.Unlock()
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// some gives the doubts about one line; none when there are no more.
func (d *doubts) some() (line string, tokens []int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for line, tokens := range d.tokens {
		return line, tokens
	}
	return "", nil
}

// settled takes out the first n doubts about a line.
func (d *doubts) settled(line string, n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.tokens[line] = d.tokens[line][n:]; len(d.tokens[line]) == 0 {
		delete(d.tokens, line)
	}
}

// resolve gives attempts of doubtful claims back until ctx ends.
func (e *Engine) resolve(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.doubts.wake:
		}
		for e.giveBack(ctx) != nil {
			t := time.NewTimer(storeBackoff)
			select {
			case <-ctx.Done():
				t.Stop()
				return
			case <-t.C:
			}
		}
	}
}

// giveBack undoes attempts of claims whose commit was not answered but did happen.
func (e *Engine) giveBack(ctx context.Context) error {
	for {
		line, tokens := e.doubts.some()
		if len(tokens) == 0 {
			return nil
		}
		flights, err := e.o.Store.Own(ctx, line, tokens)
		if err != nil {
			return err
		}
		closings := make([]Closing, len(flights))
		now := time.Now().UTC()
		for i, f := range flights {
			closings[i] = undone(f, now)
		}
		if len(closings) > 0 {
			if _, err := e.o.Store.Settle(ctx, closings); err != nil {
				return err
			}
			e.log.Warn("claims_given_back", "line", line, "attempts", len(closings))
			e.Nudge()
		}
		e.doubts.settled(line, len(tokens))
	}
}
