package store

import (
	"context"
	"encoding/binary"
	"errors"
	"sync/atomic"

	"github.com/bits-and-blooms/bloom/v3"

	"campanario/audience"
	"campanario/channel"
	"campanario/intake"
)

// gathering carries the contacts of one import in, chunk by chunk. What becomes of a chunk is decided while the one before
// it is written: from what the database says and from what that one comes to. This holds unless somebody else changes
// contacts of the workspace meanwhile, which the chunk's transaction sees by contact_epoch: then it decides anew, by
// itself, and so do those that were decided with the old outcome in mind (generation).
//
// Plan is called by one goroutine and the writing done by another; a chunk is handed over when the one before it is
// written.
type gathering struct {
	s     *Store
	x     intake.Session // as it was when it began
	o     audience.MergeOptions
	trial bool

	// These are Plan's.
	before *planned
	next   int64              // the number of whoever is made next, of those that were taken
	taken  int64              // the first number that was not
	used   int64              // chunks' contacts so far
	back   bool               // see merging
	known  *bloom.BloomFilter // what the database and the file have had to recognise contacts by; nil when looking is cheaper
	met    *bloom.BloomFilter // what a trial has met that nobody knew

	epoch      int64        // the workspace's, as the last chunk left it; of the writing
	generation atomic.Int64 // how often a chunk was decided anew
}

// Bounds of what an import remembers of its file.
const (
	bitsOfKey  = 16
	hashes     = 3
	learnShare = 4        // one contact of the base for so many rows is worth learning
	mostBits   = 32 << 23 // 32 MB
	rowBytes   = 60       // of a file, roughly
	keysOfRow  = 4
	mostTaken  = 100_000
	trialFirst = 1 << 62 // nobody has such a number
)

// Merging begins to decide about the chunks of an import.
func (s *Store) Merging(ctx context.Context, x *intake.Session, o audience.MergeOptions) (intake.Merging, error) {
	g := &gathering{s: s, x: *x, o: o, trial: x.State == intake.StateChecking, next: trialFirst, taken: trialFirst}
	err := s.reads.QueryRowContext(ctx, `SELECT COALESCE(MAX(n), 0) FROM contact_epoch WHERE workspace_id = $1`, x.Workspace).Scan(&g.epoch)
	if err != nil {
		return nil, s.readError(err)
	}
	var contacts int64
	if err = s.reads.QueryRowContext(ctx, `SELECT COALESCE(MAX(last), 0) FROM serial WHERE name = 'contact'`).Scan(&contacts); err != nil {
		return nil, s.readError(err)
	}
	rows := x.Size/rowBytes + 100
	bits := uint(min((rows+contacts)*keysOfRow*bitsOfKey, mostBits))
	if g.trial {
		g.met = bloom.New(bits, hashes)
	}
	if contacts <= rows/learnShare {
		g.known = bloom.New(bits, hashes)
		err = g.learn(ctx)
	}
	return g, s.readError(err)
}

