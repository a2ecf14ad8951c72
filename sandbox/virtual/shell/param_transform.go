package shell

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"mvdan.cc/sh/v3/syntax"
)

// transform is ${x@Q} and its like.
func (b *builder) transform(p *syntax.ParamExp, val paramValue, q quoteMode) {
	s := b.s
	op := p.Exp.Word.Lit()
	if op == "a" || op == "A" {
		b.describe(op, val, q)
		return
	}
	if !val.set && !val.list {
		b.value("", q)
		return
	}
	if (op == "K" || op == "k") && val.list && val.v != nil {
		keys, vals := val.v.allKeys(s), val.vals
		var out []string
		for i, k := range keys {
			if op == "K" {
				if val.v.dict != nil {
					k = quoteKey(k)
				}
				out = append(out, k+" "+quoteDeclare(vals[i]))
			} else {
				out = append(out, k, vals[i])
			}
		}
		if op == "K" {
			text := strings.Join(out, " ")
			if val.v.dict != nil && text != "" {
				text += " "
			}
			b.value(text, q)
		} else {
			b.list(out, val.star, q)
		}
		return
	}
	out := make([]string, len(val.vals))
	for i, v := range val.vals {
		out[i] = s.transformOne(op, v)
	}
	if val.list {
		b.list(out, val.star, q)
		return
	}
	b.value(out[0], q)
}

func (s *shell) transformOne(op, v string) string {
	switch op {
	case "Q", "K", "k":
		return quoteSingle(v)
	case "E":
		v, _ = ansiC(v, false)
	case "P":
		return s.prompt(v)
	case "U":
		return strings.ToUpper(v)
	case "L":
		return strings.ToLower(v)
	case "u":
		if v != "" {
			r, n := utf8.DecodeRuneInString(v)
			return string(unicode.ToUpper(r)) + v[n:]
		}
	}
	return v
}

// describe is ${x@a}, the attributes, and ${x@A}, an assignment that makes the variable again.
func (b *builder) describe(op string, val paramValue, q quoteMode) {
	s := b.s
	if val.name == "" && val.list { // $@
		if op == "A" {
			words := make([]string, len(val.vals))
			for i, v := range val.vals {
				words[i] = quoteSingle(v)
			}
			sep := " "
			if val.star {
				sep = s.joiner(true)
			}
			b.value("set -- "+strings.Join(words, sep), q)
		} else {
			b.list(make([]string, len(val.vals)), val.star, q)
		}
		return
	}
	if val.v == nil {
		if val.list {
			b.list(nil, val.star, q)
		} else {
			b.value("", q)
		}
		return
	}
	if op == "a" {
		flags := attrLetters(val.v.attr)
		if !val.list {
			b.value(flags, q)
			return
		}
		out := make([]string, len(val.vals))
		for i := range out {
			out[i] = flags
		}
		b.list(out, val.star, q)
		return
	}
	if val.list {
		b.value(s.declaration(val.name, val.v, true), q)
		return
	}
	flags := attrLetters(val.v.attr)
	if !val.set {
		text := ""
		if flags != "" {
			text = "declare -" + flags + " " + val.name
		}
		b.value(text, q)
		return
	}
	if flags == "" {
		b.value(val.name+"="+quoteSingle(val.text()), q)
		return
	}
	b.value("declare -"+flags+" "+val.name+"="+quoteSingle(val.text()), q)
}
