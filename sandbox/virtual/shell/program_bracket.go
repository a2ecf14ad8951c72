package shell

import "strings"

// programTest is /bin/test and /bin/[, which read their arguments and word their messages in another way than the builtin.
func programTest(s *shell, name string, args []string) int {
	list := args[1:]
	if name == "[" {
		if len(list) == 1 && (list[0] == "--help" || list[0] == "--version") {
			text := "Usage: test EXPRESSION\n  or:  test\n  or:  [ EXPRESSION ]\nExit with the status determined by EXPRESSION.\n"
			if list[0] == "--version" {
				text = "[ (flue, compatible with GNU)\n"
			}
			if !s.writeNamed("[", []byte(text)) {
				return 2
			}
			return 0
		}
		if len(list) == 0 || list[len(list)-1] != "]" {
			s.errln(args[0] + ": missing ']'")
			return 2
		}
		list = list[:len(list)-1]
	}
	if len(list) == 0 {
		return 1
	}
	p := programTester{s: s, args: list}
	ok := p.byCount(len(list))
	if p.err == "" && p.pos < len(list) {
		p.fail("extra argument " + quoteArgument(list[p.pos]))
	}
	if p.err != "" {
		s.errln(args[0] + ": " + p.err)
		return 2
	}
	return boolStatus(ok)
}

// programTester reads the arguments of the program from pos on.
type programTester struct {
	s    *shell
	args []string
	pos  int
	err  string // the first mistake
}

func (p *programTester) fail(text string) bool {
	if p.err == "" {
		p.err = text
	}
	return false
}

// beyond says that something must follow the last argument.
func (p *programTester) beyond() bool {
	return p.fail("missing argument after " + quoteArgument(p.args[len(p.args)-1]))
}

// byCount reads n arguments as POSIX says for up to four; more are read by precedence.
func (p *programTester) byCount(n int) bool {
	a := p.args[p.pos:]
	switch {
	case n == 1:
		p.pos++
		return a[0] != ""
	case n == 2 && a[0] == "!":
		p.pos++
		return !p.byCount(1)
	case n == 2 && len(a[0]) == 2 && a[0][0] == '-':
		return p.unary()
	case n == 2:
		return p.beyond()
	case n == 3 && programBinary(a[1]):
		return p.binary(false)
	case n == 3 && a[0] == "!":
		p.pos++
		return !p.byCount(2)
	case n == 3 && a[0] == "(" && a[2] == ")":
		p.pos += 3
		return a[1] != ""
	case n == 3 && a[1] != "-a" && a[1] != "-o":
		return p.fail(quoteArgument(a[1]) + ": binary operator expected")
	case n == 4 && a[0] == "!":
		p.pos++
		return !p.byCount(3)
	case n == 4 && a[0] == "(" && a[3] == ")":
		p.pos++
		ok := p.byCount(2)
		p.pos++
		return ok
	}
	return p.or()
}

func (p *programTester) or() bool {
	ok := p.and()
	for p.err == "" && p.pos < len(p.args) && p.args[p.pos] == "-o" {
		p.pos++
		right := p.and()
		ok = ok || right
	}
	return ok
}

func (p *programTester) and() bool {
	ok := p.term()
	for p.err == "" && p.pos < len(p.args) && p.args[p.pos] == "-a" {
		p.pos++
		right := p.term()
		ok = ok && right
	}
	return ok
}

// term is one test, or an expression in parentheses.
func (p *programTester) term() bool {
	negate := false
	for p.pos < len(p.args) && p.args[p.pos] == "!" {
		p.pos++
		negate = !negate
	}
	rest := p.args[p.pos:]
	switch {
	case len(rest) == 0:
		return p.beyond()
	case rest[0] == "(":
		return p.parentheses() != negate
	case len(rest) >= 4 && rest[0] == "-l" && programBinary(rest[2]):
		return p.binary(true) != negate
	case len(rest) >= 3 && programBinary(rest[1]):
		return p.binary(false) != negate
	case len(rest[0]) == 2 && rest[0][0] == '-':
		return p.unary() != negate
	}
	p.pos++
	return (rest[0] != "") != negate
}

