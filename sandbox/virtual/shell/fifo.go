package shell

import "github.com/flue-run/flue/sandbox/virtual/vfs"

// fifo is a named pipe while somebody has it open or waits for that. Unlike other pipes it may lose its readers or
// writers, and get new ones.
type fifo struct {
	*pipe
	ino                      uint64
	users                    int // streams that are open or wait; world.pipesMu guards it
	readers, writers         int // ends that are open, and
	readersEver, writersEver int // that were; pipe.mu guards them
}

// openFIFO opens a named pipe. It waits until the other end is open too, unless the same stream is both.
func (s *shell) openFIFO(ino uint64, flag vfs.Flag, by *proc) (*stream, error) {
	f := s.world.useFIFO(ino)
	st := s.newStream(&stream{pipe: f.pipe, fifo: f, reader: flag.Reads(), both: flag.Reads() && flag.Writes()})
	f.mu.Lock()
	readersBefore, writersBefore := f.readersEver, f.writersEver
	f.count(st, 1)
	for !st.both && !s.ended.Load() && !by.dead() {
		if st.reader && (f.writers > 0 || f.writersEver > writersBefore) || !st.reader && (f.readers > 0 || f.readersEver > readersBefore) {
			break
		}
		f.cond.Wait()
	}
	f.mu.Unlock()
	if s.ended.Load() || by.dead() {
		st.close()
		return nil, vfs.ErrInterrupted
	}
	return st, nil
}

// count notes that a stream was opened, or with -1 closed. pipe.mu is held.
func (f *fifo) count(st *stream, by int) {
	if st.reader {
		f.readers += by
		f.readersEver += max(by, 0)
	}
	if !st.reader || st.both {
		f.writers += by
		f.writersEver += max(by, 0)
	}
	f.noR, f.noW = f.readers == 0, f.writers == 0
	f.cond.Broadcast()
}

// useFIFO finds the pipe of an inode, or makes it.
func (w *world) useFIFO(ino uint64) *fifo {
	w.pipesMu.Lock()
	defer w.pipesMu.Unlock()
	f := w.fifos[ino]
	if f == nil {
		if w.fifos == nil {
			w.fifos = map[uint64]*fifo{}
		}
		f = &fifo{pipe: w.addPipe(), ino: ino}
		w.fifos[ino] = f
	}
	f.users++
	return f
}

// leave is close for a stream of a named pipe. What nobody has read is lost with its last user.
func (f *fifo) leave(st *stream) {
	w := f.world
	w.pipesMu.Lock()
	defer w.pipesMu.Unlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count(st, -1)
	if f.users--; f.users == 0 {
		delete(w.fifos, f.ino)
		delete(w.pipes, f.pipe)
		w.budget.Release(f.held)
	}
}
