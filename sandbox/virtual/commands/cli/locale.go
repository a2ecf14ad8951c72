package cli

import (
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// UTF8 says whether the locale's characters are UTF-8, which they are unless LC_ALL, LC_CTYPE or LANG ask for "C" or
// "POSIX": then every byte is a character.
func UTF8(inv *shell.Invocation) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v, _ := inv.Env.Get(name); v != "" {
			v = strings.ToUpper(v)
			return v != "C" && v != "POSIX"
		}
	}
	return true
}
