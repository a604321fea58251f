package audience

import (
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// The number of a contact is in the last 62 bits of its id, multiplied by an odd number, so that ids that follow each other
// do not look alike. Both are stored with others and must never change.
const (
	idBits    = 1<<62 - 1
	idTimes   = 0x1e37_79b9_7f4a_7c15
	idDivided = 0x31de_83e1_9937_733d // idTimes * idDivided is 1, in 62 bits
)

// ContactID is the id of a contact: a UUID of version 8 (RFC 9562, section 5.8), laid out as one of version 7: when the
// contact was made, to the millisecond, and its number instead of chance. So nobody needs an index to find a contact by it,
// and ids rise with time.
func ContactID(no int64, made time.Time) string {
	ms := uint64(made.UnixMilli())
	mixed := uint64(no) * idTimes & idBits
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:8], ms<<16|0x8000|check(mixed, ms))
	binary.BigEndian.PutUint64(id[8:], 1<<63|mixed)
	return id.String()
}

// ContactNo reads an id that ContactID made: the number of the contact, and when it was made. Of any other text it gives
// false, and the number of nobody.
func ContactNo(id string) (no int64, made time.Time, ok bool) {
	u, err := uuid.Parse(id)
	if err != nil {
		return 0, time.Time{}, false
	}
	ms := binary.BigEndian.Uint64(u[:8]) >> 16
	no = int64(binary.BigEndian.Uint64(u[8:]) & idBits * idDivided & idBits)
	made = time.UnixMilli(int64(ms)).UTC()
	if ContactID(no, made) != id {
		return 0, time.Time{}, false
	}
	return no, made, true
}

// check is twelve bits by which an id that was written down wrongly is known.
func check(mixed, ms uint64) uint64 { return (mixed ^ ms) * idTimes >> 50 & 0xfff }
