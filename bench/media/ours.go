package main

import (
	"math"
	"sync/atomic"

	"campanario/voice/audio"
	"campanario/voice/detect"
	"campanario/voice/media"
)

// sessions are calls of media.Session, each playing a sound and listening as a call does.
type sessions struct {
	o     options
	stack *media.Stack
	all   []*media.Session
	heard []*ear
}

// ear listens to one call. Its fields belong to the session's goroutine, but for the count.
type ear struct {
	n      atomic.Uint64
	answer *detect.Answer
	speech *detect.Activity
	energy int
}

func (e *ear) frame(f []int16) {
	e.n.Add(1)
	if e.answer != nil {
		e.answer.Hear(f)
		e.speech.Hear(f)
		return
	}
	e.energy += audio.MeanAbs(f)
}

// loop plays a sound again and again, from a place of its own.
type loop struct {
	pcm []int16
	at  int
}

func (l *loop) ReadFrame(buf []int16) int {
	n := 0
	for n < len(buf) {
		c := copy(buf[n:], l.pcm[l.at:])
		n, l.at = n+c, (l.at+c)%len(l.pcm)
	}
	return n
}

func newSessions(o options) *sessions { return &sessions{o: o} }

func (s *sessions) open(calls int) ([]uint16, error) {
	stack, err := media.New(media.Options{Workers: s.o.Workers})
	if err != nil {
		return nil, err
	}
	s.stack = stack
	stack.Start()
	var ports []uint16
	for range calls {
		e := &ear{}
		if s.o.Detect {
			e.answer, e.speech = detect.NewAnswer(detect.Params{}), detect.NewActivity(detect.ActivityParams{})
		}
		x, err := stack.NewSession(media.Handlers{Frame: e.frame})
		if err != nil {
			return nil, err
		}
		s.all, s.heard = append(s.all, x), append(s.heard, e)
		ports = append(ports, x.Local().Port())
	}
	return ports, nil
}

func (s *sessions) start(farEnd []uint16) error {
	pcm := speechLike()
	for i, x := range s.all {
		x.SetSource(&loop{pcm: pcm, at: i * 37 % len(pcm)})
		if err := x.Start(media.Params{
			Remote: loopback(farEnd[i%len(farEnd)]), Codec: audio.PCMA, PayloadType: 8, Events: 101, Direction: media.SendRecv,
		}); err != nil {
			return err
		}
	}
	return nil
}

// speechLike is two seconds of something that swells and fades.
func speechLike() []int16 {
	pcm := make([]int16, 2*audio.Rate)
	for i := range pcm {
		at := float64(i) / audio.Rate
		v := math.Sin(2*math.Pi*170*at) + 0.5*math.Sin(2*math.Pi*510*at) + 0.3*math.Sin(2*math.Pi*2300*at)
		pcm[i] = audio.Clamp(5000 * v * (0.55 + 0.45*math.Sin(2*math.Pi*3*at)))
	}
	return pcm
}

func (s *sessions) counts() (sent, received uint64) {
	for _, x := range s.all {
		st := x.Stats()
		sent += st.Sent
		received += st.Received.Packets
	}
	return sent, received
}

func (s *sessions) lateness() (media.Histogram, uint64) {
	return s.stack.Pacer().Lateness(), s.stack.Pacer().Missed()
}

func (s *sessions) frames() uint64 {
	n := uint64(0)
	for _, e := range s.heard {
		n += e.n.Load()
	}
	return n
}

func (s *sessions) hush() { s.stack.Pacer().Stop() }

func (s *sessions) close() {
	if s.stack != nil {
		s.stack.Stop()
	}
}
