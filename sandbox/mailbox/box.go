package mailbox

import (
	"strings"
	"sync"
	"time"
)

// Message is a kept message, taken apart for people to read.
type Message struct {
	No    int64               `json:"no"` // counts all that came, from 1
	At    time.Time           `json:"at"`
	ID    string              `json:"id"`   // Message-ID, with its angle brackets
	From  string              `json:"from"` // envelope sender
	To    string              `json:"to"`   // envelope recipient
	Acted Behaviour           `json:"acted"`
	Head  map[string][]string `json:"head"` // header fields by canonical name, as they came
	// Subject, Text and HTML are decoded. Problem says what could not be, in words for a developer.
	Subject string `json:"subject"`
	Text    string `json:"text"`
	HTML    string `json:"html"`
	Problem string `json:"problem,omitempty"`
	Raw     []byte `json:"-"`
}

// Filter chooses kept messages. Empty fields choose all.
type Filter struct {
	To       string // the recipient, without regard to case
	ID       string // the Message-ID
	Contains string // in the subject, the text or the HTML, without regard to case
	No       int64  // the one of that number
	Before   int64  // with lower numbers
	Limit    int    // at most so many
}

// stored is a message as it came; it is taken apart only when somebody looks.
type stored struct {
	no           int64
	at           time.Time
	id, from, to string
	acted        Behaviour
	raw          []byte
}

// box keeps the last messages.
type box struct {
	mu   sync.Mutex
	keep int
	ring []stored
	came int64
	next int // where the next one goes once the ring is full
}

func newBox(keep int) *box { return &box{keep: keep} }

func (b *box) add(m stored) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.came++
	m.no = b.came
	if len(b.ring) < b.keep {
		b.ring = append(b.ring, m)
		return
	}
	b.ring[b.next] = m
	b.next = (b.next + 1) % b.keep
}

// newestFirst is a copy of what is kept.
func (b *box) newestFirst() []stored {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := len(b.ring)
	out := make([]stored, n)
	for i := range n {
		out[n-1-i] = b.ring[(b.next+i)%n]
	}
	return out
}

func (b *box) find(f Filter) []Message {
	var out []Message
	for _, s := range b.newestFirst() {
		if f.Limit > 0 && len(out) == f.Limit {
			break
		}
		if f.No != 0 && f.No != s.no || f.Before != 0 && s.no >= f.Before {
			continue
		}
		if f.To != "" && !strings.EqualFold(f.To, s.to) || f.ID != "" && f.ID != s.id {
			continue
		}
		m := open(s)
		if f.Contains != "" && !m.contains(f.Contains) {
			continue
		}
		out = append(out, m)
	}
	return out
}

func (m Message) contains(words string) bool {
	words = strings.ToLower(words)
	return strings.Contains(strings.ToLower(m.Subject), words) ||
		strings.Contains(strings.ToLower(m.Text), words) ||
		strings.Contains(strings.ToLower(m.HTML), words)
}
