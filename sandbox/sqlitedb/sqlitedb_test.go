package sqlitedb_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/sqlitedb"
	"github.com/flue-run/flue/sandbox/virtual/limits"
)

func open(t testing.TB, content []byte, l limits.Limits) (sandbox.Database, *limits.Budget) {
	t.Helper()
	b := limits.New(t.Context(), l)
	db, err := sqlitedb.Engine{}.Open(b.Context(), content, false, b)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		db.Close()
		if b.Held() != 0 {
			t.Errorf("%d bytes are held after closing", b.Held())
		}
		b.End()
	})
	return db, b
}

// run runs statements and returns all values, and the first error.
func run(db sandbox.Database, sql string) (string, error) {
	var out []string
	for sql != "" {
		stmt, rest, err := db.Prepare(sql)
		if err != nil {
			return strings.Join(out, " "), err
		}
		if sql = rest; stmt == nil {
			continue
		}
		for {
			ok, err := stmt.Step()
			if err != nil {
				stmt.Close()
				return strings.Join(out, " "), err
			}
			if !ok {
				break
			}
			for i := range stmt.Columns() {
				out = append(out, string(stmt.Value(i).Text))
			}
		}
		stmt.Close()
	}
	return strings.Join(out, " "), nil
}

func TestContent(t *testing.T) {
	db, _ := open(t, nil, limits.Limits{})
	if got, err := run(db, "create table t(a); insert into t values (1), ('two'), (3.5), (x'34'), (null); vacuum; select * from t"); got != "1 two 3.5 4 " || err != nil {
		t.Fatalf("%q, %v", got, err)
	}
	content, err := db.Content()
	if err != nil || !strings.HasPrefix(string(content), "SQLite format 3\x00") {
		t.Fatalf("%d bytes, %v", len(content), err)
	}
	content[18], content[19] = 2, 2 // as a database with a write-ahead log
	again, _ := open(t, content, limits.Limits{})
	if got, err := run(again, "select count(*) from t; insert into t values (6); select max(a) from t; pragma integrity_check"); got != "5 4 ok" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	readOnly, err := sqlitedb.Engine{}.Open(t.Context(), content, true, limits.New(t.Context(), limits.Limits{}))
	if err != nil {
		t.Fatal(err)
	}
	defer readOnly.Close()
	if _, err := run(readOnly, "insert into t values (7)"); err == nil || err.Error() != "attempt to write a readonly database" {
		t.Errorf("writing: %v", err)
	}
}

// TestNoWayOut tries to reach the host, and what connections share.
func TestNoWayOut(t *testing.T) {
	host := t.TempDir() + "/host.db"
	if err := os.WriteFile(host, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{"attach 'HOST' as h", "attach 'file:HOST' as h", "attach 'file:HOST?vfs=unix' as h", "attach '/shared' as h",
		"attach 'HO'||'ST' as h", "attach ? as h", "vacuum into 'HOST'", "vacuum into '/shared'", "select load_extension('HOST')", "select readfile('HOST')",
		"create virtual table c using csv(filename='HOST')", "pragma lock_proxy_file='HOST'; select 1 from nope"} {
		db, _ := open(t, nil, limits.Limits{})
		if got, err := run(db, strings.ReplaceAll(sql, "HOST", host)); err == nil {
			t.Errorf("%s: %q", sql, got)
		}
	}
	db, _ := open(t, nil, limits.Limits{})
	if got, err := run(db, "pragma hard_heap_limit=1; pragma soft_heap_limit=1; pragma temp_store=1; pragma temp_store_directory='/'; pragma mmap_size=1; attach ':memory:' as m; create table m.t(a); select 1"); got != "1" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	other, _ := open(t, nil, limits.Limits{})
	if got, err := run(other, "select count(*) from sqlite_schema; pragma hard_heap_limit"); got != "0" || err != nil {
		t.Errorf("another connection: %q, %v", got, err)
	}
	if data, err := os.ReadFile(host); string(data) != "secret" {
		t.Errorf("the file of the host is %q, %v", data, err)
	}
}

// TestLimits lets each limit strike.
func TestLimits(t *testing.T) {
	endless := "with recursive c(x) as (select 1 union all select x+1 from c) "
	for name, sql := range map[string]string{"work": endless + "select count(*) from c", "live-bytes": "create table t(a); " + endless + "insert into t select zeroblob(10000) from c",
		"live-bytes sorted": endless + "select zeroblob(1000), x from c order by x desc", "live-bytes distinct": endless + "select distinct x, zeroblob(1000) from c limit -1 offset 100000000"} {
		db, _ := open(t, nil, limits.Limits{LiveBytes: 32 << 20, Work: 2_000_000})
		_, err := run(db, sql)
		var struck *limits.Exceeded
		if want, _, _ := strings.Cut(name, " "); !errors.As(err, &struck) || struck.Name != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	b := limits.New(t.Context(), limits.Limits{})
	defer b.End()
	db, err := sqlitedb.Engine{}.Open(ctx, nil, false, b)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	stmt, _, err := db.Prepare(endless + "select x from c")
	if err != nil {
		t.Fatal(err)
	}
	defer stmt.Close()
	if ok, err := stmt.Step(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	cancel()
	for ok := true; ok; {
		ok, err = stmt.Step()
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	for _, sql := range []string{"select length(zeroblob(1000000000))", "select replace(hex(zeroblob(8000000)), '0', '00000000')", "select 1 like hex(zeroblob(1000))"} {
		db, _ := open(t, nil, limits.Limits{})
		if got, err := run(db, sql); err == nil {
			t.Errorf("%s: %q", sql, got)
		}
	}
}

// TestSideBySide computes in several databases at once, each with its own memory.
func TestSideBySide(t *testing.T) {
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			db, _ := open(t, nil, limits.Limits{LiveBytes: 16 << 20})
			got, err := run(db, fmt.Sprintf("create table t(a); with recursive c(x) as (select 1 union all select x+1 from c where x < 20000) insert into t select x * %d from c; select sum(a) from t", i))
			if want := fmt.Sprint(20000 * 20001 / 2 * i); got != want || err != nil {
				t.Errorf("%q, want %q, %v", got, want, err)
			}
		})
	}
	group.Wait()
}

// TestDamagedFiles reads files whose bytes were changed: an error, never more.
func TestDamagedFiles(t *testing.T) {
	db, _ := open(t, nil, limits.Limits{})
	if _, err := run(db, "create table t(a primary key, b); create index i on t(b); with recursive c(x) as (select 1 union all select x+1 from c where x < 300) insert into t select x, hex(randomblob(20)) from c"); err != nil {
		t.Fatal(err)
	}
	good, err := db.Content()
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		bad := append([]byte(nil), good...)
		for range 1 + random.IntN(20) {
			bad[random.IntN(len(bad))] = byte(random.Uint32())
		}
		db, _ := open(t, bad[:len(bad)-random.IntN(2)*random.IntN(len(bad)-1)], limits.Limits{Work: 50_000_000})
		run(db, "select * from t order by b; pragma integrity_check")
		run(db, "update t set b = b || 'x' where a > 5; delete from t where a < 100; vacuum")
		run(db, "select * from sqlite_schema; insert into t values ('x', 'y'); drop table t")
	}
}
