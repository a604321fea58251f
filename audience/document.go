package audience

import (
	"strings"

	"campanario/internal/fault"
)

// Lengths of the documents.
const (
	cpfLength  = 11
	cnpjLength = 14
)

// Document makes a CPF or CNPJ of what people write, without punctuation and in capitals: "529.982.247-25" is
// 52998224725, "12.ABC.345/01DE-35" is 12ABC34501DE35. CNPJs have been issued with letters since July 2026 (IN RFB
// 2.229/2024): a letter counts as its ASCII code less 48 in the check digits. Zeros that a spreadsheet dropped from the
// beginning are put back when the check digits then agree.
//
// A refusal is a *fault.Error: document_empty, document_symbol, document_length, document_check. None of them carries
// the document.
func Document(raw string) (string, error) {
	s, bad := documentText(raw)
	if bad != nil {
		return "", bad
	}
	switch n := len(s); {
	case n <= cpfLength && n >= cpfLength-2 && digits(s):
		s = strings.Repeat("0", cpfLength-n) + s
	case n <= cnpjLength && n >= cnpjLength-2:
		s = strings.Repeat("0", cnpjLength-n) + s
	default:
		return "", fault.New(fault.Invalid, "document_length", fault.Params{"length": n})
	}
	if !checks(s) {
		return "", fault.New(fault.Invalid, "document_check", fault.Params{"kind": documentKind(s)})
	}
	return s, nil
}

// documentKind names a normalised document.
func documentKind(s string) string {
	if len(s) == cpfLength {
		return "CPF"
	}
	return "CNPJ"
}

func documentText(raw string) (string, *fault.Error) {
	var b strings.Builder
	for _, r := range strings.TrimSpace(raw) {
		switch {
		case r >= '0' && r <= '9', r >= 'A' && r <= 'Z':
			b.WriteRune(r)
		case r >= 'a' && r <= 'z':
			b.WriteRune(r - 'a' + 'A')
		case strings.ContainsRune(" .-/\u00a0\u2013\u2010\u2011", r):
		default:
			return "", fault.New(fault.Invalid, "document_symbol", fault.Params{"symbol": string(r)})
		}
	}
	if b.Len() == 0 {
		return "", fault.New(fault.Invalid, "document_empty", nil)
	}
	return b.String(), nil
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// checks reports whether both check digits are right and not all characters the same, which would check but is never
// issued.
func checks(s string) bool {
	body, check := s[:len(s)-2], s[len(s)-2:]
	if !digits(check) || strings.Trim(s, s[:1]) == "" {
		return false
	}
	most := cpfLength // weights of a CPF go on rising to the left
	if len(s) == cnpjLength {
		most = 9
	}
	first := checkDigit(body, most)
	return check[0] == first && check[1] == checkDigit(body+string(first), most)
}

// checkDigit is 11 less the remainder of the weighted sum; weights are 2, 3, … from the right, and 2 again after most.
func checkDigit(s string, most int) byte {
	sum, weight := 0, 2
	for i := len(s) - 1; i >= 0; i-- {
		sum += int(s[i]-'0') * weight
		if weight++; weight > most {
			weight = 2
		}
	}
	if rest := sum % 11; rest >= 2 {
		return byte('0' + 11 - rest)
	}
	return '0'
}
