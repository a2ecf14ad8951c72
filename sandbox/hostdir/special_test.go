//go:build unix

package hostdir_test

import (
	"net"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// TestSpecialFiles: opening a pipe would wait for its other end, for ever.
func TestSpecialFiles(t *testing.T) {
	dir, _ := folder(t)
	must(t, syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o666))
	t.Chdir(dir) // the name of a socket must be short
	l, err := net.Listen("unix", "socket")
	must(t, err)
	defer l.Close()
	for mname, mode := range modes {
		f := mount(t, dir, mode)
		for _, name := range []string{"/w/pipe", "/w/socket"} {
			if _, err := f.Stat(name); err != nil {
				t.Errorf("%s: %s is listed: %v", mname, name, err)
			}
			for _, flag := range []vfs.Flag{vfs.Read, vfs.Write, vfs.ReadWrite, vfs.Append | vfs.Create} {
				if _, err := f.Open(name, flag, 0); err != vfs.ErrPermission {
					t.Errorf("%s: opening %s: %v", mname, name, err)
				}
			}
		}
	}
}
