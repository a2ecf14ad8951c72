package vfs

import (
	"errors"
	"io/fs"
	"testing"
)

// TestFIFO makes a named pipe: it can be renamed and removed as a file, opening it is the business of whoever runs
// processes, and a snapshot keeps it.
func TestFIFO(t *testing.T) {
	f := newFS(t)
	must(t, f.Mkfifo("/p", 0o640))
	if err := f.Mkfifo("/p", 0o640); err != ErrExist {
		t.Errorf("again: %v", err)
	}
	must(t, f.Rename("/p", "/q"))
	info, err := f.Stat("/q")
	if err != nil || info.Mode != fs.ModeNamedPipe|0o640 || info.Size != 0 {
		t.Errorf("%v, %v", info.Mode, err)
	}
	var named *FIFO
	if _, err := f.Open("/q", Read, 0); !errors.As(err, &named) || named.Info.Ino != info.Ino || err.Error() != ErrNoDevice.Error() {
		t.Errorf("opened: %v", err)
	}
	b := newBlobs()
	g := restored(t, b, snapshot(t, f, b))
	if info, err := g.Lstat("/q"); err != nil || info.Mode != fs.ModeNamedPipe|0o640 {
		t.Errorf("restored: %v, %v", info.Mode, err)
	}
	must(t, g.Remove("/q"))
}
