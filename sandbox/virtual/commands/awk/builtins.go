package awk

import (
	"math"
	"math/big"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/commands/datetime"
	"github.com/flue-run/flue/sandbox/virtual/regex"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// isBool is the text of a number that mkbool made: what typeof puts behind "number".
const isBool = "|bool"

// builtin is a function of the language.
type builtin struct {
	min, max int
	arrays   []int // arguments that must be arrays
	call     func(in *interp, args []expr) value
}

const many = 1 << 20

var builtins map[string]*builtin

func init() {
	bits := func(name string, f func(a, b uint64) uint64) *builtin {
		return &builtin{1, many, nil, func(in *interp, args []expr) value {
			if len(args) < 2 {
				in.fatal("%s: called with less than two arguments", name)
			}
			r := in.bits(name, args[0], 1)
			for i, a := range args[1:] {
				r = f(r, in.bits(name, a, i+2))
			}
			return num(float64(r))
		}}
	}
	shift := func(name string, f func(a, b uint64) uint64) *builtin {
		return &builtin{2, 2, nil, func(in *interp, args []expr) value {
			a := args[0].eval(in).num()
			b := args[1].eval(in).num()
			if a < 0 || b < 0 {
				in.fatal("%s(%f, %f): negative values are not allowed", name, a, b)
			}
			return num(float64(f(uint64(min(a, 1<<63)), uint64(min(b, 1<<63)))))
		}}
	}
	math1 := func(f func(float64) float64) *builtin {
		return &builtin{1, 1, nil, func(in *interp, args []expr) value { return num(f(args[0].eval(in).num())) }}
	}
	builtins = map[string]*builtin{
		"length": {0, 1, nil, length}, "substr": {2, 3, nil, substr}, "index": {2, 2, nil, index},
		"split": {2, 4, []int{1, 3}, split}, "patsplit": {2, 4, []int{1, 3}, patsplit},
		"sub": {2, 3, nil, sub}, "gsub": {2, 3, nil, gsub}, "gensub": {3, 4, nil, gensub}, "match": {2, 3, []int{2}, match},
		"sprintf": {1, many, nil, sprintf},
		"tolower": {1, 1, nil, func(in *interp, args []expr) value { return str(strings.ToLower(args[0].eval(in).str(in.convfmt))) }},
		"toupper": {1, 1, nil, func(in *interp, args []expr) value { return str(strings.ToUpper(args[0].eval(in).str(in.convfmt))) }},
		"sin":     math1(math.Sin), "cos": math1(math.Cos), "exp": {1, 1, nil, exp}, "int": math1(math.Trunc),
		"log":  {1, 1, nil, func(in *interp, args []expr) value { return in.root("log", math.Log, args[0]) }},
		"sqrt": {1, 1, nil, func(in *interp, args []expr) value { return in.root("sqrt", math.Sqrt, args[0]) }},
		"atan2": {2, 2, nil, func(in *interp, args []expr) value {
			y := args[0].eval(in).num()
			return num(math.Atan2(y, args[1].eval(in).num()))
		}},
		"rand":  {0, 0, nil, func(in *interp, _ []expr) value { return num(in.random.next()) }},
		"srand": {0, 1, nil, srand},
		"and":   bits("and", func(a, b uint64) uint64 { return a & b }), "or": bits("or", func(a, b uint64) uint64 { return a | b }),
		"xor":    bits("xor", func(a, b uint64) uint64 { return a ^ b }),
		"lshift": shift("lshift", func(a, b uint64) uint64 { return a << b }), "rshift": shift("rshift", func(a, b uint64) uint64 { return a >> b }),
		"compl": {1, 1, nil, func(in *interp, args []expr) value {
			n := args[0].eval(in).num()
			if n < 0 {
				in.fatal("compl(%f): negative value is not allowed", n)
			}
			return num(float64(^uint64(min(n, 1<<63)) & (1<<53 - 1)))
		}},
		"strtonum": {1, 1, nil, strtonum},
		"mkbool": {1, 1, nil, func(in *interp, args []expr) value {
			return value{kind: number, n: truth(args[0].eval(in).bool()).n, s: isBool}
		}},
		"systime":  {0, 0, nil, func(in *interp, _ []expr) value { return num(float64(in.inv.Now().Unix())) }},
		"strftime": {0, 3, nil, strftime}, "mktime": {1, 2, nil, mktime},
		"system": {1, 1, nil, system}, "close": {1, 2, nil, closeFile}, "fflush": {0, 1, nil, fflush},
		"asort":   {1, 3, []int{0, 1}, func(in *interp, args []expr) value { return in.sortArray(args, false) }},
		"asorti":  {1, 3, []int{0, 1}, func(in *interp, args []expr) value { return in.sortArray(args, true) }},
		"isarray": {1, 1, nil, func(in *interp, args []expr) value { return truth(in.typeOf(args[0]) == "array") }},
		"typeof":  {1, 2, nil, func(in *interp, args []expr) value { return str(in.typeOf(args[0])) }},
	}
}

func exp(in *interp, args []expr) value {
	n := args[0].eval(in).num()
	r := math.Exp(n)
	if math.IsInf(r, 0) && !math.IsInf(n, 0) {
		in.warn("exp: argument %s is out of range", num(n).str("%.6g"))
	}
	return num(r)
}

// root is log or sqrt, which warn of a negative argument; what has no result then has the sign that C gives it.
func (in *interp) root(name string, f func(float64) float64, arg expr) value {
	n := arg.eval(in).num()
	r := f(n)
	if n < 0 {
		in.warn("%s: received negative argument %s", name, num(n).str("%.6g"))
		r = math.Copysign(r, -1)
	}
	return num(r)
}

// bits is argument number i of and, or or xor.
func (in *interp) bits(name string, e expr, i int) uint64 {
	n := e.eval(in).num()
	if n < 0 {
		in.fatal("%s: argument %d negative value %s is not allowed", name, i, num(n).str("%.6g"))
	}
	return uint64(min(n, 1<<63))
}

func (in *interp) text(e expr) string { return e.eval(in).str(in.convfmt) }

// cellOf is the variable behind an argument, without making an array of it; nil if it is none.
func (in *interp) cellOf(e expr) *cell {
	switch e := e.(type) {
	case *globalVar:
		return &in.globals[e.slot]
	case *localVar:
		c := &in.frame[e.slot]
		for c.ref != nil && c.arr == nil {
			c = c.ref
		}
		return c
	case *indexExpr:
		return e.cell(in)
	}
	return nil
}

func (in *interp) typeOf(e expr) string {
	if _, ok := e.(*arrayConstant); ok {
		return "array"
	}
	if c := in.cellOf(e); c != nil && c.arr != nil {
		return "array"
	}
	if _, ok := e.(*regexExpr); ok {
		return "number"
	}
	v := e.eval(in)
	switch v.kind {
	case number:
		return "number" + v.s
	case input:
		if v.numeric() {
			return "strnum"
		}
	case typed:
		return "regexp"
	case unset:
		if _, ok := e.(*fieldExpr); ok {
			return "unassigned"
		}
		return "untyped"
	}
	return "string"
}

func length(in *interp, args []expr) value {
	if len(args) == 0 {
		return num(float64(in.runes(in.record().str(in.convfmt))))
	}
	if a, ok := args[0].(*arrayConstant); ok {
		return num(float64(len(a.a.cells)))
	}
	if c := in.cellOf(args[0]); c != nil && c.arr != nil {
		if in.prog.posix {
			in.fatal("length: received array argument")
		}
		return num(float64(len(c.arr.cells)))
	}
	if s, ok := args[0].(symtabVar); ok {
		return num(float64(len(s.arrayOf(in).cells)))
	}
	return num(float64(in.runes(in.text(args[0]))))
}

// substr cuts the fractions of its numbers off, and takes a start before the text for its beginning, as gawk does.
func substr(in *interp, args []expr) value {
	s := in.text(args[0])
	from := max(math.Trunc(args[1].eval(in).num()), 1)
	to := math.Inf(1)
	if len(args) > 2 {
		to = from + math.Trunc(args[2].eval(in).num())
	}
	if math.IsNaN(from) || math.IsNaN(to) {
		return str("")
	}
	to = min(to, float64(len(s)+1))
	if from >= to {
		return str("")
	}
	start := in.offset(s, int(from)-1)
	return str(s[start : start+in.offset(s[start:], int(to-from))])
}

func index(in *interp, args []expr) value {
	s, t := in.text(args[0]), in.text(args[1])
	if in.ignoreCase {
		s, t = strings.ToLower(s), strings.ToLower(t)
	}
	i := strings.Index(s, t)
	if i < 0 {
		return num(0)
	}
	return num(float64(in.runes(s[:i]) + 1))
}

// fill makes an array of a list, from key first on.
func (in *interp) fill(e expr, list []value, first int) {
	a := e.(arrayExpr).arrayOf(in)
	in.clear(a)
	for i, v := range list {
		in.put(a, strconv.Itoa(first+i), v)
	}
}

func texts(list []string) []value {
	values := make([]value, len(list))
	for i, s := range list {
		values[i] = field(s)
	}
	return values
}

func split(in *interp, args []expr) value {
	s := in.text(args[0])
	by := in.fs
	if len(args) > 2 {
		if re, ok := args[2].(*regexExpr); ok {
			by = splitter{mode: 'r', re: in.regexOf(re)}
		} else if v := args[2].eval(in); v.kind == typed {
			by = splitter{mode: 'r', re: in.dynamic(v.s)}
		} else {
			by = in.splitterOf(v.str(in.convfmt))
		}
	}
	var seps []string
	list := in.splitInto(nil, &seps, s, by, len(args) < 3 && in.rs == "")
	in.large(40 * len(list))
	if len(args) > 3 {
		first := 1
		if by.mode == ' ' {
			first = 0
		}
		in.fill(args[3], texts(seps), first)
	}
	in.fill(args[1], list, 1)
	return num(float64(len(list)))
}

func patsplit(in *interp, args []expr) value {
	s := in.text(args[0])
	var re *regex.Regexp
	if len(args) > 2 {
		re = in.regexOf(args[2])
	} else {
		re = in.dynamic(in.special[varFPAT].str(in.convfmt))
	}
	var seps []string
	list := splitContent(nil, &seps, s, re)
	if len(args) > 3 {
		in.fill(args[3], texts(seps), 0)
	}
	in.fill(args[1], list, 1)
	return num(float64(len(list)))
}

func sub(in *interp, args []expr) value  { return in.substitute(args, 1) }
func gsub(in *interp, args []expr) value { return in.substitute(args, 0) }

// substitute replaces the which-th match, or all for 0, and counts.
func (in *interp) substitute(args []expr, which int) value {
	re := in.regexOf(args[0])
	repl := in.text(args[1])
	to := args[2].(lvalue)
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
				} else if c != '&' && c != '\\' {
					b = append(b, '\\')
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
		a := args[2].(arrayExpr).arrayOf(in)
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

func sprintf(in *interp, args []expr) value {
	format := in.text(args[0])
	values := make([]value, len(args)-1)
	for i := range values {
		values[i] = args[i+1].eval(in)
	}
	return str(string(in.format(nil, format, values)))
}

// generator is a xorshift* random number generator (Vigna, 2016).
type generator struct {
	state    uint64
	seedWith float64
}

func (g *generator) seed(n float64) {
	g.seedWith = n
	g.state = math.Float64bits(n)*0x9e3779b97f4a7c15 + 0x2545f4914f6cdd1d
	g.next()
}

func (g *generator) next() float64 {
	g.state ^= g.state >> 12
	g.state ^= g.state << 25
	g.state ^= g.state >> 27
	return float64(g.state*0x2545f4914f6cdd1d>>11) / (1 << 53)
}

func srand(in *interp, args []expr) value {
	old := in.random.seedWith
	if len(args) > 0 {
		in.random.seed(args[0].eval(in).num())
	} else {
		in.random.seed(float64(in.inv.Now().Unix()))
	}
	return num(old)
}

func strtonum(in *interp, args []expr) value {
	v := args[0].eval(in)
	if v.kind == number {
		return v
	}
	s := strings.TrimLeft(v.str(in.convfmt), " \t\n")
	sign := 1.0
	if strings.HasPrefix(s, "-") {
		sign, s = -1, s[1:]
	}
	base := 0
	switch {
	case len(s) > 2 && s[0] == '0' && s[1]|0x20 == 'x':
		base, s = 16, s[2:]
	case len(s) > 1 && s[0] == '0' && strings.IndexByte(s, '.') < 0:
		base, s = 8, s[1:]
	}
	if base == 0 {
		return num(sign * parseNumber(s))
	}
	end := 0
	for end < len(s) && strings.IndexByte("0123456789abcdef"[:base], lowerASCII(s[end])) >= 0 {
		end++
	}
	n, ok := new(big.Int).SetString("0"+s[:end], base)
	if !ok {
		return num(0)
	}
	f, _ := new(big.Float).SetInt(n).Float64()
	return num(sign * f)
}

func lowerASCII(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

const defaultTimeFormat = "%a %b %e %H:%M:%S %Z %Y"

// zone is the time zone of the environment.
func (in *interp) zone(utc bool) *time.Location {
	tz, _ := in.inv.Env.Get("TZ")
	if utc || tz == "" {
		return time.UTC
	}
	return datetime.Zone(tz)
}

func strftime(in *interp, args []expr) value {
	format, at, utc := defaultTimeFormat, in.inv.Now(), false
	if len(args) > 0 {
		format = in.text(args[0])
	}
	if len(args) > 1 {
		at = time.Unix(int64(args[1].eval(in).num()), 0)
	}
	if len(args) > 2 {
		utc = args[2].eval(in).bool()
	}
	return str(datetime.Format(at.In(in.zone(utc)), format))
}

func mktime(in *interp, args []expr) value {
	var n [6]int
	parts := strings.Fields(in.text(args[0]))
	if len(parts) < 6 {
		return num(-1)
	}
	for i := range n {
		v, err := strconv.Atoi(parts[i])
		if err != nil {
			return num(-1)
		}
		n[i] = v
	}
	utc := len(args) > 1 && args[1].eval(in).bool()
	return num(float64(time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], 0, in.zone(utc)).Unix()))
}

func system(in *interp, args []expr) value {
	script := in.text(args[0])
	in.flush()
	status := in.inv.Exec(in.ctx, shell.Nested{Script: script, Env: in.environ()})
	in.work(1)
	return num(float64(status))
}

func closeFile(in *interp, args []expr) value {
	name := in.text(args[0])
	if len(args) > 1 {
		if s := in.outputs[name]; in.text(args[1]) == "to" && s != nil && s.pipe {
			return num(0) // what was printed is passed on when the answer is read
		}
	}
	return num(float64(in.closeStream(name)))
}

func fflush(in *interp, args []expr) value {
	if len(args) > 0 {
		name := in.text(args[0])
		if s := in.outputs[name]; name != "" && s == nil && name != "/dev/stdout" && name != "/dev/stderr" {
			in.warn("fflush: `%s' is not an open file, pipe or co-process", name)
			return num(-1)
		}
	}
	in.flush()
	return num(0)
}

// sortArray is asort, or asorti when keys are sorted.
func (in *interp) sortArray(args []expr, byKey bool) value {
	from := args[0].(arrayExpr).arrayOf(in)
	to := from
	if len(args) > 1 {
		to = args[1].(arrayExpr).arrayOf(in)
		if to == from && len(args) == 2 {
			in.warn("asort/asorti: using the same array as source and destination without a third argument is silly.")
		}
	}
	how := "@val_type_asc"
	if byKey {
		how = "@ind_str_asc"
	}
	if len(args) > 2 {
		how = in.text(args[2])
	}
	keys := from.list()
	if !byKey {
		sort.Strings(keys)
	}
	in.sortKeys(from, keys, how)
	cells := make([]cell, len(keys))
	for i, k := range keys {
		if byKey {
			cells[i].value = str(k)
		} else {
			cells[i] = *from.cells[k]
		}
	}
	in.clear(to)
	for i, c := range cells {
		e := in.element(to, strconv.Itoa(i+1))
		if c.arr != nil {
			e.arr = c.arr
		} else {
			in.set(e, c.value)
		}
	}
	return num(float64(len(keys)))
}
