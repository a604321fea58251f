package tune

import (
	"errors"
	"os"
	"runtime/pprof"
)

// Profile begins to write a profile of the processor time of this process into a file, and gives what ends it; an empty
// path is no profile.
func Profile(path string) (end func(), err error) {
	if path == "" {
		return func() {}, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() {
		pprof.StopCPUProfile()
		_ = f.Close()
	}, nil
}
