package shell

import "strings"

func builtinPrintf(s *shell, args []string) int {
	rest := args[1:]
	target := ""
	for len(rest) > 0 && strings.HasPrefix(rest[0], "-") && len(rest[0]) > 1 {
		if rest[0] == "--" {
			rest = rest[1:]
			break
		}
		if rest[0] == "-v" && len(rest) == 1 {
			s.warnf("printf: -v: option requires an argument")
			return s.misused("printf")
		}
		if rest[0] == "-v" {
			target, rest = rest[1], rest[2:]
			if base, _, _ := cutSubscript(target); !validName(base) {
				s.warnf("printf: `%s': not a valid identifier", target)
				return 2
			}
			continue
		}
		if v, ok := strings.CutPrefix(rest[0], "-v"); ok && v != "" {
			target, rest = v, rest[1:]
			continue
		}
		return s.badOption("printf", rest[0][:2])
	}
	if len(rest) == 0 {
		return s.misused("printf")
	}
	p := printer{s: s, args: rest[1:]}
	p.run(rest[0])
	defer s.hold(-p.held)
	if target != "" {
		if base, sub, ok := cutSubscript(target); ok {
			if !s.setElement(base, sub, cutNUL(string(p.out)), false) {
				return 1
			}
		} else if !s.setVar(target, cutNUL(string(p.out))) {
			return 1
		}
		return p.status
	}
	if len(p.out) > 0 && !s.writeNamed("printf", p.out) {
		return 1
	}
	return p.status
}

// cutNUL is what a variable can hold of text.
func cutNUL(text string) string {
	text, _, _ = strings.Cut(text, "\x00")
	return text
}

// printer is one call of printf.
type printer struct {
	s      *shell
	args   []string
	used   int
	out    []byte
	held   int // live bytes that out took
	status int
	stop   bool
	// program is the name of printf as a program, "" for the builtin.
	program string
}

// run uses the format again as long as there are arguments.
func (p *printer) run(format string) {
	for {
		before := p.used
		p.once(format)
		p.s.work(len(format) + 1)
		if grown := len(p.out) - p.held; grown > 4096 {
			p.s.hold(grown)
			p.held += grown
		}
		if p.stop || p.used >= len(p.args) || p.used == before {
			return
		}
	}
}

func (p *printer) next() (string, bool) {
	if p.used < len(p.args) {
		p.used++
		return p.args[p.used-1], true
	}
	p.used++
	return "", false
}

func (p *printer) once(format string) {
	for i := 0; i < len(format) && !p.stop; i++ {
		switch c := format[i]; c {
		case '\\':
			end := escapeEnd(format, i)
			if p.program != "" && incomplete(format[i:end]) {
				p.programFail(true, "missing hexadecimal number in escape")
				return
			}
			if p.program != "" && !p.universal(format[i:end]) {
				return
			}
			if p.program != "" && format[i:end] == `\c` {
				p.stop = true
				return
			}
			if e := format[i:end]; e == `\x` || e == `\u` || e == `\U` {
				what := "unicode"
				if e == `\x` {
					what = "hex"
				}
				p.s.warnf("printf: missing %s digit for %s", what, e)
			}
			p.out = append(p.out, printfEscape(format[i:end])...)
			i = end - 1
		case '%':
			if i+1 < len(format) && format[i+1] == '%' {
				p.out = append(p.out, '%')
				i++
				continue
			}
			i = p.conversion(format, i)
		default:
			p.out = append(p.out, c)
		}
	}
}

func (p *printer) fail(format string, args ...any) {
	p.s.warnf("printf: "+format, args...)
	p.status = 1
}
