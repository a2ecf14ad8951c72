package cli

import "strings"

// Quote writes a name in single quotes, as GNU's messages do.
func Quote(name string) string {
	if !strings.ContainsAny(name, "'\n\t\\") {
		return "'" + name + "'"
	}
	if !strings.ContainsAny(name, "\n\t") {
		return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
	}
	name = strings.ReplaceAll(name, "'", `'\''`)
	name = strings.ReplaceAll(name, "\n", `'$'\n''`)
	return "'" + strings.ReplaceAll(name, "\t", `'$'\t''`) + "'"
}
