// Package sqlite3 is the sqlite3 program: SQL and dot commands on a database file of the sandbox. Start at Run; input.go
// goes through what is to be run, statement.go runs SQL, mode.go says how rows are written, and rows.go and table.go
// write them; dot.go has the list of the commands that begin with a dot.
//
// A database is read whole into memory and its file is written when the program ends, or opens another one.
package sqlite3

import (
	"bufio"
	"context"
	"fmt"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

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

// complain flushes what was printed, so that messages come after it, and writes one, unless the program was ended.
func (p *program) complain(format string, args ...any) {
	p.out.Flush()
	if p.ctx.Err() == nil {
		fmt.Fprintf(p.inv.Stderr, format+"\n", args...)
	}
}

func (p *program) print(text string) { p.out.WriteString(text) }
