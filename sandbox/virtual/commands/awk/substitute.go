package awk

import (
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/regex"
)

func sub(in *interp, args []expr) value { return in.substitute(args, 1) }

func gsub(in *interp, args []expr) value { return in.substitute(args, 0) }

// substitute replaces the which-th match, or all for 0, and counts.
func (in *interp) substitute(args []expr, which int) value {
	re := in.regexOf(args[0])
	repl := in.text(args[1])
	to := args[2].(lvalue)
	if f, ok := to.(*fieldExpr); ok { // a field that is not there is made, whether there is a match or not
		if n := f.number(in); n <= maxField {
			if in.splitRecord(); n > len(in.fields) {
				in.resize(n)
			}
			to = &fieldExpr{&constant{num(float64(n))}}
		}
	}
	s := to.eval(in).str(in.convfmt)
	out, n := in.replace(re, s, which, func(b []byte, m []int) []byte { return appendReplacement(b, repl, s[m[0]:m[1]]) })
	if n > 0 {
		to.assign(in, str(out))
	}
	return num(float64(n))
}

// replace replaces matches by what expand appends; which is 0 for all.
func (in *interp) replace(re *regex.Regexp, s string, which int, expand func(b []byte, m []int) []byte) (out string, n int) {
	b := []byte(s)
	m := re.Find(b, 0)
	if m == nil {
		return s, 0
	}
	var result []byte
	done, count := 0, 0
	for m != nil {
		from, to := m[0], m[1]
		count++
		if which == 0 || count == which {
			n++
			result = append(result, s[done:from]...)
			result = expand(result, m)
			done = to
			in.large(len(result))
			if count == which {
				break
			}
		}
		at := to
		if from == to {
			at = in.behind(s, to)
		}
		if at > len(s) {
			break
		}
		if m = re.Find(b, at); m != nil && m[0] == m[1] && m[0] == to {
			if at = in.behind(s, to); at > len(s) {
				break
			}
			m = re.Find(b, at)
		}
	}
	if n == 0 {
		return s, 0
	}
	return string(append(result, s[done:]...)), n
}

// behind is the offset behind the character at i.
func (in *interp) behind(s string, i int) int {
	if i >= len(s) {
		return i + 1
	}
	return i + in.runeAt(s, i)
}

// appendReplacement appends the replacement of sub and gsub, where & is what matched, \& an &, and \\ a backslash.
func appendReplacement(b []byte, repl, matched string) []byte {
	for i := 0; i < len(repl); i++ {
		switch c := repl[i]; {
		case c == '&':
			b = append(b, matched...)
		case c == '\\' && i+1 < len(repl) && (repl[i+1] == '&' || repl[i+1] == '\\'):
			i++
			b = append(b, repl[i])
		default:
			b = append(b, c)
		}
	}
	return b
}

func gensub(in *interp, args []expr) value {
	re := in.regexOf(args[0])
	repl := in.text(args[1])
	how := args[2].eval(in)
	which := int(how.num())
	if h := how.str(in.convfmt); strings.HasPrefix(h, "g") || strings.HasPrefix(h, "G") {
		which = 0
	} else if which < 1 {
		in.warn("gensub: third argument `%s' treated as 1", h)
		which = 1
	}
	s := ""
	if len(args) > 3 {
		s = in.text(args[3])
	} else {
		if in.linting.on {
			in.lintField(0)
		}
		s = in.record().str(in.convfmt)
	}
	out, _ := in.replace(re, s, which, func(b []byte, m []int) []byte {
		for i := 0; i < len(repl); i++ {
			c := repl[i]
			group := -1
			switch {
			case c == '&':
				group = 0
			case c == '\\' && i+1 < len(repl):
				i++
				if c = repl[i]; c >= '0' && c <= '9' {
					group = int(c - '0')
				}
			}
			switch {
			case group < 0:
				b = append(b, c)
			case 2*group+1 < len(m) && m[2*group] >= 0:
				b = append(b, s[m[2*group]:m[2*group+1]]...)
			}
		}
		return b
	})
	return str(out)
}

func match(in *interp, args []expr) value {
	s := in.text(args[0])
	m := in.regexOf(args[1]).Find([]byte(s), 0)
	start, size := 0, -1
	if m != nil {
		start, size = in.runes(s[:m[0]])+1, in.runes(s[m[0]:m[1]])
	}
	if len(args) > 2 {
		a := in.arrayArg("match", "third", args[2])
		in.clear(a)
		for g := 0; 2*g < len(m); g++ {
			if m[2*g] < 0 {
				continue
			}
			key := strconv.Itoa(g)
			in.put(a, key, field(s[m[2*g]:m[2*g+1]]))
			in.put(a, key+in.subsep+"start", num(float64(in.runes(s[:m[2*g]])+1)))
			in.put(a, key+in.subsep+"length", num(float64(in.runes(s[m[2*g]:m[2*g+1]]))))
		}
	}
	in.special[varRSTART], in.special[varRLENGTH] = num(float64(start)), num(float64(size))
	return num(float64(start))
}
