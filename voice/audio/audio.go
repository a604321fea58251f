// Package audio is sound as the telephone carries it: 8,000 samples a second, one channel, 16 bits, in frames of
// 20 ms. It knows G.711, WAV files, sample rates, tones and levels, and no network.
//
// Samples are int16 in native order. A frame is 160 of them. Sources are pulled: whoever plays asks for the next
// frame when its time has come, so a source never needs a clock.
package audio

import "time"

// The telephone's numbers.
const (
	Rate          = 8000                  // samples per second
	FrameSize     = 160                   // samples per frame
	FrameDuration = 20 * time.Millisecond // length of a frame
)

// Source gives sound frame by frame. ReadFrame fills buf from its beginning and returns how many samples it wrote;
// fewer than len(buf) means that nothing more is there now, and whoever plays sends silence for the rest. It must
// return at once: it is called from the goroutine that paces every call of the process.
type Source interface {
	ReadFrame(buf []int16) (n int)
}

// Samples is how many samples last d at the telephone's rate, rounded down.
func Samples(d time.Duration) int { return SamplesAt(d, Rate) }

// SamplesAt is how many samples last d at the rate, rounded down; never negative.
func SamplesAt(d time.Duration, rate int) int {
	if d <= 0 || rate <= 0 {
		return 0
	}
	whole := int64(d/time.Second) * int64(rate)
	return int(whole + int64(d%time.Second)*int64(rate)/int64(time.Second))
}

// Duration is how long n samples last at the rate.
func Duration(n, rate int) time.Duration {
	if n <= 0 || rate <= 0 {
		return 0
	}
	return time.Duration(int64(n)/int64(rate))*time.Second +
		time.Duration(int64(n)%int64(rate)*int64(time.Second)/int64(rate))
}

// Clip is a piece of sound held in memory, one channel.
type Clip struct {
	Rate    int // samples per second
	Samples []int16
}

// Duration is how long the clip lasts.
func (c Clip) Duration() time.Duration { return Duration(len(c.Samples), c.Rate) }

// Telephone is the clip at the telephone's rate; the clip itself when it has it already.
func (c Clip) Telephone() (Clip, error) {
	if c.Rate == Rate {
		return c, nil
	}
	s, err := Resample(c.Samples, c.Rate, Rate)
	if err != nil {
		return Clip{}, err
	}
	return Clip{Rate: Rate, Samples: s}, nil
}
