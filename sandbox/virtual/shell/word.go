package shell

import (
	"slices"
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

// builder gathers the fields of one word.
type builder struct {
	s          *shell
	out        []string
	text       []byte // the field in progress
	mask       []bool // which bytes of text were quoted, kept with split or masked
	split      bool   // split into fields and glob
	masked     bool
	litSplit   bool // unquoted literals are split as well: the word of ${x:-word}
	colonTilde bool
	started    bool // there is a field in progress, maybe an empty quoted one
	glob       bool // the field has an unquoted pattern character
	delim      delimState
	held       int // live bytes that large pieces took
}

const largePiece = 4096 // bytes from which on a piece is accounted for while the word is built

// add appends to the field in progress. Large pieces are held until the word is finished.
func (b *builder) add(v string) {
	if len(v) >= largePiece {
		n := 2 * len(v) // the text, and the string that it becomes
		if b.split || b.masked {
			n += len(v)
		}
		b.s.hold(n)
		b.held += n
		b.text = slices.Grow(b.text, len(v))
	}
	b.text = append(b.text, v...)
}

// string is the word as one string; the builder is done.
func (b *builder) string() string {
	b.release()
	return string(b.text)
}

func (b *builder) release() {
	b.s.hold(-b.held)
	b.held = 0
}

// delimState is what the splitter saw last.
type delimState uint8

const (
	delimNone  delimState = iota // text, or nothing yet
	delimSpace                   // IFS white space ended a field
	delimOther                   // another IFS character did
)

func (b *builder) quoted(v string) {
	b.started = true
	b.delim = delimNone
	b.add(v)
	if b.split || b.masked {
		for range len(v) {
			b.mask = append(b.mask, true)
		}
	}
}

// bare adds unquoted text that is not split.
func (b *builder) bare(v string) {
	if v == "" {
		return
	}
	b.started = true
	b.delim = delimNone
	b.add(v)
	if b.split || b.masked {
		for i := 0; i < len(v); i++ {
			switch v[i] {
			case '*', '?', '[':
				b.glob = true
			case '(':
				if i > 0 && strings.IndexByte("@!+", v[i-1]) >= 0 {
					b.glob = true
				}
			}
			b.mask = append(b.mask, false)
		}
	}
}

// splitText adds the result of an unquoted expansion, split at IFS.
func (b *builder) splitText(v string) {
	ifs := b.s.ifsTable()
	from := 0
	for i := 0; i < len(v); i++ {
		class := ifs[v[i]]
		if class == 0 {
			continue
		}
		b.bare(v[from:i])
		from = i + 1
		switch {
		case b.started:
			b.endField()
			b.delim = delimSpace
			if class == ifsOther {
				b.delim = delimOther
			}
		case class == ifsSpace:
		case b.delim == delimSpace:
			b.delim = delimOther
		default:
			b.started = true
			b.endField()
			b.delim = delimOther
		}
	}
	b.bare(v[from:])
}

// value adds an expansion's result.
func (b *builder) value(v string, q quoteMode) {
	switch {
	case q != quoteNone:
		b.quoted(v)
	case b.split:
		b.splitText(v)
	default:
		b.bare(v)
	}
}

// list adds several results: those of $@, $* and arrays.
func (b *builder) list(vals []string, star bool, q quoteMode) {
	switch {
	case q != quoteNone && star || !b.split && star:
		b.value(strings.Join(vals, b.s.joiner(true)), q)
	case !b.split:
		b.value(strings.Join(vals, " "), q)
	case q != quoteNone:
		for i, v := range vals {
			if i > 0 {
				b.endField()
			}
			b.quoted(v)
		}
	default:
		sep := b.s.joiner(true)
		for i, v := range vals {
			switch {
			case i == 0:
			case sep != "":
				b.splitText(sep)
			default:
				b.endField()
			}
			b.splitText(v)
		}
	}
}

func (b *builder) endField() {
	if !b.started {
		return
	}
	if b.glob && b.s.opts&optNoglob == 0 {
		b.out = b.s.globField(b.out, b.pattern(), string(b.text))
	} else {
		b.out = append(b.out, string(b.text))
	}
	b.text, b.mask = b.text[:0], b.mask[:0]
	b.started, b.glob = false, false
}

func (b *builder) finish() []string {
	b.endField()
	b.release()
	b.s.work(len(b.out))
	return b.out
}

// pattern is the text with what was quoted escaped by backslashes.
func (b *builder) pattern() string {
	b.release()
	out := make([]byte, 0, len(b.text)+8)
	for i, c := range b.text {
		if b.mask[i] && c < 0x80 && !isNameByte(c) && c != '/' {
			out = append(out, '\\')
		}
		out = append(out, c)
	}
	return string(out)
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

// tilde adds what the tilde prefixes at the beginning (and after colons) stand for and returns the rest.
func (b *builder) tilde(v string, first, last bool) string {
	at := first
	for {
		if at && strings.HasPrefix(v, "~") {
			end := strings.IndexAny(v, "/:")
			if end < 0 || v[end] == ':' && !b.colonTilde {
				if end = strings.IndexByte(v, '/'); end < 0 {
					end = len(v)
				}
			}
			if end < len(v) || last {
				if home, ok := b.s.tildeHome(v[1:end]); ok {
					b.quoted(home)
					v = v[end:]
				}
			}
		}
		if !b.colonTilde {
			return v
		}
		i := strings.Index(v, ":~")
		if i < 0 {
			return v
		}
		b.literalPlain(v[:i+1])
		v, at = v[i+1:], true
	}
}

func (b *builder) literalPlain(v string) {
	save := b.colonTilde
	b.colonTilde = false
	b.literal(v, false, false)
	b.colonTilde = save
}

// tildeHome is what ~name stands for.
func (s *shell) tildeHome(name string) (string, bool) {
	switch name {
	case "":
		if home, ok := s.value("HOME"); ok {
			return home, true
		}
		return "/home/agent", true
	case "+":
		return s.get("PWD"), true
	case "-":
		old, ok := s.value("OLDPWD")
		return old, ok
	case "agent":
		return "/home/agent", true
	case "root":
		return "/root", true
	}
	if dir, ok := s.stackDir(name); ok {
		return dir, true
	}
	return "", false
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

func (b *builder) extGlob(p *syntax.ExtGlob, q quoteMode) {
	text := p.Op.String() + p.Pattern.Value + ")"
	if q != quoteNone {
		b.quoted(text)
		return
	}
	if !strings.ContainsAny(p.Pattern.Value, "$`'\"\\") {
		b.bare(text)
		b.glob = true
		return
	}
	// The parser keeps the pattern as text: read it as a word, its separators in disguise.
	hidden := disguise.Replace(p.Pattern.Value)
	var word *syntax.Word
	for w, err := range syntax.NewParser().WordsSeq(strings.NewReader(hidden + "\n")) {
		if err == nil {
			word = w
		}
		break
	}
	if word == nil {
		b.bare(text)
		b.glob = true
		return
	}
	inner := builder{s: b.s, masked: true}
	inner.parts(word.Parts, quoteNone)
	b.bare(p.Op.String())
	for i, c := range inner.text {
		plain := string([]byte{reveal(c)})
		if inner.mask[i] {
			b.quoted(plain)
		} else {
			b.bare(plain)
		}
	}
	b.bare(")")
	b.glob = true
}

var disguise = strings.NewReplacer("|", "\x01", "(", "\x02", ")", "\x03", " ", "\x04", "&", "\x05", ";", "\x06", "<", "\x0e", ">", "\x0f")

func reveal(c byte) byte {
	switch c {
	case 1:
		return '|'
	case 2:
		return '('
	case 3:
		return ')'
	case 4:
		return ' '
	case 5:
		return '&'
	case 6:
		return ';'
	case 14:
		return '<'
	case 15:
		return '>'
	}
	return c
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

const (
	ifsSpace = 1
	ifsOther = 2
)

// ifsTable classifies bytes by the current IFS.
func (s *shell) ifsTable() *[256]uint8 {
	value, set := s.value("IFS")
	if !set {
		value = " \t\n"
	}
	if s.ifs == nil || s.ifsFor != value {
		t := new([256]uint8)
		for i := 0; i < len(value); i++ {
			t[value[i]] = ifsOther
			if c := value[i]; c == ' ' || c == '\t' || c == '\n' {
				t[c] = ifsSpace
			}
		}
		s.ifs, s.ifsFor = t, value
	}
	return s.ifs
}

// joiner is what separates joined parameters: the first character of IFS for $*, else a space.
func (s *shell) joiner(star bool) string {
	if !star {
		return " "
	}
	value, set := s.value("IFS")
	if !set {
		return " "
	}
	for _, r := range value {
		return string(r)
	}
	return ""
}
