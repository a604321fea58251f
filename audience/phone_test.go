package audience

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"

	"campanario/channel"
	"campanario/internal/fault"
)

func TestPhone(t *testing.T) {
	const mobile, landline = "+5511987654321", "+551132123456"
	tests := []struct{ name, in, country, want string }{
		{"E.164", "+5511987654321", "BR", mobile},
		{"E.164 with no country", "+5511987654321", "", mobile},
		{"E.164 with another country", "+5511987654321", "MX", mobile},
		{"with country, no plus", "5511987654321", "BR", mobile},
		{"area and number", "11987654321", "BR", mobile},
		{"as people write it", "(11) 98765-4321", "BR", mobile},
		{"with everything", "+55 (11) 9.8765-4321", "BR", mobile},
		{"plus in parentheses", "(+55) 11 98765 4321", "BR", mobile},
		{"a slash", "11/98765-4321", "BR", mobile},
		{"trunk zero", "011 98765-4321", "BR", mobile},
		{"trunk zero after the country", "+55 (011) 98765-4321", "BR", mobile},
		{"trunk zero after the country, no plus", "55011987654321", "BR", mobile},
		{"carrier", "0 15 11 98765-4321", "BR", mobile},
		{"carrier and landline", "021 11 3212-3456", "BR", landline},
		{"carrier after the country", "+55 0 41 11 98765 4321", "BR", mobile},
		{"international prefix", "0055 11 98765-4321", "BR", mobile},
		{"ninth digit missing", "11 8765-4321", "BR", "+5511987654321"},
		{"ninth digit missing, with country", "551187654321", "BR", "+5511987654321"},
		{"ninth digit missing, trunk zero", "(011) 8765-4321", "BR", "+5511987654321"},
		{"ninth digit missing, carrier", "015 11 8765-4321", "BR", "+5511987654321"},
		{"an old number with 7", "11 7765-4321", "BR", "+5511977654321"},
		{"landline", "(11) 3212-3456", "BR", landline},
		{"landline with country", "55 11 3212-3456", "BR", landline},
		{"area 55, mobile", "55987654321", "BR", "+5555987654321"},
		{"area 55, landline", "5532123456", "BR", "+555532123456"},
		{"area 55 with country", "5555987654321", "BR", "+5555987654321"},
		{"no-break spaces and long dashes", "11\u00a098765\u20134321", "BR", mobile},
		{"marks of direction", "\u202a+55 11 98765-4321\u202c", "BR", mobile},
		{"wide digits", "（１１）９８７６５－４３２１", "BR", mobile},
		{"a cell kept text", "'11987654321", "BR", mobile},
		{"a link", "tel:+55-11-98765-4321", "BR", mobile},
		{"taken for a quantity", "5511987654321.0", "BR", mobile},
		{"taken for a quantity, in Portuguese", "11987654321,00", "BR", mobile},
		{"small country", "11987654321", "br", mobile},

		{"empty", "", "BR", "phone_empty"},
		{"blank", " \t ", "BR", "phone_empty"},
		{"only punctuation", "(--)", "BR", "phone_empty"},
		{"only a plus", "+", "BR", "phone_empty"},
		{"scientific", "5,51199E+12", "BR", "phone_scientific"},
		{"scientific in English", "5.51199E+12", "BR", "phone_scientific"},
		{"scientific, whole", "55E11", "BR", "phone_scientific"},
		{"letters", "11 9876-ABCD", "BR", "phone_letters"},
		{"an extension", "11 3212-3456 ramal 12", "BR", "phone_letters"},
		{"a symbol", "11*987654321", "BR", "phone_symbol"},
		{"plus inside", "11+987654321", "BR", "phone_symbol"},
		{"two pluses", "++5511987654321", "BR", "phone_symbol"},
		{"two numbers", "11987654321, 11987654322", "BR", "phone_several"},
		{"two numbers with a slash", "11987654321/11987654322", "BR", "phone_several"},
		{"two numbers on two lines", "11987654321\n11987654322", "BR", "phone_several"},
		{"one number on two lines", "11 98765\n4321", "BR", mobile},
		{"plus and zeros", "+0055 11 98765-4321", "BR", "phone_plus_zero"},
		{"three zeros", "00055 11 98765-4321", "BR", "phone_plus_zero"},
		{"no area", "98765-4321", "BR", "phone_no_area"},
		{"no area, landline", "3212-3456", "BR", "phone_no_area"},
		{"no area, with country", "+55 98765-4321", "BR", "phone_no_area"},
		{"no area, trunk zero", "0 98765-4321", "BR", "phone_no_area"},
		{"unknown area", "20 98765-4321", "BR", "phone_area_unknown"},
		{"unknown area, with country", "+55 10 98765-4321", "BR", "phone_area_unknown"},
		{"too short", "11 9876", "BR", "phone_too_short"},
		{"too short with country", "+55 11 987", "BR", "phone_too_short"},
		{"a service's short number", "190", "BR", "phone_too_short"},
		{"too long", "11 98765-43210", "BR", "phone_too_long"},
		{"too long with country", "+55 11 98765-43210", "BR", "phone_too_long"},
		{"a landline too long", "11 3212-34567", "BR", "phone_too_long"},
		{"far too long", strings.Repeat("1", 200), "BR", "phone_too_long"},
		{"endless", strings.Repeat("1", 1<<20), "BR", "phone_too_long"},
		{"a carrier code that lost its zero", "1511987654321", "BR", "phone_too_long"},
		{"a number that begins with 1", "11 1212-3456", "BR", "phone_invalid"},
		{"a mobile that begins with 8", "11 887654321", "BR", "phone_invalid"},
		{"freephone", "0800 123 4567", "BR", "phone_service"},
		{"freephone without zero", "800 123 4567", "BR", "phone_service"},
		{"freephone with country", "+55 800 123 4567", "BR", "phone_service"},
		{"premium rate", "0900 123 456", "BR", "phone_service"},
		{"a company's number", "4004-1234", "BR", "phone_service"},
		{"no country", "11987654321", "", "phone_no_country"},
		{"a country that is none", "11987654321", "XX", "country_unknown"},
		{"a country that is none and not needed", "+5511987654321", "XX", mobile},

		{"Mexico", "55 1234 5678", "MX", "+525512345678"},
		{"Mexico with the 1 of old", "+52 1 55 1234 5678", "BR", "+525512345678"},
		{"Mexico from a mobile of old", "044 55 1234 5678", "MX", "+525512345678"},
		{"Chile", "9 6123 4567", "CL", "+56961234567"},
		{"Colombia", "300 123 4567", "CO", "+573001234567"},
		{"United States", "(212) 555-2368", "US", "+12125552368"},
		{"United States from Brazil", "001 212 555 2368", "BR", "+12125552368"},
		{"Argentina, mobile", "+54 9 11 2345-6789", "BR", "+5491123456789"},
		{"Portugal", "+351 912 345 678", "BR", "+351912345678"},
		{"no area in the United States", "555-2368", "US", "phone_no_area"},
		{"too long in Mexico", "55 1234 56789 0", "MX", "phone_too_long"},
		{"too short in Chile", "9 612", "CL", "phone_too_short"},
		{"not a number of the country", "+1 000 000 0000", "BR", "phone_invalid"},
		{"no such country code", "+999 123 456 789", "BR", "phone_country_unknown"},
		{"Mexico without the plus, from Brazil", "5215512345678", "BR", "phone_too_long"},
		{"freephone in the United States", "1 800 234 5678", "US", "phone_service"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Phone(tt.in, tt.country)
			if err != nil {
				bad := fault.All(err)
				if len(bad) != 1 || bad[0].Code != tt.want || bad[0].Kind != fault.Invalid {
					t.Fatalf("refused with %v, want %s", err, tt.want)
				}
				for name, v := range bad[0].Params {
					if len(fmt.Sprint(v)) > 41 || name != "value" && len(fmt.Sprint(v)) > 3 {
						t.Errorf("the refusal says %s = %v: is that somebody's number?", name, v)
					}
				}
				return
			}
			if string(got) != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

// personal reports what libphonenumber says of an E.164 number: that it is valid, and of a kind that a person answers.
func personal(t testing.TB, e164 string) bool {
	t.Helper()
	n, err := phonenumbers.Parse(e164, "")
	if err != nil || !phonenumbers.IsValidNumber(n) || phonenumbers.Format(n, phonenumbers.E164) != e164 {
		return false
	}
	switch phonenumbers.GetNumberType(n) {
	case phonenumbers.FIXED_LINE, phonenumbers.MOBILE:
		return true
	default:
		return false
	}
}

// TestBrazilAgainstLibrary goes through every area code and every beginning of a number, and holds that we take exactly
// what libphonenumber calls a valid landline or mobile, but for the mobiles of eight digits that begin with 7: those it
// still knows, and they have got a ninth digit since.
func TestBrazilAgainstLibrary(t *testing.T) {
	taken := 0
	for area := 10; area < 100; area++ { // what begins with a zero is a trunk zero
		for start := range 100 {
			for _, rest := range []string{"123456", "1234567"} {
				n := fmt.Sprintf("%02d%02d%s", area, start, rest)
				want := personal(t, "+55"+n)
				old := len(n) == 10 && n[2] >= '6'
				got, ok := plainBrazil("+55"+n, "")
				switch {
				case old && ok:
					if !personal(t, string(got)) || string(got) != "+55"+n[:2]+"9"+n[2:] {
						t.Errorf("%s became %s", n, got)
					}
				case old:
					if areaKnown(n[0], n[1]) {
						t.Errorf("%s was not completed", n)
					}
				case ok != want || ok && string(got) != "+55"+n:
					t.Errorf("%s: %s (%v), the library %v", n, got, ok, want)
				}
				if ok {
					taken++
				}
				long, bad := phone("+55"+n, "")
				if (bad == nil) != ok || long != got {
					t.Errorf("%s: %s by the short cut (%v), %s by the long way (%v)", n, got, ok, long, bad)
				}
			}
		}
	}
	if taken != 67*(40+10+40) { // landlines 20-59, mobiles 90-99, completed ones 60-99
		t.Errorf("%d numbers taken", taken)
	}
}

// FuzzPhone holds that the short cut says what the long way says, that what is taken is what libphonenumber calls valid,
// and that its form is final.
func FuzzPhone(f *testing.F) {
	for _, s := range []string{
		"+5511987654321", "(11) 98765-4321", "0 15 11 98765-4321", "5,51199E+12", "11 8765-4321", "0055 11 98765-4321", "+52 1 55 1234 5678",
		"+1 212 555 2368", "0800 123 4567", "4004-1234", "55987654321", "5511987654321.0", "+00", "\u202a+55 11\u202c", "tel:+", "１１", "\xff", "+54 9 11 2345-6789",
		"1198765-4321/1187654321", "+55(011)98765-4321", "+39 06 1234567",
	} {
		f.Add(s, "BR")
	}
	f.Add("55 1234 5678", "MX")
	f.Add("212 555 2368", "us")
	f.Add("912345678", "")
	f.Fuzz(func(t *testing.T, raw, country string) {
		long, bad := phone(raw, country)
		if fast, ok := plainBrazil(raw, country); ok && (bad != nil || fast != long) {
			t.Fatalf("%q: %s by the short cut, %s (%v) by the long way", raw, fast, long, bad)
		}
		got, err := Phone(raw, country)
		if err != nil {
			if len(fault.All(err)) != 1 {
				t.Fatalf("%q: %v", raw, err)
			}
			return
		}
		n, err := phonenumbers.Parse(string(got), "")
		if err != nil || !phonenumbers.IsValidNumber(n) || phonenumbers.Format(n, phonenumbers.E164) != string(got) {
			t.Fatalf("%q (%s) became %s, which the library does not take (%v)", raw, country, got, err)
		}
		if again, err := Phone(string(got), "BR"); err != nil || again != got {
			t.Fatalf("%q became %s, then %s (%v)", raw, got, again, err)
		}
	})
}

// FuzzBrazilAgainstLibrary gives digits in the shapes people write to us and to libphonenumber, and holds that where it
// finds a person's Brazilian number, we find the same.
func FuzzBrazilAgainstLibrary(f *testing.F) {
	for _, n := range []uint64{11987654321, 1132123456, 5511987654321, 551132123456, 55987654321, 98765432, 1, 1177654321, 99999999999} {
		for shape := range uint8(8) {
			f.Add(n, shape)
		}
	}
	f.Fuzz(func(t *testing.T, n uint64, shape uint8) {
		digits := fmt.Sprint(n % 10_000_000_000_000)
		raw := digits
		switch shape % 8 {
		case 1:
			raw = "+55" + digits
		case 2:
			raw = "0" + digits
		case 3:
			raw = "015" + digits
		case 4:
			raw = "+55 0" + digits
		case 5:
			raw = "(" + digits[:1] + ") " + digits[1:]
		case 6:
			raw = digits[:len(digits)/2] + "-" + digits[len(digits)/2:]
		case 7:
			raw = "55" + digits
		}
		if strings.HasPrefix(raw, "00") {
			return // the library takes what follows for a carrier code, we for the country
		}
		lib, err := phonenumbers.Parse(raw, "BR")
		if err != nil || lib.GetCountryCode() != 55 || !personal(t, phonenumbers.Format(lib, phonenumbers.E164)) {
			return
		}
		national := phonenumbers.GetNationalSignificantNumber(lib)
		want := "+55" + national
		if len(national) == 10 && national[2] >= '6' {
			want = "+55" + national[:2] + "9" + national[2:]
		}
		got, err := Phone(raw, "BR")
		if string(got) != want {
			t.Fatalf("%q: %s (%v), the library %s", raw, got, err, want)
		}
	})
}

func BenchmarkPhone(b *testing.B) {
	for _, bb := range []struct{ name, in string }{
		{"plain", "11987654321"}, {"written", "(11) 98765-4321"}, {"trunk", "011 98765-4321"}, {"abroad", "+1 212 555 2368"},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Phone(bb.in, "BR"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("library", func(b *testing.B) {
		for b.Loop() {
			n, err := phonenumbers.Parse("11987654321", "BR")
			if err != nil || !phonenumbers.IsValidNumber(n) {
				b.Fatal(err)
			}
			_ = channel.Address(phonenumbers.Format(n, phonenumbers.E164))
		}
	})
}
