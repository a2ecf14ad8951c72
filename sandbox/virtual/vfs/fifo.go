package vfs

import "io/fs"

// FIFO is the error of opening a named pipe. The tree has only its name: what flows through it, and who waits for whom,
// belongs to those who run processes.
type FIFO struct{ Info Info }

// Error is what somebody is told who runs none.
func (e *FIFO) Error() string { return ErrNoDevice.Error() }

// Mkfifo makes a named pipe.
func (f *FS) Mkfifo(name string, perm fs.FileMode) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var w walk
	dir, err := f.vacant(&w, name)
	switch {
	case err != nil:
		return err
	case w.slash:
		return ErrNotExist
	case dir.live():
		return ErrNotAllowed // a pipe of the host would lead out
	}
	_, err = f.add(dir, w.base, fs.ModeNamedPipe|perm&settable)
	return err
}
