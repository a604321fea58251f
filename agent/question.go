package agent

import "strings"

// ask opens a question. Keys pressed before it answer it without its being asked; when they are no answer, they are
// forgotten and it is.
func (m *Machine) ask(n *node) {
	m.entry = nil
	m.do(Listen{Keys: true, Speech: n.ask.AnySpeech != ""})
	if m.answerAhead() {
		return
	}
	switch {
	case n.text != nil:
		m.sayTemplate(n.text)
	case n.play != "":
		m.play(n.play)
	default:
		m.await()
	}
}

// answerAhead answers the question at hand with the keys pressed before its turn, and reports whether they did.
func (m *Machine) answerAhead() bool {
	visits := m.visits
	for len(m.ahead) > 0 {
		k := m.ahead[0]
		m.ahead = m.ahead[1:]
		if !m.fits(k) {
			m.ahead, m.entry = nil, nil
			return false
		}
		m.press(k)
		if m.visits != visits || m.over {
			return true
		}
	}
	return len(m.entry) > 0 // an entry was begun: wait for the rest of it
}

// fits reports whether a key can be part of an answer to the question at hand.
func (m *Machine) fits(k byte) bool {
	a := m.at.ask
	if _, ok := a.Keys[string(k)]; ok && len(m.entry) == 0 {
		return true
	}
	return a.Collect != nil && ('0' <= k && k <= '9' || len(m.entry) >= a.Collect.Min && string(k) == a.Collect.Terminator)
}

// key takes a key of the person's.
func (m *Machine) key(key string) {
	if len(key) != 1 || !strings.Contains(telephoneKeys, key) {
		return
	}
	k := key[0]
	if again := k == m.last && m.now-m.lastAt < bounce; again {
		return
	}
	open := !m.prelude && m.at.kind == kindAsk
	if !open || m.playing && m.at.interrupt == InterruptNever {
		m.keep(k)
		return
	}
	m.hush("key")
	m.press(k)
}

// keep puts a key by for the next question and cuts short what is being said, if it may be.
func (m *Machine) keep(k byte) {
	if len(m.ahead) < maxAhead {
		m.ahead = append(m.ahead, k)
	}
	if m.playing && (m.prelude || m.at.interrupt != InterruptNever) {
		m.hush("key")
		m.played()
	}
}

// press answers the open question with a key.
func (m *Machine) press(k byte) {
	a, c := m.at.ask, m.at.ask.Collect
	if next, ok := a.Keys[string(k)]; ok && len(m.entry) == 0 {
		m.log("person", "key", string(k))
		m.answered(k, next)
		return
	}
	switch {
	case c == nil:
		m.log("person", "key", string(k))
		m.failed(a.Invalid)
	case '0' <= k && k <= '9':
		m.entry = append(m.entry, k)
		if len(m.entry) >= c.Max {
			m.collected(k)
			return
		}
		if len(m.ahead) == 0 {
			m.startTimer(c.Pause)
		}
	case string(k) == c.Terminator:
		m.collected(k)
	default:
		m.entry = append(m.entry, k)
		m.wrongEntry()
	}
}

// collected takes the digits pressed so far for the whole entry.
func (m *Machine) collected(by byte) {
	digits := string(m.entry)
	value, ok := m.at.ask.Collect.Value(digits)
	if !ok || !m.at.takes.Takes(value) {
		m.wrongEntry()
		return
	}
	m.log("person", "key", digits)
	m.entry = nil
	m.set(m.at.takes, value)
	m.answered(by, m.at.step.Next)
}

func (m *Machine) wrongEntry() {
	if len(m.entry) > 0 {
		m.log("person", "key", string(m.entry))
	}
	m.entry = nil
	m.failed(m.at.ask.Invalid)
}

// answered leaves the question by a good answer.
func (m *Machine) answered(by byte, next string) {
	m.last, m.lastAt = by, m.now
	delete(m.failures, m.at.name)
	m.stopTimer()
	m.enter(next)
}

// failed asks again after a wrong answer or none, or gives up.
func (m *Machine) failed(by string) {
	m.stopTimer()
	name := m.at.name
	m.failures[name]++
	switch {
	case m.failures[name] > m.at.retries:
		delete(m.failures, name)
		m.enter(m.at.ask.NoInput)
	case by != "":
		m.enter(by)
	default:
		m.enter(name)
	}
}

// await gives the person their time, now that the question is heard. Keys that came while it could not be interrupted
// count now.
func (m *Machine) await() {
	if len(m.ahead) > 0 && m.answerAhead() {
		return
	}
	if m.speaking && m.at.ask.AnySpeech != "" {
		m.heard = true
		m.startTimer(m.at.ask.MaxSpeech)
		return
	}
	m.startTimer(m.at.ask.Timeout)
}

// speechStarted takes the person's voice for an answer or an interruption, where it may be one.
func (m *Machine) speechStarted() {
	m.speaking = true
	if m.prelude || m.at == nil {
		return
	}
	interrupts := m.at.interrupt == InterruptSpeech
	switch m.at.kind {
	case kindAsk:
		if m.at.ask.AnySpeech == "" || m.playing && !interrupts || len(m.entry) > 0 {
			return
		}
		m.hush("speech")
		m.heard = true
		m.startTimer(m.at.ask.MaxSpeech)
	case kindSay, kindPlay:
		if m.playing && interrupts {
			m.hush("speech")
			m.heard = true
			m.startTimer(Duration(defaultMaxSpeech))
		}
	default:
	}
}

// speechEnded goes on once the person has finished.
func (m *Machine) speechEnded(text string) {
	if !m.speaking {
		return
	}
	m.speaking = false
	m.log("person", "speech", text)
	if m.heard {
		m.spoken()
	}
}

// spoken goes on after speech that counts.
func (m *Machine) spoken() {
	m.heard = false
	if m.at.kind == kindAsk {
		m.answered(0, m.at.ask.AnySpeech)
		return
	}
	m.enter(m.at.step.Next)
}

// lateAnswer goes on when the time for an answer is over: for speech, which then has been enough, for digits, which
// are then the whole entry, or for nothing.
func (m *Machine) lateAnswer() {
	switch {
	case m.heard:
		m.spoken()
	case len(m.entry) > 0:
		m.collected(0)
	default:
		m.failed(m.at.ask.Silence)
	}
}
