package voice

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"campanario/agent"
	"campanario/channel"
	"campanario/internal/freeport"
	"campanario/voice/audio"
)

// baresip is a telephone that is not ours, on loopback: it answers by itself, plays a file, and records what it hears.
type baresip struct {
	t    *testing.T
	dir  string
	port int
	cmd  *exec.Cmd
	ctrl net.Conn
	read *bufio.Reader
	out  *watched
	cert []byte // its certificate, PEM
	stop func() // ends it, and waits for that
}

// watched is the output of a program, of which a test can await a part.
type watched struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{}
}

func (w *watched) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text.Write(b)
	close(w.changed)
	w.changed = make(chan struct{})
	return len(b), nil
}

// until waits for the words, and reports false when others come first.
func (w *watched) until(t *testing.T, words, instead string) bool {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		w.mu.Lock()
		text, changed := w.text.String(), w.changed
		w.mu.Unlock()
		if strings.Contains(text, words) {
			return true
		}
		if strings.Contains(text, instead) {
			return false
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("baresip never said %q:\n%s", words, text)
		}
	}
}

// freePort is a port that is free, as is the next one.
func freePort(t *testing.T) int {
	t.Helper()
	port, err := freeport.Find(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// newBaresip starts a telephone that plays the sound to whoever calls it.
func newBaresip(t *testing.T, transport Transport, plays []int16, account string) *baresip {
	t.Helper()
	program, err := exec.LookPath("baresip")
	if err != nil {
		t.Fatal("baresip is missing: install the Debian package baresip-core, or run `make test`")
	}
	for range 5 { // somebody may take its ports in the moment before it does
		if b := startBaresip(t, program, transport, plays, account); b != nil {
			return b
		}
	}
	t.Fatal("baresip does not start")
	return nil
}

func startBaresip(t *testing.T, program string, transport Transport, plays []int16, account string) *baresip {
	t.Helper()
	b := &baresip{t: t, dir: t.TempDir(), port: freePort(t), out: &watched{changed: make(chan struct{})}}
	control := freePort(t)
	listen := b.port
	b.certificate() // without one it does not start
	if transport == SIPS {
		listen-- // it takes TLS one port up
	}
	config := fmt.Sprintf(`poll_method epoll
sip_listen 127.0.0.1:%d
sip_certificate %s/cert.pem
net_interface 127.0.0.1
audio_player alsa,null
audio_source aufile,%s/plays.wav
audio_alert alsa,null
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
jitter_buffer_delay 1-2
module_path %s
module g711.so
module sndfile.so
module aufile.so
module alsa.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:%d
snd_path %s
`, listen, b.dir, b.dir, modules(t), control, b.dir)
	b.write("config", []byte(config))
	b.write("accounts", fmt.Appendf(nil, "<sip:+5511987654321@127.0.0.1:%d;transport=%s>;regint=0;answermode=auto;%s\n", listen, transport, account))
	b.write("contacts", nil)
	var wav bytes.Buffer
	if err := audio.WriteWAV(&wav, audio.Clip{Rate: audio.Rate, Samples: plays}); err != nil {
		t.Fatal(err)
	}
	b.write("plays.wav", wav.Bytes())

	ctx, cancel := context.WithCancel(context.Background())
	b.cmd = exec.CommandContext(ctx, program, "-f", b.dir, "-v")
	b.cmd.Cancel = func() error { return b.cmd.Process.Signal(os.Interrupt) } // so that it closes its files
	b.cmd.WaitDelay = 10 * time.Second
	b.cmd.Stdout, b.cmd.Stderr = b.out, b.out
	if err := b.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	b.stop = sync.OnceFunc(func() {
		cancel()
		_ = b.cmd.Wait()
	})
	t.Cleanup(func() {
		b.stop()
		if t.Failed() {
			b.out.mu.Lock()
			defer b.out.mu.Unlock()
			t.Logf("baresip said:\n%s", b.out.text.String())
		}
	})
	if !b.out.until(t, "baresip is ready", "unloading modules") {
		return nil
	}
	var err error
	if b.ctrl, err = net.Dial("tcp", "127.0.0.1:"+strconv.Itoa(control)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.ctrl.Close() })
	b.read = bufio.NewReader(b.ctrl)
	return b
}

// modules is where Debian puts baresip's modules.
func modules(t *testing.T) string {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib*/*/baresip/modules")
	more, _ := filepath.Glob("/usr/lib*/baresip/modules")
	for _, dir := range append(more, found...) {
		if _, err := os.Stat(filepath.Join(dir, "g711.so")); err == nil {
			return dir
		}
	}
	t.Fatal("baresip's modules are missing: install the Debian package baresip-core")
	return ""
}

func (b *baresip) write(name string, data []byte) {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, name), data, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// certificate makes the telephone's own.
func (b *baresip) certificate() {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "127.0.0.1"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		b.t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		b.t.Fatal(err)
	}
	b.cert = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	b.write("cert.pem", append(bytes.Clone(b.cert), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...))
}

