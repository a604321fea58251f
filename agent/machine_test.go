package agent

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// brief of the person that the tests of confirm.yaml call.
func brief(t testing.TB, a Agent, c Call) *Brief {
	t.Helper()
	p, err := NewPlan(a, c, "")
	if err != nil {
		t.Fatal(err)
	}
	b, err := p.Brief(Variables{"name": "Maria da Silva", "first_name": "Maria", "data_da_consulta": "10 de março"})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// short writes actions as a test reads them. Turns are left out unless told otherwise.
func short(actions []Action, turns bool) []string {
	var out []string
	for _, a := range actions {
		switch a := a.(type) {
		case Say:
			out = append(out, fmt.Sprintf("say %d %s", a.Item, a.Text))
		case Play:
			out = append(out, fmt.Sprintf("play %d %s", a.Item, a.File))
		case ClearPlayback:
			out = append(out, "clear")
		case StartTimer:
			out = append(out, fmt.Sprintf("timer %d %s", a.ID, a.After))
		case StopTimer:
			out = append(out, "stop")
		case Listen:
			out = append(out, fmt.Sprintf("listen %v %v", a.Keys, a.Speech))
		case SetVariable:
			out = append(out, fmt.Sprintf("set %s=%s", a.Name, a.Value))
		case GoalReached:
			out = append(out, "goal")
		case OptOut:
			out = append(out, "opt_out")
		case MessageLeft:
			out = append(out, "left")
		case HangUp:
			out = append(out, "hang_up")
		case EnterStep:
			out = append(out, "@"+a.Name)
		case Log:
			if turns {
				out = append(out, fmt.Sprintf("%s %s %s %q", a.Turn.At, a.Turn.Who, a.Turn.What, a.Turn.Text))
			}
		}
	}
	return out
}

// event reads what a test writes: "key 1", "speech", "quiet text", "played 1", "fired 1", "beep", "silence".
func event(t testing.TB, s string) Event {
	t.Helper()
	word, rest, _ := strings.Cut(s, " ")
	var n int
	fmt.Sscan(rest, &n)
	switch word {
	case "key":
		return KeyPressed{rest}
	case "speech":
		return SpeechStarted{}
	case "quiet":
		return SpeechEnded{rest}
	case "played":
		return PlaybackFinished{n}
	case "fired":
		return TimerFired{n}
	case "beep":
		return AnnouncementEnded{Beep: true}
	case "silence":
		return AnnouncementEnded{}
	}
	t.Fatalf("no such event: %q", s)
	return nil
}

// exchange is an event and the actions it must give.
type exchange struct {
	event string
	want  []string
}

const (
	sayHello    = "say 1 Olá, Maria. Aqui é da Clínica Sol. Sua consulta é dia 10 de março."
	askQuestion = "Para confirmar, tecle 1. Para remarcar, tecle 2. Para não receber mais ligações, tecle 9."
)

func TestMachine(t *testing.T) {
	hello := []string{"@greeting", "listen true false", sayHello}
	question := func(item int) []string {
		return []string{"@question", "listen true true", fmt.Sprintf("say %d %s", item, askQuestion)}
	}
	tests := []struct {
		name  string
		start []string
		steps []exchange
	}{
		{"confirms after hearing all", hello, []exchange{
			{"played 1", question(2)},
			{"played 2", []string{"timer 1 5s"}},
			{"key 1", []string{
				"stop", "@confirm", "set answer=come", "set confirmed=true", "@won", "goal", "@grade", "listen true false",
				"say 3 De 0 a 10, quanto você nos recomenda?",
			}},
			{"played 3", []string{"timer 2 6s"}},
			{"key 1", []string{"timer 3 3s"}},
			{"key 0", []string{"set grade=10", "stop", "@thanks", "@delighted", "listen true false", "play 4 obrigado.wav"}},
			{"played 4", []string{"hang_up"}},
			{"key 1", nil},
		}},
		{"a key cuts the greeting short and answers", hello, []exchange{
			{"key 9", []string{"clear", "@question", "listen true true", "@stop", "opt_out", "@stopped", "set answer=stop", "@sorry", "listen true false", "say 2 Não ligaremos mais."}},
			{"key 1", nil}, // never interrupted
			{"played 1", nil},
			{"played 2", []string{"hang_up"}},
		}},
		{"a key that is no answer does not answer ahead", hello, []exchange{
			{"key 5", append([]string{"clear"}, question(2)...)},
			{"key 1", []string{
				"clear", "@confirm", "set answer=come", "set confirmed=true", "@won", "goal", "@grade", "listen true false",
				"say 3 De 0 a 10, quanto você nos recomenda?",
			}},
			{"soon key 1", nil}, // the same key again, at once
		}},
		{"nothing is asked twice and given up", hello, []exchange{
			{"played 1", question(2)},
			{"played 2", []string{"timer 1 5s"}},
			{"fired 1", question(3)},
			{"played 3", []string{"timer 2 5s"}},
			{"fired 1", nil},
			{"fired 2", []string{"@goodbye", "listen true false", "say 4 Até logo, Maria."}},
			{"played 4", []string{"@bye", "hang_up"}},
		}},
		{"a wrong key goes by way of its step, and counts", hello, []exchange{
			{"played 1", question(2)},
			{"key 7", []string{"clear", "@wrong", "listen true false", "say 3 Opção inválida."}},
			{"played 3", question(4)},
			{"key 8", []string{"clear", "@goodbye", "listen true false", "say 5 Até logo, Maria."}},
		}},
		{"speech counts once the question is heard", hello, []exchange{
			{"speech", nil},
			{"quiet alô", nil},
			{"played 1", question(2)},
			{"speech", nil},
			{"quiet", nil},
			{"speech", nil},
			{"played 2", []string{"timer 1 20s"}},
			{"quiet sim", []string{"stop", "@spoken", "listen true true", "say 3 Por favor, use o teclado."}},
			{"speech", []string{"clear", "timer 2 20s"}},
			{"played 3", nil},
			{"quiet já vou", append([]string{"stop"}, question(4)...)},
		}},
		{"speech without end", hello, []exchange{
			{"played 1", question(2)},
			{"played 2", []string{"timer 1 5s"}},
			{"speech", []string{"timer 2 20s"}},
			{"fired 1", nil},
			{"fired 2", []string{"@spoken", "listen true true", "say 3 Por favor, use o teclado."}},
		}},
		{"an entry by check digits, one never interrupted, a pause", hello, []exchange{
			{"key 2", []string{"clear", "@question", "listen true true", "@cpf", "listen true false", "say 2 Digite os onze números do seu CPF."}},
			{"key 5", []string{"clear", "timer 1 4s"}},
			{"fired 1", []string{"@cpf", "listen true false", "say 3 Digite os onze números do seu CPF."}},
			{"played 3", []string{"timer 2 6s"}},
			{"keys 52998224725", []string{"@day", "listen true false", "say 4 Digite o novo dia: dia, mês e ano."}},
			{"keys 31122026", nil},
			{"played 4", []string{
				"set new_day=2026-12-31", "@moved", "set answer=other_day", "@repeat", "listen true false",
				"say 5 Remarcado para 2026-12-31, CPF 52998224725.",
			}},
			{"played 5", []string{"@wait", "listen true false", "timer 13 1s"}},
			{"fired 13", []string{"@goodbye", "listen true false", "say 6 Até logo, Maria."}},
		}},
		{"keys that no telephone has", hello, []exchange{{"key A", nil}, {"key 12", nil}, {"key", nil}, {"silence", nil}}},
	}
	a := confirm(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := brief(t, a, Call{}).Machine()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.start, short(m.Start(), false)); diff != "" {
				t.Fatalf("start: %s", diff)
			}
			now := time.Duration(0)
			for i, x := range tt.steps {
				what, soon := strings.CutPrefix(x.event, "soon ")
				if now += time.Second; soon {
					now -= 900 * time.Millisecond
				}
				var got []string
				if keys, ok := strings.CutPrefix(what, "keys "); ok { // the last one's actions, without the timers between
					for _, k := range keys {
						got = short(m.Handle(KeyPressed{string(k)}, now), false)
					}
					got = without(got, "stop", "set cpf=52998224725")
				} else {
					got = without(short(m.Handle(event(t, what), now), false))
				}
				if diff := cmp.Diff(x.want, got); diff != "" {
					t.Fatalf("event %d, %q: %s", i, x.event, diff)
				}
			}
		})
	}
}

