package awk

import (
	"fmt"
	"strings"
)

// token is a kind of token: a word or operator as it is written, or one of these.
type token string

const (
	tokEnd      token = "end of program"
	tokNewline  token = "newline"
	tokNumber   token = "number"
	tokString   token = "string"
	tokRegex    token = "regular expression"
	tokName     token = "name"
	tokFuncName token = "function name" // a name with "(" right behind it
	tokBuiltin  token = "builtin function"
)

var keywords = map[string]bool{
	"BEGIN": true, "END": true, "BEGINFILE": true, "ENDFILE": true, "function": true, "func": true, "if": true, "else": true,
	"while": true, "for": true, "do": true, "break": true, "continue": true, "next": true, "nextfile": true, "exit": true,
	"return": true, "delete": true, "in": true, "getline": true, "print": true, "printf": true, "switch": true, "case": true,
	"default": true,
}

// operators, the longest first.
var operators = []string{
	"**=", "|&", "&&", "||", "==", "<=", ">=", "!=", "!~", "++", "--", "+=", "-=", "*=", "/=", "%=", "^=", "**", ">>",
	"{", "}", "(", ")", "[", "]", ";", ",", "+", "-", "*", "/", "%", "^", "!", ">", "<", "|", "?", ":", "~", "$", "=", "@",
}

// SyntaxError is a program that cannot be read.
type SyntaxError struct {
	Place    string // a source and its line
	Messages []string
	Included []string // where the source of Place is included
	Fatal    bool     // found once the program was read: awk's status is 2, and else 1
}

func (e *SyntaxError) Error() string {
	return e.Place + ": " + strings.Join(e.Messages, "\n"+e.Place+": ")
}

type lexer struct {
	src  string
	pos  int
	line int
	// source is the place of src in names.
	source        int
	names         []string
	escapeWarning func(format string, args ...any)
	lint          func(format string, args ...any)
	// functions are those that are not of the program; posix is --posix, which knows no operator ** and no word func.
	functions map[string]*builtin
	posix     bool
	standard  bool    // no number is octal or hexadecimal
	reader    *interp // reads numbers, for -M perhaps
	layout    *layout // of the program; nil unless it is wanted
	// The token that next has read:
	tok   token
	text  string // of a name, string, regex or number
	num   value
	start int
	last  token // the token before
}

// place is where the lexer is, as messages say it.
func (l *lexer) place() string { return fmt.Sprintf("%s:%d", l.names[l.source], l.line) }

func (l *lexer) fail(format string, args ...any) {
	panic(&SyntaxError{Place: l.place(), Messages: []string{"error: " + fmt.Sprintf(format, args...)}})
}

// failHere shows the line and where in it the token is.
func (l *lexer) failHere(format string, args ...any) {
	l.failAt(l.start, format, args...)
}

// failAt shows the line of the offset at, and where in it that is.
func (l *lexer) failAt(at int, format string, args ...any) {
	begin := strings.LastIndexByte(l.src[:at], '\n') + 1
	line, _, _ := strings.Cut(l.src[begin:], "\n")
	caret := fmt.Sprintf("%*s %s", at-begin+1, "^", fmt.Sprintf(format, args...))
	panic(&SyntaxError{Place: l.place(), Messages: []string{line, caret}})
}

// endOfFile is the end of a source within something.
func (l *lexer) endOfFile() {
	text := strings.TrimSuffix(l.src, "\n")
	at := 1
	if text == l.src {
		at = max(len(text)-strings.LastIndexByte(text, '\n')-1, 1)
	}
	place := fmt.Sprintf("%s:%d", l.names[l.source], strings.Count(text, "\n")+1)
	panic(&SyntaxError{Place: place, Messages: []string{"(END OF FILE)",
		fmt.Sprintf("%*s source files / command-line arguments must contain complete functions or rules", at, "^")}})
}

func (l *lexer) fatal(format string, args ...any) {
	panic(&SyntaxError{Place: l.place(), Messages: []string{"fatal: " + fmt.Sprintf(format, args...)}, Fatal: true})
}

// next reads a token.
func (l *lexer) next() {
	l.last = l.tok
	l.skip()
	l.start = l.pos
	if l.pos >= len(l.src) {
		l.tok = tokEnd
		return
	}
	c := l.src[l.pos]
	switch {
	case c == '\n':
		l.pos++
		l.line++
		l.tok = tokNewline
	case c == '"':
		l.pos++
		l.text = l.quoted()
		l.tok = tokString
	case c >= '0' && c <= '9' || c == '.' && l.pos+1 < len(l.src) && l.src[l.pos+1] >= '0' && l.src[l.pos+1] <= '9':
		l.number()
	case isNameByte(c):
		for l.pos < len(l.src) && (isNameByte(l.src[l.pos]) || l.src[l.pos] >= '0' && l.src[l.pos] <= '9') {
			l.pos++
			if strings.HasPrefix(l.src[l.pos:], "::") && !l.standard {
				l.pos += 2
			}
		}
		l.name(l.unqualified(l.src[l.start:l.pos]))
	default:
		for _, op := range operators {
			if strings.HasPrefix(l.src[l.pos:], op) && !(l.posix && strings.HasPrefix(op, "**")) {
				l.pos += len(op)
				switch op {
				case "**":
					op = "^"
				case "**=":
					op = "^="
				}
				l.tok = token(op)
				return
			}
		}
		if c == '\\' {
			l.failHere("backslash not last character on line")
		}
		if c == '&' {
			l.failHere("syntax error")
		}
		l.failHere("invalid char '%c' in expression", c)
	}
}

func isNameByte(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }

// skip passes blanks, comments and continued lines.
func (l *lexer) skip() {
	for l.pos < len(l.src) {
		switch c := l.src[l.pos]; {
		case c == ' ' || c == '\t' || c == '\r':
			l.pos++
		case c == '\\' && strings.HasPrefix(l.src[l.pos+1:], "\n"):
			l.pos += 2
			l.line++
		case c == '\\' && strings.HasPrefix(l.src[l.pos+1:], "\r\n"):
			l.pos += 3
			l.line++
		case c == '#':
			start := l.pos
			for l.pos < len(l.src) && l.src[l.pos] != '\n' {
				l.pos++
			}
			l.layout.comment(l, start)
		default:
			return
		}
	}
}

// unqualified checks a name that may have a namespace, and drops that of gawk itself.
func (l *lexer) unqualified(word string) string {
	space, name, qualified := strings.Cut(word, "::")
	if !qualified {
		return word
	}
	switch {
	case strings.Contains(name, "::"):
		l.fail("identifier `%s': namespace separator can only appear once in a qualified name", word)
	case name == "":
		l.fail("qualified identifier `%s' is badly formed", word)
	}
	for i, part := range []string{space, name} {
		if keywords[part] || l.functions[part] != nil {
			which := "a namespace"
			if i == 1 {
				which = "second component of a qualified name"
			}
			l.fail("using reserved identifier `%s' as %s is not allowed", part, which)
		}
	}
	if space == "awk" {
		return name
	}
	return word
}

// name decides what kind of word it is.
func (l *lexer) name(word string) {
	l.text = word
	switch {
	case l.posix && word == "func":
		l.tok = tokName
	case keywords[word]:
		if word == "func" {
			word = "function"
		}
		l.tok = token(word)
	case l.functions[word] != nil:
		l.tok = tokBuiltin
	case l.pos < len(l.src) && l.src[l.pos] == '(':
		l.tok = tokFuncName
	default:
		l.tok = tokName
	}
}
