package sqlite3

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// openInput opens a file, or what the command after "|" prints.
func (p *program) openInput(name string) (io.ReadCloser, error) {
	command, piped := strings.CutPrefix(name, "|")
	if !piped {
		return cli.Open(p.inv, name)
	}
	out := &heldBuffer{p: p}
	p.inv.Exec(p.ctx, shell.Nested{Script: command, Stdout: out})
	return out, nil
}

// heldBuffer is a command's output, held from the budget until it is closed.
type heldBuffer struct {
	bytes.Buffer
	p    *program
	held int
}

// Write keeps b.
func (h *heldBuffer) Write(b []byte) (int, error) {
	if err := h.p.inv.Budget.Hold(len(b)); err != nil {
		return 0, err
	}
	h.held += len(b)
	return h.Buffer.Write(b)
}

// Close gives the memory back.
func (h *heldBuffer) Close() error {
	h.p.inv.Budget.Release(h.held)
	return nil
}

// load is .import.
func (p *program) load(args []string) int {
	column, row, skip, csv := p.column, p.format.row, 0, p.mode == "csv"
	var rest []string
	schema := ""
	for i := 0; i < len(args); i++ {
		switch arg := strings.TrimPrefix(args[i], "-"); {
		case arg == args[i]:
			rest = append(rest, arg)
		case arg == "-csv" || arg == "csv":
			column, row, csv = ",", "\n", true
		case arg == "-ascii" || arg == "ascii":
			column, row, csv = "\x1f", "\x1e", false
		case (arg == "-skip" || arg == "skip") && i+1 < len(args):
			i++
			skip, _ = strconv.Atoi(args[i])
		case (arg == "-schema" || arg == "schema") && i+1 < len(args):
			i++
			schema = inQuotes(args[i]) + "."
		case arg == "-v" || arg == "v":
		default:
			p.complain("ERROR: unknown option: \"%s\".  Usage:\n.import FILE TABLE       Import data from FILE into TABLE", args[i])
			return failed
		}
	}
	if len(rest) != 2 {
		p.complain("Usage: .import FILE TABLE")
		return failed
	}
	if column == "" || len(column) > 1 {
		p.complain("Error: multi-character or empty column separators not allowed for import")
		return failed
	}
	if row == "\r\n" && csv { // what is written so need not be read so
		row, p.format.row = "\n", "\n"
	}
	if len(row) != 1 {
		p.complain("Error: multi-character row separators not allowed for import")
		return failed
	}
	in, err := p.openInput(rest[0])
	if err != nil {
		p.complain("Error: cannot open \"%s\"", rest[0])
		return failed
	}
	defer in.Close()
	f := &fields{r: bufio.NewReaderSize(in, cli.BlockSize), p: p, column: column[0], row: row[0], quotes: csv || row == "\n", line: 1}
	for range skip {
		if _, ok := f.next(); !ok {
			break
		}
	}
	p.quiet("SAVEPOINT import")
	result := p.fill(f, rest[0], schema+inQuotes(rest[1]), rest[1])
	if err := p.quiet("RELEASE import"); err != nil {
		return p.failure(err)
	}
	return result
}

// fill inserts the rows of f into a table, which it makes of the first one if it is not there.
func (p *program) fill(f *fields, file, table, name string) int {
	columns, err := p.query("SELECT name FROM pragma_table_info(" + stringLiteral(name) + ")")
	if err != nil {
		return p.failure(err)
	}
	count := len(columns)
	if count == 0 {
		head, ok := f.next()
		if !ok {
			p.complain("%s: empty file", file)
			return failed
		}
		count = len(head)
		sql := "CREATE TABLE " + table + "("
		for i, column := range head {
			sql += map[bool]string{true: "\n", false: ", "}[i == 0] + inQuotes(column) + " TEXT"
		}
		if err := p.quiet(sql + ")"); err != nil {
			p.complain("%s failed:\n%v", sql+")", err)
			return failed
		}
	}
	result := done
	for {
		line := f.line
		row, ok := f.next()
		if !ok || p.inv.Budget.Err() != nil {
			return result
		}
		if len(row) > count {
			p.complain("%s:%d: expected %d columns but found %d - extras ignored", file, line, count, len(row))
			row = row[:count]
		} else if len(row) < count {
			p.complain("%s:%d: expected %d columns but found %d - filling the rest with NULL", file, line, count, len(row))
		}
		var sql strings.Builder
		sql.WriteString("INSERT INTO " + table + " VALUES(")
		for i := range count {
			if i > 0 {
				sql.WriteByte(',')
			}
			if i < len(row) {
				sql.WriteString(stringLiteral(row[i]))
			} else {
				sql.WriteString("NULL")
			}
		}
		if err := p.quiet(sql.String() + ")"); err != nil {
			p.complain("%s:%d: INSERT failed: %v", file, line, err)
			result = failed
		}
	}
}

// fields reads rows of fields, which may be in double quotes.
type fields struct {
	r           *bufio.Reader
	p           *program
	column, row byte
	quotes      bool
	line        int
}

var errLong = errors.New("a field is too long")

// next returns the next row; ok is false at the end.
func (f *fields) next() (row []string, ok bool) {
	for {
		field, end, err := f.field()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				f.p.complain("Error: %v", err)
				return nil, false
			}
			if field == "" && len(row) == 0 {
				return nil, false
			}
			return append(row, field), true
		}
		row = append(row, field)
		if end == f.row {
			f.line++
			return row, true
		}
	}
}

// field reads one field and what ended it. An end of the input comes with the field before it.
func (f *fields) field() (field string, end byte, err error) {
	var b []byte
	c, err := f.r.ReadByte()
	if err != nil {
		return "", 0, err
	}
	quoted := c == '"' && f.quotes
	if !quoted {
		f.r.UnreadByte()
	}
	for {
		if c, err = f.r.ReadByte(); err != nil {
			return string(b), 0, err
		}
		switch {
		case quoted && c == '"':
			if next, _ := f.r.Peek(1); len(next) == 1 && next[0] == '"' {
				f.r.ReadByte()
				b = append(b, c)
				continue
			}
			quoted = false
		case !quoted && (c == f.column || c == f.row):
			if c == '\n' {
				b = bytes.TrimSuffix(b, []byte("\r"))
			}
			return string(b), c, nil
		default:
			if c == '\n' {
				f.line++
			}
			if b = append(b, c); len(b)%cli.BlockSize == 0 {
				if len(b) > 16<<20 {
					return "", 0, errLong
				}
				if err := f.p.inv.Budget.Work(cli.BlockSize); err != nil {
					return "", 0, fmt.Errorf("reading: %w", err)
				}
			}
		}
	}
}
