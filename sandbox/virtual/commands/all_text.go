package commands

import (
	"github.com/flue-run/flue/sandbox/virtual/commands/awk"
	"github.com/flue-run/flue/sandbox/virtual/commands/diff"
	"github.com/flue-run/flue/sandbox/virtual/commands/grep"
	"github.com/flue-run/flue/sandbox/virtual/commands/patch"
	"github.com/flue-run/flue/sandbox/virtual/commands/sed"
	"github.com/flue-run/flue/sandbox/virtual/commands/sort"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// text is the commands that read and write lines.
func text() map[string]shell.Command {
	return map[string]shell.Command{
		"awk":      awk.Run,
		"csplit":   csplit,
		"cut":      cut,
		"diff":     diff.Run,
		"diff3":    diff.RunDiff3,
		"egrep":    grep.Run,
		"fgrep":    grep.Run,
		"gawk":     awk.Run,
		"grep":     grep.Run,
		"head":     head,
		"sed":      sed.Run,
		"sort":     sort.Run,
		"tail":     tail,
		"tee":      tee,
		"tr":       tr,
		"uniq":     uniq,
		"paste":    paste,
		"ptx":      ptx,
		"comm":     comm,
		"join":     join,
		"tac":      tac,
		"rev":      rev,
		"nl":       nl,
		"pr":       pr,
		"fold":     fold,
		"expand":   expand,
		"unexpand": unexpand,
		"strings":  stringsCommand,
		"split":    split,
		"cmp":      cmp,
		"xxd":      xxd,
		"od":       od,
		"column":   column,
		"rg":       grep.RunRg,
		"shuf":     shuf,
		"tsort":    tsort,
		"fmt":      fmtCommand,
		"patch":    patch.Run,
		"hd":       hexdump,
		"hexdump":  hexdump,
		"wc":       wc,
	}
}
