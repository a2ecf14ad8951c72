package commands

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// backupStyle reads the value of --backup.
func backupStyle(inv *shell.Invocation, o cli.Option) (style string, ok bool) {
	v := o.Value
	if !o.Has {
		if v, _ = inv.Env.Get("VERSION_CONTROL"); v == "" {
			return "existing", true
		}
	}
	for _, word := range []string{"none", "off", "numbered", "t", "existing", "nil", "simple", "never"} {
		if v == word || len(v) > 1 && strings.HasPrefix(word, v) {
			if word == "off" {
				word = "none"
			}
			return word, true
		}
	}
	inv.Errorf("invalid argument %s for 'backup type'", cli.Quote(v))
	return "", false
}

// backupName is where the old file goes: NAME~, or NAME.~N~.
func backupName(inv *shell.Invocation, dst place, style, suffix string) string {
	if suffix == "" {
		suffix = "~"
	}
	dir, base := path.Split(dst.name)
	if strings.HasPrefix(style, "s") || style == "never" {
		return dst.name + suffix
	}
	highest := 0
	list, _ := inv.FS.ReadDir(inv.Path(dir + "."))
	for _, i := range list {
		rest, ok := strings.CutPrefix(i.Name, base+".~")
		if number, ok2 := strings.CutSuffix(rest, "~"); ok && ok2 {
			if n, err := strconv.Atoi(number); err == nil {
				highest = max(highest, n)
			}
		}
	}
	if highest == 0 && (strings.HasPrefix(style, "e") || style == "nil") {
		return dst.name + suffix
	}
	return fmt.Sprintf("%s.~%d~", dst.name, highest+1)
}
