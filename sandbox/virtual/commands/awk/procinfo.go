package awk

import "strconv"

// systemNames are the arrays that gawk makes.
var systemNames = []string{"ARGV", "ENVIRON", "FUNCTAB", "PROCINFO", "SYMTAB"}

// fillProcinfo makes PROCINFO.
func (in *interp) fillProcinfo() {
	info := in.array(&in.globals[in.procinfo], "PROCINFO")
	for name, v := range map[string]value{"version": str("5.2.1"), "pid": num(1), "ppid": num(0), "uid": num(1000),
		"gid": num(1000), "euid": num(1000), "egid": num(1000), "pgrpid": num(1), "FS": str("FS"), "platform": str("posix"),
		"strftime": str(defaultTimeFormat), "api_major": num(3), "api_minor": num(2),
		"prec_min": num(1), "prec_max": num(1 << 63)} {
		in.put(info, name, v)
	}
	argv := in.array(in.element(info, "argv"), "")
	for i, a := range in.inv.Args {
		in.put(argv, strconv.Itoa(i), field(a))
	}
	ids := in.array(in.element(info, "identifiers"), "")
	for name := range in.prog.globals {
		in.put(ids, name, str("untyped"))
	}
	for _, name := range specials {
		in.put(ids, name, str("scalar"))
	}
	in.put(ids, "ARGC", str("scalar"))
	for _, name := range systemNames {
		in.put(ids, name, str("array"))
	}
	for name := range builtins {
		in.put(ids, name, str("builtin"))
	}
	for name := range in.prog.functions {
		in.put(ids, name, str("user"))
	}
}
