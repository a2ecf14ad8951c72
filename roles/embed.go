// Package roles holds the roles that ship with flue: a project's own role of the same name wins. Start at FS.
package roles

import "embed"

// FS holds <name>.md, as in a project's .flue/roles.
//
//go:embed *.md
var FS embed.FS
