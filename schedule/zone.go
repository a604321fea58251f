package schedule

import (
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // zones must exist on machines that have none installed

	"campanario/internal/fault"
)

// zones keeps what LoadZone has read: reading a zone takes 20 µs and contacts in the same zone come by the million.
// Only names that exist get in, so it cannot grow beyond the time zone database.
var zones sync.Map // string → *time.Location

// LoadZone gives the IANA time zone of the name, "America/Sao_Paulo". What is not one, "Local" and the empty name
// included, is refused with zone_unknown. It is safe for concurrent use.
func LoadZone(name string) (*time.Location, error) {
	if z, ok := zones.Load(name); ok {
		return z.(*time.Location), nil
	}
	if !zoneName(name) {
		return nil, invalid("zone_unknown", fault.Params{"value": clip(name), "example": "America/Sao_Paulo"})
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		return nil, invalid("zone_unknown", fault.Params{"value": clip(name), "example": "America/Sao_Paulo"}).Because(err)
	}
	zones.Store(name, z)
	return z, nil
}

// zoneName keeps out what time.LoadLocation would take although it is no zone: "" and "Local", the other files of the
// system's zone folder, and its copies that count leap seconds.
func zoneName(s string) bool {
	switch s {
	case "", "Local", "localtime", "posixrules", "Factory":
		return false
	}
	if len(s) > 64 || strings.HasPrefix(s, "right/") || strings.HasPrefix(s, "posix/") {
		return false
	}
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '/', r == '_', r == '-', r == '+':
		default:
			return false
		}
	}
	return true
}
