package shell

import (
	"slices"
	"strings"
)

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
