// Package registry keeps large sets of addresses that must not be contacted, such as a public do-not-call register, in
// files that are looked up in place.
//
// # Keys
//
// A set holds 64-bit keys. That of a phone number is the number itself; that of a mailbox is a hash with the highest bit
// set, so that the two never meet. Phone numbers are therefore exact, and two mailboxes are taken for one with a chance of
// one in 2^63.
//
// # The file
//
// All numbers are little-endian, all checksums CRC-32C. The file is made of pieces of 4096 bytes:
//
//	header  8 bytes magic with the version, 8 count of keys, 8 count of blocks, 8 last key, 4 checksum of the index,
//	        4 checksum of the header up to here; zeros
//	blocks  4 bytes checksum of the rest, 2 count of keys, 8 first key, the differences of the others as uvarints; zeros
//	index   the first key of each block, 8 bytes each, without padding
//
// The index is all that is kept in memory: 8 bytes for some two thousand phone numbers. A look-up is a binary search in it
// and one read of a block. A block whose checksum is wrong is an error and never "not in the set".
//
// # Making one
//
// A Builder takes keys in any order, sorts as many as fit into its memory, puts each sorted run aside and merges the runs.
// The file appears under its name when it is complete and on the disk, and not before.
//
// # Replacing one
//
// A Shelf keeps the newest version of every list that a node needs. The versions, and the files in parts, lie with whoever
// is its Source; which versions count is said by whoever looks up, so a shelf that is behind refuses rather than answers
// from an older list.
package registry
