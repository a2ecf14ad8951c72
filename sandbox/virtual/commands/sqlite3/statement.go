package sqlite3

import (
	"errors"
	"fmt"
	"strings"

	"github.com/flue-run/flue/sandbox"
)

// sqlProblem is an error of a statement, as sqlite3 words it.
type sqlProblem struct {
	when    string // "in prepare" or "stepping"
	message string
	code    int
	place   string // the lines that show where
}

func (e *sqlProblem) text() string {
	code := ""
	if e.code > 1 {
		code = fmt.Sprintf(" (%d)", e.code)
	}
	return e.when + ", " + e.message + code + e.place
}

func problem(when string, err error, sql string) *sqlProblem {
	var e *sandbox.SQLError
	if !errors.As(err, &e) {
		return &sqlProblem{when: when, message: err.Error(), code: 1}
	}
	return &sqlProblem{when: when, message: e.Message, code: e.Code, place: place(sql, e.Offset)}
}

// place shows the text around an offset, with an arrow.
func place(sql string, offset int) string {
	if offset < 0 || offset >= len(sql) {
		return ""
	}
	for offset > 50 {
		sql, offset = sql[1:], offset-1
		for sql[0]&0xc0 == 0x80 {
			sql, offset = sql[1:], offset-1
		}
	}
	if n := 78; len(sql) > n {
		for sql[n]&0xc0 == 0x80 {
			n--
		}
		sql = sql[:n]
	}
	sql = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r == '\r' || r == '\v' || r == '\f' {
			return ' '
		}
		return r
	}, sql)
	if offset < 25 {
		return fmt.Sprintf("\n  %s\n  %*s^--- error here", sql, offset, "")
	}
	return fmt.Sprintf("\n  %s\n  %*serror here ---^", sql, offset-14, "")
}

// sql runs the statements of text and prints their rows.
func (p *program) sql(text string) *sqlProblem {
	defer p.endOnce()
	for text != "" {
		stmt, rest, err := p.db.Prepare(text)
		if err != nil {
			return problem("in prepare", err, text)
		}
		if stmt == nil {
			text = strings.TrimLeft(rest, " \t\r\n")
			if rest == "" || blank(rest) {
				return nil
			}
			continue
		}
		if p.eqp && stmt.Explains() == 0 {
			p.plan(strings.TrimSuffix(text, rest))
		}
		err = p.rows(stmt)
		stmt.Close()
		if err != nil {
			return problem("stepping", err, "")
		}
		if p.inv.Budget.Err() != nil {
			return nil
		}
		text = strings.TrimLeft(rest, " \t\r\n")
	}
	return nil
}

// rows prints what a statement returns.
func (p *program) rows(stmt sandbox.Statement) error {
	var w writer
	switch stmt.Explains() {
	case 1:
		w = &explainWriter{p: p}
	case 2:
		w = &planWriter{p: p}
	default:
		w = p.writer()
	}
	columns := stmt.Columns()
	first := true
	err := p.each(stmt, func(row []sandbox.SQLValue) {
		if len(row) > 0 {
			w.row(columns, row, first)
		}
		first = false
	})
	if !first {
		w.end()
	}
	return err
}

// each calls do for each row, until nobody reads any more or the budget is spent.
func (p *program) each(stmt sandbox.Statement, do func(row []sandbox.SQLValue)) error {
	row := make([]sandbox.SQLValue, len(stmt.Columns()))
	for {
		ok, err := stmt.Step()
		if err != nil || !ok {
			return err
		}
		for i := range row {
			row[i] = stmt.Value(i)
		}
		do(row)
		if p.inv.Budget.Work(len(row)+1) != nil || p.ctx.Err() != nil {
			return nil
		}
		if _, err := p.out.Write(nil); err != nil {
			return nil
		}
	}
}

// plan prints how a statement would be carried out: .eqp on.
func (p *program) plan(sql string) {
	if stmt, _, err := p.db.Prepare("EXPLAIN QUERY PLAN " + sql); err == nil && stmt != nil {
		p.rows(stmt)
		stmt.Close()
	}
}

// quiet runs a statement whose rows and errors do not matter.
func (p *program) quiet(sql string) error {
	for sql != "" {
		stmt, rest, err := p.db.Prepare(sql)
		if err != nil {
			return err
		}
		if sql = rest; stmt == nil {
			continue
		}
		for ok := true; ok && err == nil; {
			ok, err = stmt.Step()
		}
		stmt.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// query returns the rows of a statement as text.
func (p *program) query(sql string) (rows [][]string, err error) {
	stmt, _, err := p.db.Prepare(sql)
	if err != nil || stmt == nil {
		return nil, err
	}
	defer stmt.Close()
	err = p.each(stmt, func(values []sandbox.SQLValue) {
		row := make([]string, len(values))
		for i, v := range values {
			row[i] = string(v.Text)
		}
		rows = append(rows, row)
	})
	return rows, err
}
