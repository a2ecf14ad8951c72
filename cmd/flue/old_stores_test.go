package main

import (
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flue-run/flue/store"
)

var keepStore = flag.Bool("keep-store", false, "write testdata/stores/VERSION.sql, a store of this version")

// TestOldStores opens what earlier versions have left behind when they were killed, and goes on. Each release that changes
// the store's tables or the log's format adds one: go test ./cmd/flue -run TestOldStores -keep-store
func TestOldStores(t *testing.T) {
	counter := httptest.NewServer(&counting{times: map[string]int{}})
	defer counter.Close()
	base := crashProject(t)
	if *keepStore {
		c := crashed{base, t.TempDir(), counter.URL}
		c.die(t, 60)
		if err := c.keep(filepath.Join("testdata", "stores", fmt.Sprint(store.FormatVersion))); err != nil {
			t.Fatal(err)
		}
	}
	whole := crashed{base, t.TempDir(), counter.URL}
	whole.die(t, 0)
	undisturbed := whole.judge(t, nil, 0)
	kept, err := filepath.Glob("testdata/stores/*.sql")
	if err != nil || len(kept) < store.FormatVersion {
		t.Fatalf("there are %q, %v", kept, err)
	}
	for _, name := range kept {
		t.Run(filepath.Base(name), func(t *testing.T) {
			c := crashed{base, t.TempDir(), counter.URL}
			if err := c.restore(strings.TrimSuffix(name, ".sql")); err != nil {
				t.Fatal(err)
			}
			c.checkFiles(t, 0)
			end := c.judge(t, nil, 0)
			end.compare(t, undisturbed, 0)
			if end.resumed == 0 {
				t.Error("there was nothing to go on with")
			}
		})
	}
}

// keep writes the store as SQL, and the notes that its runs have made.
func (c crashed) keep(name string) error {
	db, err := sql.Open("sqlite", filepath.Join(c.place, "flue.db"))
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.Exec("update session set expires = min(expires, 1)"); err != nil { // whatever the clock of who opens it says
		return err
	}
	out, err := os.Create(name + ".sql")
	if err != nil {
		return err
	}
	defer out.Close()
	fmt.Fprintln(out, "pragma auto_vacuum = incremental; pragma journal_mode = wal;")
	for _, pragma := range []string{"application_id", "user_version"} {
		var value int
		if err := db.QueryRow("pragma " + pragma).Scan(&value); err != nil {
			return err
		}
		fmt.Fprintf(out, "pragma %s = %d;\n", pragma, value)
	}
	if err := column(out, db, "select sql || ';' from sqlite_schema where sql is not null and name not like 'sqlite_%'"); err != nil {
		return err
	}
	tables, err := db.Query("select m.name, group_concat('quote(' || c.name || ')', ' || '', '' || ') from sqlite_schema m, pragma_table_info(m.name) c " +
		"where m.type = 'table' and m.name not like 'sqlite_stat%' group by m.name")
	if err != nil {
		return err
	}
	defer tables.Close()
	rows := map[string]string{}
	for tables.Next() {
		var table, quoted string
		if err := tables.Scan(&table, &quoted); err != nil {
			return err
		}
		rows[table] = fmt.Sprintf("select 'insert into %s values (' || %s || ');' from %s", table, quoted, table)
	}
	if err := errors.Join(tables.Err(), tables.Close()); err != nil {
		return err
	}
	// What others refer to comes first; the counters of ids stand when the tables are there.
	for _, table := range []string{"meta", "session", "run", "batch", "blob", "blob_of", "value"} {
		if err := column(out, db, rows[table]); err != nil {
			return err
		}
	}
	ledger, err := os.ReadFile(filepath.Join(c.place, "ledger"))
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(name+".ledger", ledger, 0o666), out.Close())
}

// column writes the lines that a query gives.
func column(out io.Writer, db *sql.DB, query string) error {
	rows, err := db.Query(query)
	if err != nil {
		return fmt.Errorf("%s: %w", query, err)
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(out, line); err != nil {
			return err
		}
	}
	return rows.Err()
}

// restore makes the store again that keep has written.
func (c crashed) restore(name string) error {
	script, err := os.ReadFile(name + ".sql")
	if err != nil {
		return err
	}
	ledger, err := os.ReadFile(name + ".ledger")
	if err != nil {
		return err
	}
	db, err := sql.Open("sqlite", filepath.Join(c.place, "flue.db"))
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(string(script))
	return errors.Join(err, os.WriteFile(filepath.Join(c.place, "ledger"), ledger, 0o666))
}