// command asks something of the telephone, in the netstrings of its control port.
func (b *baresip) command(name, params string) {
	b.t.Helper()
	body, _ := json.Marshal(map[string]string{"command": name, "params": params, "token": "t"})
	if _, err := fmt.Fprintf(b.ctrl, "%d:%s,", len(body), body); err != nil {
		b.t.Fatal(err)
	}
}

// happens waits for an event of the telephone's, such as CALL_ESTABLISHED or CALL_DTMF_START, and gives its parameter.
func (b *baresip) happens(kind string) string {
	b.t.Helper()
	_ = b.ctrl.SetReadDeadline(time.Now().Add(30 * time.Second))
	for {
		size, err := b.read.ReadString(':')
		if err != nil {
			b.t.Fatalf("waiting for %s: %v", kind, err)
		}
		n, err := strconv.Atoi(strings.TrimSuffix(size, ":"))
		if err != nil {
			b.t.Fatal(err)
		}
		body := make([]byte, n+1)
		if _, err := io.ReadFull(b.read, body); err != nil {
			b.t.Fatal(err)
		}
		var e struct{ Type, Param string }
		if err := json.Unmarshal(body[:n], &e); err != nil {
			b.t.Fatal(err)
		}
		if e.Type == kind {
			return e.Param
		}
	}
}

