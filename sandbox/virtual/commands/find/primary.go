package find

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/datetime"
	"github.com/flue-run/flue/sandbox/virtual/commands/filemode"
	"github.com/flue-run/flue/sandbox/virtual/regex"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

func always(result bool) test { return func(*finder, *entry) bool { return result } }

// primary reads a test, an action or an option.
func (p *parser) primary() (node, error) {
	name := p.peek()
	p.pos++
	switch name {
	case "-true", "-mount", "-xdev", "-noleaf", "-ignore_readdir_race", "-noignore_readdir_race", "-warn", "-nowarn":
		return always(true), nil
	case "-false", "-nouser", "-nogroup":
		return always(false), nil
	case "-depth", "-d":
		p.f.depthFirst = true
		return always(true), nil
	case "-follow":
		p.f.follow = 'L'
		return always(true), nil
	case "-daystart":
		p.sinceMN = true
		return always(true), nil
	case "-empty":
		return test(isEmpty), nil
	case "-readable":
		return permission(0o444), nil
	case "-writable":
		return permission(0o222), nil
	case "-executable":
		return permission(0o111), nil
	case "-print":
		p.acts = true
		return test(printName("\n")), nil
	case "-print0":
		p.acts = true
		return test(printName("\x00")), nil
	case "-ls":
		p.acts = true
		return test(func(f *finder, e *entry) bool { listLong(f, f.out, e); return true }), nil
	case "-prune":
		return test(func(_ *finder, e *entry) bool { e.prune = true; return true }), nil
	case "-quit":
		p.acts = true
		return test(func(f *finder, _ *entry) bool { f.quit = true; return true }), nil
	case "-delete":
		p.acts, p.f.depthFirst = true, true
		return test(remove), nil
	case "-exec", "-execdir", "-ok", "-okdir":
		p.acts = true
		return p.exec(name)
	}
	if !strings.HasPrefix(name, "-") {
		return nil, p.stray(name)
	}
	if build, ok := withArgument[name]; ok {
		arg, err := p.argument(name)
		if err != nil {
			return nil, err
		}
		return build(p, name, arg)
	}
	if strings.HasPrefix(name, "-newer") && len(name) == 8 && strings.IndexByte("aBcm", name[6]) >= 0 && strings.IndexByte("aBcmt", name[7]) >= 0 {
		arg, err := p.argument(name)
		if err != nil {
			return nil, err
		}
		return p.newer(name[6], name[7], arg)
	}
	return nil, p.stray(name)
}

