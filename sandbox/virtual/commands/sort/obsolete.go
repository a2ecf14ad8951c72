package sort

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// withoutObsoleteKeys turns "+1 -2", which counts from 0, into -k.
func withoutObsoleteKeys(inv *shell.Invocation) *shell.Invocation {
	numbered := func(arg string, sign byte) bool {
		return len(arg) > 1 && arg[0] == sign && arg[1] >= '0' && arg[1] <= '9'
	}
	if !slices.ContainsFunc(inv.Args, func(arg string) bool { return numbered(arg, '+') }) {
		return inv
	}
	copied := *inv
	copied.Args = nil
	for i := 0; i < len(inv.Args); i++ {
		arg := inv.Args[i]
		if arg == "--" {
			copied.Args = append(copied.Args, inv.Args[i:]...)
			break
		}
		if !numbered(arg, '+') {
			copied.Args = append(copied.Args, arg)
			continue
		}
		key, ok := modernKey(arg[1:], false)
		if ok && i+1 < len(inv.Args) && numbered(inv.Args[i+1], '-') {
			if end, fits := modernKey(inv.Args[i+1][1:], true); fits {
				key += "," + end
				i++
			}
		}
		if !ok {
			key = arg
		} else {
			copied.Args = append(copied.Args, "-k")
		}
		copied.Args = append(copied.Args, key)
	}
	return &copied
}

// modernKey makes the F.C of -k from an obsolete one, whose fields and characters count from 0.
func modernKey(def string, end bool) (string, bool) {
	digits := len(def) - len(strings.TrimLeft(def, "0123456789"))
	field, err := strconv.Atoi(def[:digits])
	if err != nil {
		return "", false
	}
	rest, position := def[digits:], 0
	if strings.HasPrefix(rest, ".") {
		digits = len(rest[1:]) - len(strings.TrimLeft(rest[1:], "0123456789"))
		if position, err = strconv.Atoi(rest[1 : 1+digits]); err != nil {
			return "", false
		}
		rest = rest[1+digits:]
	}
	if strings.Trim(rest, "bdfghiMnRrV") != "" {
		return "", false
	}
	switch {
	case !end:
		return fmt.Sprintf("%d.%d%s", field+1, position+1, rest), true
	case position == 0:
		return fmt.Sprintf("%d%s", max(field, 1), rest), true
	}
	return fmt.Sprintf("%d.%d%s", field+1, position, rest), true
}
