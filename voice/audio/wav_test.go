package audio_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"testing"
	"testing/iotest"
	"time"

	"campanario/internal/fault"
	"campanario/voice/audio"
)

func TestWAVRoundTrip(t *testing.T) {
	for _, rate := range []int{8000, 44100} {
		want := audio.Clip{Rate: rate, Samples: sine(440, rate, 1001, 12345)}
		var b bytes.Buffer
		if err := audio.WriteWAV(&b, want); err != nil {
			t.Fatal(err)
		}
		got, err := audio.ReadWAV(iotest.OneByteReader(&b), 0)
		if err != nil {
			t.Fatal(err)
		}
		if got.Rate != rate || !slices.Equal(got.Samples, want.Samples) {
			t.Errorf("%d Hz: it came back different", rate)
		}
	}
	if err := audio.WriteWAV(io.Discard, audio.Clip{}); err == nil {
		t.Error("a clip without a rate was written")
	}
}

// Files as sox writes them, in every encoding we read.
func TestWAVFromSox(t *testing.T) {
	for _, enc := range [][]string{
		{"-b", "8", "-e", "unsigned"},
		{"-b", "16", "-e", "signed"},
		{"-b", "24", "-e", "signed"},
		{"-b", "32", "-e", "signed"},
		{"-b", "32", "-e", "floating-point"},
		{"-e", "a-law"},
		{"-e", "mu-law"},
	} {
		for _, rate := range []int{8000, 22050, 48000} {
			for _, channels := range []string{"1", "2", "6"} {
				name := fmt.Sprint(enc, rate, channels)
				args := append([]string{"-n", "-r", fmt.Sprint(rate), "-c", channels}, enc...)
				args = append(args, "-t", "wav", "-", "synth", "0.5", "sine", "1000", "gain", "-6")
				clip, err := audio.ReadWAV(bytes.NewReader(run(t, nil, "sox", args...)), 0)
				if err != nil {
					t.Errorf("%s: %v", name, err)
					continue
				}
				if clip.Rate != rate || !halfSecond(clip) {
					t.Errorf("%s: %v at %d Hz", name, clip.Duration(), clip.Rate)
				}
				if got := power(clip.Samples, 1000, rate); got < 0.998 {
					t.Errorf("%s: %.4f of the energy at 1000 Hz", name, got)
				}
				if got := audio.Level(clip.Samples); math.Abs(got-(-6-3.01)) > 0.1 {
					t.Errorf("%s: %.2f dBFS", name, got)
				}
				phone, err := clip.Telephone()
				if err != nil || phone.Rate != audio.Rate || !halfSecond(phone) {
					t.Errorf("%s: %v at %d Hz for the telephone, %v", name, phone.Duration(), phone.Rate, err)
				}
			}
		}
	}
}

// halfSecond allows for the byte that pads a chunk, which is sound when the length was not known.
func halfSecond(c audio.Clip) bool {
	d := c.Duration() - 500*time.Millisecond
	return d >= 0 && d < time.Millisecond
}

