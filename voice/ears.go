package voice

import (
	"campanario/agent"
	"campanario/voice/detect"
)

// finding is something heard at the far end that decides how the call goes on.
type finding struct {
	verdict string // byHuman, byMachine, byFax, bySilence or byUnknown; empty when this is not about who answered
	why     string // the rule that gave the verdict
	over    bool   // the machine's announcement is over …
	beep    bool   // … by its beep
}

// ears find out who answered. They are used by one goroutine.
type ears interface {
	// hear takes 20 ms of the far end, counted from the answer, and gives what it makes known: nearly always nothing.
	hear(frame []int16) []finding
}

// newEars are the ears that a campaign wants: none, when every answer is to be taken for a person's.
func newEars(d agent.Detection) ears {
	if d.Off {
		return deaf{}
	}
	return &detecting{answer: detect.NewAnswer(detect.Params{
		Greeting: d.Greeting.D(), Gap: d.Gap.D(), After: d.After.D(), NoSpeech: d.NoSpeech.D(), Total: d.Total.D(),
		Word: d.Word.D(), Beep: d.Beep.D(), LateBeep: d.LateBeep.D(), End: d.End.D(), Level: d.Level,
	})}
}

type deaf struct{}

func (deaf) hear([]int16) []finding { return nil }

type detecting struct{ answer *detect.Answer }

var verdicts = map[detect.What]string{
	detect.Human: byHuman, detect.Machine: byMachine, detect.Fax: byFax, detect.Silence: bySilence, detect.Unknown: byUnknown,
}

func (e *detecting) hear(frame []int16) []finding {
	var out []finding
	for _, f := range e.answer.Hear(frame) {
		if v := verdicts[f.What]; v != "" {
			out = append(out, finding{verdict: v, why: string(f.Why)})
		} else if f.What == detect.MessageEnd {
			out = append(out, finding{over: true, beep: f.Why == detect.ByBeep})
		}
	}
	return out
}

// newActivity tells when the person speaks.
func newActivity(d agent.Detection) *detect.Activity {
	return detect.NewActivity(detect.ActivityParams{Level: d.Level})
}
