package commands

import (
	"io/fs"
	"slices"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// lsColors are the colours of --color: by kind of file, then by the end of the name, the later the stronger.
type lsColors struct {
	kinds   map[string]string
	endings [][2]string
	begun   bool // something was coloured
}

// colorTerminals are patterns of the names of terminals that show colours.
var colorTerminals = []string{"*color*", "*direct*", "ansi", "con*", "cygwin", "*kitty*", "alacritty*", "*gnome*", "konsole*", "linux*",
	"putty*", "rxvt*", "screen*", "st-*", "terminator", "tmux*", "vt100", "vt220", "xterm*", "eterm*", "foot*", "mlterm*"}

// colorTerminal says whether the terminal shows colours, which GNU's ls asks even when it must colour always.
func colorTerminal(inv *shell.Invocation) bool {
	if v, _ := inv.Env.Get("COLORTERM"); v != "" {
		return true
	}
	term, _ := inv.Env.Get("TERM")
	return slices.ContainsFunc(colorTerminals, func(pattern string) bool { return cli.Glob(pattern)(strings.ToLower(term)) })
}

// newLsColors begins with GNU's defaults and takes what LS_COLORS sets.
func newLsColors(set string) *lsColors {
	c := &lsColors{kinds: map[string]string{"di": "01;34", "ln": "01;36", "pi": "33", "so": "01;35", "bd": "01;33", "cd": "01;33",
		"ex": "01;32", "su": "37;41", "sg": "30;43", "st": "37;44", "ow": "34;42", "tw": "30;42"}}
	for _, item := range strings.Split(set, ":") {
		key, value, ok := strings.Cut(item, "=")
		if ending, isEnding := strings.CutPrefix(key, "*"); isEnding && ok {
			c.endings = append(c.endings, [2]string{ending, value})
		} else if ok {
			c.kinds[key] = value
		}
	}
	return c
}

// paint colours the name of an entry.
func (c *lsColors) paint(name string, e entry) string {
	code := c.code(e)
	if code == "" || strings.Trim(code, "0") == "" {
		return name
	}
	name = "\x1b[" + code + "m" + name + "\x1b[0m"
	if !c.begun {
		c.begun = true
		name = "\x1b[0m" + name
	}
	return name
}

func (c *lsColors) code(e entry) string {
	m := e.info.Mode
	kind := "fi"
	switch {
	case m.IsDir() && m&fs.ModeSticky != 0 && m&0o002 != 0:
		kind = "tw"
	case m.IsDir() && m&0o002 != 0:
		kind = "ow"
	case m.IsDir() && m&fs.ModeSticky != 0:
		kind = "st"
	case m.IsDir():
		kind = "di"
	case m&fs.ModeSymlink != 0:
		kind = "ln"
		if or := c.kinds["or"]; or != "" && e.to == nil {
			kind = "or"
		}
	case m&fs.ModeNamedPipe != 0:
		kind = "pi"
	case m&fs.ModeSocket != 0:
		kind = "so"
	case m&fs.ModeCharDevice != 0:
		kind = "cd"
	case m&fs.ModeDevice != 0:
		kind = "bd"
	case m&fs.ModeSetuid != 0 && c.kinds["su"] != "":
		kind = "su"
	case m&fs.ModeSetgid != 0 && c.kinds["sg"] != "":
		kind = "sg"
	case m&0o111 != 0 && c.kinds["ex"] != "":
		kind = "ex"
	case e.info.Nlink > 1 && c.kinds["mh"] != "":
		kind = "mh"
	}
	if kind == "fi" {
		for i := len(c.endings) - 1; i >= 0; i-- {
			if strings.HasSuffix(strings.ToLower(e.name), strings.ToLower(c.endings[i][0])) {
				return c.endings[i][1]
			}
		}
	}
	return c.kinds[kind]
}
