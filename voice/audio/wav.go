package audio

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"time"

	"campanario/internal/fault"
)

// What a WAV file may be. The bounds are far beyond any announcement and keep a hostile file from filling the memory.
const (
	LongestWAV = 10 * time.Minute

	minWAVRate    = 4000
	maxWAVRate    = 192000
	maxWAVChans   = 8
	maxWAVSamples = 48000 * int(LongestWAV/time.Second)
	maxWAVSkipped = 16 << 20 // bytes of chunks that are not sound
)

// Format tags of the fmt chunk (RFC 2361, and Microsoft's extensible one that holds one of the others).
const (
	wavPCM        = 0x0001
	wavFloat      = 0x0003
	wavALaw       = 0x0006
	wavULaw       = 0x0007
	wavExtensible = 0xFFFE
)

// wavFormat is what the fmt chunk says.
type wavFormat struct {
	tag      uint16
	channels int
	rate     int
	bits     int
}

// ReadWAV reads a RIFF/WAVE file: PCM of 8, 16, 24 or 32 bits, 32-bit float, A-law or µ-law, up to 8 channels, which are
// mixed to one, and 4 to 192 kHz, which is kept. longest bounds its duration; 0 is LongestWAV, the most there is. A file
// that ends early gives what it has, because programs that write to a pipe cannot know the length they announce.
// What cannot be used is a *fault.Error of kind invalid.
func ReadWAV(r io.Reader, longest time.Duration) (Clip, error) {
	if longest <= 0 || longest > LongestWAV {
		longest = LongestWAV
	}
	br := bufio.NewReader(r)
	var head [12]byte
	if _, err := io.ReadFull(br, head[:]); err != nil {
		return Clip{}, badWAV("wav_not_wav", nil, err)
	}
	if string(head[:4]) != "RIFF" || string(head[8:]) != "WAVE" {
		return Clip{}, badWAV("wav_not_wav", nil, nil)
	}
	var format *wavFormat
	skipped := int64(0)
	for {
		var chunk [8]byte
		if _, err := io.ReadFull(br, chunk[:]); err != nil {
			return Clip{}, badWAV("wav_no_sound", nil, err)
		}
		size := int64(binary.LittleEndian.Uint32(chunk[4:]))
		switch string(chunk[:4]) {
		case "fmt ":
			f, rest, err := readWAVFormat(br, size)
			if err != nil {
				return Clip{}, err
			}
			format, size = &f, rest
		case "data":
			if format == nil {
				return Clip{}, badWAV("wav_no_format", nil, nil)
			}
			return readWAVData(br, *format, size, longest)
		default:
			size += size & 1 // chunks are padded to whole words
		}
		if skipped += size; skipped > maxWAVSkipped {
			return Clip{}, badWAV("wav_no_sound", nil, nil)
		}
		if _, err := io.CopyN(io.Discard, br, size); err != nil {
			return Clip{}, badWAV("wav_no_sound", nil, err)
		}
	}
}

// readWAVFormat reads a fmt chunk and gives how many of its bytes are left to skip.
func readWAVFormat(r io.Reader, size int64) (wavFormat, int64, error) {
	var b [40]byte
	n := min(size, int64(len(b)))
	if n < 16 {
		return wavFormat{}, 0, badWAV("wav_no_format", nil, nil)
	}
	if _, err := io.ReadFull(r, b[:n]); err != nil {
		return wavFormat{}, 0, badWAV("wav_no_format", nil, err)
	}
	f := wavFormat{
		tag:      binary.LittleEndian.Uint16(b[0:]),
		channels: int(binary.LittleEndian.Uint16(b[2:])),
		bits:     int(binary.LittleEndian.Uint16(b[14:])),
	}
	rate := binary.LittleEndian.Uint32(b[4:])
	if f.tag == wavExtensible && n >= 26 {
		f.tag = binary.LittleEndian.Uint16(b[24:])
	}
	if rate < minWAVRate || rate > maxWAVRate {
		return wavFormat{}, 0, badWAV("wav_rate", fault.Params{"rate": rate, "min": minWAVRate, "max": maxWAVRate}, nil)
	}
	f.rate = int(rate)
	if f.channels < 1 || f.channels > maxWAVChans {
		return wavFormat{}, 0, badWAV("wav_channels", fault.Params{"channels": f.channels, "max": maxWAVChans}, nil)
	}
	align := int(binary.LittleEndian.Uint16(b[12:]))
	if f.sample() == nil || align != f.channels*f.bits/8 {
		return wavFormat{}, 0, badWAV("wav_format", fault.Params{"format": f.tag, "bits": f.bits}, nil)
	}
	return f, size + size&1 - n, nil
}

