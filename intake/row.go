package intake

import (
	"campanario/audience"
	"campanario/channel"
	"campanario/internal/fault"
)

// Options say how to read a file.
type Options struct {
	Kind       channel.Kind // how the contacts are reached: whether a contact is a phone number or a mailbox
	Country    string       // ISO 3166-1 country of phone numbers without a country code; may be empty
	Format     Format       // empty to find out
	Columns    []Mapped     // what columns of a table hold; one that is not named is taken for what it looks like
	Duplicates bool         // fill Row.Duplicate. It takes about 24 bytes of memory per contact
	MaxColumns int          // more refuse the file; 0 is 500
	MaxField   int          // bytes of a cell; 0 is 64 KiB
	MaxRow     int          // bytes of a row; 0 is 1 MiB
}

// Format is a kind of file.
type Format string

// The formats.
const (
	CSV    Format = "csv"
	List   Format = "list"   // addresses and nothing else
	NDJSON Format = "ndjson" // a JSON object per line
	JSON   Format = "json"   // an array of objects
)

// Row is one contact.
type Row struct {
	Line       int    // where it begins in the file, from 1; in a JSON array its number
	Name       string // may be empty
	ExternalID string // what the customer's own system calls the contact; may be empty

	// Addresses are where to reach the contact, each once: the primary first, then secondary ones in the order in which
	// to try them. There is at least one.
	Addresses []channel.Address

	Variables map[string]string // by folded name; never nil in a row with variables, nil otherwise
	Zone      string            // IANA, known to exist; empty when the file does not say
	Language  string            // BCP 47, such as pt-BR; empty when the file does not say
	Priority  audience.Priority // never empty
	Tags      []string

	Duplicate int        // the line of an earlier row with the same primary address; 0 for none (Options.Duplicates)
	Warnings  []Rejected // what was left out although the row was taken: an address that is none, beside one that is
}

// Rejected is a row that was refused, or a part of one, and why.
type Rejected struct {
	Line   int
	Column string // the column's name as the file has it, or its number; empty for the whole row
	Error  *fault.Error
}

// Bounds of what is stored of a row, in bytes.
const (
	longestName   = 400
	longestID     = 200
	longestTag    = 100
	mostTags      = 50
	mostAddresses = 10
	mostVariables = 500
)

func (o Options) withDefaults() Options {
	if o.MaxColumns <= 0 {
		o.MaxColumns = 500
	}
	if o.MaxField <= 0 {
		o.MaxField = 64 << 10
	}
	if o.MaxRow <= 0 {
		o.MaxRow = 1 << 20
	}
	return o
}

func invalid(code string, p fault.Params) *fault.Error { return fault.New(fault.Invalid, code, p) }

// clip bounds what a file says before it goes into an error.
func clip(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
