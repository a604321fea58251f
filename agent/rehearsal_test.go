package agent

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRehearse(t *testing.T) {
	tests := []struct {
		name    string
		answers []string
		ended   bool
		step    string
		goal    bool
		out     bool
		want    map[string]string
		last    string // what was said last
	}{
		{"nothing yet", nil, false, "question", false, false, nil, askQuestion},
		{"confirms", []string{"1", "10"}, true, "", true, false, map[string]string{"answer": "come", "confirmed": "true", "grade": "10"}, "obrigado.wav"},
		{"a low grade", []string{"1", "3#"}, true, "", true, false, map[string]string{"answer": "come", "confirmed": "true", "grade": "3"}, "Até logo, Maria."},
		{"a grade and waiting", []string{"1", "3"}, true, "", true, false, map[string]string{"answer": "come", "confirmed": "true", "grade": "3"}, "Até logo, Maria."},
		{"no grade", []string{"1", ""}, true, "", true, false, map[string]string{"answer": "come", "confirmed": "true"}, "De 0 a 10, quanto você nos recomenda?"},
		{"opts out", []string{"9"}, true, "", false, true, map[string]string{"answer": "stop"}, "Não ligaremos mais."},
		{"moves", []string{"2", "52998224725", "31122026"}, true, "", false, false, map[string]string{"answer": "other_day", "cpf": "52998224725", "new_day": "2026-12-31"}, "Até logo, Maria."},
		{"wrong and wrong", []string{"5", "6"}, true, "", false, false, nil, "Até logo, Maria."},
		{"silence", []string{"", ""}, true, "", false, false, nil, "Até logo, Maria."},
		{"talks", []string{"quero confirmar"}, false, "question", false, false, nil, askQuestion},
		{"hangs up", []string{"(hangup)", "1"}, true, "", false, false, nil, askQuestion},
	}
	b := brief(t, confirm(t), Call{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := b.Rehearse(tt.answers)
			if err != nil {
				t.Fatal(err)
			}
			if r.Ended != tt.ended || r.Step != tt.step || r.Goal != tt.goal || r.OptedOut != tt.out {
				t.Errorf("ended %v, step %q, goal %v, opted out %v", r.Ended, r.Step, r.Goal, r.OptedOut)
			}
			if diff := cmp.Diff(tt.want, r.Collected); diff != "" {
				t.Error(diff)
			}
			said, at := "", r.Dialogue[0].At
			for _, turn := range r.Dialogue {
				if turn.Who == "agent" {
					said = turn.Text
				}
				if turn.At < at {
					t.Errorf("the dialogue goes back in time at %v", turn)
				}
				at = turn.At
			}
			if said != tt.last {
				t.Errorf("said last %q, want %q", said, tt.last)
			}
		})
	}
}
