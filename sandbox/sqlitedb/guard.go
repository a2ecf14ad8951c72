package sqlitedb

import (
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// What one database may do at most. The length bounds what a single function call does, which nothing can interrupt.
const (
	maxLength  = 16 << 20 // bytes of a value or of a statement
	maxPattern = 1000     // bytes of a pattern of LIKE or GLOB
	slice      = 1000     // instructions between two looks at the meter
)

// counted says that SQLite counts its memory. It does so only if told before anything in the process uses it, which is
// why this happens here and not in Open.
var counted = countMemory()

func countMemory() bool {
	tls := libc.NewTLS()
	defer tls.Close()
	args := tls.Alloc(8)
	defer tls.Free(8)
	return lib.Xsqlite3_config(tls, lib.SQLITE_CONFIG_MEMSTATUS, libc.VaList(args, int32(1))) == lib.SQLITE_OK
}

// turn is held by the database that computes. All memory of SQLite is counted together, so what it grows by within a turn
// is that database's.
var (
	turn    sync.Mutex
	waiting atomic.Int32
)

func (d *database) take() {
	waiting.Add(1)
	turn.Lock()
	waiting.Add(-1)
	d.before = lib.Xsqlite3_memory_used(d.tls)
}

func (d *database) leave() {
	d.account()
	turn.Unlock()
}

// account holds or releases what memory has changed since the turn began.
func (d *database) account() {
	now := lib.Xsqlite3_memory_used(d.tls)
	grown := int(now - d.before)
	d.before = now
	if grown < 0 {
		grown = max(grown, -d.held)
		d.meter.Release(-grown)
	} else if err := d.meter.Hold(grown); err != nil && d.ended == nil {
		d.ended = err
	}
	d.held += grown
}

// databases are those that are open, by their handle: what SQLite calls back with.
var databases sync.Map

// guard takes from the connection what reaches out of it or has no bound. The memdb file system, which it was opened
// with, has no files; this is for what is shared by all connections, and for what takes too long.
func (d *database) guard() error {
	for id, value := range map[int32]int32{lib.SQLITE_LIMIT_LENGTH: maxLength, lib.SQLITE_LIMIT_SQL_LENGTH: maxLength,
		lib.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: maxPattern, lib.SQLITE_LIMIT_ATTACHED: 2, lib.SQLITE_LIMIT_WORKER_THREADS: 0,
		lib.SQLITE_LIMIT_TRIGGER_DEPTH: 100} {
		lib.Xsqlite3_limit(d.tls, d.handle, id, value)
	}
	for _, c := range []struct{ option, value int32 }{{lib.SQLITE_DBCONFIG_DEFENSIVE, 1}, {lib.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
		{lib.SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0}} {
		args := d.tls.Alloc(16)
		lib.Xsqlite3_db_config(d.tls, d.handle, c.option, libc.VaList(args, c.value, uintptr(0)))
		d.tls.Free(16)
	}
	databases.Store(d.handle, d)
	lib.Xsqlite3_progress_handler(d.tls, d.handle, slice, pointer(progress), d.handle)
	for _, f := range []struct {
		name string
		args int32
		call func(tls *libc.TLS, ctx uintptr, argc int32, argv uintptr)
	}{{"instr", 2, instr}, {"replace", 3, replace}} {
		name := d.text(f.name)
		rc := lib.Xsqlite3_create_function_v2(d.tls, d.handle, name, f.args, lib.SQLITE_UTF8|lib.SQLITE_DETERMINISTIC|lib.SQLITE_INNOCUOUS, 0, pointer(f.call), 0, 0, 0)
		d.free(name)
		if rc != lib.SQLITE_OK {
			return d.problem(rc)
		}
	}
	// Sorting and temporary tables stay in memory whatever the file system is. Nothing can undo it: authorize.
	text := d.text("PRAGMA temp_store=MEMORY")
	defer d.free(text)
	if rc := lib.Xsqlite3_exec(d.tls, d.handle, text, 0, 0, 0); rc != lib.SQLITE_OK {
		return d.problem(rc)
	}
	if rc := lib.Xsqlite3_set_authorizer(d.tls, d.handle, pointer(authorize), 0); rc != lib.SQLITE_OK {
		return d.problem(rc)
	}
	return nil
}

// pointer is a declared function as SQLite calls it: a C pointer is a pointer to a Go function's code pointer here.
func pointer[T any](f T) uintptr { return *(*uintptr)(unsafe.Pointer(&struct{ f T }{f})) }

// at is memory of SQLite's, which Go neither moves nor frees.
func at(p uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&p)) }

