package find

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
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
			return nil, fmt.Errorf("Unknown regular expression type %s; valid types are 'findutils-default', 'ed', 'emacs', 'gnu-awk', 'grep', 'posix-awk', 'awk', 'posix-basic', 'posix-egrep', 'egrep', 'posix-extended', 'posix-minimal-basic', 'sed'.", cli.QuoteText(arg))
		}
		p.syntax = arg
		return always(true), nil
	},
	"-type": typeTest, "-xtype": typeTest,
	"-size":     sizeTest,
	"-perm":     permTest,
	"-maxdepth": func(p *parser, name, arg string) (node, error) { return setDepth(&p.f.maxDepth, name, arg) },
	"-mindepth": func(p *parser, name, arg string) (node, error) { return setDepth(&p.f.minDepth, name, arg) },
	"-newer":    func(p *parser, _, arg string) (node, error) { return p.newer('m', 'm', arg) },
	"-anewer":   func(p *parser, _, arg string) (node, error) { return p.newer('a', 'm', arg) },
	"-cnewer":   func(p *parser, _, arg string) (node, error) { return p.newer('c', 'm', arg) },
	"-mtime":    ageTest, "-atime": ageTest, "-ctime": ageTest, "-mmin": ageTest, "-amin": ageTest, "-cmin": ageTest,
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
		id, ok := cli.UserID(arg)
		if !ok {
			return nil, fmt.Errorf("%s is not the name of a known user", cli.Quote(arg))
		}
		return test(func(_ *finder, e *entry) bool { return e.info.UID == id }), nil
	},
	"-group": func(_ *parser, _, arg string) (node, error) {
		id, ok := cli.UserID(arg)
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

// setDepth is -maxdepth or -mindepth.
func setDepth(depth *int, name, arg string) (node, error) {
	n, err := strconv.ParseUint(arg, 10, 31)
	if err != nil {
		return nil, fmt.Errorf("Expected a positive decimal integer argument to %s, but got %s", name, cli.QuoteText(arg))
	}
	*depth = int(n)
	return always(true), nil
}