// sample gives the function that reads one value at the beginning of b; nil for a format that is not known.
func (f wavFormat) sample() func(b []byte) int32 {
	switch {
	case f.tag == wavPCM && f.bits == 8:
		return func(b []byte) int32 { return (int32(b[0]) - 128) << 8 }
	case f.tag == wavPCM && f.bits == 16:
		return func(b []byte) int32 { return int32(int16(binary.LittleEndian.Uint16(b))) }
	case f.tag == wavPCM && f.bits == 24:
		return func(b []byte) int32 { return int32(int16(binary.LittleEndian.Uint16(b[1:]))) }
	case f.tag == wavPCM && f.bits == 32:
		return func(b []byte) int32 { return int32(int16(binary.LittleEndian.Uint16(b[2:]))) }
	case f.tag == wavFloat && f.bits == 32:
		return func(b []byte) int32 {
			return int32(Clamp(32767 * float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))))
		}
	case f.tag == wavALaw && f.bits == 8:
		return func(b []byte) int32 { return int32(decodeA[b[0]]) }
	case f.tag == wavULaw && f.bits == 8:
		return func(b []byte) int32 { return int32(decodeU[b[0]]) }
	}
	return nil
}

func readWAVData(r io.Reader, f wavFormat, size int64, longest time.Duration) (Clip, error) {
	width := f.bits / 8
	step := width * f.channels
	most := min(SamplesAt(longest, f.rate), maxWAVSamples)
	sample := f.sample()
	clip := Clip{Rate: f.rate}
	if size < int64(most)*int64(step) { // otherwise the size is a guess of who wrote it
		clip.Samples = make([]int16, 0, min(size/int64(step), 1<<20))
	}
	buf := make([]byte, step*1024)
	r = io.LimitReader(r, size)
	for {
		n, err := io.ReadFull(r, buf)
		for b := buf[:n-n%step]; len(b) > 0; b = b[step:] {
			if len(clip.Samples) >= most {
				return Clip{}, badWAV("wav_too_long", fault.Params{"seconds": int(longest / time.Second)}, nil)
			}
			sum := int32(0)
			for ch := range f.channels {
				sum += sample(b[ch*width:])
			}
			clip.Samples = append(clip.Samples, int16(sum/int32(f.channels)))
		}
		switch {
		case err == nil:
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			if len(clip.Samples) == 0 {
				return Clip{}, badWAV("wav_no_sound", nil, nil)
			}
			return clip, nil
		default:
			return Clip{}, err
		}
	}
}

// badWAV is a fault of the file. A failing reader that is not simply at its end is not the file's fault and is returned
// as it came.
func badWAV(code string, p fault.Params, cause error) error {
	if cause != nil && !errors.Is(cause, io.EOF) && !errors.Is(cause, io.ErrUnexpectedEOF) {
		return cause
	}
	return fault.New(fault.Invalid, code, p)
}

// WriteWAV writes the clip as a 16-bit PCM file.
func WriteWAV(w io.Writer, c Clip) error {
	const headSize = 44
	data := 2 * len(c.Samples)
	if c.Rate <= 0 || int64(data) > math.MaxUint32-headSize {
		return errors.New("audio: a clip without a rate, or too long for a WAV file")
	}
	b := make([]byte, 0, headSize+data)
	b = append(b, "RIFF"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(headSize-8+data))
	b = append(b, "WAVEfmt "...)
	b = binary.LittleEndian.AppendUint32(b, 16)
	b = binary.LittleEndian.AppendUint16(b, wavPCM)
	b = binary.LittleEndian.AppendUint16(b, 1)
	b = binary.LittleEndian.AppendUint32(b, uint32(c.Rate))
	b = binary.LittleEndian.AppendUint32(b, uint32(2*c.Rate))
	b = binary.LittleEndian.AppendUint16(b, 2)
	b = binary.LittleEndian.AppendUint16(b, 16)
	b = append(b, "data"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(data))
	for _, s := range c.Samples {
		b = binary.LittleEndian.AppendUint16(b, uint16(s))
	}
	_, err := w.Write(b)
	return err
}
