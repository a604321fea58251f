// Package speech turns what an agent has to say into sound of 8 kHz: text through a speech synthesiser, recorded WAV
// files by name, and tones where there is neither.
//
// The synthesiser is eSpeak NG, run as a program of its own for every text (it is under the GPL, and a crash of it ends
// nothing of ours). The text goes in by standard input and never meets a shell; the sound comes back as a WAV file by
// standard output. A sentence takes some ten milliseconds and is kept in memory, and on disk if a folder is given, so
// that a campaign's sentence is spoken once and not once per call.
package speech

import (
	"context"
	"strings"
	"unicode"

	"campanario/internal/fault"
)

// Request is something to be spoken.
type Request struct {
	Text     string
	Language string  // BCP 47, such as pt-BR; empty is pt-BR
	Voice    string  // variant of the language's voice, such as f2 or m3; empty for the usual one
	Speed    float64 // 0.5 to 2; 0 is 1
}

// Speaker turns a text into sound of 8 kHz. It is safe for concurrent use. The samples belong to everybody who asked for
// them and are not changed. Faults of kind invalid say what is wrong with the request; those of kind unavailable, that
// there is no voice now.
type Speaker interface {
	Speak(ctx context.Context, r Request) ([]int16, error)
}

// Bounds of a request.
const (
	maxText     = 5000 // bytes: some five minutes
	minSpeed    = 0.5
	maxSpeed    = 2.0
	usualPace   = 155 // words a minute at speed 1
	usualTongue = "pt-BR"
)

// clean brings a request into the form that is spoken and kept, or says what is wrong with it.
func (r Request) clean() (Request, error) {
	var problems fault.List
	add := func(field, code string, p fault.Params) {
		problems = append(problems, fault.New(fault.Invalid, code, p).At(field))
	}
	if len(r.Text) > maxText {
		add("text", "too_long", fault.Params{"max": maxText})
		r.Text = ""
	} else if r.Text = plain(r.Text); r.Text == "" {
		add("text", "required", nil)
	}
	if r.Language == "" {
		r.Language = usualTongue
	}
	if voiceOf(r.Language) == "" {
		add("language", "speech_language", fault.Params{"value": cut(r.Language)})
	}
	if !variant(r.Voice) {
		add("voice", "speech_voice", fault.Params{"value": cut(r.Voice)})
	}
	if r.Speed == 0 {
		r.Speed = 1
	}
	if !(r.Speed >= minSpeed && r.Speed <= maxSpeed) { // false for what is no number, too
		add("speed", "out_of_range", fault.Params{"value": r.Speed, "min": minSpeed, "max": maxSpeed})
	}
	return r, problems.Err()
}

// plain removes what is not to be read aloud: control characters, broken UTF-8, and the double brackets in which eSpeak
// takes phonemes instead of words.
func plain(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r' || unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	text = strings.NewReplacer("[[", " ", "]]", " ").Replace(text)
	return strings.Join(strings.Fields(text), " ")
}

// voiceOf names eSpeak's voice for a language: the one of the region where it has several and the difference is heard;
// empty for what is no language.
func voiceOf(tag string) string {
	base, rest, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(tag, "_", "-")), "-")
	if len(base) < 2 || len(base) > 3 || strings.IndexFunc(base, func(r rune) bool { return r < 'a' || r > 'z' }) >= 0 {
		return ""
	}
	switch {
	case base == "pt" && rest != "pt":
		return "pt-br"
	case base == "es" && rest != "" && rest != "es":
		return "es-419"
	case base == "en" && rest == "gb":
		return "en-gb"
	case base == "en":
		return "en-us"
	}
	return base
}

// variant reports whether s may be the name of a variant of a voice.
func variant(s string) bool {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
	return len(s) <= 32 && strings.Trim(s, allowed) == ""
}

// cut bounds what is repeated to the user.
func cut(s string) string {
	const most = 40
	r := []rune(strings.ToValidUTF8(s, "?"))
	if len(r) > most {
		return string(r[:most]) + "…"
	}
	return string(r)
}
