//go:build !unix

package hostdir

import (
	"io/fs"
	"os"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

const safeOpen = 0

func system(*vfs.Info, fs.FileInfo) {}

func systemError(error) (vfs.Error, bool) { return "", false }

func existing(error) error { return vfs.ErrExist }

// rename moves within one folder; from one to another there is no call that goes through open folders only.
func rename(from *os.Root, old string, to *os.Root, name string) error {
	if from != to {
		return vfs.ErrCrossDevice // what moves files then copies them
	}
	return from.Rename(old, name)
}
