package shell

import (
	"strconv"
	"strings"
)

// testParser evaluates the arguments of test and [.
type testParser struct {
	s    *shell
	args []string
	err  string
}

func builtinTest(s *shell, args []string) int {
	name := args[0]
	list := args[1:]
	if name == "[" {
		if len(list) == 0 || list[len(list)-1] != "]" {
			s.warnf("[: missing `]'")
			return 2
		}
		list = list[:len(list)-1]
	}
	p := testParser{s: s, args: list}
	ok := p.byCount(list)
	if p.err != "" {
		s.warnf("%s: %s", name, p.err)
		return 2
	}
	return boolStatus(ok)
}

// byCount applies POSIX's rules for up to four arguments; more are parsed by precedence.
func (p *testParser) byCount(a []string) bool {
	switch len(a) {
	case 0:
		return false
	case 1:
		return a[0] != ""
	case 2:
		if a[0] == "!" {
			return a[1] == ""
		}
		if isUnaryTest(a[0]) {
			return p.s.unaryTest(a[0], a[1])
		}
		p.err = a[0] + ": unary operator expected"
		return false
	case 3:
		switch {
		case isBinaryTest(a[1]):
			return p.binary(a[1], a[0], a[2])
		case a[1] == "-a":
			return a[0] != "" && a[2] != ""
		case a[1] == "-o":
			return a[0] != "" || a[2] != ""
		case a[0] == "!":
			return !p.byCount(a[1:])
		case a[0] == "(" && a[2] == ")":
			return a[1] != ""
		}
		p.err = a[1] + ": binary operator expected"
		return false
	case 4:
		switch {
		case a[0] == "!":
			return !p.byCount(a[1:])
		case a[0] == "(" && a[3] == ")":
			return p.byCount(a[1:3])
		}
	}
	rest := a
	ok := p.or(&rest)
	if p.err == "" && len(rest) > 0 {
		p.err = "too many arguments"
	}
	return ok
}

func (p *testParser) or(a *[]string) bool {
	ok := p.and(a)
	for len(*a) > 0 && (*a)[0] == "-o" && p.err == "" {
		*a = (*a)[1:]
		right := p.and(a)
		ok = ok || right
	}
	return ok
}

func (p *testParser) and(a *[]string) bool {
	ok := p.not(a)
	for len(*a) > 0 && (*a)[0] == "-a" && p.err == "" {
		*a = (*a)[1:]
		right := p.not(a)
		ok = ok && right
	}
	return ok
}

func (p *testParser) not(a *[]string) bool {
	negate := false
	for len(*a) > 1 && (*a)[0] == "!" && !(len(*a) > 2 && isBinaryTest((*a)[1])) {
		negate = !negate
		*a = (*a)[1:]
	}
	return p.primary(a) != negate
}

func (p *testParser) primary(a *[]string) bool {
	list := *a
	switch {
	case len(list) == 0:
		p.err = "argument expected"
		return false
	case len(list) >= 3 && isBinaryTest(list[1]):
		*a = list[3:]
		return p.binary(list[1], list[0], list[2])
	case list[0] == "(":
		*a = list[1:]
		ok := p.or(a)
		if len(*a) == 0 || (*a)[0] != ")" {
			p.err = "`)' expected"
			return false
		}
		*a = (*a)[1:]
		return ok
	case len(list) >= 2 && isUnaryTest(list[0]):
		*a = list[2:]
		return p.s.unaryTest(list[0], list[1])
	}
	*a = list[1:]
	return list[0] != ""
}

func isUnaryTest(op string) bool {
	return len(op) == 2 && op[0] == '-' && strings.IndexByte("abcdefghknoprstuvwxzGLNORS", op[1]) >= 0
}

func isBinaryTest(op string) bool {
	switch op {
	case "=", "==", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef", "=~":
		return op != "=~"
	}
	return false
}

func (p *testParser) binary(op, a, b string) bool {
	switch op {
	case "=", "==":
		return a == b
	case "!=":
		return a != b
	case "<":
		return a < b
	case ">":
		return a > b
	case "-nt", "-ot", "-ef":
		return p.s.fileCompare(op, a, b)
	}
	n, ok1 := p.integer(a)
	m, ok2 := p.integer(b)
	if !ok1 || !ok2 {
		return false
	}
	return compareInts(op, n, m)
}

func (p *testParser) integer(v string) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimPrefix(strings.TrimSpace(v), "+"), 10, 64)
	if err != nil {
		p.err = v + ": integer expression expected"
	}
	return n, err == nil
}
