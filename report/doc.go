// Package report tells what came of a campaign: its rates and what they mean, and its report as a file, one row per
// recipient or one per attempt. Of campaigns it only reads.
//
// # Workbooks
//
// A workbook comes into being as a whole and takes a while: Files takes it down, and a Worker writes it. Its bytes are kept
// part by part in the store, so that any node can hand them out. A node holds a file by a lease, and each take is a new
// term: who writes for a former term writes no more, and parts of former terms are swept away.
//
// # The file
//
// A report is CSV. It is written while it is read, a page at a time behind the last row of the page before (no page costs
// more than the first, and a million rows take the memory of one page). Each page is of one moment; a report of a
// campaign that runs is therefore true row by row, and not of one instant as a whole.
//
// Cells that a spreadsheet would run are made harmless (intake.Safe): a phone number gets an apostrophe before its plus
// sign. Times are RFC 3339 on the campaign's clock, with their offset. Lengths of time are whole seconds, so that no
// reader has to guess what a decimal comma means.
//
// # Words and codes
//
// With Words, headings and statuses are in a reader's language. Without, they are codes that never change, for programs.
//
// # Columns of variables
//
// What recipients brought and what their conversations found out has one column each, by name and sorted, behind the
// fixed columns. A file of JSON rows can have a million names: beyond MaxColumns, what is left is one cell of JSON.
package report
