package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

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
