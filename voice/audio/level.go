package audio

import "math"

// Floor is the level given for silence, in dBFS: below everything that 16 bits can hold.
const Floor = -120.0

// RMS is the root mean square of the samples, 0 for none.
func RMS(samples []int16) float64 {
	if len(samples) == 0 {
		return 0
	}
	var sum uint64
	for _, s := range samples {
		sum += uint64(int32(s) * int32(s))
	}
	return math.Sqrt(float64(sum) / float64(len(samples)))
}

// Level is the RMS level in dBFS, where 0 is a square wave at full scale (a sine at full scale is -3.01); Floor for
// silence.
func Level(samples []int16) float64 { return Decibels(RMS(samples) / 32768) }

// Decibels is the amplitude ratio in dB, never below Floor.
func Decibels(ratio float64) float64 {
	if ratio <= 0 {
		return Floor
	}
	return max(20*math.Log10(ratio), Floor)
}

// Ratio is the amplitude ratio of so many dB.
func Ratio(db float64) float64 { return math.Pow(10, db/20) }

// MeanAbs is the mean magnitude of the samples, the cheapest measure of loudness; 0 for none.
func MeanAbs(samples []int16) int {
	if len(samples) == 0 {
		return 0
	}
	sum := 0
	for _, s := range samples {
		v := int(s)
		if v < 0 {
			v = -v
		}
		sum += v
	}
	return sum / len(samples)
}

// Gain multiplies the samples in place by the amplitude ratio, clipping what does not fit.
func Gain(samples []int16, ratio float64) {
	for i, s := range samples {
		samples[i] = Clamp(float64(s) * ratio)
	}
}

// Mix adds src to dst, clipping what does not fit. What is longer in either stays as it is.
func Mix(dst, src []int16) {
	n := min(len(dst), len(src))
	dst, src = dst[:n], src[:n]
	for i, s := range src {
		dst[i] = int16(min(max(int32(dst[i])+int32(s), math.MinInt16), math.MaxInt16))
	}
}

// Clamp rounds a value to the nearest sample.
func Clamp(v float64) int16 {
	switch v = math.Round(v); {
	case v >= math.MaxInt16:
		return math.MaxInt16
	case v <= math.MinInt16:
		return math.MinInt16
	case math.IsNaN(v): // what a broken file holds
		return 0
	}
	return int16(v)
}
