package sqlite3

import (
	"fmt"
	"io"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

// run does what the command line and standard input say, and returns the status.
func (p *program) run(a *arguments) int {
	if a.init != "" {
		if result := p.readFile(a.init); result == quit || result == failed && p.bail {
			return max(p.exit, result&1)
		}
	}
	for _, command := range a.first {
		if result, status := p.argument(command); result == quit || result == failed && p.bail {
			return status
		}
	}
	for _, command := range a.commands {
		if result, status := p.argument(command); result != done {
			return status
		}
	}
	if len(a.commands) > 0 {
		return 0
	}
	result := p.lines(p.inv.Stdin)
	if result == quit {
		return p.exit
	}
	return result
}

// argument runs an argument of the command line.
func (p *program) argument(text string) (result, status int) {
	if strings.HasPrefix(text, ".") {
		result = p.dot(text)
		if result == quit {
			return quit, p.exit
		}
		return result, result
	}
	if err := p.sql(text); err != nil {
		p.complain("Error: %s", err.text())
		return failed, max(err.code, 1)
	}
	return done, 0
}

// lines runs what r has in it, a line after the other.
func (p *program) lines(r io.Reader) int {
	lines := cli.NewLines(p.ctx, p.inv.Budget, r, '\n')
	defer lines.Close()
	var text strings.Builder
	result, number, start := done, 0, 0
	finish := func() bool {
		sql := text.String()
		text.Reset()
		if p.echo {
			p.print(sql + "\n")
		}
		err := p.sql(sql)
		if err != nil {
			kind := map[string]string{"in prepare": "Parse error", "stepping": "Runtime error"}[err.when]
			p.complain("%s near line %d: %s", kind, start, strings.TrimPrefix(err.text(), err.when+", "))
			result = failed
		} else if p.changes {
			last, total := p.db.Changes()
			p.print(fmt.Sprintf("changes: %d   total_changes: %d\n", last, total))
		}
		return err == nil || !p.bail
	}
	for {
		raw, _, err := lines.Next()
		if err != nil {
			break
		}
		number++
		line := strings.TrimSuffix(string(raw), "\r")
		if text.Len() == 0 {
			if start = number; blank(line) {
				continue
			}
			if line[0] == '.' || line[0] == '#' {
				if p.echo {
					p.print(line + "\n")
				}
				if line[0] == '#' {
					continue
				}
				switch p.dot(line) {
				case quit:
					return quit
				case failed:
					if result = failed; p.bail {
						return failed
					}
				}
				continue
			}
		} else {
			text.WriteByte('\n')
		}
		if l := strings.TrimSpace(line); text.Len() > 0 && (l == "/" || strings.EqualFold(l, "go")) {
			line = ";"
		}
		text.WriteString(line)
		if strings.Contains(line, ";") && p.db.Complete(text.String()) && !finish() {
			return failed
		}
		if p.inv.Budget.Err() != nil {
			return failed
		}
	}
	if !blank(text.String()) {
		finish()
	}
	return result
}

// blank says whether there are only blanks and comments in text.
func blank(text string) bool {
	for {
		text = strings.TrimLeft(text, " \t\r\n\v\f")
		switch {
		case text == "":
			return true
		case strings.HasPrefix(text, "--"):
			_, text, _ = strings.Cut(text, "\n")
		case strings.HasPrefix(text, "/*"):
			var ok bool
			if _, text, ok = strings.Cut(text, "*/"); !ok {
				return false
			}
		default:
			return false
		}
	}
}

// readFile is .read: it runs what is in a file, or what a command after "|" prints.
func (p *program) readFile(name string) int {
	in, err := p.openInput(name)
	if err != nil {
		p.complain("Error: cannot open \"%s\"", name)
		return failed
	}
	defer in.Close()
	return p.lines(in)
}
