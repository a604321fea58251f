package carrier

import (
	"context"
	"sync"
	"time"

	"campanario/voice/audio"
	"campanario/voice/speech"
)

// lines are what far ends say.
var lines = map[string][]string{
	"greeting":     {"Alô?", "Alô, quem fala?", "Oi, pois não?", "Alô, bom dia.", "Sim?"},
	"words":        {"Sim.", "Sim, pode falar.", "Não, obrigado.", "Tudo bem.", "Pode ser."},
	"voicemail":    {"Olá. Você ligou para a caixa postal. Agora não posso atender. Por favor, deixe seu recado após o sinal."},
	"announcement": {"O número discado não existe. Por favor, verifique o número e tente novamente."},
}

// sounds are the lines as sound, made once and shared by all calls.
type sounds map[string][][]int16

// render speaks all lines.
func render(ctx context.Context, speaker speech.Speaker) (sounds, error) {
	out := sounds{}
	voices := []string{"m3", "f2", "m1", "f4", "m7"}
	for what, texts := range lines {
		for i, text := range texts {
			s, err := speaker.Speak(ctx, speech.Request{Text: text, Language: "pt-BR", Voice: voices[i%len(voices)]})
			if err != nil {
				return nil, err
			}
			out[what] = append(out[what], s)
		}
	}
	return out, nil
}

// beep is what a voicemail box ends its greeting with.
func beep() []int16 { return audio.Beep(1000, 400*time.Millisecond).Render(400 * time.Millisecond) }

// clip plays a piece of sound once.
type clip struct {
	mu      sync.Mutex
	samples []int16
	done    chan struct{} // closed when the last sample was taken
}

func newClip(samples []int16) *clip { return &clip{samples: samples, done: make(chan struct{})} }

// ReadFrame implements audio.Source.
func (c *clip) ReadFrame(buf []int16) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.samples == nil {
		return 0
	}
	n := copy(buf, c.samples)
	if c.samples = c.samples[n:]; len(c.samples) == 0 {
		c.samples = nil
		close(c.done)
	}
	return n
}

// ear hears whether somebody speaks, frame by frame.
type ear struct {
	paused chan struct{} // one token: somebody has spoken and been silent since

	mu     sync.Mutex
	loud   int // frames in all since the last pause
	quiet  int // frames in a row
	frames int
	heard  time.Time // the last loud frame
}

const (
	loudFrame = 150                                     // mean magnitude
	spoken    = int(300 * time.Millisecond / frameTime) // so much sound is somebody's speaking
	silence   = int(700 * time.Millisecond / frameTime) // so much silence is the end of it
	frameTime = audio.FrameDuration
)

func newEar(now time.Time) *ear { return &ear{paused: make(chan struct{}, 1), heard: now} }

func (e *ear) frame(samples []int16) {
	loud := audio.MeanAbs(samples) >= loudFrame
	e.mu.Lock()
	defer e.mu.Unlock()
	e.frames++
	if loud {
		e.loud++
		e.quiet = 0
		e.heard = time.Now()
		return
	}
	if e.quiet++; e.quiet == silence && e.loud >= spoken {
		e.loud = 0
		select {
		case e.paused <- struct{}{}:
		default:
		}
	}
}

// begin counts silence from now on.
func (e *ear) begin(now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard = now
}

// speaking reports whether somebody has begun to speak and not ended yet.
func (e *ear) speaking() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.loud > spoken/3
}

// since is how long nothing has been heard.
func (e *ear) since(now time.Time) time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	return now.Sub(e.heard)
}
