// Package sqlitedb is SQLite for the sqlite3 command of a sandbox: databases in memory that reach nothing of the host.
// Start at Engine.Open; guard.go is what keeps them in.
//
// The virtual sandbox may not import a library that can reach files, so it is handed this one as a sandbox.Databases.
package sqlitedb

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"

	"github.com/flue-run/flue/sandbox"
)

// Engine is a sandbox.Databases.
type Engine struct{}

var _ sandbox.Databases = Engine{}

// database is one connection.
type database struct {
	ctx    context.Context
	meter  sandbox.Meter
	tls    *libc.TLS
	handle uintptr
	held   int   // bytes that the meter holds for this database
	before int64 // SQLite's memory when this database's turn began
	ended  error // what the meter or the context said
}

// Open makes the database whose file has the given content.
func (Engine) Open(ctx context.Context, content []byte, readOnly bool, meter sandbox.Meter) (sandbox.Database, error) {
	if !counted {
		return nil, errors.New("something in this process uses SQLite already, without counting its memory")
	}
	d := &database{ctx: ctx, meter: meter, tls: libc.NewTLS()}
	if err := d.call(func() error { return d.open(content, readOnly) }); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

func (d *database) open(content []byte, readOnly bool) error {
	name, vfs, handle := d.text("x"), d.text("memdb"), d.tls.Alloc(8)
	defer d.free(name, vfs)
	defer d.tls.Free(8)
	rc := lib.Xsqlite3_open_v2(d.tls, name, handle, lib.SQLITE_OPEN_READWRITE|lib.SQLITE_OPEN_CREATE|lib.SQLITE_OPEN_NOMUTEX, vfs)
	d.handle = *(*uintptr)(at(handle))
	if rc != lib.SQLITE_OK {
		return d.problem(rc)
	}
	if len(content) > 0 || readOnly {
		if err := d.load(content, readOnly); err != nil {
			return err
		}
	}
	return d.guard()
}

// load makes content the database's.
func (d *database) load(content []byte, readOnly bool) error {
	buf := lib.Xsqlite3_malloc64(d.tls, lib.Tsqlite3_uint64(max(len(content), 1)))
	if buf == 0 {
		return d.problem(lib.SQLITE_NOMEM)
	}
	data := unsafe.Slice((*byte)(at(buf)), len(content))
	copy(data, content)
	if len(data) > 19 && data[18] == 2 && data[19] == 2 {
		data[18], data[19] = 1, 1 // a write-ahead log has no place in memory
	}
	flags := uint32(lib.SQLITE_DESERIALIZE_FREEONCLOSE | lib.SQLITE_DESERIALIZE_RESIZEABLE)
	if readOnly {
		flags |= lib.SQLITE_DESERIALIZE_READONLY
	}
	if rc := lib.Xsqlite3_deserialize(d.tls, d.handle, 0, buf, int64(len(content)), int64(len(content)), flags); rc != lib.SQLITE_OK {
		return d.problem(rc)
	}
	return nil
}

// problem is the last error of the connection.
func (d *database) problem(rc int32) error {
	if d.ended != nil {
		return d.ended
	}
	if d.handle == 0 {
		return &sandbox.SQLError{Code: int(rc) & 0xff, Message: "out of memory", Offset: -1}
	}
	return &sandbox.SQLError{Code: int(rc) & 0xff, Message: libc.GoString(lib.Xsqlite3_errmsg(d.tls, d.handle)),
		Offset: int(lib.Xsqlite3_error_offset(d.tls, d.handle))}
}

// text is s as C has it; the caller frees it.
func (d *database) text(s string) uintptr {
	p := libc.Xmalloc(d.tls, libc.Tsize_t(len(s)+1))
	if p == 0 {
		panic("no memory for " + fmt.Sprint(len(s)) + " bytes")
	}
	to := unsafe.Slice((*byte)(at(p)), len(s)+1)
	copy(to, s)
	to[len(s)] = 0
	return p
}

func (d *database) free(list ...uintptr) {
	for _, p := range list {
		libc.Xfree(d.tls, p)
	}
}

// call runs do in this database's turn. A fault in the library, which a malicious file may bring about, is an error.
func (d *database) call(do func() error) (err error) {
	if d.ended != nil {
		return d.ended
	}
	d.take()
	defer d.leave()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			databases.Delete(d.handle)
			d.handle = 0 // it cannot be trusted any more, not even to close
			d.ended = &sandbox.SQLError{Code: lib.SQLITE_CORRUPT, Message: "database disk image is malformed", Offset: -1}
			err = d.ended
		}
	}()
	return do()
}

