package awk

import "strings"

// assignment handles an operand NAME=VALUE, and says whether it is one.
func (in *interp) assignment(operand string) bool {
	name, v, ok := strings.Cut(operand, "=")
	if !ok || name == "" || !isNameByte(name[0]) {
		return false
	}
	for i := range len(name) {
		if !isNameByte(name[i]) && (name[i] < '0' || name[i] > '9') && !(name[i] == ':' && i > 0) {
			return false
		}
	}
	if keywords[name] || in.prog.words[name] != nil {
		in.fatal("cannot use gawk builtin `%s' as variable name", name)
	}
	if f := in.prog.functions[name]; f != nil && f.defined {
		in.fatal("cannot use function `%s' as variable name", name)
	}
	if n := len(v); n > 2 && strings.HasPrefix(v, "@/") && v[n-1] == '/' && !in.prog.standard {
		in.assignNamed(name, value{kind: typed, s: v[2 : n-1]})
		return true
	}
	var b strings.Builder
	for i := 0; i < len(v); i++ {
		if v[i] == '\\' && i+1 < len(v) {
			i += unescape(&b, v[i+1:], func(format string, args ...any) { in.warn(format, args...) })
			continue
		}
		b.WriteByte(v[i])
	}
	in.assignNamed(name, in.fromInput(b.String()))
	return true
}

func (in *interp) assignNamed(name string, v value) {
	for which, s := range specials {
		if s == name && !(in.prog.standard && gawkVariables[name]) {
			in.setSpecial(which, v)
			return
		}
	}
	if slot, used := in.prog.globals[name]; used {
		in.set(&in.globals[slot], v)
	}
}