// Programs that write to a pipe cannot know the length and announce a huge one.
func TestWAVFromPipe(t *testing.T) {
	file := run(t, []byte("Um teste."), "espeak-ng", "-v", "pt-br", "--stdin", "--stdout")
	if size := binary.LittleEndian.Uint32(file[40:]); int(size) <= len(file) {
		t.Fatalf("espeak-ng announced %d bytes of %d: this test shows nothing", size, len(file))
	}
	clip, err := audio.ReadWAV(bytes.NewReader(file), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if clip.Rate != 22050 || clip.Duration() < 300*time.Millisecond || audio.Level(clip.Samples) < -40 {
		t.Errorf("%v at %d Hz, %.1f dBFS", clip.Duration(), clip.Rate, audio.Level(clip.Samples))
	}
}

// wav builds a file from parts, broken ones too.
func wav(tag, channels uint16, rate uint32, bits uint16, data []byte) []byte {
	b := append([]byte("RIFF\xff\xff\xff\xffWAVE"), "LIST\x03\x00\x00\x00abc\x00"...)
	b = append(b, "fmt \x10\x00\x00\x00"...)
	b = binary.LittleEndian.AppendUint16(b, tag)
	b = binary.LittleEndian.AppendUint16(b, channels)
	b = binary.LittleEndian.AppendUint32(b, rate)
	b = binary.LittleEndian.AppendUint32(b, rate*uint32(channels)*uint32(bits)/8)
	b = binary.LittleEndian.AppendUint16(b, channels*bits/8)
	b = binary.LittleEndian.AppendUint16(b, bits)
	b = append(b, "data"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
	return append(b, data...)
}

func TestWAVRefused(t *testing.T) {
	good := wav(1, 1, 8000, 16, make([]byte, 320))
	misaligned := bytes.Clone(good)
	misaligned[len(good)-320-8-4] = 7
	tests := []struct {
		name string
		file []byte
		code string
	}{
		{"empty", nil, "wav_not_wav"},
		{"text", []byte("this is not a sound at all"), "wav_not_wav"},
		{"big-endian", []byte("RIFX\x00\x00\x00\x00WAVE"), "wav_not_wav"},
		{"only a head", good[:12], "wav_no_sound"},
		{"cut in the format", good[:40], "wav_no_format"},
		{"no data", good[:48], "wav_no_sound"},
		{"empty data", wav(1, 1, 8000, 16, nil), "wav_no_sound"},
		{"half a sample", wav(1, 1, 8000, 16, []byte{1}), "wav_no_sound"},
		{"data before format", append(bytes.Clone(good[:12]), "data\x02\x00\x00\x00\x00\x00"...), "wav_no_format"},
		{"mp3 inside", wav(0x55, 1, 8000, 16, make([]byte, 320)), "wav_format"},
		{"12 bits", wav(1, 1, 8000, 12, make([]byte, 320)), "wav_format"},
		{"0 bits", wav(1, 1, 8000, 0, make([]byte, 320)), "wav_format"},
		{"misaligned", misaligned, "wav_format"},
		{"no channels", wav(1, 0, 8000, 16, make([]byte, 320)), "wav_channels"},
		{"channels without end", wav(1, 60000, 8000, 16, make([]byte, 320)), "wav_channels"},
		{"rate 0", wav(1, 1, 0, 16, make([]byte, 320)), "wav_rate"},
		{"rate without end", wav(1, 1, 4000000000, 16, make([]byte, 320)), "wav_rate"},
		{"too long", wav(1, 1, 8000, 16, make([]byte, 2*8001)), "wav_too_long"},
	}
	for _, tt := range tests {
		_, err := audio.ReadWAV(bytes.NewReader(tt.file), time.Second)
		if fault.CodeOf(err) != tt.code || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.code)
		}
	}
	if _, err := audio.ReadWAV(bytes.NewReader(good[:len(good)-100]), 0); err != nil {
		t.Errorf("a file that ends early still has sound: %v", err)
	}
	broken := errors.New("disk gone")
	for _, n := range []int{0, 14, 30, 60, 100} {
		_, err := audio.ReadWAV(io.MultiReader(bytes.NewReader(good[:n]), iotest.ErrReader(broken)), 0)
		if !errors.Is(err, broken) {
			t.Errorf("a reader that fails after %d bytes gave %v", n, err)
		}
	}
}

// A chunk that announces gigabytes must not be followed for ever.
func TestWAVEndlessJunk(t *testing.T) {
	junk := append([]byte("RIFF\x00\x00\x00\x00WAVE"), "JUNK\xff\xff\xff\xff"...)
	_, err := audio.ReadWAV(io.MultiReader(bytes.NewReader(junk), zeros{}), 0)
	if fault.CodeOf(err) != "wav_no_sound" {
		t.Errorf("%v", err)
	}
	endless := wav(1, 1, 8000, 16, nil)
	copy(endless[len(endless)-4:], "\xff\xff\xff\xff")
	_, err = audio.ReadWAV(io.MultiReader(bytes.NewReader(endless), zeros{}), 2*time.Second)
	if fault.CodeOf(err) != "wav_too_long" {
		t.Errorf("%v", err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func FuzzReadWAV(f *testing.F) {
	f.Add(wav(1, 1, 8000, 16, make([]byte, 320)))
	f.Add(wav(1, 2, 44100, 24, make([]byte, 600)))
	f.Add(wav(3, 1, 48000, 32, []byte{0, 0, 0xC0, 0x7F, 0, 0, 0x80, 0x7F}))
	f.Add(wav(6, 1, 8000, 8, []byte("abcdef")))
	f.Add(wav(7, 8, 192000, 8, []byte("abcdefgh")))
	f.Add([]byte("RIFF\x00\x00\x00\x00WAVEfmt \xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, file []byte) {
		clip, err := audio.ReadWAV(bytes.NewReader(file), time.Second)
		if err != nil {
			if len(fault.All(err)) == 0 {
				t.Fatalf("an error that says nothing to the user: %v", err)
			}
			return
		}
		if clip.Duration() > time.Second || len(clip.Samples) == 0 {
			t.Fatalf("%d samples at %d Hz", len(clip.Samples), clip.Rate)
		}
		var b bytes.Buffer
		if err := audio.WriteWAV(&b, clip); err != nil {
			t.Fatal(err)
		}
		again, err := audio.ReadWAV(&b, time.Second)
		if err != nil || !slices.Equal(again.Samples, clip.Samples) {
			t.Fatalf("written and read again it differs: %v", err)
		}
	})
}
