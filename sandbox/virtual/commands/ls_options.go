package commands

import (
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

const lsUsage = `[OPTION]... [FILE]...
List information about the FILEs (the current directory by default), sorted by name.

  -a, --all                  with entries that begin with .
  -A, --almost-all           without . and ..
  -d, --directory            directories themselves, not what is in them
  -R, --recursive            with subdirectories
  -l, -g, -o, -n             long format; without owner, without group, with numbers
  -1 -C -x -m                one a line, in columns, across, with commas
  -i, --inode  -s, --size    with inode numbers, with allocated blocks
  -h, --human-readable  --si  -k  --block-size=SIZE
  -S -t -X -v -U -f -r, --sort=WORD, --reverse, --group-directories-first
  -c -u, --time=WORD         which time
  --full-time, --time-style=STYLE
  -F, --classify  --file-type  -p   append indicators
  -b -q -N -Q, --quoting-style=WORD
  -I, --ignore=PATTERN  -B, --ignore-backups  --hide=PATTERN
  -L -H                      follow symbolic links
  -w, --width=COLS  -T  --color[=WHEN]
`

func lsSpec() *cli.Spec {
	return &cli.Spec{
		Usage: lsUsage,
		Fail:  2,
		Short: "aAbBcCdDfFgGhHiI:klLmnNopqQrRsStT:uUvw:xXZ1",
		Long: "all=a almost-all=A escape=b ignore-backups=B directory=d dired=D classify::=F file-type no-group=G human-readable=h " +
			"si dereference-command-line=H dereference-command-line-symlink-to-dir hide: indicator-style: inode=i ignore:=I kibibytes=k " +
			"dereference=L numeric-uid-gid=n literal=N hide-control-chars=q show-control-chars quote-name=Q quoting-style: reverse=r " +
			"recursive=R size=s sort: time: time-style: tabsize:=T width:=w format: color:: group-directories-first block-size: full-time " +
			"author context=Z zero hyperlink::",
	}
}

// options takes the options. A status other than 0 ends ls.
func (l *lister) options(spec *cli.Spec, options []cli.Option) (status int) {
	for _, o := range options {
		if status := l.option(spec, o); status != 0 {
			return status
		}
	}
	// -t is the default where -c or -u are given without -l.
	if l.time != 'm' && l.sort == 'n' && l.format != 'l' {
		l.sort = 't'
	}
	if l.style != "" && l.style[0] != '+' && l.format == 'l' { // it counts for nothing else
		for _, style := range []string{"full-iso", "long-iso", "iso", "locale"} {
			if strings.HasPrefix(style, l.style) {
				l.style = style
				return 0
			}
		}
		return spec.Misuse(l.inv, "invalid argument %s for 'time style'\nValid arguments are:\n  - [posix-]full-iso\n  - [posix-]long-iso\n"+
			"  - [posix-]iso\n  - [posix-]locale\n  - +FORMAT (e.g., +%%H:%%M) for a 'date'-style format", cli.QuoteText(l.style))
	}
	return 0
}

func (l *lister) option(spec *cli.Spec, o cli.Option) (status int) {
	switch o.Key {
	case "a", "A":
		l.hidden = o.Key[0]
	case "b":
		l.quote = "escape"
	case "B":
		l.ignore = append(l.ignore, func(name string) bool { return strings.HasSuffix(name, "~") })
	case "c":
		l.time = 'c'
	case "u":
		l.time = 'a'
	case "C", "x", "m", "1":
		if o.Key != "1" || l.format != 'l' {
			l.format = o.Key[0]
		}
	case "d":
		l.dirs = true
	case "f":
		l.hidden, l.sort = 'a', 'U'
		if l.format == 'l' {
			l.format = '1'
		}
	case "F":
		l.indicate = 'F'
		if o.Value == "never" || o.Value == "auto" {
			l.indicate = 0
		}
	case "file-type":
		l.indicate = 'f'
	case "p":
		l.indicate = '/'
	case "indicator-style":
		w, status := spec.Choose(l.inv, o.Key, o.Value, "none", "slash", "file-type", "classify")
		if status != 0 {
			return status
		}
		l.indicate = map[string]byte{"slash": '/', "file-type": 'f', "classify": 'F'}[w]
	case "g":
		l.format, l.owner = 'l', false
	case "G":
		l.group = false
	case "o":
		l.format, l.group = 'l', false
	case "n":
		l.format, l.numeric = 'l', true
	case "l":
		l.format = 'l'
	case "h":
		l.human = 1024
	case "si":
		l.human = 1000
	case "k":
		l.unit = 1024
	case "block-size":
		if o.Value == "human-readable" || o.Value == "si" {
			l.human = map[string]int{"si": 1000, "human-readable": 1024}[o.Value]
		} else if n, ok := cli.Size(o.Value); ok && n > 0 {
			l.unit, l.human = n, -1
		} else {
			l.inv.Errorf("invalid --block-size argument %s", cli.QuoteText(o.Value))
			return 2
		}
	case "i":
		l.inode = true
	case "s":
		l.blocks = true
	case "I":
		l.ignore = append(l.ignore, cli.Glob(o.Value))
	case "hide":
		l.hide = append(l.hide, cli.Glob(o.Value))
	case "L":
		l.follow = true
	case "H", "dereference-command-line-symlink-to-dir":
		l.followOperands = true
	case "N", "show-control-chars":
		if o.Key == "N" {
			l.quote = "literal"
		}
	case "q":
		l.quote = "hide"
	case "Q":
		l.quote = "c"
	case "quoting-style":
		w, status := spec.Choose(l.inv, o.Key, o.Value, "literal", "shell", "shell-always", "shell-escape", "shell-escape-always", "c", "c-maybe", "escape", "locale", "clocale")
		if status != 0 {
			return status
		}
		l.quote = w
	case "r":
		l.reverse = true
	case "R":
		l.recursive = true
	case "S", "t", "U", "v", "X":
		l.sort = o.Key[0]
	case "sort":
		w, status := spec.Choose(l.inv, o.Key, o.Value, "none", "time", "size", "extension", "version", "width", "name")
		if status != 0 {
			return status
		}
		l.sort = map[string]byte{"none": 'U', "time": 't', "size": 'S', "extension": 'X', "version": 'v', "width": 'W', "name": 'n'}[w]
	case "time":
		w, status := spec.Choose(l.inv, o.Key, o.Value, "atime", "access=atime", "use=atime", "ctime", "status=ctime", "mtime", "modification=mtime", "birth", "creation=birth")
		if status != 0 {
			return status
		}
		l.time = map[string]byte{"atime": 'a', "ctime": 'c', "mtime": 'm', "birth": 'm'}[w]
	case "time-style":
		l.style = strings.TrimPrefix(o.Value, "posix-")
	case "full-time":
		l.format, l.style = 'l', "full-iso"
	case "format":
		w, status := spec.Choose(l.inv, o.Key, o.Value, "verbose", "long=verbose", "commas", "horizontal", "across=horizontal", "vertical", "single-column")
		if status != 0 {
			return status
		}
		l.format = map[string]byte{"verbose": 'l', "commas": 'm', "horizontal": 'x', "vertical": 'C', "single-column": '1'}[w]
	case "group-directories-first":
		l.dirsFirst = true
	case "w":
		n, err := strconv.Atoi(o.Value)
		if err != nil || n < 0 {
			l.inv.Errorf("invalid line width: %s", cli.QuoteText(o.Value))
			return 2
		}
		if l.width = n; n == 0 {
			l.tabs = 0
			l.width = 1 << 30
		}
	case "color":
		w, status := "always", 0
		if o.Has {
			if w, status = spec.Choose(l.inv, o.Key, o.Value, "always", "yes=always", "force=always", "never", "no=never", "none=never", "auto", "tty=auto", "if-tty=auto"); status != 0 {
				return status
			}
		}
		l.colors = nil
		if w == "always" {
			set, _ := l.inv.Env.Get("LS_COLORS")
			if set != "" || colorTerminal(l.inv) {
				l.colors = newLsColors(set)
			}
		}
	case "T":
		n, err := strconv.Atoi(o.Value)
		if err != nil || n < 0 {
			l.inv.Errorf("invalid tab size: %s", cli.QuoteText(o.Value))
			return 2
		}
		l.tabs = n
	case "zero":
		l.zero, l.format, l.quote, l.colors = true, '1', "literal", nil
	}
	return 0
}