// progress is called every slice of a computation, and ends it when it returns other than 0.
func progress(_ *libc.TLS, handle uintptr) int32 {
	found, ok := databases.Load(handle)
	if !ok {
		return 1
	}
	d := found.(*database)
	if d.ended == nil {
		d.ended = d.meter.Work(slice)
	}
	if d.ended == nil {
		d.ended = d.ctx.Err()
	}
	d.account()
	if d.ended != nil {
		return 1
	}
	if waiting.Load() > 0 {
		turn.Unlock()
		d.take()
	}
	return 0
}

// ignored are the settings that all connections of the process share, or that guard has set.
var ignored = map[string]bool{"hard_heap_limit": true, "soft_heap_limit": true, "temp_store": true, "temp_store_directory": true,
	"data_store_directory": true, "threads": true, "mmap_size": true, "lock_proxy_file": true, "trusted_schema": true, "shrink_memory": true}

// authorize is asked for each action of a statement when it is compiled.
func authorize(_ *libc.TLS, _ uintptr, action int32, first, second, _, _ uintptr) int32 {
	switch action {
	case lib.SQLITE_ATTACH:
		if first == 0 {
			return lib.SQLITE_DENY // the name is computed
		}
		if name := libc.GoString(first); name != "" && name != ":memory:" {
			return lib.SQLITE_DENY
		}
	case lib.SQLITE_PRAGMA:
		if ignored[strings.ToLower(libc.GoString(first))] {
			return lib.SQLITE_IGNORE
		}
	case lib.SQLITE_FUNCTION:
		if second != 0 && strings.EqualFold(libc.GoString(second), "load_extension") {
			return lib.SQLITE_DENY
		}
	}
	return lib.SQLITE_OK
}

// argument is a function's argument: its bytes, and its type.
func argument(tls *libc.TLS, argv uintptr, i int) (text string, kind int32) {
	value := *(*uintptr)(at(argv + uintptr(8*i)))
	kind = lib.Xsqlite3_value_type(tls, value)
	p := uintptr(0)
	if kind == lib.SQLITE_BLOB {
		p = lib.Xsqlite3_value_blob(tls, value)
	} else {
		p = lib.Xsqlite3_value_text(tls, value)
	}
	if n := lib.Xsqlite3_value_bytes(tls, value); p != 0 && n > 0 {
		text = string(unsafe.Slice((*byte)(at(p)), n))
	}
	return text, kind
}

// instr is SQLite's, in linear time: SQLite's own takes the product of both lengths, which nothing can interrupt.
func instr(tls *libc.TLS, ctx uintptr, _ int32, argv uintptr) {
	in, kindIn := argument(tls, argv, 0)
	what, kindWhat := argument(tls, argv, 1)
	if kindIn == lib.SQLITE_NULL || kindWhat == lib.SQLITE_NULL {
		lib.Xsqlite3_result_null(tls, ctx)
		return
	}
	at := strings.Index(in, what)
	if at > 0 && (kindIn != lib.SQLITE_BLOB || kindWhat != lib.SQLITE_BLOB) {
		at = len([]rune(in[:at]))
	}
	lib.Xsqlite3_result_int64(tls, ctx, lib.Ti64(at+1))
}

// replace is SQLite's, in linear time.
func replace(tls *libc.TLS, ctx uintptr, _ int32, argv uintptr) {
	in, kindIn := argument(tls, argv, 0)
	from, kindFrom := argument(tls, argv, 1)
	to, kindTo := argument(tls, argv, 2)
	if kindIn == lib.SQLITE_NULL || kindFrom == lib.SQLITE_NULL || from != "" && kindTo == lib.SQLITE_NULL {
		lib.Xsqlite3_result_null(tls, ctx)
		return
	}
	if from != "" {
		if size := len(in) + strings.Count(in, from)*(len(to)-len(from)); size > maxLength {
			lib.Xsqlite3_result_error_toobig(tls, ctx)
			return
		}
		in = strings.ReplaceAll(in, from, to)
	}
	p := lib.Xsqlite3_malloc64(tls, lib.Tsqlite3_uint64(len(in)+1))
	if p == 0 {
		lib.Xsqlite3_result_error_nomem(tls, ctx)
		return
	}
	copy(unsafe.Slice((*byte)(at(p)), len(in)), in)
	lib.Xsqlite3_result_text(tls, ctx, p, int32(len(in)), pointer(lib.Xsqlite3_free))
}
