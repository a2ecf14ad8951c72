// Package sqlite3 is the sqlite3 program: SQL and dot commands on a database file of the sandbox. Start at Run;
// statement.go runs SQL, output.go and table.go write rows, dot.go has the commands that begin with a dot.
//
// A database is read whole into memory and its file is written when the program ends, or opens another one.
package sqlite3

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

const usage = `Usage: sqlite3 [OPTIONS] FILENAME [SQL]...
FILENAME is the name of an SQLite database. A new database is created
if the file does not previously exist.
OPTIONS include:
   -ascii -box -column -csv -html -json -line -list -markdown -quote -table -tabs
                        set the output mode
   -bail                stop after hitting an error
   -batch               force batch I/O
   -cmd COMMAND         run "COMMAND" before reading stdin
   -echo                print inputs before execution
   -init FILENAME       read/process named file
   -[no]header          turn headers on or off
   -help                show this message
   -newline SEP         set output row separator. Default: '\n'
   -nullvalue TEXT      set text string for NULL values. Default ''
   -readonly            open the database read-only
   -separator SEP       set output column separator. Default: '|'
   -version             show SQLite version
`

// program is one call of sqlite3.
type program struct {
	ctx      context.Context
	inv      *shell.Invocation
	db       sandbox.Database
	file     string // the database's, as it was named; "" or ":memory:" is none
	before   []byte // what the file had in it
	held     int
	readOnly bool
	format
	out     *bufio.Writer
	to      vfs.File // of .output and .once, else nil
	once    bool
	toName  string
	bail    bool
	echo    bool
	changes bool
	eqp     bool
	exit    int // the status that .exit asks for
}

// The results of a line: go on, an error, and the end of the program.
const (
	done = iota
	failed
	quit
)

// Run is the sqlite3 command.
func Run(ctx context.Context, inv *shell.Invocation) int {
	p := &program{ctx: ctx, inv: inv, out: inv.Buffered(inv.Stdout), format: newFormat()}
	defer p.out.Flush()
	a, status := p.arguments()
	if a == nil {
		return status
	}
	if inv.Databases == nil {
		inv.Errorf("Error: this sandbox has no SQL databases")
		return 1
	}
	if err := p.open(a.file); err != nil {
		p.complain("Error: unable to open database \"%s\": %v", a.file, err)
		return 1
	}
	status = p.run(a)
	if err := p.close(); err != nil && status == 0 && inv.Budget.Err() == nil {
		p.complain("Error: writing \"%s\": %v", p.file, err)
		status = 1
	}
	return status
}

// arguments is the command line.
type arguments struct {
	file     string
	init     string
	first    []string // of -cmd
	commands []string
}

func (p *program) arguments() (*arguments, int) {
	a := &arguments{}
	args := p.inv.Args[1:]
	named := false
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if !strings.HasPrefix(arg, "-") || arg == "-" {
			if named {
				a.commands = append(a.commands, arg)
			} else {
				a.file, named = arg, true
			}
			continue
		}
		name := strings.TrimPrefix(arg[1:], "-")
		value := ""
		switch name {
		case "cmd", "init", "separator", "newline", "nullvalue":
			if i++; i >= len(args) {
				fmt.Fprintf(p.inv.Stderr, "sqlite3: Error: missing argument to -%s\n", name)
				return nil, 1
			}
			value = args[i]
		}
		switch name {
		case "help":
			io.WriteString(p.inv.Stdout, usage)
			return nil, 0
		case "version":
			fmt.Fprintln(p.out, version(p))
			return nil, 0
		case "cmd":
			a.first = append(a.first, value)
		case "init":
			a.init = value
		case "separator":
			p.column = unescape(value)
		case "newline":
			p.row = unescape(value)
		case "nullvalue":
			p.null = value
		case "header", "headers":
			p.header, p.headerSet = true, true
		case "noheader", "noheaders":
			p.header, p.headerSet = false, true
		case "bail":
			p.bail = true
		case "echo":
			p.echo = true
		case "readonly":
			p.readOnly = true
		case "batch", "interactive", "safe", "stats", "nofollow":
		default:
			if !p.setMode(name) {
				fmt.Fprintf(p.inv.Stderr, "sqlite3: Error: unknown option: %s\nUse -help for a list of options.\n", arg)
				return nil, 1
			}
			p.row = map[string]string{"ascii": "\x1e"}[name]
			if p.row == "" {
				p.row = "\n"
			}
		}
	}
	return a, 0
}

