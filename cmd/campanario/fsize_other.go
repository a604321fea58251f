//go:build !unix

package main

// ignoreFileSizeLimit is for systems that have such a limit.
func ignoreFileSizeLimit() {}
