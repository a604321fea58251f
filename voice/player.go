package voice

import (
	"sync"
	"time"

	"campanario/voice/audio"
)

// longestQueue is how much may wait to be played: more than any conversation has to say. It keeps a provider gone mad
// from filling the memory.
const longestQueue = 10 * time.Minute

// player is what a call plays: items in order, each in pieces that arrive faster than they are heard. It is the call's
// playback clock. The pacer reads it; the call loop fills and clears it.
type player struct {
	// finished is told of every item that was heard whole. It is called from the pacer and must not block.
	finished func(Playback)

	mu     sync.Mutex
	items  []*item // items[0] plays
	queued int     // samples waiting
}

// item is one thing said.
type item struct {
	name   string
	pieces [][]int16 // pieces[0][at:] plays next
	at     int
	heard  int  // samples played
	last   bool // no more pieces are to come
}

var _ audio.Source = (*player)(nil)

// push adds a piece; false when there is no room for it, and it is dropped.
func (p *player) push(a Audio) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.queued+len(a.Samples) > audio.Samples(longestQueue) {
		return false
	}
	n := len(p.items)
	if n == 0 || p.items[n-1].name != a.Item || p.items[n-1].last {
		p.items = append(p.items, &item{name: a.Item})
		n++
	}
	it := p.items[n-1]
	if len(a.Samples) > 0 {
		it.pieces = append(it.pieces, a.Samples)
		p.queued += len(a.Samples)
	}
	it.last = it.last || a.Last
	return true
}

// ReadFrame implements audio.Source. An item whose next piece has not arrived yet holds up the ones after it only while
// there are none.
func (p *player) ReadFrame(buf []int16) int {
	p.mu.Lock()
	n := 0
	var done []Playback
	for len(p.items) > 0 {
		it := p.items[0]
		n += it.read(buf[n:])
		if len(it.pieces) > 0 || !it.last && len(p.items) == 1 {
			break
		}
		done = append(done, it.playback(true))
		p.items[0] = nil
		p.items = p.items[1:]
	}
	p.queued -= n
	p.mu.Unlock()
	for _, d := range done {
		p.finished(d)
	}
	return n
}

// read takes samples off the item.
func (it *item) read(buf []int16) int {
	n := 0
	for n < len(buf) && len(it.pieces) > 0 {
		c := copy(buf[n:], it.pieces[0][it.at:])
		n, it.at = n+c, it.at+c
		if it.at == len(it.pieces[0]) {
			it.pieces[0] = nil
			it.pieces, it.at = it.pieces[1:], 0
		}
	}
	it.heard += n
	return n
}

func (it *item) playback(whole bool) Playback {
	return Playback{Item: it.name, Heard: audio.Duration(it.heard, audio.Rate), Whole: whole}
}

// clear drops everything and tells how far each item was heard.
func (p *player) clear() []Playback {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]Playback, len(p.items))
	for i, it := range p.items {
		out[i] = it.playback(false)
	}
	p.items, p.queued = nil, 0
	return out
}

// busy reports whether something is being heard, or about to be.
func (p *player) busy() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.items) > 0
}

// left is how long what waits will be heard.
func (p *player) left() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return audio.Duration(p.queued, audio.Rate)
}