// recorded ends the telephone and gives what it heard.
func (b *baresip) recorded() audio.Clip {
	b.t.Helper()
	b.stop()
	files, _ := filepath.Glob(filepath.Join(b.dir, "dump-*-dec.wav"))
	if len(files) != 1 {
		b.t.Fatalf("%d recordings", len(files))
	}
	f, err := os.Open(files[0])
	if err != nil {
		b.t.Fatal(err)
	}
	defer f.Close()
	c, err := audio.ReadWAV(f, 0)
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

func (b *baresip) line(transport Transport, more string) channel.Line {
	ca := ""
	if transport == SIPS {
		ca = fmt.Sprintf(`, "tls": {"ca": %s}`, mustJSON(string(b.cert)))
	}
	return channel.Line{
		ID: "peer", From: "+551130001000",
		Settings: json.RawMessage(fmt.Sprintf(`{"gateways": [{"host": "127.0.0.1", "port": %d, "transport": %q}], "number": {"prefix": ""}%s%s}`, b.port, transport, ca, more)),
	}
}

// listening counts what a conversation hears, for the telephone plays a tone. It speaks a script of its own.
type listening struct {
	Engine
	mu    sync.Mutex
	heard []int16
}

func (l *listening) Open(ctx context.Context, s Setup) (Conversation, error) {
	c, err := l.Engine.Open(ctx, s)
	return &listener{Conversation: c, all: l}, err
}

type listener struct {
	Conversation
	all *listening
}

func (l *listener) Hear(frame []int16) {
	l.all.mu.Lock()
	l.all.heard = append(l.all.heard, frame...)
	l.all.mu.Unlock()
	l.Conversation.Hear(frame)
}

// TestBaresip calls a telephone that is not ours, by each transport, with sound both ways: what it recorded must be what
// was said, at its length and loudness, and what it played must have been heard.
func TestBaresip(t *testing.T) {
	t.Parallel()
	for _, transport := range []Transport{UDP, TCP, SIPS} {
		for _, codec := range []string{"PCMA", "PCMU"} {
			t.Run(string(transport)+" "+codec, func(t *testing.T) {
				t.Parallel()
				b := newBaresip(t, transport, sine(1300, 60*time.Second), "audio_codecs="+strings.ToLower(codec))
				a := newAdapter(t, Options{})
				ear := &listening{Engine: a.engines[agent.KindScript]}
				a.engines[agent.KindScript] = ear
				r := newReporter()
				o := orderTo(b.line(transport, ""), briefOf(t, keypadAgent, agent.Call{Detection: agent.Detection{Off: true}}, "paid"), "attempt-1") // it plays a tone, which passes for a beep
				o.To = "+5511987654321"
				if _, err := a.Place(t.Context(), o, r); err != nil {
					t.Fatal(err)
				}
				b.happens("CALL_ESTABLISHED")
				out := r.within(t, 30*time.Second)
				if out.HungUpBy != "us" || out.ProviderCode != "200" {
					t.Errorf("outcome %+v", out)
				}
				b.happens("CALL_CLOSED")

				c := b.recorded()
				if c.Rate != audio.Rate {
					t.Fatalf("recorded at %d Hz", c.Rate)
				}
				// The question at 500 Hz for a second, three seconds of waiting, the goodbye at 650 Hz for a second.
				for hz, name := range map[float64]string{500: "question", 650: "goodbye"} {
					if d := toneTime(c.Samples, hz); d < 900*time.Millisecond || d > 1100*time.Millisecond {
						t.Errorf("it recorded %v of the %s, which lasts a second", d, name)
					}
				}
				if d := toneTime(c.Samples, 800); d > 0 {
					t.Errorf("it recorded %v of thanks that were never said", d)
				}
				loud := c.Samples[firstTone(c.Samples, 500)+4*audio.FrameSize:][:20*audio.FrameSize]
				if level := audio.Level(loud); level < -17 || level > -14.5 {
					t.Errorf("it recorded the question at %.1f dBFS, spoken at -15.3", level)
				}
				ear.mu.Lock()
				defer ear.mu.Unlock()
				heard := toneTime(ear.heard, 1300)
				if heard < out.Talk/2 || heard > out.Talk+500*time.Millisecond {
					t.Errorf("we heard %v of its tone in a call of %v", heard, out.Talk)
				}
			})
		}
	}
}

// TestBaresipVoicemail has the telephone play an announcement and a beep: the message must be on its recording, whole, and
// after the beep.
func TestBaresipVoicemail(t *testing.T) {
	t.Parallel()
	announcement := spoken(t, "Você ligou para a caixa postal. Agora não posso atender. Deixe o seu recado após o sinal.", "")
	beep := len(announcement) + audio.Samples(700*time.Millisecond)
	plays := make([]int16, beep+40*audio.Rate)
	copy(plays, announcement)
	copy(plays[beep:], sine(1000, 500*time.Millisecond))
	b := newBaresip(t, UDP, plays, "")
	a := newAdapter(t, Options{})
	r := newReporter()
	c := agent.Call{Voicemail: agent.Voicemail{Action: agent.VoicemailLeaveMessage, Say: "Ligue para nós. 900"}}
	if _, err := a.Place(t.Context(), orderTo(b.line(UDP, ""), briefOf(t, keypadAgent, c, ""), "attempt-1"), r); err != nil {
		t.Fatal(err)
	}
	b.happens("CALL_ESTABLISHED")
	out := r.within(t, time.Minute)
	if out.Code != channel.MessageLeft || out.AnsweredBy != "machine" {
		t.Errorf("%s, answered by %s: %+v", out.Code, out.AnsweredBy, out.Dialogue)
	}
	b.happens("CALL_CLOSED")
	rec := b.recorded().Samples
	if d := toneTime(rec, 900); d < 900*time.Millisecond || d > 1100*time.Millisecond {
		t.Errorf("it recorded %v of a message of one second", d)
	}
	said := out.Dialogue[len(out.Dialogue)-1]
	if after := audio.Duration(beep, audio.Rate); said.At < after {
		t.Errorf("the message began at %v, the beep at %v", said.At, after)
	}
	var order []string
	for _, turn := range out.Dialogue {
		if turn.What == "machine" || turn.What == "beep" || turn.Text == "Ligue para nós. 900" {
			order = append(order, turn.What)
		}
	}
	if want := []string{"machine", "beep", "say"}; !slices.Equal(order, want) {
		t.Errorf("%v, want %v: %+v", order, want, out.Dialogue)
	}
}

// firstTone is the sample at which a tone begins.
func firstTone(samples []int16, hz float64) int {
	for i := 0; i+audio.FrameSize <= len(samples); i += audio.FrameSize {
		if toneTime(samples[i:i+audio.FrameSize], hz) > 0 {
			return i
		}
	}
	return 0
}

// TestBaresipKeys holds that keys go both ways, and that its hanging up is seen.
func TestBaresipKeys(t *testing.T) {
	t.Parallel()
	b := newBaresip(t, UDP, make([]int16, 30*audio.Rate), "")
	a := newAdapter(t, Options{})
	r := newReporter()
	o := orderTo(b.line(UDP, ""), briefOf(t, keypadAgent, agent.Call{}, "paid"), "attempt-1")
	if _, err := a.Place(t.Context(), o, r); err != nil {
		t.Fatal(err)
	}
	b.happens("CALL_ESTABLISHED")
	call := a.snapshot()[0]
	if err := call.leg.SendKeys("7#"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"7", "#"} {
		if got := b.happens("CALL_DTMF_START"); got != want {
			t.Errorf("it heard the key %q, want %q", got, want)
		}
		b.happens("CALL_DTMF_END")
	}
	b.command("sndcode", "1")
	out := r.within(t, 30*time.Second)
	if out.Code != channel.Completed || !out.Goal || out.Collected["paid"] != "true" {
		t.Errorf("its key led to %+v", out)
	}
	b.happens("CALL_CLOSED")
}

func TestBaresipHangsUp(t *testing.T) {
	t.Parallel()
	b := newBaresip(t, TCP, make([]int16, 30*audio.Rate), "")
	a := newAdapter(t, Options{})
	r := newReporter()
	if _, err := a.Place(t.Context(), orderTo(b.line(TCP, ""), briefOf(t, keypadAgent, agent.Call{}, ""), "attempt-1"), r); err != nil {
		t.Fatal(err)
	}
	b.happens("CALL_ESTABLISHED")
	b.command("hangup", "")
	if out := r.within(t, 30*time.Second); out.HungUpBy != "them" {
		t.Errorf("%+v", out)
	}
}
