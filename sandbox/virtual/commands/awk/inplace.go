package awk

import (
	"bufio"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// inplace is `awk -i inplace`: what is printed while a file is read takes the file's place when it has been read.
type inplace struct {
	name   string // of the file that is read; "" between files
	stdout *bufio.Writer
	file   vfs.File
}

// begin sends standard output to a file next to name.
func (p *inplace) begin(in *interp, name string) {
	path := in.inv.Path(name)
	info, err := in.inv.FS.Stat(path)
	if err != nil || !info.Mode.IsRegular() {
		in.warn("inplace::begin: `%s' is not a regular file", name)
		return
	}
	f, err := in.inv.OpenFile(path+".gawk", vfs.Write|vfs.Create|vfs.Truncate, info.Mode.Perm())
	if err != nil {
		in.fatal("inplace::begin: cannot create a file beside `%s': %v", name, err)
	}
	in.stdout.Flush()
	p.name, p.file, p.stdout = name, f, in.stdout
	in.stdout = bufio.NewWriterSize(f, cli.BlockSize)
}

// end puts what was printed into the file's place. With inplace::suffix set, the old file stays under that name.
func (p *inplace) end(in *interp) {
	if p.name == "" {
		return
	}
	failed := in.stdout.Flush()
	p.file.Close()
	in.stdout = p.stdout
	path := in.inv.Path(p.name)
	p.name = ""
	if failed != nil {
		in.inv.FS.Remove(path + ".gawk")
		panic(stopped{})
	}
	suffix := in.globalValue("inplace::suffix").str(in.convfmt)
	if suffix == "" {
		suffix = in.globalValue("INPLACE_SUFFIX").str(in.convfmt) // its name before gawk 5
	}
	if suffix != "" {
		if err := in.inv.FS.Rename(path, path+suffix); err != nil {
			in.fatal("inplace::end: cannot rename `%s': %v", path, err)
		}
	}
	if err := in.inv.FS.Rename(path+".gawk", path); err != nil {
		in.fatal("inplace::end: cannot rename `%s': %v", path+".gawk", err)
	}
}

// globalValue is the value of a variable; unset if the program does not have it.
func (in *interp) globalValue(name string) value {
	if slot, ok := in.prog.globals[name]; ok {
		return in.globals[slot].value
	}
	return value{}
}
