// Package xlsx writes workbooks (XLSX) row by row, in the memory of a few rows, whatever their size.
//
// A cell is text unless its column says otherwise, and text is shown as text: nothing in it is run, no phone number becomes
// a quantity, neither what is written nor what somebody types into the same columns afterwards. Numbers and instants are
// what they are, so that a spreadsheet adds up and sorts them; one that cannot be read as such stays text.
//
// A sheet has room for 1,048,576 rows. What is more goes to further sheets, each with the header.
package xlsx
