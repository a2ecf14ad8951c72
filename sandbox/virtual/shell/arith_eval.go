package shell

import (
	"errors"
	"fmt"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

const arithCacheSize = 2000 // expressions remembered

// arith evaluates an expression that is text; a mistake ends the line.
func (s *shell) arith(text string) int64 {
	if n, ok := plainInt(text); ok {
		return n
	}
	n, err := s.arithTry(text)
	if err != nil {
		s.arithMistake(err)
		panic(unwind{unwindLine, 1})
	}
	return n
}

// errArithSaid is a mistake that the shell has spoken of already.
var errArithSaid = errors.New("")

// arithMistake says what is wrong with an expression, and where it stands: "((: ", "let: ".
func (s *shell) arithMistake(err error) {
	if err != errArithSaid {
		by := s.arithBy
		if by != "" {
			by += ": "
		}
		s.warnf("%s%v", by, err)
	}
}

// arithIndex evaluates a subscript, or what is assigned to an integer; a mistake ends whatever the script has begun.
func (s *shell) arithIndex(text string) int64 {
	n, err := s.arithTryText(text)
	return s.mustIndex(n, err)
}

func (s *shell) arithIndexExpr(x syntax.ArithmExpr) int64 {
	n, err := s.arithExprTry(x)
	return s.mustIndex(n, err)
}

func (s *shell) mustIndex(n int64, err error) int64 {
	if err != nil {
		s.arithBy = ""
		s.arithMistake(err)
		panic(unwind{unwindTop, 1})
	}
	return n
}

// plainInt reads the decimal numbers that most expressions are.
func plainInt(text string) (int64, bool) {
	if text == "" {
		return 0, true
	}
	if len(text) > 18 || text[0] == '0' && len(text) > 1 {
		return 0, false
	}
	n := int64(0)
	for i := 0; i < len(text); i++ {
		if !isDigit(text[i]) {
			return 0, false
		}
		n = n*10 + int64(text[i]-'0')
	}
	return n, true
}

// arithTry parses text, or remembers it parsed, and evaluates it.
func (s *shell) arithTry(text string) (int64, error) {
	w := s.world
	w.arithMu.Lock()
	node := w.ariths[text]
	w.arithMu.Unlock()
	if node == nil {
		s.work(len(text))
		var err error
		if node, err = parseArith(text); err != nil {
			return 0, err
		}
		if len(text) < 200 {
			w.arithMu.Lock()
			if w.ariths == nil || len(w.ariths) >= arithCacheSize {
				w.ariths = map[string]*arithNode{}
			}
			w.ariths[text] = node
			w.arithMu.Unlock()
		}
	}
	return s.arithNodeTry(node, text)
}

func (s *shell) arithNodeTry(node *arithNode, text string) (n int64, err error) {
	defer func() {
		if r := recover(); r != nil {
			msg, ok := r.(arithError)
			if !ok {
				panic(r)
			}
			if err = errArithSaid; msg != "" {
				err = fmt.Errorf("%s: %s", strings.TrimLeft(text, " \t\n"), msg)
			}
		}
	}()
	return s.evalArith(node), nil
}

// arithExpr evaluates an expression of the script; a mistake ends the line.
func (s *shell) arithExpr(x syntax.ArithmExpr) int64 {
	n, err := s.arithExprTry(x)
	if err != nil {
		s.arithMistake(err)
		panic(unwind{unwindLine, 1})
	}
	return n
}

// arithExprOK is arithExpr for (( )), where a mistake is a status.
func (s *shell) arithExprOK(x syntax.ArithmExpr) (int64, bool) {
	outer := s.arithBy
	s.arithBy = "(("
	n, err := s.arithExprTry(x)
	if err != nil {
		s.arithMistake(err)
	}
	s.arithBy = outer
	return n, err == nil
}

func (s *shell) arithExprTry(x syntax.ArithmExpr) (int64, error) {
	if w, ok := x.(*syntax.Word); ok && len(w.Parts) == 1 {
		if lit, ok := w.Parts[0].(*syntax.Lit); ok {
			return s.arithTryText(lit.Value)
		}
	}
	w := s.world
	w.arithMu.Lock()
	node, known := w.exprs[x]
	w.arithMu.Unlock()
	if known && node != nil {
		return s.arithNodeTry(node, "expression")
	}
	text := s.arithText(x)
	if !known {
		if isPureArith(x) {
			node, _ = parseArith(text)
		}
		w.arithMu.Lock()
		if len(w.exprs) >= arithCacheSize || w.exprs == nil {
			w.exprs = map[syntax.ArithmExpr]*arithNode{}
		}
		w.exprs[x] = node
		w.arithMu.Unlock()
		if node != nil {
			return s.arithNodeTry(node, text)
		}
	}
	return s.arithTryText(text)
}

func (s *shell) arithTryText(text string) (int64, error) {
	if n, ok := plainInt(text); ok {
		return n, nil
	}
	return s.arithTry(text)
}

// evalArith evaluates; a mistake is a panic of arithError.
func (s *shell) evalArith(n *arithNode) int64 {
	switch n.op {
	case "num":
		return n.n
	case "var":
		return s.arithVar(n)
	case "(":
		return s.evalArith(n.x)
	case "=":
		y := s.evalArith(n.y)
		if n.name != "" {
			y = s.arithApply(n.name, s.arithVar(n.x), y, n)
		}
		s.arithAssign(n.x, y)
		return y
	case "?":
		if s.evalArith(n.x) != 0 {
			return s.evalArith(n.y)
		}
		return s.evalArith(n.z)
	case "&&":
		return truth(s.evalArith(n.x) != 0 && s.evalArith(n.y) != 0)
	case "||":
		return truth(s.evalArith(n.x) != 0 || s.evalArith(n.y) != 0)
	case "u-":
		return -s.evalArith(n.x)
	case "u+":
		return s.evalArith(n.x)
	case "u!":
		return truth(s.evalArith(n.x) == 0)
	case "u~":
		return ^s.evalArith(n.x)
	case "++x", "--x", "x++", "x--":
		old := s.arithVar(n.x)
		step := int64(1)
		if strings.Contains(n.op, "-") {
			step = -1
		}
		s.arithAssign(n.x, old+step)
		if n.op[0] == 'x' {
			return old
		}
		return old + step
	}
	x := s.evalArith(n.x)
	return s.arithApply(n.op, x, s.evalArith(n.y), n)
}

func (s *shell) arithApply(op string, x, y int64, node *arithNode) int64 {
	r, wrong := arithBinary(op, x, y)
	if wrong != "" {
		panic(arithError(fmt.Sprintf("%s (error token is \"%s\")", wrong, node.token)))
	}
	return r
}

func truth(ok bool) int64 {
	if ok {
		return 1
	}
	return 0
}

// arithVar is the value of a variable, which is an expression in turn.
func (s *shell) arithVar(n *arithNode) int64 {
	var text string
	var set bool
	if n.hasSub {
		text, set = s.element(n.name, n.sub)
	} else {
		text, set = s.value(n.name)
	}
	if !set && s.opts&optNounset != 0 {
		s.fatal(s.fatalStatus(), "%s: unbound variable", n.name)
	}
	if v, ok := plainInt(text); ok {
		return v
	}
	s.depth++
	defer func() { s.depth-- }()
	if s.depth > 150 || s.budget.Enter(s.depth) != nil {
		panic(arithError(fmt.Sprintf("expression recursion level exceeded (error token is \"%s\")", n.name)))
	}
	v, err := s.arithTry(text)
	if err != nil {
		s.arithMistake(err)
		panic(arithError(""))
	}
	return v
}

func (s *shell) arithAssign(n *arithNode, value int64) {
	ok := false
	if n.hasSub {
		ok = s.setElement(n.name, n.sub, formatInt(value), false)
	} else {
		ok = s.setVar(n.name, formatInt(value))
	}
	if !ok {
		panic(arithError(""))
	}
}
