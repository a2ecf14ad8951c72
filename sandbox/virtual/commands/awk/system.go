package awk

import "strings"

func system(in *interp, args []expr) value {
	if in.sandboxed {
		in.fatal("'system' function not allowed in sandbox mode")
	}
	v := args[0].eval(in)
	in.lintText("system", v)
	in.flush()
	status := in.inv.Exec(in.ctx, in.nested(v.str(in.convfmt)))
	in.work(1)
	return num(float64(status))
}

func closeFile(in *interp, args []expr) value {
	name, how := in.text(args[0]), ""
	if len(args) > 1 {
		switch how = strings.ToLower(in.text(args[1])); how {
		case "to", "from":
		default:
			in.fatal("close: second argument must be `to' or `from'")
		}
	}
	return num(float64(in.closeStream(name, how)))
}

func fflush(in *interp, args []expr) value {
	if len(args) > 0 {
		name := in.text(args[0])
		if s := in.lastOpened(name); name != "" && s == nil && name != "/dev/stdout" && name != "/dev/stderr" {
			in.warn("fflush: `%s' is not an open file, pipe or co-process", name)
			return num(-1)
		} else if s != nil && (s.kind == fromFile || s.kind == fromPipe) {
			what := "file"
			if s.kind == fromPipe {
				what = "pipe"
			}
			in.warn("fflush: cannot flush: %s `%s' opened for reading, not writing", what, name)
			return num(-1)
		}
	}
	in.flush()
	return num(0)
}
