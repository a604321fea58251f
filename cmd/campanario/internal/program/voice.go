package program

import (
	"cmp"
	"context"
	"log/slog"
	"path/filepath"

	"campanario/internal/fault"
	"campanario/voice"
	"campanario/voice/dialog"
	"campanario/voice/dialog/transport"
	"campanario/voice/speech"
)

func sipAddress(o Options) string { return cmp.Or(o.SIP, "0.0.0.0:0") }

// newVoice makes the adapter of calls. Who has no speech synthesiser hears tones.
func newVoice(o Options, sounds *speech.Files, log *slog.Logger) (*voice.Adapter, error) {
	espeak, err := speech.NewEspeak(speech.EspeakOptions{Folder: filepath.Join(o.Data, "speech")})
	if err != nil {
		return nil, err
	}
	addr := sipAddress(o)
	return voice.New(voice.Options{
		SIP: dialog.Options{
			Listen: []dialog.Listen{{Network: transport.UDP, Addr: addr}, {Network: transport.TCP, Addr: addr}},
			Public: o.Public, Product: "Campanario",
		},
		Speaker: &speech.Fallback{Speaker: espeak, Warn: func(e *fault.Error) { log.Warn("speech_missing", "error", e) }},
		Sounds:  sounds, Log: log,
	})
}

// SpeechMissing says why agents could not speak; nil when they can.
func SpeechMissing(ctx context.Context) error {
	espeak, err := speech.NewEspeak(speech.EspeakOptions{})
	if err != nil {
		return err
	}
	return espeak.Available(ctx)
}
