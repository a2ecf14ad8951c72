package awk

import "strings"

// layout is what prettyPrint needs of a program's text besides its tree. The methods of a nil layout keep nothing.
type layout struct {
	items    []item
	comments []comment
	literals map[any]string // how constants and regular expressions are written
	loads    []string       // libraries of @load
	includes []string       // files of @include
	inside   int            // comments before the last "}"
	messages [][2]string    // texts that can be translated, each with its plural or ""
}

// item is a rule or a function, with the comments before and in it.
type item struct {
	kind     string // BEGIN and its like, "function", "" for other rules
	what     any    // *block, *rule or *function
	comments []comment
	space    string // the namespace there
}

// comment is one of the program; alone when nothing else is on its line.
type comment struct {
	at    place
	text  string
	alone bool
	gap   bool // an empty line is before it
}

func (y *layout) comment(l *lexer, start int) {
	if y == nil {
		return
	}
	before := l.src[:start]
	line := before[strings.LastIndexByte(before, '\n')+1:]
	above := strings.TrimSuffix(before[:len(before)-len(line)], "\n")
	c := comment{at: place{int32(l.source), int32(l.line)}, text: strings.TrimRight(l.src[start:l.pos], " \t\r"), alone: strings.TrimSpace(line) == ""}
	c.gap = c.alone && strings.TrimSpace(above[strings.LastIndexByte(above, '\n')+1:]) == "" && above != ""
	// The parser may go back and read a text again.
	for _, old := range y.comments {
		if old.at == c.at {
			return
		}
	}
	y.comments = append(y.comments, c)
}

func (y *layout) literal(node any, text string) {
	if y != nil {
		y.literals[node] = text
	}
}

func (y *layout) text(node any) string {
	if y == nil {
		return ""
	}
	return y.literals[node]
}

// closes notes that "}" is the current token: comments behind it belong to what follows.
func (y *layout) closes() {
	if y != nil {
		y.inside = len(y.comments)
	}
}

// ended adds an item that was read, and what comments there were since the one before.
func (p *parser) ended(kind string, what any) {
	if p.layout == nil {
		return
	}
	inside := p.layout.inside
	if r, ok := what.(*rule); ok && r.body == nil {
		inside = len(p.layout.comments)
	}
	p.layout.items = append(p.layout.items, item{kind, what, p.layout.comments[:inside:inside], p.namespace})
	p.layout.comments = p.layout.comments[inside:]
}

// directive notes an @load or @include.
func (y *layout) directive(word, what string) {
	switch {
	case y == nil:
	case word == "load":
		y.loads = append(y.loads, what)
	case word == "include":
		y.includes = append(y.includes, what)
	}
}

// message adds a text that can be translated.
func (y *layout) message(text, plural string) {
	if y != nil {
		y.messages = append(y.messages, [2]string{text, plural})
	}
}

// translated adds the constant texts of a call that translates.
func (y *layout) translated(call *builtinExpr) {
	if y == nil || call == nil {
		return
	}
	var texts []string
	for _, arg := range call.args {
		if c, ok := arg.(*constant); ok && c.v.kind == text {
			texts = append(texts, c.v.s)
		} else {
			break
		}
	}
	switch {
	case call.name == "dcgettext" && len(texts) > 0:
		y.message(texts[0], "")
	case call.name == "dcngettext" && len(texts) > 1:
		y.message(texts[0], texts[1])
	}
}
