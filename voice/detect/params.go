package detect

import (
	"fmt"
	"time"

	"campanario/internal/fault"
)

// Params are the numbers of the method, as the package comment uses them. Zero means the default. Durations are counted
// in frames, rounded down to 20 ms.
type Params struct {
	Greeting time.Duration // longest greeting of a person
	Gap      time.Duration // how much of a pause counts as greeting
	After    time.Duration // silence after a person's greeting
	NoSpeech time.Duration // nothing heard for so long is silence
	Total    time.Duration // longest time for a verdict
	Word     time.Duration // shortest sound that is speech
	Beep     time.Duration // shortest tone that is a beep
	LateBeep time.Duration // how long after the verdict a beep overrules it
	End      time.Duration // silence that ends a machine's announcement
	Level    int           // mean magnitude of 16-bit samples under which all is silence
}

// Defaults did best on generated greetings.
func Defaults() Params {
	return Params{
		Greeting: 1800 * time.Millisecond,
		Gap:      200 * time.Millisecond,
		After:    800 * time.Millisecond,
		NoSpeech: 4 * time.Second,
		Total:    8 * time.Second,
		Word:     80 * time.Millisecond,
		Beep:     120 * time.Millisecond,
		LateBeep: 6 * time.Second,
		End:      1800 * time.Millisecond,
		Level:    60,
	}
}

// bound is a parameter with the limits within which the method means anything.
type bound struct {
	name     string
	value    *time.Duration
	def      time.Duration
	min, max time.Duration
}

func (p *Params) bounds() []bound {
	const ms = time.Millisecond
	d := Defaults()
	return []bound{
		{"greeting", &p.Greeting, d.Greeting, 500 * ms, 10 * time.Second},
		{"gap", &p.Gap, d.Gap, 20 * ms, time.Second},
		{"after", &p.After, d.After, 300 * ms, 3 * time.Second},
		{"no_speech", &p.NoSpeech, d.NoSpeech, time.Second, 15 * time.Second},
		{"total", &p.Total, d.Total, 2 * time.Second, 30 * time.Second},
		{"word", &p.Word, d.Word, 20 * ms, 500 * ms},
		{"beep", &p.Beep, d.Beep, 60 * ms, time.Second},
		{"late_beep", &p.LateBeep, d.LateBeep, time.Second, 30 * time.Second},
		{"end", &p.End, d.End, 500 * ms, 5 * time.Second},
	}
}

const maxLevel = 2000

// WithDefaults fills in what is zero.
func (p Params) WithDefaults() Params {
	for _, b := range p.bounds() {
		if *b.value == 0 {
			*b.value = b.def
		}
	}
	if p.Level == 0 {
		p.Level = Defaults().Level
	}
	return p
}

// Validate gives everything out of bounds at once, as faults with the fields' names in snake case.
func (p Params) Validate() error {
	p = p.WithDefaults()
	var l fault.List
	for _, b := range p.bounds() {
		if *b.value < b.min || *b.value > b.max {
			l = append(l, outOfRange(b.name, *b.value, b.min, b.max))
		}
	}
	if p.Level < 1 || p.Level > maxLevel {
		l = append(l, outOfRange("level", p.Level, 1, maxLevel))
	}
	if p.Total < p.NoSpeech || p.Total < p.Greeting {
		l = append(l, fault.New(fault.Invalid, "detection_total_short", nil).At("total"))
	}
	return l.Err()
}

func outOfRange(field string, value, lowest, highest any) *fault.Error {
	return fault.New(fault.Invalid, "out_of_range", fault.Params{
		"value": fmt.Sprint(value), "min": fmt.Sprint(lowest), "max": fmt.Sprint(highest),
	}).At(field)
}