func without(actions []string, gone ...string) []string {
	var out []string
	for _, a := range actions {
		keep := true
		for _, g := range gone {
			keep = keep && a != g
		}
		if keep {
			out = append(out, a)
		}
	}
	return out
}

// TestMachineTurns holds what the dialogue of a call looks like afterwards.
func TestMachineTurns(t *testing.T) {
	m, err := brief(t, confirm(t), Call{}).Machine()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	got = append(got, short(m.Start(), true)...)
	for i, e := range []Event{KeyPressed{"7"}, SpeechStarted{}, SpeechEnded{"ai"}, KeyPressed{"2"}, KeyPressed{"3"}, KeyPressed{"#"}} {
		got = append(got, short(m.Handle(e, time.Duration(i+1)*time.Second), true)...)
	}
	want := []string{
		`0s system step "greeting"`,
		`0s agent say "Olá, Maria. Aqui é da Clínica Sol. Sua consulta é dia 10 de março."`,
		`1s person barge_in "key"`,
		`1s system step "question"`,
		`1s agent say "` + askQuestion + `"`,
		`3s person speech "ai"`,
		`4s person barge_in "key"`,
		`4s person key "2"`,
		`4s system step "cpf"`,
		`4s agent say "Digite os onze números do seu CPF."`,
		`5s person barge_in "key"`,
		`6s person key "3"`,
		`6s system step "cpf"`,
		`6s agent say "Digite os onze números do seu CPF."`,
	}
	var turns []string
	for _, s := range got {
		if s[0] >= '0' && s[0] <= '9' {
			turns = append(turns, s)
		}
	}
	if diff := cmp.Diff(want, turns); diff != "" {
		t.Error(diff)
	}
}

