package sqlite3

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/flue-run/flue/sandbox"
)

// keywords cannot name anything without quotes.
var keywords = strings.Fields(`ABORT ACTION ADD AFTER ALL ALTER ALWAYS ANALYZE AND AS ASC ATTACH AUTOINCREMENT BEFORE BEGIN BETWEEN BY CASCADE CASE
CAST CHECK COLLATE COLUMN COMMIT CONFLICT CONSTRAINT CREATE CROSS CURRENT CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP DATABASE DEFAULT
DEFERRABLE DEFERRED DELETE DESC DETACH DISTINCT DO DROP EACH ELSE END ESCAPE EXCEPT EXCLUDE EXCLUSIVE EXISTS EXPLAIN FAIL FILTER FIRST
FOLLOWING FOR FOREIGN FROM FULL GENERATED GLOB GROUP GROUPS HAVING IF IGNORE IMMEDIATE IN INDEX INDEXED INITIALLY INNER INSERT INSTEAD
INTERSECT INTO IS ISNULL JOIN KEY LAST LEFT LIKE LIMIT MATCH MATERIALIZED NATURAL NO NOT NOTHING NOTNULL NULL NULLS OF OFFSET ON OR ORDER
OTHERS OUTER OVER PARTITION PLAN PRAGMA PRECEDING PRIMARY QUERY RAISE RANGE RECURSIVE REFERENCES REGEXP REINDEX RELEASE RENAME REPLACE
RESTRICT RETURNING RIGHT ROLLBACK ROW ROWS SAVEPOINT SELECT SET TABLE TEMP TEMPORARY THEN TIES TO TRANSACTION TRIGGER UNBOUNDED UNION
UNIQUE UPDATE USING VACUUM VALUES VIEW VIRTUAL WHEN WHERE WINDOW WITH WITHOUT`)

// identifier is a name, in quotes if it needs them.
func identifier(name string) string {
	plain := name != "" && !(name[0] >= '0' && name[0] <= '9') && !slices.Contains(keywords, strings.ToUpper(name))
	for i := 0; plain && i < len(name); i++ {
		c := name[i]
		plain = c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
	}
	if plain {
		return name
	}
	return inQuotes(name)
}

