//go:build !unix

package hostdir

import (
	"io/fs"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

const safeOpen = 0

func system(*vfs.Info, fs.FileInfo) {}

func systemError(error) (vfs.Error, bool) { return "", false }

func existing(error) error { return vfs.ErrExist }
