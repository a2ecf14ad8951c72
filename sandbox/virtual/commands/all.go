// Package commands is the programs of the virtual sandbox: a file each, or a folder where one is a language. Start at
// All; cli is what they share.
package commands

import (
	"maps"

	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// All lists every command, by name: the shell's own that are programs too, those for lines and those for files and data.
func All() map[string]shell.Command {
	all := shell.Builtins()
	maps.Copy(all, text())
	maps.Copy(all, files())
	return all
}
