package hostdir

import (
	"errors"
	"io/fs"
	"os"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// os.Root follows a link as long as it stays inside. Who asks for a name here has resolved its links and judged what it
// found; a link that takes the place of a file or folder after that would lead the answer elsewhere. So what was opened
// must be what its name still is: a link never is, and whoever could make another name for it may not (see Protect).

// openFile opens base, which is not a link.
func openFile(in *os.Root, base string, mode int, perm fs.FileMode) (*os.File, error) {
	if mode&(os.O_CREATE|os.O_EXCL) == os.O_CREATE {
		return createFile(in, base, mode, perm)
	}
	f, err := in.OpenFile(base, mode, perm)
	if err != nil || mode&os.O_EXCL != 0 {
		return f, err
	}
	opened, err := f.Stat()
	if err == nil {
		err = stillNamed(in, base, opened)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// createFile opens a file that may have to be made. O_CREATE by itself would make it where a link points.
func createFile(in *os.Root, base string, mode int, perm fs.FileMode) (*os.File, error) {
	for range 4 { // the name may come and go meanwhile
		f, err := openFile(in, base, mode&^os.O_CREATE, perm)
		if !errors.Is(err, fs.ErrNotExist) {
			return f, err
		}
		f, err = openFile(in, base, mode|os.O_EXCL, perm)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
	return nil, vfs.ErrPermission
}

// openFolder opens base, which is not a link.
func openFolder(in *os.Root, base string) (*os.Root, error) {
	root, err := in.OpenRoot(base)
	if err != nil {
		return nil, err
	}
	opened, err := root.Stat(".")
	if err == nil {
		err = stillNamed(in, base, opened)
	}
	if err != nil {
		root.Close()
		return nil, err
	}
	return root, nil
}

func stillNamed(in *os.Root, base string, opened fs.FileInfo) error {
	named, err := in.Lstat(base)
	if err == nil && !os.SameFile(named, opened) {
		err = vfs.ErrPermission
	}
	return err
}