// parentheses reads what is in them: up to four arguments by their number.
func (p *programTester) parentheses() bool {
	p.pos++
	if p.pos >= len(p.args) {
		return p.beyond()
	}
	n := 1
	for p.pos+n < len(p.args) && p.args[p.pos+n] != ")" {
		if n == 4 {
			n = len(p.args) - p.pos
			break
		}
		n++
	}
	ok := p.byCount(n)
	switch {
	case p.err != "":
	case p.pos >= len(p.args):
		return p.fail("')' expected")
	case p.args[p.pos] != ")":
		return p.fail("')' expected, found " + quoteArgument(p.args[p.pos]))
	}
	p.pos++
	return ok
}

// programBinary says whether the program has a binary operator.
func programBinary(op string) bool { return isBinaryTest(op) && op != "<" && op != ">" }

func (p *programTester) unary() bool {
	op := p.args[p.pos]
	if !isUnaryTest(op) || strings.Contains("-a -o -v -R", op) {
		return p.fail(quoteArgument(op) + ": unary operator expected")
	}
	if p.pos++; p.pos >= len(p.args) {
		return p.beyond()
	}
	value := p.args[p.pos]
	p.pos++
	if op == "-t" {
		if _, ok := p.integer(value); !ok {
			return false
		}
	}
	return p.s.unaryTest(op, value)
}

// binary compares; "-l STRING" on either side, where it is taken for a length, is how long the string is.
func (p *programTester) binary(leftLength bool) bool {
	if leftLength {
		p.pos++
	}
	a, op := p.args[p.pos], p.args[p.pos+1]
	p.pos += 2
	rightLength := p.pos < len(p.args)-1 && p.args[p.pos] == "-l" && strings.HasPrefix(op, "-")
	if rightLength {
		p.pos++
	}
	if p.pos >= len(p.args) {
		return p.beyond()
	}
	b := p.args[p.pos]
	p.pos++
	switch op {
	case "=", "==":
		return a == b
	case "!=":
		return a != b
	case "-nt", "-ot", "-ef":
		if leftLength || rightLength {
			return p.fail(op + " does not accept -l")
		}
		return p.s.fileCompare(op, a, b)
	}
	x, ok := p.operand(a, leftLength)
	if !ok {
		return false
	}
	y, ok := p.operand(b, rightLength)
	if !ok {
		return false
	}
	return compareInts(op, compareDigits(x, y), 0)
}

func (p *programTester) operand(v string, length bool) (string, bool) {
	if length {
		return formatInt(int64(len(v))), true
	}
	return p.integer(v)
}

// integer checks a number of any size and returns it without spaces, a plus sign and leading zeros.
func (p *programTester) integer(v string) (string, bool) {
	text := strings.Trim(v, " \t\n\v\f\r")
	digits, negative := strings.CutPrefix(text, "-")
	if !negative {
		digits = strings.TrimPrefix(text, "+")
	}
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return "", p.fail("invalid integer " + quoteArgument(v))
	}
	digits = strings.TrimLeft(digits, "0")
	switch {
	case digits == "":
		return "0", true
	case negative:
		return "-" + digits, true
	}
	return digits, true
}

// compareDigits compares two numbers as integer returns them.
func compareDigits(a, b string) int64 {
	x, negative := strings.CutPrefix(a, "-")
	y, other := strings.CutPrefix(b, "-")
	sign := int64(1)
	switch {
	case negative && !other:
		return -1
	case other && !negative:
		return 1
	case negative:
		sign = -1
	}
	if len(x) != len(y) {
		return sign * int64(len(x)-len(y))
	}
	return sign * int64(strings.Compare(x, y))
}
