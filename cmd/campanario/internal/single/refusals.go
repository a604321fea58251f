package single

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"campanario/cmd/campanario/internal/terminal"
	"campanario/intake"
	"campanario/internal/locale"
)

// refusals tells of rows that were refused: the first of them to people, all of them to a file.
type refusals struct {
	contacts string
	words    terminal.Words
	out      io.Writer
	path     string
	file     *os.File
	csv      *intake.Writer
	n        int
}

// told is how many refused rows are told to people.
const told = 20

func newRefusals(contacts, path string, w terminal.Words, out io.Writer) (*refusals, error) {
	r := &refusals{contacts: contacts, words: w, out: out, path: path}
	if path == "" {
		return r, nil
	}
	var err error
	if r.file, err = os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600); err != nil {
		return nil, unwritten(path, err)
	}
	if r.csv, err = intake.NewWriter(r.file, ','); err == nil {
		err = r.csv.Write(w.Say("rejected.line"), w.Say("rejected.column"), w.Say("rejected.code"), w.Say("rejected.reason"))
	}
	return r, err
}

// add tells of a row, or of a part of one that was left out.
func (r *refusals) add(row intake.Rejected, left bool) {
	r.n++
	say := terminal.Clean(locale.Fault(r.words.Language, row.Error))
	if left {
		say = r.words.Say("left_out", "reason", say)
	}
	if r.csv != nil {
		_ = r.csv.Write(strconv.Itoa(row.Line), row.Column, row.Error.Code, say) // what is wrong comes at Flush
	}
	if r.n > told {
		return
	}
	column := ""
	if row.Column != "" {
		column = terminal.Clean(row.Column) + ": "
	}
	fmt.Fprintf(r.out, "%s:%d: %s%s [%s]\n", terminal.Clean(r.contacts), row.Line, column, say, row.Error.Code) //nolint:errcheck // progress
}

// close says how many were not told, and ends the file.
func (r *refusals) close() error {
	if more := r.n - told; more > 0 {
		key := "more_rejected"
		if r.path != "" {
			key = "more_rejected_in"
		}
		fmt.Fprintln(r.out, r.words.Say(key, "n", more, "path", terminal.Clean(r.path))) //nolint:errcheck // progress
	}
	if r.file == nil {
		return nil
	}
	if err := errors.Join(r.csv.Flush(), r.file.Close()); err != nil {
		return unwritten(r.path, err)
	}
	return nil
}
