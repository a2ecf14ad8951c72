package sqlite

import (
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
)

// where is the condition of a query, put together from parts that must all hold.
type where struct {
	parts []string
	args  []any
}

func (w *where) and(part string, args ...any) {
	w.parts, w.args = append(w.parts, part), append(w.args, args...)
}

// String is the clause; "" where there are no parts.
func (w *where) String() string {
	if len(w.parts) == 0 {
		return ""
	}
	return "where " + strings.Join(w.parts, " and ") + " "
}

// list is a list of strings as one parameter, for json_each.
func list(items []string) string {
	data, _ := json.Marshal(items) // strings never fail
	return string(data)
}

// atMost is a limit as SQLite has it: -1 is none.
func atMost(limit int) int {
	if limit <= 0 {
		return -1
	}
	return limit
}

// collect reads all rows and closes them.
func collect[T any](rows *sql.Rows, scan func(func(...any) error) (T, error)) (all []T, err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		one, err := scan(rows.Scan)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}
