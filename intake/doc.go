// Package intake reads contacts out of the files people have: CSV from any spreadsheet, a pasted list of numbers or
// mailboxes, JSON and NDJSON. It streams: a file of any size passes through a window of a few megabytes, and what is
// wrong with one row stops no other. Reader gives the recipients of a campaign, of one channel; ContactReader those of the
// contact base, who have phones and mailboxes and all else a contact can have, also out of workbooks and gzip.
//
// # Files for the contact base
//
// A file has a layout. R's is thirteen columns by name and order, one address a row, and nothing else: what its page
// refuses is refused, each with a code of its own. A's is name, contact, context and id. A list is addresses. All other
// tables are mapped: each column to a field, as somebody says or as Suggest finds by the columns' names and by what is in
// them. In JSON the members of objects are the columns. Who leaves the layout open gets what Suggest finds.
//
// A row is taken when one of its addresses is right; those that are not are warnings, and in a strict file they refuse the
// row. A document with a wrong check digit always refuses its row: people are recognised by it.
//
// One goroutine cuts the file into packs of rows, and others make contacts of them (see ContactReader); each pack's
// cells are parts of one text, so a row costs few allocations.
//
// Workbooks are read by code of our own (docs/decisions/0028): a formula counts as the value it came to, which must be
// there, and in R's layout it refuses its row; a day is written 2026-12-31; a number that the sheet shows as 5.51E+12 and
// that ends in zeros has lost its last digits, and stays as it is shown, so that it is refused for what it is.
//
// # What is taken for what
//
// A file that begins with { or [ is NDJSON or a JSON array (see jsonRow for a row's keys). One that, split at line
// ends, commas, semicolons, tabs and bars, is nearly nothing but addresses is a list. All else is CSV.
//
// Encoding: a byte order mark decides; without one, zero bytes at every other place mean UTF-16. All else is read cell by
// cell: as UTF-8, or, where a cell is not, as Windows-1252, which is what Excel writes in Brazil. Files get pasted
// together, and one letter of the other encoding must not spoil the rest.
//
// Delimiter: of comma, semicolon, tab and bar the one by which most rows have as many cells as the first; Excel's line
// "sep=;" is obeyed. Lines end with LF, CRLF, or CR where there is no LF at all.
//
// Lines above a table, such as a title and when it was made, are passed over where a header plainly follows them; in R's
// layout they are refused. Of a workbook the first sheet that people see is read.
//
// Header: the first row is one when it names a column that we know or holds no address. Names are compared without
// capitals, accents and punctuation, in Portuguese, Spanish and English. A column that is not known becomes a variable
// under its own folded name ("Valor da Dívida" is valor_da_divida). Without a header, the column with the most valid
// addresses is the contact, the first with words is the name, and the others are column_3 and so on.
//
// # Quotes that never close
//
// A quoted cell may go over several lines. It ends with a quote before a delimiter or a line end; inside its first line
// other quotes are taken as they stand (people write "Ana "Bia" Souza"), but once it has gone past a line end, a quote
// that neither ends it nor is doubled shows that it should have ended before. It has then never been closed, as when it
// grows past Options.MaxRow or reaches the end of the file: the row it is in is refused with quote_unclosed, and reading
// goes on at the line after the one where the quote was opened. One bad quote costs one row, not the rest of the file.
//
// # Cells
//
// Spaces around a cell are dropped, and the apostrophe that Safe puts before what a spreadsheet would run; ="…" is the
// text in it. A cell that begins with = is a formula and refused in contact, name and id; in a variable it is text, and
// is made safe again when it is written.
package intake
