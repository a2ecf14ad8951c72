package awk

import (
	"math"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/regex"
)

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
		in.lintExtension("`length(array)' is a gawk extension")
		return num(float64(len(c.arr.cells)))
	}
	if s, ok := args[0].(symtabVar); ok {
		return num(float64(len(s.arrayOf(in).cells)))
	}
	v := args[0].eval(in)
	in.lintText("length", v)
	return num(float64(in.runes(v.str(in.convfmt))))
}

// substr cuts the fractions of its numbers off, and takes a start before the text for its beginning, as gawk does.
func substr(in *interp, args []expr) value {
	v := args[0].eval(in)
	start, to := args[1].eval(in), math.Inf(1)
	if in.linting.on {
		in.lintNamed("substr", "string first", v, true)
		in.lintNamed("substr", "numeric second", start, false)
	}
	s, from := v.str(in.convfmt), max(math.Trunc(start.num()), 1)
	size := 0.0
	if len(args) > 2 {
		third := args[2].eval(in)
		in.lintNamed("substr", "numeric third", third, false)
		size = third.num()
		to = from + math.Trunc(size)
	}
	if in.linting.on {
		in.lintSubstr(s, start.num(), size, len(args) > 2)
	}
	if math.IsNaN(from) || math.IsNaN(to) {
		return str("")
	}
	to = min(to, float64(len(s)+1))
	if from >= to {
		return str("")
	}
	begin := in.offset(s, int(from)-1)
	return str(s[begin : begin+in.offset(s[begin:], int(to-from))])
}

func index(in *interp, args []expr) value {
	first, second := args[0].eval(in), args[1].eval(in)
	in.lintNamed("index", "string first", first, true)
	in.lintNamed("index", "string second", second, true)
	s, t := first.str(in.convfmt), second.str(in.convfmt)
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
func (in *interp) fill(a *array, list []value, first int) {
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
			if re.source == "" {
				by.mode = 'e'
			}
		} else if v := args[2].eval(in); v.kind == typed {
			by = splitter{mode: 'r', re: in.dynamic(v.s)}
		} else {
			by = in.splitterOf(v.str(in.convfmt))
			if by.mode == 'e' {
				in.lintExtension("split: null string for third arg is a non-standard extension")
			}
		}
	}
	if len(args) > 3 {
		in.lintExtension("split: fourth argument is a gawk extension")
	}
	to, between := in.splitTargets("split", args)
	var seps []string
	list := in.splitInto(nil, &seps, s, by, len(args) < 3 && in.rs == "")
	in.large(40 * len(list))
	if between != nil {
		first := 1
		if by.mode == ' ' {
			first = 0
		}
		in.fill(between, texts(seps), first)
	}
	in.fill(to, list, 1)
	return num(float64(len(list)))
}

// splitTargets are the arrays that split and patsplit fill: the second argument, and the fourth, if there is one.
func (in *interp) splitTargets(name string, args []expr) (to, between *array) {
	if len(args) > 3 {
		between = in.arrayArg(name, "fourth", args[3])
		if protected := in.protectedName(args[3]); protected != "" {
			in.fatal("%s: cannot use %s as fourth argument", name, protected)
		}
	}
	to = in.arrayArg(name, "second", args[1])
	if protected := in.protectedName(args[1]); protected != "" {
		in.fatal("%s: cannot use %s as second argument", name, protected)
	}
	if between != nil {
		switch {
		case to == between:
			in.fatal("%s: cannot use the same array for second and fourth args", name)
		case inside(between, to):
			in.fatal("%s: cannot use a subarray of second arg for fourth arg", name)
		case inside(to, between):
			in.fatal("%s: cannot use a subarray of fourth arg for second arg", name)
		}
	}
	return to, between
}

func patsplit(in *interp, args []expr) value {
	s := in.text(args[0])
	var re *regex.Regexp
	if len(args) > 2 {
		re = in.regexOf(args[2])
	} else {
		re = in.dynamic(in.special[varFPAT].str(in.convfmt))
	}
	to, between := in.splitTargets("patsplit", args)
	var seps []string
	list := splitContent(nil, &seps, s, re)
	if s == "" {
		seps = nil
	}
	if between != nil {
		in.fill(between, texts(seps), 0)
	}
	in.fill(to, list, 1)
	return num(float64(len(list)))
}

func sprintf(in *interp, args []expr) value {
	format := in.formatArg(args[0])
	values := make([]value, len(args)-1)
	for i := range values {
		values[i] = args[i+1].eval(in)
	}
	return str(string(in.format(nil, format, values)))
}
