//go:build !unix

package store

import "os"

// flock has no counterpart here: SQLite's own locks still keep the file whole, but a second process is not refused.
func flock(*os.File) error { return nil }
