package report

import (
	"encoding/json"

	"campanario/campaign"
	"campanario/channel"
)

// Words puts codes into the language of whoever reads the report.
type Words interface {
	Column(c Column) string
	Status(s campaign.Status) string
	Outcome(c channel.Code) string
	// Reason is the sentence of a code that explains an outcome or a settlement.
	Reason(code string, params map[string]any) string
	YesNo(yes bool) string
	Priority(code string) string
	// AnsweredBy is who answered a call; code may be empty, as in Side.
	AnsweredBy(code string) string
	Side(code string) string // us or them
}

// codes are words for programs.
type codes struct{}

func (codes) Column(c Column) string                   { return string(c) }
func (codes) Status(s campaign.Status) string          { return string(s) }
func (codes) Outcome(c channel.Code) string            { return string(c) }
func (codes) Reason(c string, _ map[string]any) string { return c }
func (codes) Priority(c string) string                 { return c }
func (codes) AnsweredBy(c string) string               { return c }
func (codes) Side(c string) string                     { return c }
func (codes) YesNo(yes bool) string {
	if yes {
		return "true"
	}
	return "false"
}

// params reads the values of a sentence as a standing keeps them.
func params(text string) map[string]any {
	var p map[string]any
	if text == "" || json.Unmarshal([]byte(text), &p) != nil {
		return nil
	}
	return p
}
