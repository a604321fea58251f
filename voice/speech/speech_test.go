package speech

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"campanario/internal/fault"
	"campanario/voice/audio"
)

func TestRequests(t *testing.T) {
	tests := []struct {
		name string
		r    Request
		code string
	}{
		{"plain", Request{Text: "Olá", Language: "pt-BR"}, ""},
		{"everything", Request{Text: "Hi", Language: "en_GB", Voice: "f2", Speed: 0.5}, ""},
		{"nothing said of how", Request{Text: "Olá"}, ""},
		{"no text", Request{Text: " \n\x00 "}, "required"},
		{"too long", Request{Text: strings.Repeat("a", maxText+1)}, "too_long"},
		{"no language", Request{Text: "x", Language: "português"}, "speech_language"},
		{"a language that is a path", Request{Text: "x", Language: "../x"}, "speech_language"},
		{"a voice that is an option", Request{Text: "x", Voice: "f2 --path=/etc"}, "speech_voice"},
		{"too fast", Request{Text: "x", Speed: 2.1}, "out_of_range"},
		{"no number", Request{Text: "x", Speed: math.NaN()}, "out_of_range"},
	}
	for _, tt := range tests {
		_, err := tt.r.clean()
		if tt.code == "" && err != nil || tt.code != "" && (fault.CodeOf(err) != tt.code || fault.KindOf(err) != fault.Invalid) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.code)
		}
	}
	if _, err := (Request{Text: "", Language: "?", Voice: "?", Speed: 9}).clean(); len(fault.All(err)) != 4 {
		t.Errorf("not all problems at once: %v", err)
	}
}

