package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// declArg is an argument of declare: a word, or an assignment that the parser saw.
type declArg struct {
	word   string
	assign *syntax.Assign
	value  string // of the assignment, expanded, unless it is an array
}

// declClause runs declare, local, export, readonly and typeset as the parser reads them.
func (s *shell) declClause(c *syntax.DeclClause) int {
	name := c.Variant.Value
	mark := len(s.procSubs)
	defer s.closeProcSubs(mark)
	var args []declArg
	for _, a := range c.Args {
		switch {
		case a.Naked && a.Name == nil:
			for _, w := range s.words([]*syntax.Word{a.Value}) {
				args = append(args, declArg{word: w})
			}
		case a.Naked && a.Index == nil:
			args = append(args, declArg{word: a.Name.Value})
		case a.Naked:
			args = append(args, declArg{word: a.Name.Value + "[" + s.arithText(a.Index) + "]"})
		default:
			arg := declArg{assign: a}
			if a.Array == nil {
				arg.value = s.assignString(a.Value)
			}
			args = append(args, arg)
		}
	}
	if fn := s.funcs[name]; fn != nil {
		words := []string{name}
		for _, a := range args {
			if a.assign != nil {
				a.word = a.assign.Name.Value + "=" + a.value
			}
			words = append(words, a.word)
		}
		return s.call(words, nil, callAny)
	}
	if s.opts&optXtrace != 0 {
		s.traceDecl(name, args)
	}
	s.lastArg = name
	outer := s.arithBy
	s.arithBy = name
	status := s.declare(name, args)
	s.arithBy = outer
	return status
}

func builtinDeclare(s *shell, args []string) int {
	list := make([]declArg, len(args)-1)
	for i, a := range args[1:] {
		list[i] = declArg{word: a}
	}
	return s.declare(args[0], list)
}

// declaration of attributes to add and remove, and what else the flags ask for.
type declFlags struct {
	on, off                           attr
	global, print, funcs, names, undo bool
	inherit                           bool
}

func (s *shell) declFlags(variant string, args []declArg) (f declFlags, rest []declArg, status int) {
	letters := map[byte]attr{'a': indexed, 'A': assoc, 'i': integer, 'l': lower, 'u': upper, 'n': nameref, 'r': readonly, 't': traced, 'x': exported, 'c': capital}
	switch variant {
	case "export":
		f.on = exported
	case "readonly":
		f.on = readonly
	}
	for len(args) > 0 {
		w := args[0].word
		if args[0].assign != nil || len(w) < 2 || w[0] != '-' && w[0] != '+' {
			break
		}
		args = args[1:]
		if w == "--" {
			break
		}
		for _, c := range []byte(w[1:]) {
			bit, known := letters[c]
			switch {
			case variant == "export" && c == 'n':
				f.undo = true
			case known && (variant != "export" && variant != "readonly" || variant == "readonly" && (c == 'a' || c == 'A')):
				if w[0] == '-' {
					f.on |= bit
				} else {
					f.off |= bit
				}
			case c == 'p':
				f.print = true
			case c == 'f':
				f.funcs = true
			case c == 'F':
				f.funcs, f.names = true, true
			case c == 'g':
				f.global = true
			case c == 'I':
				f.inherit = true
			default:
				return f, nil, s.badOption(variant, string([]byte{w[0], c}))
			}
		}
	}
	if f.on&lower != 0 && f.on&upper != 0 {
		f.on &^= lower | upper
	}
	return f, args, 0
}

func (s *shell) declare(variant string, args []declArg) int {
	if variant == "local" && s.functionScope() == nil {
		s.warnf("local: can only be used in a function")
		return 1
	}
	f, args, status := s.declFlags(variant, args)
	if status != 0 {
		return status
	}
	if f.funcs {
		return s.declareFuncs(variant, f, args)
	}
	if len(args) == 0 || f.print && variant != "export" && variant != "readonly" {
		return s.printDecls(variant, f, args)
	}
	for _, a := range args {
		if !s.declareOne(variant, f, a) {
			status = 1
		}
	}
	return status
}

// declareOne declares one name, and assigns to it.
func (s *shell) declareOne(variant string, f declFlags, a declArg) bool {
	name, text, hasValue, appendTo := a.word, "", false, false
	var sub string
	isElem := false
	if a.assign != nil {
		name, hasValue, appendTo = a.assign.Name.Value, true, a.assign.Append
		text = a.value
		if a.assign.Index != nil {
			sub, isElem = s.arithText(a.assign.Index), true
		}
	} else {
		if variant == "local" && name == "-" {
			s.saveLocalOptions()
			return true
		}
		if i := strings.IndexByte(name, '='); i >= 0 {
			name, text, hasValue = name[:i], name[i+1:], true
			if strings.HasSuffix(name, "+") {
				name, appendTo = name[:len(name)-1], true
			}
		}
		if base, index, ok := cutSubscript(name); ok {
			name, sub, isElem = base, index, true
		}
	}
	if !validName(name) {
		s.warnf("%s: `%s': not a valid identifier", variant, a.wordText())
		return false
	}
	if f.undo {
		if v := s.writable(name); v != nil {
			v.attr &^= exported
		}
		if hasValue {
			return s.setVar(name, text)
		}
		return true
	}
	local := !f.global && variant != "export" && variant != "readonly" && s.functionScope() != nil
	if f.on&nameref == 0 && f.off&nameref == 0 && !local {
		if target := s.deref(name); target != "" && target != name {
			if base, index, ok := cutSubscript(target); ok {
				name, sub, isElem = base, index, true
			} else {
				name = target
			}
		}
	}
	var v *variable
	switch {
	case local:
		if v = s.localVar(name, f.inherit); v == nil {
			return false
		}
	case f.global:
		g := s.globalScope()
		if v = s.own(g, name); v == nil {
			v = s.create(g, name)
		}
	default:
		if d := s.dynamic(name); d != nil && s.stored(name) == nil {
			if hasValue {
				return d.write(s, name, text)
			}
			return true
		}
		v = s.writable(name)
	}
	if v.attr&readonly != 0 && (hasValue || f.off&readonly != 0 || f.on&(integer|lower|upper|capital|indexed|assoc|nameref)&^v.attr != 0) {
		by := variant + ": "
		if variant == "export" || variant == "readonly" {
			by = "" // it is the assignment that fails
		}
		s.warnf("%s%s: readonly variable", by, name)
		return false
	}
	if !s.setAttrs(variant, name, v, f) {
		return false
	}
	ok := true
	if hasValue {
		ok = s.declareValue(name, v, a, f, text, sub, isElem, appendTo, local || f.global)
	}
	if f.on&readonly != 0 {
		v.attr |= readonly
	}
	if f.on&exported != 0 || s.opts&optAllexport != 0 && hasValue {
		v.attr |= exported
	}
	s.assigned(name, text)
	return ok
}

func (a declArg) wordText() string {
	if a.assign != nil {
		return a.assign.Name.Value
	}
	return a.word
}
