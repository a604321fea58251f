package voice

import (
	"log/slog"
	"math/rand/v2"
	"testing"

	"campanario/agent"
	"campanario/channel"
	"campanario/voice/audio"
)

// BenchmarkFrame is what 20 ms of one call cost beyond its packets: ears, sense of speech and the player.
func BenchmarkFrame(b *testing.B) {
	a, err := agent.ParseAgent([]byte(testAgent))
	if err != nil {
		b.Fatal(err)
	}
	plan, err := agent.NewPlan(a, agent.Call{}, "")
	if err != nil {
		b.Fatal(err)
	}
	brief, err := plan.Brief(agent.Variables{"name": "Maria"})
	if err != nil {
		b.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	scripts := NewScripts(&fakeSpeaker{}, nil, log)
	c := newCall(channel.Order{Attempt: "a", Content: brief}, brief, newReporter(), scripts, scripts.leaver(), log)
	c.ears = newEars(brief.Call.Detection)
	conv, err := scripts.Open(b.Context(), Setup{Brief: brief})
	if err != nil {
		b.Fatal(err)
	}
	defer conv.Close()
	conv.Begin()
	go func() {
		for range conv.Events() {
		}
	}()
	c.hearer.Store(&conv)
	c.listening.Store(true)
	rng := rand.New(rand.NewPCG(1, 2))
	frames := make([][]int16, 64)
	for i := range frames {
		frames[i] = make([]int16, audio.FrameSize)
		for j := range frames[i] {
			frames[i][j] = int16(rng.IntN(4000) - 2000)
		}
	}
	out := make([]int16, audio.FrameSize)
	c.player.push(Audio{Item: "a", Samples: make([]int16, 60*audio.Rate)})
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		c.frame(frames[i%len(frames)])
		c.player.ReadFrame(out)
		i++
	}
}
