package dialog

import "testing"

func TestInfo(t *testing.T) {
	together(t, TrunkOptions{}, pickUp, func(p *pair) {
		c, w, _ := p.call(Invite{})
		w.until(HappenedAnswered)
		in := <-p.incoming
		p.seen.until(HappenedAcked)
		in.Info("application/dtmf-relay", []byte("Signal=7\r\nDuration=120\r\n"))
		if e, _ := w.until(HappenedKey); e.Key != '7' || e.Duration.Milliseconds() != 120 {
			t.Errorf("%+v", e)
		}
		in.Info("text/plain", []byte("hello"))
		settle()
		if p.net.sent("10.0.0.1", "SIP/2.0 415") != 1 {
			t.Error("a body that we cannot read was taken")
		}
		c.Hangup()
		ended(t, c)
	})
}
