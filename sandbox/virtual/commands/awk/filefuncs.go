package awk

import (
	"io/fs"

	"github.com/flue-run/flue/sandbox/virtual/commands/filemode"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

func chdir(in *interp, args []expr) value {
	to := in.inv.Path(in.text(args[0]))
	info, err := in.inv.FS.Stat(to)
	if err == nil && !info.IsDir() {
		_, err = in.inv.FS.ReadDir(to)
	}
	if err != nil {
		in.failed(err)
		return num(-1)
	}
	moved := *in.inv
	moved.Dir = to
	in.inv = &moved
	return num(0)
}

// statFile fills an array with what is known of a file; a third argument that is true follows symbolic links.
func statFile(in *interp, args []expr) value {
	name := in.text(args[0])
	return in.stat(name, args[1].(arrayExpr).arrayOf(in), len(args) > 2 && args[2].eval(in).bool())
}

func (in *interp) stat(name string, result *array, follow bool) value {
	in.clear(result)
	get := in.inv.FS.Lstat
	if follow {
		get = in.inv.FS.Stat
	}
	info, err := get(in.inv.Path(name))
	if err != nil {
		in.failed(err)
		return num(-1)
	}
	kind, bits := "file", 0o100000
	switch {
	case info.IsDir():
		kind, bits = "directory", 0o40000
	case info.Mode&fs.ModeSymlink != 0:
		kind, bits = "symlink", 0o120000
		in.put(result, "linkval", str(info.Target))
	case info.Mode&fs.ModeNamedPipe != 0:
		kind, bits = "fifo", 0o10000
	case info.Mode&fs.ModeCharDevice != 0:
		kind, bits = "chardev", 0o20000
	}
	when := num(float64(info.ModTime.Unix()))
	for key, v := range map[string]value{
		"name": str(name), "type": str(kind), "mode": num(float64(bits | int(filemode.Octal(info.Mode)))), "pmode": str(filemode.Letters(info.Mode)),
		"size": num(float64(info.Size)), "nlink": num(float64(info.Nlink)), "ino": num(float64(info.Ino)), "dev": num(0),
		"uid": num(float64(info.UID)), "gid": num(float64(info.GID)), "blksize": num(4096), "devbsize": num(512),
		"blocks": num(float64((info.Size + 4095) / 4096 * 8)), "atime": when, "mtime": when, "ctime": when,
	} {
		in.put(result, key, v)
	}
	return num(0)
}

// The flags of fts.
const (
	ftsComFollow = 1
	ftsLogical   = 2
	ftsNoChdir   = 4
	ftsPhysical  = 16
	ftsSeeDot    = 32
	ftsXDev      = 64
	ftsSkip      = 1 << 16 // only the children of a folder, not theirs
)

// fts fills an array with the trees below the paths that another one names.
func fts(in *interp, args []expr) value {
	paths := args[0].(arrayExpr).arrayOf(in)
	flags := int(args[1].eval(in).num())
	result := args[2].(arrayExpr).arrayOf(in)
	in.clear(result)
	if flags&(ftsPhysical|ftsLogical) == 0 || flags&(ftsPhysical|ftsLogical) == ftsPhysical|ftsLogical {
		in.warn("fts: bad flags")
		return num(-1)
	}
	for _, key := range paths.list() {
		path := paths.cells[key].str(in.convfmt)
		in.tree(result, path, path, flags, 0)
	}
	return num(0)
}

// tree puts the file or the folder at path into an array, as element name.
func (in *interp) tree(into *array, name, path string, flags, depth int) {
	in.work(1)
	follow := flags&ftsLogical != 0 || flags&ftsComFollow != 0 && depth == 0
	a := in.array(in.element(into, name), name)
	data := a
	entries, err := in.inv.FS.ReadDir(in.inv.Path(path))
	if info, failed := in.inv.FS.Lstat(in.inv.Path(path)); err == nil && failed == nil && !info.IsDir() && !follow {
		err = vfs.ErrNotDir
	}
	isDir := err == nil && depth < maxNesting
	if isDir {
		data = in.array(in.element(a, "."), ".")
	}
	in.put(data, "path", str(path))
	if in.stat(path, in.array(in.element(data, "stat"), "stat"), follow).n != 0 {
		in.remove(data, "stat")
		in.put(data, "error", in.special[varERRNO])
	}
	if !isDir || flags&ftsSkip != 0 && depth > 0 {
		return
	}
	for _, e := range entries {
		in.tree(a, e.Name, path+"/"+e.Name, flags, depth+1)
	}
}
