package awk

import (
	"io/fs"
	"maps"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/filemode"
)

// extension has the functions of one of the libraries that come with gawk: -l NAME and @load "NAME". ok is false for
// those that are not here. Of inplace only -i has an effect.
func extension(name string) (functions map[string]*builtin, ok bool) {
	switch name {
	case "inplace":
		return nil, true
	case "ordchr":
		return map[string]*builtin{"ord": {1, 1, nil, ord}, "chr": {1, 1, nil, chr}}, true
	case "readfile":
		return map[string]*builtin{"readfile": {1, 1, nil, readFile}}, true
	case "fnmatch":
		return map[string]*builtin{"fnmatch": {3, 3, nil, fnmatch}}, true
	case "intdiv":
		return map[string]*builtin{"intdiv": {3, 3, []int{2}, intdiv}}, true
	case "filefuncs":
		return map[string]*builtin{"chdir": {1, 1, nil, chdir}, "stat": {2, 3, []int{1}, statFile}}, true
	case "time":
		return map[string]*builtin{"sleep": {1, 1, nil, sleep}, "gettimeofday": {0, 0, nil, func(in *interp, _ []expr) value {
			return num(float64(in.inv.Now().UnixMicro()) / 1e6)
		}}}, true
	}
	return nil, false
}

// load makes the functions of a library known.
func (p *parser) load(name string) {
	functions, ok := extension(name)
	if !ok {
		p.fail("cannot open shared library `%s' for reading: No such file or directory", name)
	}
	if len(functions) > 0 {
		p.functions = maps.Clone(p.functions)
		maps.Copy(p.functions, functions)
	}
}

func ord(in *interp, args []expr) value {
	s := in.text(args[0])
	if s == "" {
		return num(0)
	}
	if r, size := utf8.DecodeRuneInString(s); in.utf8 && size > 1 {
		return num(float64(r))
	}
	return num(float64(s[0]))
}

func chr(in *interp, args []expr) value {
	return str(string([]byte{byte(int64(args[0].eval(in).num()))}))
}

// failed sets ERRNO.
func (in *interp) failed(err error) { in.special[varERRNO] = str(err.Error()) }

func readFile(in *interp, args []expr) value {
	s, err := readProgram(in.ctx, in.inv, in.text(args[0]))
	if err != nil {
		in.failed(err)
		return value{}
	}
	in.large(len(s))
	return str(s)
}

func fnmatch(in *interp, args []expr) value {
	pattern, text, flags := in.text(args[0]), in.text(args[1]), int(args[2].eval(in).num())
	const pathname, noEscape, period, foldCase = 1, 2, 4, 16
	if flags&noEscape != 0 {
		pattern = strings.ReplaceAll(pattern, `\`, `\\`)
	}
	if flags&foldCase != 0 {
		pattern, text = strings.ToLower(pattern), strings.ToLower(text)
	}
	parts, texts := []string{pattern}, []string{text}
	if flags&pathname != 0 { // wildcards match no slash
		parts, texts = strings.Split(pattern, "/"), strings.Split(text, "/")
	}
	if len(parts) != len(texts) {
		return num(1)
	}
	for i, part := range parts {
		in.work(len(part) + len(texts[i]))
		hidden := flags&period != 0 && strings.HasPrefix(texts[i], ".") && !strings.HasPrefix(part, ".")
		if hidden || !cli.Glob(part)(texts[i]) {
			return num(1)
		}
	}
	return num(0)
}

func intdiv(in *interp, args []expr) value {
	a, b := math.Trunc(args[0].eval(in).num()), math.Trunc(args[1].eval(in).num())
	result := args[2].(arrayExpr).arrayOf(in)
	in.clear(result)
	if b == 0 {
		in.warn("intdiv: division by zero attempted")
		return num(-1)
	}
	in.put(result, "quotient", num(math.Trunc(a/b)))
	in.put(result, "remainder", num(math.Mod(a, b)))
	return num(0)
}

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
	result := args[1].(arrayExpr).arrayOf(in)
	in.clear(result)
	get := in.inv.FS.Lstat
	if len(args) > 2 && args[2].eval(in).bool() {
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

func sleep(in *interp, args []expr) value {
	in.stdout.Flush()
	timer := time.NewTimer(time.Duration(args[0].eval(in).num() * float64(time.Second)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return num(0)
	case <-in.ctx.Done():
		panic(stopped{})
	}
}

// gawkFunctions are those that --posix and --traditional do not know.
var gawkFunctions = strings.Fields("and asort asorti compl gensub isarray lshift mkbool mktime or patsplit rshift strftime strtonum systime typeof xor")

// gawkVariables are those that are like any other with --posix and --traditional.
var gawkVariables = map[string]bool{"BINMODE": true, "ERRNO": true, "FIELDWIDTHS": true, "FPAT": true, "IGNORECASE": true, "RT": true, "SYMTAB": true, "FUNCTAB": true, "PROCINFO": true}
