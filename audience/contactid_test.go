package audience_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"campanario/audience"
)

func TestContactIDs(t *testing.T) {
	made := time.Date(2026, 11, 22, 12, 0, 0, 123e6, time.UTC)
	seen := map[string]bool{}
	for _, no := range []int64{1, 2, 3, 1 << 20, 1<<31 + 7, 1<<62 - 1} {
		id := audience.ContactID(no, made.Add(456*time.Microsecond)) // less than a millisecond is not kept
		u, err := uuid.Parse(id)
		if err != nil || u.Version() != 8 || u.Variant() != uuid.RFC4122 || seen[id] {
			t.Errorf("%d: %s (%v)", no, id, err)
		}
		seen[id] = true
		if gotNo, gotMade, ok := audience.ContactNo(id); !ok || gotNo != no || !gotMade.Equal(made) {
			t.Errorf("%s is %d of %v, %v; want %d", id, gotNo, gotMade, ok, no)
		}
	}
	if a, b := audience.ContactID(9, made), audience.ContactID(1, made.Add(time.Millisecond)); a >= b {
		t.Errorf("%s was made before %s", a, b)
	}
	// The same for ever: ids are in other people's systems.
	if got, want := audience.ContactID(42, made), "01a20320-a27b-842d-b519-f86ee2385b72"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func FuzzContactNo(f *testing.F) {
	f.Add(audience.ContactID(42, time.UnixMilli(1_795_000_000_000)))
	f.Add("")
	f.Add("019aa7c5-0000-8000-8000-000000000000")
	f.Add("{019AA7C5-0000-7000-8000-000000000000}")
	f.Fuzz(func(t *testing.T, id string) {
		no, made, ok := audience.ContactNo(id)
		if !ok && (no != 0 || !made.IsZero()) {
			t.Errorf("%q is nobody's, and yet %d of %v", id, no, made)
		}
		if ok && audience.ContactID(no, made) != id {
			t.Errorf("%q is %d of %v, whose id is %s", id, no, made, audience.ContactID(no, made))
		}
	})
}