// withArgument are the primaries that take one word.
var withArgument = map[string]func(p *parser, name, arg string) (node, error){
	"-name":      nameTest,
	"-iname":     nameTest,
	"-path":      pathTest,
	"-ipath":     pathTest,
	"-wholename": pathTest, "-iwholename": pathTest,
	"-lname": linkTest, "-ilname": linkTest,
	"-regex": regexTest, "-iregex": regexTest,
	"-regextype": func(p *parser, _, arg string) (node, error) {
		if _, ok := syntaxes[arg]; !ok {
			return nil, fmt.Errorf("Unknown regular expression type %s; valid types are 'findutils-default', 'ed', 'emacs', 'gnu-awk', 'grep', 'posix-awk', 'awk', 'posix-basic', 'posix-egrep', 'egrep', 'posix-extended', 'posix-minimal-basic', 'sed'.", cli.Quote(arg))
		}
		p.syntax = arg
		return always(true), nil
	},
	"-type": typeTest, "-xtype": typeTest,
	"-size": sizeTest,
	"-perm": permTest,
	"-maxdepth": func(p *parser, name, arg string) (node, error) {
		n, err := strconv.ParseUint(arg, 10, 31)
		if err != nil {
			return nil, fmt.Errorf("Expected a positive decimal integer argument to %s, but got %s", name, cli.Quote(arg))
		}
		p.f.maxDepth = int(n)
		return always(true), nil
	},
	"-mindepth": func(p *parser, name, arg string) (node, error) {
		n, err := strconv.ParseUint(arg, 10, 31)
		if err != nil {
			return nil, fmt.Errorf("Expected a positive decimal integer argument to %s, but got %s", name, cli.Quote(arg))
		}
		p.f.minDepth = int(n)
		return always(true), nil
	},
	"-newer":  func(p *parser, _, arg string) (node, error) { return p.newer('m', 'm', arg) },
	"-anewer": func(p *parser, _, arg string) (node, error) { return p.newer('a', 'm', arg) },
	"-cnewer": func(p *parser, _, arg string) (node, error) { return p.newer('c', 'm', arg) },
	"-mtime":  ageTest, "-atime": ageTest, "-ctime": ageTest, "-mmin": ageTest, "-amin": ageTest, "-cmin": ageTest,
	"-used": func(_ *parser, name, arg string) (node, error) {
		return numberTest(name, arg, func(e *entry) int64 { return 0 })
	},
	"-links": func(_ *parser, name, arg string) (node, error) {
		return numberTest(name, arg, func(e *entry) int64 { return int64(e.info.Nlink) })
	},
	"-inum": func(_ *parser, name, arg string) (node, error) {
		return numberTest(name, arg, func(e *entry) int64 { return int64(e.info.Ino) })
	},
	"-uid": func(_ *parser, name, arg string) (node, error) {
		return numberTest(name, arg, func(e *entry) int64 { return int64(e.info.UID) })
	},
	"-gid": func(_ *parser, name, arg string) (node, error) {
		return numberTest(name, arg, func(e *entry) int64 { return int64(e.info.GID) })
	},
	"-user": func(_ *parser, _, arg string) (node, error) {
		id, ok := owner(arg)
		if !ok {
			return nil, fmt.Errorf("%s is not the name of a known user", cli.Quote(arg))
		}
		return test(func(_ *finder, e *entry) bool { return e.info.UID == id }), nil
	},
	"-group": func(_ *parser, _, arg string) (node, error) {
		id, ok := owner(arg)
		if !ok {
			return nil, fmt.Errorf("%s is not the name of an existing group", cli.Quote(arg))
		}
		return test(func(_ *finder, e *entry) bool { return e.info.GID == id }), nil
	},
	"-samefile": func(p *parser, _, arg string) (node, error) {
		info, err := p.f.stat(p.f.inv.Path(arg), true)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", cli.Quote(arg), err)
		}
		return test(func(_ *finder, e *entry) bool { return e.info.Ino == info.Ino }), nil
	},
	"-fstype": func(_ *parser, _, arg string) (node, error) { return always(arg == "vfs"), nil },
	"-printf": func(p *parser, _, arg string) (node, error) {
		p.acts = true
		format, err := parseFormat(arg)
		if err != nil {
			return nil, err
		}
		return test(func(f *finder, e *entry) bool { format.write(f, f.out, e); return true }), nil
	},
	"-fprint": fileAction, "-fprint0": fileAction, "-fls": fileAction, "-fprintf": fileAction,
}

// owner is the number of a user or group of the sandbox.
func owner(name string) (int, bool) {
	switch name {
	case "root":
		return 0, true
	case "agent":
		return 1000, true
	}
	n, err := strconv.Atoi(name)
	return n, err == nil && n >= 0
}

func glob(pattern string, fold bool) func(string) bool {
	if !fold {
		return cli.Glob(pattern)
	}
	match := cli.Glob(strings.ToLower(pattern))
	return func(s string) bool { return match(strings.ToLower(s)) }
}

func nameTest(_ *parser, name, arg string) (node, error) {
	match := glob(arg, name == "-iname")
	return test(func(_ *finder, e *entry) bool { return match(base(e.name)) }), nil
}

func pathTest(_ *parser, name, arg string) (node, error) {
	match := glob(arg, name[1] == 'i')
	return test(func(_ *finder, e *entry) bool { return match(e.name) }), nil
}

