package audience

import (
	"fmt"
	"strings"
	"testing"

	"campanario/internal/fault"
)

// abroadForms are numbers as people write them in the countries where we are used, with what becomes of each.
const abroadForms = `
MX | +52 55 1234 5678      | +525512345678
MX | 525512345678          | +525512345678
MX | 0052 55 1234 5678     | +525512345678
MX | 55-1234-5678          | +525512345678
MX | (55) 1234 5678        | +525512345678
MX | 01 55 1234 5678       | +525512345678
MX | 044 55 1234 5678      | +525512345678
MX | 045 55 1234 5678      | +525512345678
MX | +52 1 55 1234 5678    | +525512345678
MX | 5215512345678         | +525512345678
MX | 1234 5678             | phone_no_area
MX | 55 1234 567           | phone_too_short
MX | 55 1234 56789         | phone_too_long
MX | 55 1234 ABCD          | phone_letters
MX | 800 123 4567          | phone_service
MX | 5.51234E+9            | phone_scientific
MX | 55*1234 5678          | phone_symbol
MX | 5512345678/5587654321 | phone_several

CO | +57 300 123 4567      | +573001234567
CO | 573001234567          | +573001234567
CO | 0057 300 123 4567     | +573001234567
CO | 300-123-4567          | +573001234567
CO | (300) 123 4567        | +573001234567
CO | 03 300 123 4567       | +573001234567
CO | 601 234 5678          | +576012345678
CO | (1) 234 5678          | +576012345678
CO | +57 1 234 5678        | +576012345678
CO | (4) 234 5678          | +576042345678
CO | 234 5678              | phone_no_area
CO | 300 123 456           | phone_invalid
CO | 300 123 45678         | phone_invalid
CO | 300 CASA 123          | phone_letters
CO | 01 8000 123456        | phone_service

CL | +56 9 6123 4567       | +56961234567
CL | 56961234567           | +56961234567
CL | 0056 9 6123 4567      | +56961234567
CL | 9-6123-4567           | +56961234567
CL | (9) 6123 4567         | +56961234567
CL | 09 6123 4567          | +56961234567
CL | 2 2123 4567           | +56221234567
CL | (2) 2123 4567         | +56221234567
CL | 02 2123 4567          | +56221234567
CL | 2123 4567             | phone_too_short
CL | 9 6123 456            | phone_too_short
CL | 9 6123 45678          | phone_invalid
CL | 9 CASA 4567           | phone_letters
CL | 800 123 456           | phone_service

AR | +54 9 11 2345-6789    | +5491123456789
AR | 5491123456789         | +5491123456789
AR | 0054 9 11 2345 6789   | +5491123456789
AR | 9 11 2345-6789        | +5491123456789
AR | 011 15 2345-6789      | +5491123456789
AR | 11 15 2345-6789       | +5491123456789
AR | (011) 15-2345-6789    | +5491123456789
AR | 0351 15 234-5678      | +5493512345678
AR | (011) 4345-6789       | +541143456789
AR | +54 11 4345-6789      | +541143456789
AR | 4345-6789             | phone_no_area
AR | 15 2345-6789          | phone_invalid
AR | 11 4345-678           | phone_too_short
AR | 11 4345-67899         | phone_invalid
AR | 11 CASA               | phone_letters
AR | 0800 555 1234         | phone_service

US | +1 212 555 2368       | +12125552368
US | 12125552368           | +12125552368
US | 1-212-555-2368        | +12125552368
US | 001 212 555 2368      | +12125552368
US | (212) 555-2368        | +12125552368
US | 212.555.2368          | +12125552368
US | 011 52 55 1234 5678   | +525512345678
US | 555-2368              | phone_no_area
US | 212 555 236           | phone_too_short
US | 212 555 23689         | phone_too_long
US | 123 456 7890          | phone_invalid
US | 1-800-FLOWERS         | phone_letters
US | 1 800 234 5678        | phone_service
US | 2.12556E+09           | phone_scientific
`

func TestPhonesAbroad(t *testing.T) {
	tested := 0
	for line := range strings.Lines(abroadForms) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		var cell [3]string
		for i, part := range strings.SplitN(line, "|", 3) {
			cell[i] = strings.TrimSpace(part)
		}
		tested++
		t.Run(fmt.Sprintf("%s %s", cell[0], cell[1]), func(t *testing.T) {
			got, err := Phone(cell[1], cell[0])
			if err != nil {
				if bad := fault.All(err); len(bad) != 1 || bad[0].Code != cell[2] {
					t.Fatalf("refused with %v, want %s", err, cell[2])
				}
				return
			}
			if string(got) != cell[2] {
				t.Errorf("%s, want %s", got, cell[2])
			}
		})
	}
	if tested != 77 {
		t.Errorf("%d forms", tested)
	}
}
