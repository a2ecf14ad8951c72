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
		} else if v := args[2].eval(in); v.kind == typed {
			by = splitter{mode: 'r', re: in.dynamic(v.s)}
		} else {
			by = in.splitterOf(v.str(in.convfmt))
		}
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
	format := in.text(args[0])
	values := make([]value, len(args)-1)
	for i := range values {
		values[i] = args[i+1].eval(in)
	}
	return str(string(in.format(nil, format, values)))
}