func linkTest(_ *parser, name, arg string) (node, error) {
	match := glob(arg, name[1] == 'i')
	return test(func(_ *finder, e *entry) bool { return e.info.Mode&fs.ModeSymlink != 0 && match(e.info.Target) }), nil
}

// syntaxes are the values of -regextype.
var syntaxes = map[string]regex.Syntax{
	"findutils-default": regex.BRE, "emacs": regex.BRE, "ed": regex.BRE, "grep": regex.BRE, "sed": regex.BRE, "posix-basic": regex.BRE,
	"posix-minimal-basic": regex.BRE, "gnu-awk": regex.ERE, "posix-awk": regex.ERE, "awk": regex.ERE,
	"posix-egrep": regex.ERE, "egrep": regex.ERE, "posix-extended": regex.ERE,
}

func regexTest(p *parser, name, arg string) (node, error) {
	pattern := arg
	if p.syntax == "findutils-default" || p.syntax == "emacs" {
		pattern = fromEmacs(pattern)
	}
	flags := regex.Lines
	if name == "-iregex" {
		flags |= regex.IgnoreCase
	}
	re, err := regex.Compile(pattern, syntaxes[p.syntax], flags)
	if err != nil {
		return nil, fmt.Errorf("failed to compile regular expression '%s': %w", arg, err)
	}
	return test(func(_ *finder, e *entry) bool { return re.MatchString(e.name) }), nil
}

// fromEmacs writes Emacs' expressions as basic ones, which lack bare + and ?.
func fromEmacs(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			i++
			if s[i] == '+' || s[i] == '?' {
				b.WriteByte(s[i])
			} else {
				b.WriteString(s[i-1 : i+1])
			}
		case c == '[':
			j := i + 1
			if j < len(s) && s[j] == '^' {
				j++
			}
			if j < len(s) && s[j] == ']' {
				j++
			}
			for j < len(s) && s[j] != ']' {
				j++
			}
			j = min(j, len(s)-1)
			b.WriteString(s[i : j+1])
			i = j
		case c == '+' || c == '?':
			b.WriteString(`\` + s[i:i+1])
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func typeTest(p *parser, name, arg string) (node, error) {
	kinds := strings.Split(arg, ",")
	for _, k := range kinds {
		if len(k) != 1 {
			if k == "" {
				return nil, fmt.Errorf("Arguments to %s should contain at least one letter", name)
			}
			return nil, fmt.Errorf("Must separate multiple arguments to %s using: ','", name)
		}
		if strings.IndexByte("bcdpflsD", k[0]) < 0 {
			return nil, fmt.Errorf("Unknown argument to %s: %s", name, k)
		}
	}
	return test(func(f *finder, e *entry) bool {
		mode := e.info.Mode
		if name == "-xtype" {
			if f.follow == 'L' {
				if i, err := f.inv.FS.Lstat(e.full); err == nil {
					mode = i.Mode
				}
			} else if i, err := f.inv.FS.Stat(e.full); err == nil {
				mode = i.Mode
			}
		}
		return strings.IndexByte(arg, filemode.Letter(mode)) >= 0
	}), nil
}

func isEmpty(f *finder, e *entry) bool {
	switch {
	case e.info.IsDir():
		list, err := f.inv.FS.ReadDir(e.full)
		return err == nil && len(list) == 0
	case e.info.Mode.IsRegular():
		return e.info.Size == 0
	}
	return false
}

// permission asks for some bit of mask; the sandbox's user owns all.
func permission(mask fs.FileMode) test {
	return func(f *finder, e *entry) bool {
		i, err := f.inv.FS.Stat(e.full)
		return err == nil && i.Mode&mask != 0
	}
}

// comparison reads +N, -N and N.
func comparison(arg string) (sign byte, rest string) {
	if arg != "" && (arg[0] == '+' || arg[0] == '-') {
		return arg[0], arg[1:]
	}
	return '=', arg
}

func compareWith(sign byte, x, n int64) bool {
	switch sign {
	case '+':
		return x > n
	case '-':
		return x < n
	}
	return x == n
}

func numberTest(name, arg string, value func(e *entry) int64) (node, error) {
	sign, rest := comparison(arg)
	n, err := strconv.ParseInt(rest, 10, 64)
	if err != nil || rest[0] == '+' || rest[0] == '-' {
		return nil, fmt.Errorf("invalid argument `%s' to `%s'", arg, name)
	}
	return test(func(_ *finder, e *entry) bool { return compareWith(sign, value(e), n) }), nil
}

