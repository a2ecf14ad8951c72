package awk

import (
	"fmt"
	"io/fs"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// listing is what the library readdir makes of a folder that is an input file: a record for each entry, with its inode, its
// name and the letter of its type.
func (in *interp) listing(name string) (string, error) {
	entries, err := in.inv.FS.ReadDir(in.inv.Path(name))
	if err != nil {
		return "", err
	}
	self, err := in.inv.FS.Stat(in.inv.Path(name))
	if err != nil {
		return "", err
	}
	above, err := in.inv.FS.Stat(in.inv.Path(name) + "/..")
	if err != nil {
		above = self
	}
	self.Name, above.Name = ".", ".."
	var b strings.Builder
	for _, e := range append([]vfs.Info{self, above}, entries...) {
		letter := 'f'
		switch {
		case e.IsDir():
			letter = 'd'
		case e.Mode&fs.ModeSymlink != 0:
			letter = 'l'
		case e.Mode&fs.ModeNamedPipe != 0:
			letter = 'p'
		case e.Mode&fs.ModeCharDevice != 0:
			letter = 'c'
		}
		fmt.Fprintf(&b, "%d/%s/%c\n", e.Ino, e.Name, letter)
	}
	return b.String(), nil
}
