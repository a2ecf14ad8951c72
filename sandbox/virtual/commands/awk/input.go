package awk

import (
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// nextRecord reads the next record of the input files; ok is false when all are read.
func (in *interp) nextRecord() (record, end string, ok bool) {
	for {
		if in.main == nil && !in.nextFile() {
			return "", "", false
		}
		if record, end, ok = in.main.next(); ok {
			return record, end, true
		}
		if errors.Is(in.main.missing, vfs.ErrIsDir) && !in.prog.posix {
			in.warn("command line argument `%s' is a directory: skipped", in.special[varFILENAME].s)
			in.main.missing = nil
		}
		if in.main.missing != nil {
			in.fatal("cannot open file `%s' for reading: %v", in.special[varFILENAME].s, in.main.missing)
		}
		if in.main.err != nil && in.main.err != io.EOF {
			in.fatal("error reading input file `%s': %v", in.special[varFILENAME].s, in.main.err)
		}
		if in.linting.on && in.special[varFNR].num() == 0 && in.isRegular(in.special[varFILENAME].s) {
			at := in.at
			in.at = place{}
			in.lintAlways("data file `%s' is empty", in.special[varFILENAME].s)
			in.at = at
		}
		in.closeMain()
	}
}

// closeMain ends the current input file.
func (in *interp) closeMain() {
	if in.main != nil {
		in.main.close()
		in.main = nil
		in.runFileRules("ENDFILE", in.prog.endFile)
		if in.inplace != nil {
			in.inplace.end(in)
		}
	}
}

// nextFile opens the next operand that is a file; standard input if there was none.
func (in *interp) nextFile() bool {
	argc := int(in.globals[in.argc].num())
	argv := in.array(&in.globals[in.argv], "ARGV")
	for in.argument < argc {
		key := strconv.Itoa(in.argument)
		in.special[varARGIND] = num(float64(in.argument))
		in.argument++
		c := argv.cells[key]
		if c == nil {
			continue
		}
		name := c.str(in.convfmt)
		if name == "" || !in.noAssign && in.assignment(name) {
			continue
		}
		in.fileSeen = true
		if in.sandboxed && in.added(key, name) {
			in.fatal("cannot add a new file (%s) to ARGV in sandbox mode", name)
		}
		if in.open(name) {
			return true
		}
	}
	if in.fileSeen {
		return false
	}
	in.fileSeen = true
	return in.open("")
}

// open makes name the current input file; "" and "-" are standard input. It is false when there is nothing to read.
func (in *interp) open(name string) bool {
	in.special[varFILENAME] = field(name)
	if name == "" {
		in.special[varFILENAME] = field("-")
	}
	in.special[varFNR] = num(0)
	r, err := in.openInput(name)
	switch {
	case err == nil:
		in.special[varERRNO] = str("")
	case len(in.prog.beginFile) > 0: // which may go on with the next file
		in.failed(err)
		r = in.newReader(strings.NewReader(""), nil)
		r.missing = err
	case errors.Is(err, vfs.ErrIsDir) && !in.prog.posix:
		in.warn("command line argument `%s' is a directory: skipped", name)
		return false
	default:
		in.fatal("cannot open file `%s' for reading: %v", name, err)
	}
	in.main = r
	if in.inplace != nil && name != "" && name != "-" && r.missing == nil {
		in.inplace.begin(in, name)
	}
	if in.runFileRules("BEGINFILE", in.prog.beginFile) == doNextFile {
		in.main.close()
		in.main = nil
		return false
	}
	return in.main != nil
}

// openInput opens an input file.
func (in *interp) openInput(name string) (*reader, error) {
	if name == "" || name == "-" || name == "/dev/stdin" {
		return in.newReader(in.inv.Stdin, nil), nil
	}
	if info, err := in.inv.FS.Stat(in.inv.Path(name)); err == nil && info.IsDir() {
		if !in.prog.loaded["readdir"] {
			return nil, vfs.ErrIsDir
		}
		text, err := in.listing(name)
		return in.newReader(strings.NewReader(text), nil), err
	}
	f, err := in.inv.Open(name)
	if err != nil {
		return nil, err
	}
	return in.newReader(f, f), nil
}

// added says whether an element of ARGV is not what the command line has there.
func (in *interp) added(key, name string) bool {
	i, _ := strconv.Atoi(key)
	return i > len(in.operands) || in.operands[i-1] != name
}

func (in *interp) isRegular(name string) bool {
	info, err := in.inv.FS.Stat(in.inv.Path(name))
	return err == nil && info.Mode.IsRegular()
}
