package store

import (
	"context"
	"database/sql"
)

// Frames of SQLite's write-ahead log (https://www.sqlite.org/wal.html), each of a page of 4 kB.
const (
	// framesBeside is how many are moved into the database's file at once, beside the writer.
	framesBeside = 12_000
	// framesMost is where the writer does so itself, before it goes on: the log begins anew only when all of it was moved,
	// and he who writes all the time adds to it as fast.
	framesMost = 32_000
)

// checkpointer moves what SQLite's log has into the file beside the one writer, who would otherwise stand still for it, as
// it waits for the disk twice.
type checkpointer struct {
	db    *sql.DB
	wrote chan struct{}
	end   context.CancelFunc
	ended chan struct{}
}

// newCheckpointer works until it is closed, however soon ctx ends.
func newCheckpointer(ctx context.Context, db *sql.DB) *checkpointer {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	c := &checkpointer{db: db, wrote: make(chan struct{}, 1), end: cancel, ended: make(chan struct{})}
	go c.run(ctx)
	return c
}

// note says that something was written.
func (c *checkpointer) note() {
	select {
	case c.wrote <- struct{}{}:
	default:
	}
}

func (c *checkpointer) run(ctx context.Context) {
	defer close(c.ended)
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.wrote:
		}
		_, _ = c.move(ctx, framesBeside) // what could not be moved, the writer moves
	}
}

// move moves what is in the log, if it is so many frames at least, and says whether it did. It waits for nobody.
func (c *checkpointer) move(ctx context.Context, least int) (bool, error) {
	var busy, frames, moved int
	err := c.db.QueryRowContext(ctx, `PRAGMA wal_checkpoint(NOOP)`).Scan(&busy, &frames, &moved)
	if err != nil || frames-moved < least {
		return false, err
	}
	err = c.db.QueryRowContext(ctx, `PRAGMA wal_checkpoint(PASSIVE)`).Scan(&busy, &frames, &moved)
	return err == nil && busy == 0, err
}

// close ends it, and waits for that.
func (c *checkpointer) close() {
	c.end()
	<-c.ended
}
