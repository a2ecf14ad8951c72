package sqlite3

import (
	"fmt"
	"io"
	"strings"
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
