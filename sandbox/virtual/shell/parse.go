package shell

import (
	"iter"
	"strings"
	"sync"
	"unicode/utf8"

	"mvdan.cc/sh/v3/syntax"
)

// The parser takes UTF-8 alone, bash any bytes. So a byte that is not UTF-8 goes through the parser as the private-use
// character heldBase + byte, and is itself again in the syntax tree. Such characters in the text itself are held byte by
// byte, so that each text has exactly one held form.
const heldBase = 0x10FE00

// hold makes text something that the parser takes.
func hold(text string) string {
	if utf8.ValidString(text) && !anyHeld(text) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 || isHeld(r) {
			for _, c := range []byte(text[i : i+size]) {
				b.WriteRune(heldBase + rune(c))
			}
		} else {
			b.WriteString(text[i : i+size])
		}
		i += size
	}
	return b.String()
}

// release is the text whose held form is given.
func release(text string) string {
	if !anyHeld(text) {
		return text
	}
	b := make([]byte, 0, len(text))
	for _, r := range text {
		if isHeld(r) {
			b = append(b, byte(r-heldBase))
		} else {
			b = utf8.AppendRune(b, r)
		}
	}
	return string(b)
}

func isHeld(r rune) bool { return r >= heldBase+0x80 && r <= heldBase+0xFF }

// anyHeld looks for how the held characters begin.
func anyHeld(text string) bool {
	return strings.Contains(text, "\xF4\x8F\xBA") || strings.Contains(text, "\xF4\x8F\xBB")
}

// releaseTree gives a syntax tree its bytes back.
func releaseTree(n syntax.Node) {
	syntax.Walk(n, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Lit:
			n.Value = release(n.Value)
		case *syntax.SglQuoted:
			n.Value = release(n.Value)
		}
		return true
	})
}

// parsers are those that have come to the end of a text.
var parsers = sync.Pool{New: func() any { return syntax.NewParser() }}

// parseStmts reads text, which is held, a statement at a time. The loop may end early.
func parseStmts(text string) iter.Seq2[*syntax.Stmt, error] {
	return func(yield func(*syntax.Stmt, error) bool) {
		p := parsers.Get().(*syntax.Parser)
		held, stopped := anyHeld(text), false
		p.StmtsSeq(strings.NewReader(text))(func(st *syntax.Stmt, err error) bool {
			if stopped { // the parser may call once more after it was told to stop
				return false
			}
			if held && st != nil {
				releaseTree(st)
			}
			stopped = !yield(st, err)
			return !stopped
		})
		parsers.Put(p)
	}
}

// parseStmt reads text that must be one statement; nil where it is not.
func parseStmt(text string) *syntax.Stmt {
	var only *syntax.Stmt
	for st, err := range parseStmts(hold(text)) {
		if err != nil || only != nil {
			return nil
		}
		only = st
	}
	return only
}

// parseWord reads the first word of text, in which what separates words is in disguise; nil where there is none.
func parseWord(text string) *syntax.Word {
	text = hold(text)
	for w, err := range syntax.NewParser().WordsSeq(strings.NewReader(text + "\n")) {
		if err != nil {
			return nil
		}
		if anyHeld(text) {
			releaseTree(w)
		}
		return w
	}
	return nil
}

// parseQuoted reads text as what stands in double quotes; nil where it does not parse.
func parseQuoted(text string) *syntax.Word {
	text = hold(text)
	w, err := syntax.NewParser().Document(strings.NewReader(text))
	if err != nil {
		return nil
	}
	if anyHeld(text) {
		releaseTree(w)
	}
	return w
}
