// Package sandbox is the fake outside world: a telephone carrier and a mail server on loopback, with real signalling
// and real audio, whose far ends behave by the address that is dialled. A fresh install runs on it with no account
// anywhere, and the tests hold the engine against its log, which nothing of ours writes to but the far ends themselves.
package sandbox

import (
	"encoding/json"
	"io"
	"sync"
	"time"

	"campanario/channel"
)

// Event is what a far end saw.
type Event string

// The events, in the order in which one attempt can meet them.
const (
	EventStart  Event = "start"  // a new INVITE, or a message taken or refused; retransmissions are not events
	EventAnswer Event = "answer" // the far end picked up
	EventEnd    Event = "end"    // the far end knows that it is over
)

// Record is one line of the far end's log.
type Record struct {
	At      time.Time    `json:"at"` // when it reached the far end's socket
	Event   Event        `json:"event"`
	Channel channel.Kind `json:"channel"`
	Ref     string       `json:"ref"`              // Call-ID or Message-ID
	From    string       `json:"from,omitempty"`   // who called, as signalled
	To      string       `json:"to"`               // number or mailbox
	Acted   string       `json:"acted"`            // the behaviour it followed
	Result  string       `json:"result,omitempty"` // the final answer: "200", "486", "250", "550"; on the EventEnd of an answered call who ended it: "us" or "them" (seen from the far end)
	Status  string       `json:"status,omitempty"` // the final answer, on every EventEnd of a call; "0" when there was none
	Keys    string       `json:"keys,omitempty"`   // telephone keys it received, on EventEnd
}

// Log keeps what the far ends saw, in order of arrival. It is safe for concurrent use.
type Log struct {
	mu      sync.Mutex
	records []Record
	out     *json.Encoder
	keep    bool
	waiting map[chan struct{}]struct{}
}

// NewLog keeps records in memory when keep is set and writes each as a line of JSON when out is not nil.
func NewLog(keep bool, out io.Writer) *Log {
	l := &Log{keep: keep, waiting: map[chan struct{}]struct{}{}}
	if out != nil {
		l.out = json.NewEncoder(out)
	}
	return l
}

// Append adds a record. A failing writer is the caller's to notice: the log goes on in memory.
func (l *Log) Append(r Record) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.keep {
		l.records = append(l.records, r)
	}
	if l.out != nil {
		_ = l.out.Encode(r)
	}
	for c := range l.waiting {
		close(c)
		delete(l.waiting, c)
	}
}

// Records is a copy of what was kept so far.
func (l *Log) Records() []Record {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]Record(nil), l.records...)
}

// Changed gives a channel that is closed at the next Append, so that a test can wait on a signal.
func (l *Log) Changed() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := make(chan struct{})
	l.waiting[c] = struct{}{}
	return c
}
