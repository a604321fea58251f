// Package person is about one of the people whom a workspace knows: everything that happened between us and them in the order of time,
// all that is kept of them as a file, their erasure, and how long data of people are kept at all.
//
// # The timeline
//
// Nothing is kept for it. It is put together from where things are kept anyway: the contact, the audit, the recipients that were made of
// them and their attempts, consents, suppressions, lists. Every source is read from the same Seat on, newest first, and no more of it than a
// page has. A person is found in campaigns by the contact's number and, where they were added before the base knew them, by their address
// where a campaign takes each address once.
package person