// script makes an agent of steps in YAML, with one variable of each type.
func script(t testing.TB, start, steps string) Agent {
	t.Helper()
	file := "name: x\nvariables: [{name: b, type: boolean}, {name: n, type: number}, {name: s, type: string}, {name: e, type: enum, values: ['1', '2']}]\n" +
		"script:\n  start: " + start + "\n  steps:\n    " + strings.ReplaceAll(steps, "\n", "\n    ") + "\n"
	a, err := ParseAgent([]byte(file))
	if err != nil {
		t.Fatalf("%v\n%s", err, file)
	}
	return a
}

// TestSmallScripts has one rule of the machine per row.
func TestSmallScripts(t *testing.T) {
	tests := []struct {
		name, start, steps, first string
		exchanges                 []exchange // the first event is ""
	}{
		{"first message in place of the first words", "a", "a: {say: x, next: b}\nb: {say: y, next: end}", "Oi, {{first_name}}", []exchange{
			{"", []string{"@a", "listen true false", "say 1 Oi, Maria"}},
			{"played 1", []string{"@b", "listen true false", "say 2 y"}},
		}},
		{"first message before a question", "a", "a: {ask: {say: x, keys: {'1': end}}}", "Oi", []exchange{
			{"", []string{"listen true false", "say 1 Oi"}},
			{"speech", nil},
			{"quiet", nil},
			{"played 1", []string{"@a", "listen true false", "say 2 x"}},
		}},
		{"a key during the first message", "a", "a: {ask: {say: x, keys: {'1': end}}}", "Oi", []exchange{
			{"", []string{"listen true false", "say 1 Oi"}},
			{"key 1", []string{"clear", "@a", "listen true false", "hang_up"}},
		}},
		{"an entry ended by its terminator", "a", "a: {ask: {collect: {variable: s, min: 2, max: 4}}, next: end}", "", []exchange{
			{"", []string{"@a", "listen true false", "timer 1 6s"}},
			{"key 0", []string{"timer 2 4s"}},
			{"key 7", []string{"timer 3 4s"}},
			{"key #", []string{"set s=07", "stop", "hang_up"}},
		}},
		{"an entry ended by waiting", "a", "a: {ask: {collect: {variable: s, terminator: none}}, next: end}", "", []exchange{
			{"", []string{"@a", "listen true false", "timer 1 6s"}},
			{"key 0", []string{"timer 2 4s"}},
			{"fired 2", []string{"set s=0", "hang_up"}},
		}},
		{"an entry too short", "a", "a: {ask: {collect: {variable: s, min: 2}, retries: 0, no_input: b}, next: end}\nb: {say: x, next: end}", "", []exchange{
			{"", []string{"@a", "listen true false", "timer 1 6s"}},
			{"key 0", []string{"timer 2 4s"}},
			{"key #", []string{"stop", "@b", "listen true false", "say 1 x"}},
		}},
		{"a key that no entry has", "a", "a: {ask: {collect: {variable: s, min: 2}, retries: 1}, next: end}", "", []exchange{
			{"", []string{"@a", "listen true false", "timer 1 6s"}},
			{"key 0", []string{"timer 2 4s"}},
			{"key *", []string{"stop", "@a", "listen true false", "timer 3 6s"}},
			{"key 1", []string{"timer 4 4s"}},
			{"key 2", []string{"timer 5 4s"}},
			{"key #", []string{"set s=12", "stop", "hang_up"}},
		}},
		{"an entry that is no member of the enum", "a", "a: {ask: {collect: {variable: e, max: 1}, retries: 0}, next: b}\nb: {say: x, next: end}", "", []exchange{
			{"", []string{"@a", "listen true false", "timer 1 6s"}},
			{"key 3", []string{"stop", "hang_up"}},
		}},
		{"a key beside an entry", "a", "a: {ask: {say: q, collect: {variable: s}, keys: {'*': b}}, next: end}\nb: {say: x, next: end}", "", []exchange{
			{"", []string{"@a", "listen true false", "say 1 q"}},
			{"key *", []string{"clear", "@b", "listen true false", "say 2 x"}},
		}},
		{"keys ahead of an entry, and the rest after", "h", "h: {say: h, interrupt: never, next: a}\na: {ask: {say: q, collect: {variable: s, max: 3}}, next: end}", "", []exchange{
			{"", []string{"@h", "listen true false", "say 1 h"}},
			{"key 1", nil},
			{"key 2", nil},
			{"played 1", []string{"@a", "listen true false", "timer 1 4s"}},
			{"key 3", []string{"set s=123", "stop", "hang_up"}},
		}},
		{"keys ahead that are too many", "h", "h: {say: h, interrupt: never, next: a}\na: {ask: {say: q, collect: {variable: s, max: 1}}, next: end}", "", []exchange{
			{"", []string{"@h", "listen true false", "say 1 h"}},
			{"key 1", nil},
			{"key 2", nil},
			{"played 1", []string{"@a", "listen true false", "set s=1", "hang_up"}},
		}},
		{"a bad entry ahead is a wrong answer", "h", "h: {say: h, interrupt: never, next: a}\na: {ask: {say: q, collect: {variable: n, format: number, max: 2, most: 5}}, next: end}", "", []exchange{
			{"", []string{"@h", "listen true false", "say 1 h"}},
			{"key 9", nil},
			{"key 9", nil},
			{"played 1", []string{"@a", "listen true false", "@a", "listen true false", "say 2 q"}},
		}},
		{"a question that speech interrupts", "a", "a: {ask: {say: q, interrupt: speech, any_speech: b}}\nb: {hang_up: true}", "", []exchange{
			{"", []string{"@a", "listen true true", "say 1 q"}},
			{"speech", []string{"clear", "timer 1 20s"}},
			{"quiet sim", []string{"stop", "@b", "hang_up"}},
		}},
		{"a key while speaking", "a", "a: {ask: {say: q, interrupt: speech, any_speech: b, keys: {'1': c}}}\nb: {hang_up: true}\nc: {pause: 5s, next: end}", "", []exchange{
			{"", []string{"@a", "listen true true", "say 1 q"}},
			{"speech", []string{"clear", "timer 1 20s"}},
			{"key 1", []string{"stop", "@c", "listen true false", "timer 2 5s"}},
			{"quiet", nil},
			{"fired 2", []string{"hang_up"}},
		}},
		{"silence by way of a step, then given up", "a", "a: {ask: {keys: {'1': end}, silence: b, retries: 1, no_input: c}}\nb: {say: x, next: a}\nc: {hang_up: true}", "", []exchange{
			{"", []string{"@a", "listen true false", "timer 1 6s"}},
			{"fired 1", []string{"@b", "listen true false", "say 1 x"}},
			{"played 1", []string{"@a", "listen true false", "timer 2 6s"}},
			{"fired 2", []string{"@c", "hang_up"}},
		}},
		{"retries begin again after an answer", "a", "a: {ask: {keys: {'1': a}, retries: 1}}", "", []exchange{
			{"", []string{"@a", "listen true false", "timer 1 6s"}},
			{"fired 1", []string{"@a", "listen true false", "timer 2 6s"}},
			{"key 1", []string{"stop", "@a", "listen true false", "timer 3 6s"}},
			{"fired 3", []string{"@a", "listen true false", "timer 4 6s"}},
			{"fired 4", []string{"hang_up"}},
		}},
		{"a value of a person that is no member", "a", "a: {set: {e: '{{first_name}}', s: ' {{first_name}} '}, next: end}", "", []exchange{
			{"", []string{"@a", "set s=Maria", "hang_up"}},
		}},
		{"branches", "a", "a: {set: {n: '5'}, next: b}\nb: {branch: [{variable: N, equals: '6', next: x}, {variable: nada, exists: true, next: x}, {variable: first_name, one_of: [ana, ' MARIA '], exists: true, next: c}, {else: true, next: x}]}\n" +
			"c: {branch: [{variable: nada, exists: false, next: d}, {else: true, next: x}]}\nd: {branch: [{variable: s, equals: '', next: e}, {else: true, next: x}]}\ne: {goto: end}\nx: {say: wrong, next: end}", "", []exchange{
			{"", []string{"@a", "set n=5", "@b", "@c", "@d", "@e", "hang_up"}},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := brief(t, script(t, tt.start, tt.steps), Call{FirstMessage: tt.first}).Machine()
			if err != nil {
				t.Fatal(err)
			}
			for i, x := range tt.exchanges {
				var got []string
				if x.event == "" {
					got = short(m.Start(), false)
				} else {
					got = short(m.Handle(event(t, x.event), time.Duration(i)*time.Second), false)
				}
				if diff := cmp.Diff(x.want, got); diff != "" {
					t.Fatalf("event %d, %q: %s", i, x.event, diff)
				}
			}
		})
	}
}

