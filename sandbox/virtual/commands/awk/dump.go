package awk

import (
	"fmt"
	"io"
	"math"
	"slices"
)

// dumpVariables writes all variables and what they hold at the end: -d.
func (in *interp) dumpVariables(w io.Writer) {
	names := slices.Clone(specials)
	for name := range in.prog.globals {
		if !slices.Contains(systemNames, name) {
			names = append(names, name)
		}
	}
	names = append(names, systemNames...)
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(w, "%s: %s\n", name, in.dumped(name))
	}
}

// dumped is what a variable holds.
func (in *interp) dumped(name string) string {
	if slot, ok := in.prog.globals[name]; ok {
		c := in.globals[slot]
		switch {
		case c.arr != nil:
			return fmt.Sprintf("array, %d elements", len(c.arr.cells))
		case slices.Contains(systemNames, name):
		case c.kind == unset && c.n == wasRead:
			return "uninitialized scalar"
		case c.kind == unset:
			return "untyped variable"
		default:
			return dumpedValue(c.value)
		}
	}
	count := 0
	switch name {
	case "ENVIRON":
		for range in.inv.Env.All() {
			count++
		}
	case "FUNCTAB":
		count = len(builtins) + len(in.prog.functions)
	case "PROCINFO":
		count = 19
	case "SYMTAB":
		count = len(in.prog.globals) + len(specials)
		for _, array := range systemNames {
			if _, used := in.prog.globals[array]; !used && array != "SYMTAB" && array != "FUNCTAB" {
				count++
			}
		}
	}
	if which := slices.Index(specials, name); which >= 0 {
		return dumpedValue((&specialVar{which}).eval(in))
	}
	return fmt.Sprintf("array, %d elements", count)
}

func dumpedValue(v value) string {
	switch v.kind {
	case exact:
		return v.str("%.17g")
	case number:
		if v.n == math.Trunc(v.n) && math.Abs(v.n) < 1<<53 {
			return v.str("")
		}
		return generalText(v.n, 17)
	case typed:
		return "@/" + v.s + "/"
	}
	return quoteText(v.s)
}