// inQuotes is a name in double quotes.
func inQuotes(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// stringLiteral is text as SQL.
func stringLiteral(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// guarded makes creating a table with a quoted name pass where there is one, as sqlite3 prints it.
func guarded(sql string) string {
	if rest, ok := strings.CutPrefix(sql, "CREATE TABLE "); ok && rest != "" && (rest[0] == '"' || rest[0] == '\'') {
		return "CREATE TABLE IF NOT EXISTS " + rest
	}
	return sql
}

// failure reports an error of a command's own queries.
func (p *program) failure(err error) int {
	if p.inv.Budget.Err() == nil {
		p.complain("Error: %v", err)
	}
	return failed
}

// names prints names in as many columns as 80 characters hold.
func (p *program) names(query string) int {
	rows, err := p.query(query)
	if err != nil {
		return p.failure(err)
	}
	longest := 0
	for _, r := range rows {
		longest = max(longest, utf8.RuneCountInString(r[0]))
	}
	columns := max(80/(longest+2), 1)
	height := (len(rows) + columns - 1) / columns
	for i := range height {
		for j := i; j < len(rows); j += height {
			if j >= height {
				p.print("  ")
			}
			p.print(fmt.Sprintf("%-*s", longest, rows[j][0]))
		}
		p.print("\n")
	}
	return done
}

func (p *program) tables(args []string) int {
	pattern := "%"
	if len(args) > 0 {
		pattern = args[0]
	}
	return p.names("SELECT name FROM sqlite_schema WHERE type IN ('table','view') AND name NOT LIKE 'sqlite__%' ESCAPE '_' AND name LIKE " +
		stringLiteral(pattern) + " UNION ALL SELECT 'temp.'||name FROM sqlite_temp_schema WHERE type IN ('table','view') AND name LIKE " +
		stringLiteral(pattern) + " ORDER BY 1")
}

func (p *program) indexes(args []string) int {
	where := ""
	if len(args) > 0 {
		where = " AND tbl_name LIKE " + stringLiteral(args[0])
	}
	return p.names("SELECT name FROM sqlite_schema WHERE type='index'" + where + " ORDER BY 1")
}

func (p *program) databases([]string) int {
	rows, err := p.query("PRAGMA database_list")
	if err != nil {
		return p.failure(err)
	}
	access := map[bool]string{true: "r/o", false: "r/w"}[p.readOnly]
	for _, r := range rows {
		file := `""`
		if r[1] == "main" && p.isFile() {
			file = p.inv.Path(p.file)
		}
		p.print(fmt.Sprintf("%s: %s %s\n", r[1], file, access))
	}
	return done
}

func (p *program) schema(args []string) int {
	where := ""
	for _, a := range args {
		if strings.HasPrefix(a, "-") {
			continue
		}
		operator := "LIKE"
		if strings.ContainsAny(a, "*?[") {
			operator = "GLOB"
		}
		where = fmt.Sprintf(" AND lower(tbl_name) %s %s", operator, stringLiteral(strings.ToLower(a)))
	}
	for _, from := range []string{"sqlite_schema", "sqlite_temp_schema"} {
		rows, err := p.query("SELECT sql, type, name FROM " + from + " WHERE sql NOT NULL" + where + " ORDER BY rowid")
		if err != nil {
			return p.failure(err)
		}
		for _, r := range rows {
			sql := guarded(r[0])
			if r[1] == "view" {
				sql += p.viewColumns(r[2])
			}
			p.print(sql + ";\n")
		}
	}
	return done
}

// viewColumns is the comment that sqlite3 puts behind a view.
func (p *program) viewColumns(view string) string {
	rows, err := p.query("PRAGMA table_info(" + inQuotes(view) + ")")
	if err != nil || len(rows) == 0 {
		return ""
	}
	names := make([]string, len(rows))
	for i, r := range rows {
		names[i] = identifier(r[1])
	}
	return "\n/* " + identifier(view) + "(" + strings.Join(names, ",") + ") */"
}

// dump prints the SQL that makes the database again.
func (p *program) dump(args []string) int {
	where := ""
	for _, a := range args {
		if strings.HasPrefix(a, "-") {
			continue
		}
		if where != "" {
			where += " OR "
		}
		where += "name LIKE " + stringLiteral(a) + " ESCAPE '\\'"
	}
	if where != "" {
		where = " AND (" + where + ")"
	}
	p.print("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n")
	tables, err := p.query("SELECT name, sql FROM sqlite_schema WHERE sql NOT NULL AND type='table'" + where + " ORDER BY name='sqlite_sequence', rowid")
	if err != nil {
		return p.failure(err)
	}
	for _, t := range tables {
		if err := p.dumpTable(t[0], t[1]); err != nil {
			return p.failure(err)
		}
	}
	rest, err := p.query("SELECT sql FROM sqlite_schema WHERE sql NOT NULL AND type IN ('index','trigger','view')" + where + " ORDER BY rowid")
	if err != nil {
		return p.failure(err)
	}
	for _, r := range rest {
		p.print(r[0] + ";\n")
	}
	p.print("COMMIT;\n")
	return done
}

func (p *program) dumpTable(name, sql string) error {
	switch {
	case name == "sqlite_sequence":
		p.print("DELETE FROM sqlite_sequence;\n")
	case strings.HasPrefix(name, "sqlite_stat"):
		p.print("ANALYZE sqlite_schema;\n")
	case strings.HasPrefix(name, "sqlite_"):
		return nil
	case strings.HasPrefix(strings.ToUpper(sql), "CREATE VIRTUAL TABLE"):
		p.print(sql + ";\n")
		return nil
	default:
		p.print(guarded(sql) + ";\n")
	}
	columns, err := p.query("SELECT name FROM pragma_table_xinfo(" + stringLiteral(name) + ") WHERE hidden=0")
	if err != nil {
		return err
	}
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = inQuotes(c[0])
	}
	stmt, _, err := p.db.Prepare("SELECT " + strings.Join(list, ",") + " FROM " + inQuotes(name))
	if err != nil {
		return err
	}
	defer stmt.Close()
	w := insertWriter{&program{inv: p.inv, out: p.out, format: format{table: name}}}
	return p.each(stmt, func(row []sandbox.SQLValue) { w.row(nil, row, false) })
}
