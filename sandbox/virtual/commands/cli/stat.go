package cli

import (
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// Stat is FS.Stat, also of /dev/fd/N and its like: what <( ) hands to a command is no file of the tree.
func Stat(inv *shell.Invocation, name string) (vfs.Info, error) {
	full := inv.Path(name)
	info, err := inv.FS.Stat(full)
	if err == nil || !strings.HasPrefix(full, "/dev/") {
		return info, err
	}
	f, openErr := inv.Open(name)
	if openErr != nil {
		return info, err
	}
	defer f.Close()
	return f.Stat()
}
