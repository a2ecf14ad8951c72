package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

func (s *shell) textStream(text string) *stream {
	return s.newStream(&stream{in: strings.NewReader(text)})
}

// hereDoc expands the body of a here-document.
func (s *shell) hereDoc(r *syntax.Redirect) string {
	var b strings.Builder
	quoted := false
	for _, p := range r.Word.Parts {
		if lit, ok := p.(*syntax.Lit); !ok || strings.Contains(lit.Value, `\`) {
			quoted = true
		}
	}
	for _, p := range r.Hdoc.Parts {
		if lit, ok := p.(*syntax.Lit); ok {
			v := lit.Value
			if r.Op == syntax.DashHdoc {
				v = trimTabs(v, b.Len() == 0 || strings.HasSuffix(b.String(), "\n"))
			}
			if !quoted {
				v = unescape(v, "$`\\")
			}
			b.WriteString(v)
			continue
		}
		b.WriteString(s.partString(p, quoteHere))
	}
	text := b.String()
	s.work(len(text))
	return text
}

// trimTabs removes the tabs at the beginning of lines, as <<- does.
func trimTabs(v string, lineStart bool) string {
	var b strings.Builder
	for i := 0; i < len(v); i++ {
		if lineStart && v[i] == '\t' {
			continue
		}
		lineStart = v[i] == '\n'
		b.WriteByte(v[i])
	}
	return b.String()
}
