package voice

import (
	"campanario/voice/audio"
	"campanario/voice/dialog"
	"campanario/voice/media"
	"campanario/voice/sdp"
)

// sipLeg is a call over SIP and RTP: the leg of a call, and the dialog.Media of its signalling, which agrees on the sound.
type sipLeg struct {
	sip     *dialog.Call
	session *media.Session
	party   *sdp.Party
	started bool // of the session; belongs to the signalling's own order
}

var (
	_ leg          = (*sipLeg)(nil)
	_ dialog.Media = (*sipLeg)(nil)
)

func newSIPLeg(s *media.Session, codecs []audio.Codec) *sipLeg {
	return &sipLeg{session: s, party: sdp.New(sdp.Options{Local: s.Local(), Codecs: codecs})}
}

// Offer implements dialog.Media.
func (l *sipLeg) Offer() ([]byte, error) { return l.party.Offer(media.SendRecv), nil }

// Answer implements dialog.Media. A far end that holds us is not sent anything, and still heard if it wants to be.
func (l *sipLeg) Answer(offer []byte) ([]byte, error) {
	ours, agreed, err := l.party.Answer(offer, media.SendRecv)
	if err != nil {
		return nil, err
	}
	return ours, l.agree(agreed)
}

// Accept implements dialog.Media. The sound begins with the first answer, so that packets have a way back through
// address translation; what is heard before the call is answered goes nowhere.
func (l *sipLeg) Accept(answer []byte, _ bool) error {
	agreed, err := l.party.Accept(answer)
	if err != nil {
		return err
	}
	return l.agree(agreed)
}

func (l *sipLeg) agree(a sdp.Agreement) error {
	switch {
	case !l.started:
		l.started = true
		return l.session.Start(a.Params)
	case a.Unchanged:
		return nil
	default:
		return l.session.Update(a.Params)
	}
}

// Play implements leg.
func (l *sipLeg) Play(src audio.Source) { l.session.SetSource(src) }

// SendKeys implements leg.
func (l *sipLeg) SendKeys(keys string) error { return l.session.SendKeys(keys) }

// Hangup implements leg.
func (l *sipLeg) Hangup() {
	l.session.Hush()
	l.sip.Hangup()
}

// Final implements leg.
func (l *sipLeg) Final() dialog.Final { return l.sip.Final() }

// Close implements leg.
func (l *sipLeg) Close() { l.session.Close() }
