package report

import (
	"campanario/campaign"
	"campanario/channel"
	"campanario/internal/locale"
)

// In gives the words of a language.
func In(l locale.Language) Words { return words{l} }

type words struct{ l locale.Language }

func (w words) Column(c Column) string          { return locale.Word(w.l, "column", string(c)) }
func (w words) Status(s campaign.Status) string { return locale.Word(w.l, "status", string(s)) }
func (w words) Outcome(c channel.Code) string   { return locale.Word(w.l, "outcome", string(c)) }

func (w words) Priority(code string) string { return locale.Word(w.l, "priority", code) }

func (w words) AnsweredBy(code string) string {
	if code == "" {
		return ""
	}
	return locale.Word(w.l, "answered_by", code)
}

func (w words) Side(code string) string {
	if code == "" {
		return ""
	}
	return locale.Word(w.l, "side", code)
}

func (w words) Reason(code string, params map[string]any) string {
	return locale.Text(w.l, "reason."+code, params)
}

func (w words) YesNo(yes bool) string {
	if yes {
		return locale.Word(w.l, "answer", "yes")
	}
	return locale.Word(w.l, "answer", "no")
}
