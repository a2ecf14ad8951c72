package find

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/filemode"
)

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

func permTest(_ *parser, name, arg string) (node, error) {
	sign, text := byte('='), arg
	if arg != "" && (arg[0] == '-' || arg[0] == '/') {
		sign, text = arg[0], arg[1:]
	}
	change, ok := filemode.Parse(text)
	if !ok {
		return nil, fmt.Errorf("invalid mode %s", cli.QuoteText(arg))
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

func numberTest(name, arg string, value func(e *entry) int64) (node, error) {
	sign, rest := comparison(arg)
	n, err := strconv.ParseInt(rest, 10, 64)
	if err != nil || rest[0] == '+' || rest[0] == '-' {
		return nil, fmt.Errorf("invalid argument `%s' to `%s'", arg, name)
	}
	return test(func(_ *finder, e *entry) bool { return compareWith(sign, value(e), n) }), nil
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
