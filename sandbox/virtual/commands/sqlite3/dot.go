package sqlite3

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// dotCommand is a command that begins with a dot. Its name may be shortened; the first that fits counts.
type dotCommand struct {
	name, arguments, help string
	least                 int // arguments that it needs
	run                   func(p *program, args []string) int
}

// commands is the list, made when first asked for because .help reads it.
func commands() []dotCommand {
	accept := func(*program, []string) int { return done }
	return []dotCommand{
		{"backup", "?DB? FILE", `Backup DB (default "main") to FILE`, 1, (*program).save},
		{"bail", "on|off", "Stop after hitting an error.  Default OFF", 1, func(p *program, a []string) int { return set(&p.bail, a[0]) }},
		{"binary", "on|off", "Accepted; output is always as it is", 0, accept},
		{"cd", "DIRECTORY", "Change the working directory to DIRECTORY", 1, (*program).cd},
		{"changes", "on|off", "Show number of rows changed by SQL", 1, func(p *program, a []string) int { return set(&p.changes, a[0]) }},
		{"databases", "", "List names and files of attached databases", 0, (*program).databases},
		{"dump", "?OBJECTS?", "Render database content as SQL", 0, (*program).dump},
		{"echo", "on|off", "Turn command echo on or off", 1, func(p *program, a []string) int { return set(&p.echo, a[0]) }},
		{"eqp", "on|off", "Enable or disable automatic EXPLAIN QUERY PLAN", 1, func(p *program, a []string) int { return set(&p.eqp, a[0]) }},
		{"exit", "?CODE?", "Exit this program with return-code CODE", 0, func(p *program, a []string) int {
			if len(a) > 0 {
				p.exit, _ = strconv.Atoi(a[0])
			}
			return quit
		}},
		{"explain", "?on|off|auto?", "Accepted; EXPLAIN is always laid out", 0, accept},
		{"headers", "on|off", "Turn display of headers on or off", 1, func(p *program, a []string) int {
			p.headerSet = true
			return set(&p.header, a[0])
		}},
		{"help", "?PATTERN?", "Show help text for PATTERN", 0, (*program).help},
		{"import", "FILE TABLE", "Import data from FILE into TABLE", 2, (*program).load},
		{"indexes", "?TABLE?", "Show names of indexes", 0, (*program).indexes},
		{"indices", "?TABLE?", "", 0, (*program).indexes},
		{"log", "FILE|off", "Accepted; there is no log", 0, accept},
		{"mode", "MODE ?TABLE?", "Set output mode", 0, (*program).modeCommand},
		{"nullvalue", "STRING", "Use STRING in place of NULL values", 1, func(p *program, a []string) int {
			p.null = a[0]
			return done
		}},
		{"once", "?FILE?", "Output for the next SQL command only to FILE", 0, func(p *program, a []string) int { return p.output(a, true) }},
		{"open", "?FILE?", "Close existing database and reopen FILE", 0, (*program).reopen},
		{"output", "?FILE?", "Send output to FILE or stdout if FILE is omitted", 0, func(p *program, a []string) int { return p.output(a, false) }},
		{"print", "STRING...", "Print literal STRING", 0, func(p *program, a []string) int {
			p.print(strings.Join(a, " ") + "\n")
			return done
		}},
		{"prompt", "MAIN CONTINUE", "Accepted; there is no prompt", 0, accept},
		{"quit", "", "Exit this program", 0, func(*program, []string) int { return quit }},
		{"read", "FILE", "Read input from FILE or command output", 1, func(p *program, a []string) int { return p.readFile(a[0]) }},
		{"restore", "?DB? FILE", `Restore content of DB (default "main") from FILE`, 1, (*program).restore},
		{"save", "FILE", "Write database to FILE (an alias for .backup)", 1, (*program).save},
		{"schema", "?PATTERN?", "Show the CREATE statements matching PATTERN", 0, (*program).schema},
		{"separator", "COL ?ROW?", "Change the column and row separators", 1, func(p *program, a []string) int {
			if p.column = a[0]; len(a) > 1 {
				p.format.row = a[1]
			}
			return done
		}},
		{"shell", "CMD ARGS...", "Run CMD ARGS... in a system shell", 1, (*program).shell},
		{"show", "", "Show the current values for various settings", 0, (*program).show},
		{"stats", "?ARG?", "Accepted; there are no stats", 0, accept},
		{"system", "CMD ARGS...", "Run CMD ARGS... in a system shell", 1, (*program).shell},
		{"tables", "?TABLE?", "List names of tables matching LIKE pattern TABLE", 0, (*program).tables},
		{"timeout", "MS", "Accepted; nothing is locked", 0, accept},
		{"timer", "on|off", "Accepted; nothing is timed", 0, accept},
		{"version", "", "Show the library's version", 0, func(p *program, _ []string) int {
			p.print("SQLite " + p.db.Version() + "\n")
			return done
		}},
		{"width", "NUM1 NUM2 ...", "Set minimum column widths for columnar output", 0, func(p *program, a []string) int {
			p.widths = nil
			for _, s := range a {
				n, _ := strconv.Atoi(s)
				p.widths = append(p.widths, max(-1000, min(n, 1000)))
			}
			return done
		}},
	}
}

// dot runs a line that begins with a dot.
func (p *program) dot(line string) int {
	args := words(line[1:])
	if len(args) == 0 {
		return done
	}
	name := args[0]
	for _, c := range commands() {
		if !strings.HasPrefix(c.name, name) || len(name) < min(2, len(c.name)) && name != "q" && name != "h" {
			continue
		}
		if len(args)-1 < c.least {
			p.complain("Usage: .%s %s", c.name, c.arguments)
			return failed
		}
		return c.run(p, args[1:])
	}
	p.complain(`Error: unknown command or invalid arguments:  "%s". Enter ".help" for help`, name)
	return failed
}

func (p *program) help(args []string) int {
	for _, c := range commands() {
		if c.help == "" || len(args) > 0 && !cli.Glob("*"+strings.TrimPrefix(args[0], ".")+"*")(c.name) {
			continue
		}
		p.print(fmt.Sprintf("%-24s %s\n", strings.TrimSpace("."+c.name+" "+c.arguments), c.help))
	}
	return done
}

func (p *program) cd(args []string) int {
	dir := p.inv.Path(args[0])
	if info, err := p.inv.FS.Stat(dir); err != nil || !info.IsDir() {
		p.complain("Cannot change to directory \"%s\"", args[0])
		return failed
	}
	if p.isFile() {
		p.file = p.inv.Path(p.file)
	}
	inv := *p.inv
	inv.Dir = path.Clean(dir)
	p.inv = &inv
	return done
}

func (p *program) shell(args []string) int {
	p.out.Flush()
	quotedArgs := make([]string, len(args))
	for i, a := range args {
		quotedArgs[i] = cli.QuoteNeeded(a)
	}
	if status := p.inv.Exec(p.ctx, shell.Nested{Script: strings.Join(quotedArgs, " ")}); status != 0 {
		p.complain("System command returns %d", status<<8)
	}
	return done
}