func TestMailbox(t *testing.T) {
	leave := Call{Voicemail: Voicemail{Action: VoicemailLeaveMessage, Say: "{{first_name}}, ligue para nós."}}
	play := Call{Voicemail: Voicemail{Action: VoicemailLeaveMessage, Play: "recado.wav"}}
	wait := []string{"listen false false", "timer 1 45s"}
	tests := []struct {
		name  string
		call  Call
		start []string
		steps []exchange
	}{
		{"hang up", Call{}, []string{"hang_up"}, []exchange{{"beep", nil}}},
		{"after the beep", leave, wait, []exchange{
			{"key 1", nil},
			{"beep", []string{"timer 2 800ms"}},
			{"fired 1", nil},
			{"beep", nil},
			{"fired 2", []string{"say 1 Maria, ligue para nós."}},
			{"fired 2", nil},
			{"played 1", []string{"left", "hang_up"}},
			{"beep", nil},
		}},
		{"after silence", play, wait, []exchange{
			{"silence", []string{"stop", "play 1 recado.wav"}},
			{"silence", nil},
			{"played 1", []string{"left", "hang_up"}},
		}},
		{"the beep comes after all", play, wait, []exchange{
			{"silence", []string{"stop", "play 1 recado.wav"}},
			{"beep", []string{"clear", "timer 2 800ms"}},
			{"played 1", nil},
			{"fired 2", []string{"play 2 recado.wav"}},
			{"beep", nil}, // once
			{"played 2", []string{"left", "hang_up"}},
		}},
		{"announced without end", leave, wait, []exchange{{"fired 1", []string{"hang_up"}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, err := brief(t, confirm(t), tt.call).Mailbox()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.start, short(b.Start(), false)); diff != "" {
				t.Fatalf("start: %s", diff)
			}
			for i, x := range tt.steps {
				if diff := cmp.Diff(x.want, short(b.Handle(event(t, x.event), time.Duration(i)*time.Second), false)); diff != "" {
					t.Fatalf("event %d, %q: %s", i, x.event, diff)
				}
			}
		})
	}
}

