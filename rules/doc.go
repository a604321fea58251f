// Package rules knows what binds whoever contacts people: the purpose of a campaign and the consent it needs (Need), how
// often one person may be contacted (Limit), and what the law of a place allows (Pack).
//
// All functions that decide are pure: whoever calls them brings the past, the clock and the time.
package rules
