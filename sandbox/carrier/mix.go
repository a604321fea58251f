package carrier

import (
	"errors"
	"hash/fnv"
	"math/rand/v2"
)

// Share is a part of what ordinary numbers do.
type Share struct {
	Behaviour Behaviour `json:"behaviour"`
	Percent   float64   `json:"percent"`
}

// DefaultMix is what ordinary numbers do when Options.Mix is empty: about what a campaign to old lists meets with.
func DefaultMix() []Share {
	return []Share{
		{Person, 45}, {Voicemail, 15}, {NoAnswer, 20}, {Busy, 8}, {Rejected, 5}, {Unknown, 4}, {Congestion, 3},
	}
}

// lasting are the behaviours that belong to a number for good, however often it is called.
var lasting = map[Behaviour]bool{Unknown: true, Gone: true}

func checkMix(mix []Share) error {
	sum := 0.0
	for _, s := range mix {
		if s.Percent < 0 || !known(s.Behaviour) {
			return errors.New("carrier: a share of the mix has no such behaviour or is negative")
		}
		sum += s.Percent
	}
	if sum > 100.0001 {
		return errors.New("carrier: the shares of the mix are more than 100 %")
	}
	return nil
}

func known(b Behaviour) bool {
	for _, r := range rows {
		if r.behaviour == b {
			return true
		}
	}
	return false
}

// source is the chance of one call: the same number, turn and seed throw the same dice.
func source(seed uint64, number string, turn uint64) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(number))
	return rand.New(rand.NewPCG(seed^h.Sum64(), turn))
}

// ordinary is what a number does that chooses nothing itself. What is left of 100 % are people.
func ordinary(mix []Share, seed uint64, number string, turn uint64) Behaviour {
	// What lasts is thrown for once for each number, what changes for each call, each among its own.
	forGood, once := source(seed, number, 0).Float64()*100, source(seed, number, turn+1).Float64()
	rest := 100.0
	at := 0.0
	for _, s := range mix {
		if !lasting[s.Behaviour] {
			continue
		}
		if at += s.Percent; forGood < at {
			return s.Behaviour
		}
		rest -= s.Percent
	}
	throw := once * rest
	at = 0
	for _, s := range mix {
		if lasting[s.Behaviour] {
			continue
		}
		if at += s.Percent; throw < at {
			return s.Behaviour
		}
	}
	return Person
}
