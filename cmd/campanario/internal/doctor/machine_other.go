//go:build !linux

package doctor

func free(string) (int64, bool)       { return 0, false }
func clockSynchronised() (bool, bool) { return false, false }
