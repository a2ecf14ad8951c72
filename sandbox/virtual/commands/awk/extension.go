package awk

import (
	"maps"
	"time"
)

// extension is one of the libraries that come with gawk: -l NAME and @load "NAME".
type extension struct {
	functions map[string]*builtin
	variables map[string]map[string]int // arrays of constants, or for the key "" one constant
}

// extensionNamed finds a library. Of inplace only -i has an effect, and readdir, revoutput and revtwoway are asked where
// files are opened.
func extensionNamed(name string) (e extension, ok bool) {
	switch name {
	case "inplace", "readdir", "revoutput", "revtwoway":
		return extension{}, true
	case "ordchr":
		e.functions = map[string]*builtin{"ord": {1, 1, nil, ord}, "chr": {1, 1, nil, chr}}
	case "readfile":
		e.functions = map[string]*builtin{"readfile": {1, 1, nil, readFile}}
	case "fnmatch":
		e.functions = map[string]*builtin{"fnmatch": {3, 3, nil, fnmatch}}
		e.variables = map[string]map[string]int{"FNM_NOMATCH": {"": 1}, "FNM": {"CASEFOLD": fnmFoldCase, "FILE_NAME": fnmPathname,
			"LEADING_DIR": fnmLeadingDir, "NOESCAPE": fnmNoEscape, "PATHNAME": fnmPathname, "PERIOD": fnmPeriod}}
	case "intdiv":
		e.functions = map[string]*builtin{"intdiv": {3, 3, []int{2}, intdiv}}
	case "filefuncs":
		e.functions = map[string]*builtin{"chdir": {1, 1, nil, chdir}, "stat": {2, 3, []int{1}, statFile}, "fts": {3, 3, []int{0, 2}, fts}}
		e.variables = map[string]map[string]int{"FTS_COMFOLLOW": {"": ftsComFollow}, "FTS_LOGICAL": {"": ftsLogical}, "FTS_NOCHDIR": {"": ftsNoChdir},
			"FTS_PHYSICAL": {"": ftsPhysical}, "FTS_SEEDOT": {"": ftsSeeDot}, "FTS_XDEV": {"": ftsXDev}, "FTS_SKIP": {"": ftsSkip}}
	case "rwarray":
		e.functions = map[string]*builtin{"writea": {2, 2, []int{1}, writeArray}, "reada": {2, 2, []int{1}, readArray},
			"writeall": {1, 1, nil, writeAll}, "readall": {1, 1, nil, readAll}}
	case "time":
		e.functions = map[string]*builtin{"sleep": {1, 1, nil, sleep}, "gettimeofday": {0, 0, nil, func(in *interp, _ []expr) value {
			return num(float64(in.inv.Now().UnixMicro()) / 1e6)
		}}}
	default:
		return e, false
	}
	return e, true
}

// load makes the functions of a library known.
func (p *parser) load(name string) {
	if p.options.Sandbox {
		p.fatal("extensions are not allowed in sandbox mode")
	}
	e, ok := extensionNamed(name)
	if !ok {
		p.fail("cannot open shared library `%s' for reading: No such file or directory", name)
	}
	p.prog.loaded[name] = true
	if name == "time" {
		p.prog.warnings = append(p.prog.warnings, p.place()+": warning: The time extension is obsolete. Use the timex extension from gawkextlib instead.")
	}
	p.functions = maps.Clone(p.functions)
	maps.Copy(p.functions, e.functions)
}

// failed sets ERRNO.
func (in *interp) failed(err error) { in.special[varERRNO] = str(err.Error()) }

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

// defineConstants sets the variables of the libraries that are loaded.
func (in *interp) defineConstants() {
	for name := range in.prog.loaded {
		e, _ := extensionNamed(name)
		for variable, constants := range e.variables {
			slot, used := in.prog.globals[variable]
			if !used {
				continue
			}
			for key, n := range constants {
				if key == "" {
					in.globals[slot].value = num(float64(n))
				} else {
					in.put(in.array(&in.globals[slot], variable), key, num(float64(n)))
				}
			}
		}
	}
}
