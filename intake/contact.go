package intake

import (
	"campanario/audience"
	"campanario/internal/fault"
)

// Layout is what a file of contacts is made like.
type Layout string

// The layouts.
const (
	LayoutAuto   Layout = ""       // found out, as Suggest does
	LayoutR      Layout = "r"      // TIPO_DE_REGISTRO;VALOR_DO_REGISTRO;…: its columns, and nothing else
	LayoutA      Layout = "a"      // name, contact, context, id
	LayoutList   Layout = "list"   // addresses and nothing else
	LayoutMapped Layout = "mapped" // as ContactOptions.Columns says
)

// Layouts lists the layouts.
func Layouts() []Layout { return []Layout{LayoutAuto, LayoutR, LayoutA, LayoutList, LayoutMapped} }

// Fields of contacts, beside those of recipients. FieldContact is an address of either kind, FieldTags and its like hold
// several words with commas, semicolons or bars between them.
const (
	FieldPhone      Field = "phone"
	FieldEmail      Field = "email"
	FieldDocument   Field = "document"
	FieldCity       Field = "city"
	FieldState      Field = "state"
	FieldLocation   Field = "location"
	FieldPortfolios Field = "portfolios"
	FieldSegments   Field = "segments"
	FieldPrimary    Field = "primary" // whom the contact stands in for: an external id, a document or an address of theirs
	FieldIgnore     Field = "ignore"
)

// Mapped says what one column of a file is.
type Mapped struct {
	Column string `json:"column" doc:"Its name as in the file; its number, from 1, in a file without a header"`
	Field  Field  `json:"field" doc:"What it holds"`
	Key    string `json:"key,omitempty" doc:"For field variable: the name of the attribute; that of the column unless it is said"`
}

// ContactOptions say how to read a file of contacts.
type ContactOptions struct {
	Country string   `json:"country,omitempty" doc:"ISO 3166-1 country of phone numbers without a country code; the workspace's unless it is said"`
	Layout  Layout   `json:"layout,omitempty" enum:",r,a,list,mapped" doc:"Absent: found out"`
	Columns []Mapped `json:"columns,omitempty" doc:"For layout mapped; what is not named is ignored"`
	Sheet   string   `json:"sheet,omitempty" doc:"Of a workbook; the first unless it is said"`
	// Strict refuses the whole file when one row is refused.
	Strict bool `json:"strict,omitempty" doc:"Refuse the whole file when one row is refused"`
	// What every contact of the file is given beside what the file says.
	Tags       []string `json:"tags,omitempty"`
	Segments   []string `json:"segments,omitempty"`
	Portfolios []string `json:"portfolios,omitempty"`
}

// Person is one contact of a file.
type Person struct {
	Line     int // where it begins, from 1
	Contact  audience.Contact
	Warnings []Refusal // what was left out although the contact was taken; without cells
	// PrimaryKey names whom the contact stands in for; nil for nobody.
	PrimaryKey *audience.PrimaryKey

	cells rowCells
}

// Refusal is a row that was refused, and why.
type Refusal struct {
	Line   int
	Column string // as the file has it, or its number; empty for the whole row
	Error  *fault.Error
	Cells  []string // of the row, as the file has them
}

// Suggestion is what a file looks like.
type Suggestion struct {
	Format    Format            `json:"format" enum:"csv,list,ndjson,json,xlsx"`
	Encoding  Encoding          `json:"encoding,omitempty"`
	Delimiter string            `json:"delimiter,omitempty"`
	Decimal   string            `json:"decimal,omitempty" doc:"What stands before the cents in its amounts: a comma or a point; absent when it has none"`
	Header    bool              `json:"header"`
	Layout    Layout            `json:"layout" enum:"r,a,list,mapped"`
	Sheets    []string          `json:"sheets" doc:"Of a workbook"`
	Columns   []SuggestedColumn `json:"columns"`
}

// SuggestedColumn is a column of a file and what it seems to hold.
type SuggestedColumn struct {
	Mapped
	Samples []string `json:"samples" doc:"Up to five different values"`
}
