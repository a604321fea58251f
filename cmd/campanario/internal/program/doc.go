// Package program is the whole product as a value that can be started and stopped: the database, the adapters of the
// channels, the engine, this process's place in the cluster, the HTTP server and, when there is no carrier to talk to, the
// sandbox.
//
// # Starting
//
// The database is opened and brought to this program's version, and the first workspace is made with its key. Then come
// the adapters, the sandbox with its lines, the node and its engine, and last the HTTP server: whoever is answered can be
// sure that everything behind it runs.
//
// # Stopping
//
// Nothing new is begun and the lines are handed to other nodes at once. Attempts that are open may end by themselves for
// as long as Stop's context lasts; then calls are hung up and messages that have not begun are given back. What came of
// all of them is written, and only then does the node leave and the database close.
package program