// FuzzMachine holds for any course of a call: it is hung up once at most and nothing follows; one thing is said at a
// time; while the call is open something will still happen: something is being heard, or a timer runs, or the person
// is speaking.
func FuzzMachine(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, false)
	f.Add([]byte{14, 14, 0, 15, 15, 12, 13, 14, 1, 14, 9, 14}, true)
	f.Add([]byte{2, 14, 5, 2, 9, 9, 8, 2, 2, 4, 7, 2, 5, 14, 3, 1, 1, 2, 2, 0, 2, 6, 14, 15}, false)
	a := confirm(f)
	f.Fuzz(func(t *testing.T, course []byte, first bool) {
		c := Call{}
		if first {
			c.FirstMessage = "Oi"
		}
		m, err := brief(t, a, c).Machine()
		if err != nil {
			t.Fatal(err)
		}
		w := world{t: t}
		w.take(m.Start())
		now := time.Duration(0)
		for _, b := range course {
			now += time.Duration(b) * 10 * time.Millisecond
			switch b %= 16; {
			case b < 12:
				w.take(m.Handle(KeyPressed{string(telephoneKeys[b])}, now))
			case b == 12:
				w.speaking = true
				w.take(m.Handle(SpeechStarted{}, now))
			case b == 13:
				w.speaking = false
				w.take(m.Handle(SpeechEnded{}, now))
			case b == 14 && w.item != 0:
				item := w.item
				w.item = 0
				w.take(m.Handle(PlaybackFinished{item}, now))
			case b == 15 && w.timer != 0:
				id := w.timer
				w.timer = 0
				w.take(m.Handle(TimerFired{id}, now))
			}
			if !w.over && w.item == 0 && w.timer == 0 {
				t.Fatalf("the machine waits for nothing at step %q", m.Step())
			}
		}
	})
}

// world is what a machine has asked for so far.
type world struct {
	t           *testing.T
	item, timer int
	over        bool
	speaking    bool
}

func (w *world) take(actions []Action) {
	for _, a := range actions {
		if w.over {
			w.t.Fatalf("%T after hanging up", a)
		}
		switch a := a.(type) {
		case Say:
			w.start(a.Item)
		case Play:
			w.start(a.Item)
		case ClearPlayback:
			w.item = 0
		case StartTimer:
			w.timer = a.ID
		case StopTimer:
			w.timer = 0
		case HangUp:
			w.over = true
		default:
		}
	}
}

func (w *world) start(item int) {
	if w.item != 0 {
		w.t.Fatalf("item %d is said over item %d", item, w.item)
	}
	w.item = item
}
