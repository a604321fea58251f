// Package dispatch is the engine: it decides who is contacted next, keeps every limit, and settles what came of it.
//
// # A line and its lane
//
// Every line is owned by one node at a time (package cluster). The owner runs a lane for it: one goroutine that knows how
// many attempts the line has in the air, how fast it may start new ones, and which campaigns want it. All limits are kept
// there, in memory, exactly; what makes them hold while nodes stall or die is the database, which takes a claim only from
// the node that holds the line at that instant.
//
// # The life of an attempt
//
//  1. The lane finds that the line is free, picks the campaign that is furthest behind its fair share, and claims as many
//     of its recipients as may start now. The claim is one transaction: people whose turn has come are looked at for the
//     last time (suppression, their own clock, the words to say), and those who pass get a row of an open attempt.
//  2. Only after the commit is the order given to the channel's adapter. An attempt is never placed again: if the process
//     dies from here on, nobody can know whether the person was disturbed.
//  3. The adapter reports from its own goroutines. The outcome is settled by the campaign's policy, at once and in memory,
//     and handed to a settler, which writes outcomes in batches: the attempt's record, where the recipient stands, the
//     table of waits, the counters, and the end of the open attempt are one transaction.
//
// # When a node dies
//
// Its leases run out by the database's clock. Whoever takes a line over closes the attempts that the dead node left open
// as unknown: they count, and the people wait a full interval. Calls the network may still be carrying go on counting
// against the line until they must have ended. A node that only seemed dead can no longer claim, and its late outcomes
// find their attempts gone.
//
// # Waiting
//
// A lane sleeps until something can happen: a start that leaves, an attempt that ends, somebody's time, a change that
// people made (Store.Pulse). What each campaign waits for meanwhile is kept for whoever asks.
package dispatch
