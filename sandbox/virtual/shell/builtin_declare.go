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
	defer func() { s.arithBy = outer }()
	return s.declare(name, args)
}

// traceDecl shows a declaration: arrays are assigned before it, and what export and readonly assign after it.
func (s *shell) traceDecl(name string, args []declArg) {
	words := []string{name}
	var behind []string
	for _, a := range args {
		switch {
		case a.assign == nil:
			words = append(words, quoteTrace(a.word))
			continue
		case a.assign.Array != nil:
			s.trace(a.assign.Name.Value + "=" + s.traceList(a.assign.Array))
			words = append(words, a.assign.Name.Value)
			continue
		}
		left := a.assign.Name.Value
		if a.assign.Index != nil {
			left += "[" + printArith(a.assign.Index) + "]"
		}
		if a.assign.Append {
			left += "+"
		}
		value := a.value
		if value == "" {
			words = append(words, left+"=")
		} else {
			words = append(words, quoteTrace(left+"="+value))
		}
		if name == "export" || name == "readonly" {
			behind = append(behind, left+"="+quoteAssigned(value))
		}
	}
	s.trace(strings.Join(words, " "))
	for _, line := range behind {
		s.trace(line)
	}
}

// traceList shows the values of an array as a declaration assigns them.
func (s *shell) traceList(a *syntax.ArrayExpr) string {
	var words []string
	for _, e := range a.Elems {
		if e.Index != nil {
			words = append(words, "["+quoteSingle(s.subscriptKey(e.Index))+"]="+quoteSingle(s.assignString(e.Value)))
			continue
		}
		for _, w := range s.words([]*syntax.Word{e.Value}) {
			words = append(words, quoteSingle(w))
		}
	}
	return "(" + strings.Join(words, " ") + ")"
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

// setAttrs adds and removes attributes before the value comes; readonly waits until after it.
func (s *shell) setAttrs(variant, name string, v *variable, f declFlags) bool {
	switch {
	case f.on&assoc != 0 && v.attr&indexed != 0:
		s.warnf("%s: %s: cannot convert indexed to associative array", variant, name)
		return false
	case f.on&indexed != 0 && v.attr&assoc != 0:
		s.warnf("%s: %s: cannot convert associative to indexed array", variant, name)
		return false
	case f.off&(indexed|assoc) != 0 && v.isArray():
		s.warnf("%s: %s: cannot destroy array variables in this way", variant, name)
		return false
	case f.on&nameref != 0 && v.isArray():
		s.warnf("%s: %s: reference variable cannot be an array", variant, name)
		return false
	}
	if f.on&indexed != 0 && v.list == nil {
		set := v.set
		v.toArray()
		v.set = set
	}
	if f.on&assoc != 0 && v.dict == nil {
		v.dict = newDict()
		if v.set {
			v.dict.set("0", v.str)
			v.str = ""
		}
	}
	if base, _, _ := cutSubscript(v.str); f.on&nameref != 0 && v.set && v.attr&nameref == 0 && !validName(base) {
		s.warnf("%s: `%s': invalid variable name for name reference", variant, v.str)
		return false
	}
	v.attr = (v.attr | f.on&^(readonly|exported)) &^ f.off
	if f.on&lower != 0 {
		v.attr &^= upper
	}
	if f.on&upper != 0 {
		v.attr &^= lower
	}
	if f.on&capital != 0 {
		v.attr &^= lower | upper
	} else if f.on&(lower|upper) != 0 {
		v.attr &^= capital
	}
	if v.attr&assoc != 0 {
		v.attr &^= indexed
	}
	return true
}

// declareValue assigns the value of a declaration to v itself.
func (s *shell) declareValue(name string, v *variable, a declArg, f declFlags, text, sub string, isElem, appendTo, inScope bool) bool {
	if f.on&nameref != 0 {
		if base, _, _ := cutSubscript(text); !validName(base) {
			if text == "" {
				s.warnf("declare: `': not a valid identifier")
			} else {
				s.warnf("declare: `%s': invalid variable name for name reference", text)
			}
			return false
		}
		if text == name && s.functionScope() == nil {
			s.warnf("declare: %s: nameref variable self references not allowed", name)
			return false
		}
		v.str, v.set = text, true
		return true
	}
	switch {
	case isElem:
		if a.assign != nil && a.assign.Array != nil {
			s.warnf("%s[%s]: cannot assign list to array member", name, sub)
			return false
		}
		return s.setElement(name, sub, text, appendTo)
	case a.assign != nil && a.assign.Array != nil:
		return s.inScope(v, inScope, name, func() bool { return s.assignArray(name, a.assign, f.on) })
	case v.isArray() && strings.HasPrefix(text, "(") && strings.HasSuffix(text, ")"):
		if st := parseStmt(name + "=" + text); st != nil {
			if call, ok := st.Cmd.(*syntax.CallExpr); ok && len(call.Assigns) == 1 && call.Assigns[0].Array != nil {
				call.Assigns[0].Append = appendTo
				return s.inScope(v, inScope, name, func() bool { return s.assignArray(name, call.Assigns[0], f.on) })
			}
		}
	}
	if appendTo {
		old, _ := v.scalar(s)
		if v.attr&integer != 0 {
			text = formatInt(s.arithIndex(old) + s.arithIndex(text))
		} else {
			text = old + text
		}
	}
	s.work(len(text))
	return s.assignTo(name, v, text)
}

// inScope runs f so that name finds v, also where a local of the same name would hide a global one.
func (s *shell) inScope(v *variable, direct bool, name string, f func() bool) bool {
	if !direct || s.stored(name) == v {
		return f()
	}
	save := s.scope
	s.scope = s.globalScope()
	defer func() { s.scope = save }()
	return f()
}

// localVar makes a variable of the innermost function call; one that came with the call, in its
// environment, keeps its value.
func (s *shell) localVar(name string, inherit bool) *variable {
	fs := s.functionScope()
	if v := s.own(fs, name); v != nil {
		if fs.lent[name] {
			fs.lent = cloneMap(fs.lent)
			delete(fs.lent, name)
		}
		return v
	}
	var from *variable
	for sc := s.scope; sc != nil && from == nil; sc = sc.outer {
		if v, ok := sc.find(name); ok {
			if sc.temp || sc.lent[name] || inherit || s.opts&optLocalvarInherit != 0 {
				from = v
			}
			break
		}
	}
	if old := s.stored(name); old != nil && old.attr&readonly != 0 && fs.outer != nil {
		if v, ok := s.globalScope().find(name); ok && v == old {
			s.warnf("local: %s: readonly variable", name)
			return nil
		}
	}
	v := s.create(fs, name)
	if from != nil {
		*v = *from.clone()
		s.hold(v.size())
	}
	return v
}

func (s *shell) saveLocalOptions() {
	if fs := s.functionScope(); fs != nil && fs.saved == nil {
		fs.saved = map[string]uint64{"": uint64(s.opts)}
	}
}

// restoreLocalOptions undoes the options that a function with `local -` changed.
func (s *shell) restoreLocalOptions(sc *scope) {
	if sc.saved != nil {
		s.opts = s.opts&^optSets | optSet(sc.saved[""])&optSets
	}
}
