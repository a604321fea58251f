package voice_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"campanario/agent"
	"campanario/channel"
	"campanario/sandbox"
	"campanario/sandbox/carrier"
	"campanario/voice"
	"campanario/voice/dialog"
	"campanario/voice/speech"
)

const surveyScript = `
name: Pesquisa
variables: [{name: answer, type: string}]
script:
  start: question
  steps:
    question:
      ask:
        say: "Olá, {{first_name}}. Aqui é da Clínica Sol. Para confirmar a sua consulta, tecle um."
        collect: {variable: answer, max: 1, terminator: none}
        timeout: 7s
        retries: 1
        no_input: bye
      next: won
    won: {goal: true, next: thanks}
    thanks: {say: "Muito obrigado. Até logo.", next: end}
    bye: {say: "Ligaremos de novo. Até logo.", next: end}
`

// ending keeps what a call reported.
type ending struct {
	mu      sync.Mutex
	stages  []channel.Stage
	out     []channel.Outcome
	done    chan struct{}
	closing sync.Once
}

func (e *ending) Signal(s channel.Signal) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if s.Step == "" {
		e.stages = append(e.stages, s.Stage)
	}
}

func (e *ending) Close(o channel.Outcome) {
	e.mu.Lock()
	e.out = append(e.out, o)
	e.mu.Unlock()
	e.closing.Do(func() { close(e.done) })
}

// TestSandbox calls every number of the sandbox's carrier whose behaviour is particular, all at once, and holds each
// outcome against what the far end did by its own log.
func TestSandbox(t *testing.T) {
	t.Parallel()
	tests := []struct {
		number string // the BB of +551190000BBXX
		codes  string // that are right, with a blank between
		reason string // "*" is not looked at
		by     string
		goal   string // the key it pressed
	}{
		{"10", "completed silent", "*", "human", ""},
		{"11", "completed", "", "human", "1"},
		{"19", "completed", "", "human", "9"},
		{"30", "message_left", "", "machine", ""},
		{"31", "message_left", "", "machine", ""},
		{"40", "busy", "", "", ""},
		{"41", "no_answer", "", "", ""},
		{"42", "rejected", "", "", ""},
		{"43", "invalid_number", "", "", ""},
		{"44", "congested", "sip_congestion", "", ""},
		{"45", "congested", "sip_network_trouble", "", ""},
		{"46", "no_answer", "sip_callee_unreachable", "", ""},
		{"47", "invalid_number", "", "", ""},
		{"48", "invalid_number", "sip_number_gone", "", ""},
		{"50", "silent completed", "*", "*", ""},
		{"51", "completed silent no_answer", "*", "*", "*"},
		{"52", "silent", "", "silence", ""},
		{"53", "completed", "*", "*", "*"},
		{"60", "completed", "", "human", "1"},
		{"61", "completed", "", "human", "1"},
		{"70", "completed", "", "human", "1"},
		{"71", "completed", "", "human", "1"},
		{"72", "completed", "", "human", "1"},
		{"73", "completed", "", "human", "1"},
		{"74", "completed", "", "human", "1"},
		{"75", "no_answer", "sip_answered_too_late", "", ""},
		{"76", "completed", "", "human", "1"},
		{"77", "unknown", "sip_no_response", "", ""},
		{"78", "completed", "", "human", "1"},
		{"79", "failed", "sip_media_refused", "", ""},
		{"80", "completed", "", "human", "1"},
		{"81", "completed", "", "human", "1"},
		{"82", "completed", "", "human", "1"},
	}
	log := sandbox.NewLog(true, nil)
	c, err := carrier.New(carrier.Options{Events: log, Ring: 15 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	espeak, err := speech.NewEspeak(speech.EspeakOptions{})
	if err != nil {
		t.Fatal(err)
	}
	a, err := voice.New(voice.Options{
		SIP:     dialog.Options{Listen: []dialog.Listen{{Network: "UDP", Addr: "127.0.0.1:0"}, {Network: "TCP", Addr: "127.0.0.1:0"}}},
		Speaker: espeak,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	over, now := context.WithCancel(context.Background())
	now()
	t.Cleanup(func() { a.Drain(over) })

	who, err := agent.ParseAgent([]byte(surveyScript))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := agent.NewPlan(who, agent.Call{
		RingTimeout: agent.Duration(15 * time.Second),
		Voicemail:   agent.Voicemail{Action: agent.VoicemailLeaveMessage, Say: "{{first_name}}, ligue de volta para a Clínica Sol."},
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	line := channel.Line{ID: "sandbox", From: "+551130001000", Settings: json.RawMessage(fmt.Sprintf(
		`{"gateways": [{"host": "127.0.0.1", "port": %d}], "username": "campanario", "password": "campanario"}`, c.Addr().Port()))}
	ends := map[string]*ending{}
	for _, tt := range tests {
		brief, err := plan.Brief(agent.Variables{agent.VarName: "Maria da Silva", agent.VarFirstName: "Maria"})
		if err != nil {
			t.Fatal(err)
		}
		e := &ending{done: make(chan struct{})}
		ends[tt.number] = e
		order := channel.Order{Attempt: "attempt-" + tt.number, Line: line, To: channel.Address(carrier.Block + tt.number + "01"), Content: brief}
		if _, err := a.Place(t.Context(), order, e); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range tests {
		t.Run(tt.number, func(t *testing.T) {
			e := ends[tt.number]
			select {
			case <-e.done:
			case <-time.After(2 * time.Minute):
				t.Fatal("no outcome")
			}
			e.mu.Lock()
			defer e.mu.Unlock()
			o := e.out[0]
			if !strings.Contains(" "+tt.codes+" ", " "+string(o.Code)+" ") || tt.reason != "*" && o.Reason != tt.reason || tt.by != "*" && o.AnsweredBy != tt.by {
				t.Errorf("%s %q, answered by %q; want %s %q, %q: %+v", o.Code, o.Reason, o.AnsweredBy, tt.codes, tt.reason, tt.by, o.Dialogue)
			}
			if got := o.Collected["answer"]; tt.goal != "*" && got != tt.goal || o.Goal != (got != "") {
				t.Errorf("collected %q, goal %v; it pressed %q: %+v", got, o.Goal, tt.goal, o.Dialogue)
			}
			if len(e.out) != 1 {
				t.Errorf("reported %d times", len(e.out))
			}
		})
	}
	a.Drain(over)
	// What the far end saw: one call each, however it was signed in, forked or repeated.
	starts := map[string]int{}
	for _, r := range log.Records() {
		if r.Event == sandbox.EventStart {
			starts[r.Ref]++
		}
	}
	for _, tt := range tests {
		if n := starts["attempt-"+tt.number]; n != 1 {
			t.Errorf("the far end saw %d calls to %s", n, tt.number)
		}
	}
	if a.Live() != 0 || len(starts) != len(tests) {
		t.Errorf("%d calls are open, the far end saw %d", a.Live(), len(starts))
	}
}
