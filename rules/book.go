package rules

import (
	"context"
	"fmt"
	"strings"
	"time"

	"campanario/channel"
	"campanario/internal/fault"
)

// Store is what Book needs kept.
type Store interface {
	// RuleSettings gives what a workspace is bound by, with its revision; zero for a workspace that has set nothing.
	RuleSettings(ctx context.Context, workspace string) (Settings, int64, error)
	// SetRuleSettings replaces a revision (0 for whichever there is), and lets every node know.
	SetRuleSettings(ctx context.Context, workspace string, s Settings, revision int64, now time.Time) (int64, error)
}

// Options are what New needs.
type Options struct {
	Store   Store
	Packs   Packs
	Changed func()           // called after a change; may be nil
	Now     func() time.Time // time.Now when nil
}

// Book guards what workspaces are bound by. It is safe for concurrent use.
type Book struct{ o Options }

// New makes a Book.
func New(o Options) *Book {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Changed == nil {
		o.Changed = func() {}
	}
	return &Book{o}
}

// Packs gives the packs that can be chosen.
func (b *Book) Packs() Packs { return b.o.Packs }

// Settings gives what a workspace is bound by, and their revision.
func (b *Book) Settings(ctx context.Context, workspace string) (Settings, int64, error) {
	return b.o.Store.RuleSettings(ctx, workspace)
}

// Law gives what a workspace is bound by in campaigns with a purpose on a channel.
func (b *Book) Law(ctx context.Context, workspace string, p Purpose, k channel.Kind) (Law, error) {
	s, _, err := b.o.Store.RuleSettings(ctx, workspace)
	return s.LawFor(b.o.Packs, p, k), err
}

// Set replaces what a workspace is bound by; revision is the one it replaces, 0 before anything was set, or negative for whichever there is. Claims that
// begin after every node has heard of it keep to it, which takes a moment. Attempts made while no limit was set are not
// counted by one that is.
func (b *Book) Set(ctx context.Context, workspace string, s Settings, revision int64) (int64, error) {
	if err := b.validate(s).Err(); err != nil {
		return 0, err
	}
	next, err := b.o.Store.SetRuleSettings(ctx, workspace, s, revision, b.o.Now().UTC())
	if err == nil {
		b.o.Changed()
	}
	return next, err
}

func (b *Book) validate(s Settings) fault.List {
	bad := ValidateLimits("limits", s.Limits)
	_, days := s.Closed.window()
	bad = append(bad, days.Under("closed")...)
	if len(s.Packs) > MaxLimits {
		return append(bad, fault.New(fault.Invalid, "too_many", fault.Params{"max": MaxLimits, "got": len(s.Packs)}).At("packs"))
	}
	seen := map[string]bool{}
	for i, c := range s.Packs {
		at := fmt.Sprintf("packs[%d]", i)
		pack, known := b.o.Packs[c.Pack]
		if !known || seen[c.Pack] {
			bad = append(bad, fault.New(fault.Invalid, "not_one_of", fault.Params{"value": clip(c.Pack), "allowed": strings.Join(b.o.Packs.Names(), ", ")}).At(at+".pack"))
			continue
		}
		seen[c.Pack] = true
		for field, list := range map[string][]string{"on": c.On, "off": c.Off} {
			for j, id := range list {
				if !pack.has(id) {
					bad = append(bad, fault.New(fault.Invalid, "rule_unknown", fault.Params{"value": clip(id), "pack": c.Pack}).At(fmt.Sprintf("%s.%s[%d]", at, field, j)))
				}
			}
		}
	}
	return bad
}

func (p *Pack) has(id string) bool {
	for i := range p.Rules {
		if p.Rules[i].ID == id {
			return true
		}
	}
	return false
}
