package carrier

import (
	"sync"

	"campanario/voice/audio"
	"campanario/voice/dialog"
	"campanario/voice/media"
	"campanario/voice/sdp"
)

// leg is the sound of one call: the dialog.Media of its signalling. Its ports are opened when they are first described,
// so that a call that is refused has none.
type leg struct {
	carrier *Carrier
	cipher  media.Cipher
	garbage bool
	ear     *ear
	key     func(key rune)

	mu      sync.Mutex    // the far end's script and the signalling meet here
	ready   chan struct{} // closed when sound can be played
	session *media.Session
	party   *sdp.Party
	started bool
	held    bool
	closed  bool
}

var _ dialog.Media = (*leg)(nil)

func (l *leg) want() media.Direction {
	if l.held {
		return media.SendOnly
	}
	return media.SendRecv
}

// open makes the party, and the session if there is to be sound. The lock is held.
func (l *leg) open() error {
	if l.party != nil {
		return nil
	}
	local := l.carrier.deaf
	if l.carrier.opt.Sound == SoundReal {
		s, err := l.carrier.media.NewSession(media.Handlers{Frame: l.ear.frame, Key: l.key})
		if err != nil {
			return err
		}
		l.session, local = s, s.Local()
	}
	l.party = sdp.New(sdp.Options{Local: local, Codecs: []audio.Codec{audio.PCMA, audio.PCMU}})
	return nil
}

// Offer implements dialog.Media.
func (l *leg) Offer() ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.open(); err != nil {
		return nil, err
	}
	return l.party.Offer(l.want()), nil
}

// Answer implements dialog.Media.
func (l *leg) Answer(offer []byte) ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.garbage {
		return []byte("v=0\r\nthis is no session description\r\nm=\x01\xff\r\n"), nil
	}
	if err := l.open(); err != nil {
		return nil, err
	}
	ours, agreed, err := l.party.Answer(offer, l.want())
	if err != nil {
		return nil, err
	}
	return ours, l.agree(agreed)
}

// Accept implements dialog.Media.
func (l *leg) Accept(answer []byte, _ bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	agreed, err := l.party.Accept(answer)
	if err != nil {
		return err
	}
	return l.agree(agreed)
}

// agree needs the lock.
func (l *leg) agree(a sdp.Agreement) error {
	a.Cipher = l.cipher
	switch {
	case l.session == nil || l.closed:
		return nil
	case !l.started:
		l.started = true
		defer close(l.ready)
		return l.session.Start(a.Params)
	case a.Unchanged:
		return nil
	}
	return l.session.Update(a.Params)
}

// hold changes what the next offer wants.
func (l *leg) hold(on bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held = on
}

// play replaces what is played. false when there is no sound.
func (l *leg) play(src audio.Source) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.session == nil || l.closed {
		return false
	}
	l.session.SetSource(src)
	return true
}

func (l *leg) press(keys string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.session != nil && !l.closed {
		_ = l.session.SendKeys(keys) // keys of ours are keys
	}
}

func (l *leg) close() {
	l.mu.Lock()
	s := l.session
	l.closed = true
	l.mu.Unlock()
	if s != nil {
		s.Close()
	}
}