func sizeTest(_ *parser, name, arg string) (node, error) {
	sign, rest := comparison(arg)
	unit := int64(512)
	if rest != "" {
		if last := rest[len(rest)-1]; last < '0' || last > '9' {
			units := map[byte]int64{'b': 512, 'c': 1, 'w': 2, 'k': 1 << 10, 'M': 1 << 20, 'G': 1 << 30, 'T': 1 << 40, 'P': 1 << 50}
			var ok bool
			if unit, ok = units[last]; !ok {
				return nil, fmt.Errorf("invalid -size type `%c'", last)
			}
			rest = rest[:len(rest)-1]
		}
	}
	n, err := strconv.ParseInt(rest, 10, 64)
	if err != nil || rest[0] == '-' || rest[0] == '+' {
		return nil, fmt.Errorf("Invalid argument `%s' to -size", arg)
	}
	return test(func(_ *finder, e *entry) bool { return compareWith(sign, (e.info.Size+unit-1)/unit, n) }), nil
}

func permTest(_ *parser, name, arg string) (node, error) {
	sign, text := byte('='), arg
	if arg != "" && (arg[0] == '-' || arg[0] == '/') {
		sign, text = arg[0], arg[1:]
	}
	change, ok := filemode.Parse(text)
	if !ok {
		return nil, fmt.Errorf("invalid mode %s", cli.Quote(arg))
	}
	want := filemode.Octal(change.Apply(0, 0))
	return test(func(_ *finder, e *entry) bool {
		mode := filemode.Octal(e.info.Mode)
		switch sign {
		case '-':
			return mode&want == want
		case '/':
			return want == 0 || mode&want != 0
		}
		return mode == want
	}), nil
}

func stamp(i vfs.Info, which byte) time.Time {
	switch which {
	case 'a':
		return i.AccessTime
	case 'c':
		return i.ChangeTime
	}
	return i.ModTime
}

func (p *parser) newer(which, reference byte, arg string) (node, error) {
	var at time.Time
	if reference == 't' {
		t, ok := datetime.Parse(arg, p.f.inv.Now().In(p.f.zone))
		if !ok {
			return nil, fmt.Errorf("I cannot figure out how to interpret %s as a date or time", cli.Quote(arg))
		}
		at = t
	} else {
		info, err := p.f.stat(p.f.inv.Path(arg), true)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", cli.Quote(arg), err)
		}
		at = stamp(info, reference)
	}
	return test(func(_ *finder, e *entry) bool { return stamp(e.info, which).After(at) }), nil
}

// ageTest is -mtime, -mmin and their like: N units of time ago, rounded down.
func ageTest(p *parser, name, arg string) (node, error) {
	sign, rest := comparison(arg)
	n, err := strconv.ParseFloat(rest, 64)
	if err != nil || rest[0] == '+' || rest[0] == '-' {
		return nil, fmt.Errorf("invalid argument `%s' to `%s'", arg, name)
	}
	unit := 24 * time.Hour
	minutes := strings.HasSuffix(name, "min")
	if minutes {
		unit = time.Minute
	}
	now := p.f.inv.Now()
	if p.sinceMN {
		t := now.In(p.f.zone)
		now = time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, p.f.zone)
	}
	return test(func(_ *finder, e *entry) bool {
		age := float64(now.Sub(stamp(e.info, name[1]))) / float64(unit)
		switch sign {
		case '+':
			if minutes {
				return age > n
			}
			return age >= n+1
		case '-':
			return age < n
		}
		if minutes {
			return age > n-1 && age <= n
		}
		return age >= n && age < n+1
	}), nil
}