// learn notes what the database recognises contacts by.
func (g *gathering) learn(ctx context.Context) error {
	rows, err := g.s.reads.QueryContext(ctx, `SELECT mark FROM reach`)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // Err below is what counts
	for rows.Next() {
		var mark int64
		if err := rows.Scan(&mark); err != nil {
			return err
		}
		remember(g.known, mark)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	other, err := g.s.reads.QueryContext(ctx, `SELECT COALESCE(document, ''), COALESCE(external_id, '') FROM contact
		WHERE workspace_id = $1 AND (document IS NOT NULL OR external_id IS NOT NULL)`, g.x.Workspace)
	if err != nil {
		return err
	}
	defer other.Close() //nolint:errcheck // Err below is what counts
	for other.Next() {
		var document, external string
		if err := other.Scan(&document, &external); err != nil {
			return err
		}
		remember(g.known, g.mark(audience.ByDocument, document))
		remember(g.known, g.mark(audience.ByExternalID, external))
	}
	return other.Err()
}

// mark is a hash of what contacts are recognised by; that of an address is the one it is stored with.
func (g *gathering) mark(k audience.MergeKey, value string) int64 {
	switch k {
	case audience.ByAnyPhone, audience.ByAnyEmail:
		return markOf(g.x.Workspace, channel.Address(value))
	case audience.ByDocument, audience.ByExternalID:
	}
	return audience.NewTerm(audience.Field(k), value).No(g.x.Workspace)
}

func remember(in *bloom.BloomFilter, mark int64) {
	in.Add(binary.LittleEndian.AppendUint64(nil, uint64(mark)))
}

func recalls(in *bloom.BloomFilter, mark int64) bool {
	return in.Test(binary.LittleEndian.AppendUint64(nil, uint64(mark)))
}

// planned is a chunk of which it is decided what becomes of it.
type planned struct {
	g          *gathering
	c          *intake.Chunk
	first      int64 // the numbers of its contacts begin here
	generation int64
	how        *merging
	what       *merged
	done       chan struct{} // closed when it is written, or will not be
}

// Plan decides what becomes of a chunk.
func (g *gathering) Plan(ctx context.Context, c *intake.Chunk) (intake.Planned, error) {
	p := &planned{g: g, c: c, generation: g.generation.Load(), done: make(chan struct{})}
	before := g.before
	g.before = p
	if before != nil && before.generation != p.generation { // what it came to is known when it is written
		select {
		case <-before.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		p.generation, before = g.generation.Load(), nil
	}
	var err error
	if p.first, err = g.numbers(ctx, int64(len(c.Contacts))); err != nil {
		return nil, err
	}
	m := newMerging(g.s.reads, g.s.d, g.s.veil, g.x.Workspace, g.o)
	g.back = !g.back
	m.back = g.back
	if before != nil {
		m.before = before.how
	}
	if g.known != nil && p.generation == 0 {
		m.perhaps = func(k audience.MergeKey, v string) bool { return recalls(g.known, g.mark(k, v)) }
	}
	if p.what, err = p.decide(ctx, m); err != nil {
		return nil, g.s.readError(err)
	}
	p.how = m
	g.remember(c)
	return p, nil
}

// numbers takes numbers for contacts, and ever more of them at once: taking them waits for whoever writes.
func (g *gathering) numbers(ctx context.Context, n int64) (int64, error) {
	if !g.trial && g.next+n > g.taken {
		take := max(n, min(g.used, mostTaken))
		first, err := g.s.contactNumbers(ctx, take)
		if err != nil {
			return 0, err
		}
		g.next, g.taken = first, first+take
	}
	first := g.next
	g.next += n
	g.used += n
	return first, nil
}

// remember notes what a chunk had.
func (g *gathering) remember(c *intake.Chunk) {
	for i := range c.Contacts {
		in := &c.Contacts[i]
		for _, k := range audience.MergeKeys() {
			for v := range marksOf(&in.Contact, k) {
				mark := g.mark(k, v)
				if g.known != nil {
					remember(g.known, mark)
				}
				if g.met != nil && in.Fate == audience.MergeCreated {
					remember(g.met, mark)
				}
			}
		}
	}
}

// hasMet reports whether a trial has met somebody of whom the database knows nothing.
func (g *gathering) hasMet(c *audience.Contact) bool {
	for _, k := range g.o.By {
		for v := range marksOf(c, k) {
			if recalls(g.met, g.mark(k, v)) {
				return true
			}
		}
	}
	return false
}

// decide gives how it is decided and what is to be written. The chunk after this one may look at how it was decided first
// while it is decided anew.
func (p *planned) decide(ctx context.Context, m *merging) (*merged, error) {
	m.next, m.from = p.first, p.g.x.No
	if p.g.trial {
		m.met = p.g.hasMet
	}
	if err := m.meetAll(ctx, p.c.Contacts); err != nil {
		return nil, err
	}
	m.before = nil // or each would hold on to all before it
	if p.g.trial {
		return nil, nil
	}
	return m.come()
}

// Write stores the chunk; false when the import is not the holder's, or not under way, any more.
func (p *planned) Write(ctx context.Context, x *intake.Session, h intake.Hold) (bool, error) {
	defer func() {
		p.c, p.what = nil, nil // what was decided is needed once more, but not the rows
		close(p.done)
	}()
	if p.g.trial {
		return p.check(ctx, x, h)
	}
	var epoch int64
	var counts intake.Counts
	decided := p.g.generation.Load() == p.generation
	err := p.g.s.writeSoon(ctx, func(t *tx) error {
		var err error
		if epoch, err = t.contactsChange(ctx, x.Workspace); err != nil {
			return err
		}
		if decided = decided && epoch == p.g.epoch+1; !decided {
			if p.what, err = p.decide(ctx, newMerging(t, t.d, t.veil, x.Workspace, p.g.o)); err != nil {
				return err
			}
		}
		var given [][]any
		if x.Settings.Basis != "" {
			if given, err = t.basis(ctx, x, p.c.Contacts, p.what.now, p.what.terms); err != nil {
				return err
			}
		}
		if err := t.putConsents(ctx, given); err != nil {
			return err
		}
		if err := t.putMerged(ctx, p.what); err != nil {
			return err
		}
		if err := t.made(ctx, x.No, p.what.made); err != nil {
			return err
		}
		counts = x.Counts
		if err := t.putChunk(ctx, x, h, p.c, &counts); err != nil {
			return err
		}
		return t.tieAll(ctx, x, tiesOf(p.c.Contacts))
	})
	if errors.Is(err, errDry) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if epoch != p.g.epoch+1 {
		p.g.generation.Add(1)
	}
	p.g.epoch = epoch
	x.Counts, x.RowsDone = counts, p.c.RowsDone
	// Contacts are looked up by keys that are unique, of which the database needs no statistics.
	p.g.s.replan(ctx, &p.g.s.contacts, int64(len(p.what.made)), "reach")
	return true, nil
}

// putChunk writes what is to be said of a chunk, and that it is done.
func (t *tx) putChunk(ctx context.Context, x *intake.Session, h intake.Hold, c *intake.Chunk, counts *intake.Counts) error {
	counts.Add(c.Counts)
	counts.Add(fates(c.Contacts))
	if err := t.problems(ctx, x, append(c.Problems, refusals(c)...)); err != nil {
		return err
	}
	if err := t.before(ctx, x.No, c.Contacts); err != nil {
		return err
	}
	ours, err := t.held(ctx, x, h, intake.StateRunning, c.RowsDone, *counts)
	if err == nil && !ours {
		err = errDry // nothing of it
	}
	return err
}

// check notes what a trial found. Nobody is written.
func (p *planned) check(ctx context.Context, x *intake.Session, h intake.Hold) (bool, error) {
	var ours bool
	var counts intake.Counts
	err := p.g.s.write(ctx, func(t *tx) error {
		counts = x.Counts
		counts.Add(p.c.Counts)
		counts.Add(fates(p.c.Contacts))
		problems := firstProblems(&x.Counts, append(p.c.Problems, refusals(p.c)...))
		if err := t.problems(ctx, x, problems); err != nil {
			return err
		}
		var err error
		ours, err = t.held(ctx, x, h, intake.StateChecking, p.c.RowsDone, counts)
		return err
	})
	if err == nil {
		x.Counts, x.RowsDone = counts, p.c.RowsDone
	}
	return ours, err
}
