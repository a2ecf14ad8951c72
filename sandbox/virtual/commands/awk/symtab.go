package awk

import (
	"maps"
	"slices"
)

// symtabVar is SYMTAB, the array of all global variables by their names.
type symtabVar struct{}

func (symtabVar) assign(in *interp, _ value) {
	in.fatal("attempt to use array `SYMTAB' in a scalar context")
}

func (symtabVar) eval(in *interp) value {
	in.fatal("attempt to use array `SYMTAB' in a scalar context")
	return value{}
}

// arrayOf has the variables' own cells; those of special variables are copies, and assignments to them go by name.
func (symtabVar) arrayOf(in *interp) *array {
	if in.symtab == nil {
		in.symtab = newArray()
		in.symtab.layout = byText
		in.symtab.keys = append(slices.Sorted(maps.Keys(in.prog.globals)), specials...)
		in.hold(elementSize * len(in.symtab.keys))
		in.symtab.keys = slices.DeleteFunc(in.symtab.keys, func(name string) bool { return name == "SYMTAB" || name == "FUNCTAB" })
		for name, slot := range in.prog.globals {
			if name == "SYMTAB" || name == "FUNCTAB" {
				continue
			}
			in.symtab.cells[name] = &in.globals[slot]
		}
	}
	for which, name := range specials {
		in.symtab.cells[name] = &cell{value: (&specialVar{which}).eval(in)}
	}
	return in.symtab
}

// assignSymbol assigns SYMTAB[name].
func (in *interp) assignSymbol(name string, v value) {
	if !in.prog.isGlobal(name) && !slices.Contains(specials, name) {
		in.fatal("cannot assign to arbitrary elements of SYMTAB")
	}
	in.assignNamed(name, v)
}

// fillFunctab makes FUNCTAB, whose keys are the names of all functions.
func (in *interp) fillFunctab(a *array) {
	for _, name := range slices.Sorted(maps.Keys(builtins)) {
		in.put(a, name, str(name))
	}
	for _, name := range slices.Sorted(maps.Keys(in.prog.functions)) {
		in.put(a, name, str(name))
	}
}