func version(p *program) string {
	if p.inv.Databases == nil {
		return "sqlite3"
	}
	db, err := p.inv.Databases.Open(p.ctx, nil, false, p.inv.Budget)
	if err != nil {
		return "sqlite3"
	}
	defer db.Close()
	return db.Version()
}

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
				switch got := map[bool]func(string) int{true: p.dot, false: func(string) int { return done }}[line[0] == '.'](line); {
				case got == quit:
					return quit
				case got == failed:
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

// complain flushes what was printed, so that messages come after it, and writes one, unless the program was ended.
func (p *program) complain(format string, args ...any) {
	p.out.Flush()
	if p.ctx.Err() == nil {
		fmt.Fprintf(p.inv.Stderr, format+"\n", args...)
	}
}

func (p *program) print(text string) { p.out.WriteString(text) }

func (p *program) isFile() bool { return p.file != "" && p.file != ":memory:" }

// open reads a database file; the one before it must be closed.
func (p *program) open(file string) error {
	p.file, p.before = file, nil
	if p.isFile() {
		full := p.inv.Path(file)
		info, err := p.inv.FS.Stat(full)
		if err == vfs.ErrNotExist && !p.readOnly {
			info, err = p.inv.FS.Stat(path.Dir(full))
			if err == nil && info.IsDir() {
				return p.start(nil)
			}
		}
		if err != nil || !info.Mode.IsRegular() {
			return errors.New("unable to open database file")
		}
		if err := p.inv.Budget.Hold(int(info.Size)); err != nil {
			return err
		}
		p.held = int(info.Size)
		if p.before, err = p.inv.FS.ReadFile(full); err != nil {
			return errors.New("unable to open database file")
		}
	}
	return p.start(p.before)
}

func (p *program) start(content []byte) (err error) {
	p.db, err = p.inv.Databases.Open(p.ctx, content, p.readOnly, p.inv.Budget)
	return err
}

// close writes the database's file, if it has changed, and frees the database. What a transaction has not committed is
// lost.
func (p *program) close() error {
	p.endOutput()
	if p.db == nil {
		return nil
	}
	defer func() {
		p.db.Close()
		p.db, p.before = nil, nil
		p.inv.Budget.Release(p.held)
		p.held = 0
	}()
	if !p.isFile() || p.readOnly || p.inv.Budget.Err() != nil {
		return nil
	}
	p.quiet("ROLLBACK")
	content, err := p.db.Content()
	if err != nil {
		return err
	}
	full := p.inv.Path(p.file)
	if _, err := p.inv.FS.Stat(full); err == nil && bytes.Equal(content, p.before) {
		return nil
	}
	return p.write(full, content)
}

// write replaces a file at once, so that a limit which strikes leaves the old one.
func (p *program) write(full string, content []byte) error {
	if real, err := p.inv.FS.Realpath(full); err == nil {
		full = real
	}
	mode := 0o644 &^ p.inv.Umask
	if info, err := p.inv.FS.Stat(full); err == nil {
		mode = info.Mode.Perm()
	}
	part := full + "-journal"
	f, err := p.inv.OpenFile(part, vfs.Write|vfs.Create|vfs.Truncate, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	f.Close()
	if err == nil {
		err = p.inv.FS.Rename(part, full)
	}
	if err != nil {
		p.inv.FS.Remove(part)
	}
	return err
}
