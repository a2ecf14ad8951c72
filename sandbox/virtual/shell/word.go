package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// quoteMode is the quoting that a word part stands in.
type quoteMode uint8

const (
	quoteNone   quoteMode = iota
	quoteDouble           // within "…"
	quoteHere             // within a here-document
)

// words expands words to fields: braces, tildes, parameters, substitutions, splitting, globs.
func (s *shell) words(list []*syntax.Word) []string {
	if len(list) == 0 {
		return nil
	}
	out := make([]string, 0, len(list))
	for _, w := range list {
		out = s.fields(out, w)
	}
	return out
}

// fields appends the fields of one word.
func (s *shell) fields(out []string, w *syntax.Word) []string {
	if len(w.Parts) == 1 {
		switch p := w.Parts[0].(type) {
		case *syntax.Lit:
			if plainLiteral(p.Value) {
				return append(out, p.Value)
			}
		case *syntax.SglQuoted:
			if !p.Dollar {
				return append(out, p.Value)
			}
		}
	}
	if s.opts&optBraceexpand != 0 && hasBrace(w) {
		for _, parts := range s.braces(w.Parts) {
			out = s.fieldsOf(out, parts)
		}
		return out
	}
	return s.fieldsOf(out, w.Parts)
}

func (s *shell) fieldsOf(out []string, parts []syntax.WordPart) []string {
	b := builder{s: s, out: out, split: true}
	b.parts(parts, quoteNone)
	return b.finish()
}

// plainLiteral says that unquoted text stands for itself.
func plainLiteral(v string) bool {
	for i := 0; i < len(v); i++ {
		switch v[i] {
		case '\\', '*', '?', '[', '{', '~':
			return false
		}
	}
	return true
}

// wordString expands a word without splitting or globs: assignments, here-strings, case subjects.
func (s *shell) wordString(w *syntax.Word) string {
	if w == nil {
		return ""
	}
	if len(w.Parts) == 1 {
		switch p := w.Parts[0].(type) {
		case *syntax.Lit:
			if plainLiteral(p.Value) {
				return p.Value
			}
		case *syntax.SglQuoted:
			if !p.Dollar {
				return p.Value
			}
		}
	}
	b := builder{s: s}
	b.parts(w.Parts, quoteNone)
	return b.string()
}

// assignString is wordString with tildes after colons, as in PATH=~/bin:~/sbin.
func (s *shell) assignString(w *syntax.Word) string {
	if w == nil {
		return ""
	}
	b := builder{s: s, colonTilde: true}
	b.parts(w.Parts, quoteNone)
	return b.string()
}

// wordPattern expands a word to a pattern in which what was quoted is escaped.
func (s *shell) wordPattern(w *syntax.Word) string {
	if w == nil {
		return ""
	}
	if len(w.Parts) == 1 {
		if lit, ok := w.Parts[0].(*syntax.Lit); ok && lit.Value != "" && lit.Value[0] != '~' {
			return lit.Value
		}
	}
	b := builder{s: s, masked: true}
	b.parts(w.Parts, quoteNone)
	return b.pattern()
}

// partString expands one part within a here-document or double quotes.
func (s *shell) partString(p syntax.WordPart, q quoteMode) string {
	b := builder{s: s}
	b.part(p, q)
	return b.string()
}

func (b *builder) parts(parts []syntax.WordPart, q quoteMode) {
	for i, p := range parts {
		if lit, ok := p.(*syntax.Lit); ok && q == quoteNone {
			b.literal(lit.Value, i == 0, i == len(parts)-1)
			continue
		}
		b.part(p, q)
	}
}

// literal adds unquoted text of the script: tildes and backslashes are handled.
func (b *builder) literal(v string, first, last bool) {
	if i := strings.Index(v, "=~"); first && b.split && i > 0 && validName(v[:i]) && b.s.opts&optPosix == 0 {
		b.literalPlain(v[:i+1]) // a word that looks like an assignment
		b.colonTilde = true
		v = b.tilde(v[i+1:], true, last)
	} else if first && len(v) > 0 && v[0] == '~' || b.colonTilde && strings.IndexByte(v, '~') >= 0 {
		v = b.tilde(v, first, last)
	}
	for v != "" {
		i := strings.IndexByte(v, '\\')
		if i < 0 {
			i = len(v)
		}
		if i > 0 {
			if b.litSplit {
				b.splitText(v[:i])
			} else {
				b.bare(v[:i])
			}
		}
		if i >= len(v)-1 {
			if i == len(v)-1 {
				b.quoted(`\`)
			}
			return
		}
		n := 1
		for i+1+n < len(v) && v[i+1+n]&0xC0 == 0x80 {
			n++
		}
		b.quoted(v[i+1 : i+1+n])
		v = v[i+1+n:]
	}
}

func (b *builder) part(p syntax.WordPart, q quoteMode) {
	switch p := p.(type) {
	case *syntax.Lit:
		switch q {
		case quoteDouble:
			b.quoted(unescape(p.Value, "$`\"\\"))
		case quoteHere:
			b.quoted(unescape(p.Value, "$`\\"))
		default:
			b.literal(p.Value, false, false)
		}
	case *syntax.SglQuoted:
		switch {
		case q != quoteNone && !p.Dollar:
			b.quoted("'" + p.Value + "'")
		case p.Dollar:
			text, _ := ansiC(p.Value, false)
			b.quoted(text)
		default:
			b.quoted(p.Value)
		}
	case *syntax.DblQuoted:
		b.doubleQuoted(p)
	case *syntax.ParamExp:
		b.param(p, q)
	case *syntax.CmdSubst:
		b.value(b.s.commandSubst(p), q)
	case *syntax.ArithmExp:
		b.value(formatInt(b.s.arithExpr(p.X)), q)
	case *syntax.ProcSubst:
		b.quoted(b.s.procSubst(p))
	case *syntax.ExtGlob:
		b.extGlob(p, q)
	default:
		b.s.fatal(2, "this word is not supported")
	}
}

func (b *builder) doubleQuoted(p *syntax.DblQuoted) {
	// "$@" without parameters is no field at all, unless something else stands in the quotes.
	started := b.started
	other := len(p.Parts) == 0
	for _, part := range p.Parts {
		before := len(b.out)
		b.started = false
		b.part(part, quoteDouble)
		pe, isParam := part.(*syntax.ParamExp)
		if !isParam || !isListParam(pe) || b.started || len(b.out) > before {
			other = true
		}
		b.started = b.started || started
	}
	if other {
		b.started = true
		b.delim = delimNone
	}
}

// isListParam says that an expansion in double quotes may be several fields, or none.
func isListParam(p *syntax.ParamExp) bool {
	if p.Length {
		return false
	}
	if p.Param != nil && p.Param.Value == "@" || p.Names == syntax.NamesPrefixWords {
		return true
	}
	if w, ok := p.Index.(*syntax.Word); ok && w.Lit() == "@" {
		return true
	}
	return p.Excl && p.Index == nil && p.Names == 0
}

// unescape removes backslashes before the characters of set.
func unescape(v, set string) string {
	if strings.IndexByte(v, '\\') < 0 {
		return v
	}
	out := make([]byte, 0, len(v))
	for i := 0; i < len(v); i++ {
		if v[i] == '\\' && i+1 < len(v) && strings.IndexByte(set, v[i+1]) >= 0 {
			i++
		}
		out = append(out, v[i])
	}
	return string(out)
}
