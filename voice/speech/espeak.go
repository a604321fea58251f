package speech

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"campanario/internal/fault"
	"campanario/voice/audio"
)

// EspeakOptions make an Espeak.
type EspeakOptions struct {
	Program string        // name or path; empty is espeak-ng
	Folder  string        // where sound is kept between runs; empty: in memory only. It may hold people's names, spoken
	Memory  int64         // bytes of sound kept in memory; 0 is 64 MiB, about an hour
	Disk    int64         // bytes kept in Folder; 0 is 1 GiB
	Timeout time.Duration // for one text; 0 is 20 s
	AtOnce  int           // programs running at the same time; 0 is one per processor
}

// Espeak is a Speaker that runs eSpeak NG. It is safe for concurrent use; who asks for a text that is being made waits
// for it.
type Espeak struct {
	o     EspeakOptions
	kept  *cache
	slots chan struct{}
}

// NewEspeak makes the speaker. That the program is missing is told by Available, and by Speak.
func NewEspeak(o EspeakOptions) (*Espeak, error) {
	if o.Program == "" {
		o.Program = "espeak-ng"
	}
	if o.Memory <= 0 {
		o.Memory = 64 << 20
	}
	if o.Disk <= 0 {
		o.Disk = 1 << 30
	}
	if o.Timeout <= 0 {
		o.Timeout = 20 * time.Second
	}
	if o.AtOnce <= 0 {
		o.AtOnce = runtime.GOMAXPROCS(0)
	}
	kept, err := newCache(o.Folder, o.Memory, o.Disk)
	if err != nil {
		return nil, err
	}
	return &Espeak{o: o, kept: kept, slots: make(chan struct{}, o.AtOnce)}, nil
}

// Available reports whether the program can be run: a fault of kind unavailable when not.
func (e *Espeak) Available(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, e.o.Timeout)
	defer cancel()
	if err := exec.CommandContext(ctx, e.o.Program, "--version").Run(); err != nil {
		return e.unavailable(err)
	}
	return nil
}

func (e *Espeak) unavailable(cause error) error {
	return fault.New(fault.Unavailable, "speech_unavailable", fault.Params{"program": e.o.Program}).Because(cause)
}

// Speak implements Speaker.
func (e *Espeak) Speak(ctx context.Context, r Request) ([]int16, error) {
	r, err := r.clean()
	if err != nil {
		return nil, err
	}
	voice := voiceOf(r.Language)
	if r.Voice != "" {
		voice += "+" + r.Voice
	}
	pace := fmt.Sprint(int(usualPace*r.Speed + 0.5))
	key := keyOf(voice, pace, r.Text)
	return e.kept.get(ctx, key, func() ([]int16, error) { return e.run(ctx, voice, pace, r.Text) })
}

// longest bounds the sound of a text: what five thousand letters take at the slowest.
const longest = 10 * time.Minute

// run has a text spoken.
func (e *Espeak) run(ctx context.Context, voice, pace, text string) ([]int16, error) {
	select {
	case e.slots <- struct{}{}:
		defer func() { <-e.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	bounded, cancel := context.WithTimeout(ctx, e.o.Timeout)
	defer cancel()
	cmd := exec.CommandContext(bounded, e.o.Program, "-v", voice, "-s", pace, "-b", "1", "--stdin", "--stdout")
	cmd.Stdin = strings.NewReader(text)
	cmd.WaitDelay = time.Second // a child of it that holds the pipe must not hold us
	out, errs := &bounds{most: 64 << 20}, &bounds{most: 4 << 10}
	cmd.Stdout, cmd.Stderr = out, errs
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && strings.Contains(errs.String(), "voice does not exist") {
			return nil, fault.New(fault.Invalid, "speech_voice", fault.Params{"value": voice}).At("voice")
		}
		return nil, e.unavailable(fmt.Errorf("%w: %s", err, strings.TrimSpace(errs.String())))
	}
	clip, err := audio.ReadWAV(bytes.NewReader(out.Bytes()), longest)
	if err != nil {
		return nil, e.unavailable(err)
	}
	clip, err = clip.Telephone()
	if err != nil {
		return nil, e.unavailable(err)
	}
	level(clip.Samples)
	return clip.Samples, nil
}

// bounds is a buffer that refuses to grow without end.
type bounds struct {
	bytes.Buffer
	most int
}

func (b *bounds) Write(p []byte) (int, error) {
	if b.Len()+len(p) > b.most {
		return 0, errors.New("speech: the program wrote too much")
	}
	return b.Buffer.Write(p)
}

// Loudness of speech on a telephone: -20 dBFS while somebody speaks, and no peak that clips.
const (
	wantedLevel = -20.0
	wantedPeak  = 30000
	quiet       = -45.0 // frames under this, relative to full scale, are pauses
)

// level makes speech as loud as it should be.
func level(samples []int16) {
	var spoken []int16
	peak := 1.0
	for at := 0; at+audio.FrameSize <= len(samples); at += audio.FrameSize {
		frame := samples[at : at+audio.FrameSize]
		if audio.Level(frame) > quiet {
			spoken = append(spoken, frame...)
		}
	}
	for _, s := range samples {
		peak = max(peak, float64(s), -float64(s))
	}
	if len(spoken) == 0 {
		return
	}
	audio.Gain(samples, min(audio.Ratio(wantedLevel-audio.Level(spoken)), wantedPeak/peak))
}
