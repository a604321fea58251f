package intake

import (
	"regexp"
	"slices"
	"strings"

	"campanario/audience"
	"campanario/channel"
)

// federalUnits are the states of Brazil by their letters.
var federalUnits = []string{
	"AC", "AL", "AM", "AP", "BA", "CE", "DF", "ES", "GO", "MA", "MG", "MS", "MT", "PA", "PB", "PE", "PI", "PR", "RJ", "RN", "RO", "RR", "RS", "SC", "SE", "SP", "TO",
}

// clearly is the share of a column's cells that must look like something for the column to be taken for it.
const clearly = 0.8

// byContent says what a column below a header seems to hold whose name says nothing; FieldVariable when that does not
// show.
func (s *sample) byContent(column int, others []want) Field {
	has := func(f Field) bool { return slices.ContainsFunc(others, func(w want) bool { return w.field == f }) }
	f := s.looksLike(column, true)
	switch {
	case f == FieldPhone && has(FieldPhone), f == FieldDocument && has(FieldDocument), f == FieldState && has(FieldState):
		return FieldVariable // a long number beside the phone is more likely something else
	case f == FieldName:
		return FieldVariable // words under a header of their own may be anything
	default:
		return f
	}
}

// looksLike says what the cells of a column look like.
func (s *sample) looksLike(column int, header bool) Field {
	mail := s.part(column, header, func(cell string) bool { _, err := audience.Mailbox(cell); return err == nil })
	phone := s.part(column, header, func(cell string) bool {
		_, err := audience.Phone(cell, s.options.Country)
		return err == nil && addressLike(cell, channel.Voice)
	})
	document := s.part(column, header, func(cell string) bool { _, err := audience.Document(cell); return err == nil })
	state := s.part(column, header, func(cell string) bool { return slices.Contains(federalUnits, strings.ToUpper(cell)) })
	switch {
	case mail > clearly:
		return FieldEmail
	case document > clearly && document >= phone:
		return FieldDocument
	case phone > clearly:
		return FieldPhone
	case state > clearly:
		return FieldState
	case !header && s.isWords(column, false):
		return FieldName
	default:
		return FieldVariable
	}
}

// guessed names the columns of a table without a header by what is in them.
func guessed(s *sample) []want {
	width := 1
	for _, row := range s.rows {
		width = max(width, len(row))
	}
	out := make([]want, width)
	reached := false
	for i := range out {
		f := s.looksLike(i, false)
		out[i] = want{name: numeral(i), field: f}
		reached = reached || f.reaches()
	}
	if !reached { // no column is clear: take the best one
		best, at := 0.0, 0
		for i := range out {
			if share := s.part(i, false, func(cell string) bool { return addressLike(cell, anyKind) }); share > best {
				best, at = share, i
			}
		}
		out[at].field = FieldContact
	}
	return settle(out)
}

var (
	decimalComma = regexp.MustCompile(`^-?(\d{1,3}(\.\d{3})+|\d+),\d{1,2}$`)
	decimalPoint = regexp.MustCompile(`^-?(\d{1,3}(,\d{3})+|\d+)\.\d{1,2}$`)
)

// decimalSign is what stands before the cents in the file's amounts; empty when it has none.
func (s *sample) decimalSign() string {
	comma, point := 0, 0
	for _, row := range s.rows {
		for _, cell := range row {
			cell = strings.TrimSpace(strings.TrimPrefix(cell, "R$"))
			switch {
			case decimalComma.MatchString(cell):
				comma++
			case decimalPoint.MatchString(cell):
				point++
			}
		}
	}
	switch {
	case comma > point:
		return ","
	case point > 0:
		return "."
	default:
		return ""
	}
}

// mostSamples is how many values of a column are shown.
const mostSamples = 5

// samples are different values of a column, as they stand.
func (s *sample) samples(column int, header bool) []string {
	out := []string{}
	for i, row := range s.rows {
		if i == 0 && header || column >= len(row) || row[column] == "" || len(out) == mostSamples {
			continue
		}
		if v := clip(row[column]); !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}
