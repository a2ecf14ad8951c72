package commands

import (
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// cannotStart says why a program cannot be started, and the status for that: 127 where there is none, else 126. The error is
// nil where it can be.
func cannotStart(inv *shell.Invocation, name string) (status int, err error) {
	if !strings.Contains(name, "/") {
		if inv.Lookup(name) == "" {
			return 127, vfs.ErrNotExist
		}
		return 0, nil
	}
	info, err := inv.FS.Stat(inv.Path(name))
	switch {
	case err == vfs.ErrNotExist:
		return 127, err
	case err == nil && (info.IsDir() || info.Mode.Perm()&0o111 == 0):
		return 126, vfs.ErrPermission
	case err != nil:
		return 126, err
	}
	return 0, nil
}