func TestVoices(t *testing.T) {
	for tag, want := range map[string]string{
		"pt-BR": "pt-br", "pt": "pt-br", "pt_BR": "pt-br", "pt-PT": "pt", "es": "es", "es-ES": "es", "es-419": "es-419",
		"es-MX": "es-419", "en": "en-us", "en-US": "en-us", "en-GB": "en-gb", "fr-CA": "fr", "x": "", "": "", "9a": "",
	} {
		if got := voiceOf(tag); got != want {
			t.Errorf("%q: %q, want %q", tag, got, want)
		}
	}
}

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"  Olá,\n\n mundo\t! ":      "Olá, mundo !",
		"a [[h@loU]] b":             "a h@loU b",
		"[[[[x]]]]":                 "x",
		"bell\a null\x00 \xff end":  "bell null end",
		"-v evil":                   "-v evil",
		"$(reboot) `reboot` | true": "$(reboot) `reboot` | true",
	} {
		if got := plain(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func newEspeak(t *testing.T, o EspeakOptions) *Espeak {
	t.Helper()
	e, err := NewEspeak(o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func speak(t *testing.T, s Speaker, r Request) []int16 {
	t.Helper()
	samples, err := s.Speak(t.Context(), r)
	if err != nil {
		t.Fatalf("%+v: %v (is espeak-ng installed? `make test` does it)", r, err)
	}
	return samples
}

func TestEspeakSpeaks(t *testing.T) {
	e := newEspeak(t, EspeakOptions{})
	if err := e.Available(t.Context()); err != nil {
		t.Fatalf("%v: espeak-ng is not installed: run `make test`, which installs what the tests need", err)
	}
	for _, r := range []Request{
		{Text: "Bom dia, aqui é da loja. Tudo bem?", Language: "pt-BR"},
		{Text: "Buenos días, le llamamos de la tienda.", Language: "es"},
		{Text: "Buenos días, le llamamos de la tienda.", Language: "es-419", Voice: "f2"},
		{Text: "Good morning, this is the shop calling.", Language: "en-US"},
		{Text: "Good morning, this is the shop calling.", Language: "en"},
	} {
		s := speak(t, e, r)
		if d := audio.Duration(len(s), audio.Rate); d < time.Second || d > 6*time.Second {
			t.Errorf("%+v lasts %v", r, d)
		}
		loudest := audio.Floor
		for i := 0; i+800 <= len(s); i += 800 {
			loudest = max(loudest, audio.Level(s[i:i+800]))
		}
		if whole := audio.Level(s); whole < -26 || whole > -17 || loudest > -10 {
			t.Errorf("%+v is at %.1f dBFS, at most %.1f", r, whole, loudest)
		}
	}
	slow := speak(t, e, Request{Text: "um dois três quatro cinco", Speed: 0.6})
	fast := speak(t, e, Request{Text: "um dois três quatro cinco", Speed: 1.8})
	if float64(len(slow)) < 1.5*float64(len(fast)) {
		t.Errorf("slow %d samples, fast %d", len(slow), len(fast))
	}
	if _, err := e.Speak(t.Context(), Request{Text: "x", Language: "qx"}); fault.CodeOf(err) != "speech_voice" {
		t.Errorf("a language nobody speaks: %v", err)
	}
}

// What is said is data, whatever it looks like.
func TestEspeakTakesTextAsText(t *testing.T) {
	e := newEspeak(t, EspeakOptions{})
	mark := filepath.Join(t.TempDir(), "mark")
	for _, text := range []string{"--version", "-f /etc/passwd", "$(touch " + mark + ")", "`touch " + mark + "`", "x; touch " + mark, "%s%n", "<speak>a & b</speak>"} {
		if s := speak(t, e, Request{Text: text, Language: "en"}); audio.Duration(len(s), audio.Rate) < 100*time.Millisecond {
			t.Errorf("%q lasts %d samples", text, len(s))
		}
	}
	if _, err := os.Stat(mark); err == nil {
		t.Error("a text was executed")
	}
}

// program writes a script that stands in for the synthesiser.
func program(t *testing.T, body string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "speaker")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestEspeakFails(t *testing.T) {
	for _, tt := range []struct {
		name, program string
		available     bool
	}{
		{"not installed", filepath.Join(t.TempDir(), "none"), false},
		{"fails", program(t, "exit 3"), false},
		{"writes nonsense", program(t, "echo nonsense"), true},
		{"writes nothing", program(t, "exit 0"), true},
		{"never ends", program(t, "exec tail -f /dev/null"), false},
		{"writes without end", program(t, "exec cat /dev/zero"), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := newEspeak(t, EspeakOptions{Program: tt.program, Timeout: 500 * time.Millisecond})
			if _, err := e.Speak(t.Context(), Request{Text: "x"}); fault.KindOf(err) != fault.Unavailable || fault.CodeOf(err) != "speech_unavailable" {
				t.Errorf("%v", err)
			}
			if err := e.Available(t.Context()); (err == nil) != tt.available {
				t.Errorf("available: %v", err)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := newEspeak(t, EspeakOptions{}).Speak(ctx, Request{Text: "x"}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// counting is a stand-in that notes each of its runs in a file and then speaks.
func counting(t *testing.T) (path string, runs func() int) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "runs")
	path = program(t, `echo run >> '`+log+`'; exec espeak-ng "$@"`)
	return path, func() int {
		b, _ := os.ReadFile(log)
		return strings.Count(string(b), "run")
	}
}

func TestEspeakSpeaksOnce(t *testing.T) {
	path, runs := counting(t)
	folder := filepath.Join(t.TempDir(), "kept")
	e := newEspeak(t, EspeakOptions{Program: path, Folder: folder, Timeout: time.Minute})
	r := Request{Text: "Uma frase para todos."}
	var all sync.WaitGroup
	var differ atomic.Int32
	want := speak(t, e, r)
	other := Request{Text: "Outra frase, que muitos pedem ao mesmo tempo."}
	for range 20 {
		all.Go(func() {
			if s, err := e.Speak(t.Context(), other); err != nil || len(s) == 0 {
				differ.Add(1)
			}
			if s, err := e.Speak(t.Context(), r); err != nil || !slices.Equal(s, want) {
				differ.Add(1)
			}
		})
	}
	all.Wait()
	if differ.Load() != 0 || runs() != 2 {
		t.Errorf("%d runs for two sentences, %d got something else", runs(), differ.Load())
	}
	speak(t, e, Request{Text: r.Text, Speed: 1.5})
	speak(t, e, Request{Text: r.Text, Voice: "f2"})
	if runs() != 4 {
		t.Errorf("%d runs: another pace or voice is another sound", runs())
	}
	// A new process finds it on disk.
	again := newEspeak(t, EspeakOptions{Program: path, Folder: folder, Timeout: time.Minute})
	if s := speak(t, again, r); !slices.Equal(s, want) || runs() != 4 {
		t.Errorf("from the disk it differs, or was spoken again (%d runs)", runs())
	}
	// A broken file is made anew.
	files, _ := filepath.Glob(filepath.Join(folder, "*"+suffix))
	for _, f := range files {
		if err := os.WriteFile(f, []byte("broken"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	third := newEspeak(t, EspeakOptions{Program: path, Folder: folder, Timeout: time.Minute})
	if s := speak(t, third, r); !slices.Equal(s, want) || runs() != 5 {
		t.Errorf("a broken file was played, or not replaced (%d runs)", runs())
	}
}

func TestCacheIsBounded(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "mine.txt"), make([]byte, 5000), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := newCache(folder, 10000, 10000)
	if err != nil {
		t.Fatal(err)
	}
	made := 0
	get := func(key string, samples int) []int16 {
		s, err := c.get(t.Context(), key, func() ([]int16, error) { made++; return make([]int16, samples), nil })
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for i := range 50 {
		get(string(rune('a'+i%25)), 500)
		get("often", 500)
		if c.size > c.most {
			t.Fatalf("%d bytes in memory", c.size)
		}
	}
	if made < 26 {
		t.Errorf("made %d", made)
	}
	total := int64(0)
	for _, f := range c.files() {
		total += f.size
	}
	if total > 10000 || total == 0 || c.onDisk != total {
		t.Errorf("%d bytes on disk, thought %d", total, c.onDisk)
	}
	if _, err := os.Stat(filepath.Join(folder, "mine.txt")); err != nil {
		t.Error("somebody else's file was removed")
	}
	if len(get("huge", 50000)) != 50000 || c.byKey["huge"] != nil {
		t.Error("what does not fit is given, and not kept")
	}
}

// Who waits for another's work that fails does it himself; who gives up waiting leaves.
func TestCacheTakesOver(t *testing.T) {
	c, err := newCache("", 1000, 0)
	if err != nil {
		t.Fatal(err)
	}
	started, release := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		_, err := c.get(t.Context(), "k", func() ([]int16, error) { close(started); <-release; return nil, errors.New("failed") })
		if err == nil {
			t.Error("the first had an error")
		}
	})
	<-started
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.get(gone, "k", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("who gives up: %v", err)
	}
	all.Go(func() {
		s, err := c.get(t.Context(), "k", func() ([]int16, error) { return []int16{7}, nil })
		if err != nil || len(s) != 1 {
			t.Errorf("the second: %v, %v", s, err)
		}
	})
	close(release)
	all.Wait()
}

func TestFiles(t *testing.T) {
	folder := t.TempDir()
	outside := filepath.Join(folder, "secret.wav")
	write := func(path string, rate, n int) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(audio.WriteWAV(f, audio.Clip{Rate: rate, Samples: make([]int16, n)}), f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	sounds := filepath.Join(folder, "sounds")
	write(outside, 8000, 10)
	write(filepath.Join(sounds, "acme", "hello.wav"), 16000, 16000)
	write(filepath.Join(sounds, "acme", "bye.v2.wav"), 8000, 400)
	write(filepath.Join(sounds, "other", "theirs.wav"), 8000, 10)
	if err := os.WriteFile(filepath.Join(sounds, "acme", "text.wav"), []byte("no sound"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(sounds, "acme", "dir.wav"), 0o700); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"link.wav": outside, "up.wav": "../other/../../secret.wav"} {
		if err := os.Symlink(to, filepath.Join(sounds, "acme", link)); err != nil {
			t.Fatal(err)
		}
	}
	f, err := OpenFiles(sounds, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	tests := []struct {
		workspace, file string
		samples         int
		code            string
	}{
		{"acme", "hello", 8000, ""},
		{"acme", "hello.wav", 8000, ""},
		{"acme", "bye.v2", 400, ""},
		{"acme", "none", 0, "sound_missing"},
		{"nobody", "hello", 0, "sound_missing"},
		{"acme", "dir", 0, "sound_missing"},
		{"acme", "text", 0, "wav_not_wav"},
		{"acme", "", 0, "sound_name_invalid"},
		{"acme", ".", 0, "sound_name_invalid"},
		{"acme", "..", 0, "sound_name_invalid"},
		{"acme", "../other/theirs", 0, "sound_name_invalid"},
		{"acme", "/etc/passwd", 0, "sound_name_invalid"},
		{"acme", `..\secret`, 0, "sound_name_invalid"},
		{"acme", "hello\x00", 0, "sound_name_invalid"},
		{"acme", strings.Repeat("a", 101), 0, "sound_name_invalid"},
		{"..", "secret", 0, "sound_name_invalid"},
		{".", "secret", 0, "sound_name_invalid"},
		{"", "secret", 0, "sound_name_invalid"},
		{"acme/../other", "theirs", 0, "sound_name_invalid"},
	}
	for _, tt := range tests {
		s, err := f.Sound(t.Context(), tt.workspace, tt.file)
		if tt.code == "" && (err != nil || len(s) != tt.samples) || tt.code != "" && fault.CodeOf(err) != tt.code {
			t.Errorf("%q %q: %d samples, %v; want %d, %q", tt.workspace, tt.file, len(s), err, tt.samples, tt.code)
		}
	}
	for _, link := range []string{"link", "up"} {
		if s, err := f.Sound(t.Context(), "acme", link); err == nil {
			t.Errorf("%s leads out of the folder: %d samples", link, len(s))
		}
	}
	names, err := f.Names("acme")
	if err != nil || !slices.Equal(names, []string{"bye.v2", "hello", "text"}) {
		t.Errorf("%v, %v", names, err)
	}
	if names, err := f.Names("nobody"); err != nil || len(names) != 0 {
		t.Errorf("%v, %v", names, err)
	}
	if _, err := f.Names("../x"); fault.CodeOf(err) != "sound_name_invalid" {
		t.Errorf("%v", err)
	}

	write(filepath.Join(sounds, "acme", "bye.v2.wav"), 8000, 500) // replaced while we run
	if s, err := f.Sound(t.Context(), "acme", "bye.v2"); err != nil || len(s) != 500 {
		t.Errorf("the replaced file: %d samples, %v", len(s), err)
	}
}

// speakerFunc is a Speaker for tests.
type speakerFunc func() ([]int16, error)

func (f speakerFunc) Speak(context.Context, Request) ([]int16, error) { return f() }

func TestFallback(t *testing.T) {
	var told []string
	var there bool
	f := &Fallback{
		Speaker: speakerFunc(func() ([]int16, error) {
			if there {
				return []int16{1, 2, 3}, nil
			}
			return nil, fault.New(fault.Unavailable, "speech_unavailable", fault.Params{"program": "espeak-ng"})
		}),
		Warn: func(e *fault.Error) { told = append(told, e.Code) },
	}
	const text = "Uma frase com seis palavras inteiras."
	for range 3 {
		s, warning, err := f.Say(t.Context(), Request{Text: text})
		if err != nil || warning == nil || warning.Code != "speech_unavailable" || warning.Params["program"] != "espeak-ng" {
			t.Fatalf("%v, %v", warning, err)
		}
		if d := audio.Duration(len(s), audio.Rate); d < time.Second || d > 5*time.Second || audio.Level(s) < -30 {
			t.Errorf("%v of tones at %.1f dBFS", d, audio.Level(s))
		}
	}
	there = true
	if s, warning, err := f.Say(t.Context(), Request{Text: text}); err != nil || warning != nil || len(s) != 3 {
		t.Errorf("%v %v %v", s, warning, err)
	}
	there = false
	if s, err := f.Speak(t.Context(), Request{Text: text}); err != nil || len(s) < 1000 {
		t.Errorf("%d samples, %v", len(s), err)
	}
	if len(told) != 2 {
		t.Errorf("warned %d times, want when it began and when it began again", len(told))
	}

	none := &Fallback{}
	if _, warning, err := none.Say(t.Context(), Request{Text: text}); err != nil || warning == nil {
		t.Errorf("without a speaker: %v, %v", warning, err)
	}
	if _, _, err := none.Say(t.Context(), Request{}); fault.CodeOf(err) != "required" {
		t.Errorf("nothing to say: %v", err)
	}
	broken := &Fallback{Speaker: speakerFunc(func() ([]int16, error) { return nil, context.Canceled })}
	if _, _, err := broken.Say(t.Context(), Request{Text: "x"}); !errors.Is(err, context.Canceled) {
		t.Errorf("a call that is over: %v", err)
	}
	if s := Tones(strings.Repeat("palavra ", 1000)); audio.Duration(len(s), audio.Rate) > mostTones {
		t.Errorf("%d samples of tones", len(s))
	}
}
