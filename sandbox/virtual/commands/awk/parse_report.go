package awk

import "fmt"

// warn adds a warning that is shown before the program runs.
func (p *parser) warn(format string, args ...any) {
	p.prog.warnings = append(p.prog.warnings, p.place()+": warning: "+fmt.Sprintf(format, args...))
}

// report adds an error with which the program can still be read on, for others to be found.
func (p *parser) report(format string, args ...any) {
	p.errors++
	p.prog.warnings = append(p.prog.warnings, p.place()+": error: "+fmt.Sprintf(format, args...))
}

// lint adds a warning that only --lint shows.
func (p *parser) lint(format string, args ...any) {
	if !p.options.Lint.on {
		return
	}
	if p.options.Lint.fatal {
		p.fatal(format, args...)
	}
	p.warn(format, args...)
}

// lintExtension warns of what only gawk has.
func (p *parser) lintExtension(format string, args ...any) {
	if p.options.Lint.extensions {
		p.lint(format, args...)
	}
}

// lintOld warns of what the first awks did not have.
func (p *parser) lintOld(format string, args ...any) {
	if p.options.LintOld {
		p.warn(format, args...)
	}
}

// warnOnce adds a warning that is shown before the program runs, unless it has been added before.
func (p *parser) warnOnce(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if !p.warned[text] {
		if p.warned == nil {
			p.warned = map[string]bool{}
		}
		p.warned[text] = true
		p.warn("%s", text)
	}
}

func (p *parser) unexpected() {
	if p.tok == tokEnd && p.isFile {
		p.endOfFile()
	}
	if p.tok == tokNewline || p.tok == tokEnd {
		p.failHere("unexpected newline or end of string")
	}
	p.failHere("syntax error")
}

// failPlain says nothing but the message.
func (p *parser) failPlain(message string) {
	panic(&SyntaxError{Place: p.place(), Messages: []string{message}})
}
