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

// words splits a line at blanks, outside of quotes; a backslash escapes within double quotes.
func words(line string) []string {
	var list []string
	for {
		line = strings.TrimLeft(line, " \t\r\n")
		if line == "" {
			return list
		}
		if quote := line[0]; quote == '\'' || quote == '"' {
			end := 1
			for end < len(line) && line[end] != quote {
				if line[end] == '\\' && quote == '"' {
					end++
				}
				end++
			}
			word := line[1:min(end, len(line))]
			if quote == '"' {
				word = unescape(word)
			}
			list = append(list, word)
			line = line[min(end+1, len(line)):]
			continue
		}
		end := strings.IndexAny(line, " \t\r\n")
		if end < 0 {
			end = len(line)
		}
		list = append(list, unescape(line[:end]))
		line = line[end:]
	}
}

// unescape resolves the escapes of C.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		if at := strings.IndexByte("abtnvfr", s[i]); at >= 0 {
			b.WriteByte("\a\b\t\n\v\f\r"[at])
			continue
		}
		if digits := s[i:min(i+3, len(s))]; s[i] >= '0' && s[i] <= '7' {
			n := 0
			for n < len(digits) && digits[n] >= '0' && digits[n] <= '7' {
				n++
			}
			c, _ := strconv.ParseUint(digits[:n], 8, 16)
			b.WriteByte(byte(c))
			i += n - 1
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// set is a switch.
func set(to *bool, text string) int {
	switch strings.ToLower(text) {
	case "on", "yes", "true", "full", "trigger":
		*to = true
	default:
		n, err := strconv.Atoi(text)
		*to = err == nil && n != 0
	}
	return done
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

func (p *program) modeCommand(args []string) int {
	var rest []string
	for i := 0; i < len(args); i++ {
		switch arg := strings.TrimPrefix(args[i], "-"); {
		case arg == "-wrap" && i+1 < len(args):
			i++
			p.wrap, _ = strconv.Atoi(args[i])
		case strings.HasPrefix(args[i], "-"):
		default:
			rest = append(rest, args[i])
		}
	}
	if len(rest) == 0 {
		p.print("current output mode: " + p.mode + "\n")
		return done
	}
	if !p.setMode(rest[0]) {
		p.complain("Error: mode should be one of: %s", strings.Join(modes, " "))
		return failed
	}
	if p.mode == "column" && !p.headerSet {
		p.header = true
	}
	if p.mode == "insert" {
		if p.table = "table"; len(rest) > 1 {
			p.table = rest[1]
		}
	}
	return done
}

func (p *program) show([]string) int {
	on := map[bool]string{true: "on", false: "off"}
	var widths strings.Builder
	for _, n := range p.widths {
		fmt.Fprintf(&widths, "%d ", n)
	}
	output, file := "stdout", p.file
	if p.toName != "" {
		output = p.toName
	}
	if file == "" {
		file = ":memory:"
	}
	for _, line := range [][2]string{{"echo", on[p.echo]}, {"eqp", on[p.eqp]}, {"explain", "auto"}, {"headers", on[p.header]}, {"mode", p.mode},
		{"nullvalue", tcl(p, text(p.null))}, {"output", output}, {"colseparator", tcl(p, text(p.column))}, {"rowseparator", tcl(p, text(p.format.row))},
		{"stats", "off"}, {"width", widths.String()}, {"filename", file}} {
		p.print(fmt.Sprintf("%12s: %s\n", line[0], line[1]))
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

// output is .output and .once.
func (p *program) output(args []string, once bool) int {
	p.endOutput()
	if len(args) == 0 || args[0] == "stdout" {
		return done
	}
	f, err := p.inv.Create(args[0])
	if err != nil {
		p.complain("Error: cannot open \"%s\"", args[0])
		return failed
	}
	p.to, p.toName, p.once = f, args[0], once
	p.out.Reset(f)
	return done
}

// endOutput makes the output standard output again.
func (p *program) endOutput() {
	p.out.Flush()
	if p.to != nil {
		p.to.Close()
		p.to, p.toName, p.once = nil, "", false
		p.out.Reset(p.inv.Stdout)
	}
}

// endOnce ends .once after a statement.
func (p *program) endOnce() {
	if p.once {
		p.endOutput()
	}
}

func (p *program) reopen(args []string) int {
	file := ""
	for _, a := range args {
		switch {
		case a == "--readonly" || a == "-readonly":
			p.readOnly = true
		case !strings.HasPrefix(a, "-"):
			file = a
		}
	}
	if err := p.close(); err != nil {
		p.complain("Error: writing \"%s\": %v", p.file, err)
		return failed
	}
	if err := p.open(file); err != nil {
		p.complain("Error: unable to open database \"%s\": %v", file, err)
		p.file, p.before = "", nil
		if p.start(nil) != nil {
			return quit
		}
		return failed
	}
	return done
}

// save is .backup and .save.
func (p *program) save(args []string) int {
	content, err := p.db.Content()
	if err == nil {
		err = p.write(p.inv.Path(args[len(args)-1]), content)
	}
	if err != nil {
		p.complain("Error: cannot open \"%s\"", args[len(args)-1])
		return failed
	}
	return done
}

func (p *program) restore(args []string) int {
	name := args[len(args)-1]
	content, err := p.inv.FS.ReadFile(p.inv.Path(name))
	if err != nil {
		p.complain("Error: cannot open \"%s\"", name)
		return failed
	}
	old := p.db
	if err := p.start(content); err != nil {
		p.db = old
		p.complain("Error: %v", err)
		return failed
	}
	old.Close()
	return done
}
