package sort

import (
	"bufio"
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

// warn says what of the options is seldom meant, for --debug. global is the order that was asked for outside of keys.
func (s *sorter) warn(global order) {
	if cli.UTF8(s.inv) {
		s.inv.Errorf("text ordering performed using %s sorting rules", cli.QuoteText("C.UTF-8"))
	} else {
		s.inv.Errorf("text ordering performed using simple byte comparison")
	}
	unused := global
	basic, general, spansBasic, spansGeneral := false, false, false, false
	for i := range s.keys {
		k := &s.keys[i]
		number := k.general || k.numeric || k.human
		general = general || k.general
		basic = basic || number && !k.general
		empty := !k.whole && k.endField >= 0 && (k.endField < k.startField)
		if empty {
			s.inv.Errorf("key %d has zero width and will be ignored", i+1)
		}
		atLineStart := k.endField == 0 && k.endPos > 0
		skips := k.blanksStart || number || k.month
		if !empty && !k.whole && s.tab < 0 && !atLineStart && (!skips || !k.blanksStart && k.startPos > 0 || !k.blanksEnd && k.endPos > 0) {
			s.inv.Errorf("leading blanks are significant in key %d; consider also specifying 'b'", i+1)
		}
		if number && !k.whole && (k.endField < 0 || k.startField < k.endField) {
			s.inv.Errorf("key %d is numeric and spans multiple fields", i+1)
			spansGeneral = spansGeneral || k.general
			spansBasic = spansBasic || !k.general
		}
		unused.without(&k.order)
	}
	s.warnNumbers(basic, general, spansBasic, spansGeneral)

	letters := unused
	if !s.stable && !s.unique {
		letters.reverse = false
	}
	if ignored := letters.letters(); ignored != "" && (unused.compares() || len(s.keys) > 0) {
		verb, plural := "is", ""
		if len(ignored) > 1 {
			verb, plural = "are", "s"
		}
		s.inv.Errorf("option%s '-%s' %s ignored", plural, ignored, verb)
	}
	if unused.reverse && !s.stable && !s.unique && len(s.keys) > 0 {
		s.inv.Errorf("option '-r' only applies to last-resort comparison")
	}
}

// warnNumbers tells how numbers are read where a separator of fields is part of them.
func (s *sorter) warnNumbers(basic, general, spansBasic, spansGeneral bool) {
	told := false
	if spansBasic || spansGeneral {
		role := ""
		switch {
		case s.tab == '.':
			role, told = "a decimal point", true
		case s.tab == '-':
			role = "a minus sign"
		case s.tab == '+' && spansGeneral:
			role = "a plus sign"
		}
		if role != "" {
			s.inv.Errorf("field separator %s is treated as %s in numbers", cli.QuoteText(string(rune(s.tab))), role)
		}
	}
	if (basic || general) && !told {
		s.inv.Errorf("note numbers use '.' as a decimal point in this locale")
	}
}

// without takes away what a key has as well.
func (o *order) without(k *order) {
	if o.dictionary == k.dictionary && (o.dictionary || o.printable == k.printable) {
		o.dictionary, o.printable = false, false
	}
	o.fold = o.fold && !k.fold
	o.blanksStart = o.blanksStart && !k.blanksStart
	o.blanksEnd = o.blanksEnd && !k.blanksEnd
	o.month = o.month && !k.month
	o.numeric = o.numeric && !k.numeric
	o.general = o.general && !k.general
	o.human = o.human && !k.human
	o.r = o.r && !k.r
	o.reverse = o.reverse && !k.reverse
	if o.kind == k.kind {
		o.kind = 0
	}
}

// letters is the options that make the order.
func (o *order) letters() string {
	var b strings.Builder
	for _, l := range []struct {
		on     bool
		letter byte
	}{{o.blanksStart || o.blanksEnd, 'b'}, {o.dictionary, 'd'}, {o.fold, 'f'}, {o.general, 'g'}, {o.human, 'h'}, {o.printable && !o.dictionary, 'i'},
		{o.month, 'M'}, {o.numeric, 'n'}, {o.r, 'R'}, {o.reverse, 'r'}, {o.kind == 'V', 'V'}} {
		if l.on {
			b.WriteByte(l.letter)
		}
	}
	return b.String()
}

// annotate writes a line, and under it a line for each key that shows where it is.
func (s *sorter) annotate(out *bufio.Writer, text []byte) {
	out.Write(bytes.ReplaceAll(text, []byte("\t"), []byte(">")))
	out.WriteByte('\n')
	for i := range s.keys {
		from, to := s.keys[i].seen(text, s.tab)
		s.mark(out, text, from, to)
	}
	if len(s.keys) == 0 || !s.stable && !s.unique {
		s.mark(out, text, 0, len(text))
	}
}

func (s *sorter) mark(out *bufio.Writer, text []byte, from, to int) {
	out.WriteString(strings.Repeat(" ", s.columns(text[:from])))
	if width := s.columns(text[from:to]); width > 0 {
		out.WriteString(strings.Repeat("_", width) + "\n")
	} else {
		out.WriteString("^ no match for key\n")
	}
}

// columns is how wide a text is shown: a tab is one column, another control character none.
func (s *sorter) columns(text []byte) int {
	n := 0
	for len(text) > 0 {
		r, size := rune(text[0]), 1
		if cli.UTF8(s.inv) {
			r, size = utf8.DecodeRune(text)
		}
		switch {
		case r == '\t', r == utf8.RuneError && size == 1:
			n++
		default:
			n += cli.Width(r)
		}
		text = text[size:]
	}
	return n
}

// seen is the part of a key that its order looks at.
func (k *key) seen(text []byte, tab int) (from, to int) {
	from, to = k.bounds(text, tab)
	number := k.general || k.numeric || k.human
	if !k.month && !number {
		return from, to
	}
	from = from + skipBlanks(text[from:to], 0)
	part := text[from:to]
	switch {
	case k.month:
		if month(part) == 0 {
			return from, from
		}
		return from, from + 3
	case k.general:
		_, length := float(part)
		return from, from + length
	}
	length := decimalLength(part)
	if k.human && length > 0 && length < len(part) && strings.IndexByte("kKMGTPEZYRQ", part[length]) >= 0 {
		length++
	}
	return from, from + length
}
