package shell

import (
	"strconv"
	"strings"
)

// attrLetters are an attribute set's letters, as declare -p orders them.
func attrLetters(a attr) string {
	out := ""
	for _, l := range []struct {
		bit    attr
		letter string
	}{{indexed, "a"}, {assoc, "A"}, {integer, "i"}, {nameref, "n"}, {readonly, "r"}, {traced, "t"}, {exported, "x"}, {capital, "c"}, {lower, "l"}, {upper, "u"}} {
		if a&l.bit != 0 {
			out += l.letter
		}
	}
	return out
}

// declaration is a variable as declare -p shows it; transformed is the form of ${x[@]@A}.
func (s *shell) declaration(name string, v *variable, transformed bool) string {
	flags := attrLetters(v.attr)
	if flags == "" {
		flags = "-"
	}
	head := "declare -" + flags + " " + name
	switch {
	case v.list != nil && (v.set || v.list.len() > 0):
		var b strings.Builder
		b.WriteString(head + "=(")
		vals := v.list.values()
		for i, k := range v.list.indices() {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString("[" + formatInt(int64(k)) + "]=" + quoteDeclare(vals[i]))
		}
		return b.String() + ")"
	case v.dict != nil && (v.set || len(v.dict.items) > 0):
		var b strings.Builder
		b.WriteString(head + "=(")
		for _, k := range v.dict.keyList() {
			val, _ := v.dict.get(k)
			b.WriteString("[" + quoteKey(k) + "]=" + quoteDeclare(val) + " ")
		}
		return b.String() + ")"
	case v.isArray() || !v.set:
		return head
	}
	return head + "=" + quoteDeclare(v.str)
}

// printDecls prints declarations: all that have the flags, or those named.
func (s *shell) printDecls(variant string, f declFlags, args []declArg) int {
	status := 0
	if len(args) > 0 {
		for _, a := range args {
			v := s.lookup(a.wordText())
			if v == nil {
				s.warnf("%s: %s: not found", variant, a.wordText())
				status = 1
				continue
			}
			s.text(s.declaration(a.wordText(), v, false) + "\n")
		}
		return status
	}
	var fs *scope
	if variant == "local" {
		fs = s.functionScope()
	}
	plain := (variant == "declare" || variant == "typeset") && f.on == 0 && !f.print
	s.visible(func(name string, v *variable) {
		if fs != nil {
			if _, mine := fs.vars[name]; !mine {
				return
			}
		}
		if v.attr&f.on != f.on {
			return
		}
		if plain {
			if v.set {
				s.text(s.setLineOf(name, v) + "\n")
			}
			return
		}
		s.text(s.declaration(name, v, false) + "\n")
	})
	if plain {
		for _, name := range sortedKeys(s.funcs) {
			s.text(s.funcs[name].text() + "\n")
		}
	}
	return status
}

// setLineOf is a variable as set shows it.
func (s *shell) setLineOf(name string, v *variable) string {
	if v.isArray() {
		d := s.declaration(name, v, false)
		if i := strings.Index(d, " "+name+"="); i >= 0 {
			return d[i+1:]
		}
		return name + "=()"
	}
	if v.str == "" {
		return name + "="
	}
	return name + "=" + quoteTrace(v.str)
}

// text is the function as declare -f prints it.
func (fn *function) text() string { return fn.name + " () " + printFuncBody(fn.body) }

func (s *shell) declareFuncs(variant string, f declFlags, args []declArg) int {
	if len(args) == 0 {
		for _, name := range sortedKeys(s.funcs) {
			fn := s.funcs[name]
			if variant == "export" && !fn.exported || variant == "readonly" && !fn.readonly {
				continue
			}
			if f.names {
				s.text("declare -f " + name + "\n")
			} else {
				s.text(fn.text() + "\n")
			}
		}
		return 0
	}
	status := 0
	for _, a := range args {
		name := a.wordText()
		fn := s.funcs[name]
		if fn == nil {
			if variant == "export" || variant == "readonly" {
				s.warnf("%s: %s: not a function", variant, name)
			}
			status = 1
			continue
		}
		changed := *fn
		switch {
		case variant == "export" || f.on&exported != 0:
			changed.exported = !f.undo
		case variant == "readonly" || f.on&readonly != 0:
			changed.readonly = true
		case f.on&traced != 0:
			changed.traced = true
		case f.names:
			if s.opts&optExtdebug != 0 {
				s.text(name + " " + strconv.Itoa(fn.line) + " " + s.sourceName(fn.source) + "\n")
				continue
			}
			s.text(name + "\n")
		default:
			s.text(fn.text() + "\n")
		}
		s.unshare()
		s.funcs[name] = &changed
	}
	return status
}
