// Package client is the commands of campanario that speak to a server: campaigns, recipients, lines, agents, contacts,
// suppressions and keys. Everything goes through the HTTP API; nothing is decided here that the server does not decide too.
//
// # Where and who
//
// The server is --server, or CAMPANARIO_URL; the key is --key, or CAMPANARIO_KEY. A key is sent to that server and nowhere
// else: redirections are not followed, and whatever looks like a key is blotted out of all that is said about an error.
//
// # What is said
//
// Results go to standard output, everything else to standard error. People get tables and sentences in the language of
// --lang, LC_ALL, LC_MESSAGES or LANG; programs say --json and get the API's own JSON: one document, or for lists one item
// a line. What a server says is shown without its control signs, for a name must not move anybody's cursor. With --json a
// refusal is the API's problem document on standard error.
//
// # Exit codes
//
//	0    done
//	1    refused: by the server, by whoever was asked for a confirmation, or every row of a file
//	2    the command cannot be understood, or a file it names cannot be read or written
//	3    the server cannot be reached, is no Campanário, or says that it cannot answer now: try again later
//	130  interrupted
//
// # Watching
//
// "campaign watch" reads server-sent events and shows every snapshot: in place on a terminal, otherwise a line for each that
// differs from the one before. It ends when the campaign does. A connection that breaks or falls silent is made anew, sooner
// at first and then more and more slowly; only when nothing has come for Options.GiveUp it ends with 3.
package client
