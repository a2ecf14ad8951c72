package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// function is a declared function.
type function struct {
	name       string
	body       *syntax.Stmt
	source     string // the file it was read from
	line       int
	lineOffset int
	exported   bool
	readonly   bool
	traced     bool
}

// frame is one entry of the call stack that caller and FUNCNAME show.
type frame struct {
	name   string // "source" for a sourced file
	source string
	line   int // of the call
	fn     bool
	args   []string
}

func (s *shell) declareFunc(c *syntax.FuncDecl) int {
	if c.Name == nil {
		s.fatal(2, "syntax error near unexpected token `)'")
	}
	name := c.Name.Value
	if old := s.funcs[name]; old != nil && old.readonly {
		s.warnf("%s: readonly function", name)
		return s.checked(1)
	}
	if s.opts&optPosix != 0 && isSpecialBuiltin(name) {
		s.fatal(2, "`%s': is a special builtin", name)
	}
	s.unshare()
	s.hold(int(c.End().Offset()-c.Pos().Offset()) * 4) // the tree that stays alive
	s.funcs[name] = &function{name: name, body: c.Body, source: s.source, line: int(c.Pos().Line()) + s.lineBase, lineOffset: s.lineBase}
	s.status = 0
	return 0
}

const funcPrefix, funcSuffix = "BASH_FUNC_", "%%"

func exportedFunctionName(name string) (string, bool) {
	if !strings.HasPrefix(name, funcPrefix) || !strings.HasSuffix(name, funcSuffix) {
		return "", false
	}
	return name[len(funcPrefix) : len(name)-len(funcSuffix)], true
}

// importFunction defines a function that a parent shell exported.
func (s *shell) importFunction(name, body string) {
	if !strings.HasPrefix(body, "()") || prescan(body, s.budget.Limits) != nil {
		return
	}
	st := parseStmt(name + " " + body)
	if st == nil {
		return
	}
	if decl, ok := st.Cmd.(*syntax.FuncDecl); ok {
		s.funcs[name] = &function{name: name, body: decl.Body, source: "environment", exported: true}
	}
}

// bodyText is the function as it is exported: () { … }.
func (fn *function) bodyText() string { return "() " + printFuncBody(fn.body) }
