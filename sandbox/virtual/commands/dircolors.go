package commands

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var dircolorsSpec = cli.Spec{
	Usage: `[OPTION]... [FILE]
Print a command that sets LS_COLORS as FILE says, or to the defaults.

  -b, --sh, --bourne-shell   for a Bourne shell
  -c, --csh, --c-shell       for a C shell
  -p, --print-database       print the defaults
      --print-ls-colors      print the colours themselves, escaped
`,
	Short: "bcp",
	Long:  "sh=b bourne-shell=b csh=c c-shell=c print-database=p print-ls-colors",
}

// colorNames are the words of a database, each with its code in LS_COLORS.
var colorNames = [][2]string{{"NORMAL", "no"}, {"NORM", "no"}, {"FILE", "fi"}, {"RESET", "rs"}, {"DIR", "di"}, {"LNK", "ln"}, {"LINK", "ln"},
	{"SYMLINK", "ln"}, {"ORPHAN", "or"}, {"MISSING", "mi"}, {"FIFO", "pi"}, {"PIPE", "pi"}, {"SOCK", "so"}, {"BLK", "bd"}, {"BLOCK", "bd"},
	{"CHR", "cd"}, {"CHAR", "cd"}, {"DOOR", "do"}, {"EXEC", "ex"}, {"LEFT", "lc"}, {"LEFTCODE", "lc"}, {"RIGHT", "rc"}, {"RIGHTCODE", "rc"},
	{"END", "ec"}, {"ENDCODE", "ec"}, {"SUID", "su"}, {"SETUID", "su"}, {"SGID", "sg"}, {"SETGID", "sg"}, {"STICKY", "st"},
	{"OTHER_WRITABLE", "ow"}, {"OWR", "ow"}, {"STICKY_OTHER_WRITABLE", "tw"}, {"OWT", "tw"}, {"CAPABILITY", "ca"}, {"MULTIHARDLINK", "mh"},
	{"CLRTOEOL", "cl"}}

// colorDefaults is the database of dircolors without a file: the colours that ls has by itself.
const colorDefaults = `# Colours of ls, by kind of file. NAME CODES, or .ENDING CODES; TERM patterns limit what follows to some terminals.
RESET 0
DIR 01;34
LINK 01;36
MULTIHARDLINK 00
FIFO 33
SOCK 01;35
BLK 01;33
CHR 01;33
ORPHAN 00
MISSING 00
SETUID 37;41
SETGID 30;43
STICKY_OTHER_WRITABLE 30;42
OTHER_WRITABLE 34;42
STICKY 37;44
EXEC 01;32
`

func dircolors(_ context.Context, inv *shell.Invocation) int {
	p, status := dircolorsSpec.Parse(inv)
	if p == nil {
		return status
	}
	csh, chosen, database, plain := false, false, false, false
	for _, o := range p.Options {
		switch o.Key {
		case "b", "c":
			csh, chosen = o.Key == "c", true
		case "p":
			database = true
		default:
			plain = true
		}
	}
	switch {
	case (database || plain) && chosen:
		return dircolorsSpec.Misuse(inv, "the options to output non shell syntax,\nand to select a shell syntax are mutually exclusive")
	case database && plain:
		return dircolorsSpec.Misuse(inv, "options --print-database and --print-ls-colors are mutually exclusive")
	case database && len(p.Operands) > 0:
		return dircolorsSpec.Misuse(inv, "extra operand %s\nfile operands cannot be combined with --print-database (-p)", cli.QuoteText(p.Operands[0]))
	case len(p.Operands) > 1:
		return dircolorsSpec.Misuse(inv, "extra operand %s", cli.QuoteText(p.Operands[1]))
	case database:
		fmt.Fprint(inv.Stdout, colorDefaults)
		return 0
	}
	if !chosen && !plain {
		name, _ := inv.Env.Get("SHELL")
		if name == "" {
			inv.Errorf("no SHELL environment variable, and no shell type option given")
			return 1
		}
		csh = slices.Contains([]string{"csh", "tcsh"}, path.Base(name))
	}
	text, name := []byte(colorDefaults), "<internal>"
	if len(p.Operands) == 1 {
		name = p.Operands[0]
		r, err := cli.Open(inv, name)
		if err != nil {
			inv.Errorf("%s: %v", cli.QuoteNeeded(name), err)
			return 1
		}
		defer r.Close()
		if text, err = cli.ReadAll(inv.Budget.Context(), inv.Budget, r); err != nil {
			return 1
		}
	}
	colors, entries, ok := parseColors(inv, name, string(text))
	if !ok {
		return 1
	}
	switch {
	case plain:
		for _, e := range entries {
			key, code, _ := strings.Cut(e, "=")
			fmt.Fprintf(inv.Stdout, "\x1b[%sm%s\t%s\x1b[0m\n", code, key, code)
		}
	case csh:
		fmt.Fprintf(inv.Stdout, "setenv LS_COLORS '%s'\n", colors)
	default:
		fmt.Fprintf(inv.Stdout, "LS_COLORS='%s';\nexport LS_COLORS\n", colors)
	}
	return 0
}

// parseColors reads a database: the text for LS_COLORS, quoted for a shell, and its entries.
func parseColors(inv *shell.Invocation, name, text string) (colors string, entries []string, ok bool) {
	term, _ := inv.Env.Get("TERM")
	colorTerm, _ := inv.Env.Get("COLORTERM")
	ok = true
	// A line counts when no TERM stands before it, or one of those right before it matches.
	applies, inTerms, matched := true, false, false
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		at := strings.IndexAny(line, " \t")
		value := ""
		if at >= 0 {
			value = strings.TrimSpace(line[at:])
			if i := strings.IndexByte(value, '#'); i == 0 || i > 0 && (value[i-1] == ' ' || value[i-1] == '\t') {
				value = strings.TrimSpace(value[:i])
			}
		}
		if at < 0 || value == "" {
			inv.Errorf("%s:%d: invalid line;  missing second token", name, number)
			ok = false
			continue
		}
		word := line[:at]
		if upper := strings.ToUpper(word); upper == "TERM" || upper == "COLORTERM" {
			have := term
			if upper == "COLORTERM" {
				have = colorTerm
			}
			if !inTerms {
				matched = false
			}
			matched = matched || cli.Glob(value)(have)
			applies, inTerms = matched, true
			continue
		}
		inTerms = false
		if !applies {
			continue
		}
		key := ""
		switch {
		case word[0] == '.':
			key = "*" + word
		case word[0] == '*':
			key = word
		case slices.Contains([]string{"OPTIONS", "COLOR", "EIGHTBIT"}, strings.ToUpper(word)):
			continue
		default:
			i := slices.IndexFunc(colorNames, func(n [2]string) bool { return strings.EqualFold(n[0], word) })
			if i < 0 {
				inv.Errorf("%s:%d: unrecognized keyword %s", name, number, word)
				ok = false
				continue
			}
			key = colorNames[i][1]
		}
		entries = append(entries, key+"="+value)
		colors += strings.ReplaceAll(key+"="+value, "'", `'\''`) + ":"
	}
	return colors, entries, ok
}
