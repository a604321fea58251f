// Package audience is about the people who are contacted: their addresses, names and priorities. What people write into
// spreadsheets becomes a channel.Address here or is refused with the reason; nothing in it touches a database.
//
// A phone number is personal data: no error of this package carries one, only what is wrong with it (how many digits,
// which area code). Where it stands in a file is for the caller to say.
package audience
