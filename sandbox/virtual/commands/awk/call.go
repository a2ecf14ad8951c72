package awk

import "slices"

// arg is argument number i, or nil.
func (e *builtinExpr) arg(i int) expr {
	if i < len(e.args) {
		return e.args[i]
	}
	return nil
}

func (e *builtinExpr) eval(in *interp) value { return e.f.call(in, e.args) }

func (e *indirectExpr) eval(in *interp) value {
	name := e.name.eval(in).str(in.convfmt)
	if f := in.prog.functions[name]; f != nil && f.defined {
		return in.call(f, e.args)
	}
	if b := builtins[name]; b != nil && name != "" {
		return in.callBuiltin(name, b, e.args)
	}
	in.fatal("`%s' is not a function, so it cannot be called indirectly", name)
	return value{}
}

func (e *callExpr) eval(in *interp) value { return in.call(e.f, e.args) }

// callBuiltin calls a function of the language by its name, which some allow with fewer forms.
func (in *interp) callBuiltin(name string, b *builtin, args []expr) value {
	for i, arg := range args {
		if _, ok := arg.(*regexExpr); ok && name != "typeof" {
			args = slices.Clone(args)
			args[i] = &constant{arg.eval(in)}
		}
	}
	switch {
	case name == "sub" || name == "gsub":
		if len(args) != 2 {
			in.fatal("%s: can be called indirectly only with two arguments", name)
		}
		args = append(slices.Clone(args), &fieldExpr{&constant{num(0)}})
	case name == "gensub" && (len(args) < 3 || len(args) > 4):
		in.fatal("indirect call to gensub requires three or four arguments")
	case name == "match" && (len(args) < 2 || len(args) > 3):
		in.fatal("indirect call to match requires two or three arguments")
	case (name == "split" || name == "patsplit") && (len(args) < 2 || len(args) > 4):
		in.fatal("indirect call to %s requires two to four arguments", name)
	case len(args) < b.min || len(args) > b.max || name == "length" && len(args) == 0:
		in.fatal("%s: called with %d arguments", name, len(args))
	}
	return b.call(in, args)
}

// maxCalls bounds calls within each other.
const maxCalls = 20000

// call calls a function of the program. Arguments that are arrays, or may become one, go by reference.
func (in *interp) call(f *function, args []expr) value {
	if !f.defined {
		in.fatal("function `%s' not defined", f.name)
	}
	if len(args) > len(f.params) {
		in.warn("function `%s' called with more arguments than declared", f.name)
		for _, extra := range args[len(f.params):] {
			if _, ok := extra.(arrayExpr); !ok {
				extra.eval(in)
			}
		}
		args = args[:len(f.params)]
	}
	frame := make([]cell, len(f.params))
	for i, arg := range args {
		var c *cell
		switch arg := arg.(type) {
		case *globalVar:
			c = &in.globals[arg.slot]
		case *localVar:
			c = &in.frame[arg.slot]
		case *indexExpr:
			c = arg.cell(in)
		case *arrayConstant:
			frame[i].arr = arg.a
			continue
		case symtabVar:
			frame[i].arr = arg.arrayOf(in)
			continue
		default:
			frame[i].value = arg.eval(in)
			continue
		}
		switch {
		case c.arr != nil:
			frame[i].arr = c.arr
		case c.kind == unset:
			frame[i].ref = c
		default:
			frame[i].value = c.value
		}
	}
	if in.depth++; in.depth > maxCalls {
		in.fatal("function calls are nested deeper than %d", maxCalls)
	}
	in.work(1)
	f.calls++
	saved, given := in.frame, in.given
	in.frame, in.given = frame, len(args)
	in.returned = value{}
	how := f.body.exec(in)
	in.frame, in.given = saved, given
	in.depth--
	for i := range frame {
		if len(frame[i].s) >= longString {
			in.hold(-len(frame[i].s))
		}
	}
	if how != onward && how != doReturn {
		panic(how)
	}
	v := in.returned
	in.returned = value{}
	return v
}
