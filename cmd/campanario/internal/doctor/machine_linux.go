package doctor

import "syscall"

// free is how much of the disk under a folder is left, in bytes.
func free(folder string) (int64, bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil {
		return 0, false
	}
	return int64(s.Bavail) * s.Bsize, true
}

// clockSynchronised reports whether something keeps the machine's clock right.
func clockSynchronised() (synchronised, known bool) {
	const timeError = 5 // of adjtimex(2)
	var t syscall.Timex
	state, err := syscall.Adjtimex(&t)
	return state != timeError, err == nil
}