// Prepare compiles the first statement of sql.
func (d *database) Prepare(sql string) (stmt sandbox.Statement, rest string, err error) {
	err = d.call(func() error {
		text, out := d.text(sql), d.tls.Alloc(16)
		defer d.free(text)
		defer d.tls.Free(16)
		rc := lib.Xsqlite3_prepare_v2(d.tls, d.handle, text, int32(len(sql)+1), out, out+8)
		if rc != lib.SQLITE_OK {
			return d.problem(rc)
		}
		rest = sql[*(*uintptr)(at(out + 8))-text:]
		if p := *(*uintptr)(at(out)); p != 0 {
			stmt = &statement{d: d, handle: p, columns: d.columns(p)}
		}
		return nil
	})
	return stmt, rest, err
}

func (d *database) columns(stmt uintptr) []string {
	names := make([]string, lib.Xsqlite3_column_count(d.tls, stmt))
	for i := range names {
		names[i] = libc.GoString(lib.Xsqlite3_column_name(d.tls, stmt, int32(i)))
	}
	return names
}

// Complete says whether sql ends with a whole statement.
func (d *database) Complete(sql string) (complete bool) {
	d.call(func() error {
		text := d.text(sql)
		defer d.free(text)
		complete = lib.Xsqlite3_complete(d.tls, text) != 0
		return nil
	})
	return complete
}

// Content is what the database's file has in it.
func (d *database) Content() (content []byte, err error) {
	err = d.call(func() error {
		name, size := d.text("main"), d.tls.Alloc(8)
		defer d.free(name)
		defer d.tls.Free(8)
		p := lib.Xsqlite3_serialize(d.tls, d.handle, name, size, lib.SQLITE_SERIALIZE_NOCOPY)
		if n := *(*int64)(at(size)); p != 0 && n > 0 {
			content = append(content, unsafe.Slice((*byte)(at(p)), n)...)
		}
		return nil
	})
	return content, err
}

// Changes is how many rows were changed.
func (d *database) Changes() (last, total int64) {
	d.call(func() error {
		last, total = lib.Xsqlite3_changes64(d.tls, d.handle), lib.Xsqlite3_total_changes64(d.tls, d.handle)
		return nil
	})
	return last, total
}

// Version is that of the library.
func (d *database) Version() string { return lib.SQLITE_VERSION }

// Close frees the database.
func (d *database) Close() error {
	ended := d.ended
	d.ended = nil
	err := d.call(func() error {
		if d.handle != 0 {
			databases.Delete(d.handle)
			lib.Xsqlite3_close_v2(d.tls, d.handle)
		}
		return nil
	})
	d.handle, d.ended = 0, errors.Join(ended, errClosed)
	d.meter.Release(d.held)
	d.held = 0
	d.tls.Close()
	return err
}

var errClosed = errors.New("the database is closed")

// statement is one that is compiled.
type statement struct {
	d       *database
	handle  uintptr
	columns []string
}

// Columns are the names of a row's values.
func (s *statement) Columns() []string { return s.columns }

// Explains is 1 for EXPLAIN, 2 for EXPLAIN QUERY PLAN.
func (s *statement) Explains() (n int) {
	s.d.call(func() error {
		n = int(lib.Xsqlite3_stmt_isexplain(s.d.tls, s.handle))
		return nil
	})
	return n
}

// Step goes to the next row.
func (s *statement) Step() (row bool, err error) {
	err = s.d.call(func() error {
		switch rc := lib.Xsqlite3_step(s.d.tls, s.handle); rc {
		case lib.SQLITE_ROW:
			row = true
		case lib.SQLITE_DONE:
		default:
			return s.d.problem(rc)
		}
		return nil
	})
	return row, err
}

// Value is one of the current row.
func (s *statement) Value(column int) (v sandbox.SQLValue) {
	s.d.call(func() error {
		tls, i := s.d.tls, int32(column)
		v.Kind = sandbox.SQLKind(lib.Xsqlite3_column_type(tls, s.handle, i))
		var p uintptr
		switch v.Kind {
		case sandbox.SQLNull:
			return nil
		case sandbox.SQLBlob:
			p = lib.Xsqlite3_column_blob(tls, s.handle, i)
		case sandbox.SQLReal:
			v.Real = lib.Xsqlite3_column_double(tls, s.handle, i)
			fallthrough
		default:
			p = lib.Xsqlite3_column_text(tls, s.handle, i)
		}
		if n := lib.Xsqlite3_column_bytes(tls, s.handle, i); p != 0 && n > 0 {
			v.Text = unsafe.Slice((*byte)(at(p)), n)
		}
		return nil
	})
	return v
}

// Close frees the statement.
func (s *statement) Close() {
	s.d.call(func() error {
		lib.Xsqlite3_finalize(s.d.tls, s.handle)
		return nil
	})
}
