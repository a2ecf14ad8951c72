package expr

import (
	"fmt"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Shell evaluates t to a script in which every value is data, wherever its expression stands. The values are assigned
// to variables before the first line, in single quotes, and the expressions become references to these variables.
// What a variable holds is never parsed again, so a value cannot become syntax; the references are put in double
// quotes where they do not stand in such, so that each stays one word:
//
//	echo ${{ x }}           echo "${__flue_1}"
//	echo "a ${{ x }} b"     echo "a ${__flue_1} b"
//	echo 'a ${{ x }} b'     echo 'a '"${__flue_1}"' b'
//	cat <<END … ${{ x }}    cat <<END … ${__flue_1}
//
// Where the shell itself evaluates what a variable holds or does not expand it, there is no safe form, so that is an
// error: in backquotes, in a here-document whose delimiter is quoted, behind a backslash, as the script of eval or
// sh -c, and in arithmetic unless the value is a whole number. A value with a NUL byte is an error. One word may still begin with "-": scripts
// write -- before it.
func (t *Template) Shell(vars map[string]any) (string, error) {
	if t.IsStatic() {
		return t.source, nil
	}
	script, err := t.script()
	if err != nil {
		return "", err
	}
	var assignments strings.Builder
	for i, place := range script.places {
		v, err := place.prog.run(vars)
		if err != nil {
			return "", err
		}
		s := text(v)
		if strings.ContainsRune(s, 0) {
			return "", place.prog.errorf("the value holds a NUL byte, which no word of a shell can")
		}
		if _, whole := v.(int); place.arithmetic && !whole {
			return "", place.prog.errorf("inside $(( )) only a whole number may stand, and this is %s", kindOf(v))
		}
		fmt.Fprintf(&assignments, "%s=%s; ", variable(i), quote(s))
	}
	return assignments.String() + script.text, nil
}

// quote writes s as one literal word. A carriage return needs $'…', since parsers drop it before a newline; there, an
// apostrophe is \047, so that a shell that does not know $'…' still sees one word.
func quote(s string) string {
	if strings.ContainsRune(s, '\r') {
		return "$'" + strings.NewReplacer(`\`, `\\`, "'", `\047`, "\r", `\r`).Replace(s) + "'"
	}
	return "'" + strings.ReplaceAll(s, "'", `'"'"'`) + "'"
}

// CheckShell is the error that Shell gives whatever the values are, or nil.
func (t *Template) CheckShell() *Error {
	if t.IsStatic() {
		return nil
	}
	_, err := t.script()
	return err
}

// script is a template with references to variables in the places of its expressions.
type script struct {
	text   string
	places []*place
}

// place is where an expression stands in a script.
type place struct {
	prog       *program
	from, to   int // in the text without added quotes
	found      bool
	arithmetic bool
	before     string // what goes before and after the reference
	after      string
}

func variable(i int) string { return fmt.Sprintf("__flue_%d", i+1) }

func (p *program) errorf(format string, args ...any) *Error {
	return &Error{Offset: p.offset, End: p.offset + len(p.source), Kind: "expression-syntax", Text: fmt.Sprintf(format, args...)}
}

func (t *Template) script() (*script, *Error) {
	var s script
	var raw strings.Builder
	for _, p := range t.parts {
		if p.prog == nil {
			raw.WriteString(p.text)
			continue
		}
		from := raw.Len()
		fmt.Fprintf(&raw, "${%s}", variable(len(s.places)))
		s.places = append(s.places, &place{prog: p.prog, from: from, to: raw.Len()})
	}
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash), syntax.KeepComments(true)).Parse(strings.NewReader(raw.String()), "")
	if err != nil {
		return nil, &Error{Offset: 0, End: len(t.source), Kind: "expression-syntax", Text: "the script cannot be parsed, so no value can be quoted in it: " + err.Error()}
	}
	if err := s.locate(file); err != nil {
		return nil, err
	}
	at, text := 0, raw.String()
	var out strings.Builder
	for _, p := range s.places {
		if !p.found {
			return nil, p.prog.errorf("${{ }} cannot stand here: the shell would not take it for a value (is there a backslash or $ before it?)")
		}
		out.WriteString(text[at:p.from] + p.before + text[p.from:p.to] + p.after)
		at = p.to
	}
	out.WriteString(text[at:])
	s.text = out.String()
	return &s, nil
}

// locate finds each place in the parsed script and decides how it is quoted there.
func (s *script) locate(file *syntax.File) *Error {
	var failure *Error
	var above []syntax.Node
	syntax.Walk(file, func(n syntax.Node) bool {
		if n == nil {
			above = above[:len(above)-1]
			return true
		}
		switch n := n.(type) {
		case *syntax.ParamExp:
			if p := s.at(n.Pos(), n.End()); p != nil {
				failure = firstError(failure, p.reference(n, above))
			}
		case *syntax.SglQuoted:
			open := "'"
			if n.Dollar {
				open = "$'"
			}
			for _, p := range s.inside(n.Pos(), n.End()) {
				p.found, p.before, p.after = true, `'"`, `"`+open
			}
		case *syntax.Comment:
			for _, p := range s.inside(n.Pos(), n.End()) {
				p.found = true
			}
		case *syntax.Redirect:
			if n.Hdoc != nil {
				if quotedDelimiter(n.Word) {
					for _, p := range s.inside(n.Hdoc.Pos(), n.Hdoc.End()) {
						failure = firstError(failure, p.prog.errorf("in a here-document whose delimiter is quoted nothing is expanded; write the delimiter without quotes"))
					}
				}
			}
		}
		above = append(above, n)
		return true
	})
	return failure
}

// reference decides how p, which is the expansion n, is quoted; above are the nodes around it, outermost first.
func (p *place) reference(n *syntax.ParamExp, above []syntax.Node) *Error {
	p.found = true
	p.before, p.after = `"`, `"`
	quoted, evaluated := false, false // decided by a node nearer than the one looked at
	inWord := false                   // in ${x:-word}, with no double quotes around it so far
	for i, around := range slices.Backward(above) {
		below := syntax.Node(n)
		if i+1 < len(above) {
			below = above[i+1]
		}
		switch around := around.(type) {
		case *syntax.CmdSubst:
			if around.Backquotes {
				return p.prog.errorf("${{ }} cannot stand in backquotes; write $( ) instead")
			}
			quoted, evaluated = true, true
		case *syntax.ProcSubst:
			quoted, evaluated = true, true
		case *syntax.DblQuoted:
			inWord = inWord && evaluated
			if !quoted {
				p.before, p.after, quoted = "", "", true
			}
		case *syntax.Redirect:
			if !quoted && around.Hdoc != nil && below == syntax.Node(around.Hdoc) {
				p.before, p.after, quoted = "", "", true
				inWord = inWord && evaluated
			}
		case *syntax.CallExpr:
			if !evaluated && runsAsCode(around, below) {
				return p.prog.errorf("the value would be run as code here; pass it as an argument: sh -c '… \"$1\"' sh ${{ … }}")
			}
			evaluated = true
		default:
			if !evaluated && isArithmetic(around, below) {
				p.arithmetic, evaluated = true, true
				if !quoted {
					p.before, p.after, quoted = "", "", true
				}
			} else if _, ok := around.(*syntax.ParamExp); ok && !evaluated {
				inWord = true
			}
		}
	}
	if inWord { // shells differ in whether quotes inside the word count
		return p.prog.errorf("write double quotes around the whole expansion that ${{ }} stands in: \"${name:-${{ … }}}\"")
	}
	return nil
}

// isArithmetic says whether n makes the shell evaluate what below, a node right in it, expands to.
func isArithmetic(n, below syntax.Node) bool {
	switch n := n.(type) {
	case *syntax.ArithmExp, *syntax.ArithmCmd, *syntax.LetClause, *syntax.CStyleLoop:
		return true
	case *syntax.ParamExp: // the word behind an operator is a word; an index or a slice is arithmetic
		return n.Exp == nil && n.Repl == nil
	case *syntax.Assign:
		return n.Index != nil && below == syntax.Node(n.Index)
	case *syntax.BinaryTest:
		switch n.Op {
		case syntax.TsEql, syntax.TsNeq, syntax.TsLeq, syntax.TsGeq, syntax.TsLss, syntax.TsGtr:
			return true
		}
	}
	return false
}

// runsAsCode says whether the argument below is a script to the command that c calls.
func runsAsCode(c *syntax.CallExpr, below syntax.Node) bool {
	if len(c.Args) == 0 {
		return false
	}
	switch c.Args[0].Lit() {
	case "eval", "trap":
		return true
	case "sh", "bash", "dash", "zsh", "ksh":
		for i, a := range c.Args[1:] {
			if syntax.Node(a) == below {
				option := c.Args[i].Lit()
				return strings.HasPrefix(option, "-") && strings.Contains(option, "c")
			}
		}
	}
	return false
}

func (s *script) at(from, to syntax.Pos) *place {
	for _, p := range s.places {
		if p.from == int(from.Offset()) && p.to == int(to.Offset()) {
			return p
		}
	}
	return nil
}

func (s *script) inside(from, to syntax.Pos) []*place {
	var list []*place
	for _, p := range s.places {
		if p.from >= int(from.Offset()) && p.to <= int(to.Offset()) {
			list = append(list, p)
		}
	}
	return list
}

func quotedDelimiter(w *syntax.Word) bool {
	for _, part := range w.Parts {
		lit, ok := part.(*syntax.Lit)
		if !ok || strings.Contains(lit.Value, `\`) {
			return true
		}
	}
	return false
}

func firstError(a, b *Error) *Error {
	if a != nil {
		return a
	}
	return b
}
