package container

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// listen opens a socket, whose path may be longer than the 108 bytes that one has room for.
func listen(socket string) (net.Listener, error) {
	dir, err := os.Open(filepath.Dir(socket))
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	return net.Listen("unix", fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(socket)))
}

// memoryFile is an open file with the given text and no name.
func memoryFile(text string) (*os.File, error) {
	fd, err := unix.MemfdCreate("flue", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), "flue")
	if _, err = f.WriteString(text); err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// feed copies a script's stdin. A read of it that never returns keeps one goroutine until it does.
func feed(w *os.File, from io.Reader) (stop func()) {
	go func() {
		defer w.Close()
		_, _ = io.Copy(w, from) // the script has ended, or what it reads has
	}()
	return func() { w.Close() }
}

// head passes on what is written, and keeps the beginning.
type head struct {
	to   io.Writer
	kept []byte
}

func (h *head) Write(p []byte) (int, error) {
	h.kept = append(h.kept, p[:min(len(p), 1000-len(h.kept))]...)
	return h.to.Write(p)
}
