package awk

func (s *printStmt) exec(in *interp) control {
	in.at = s.at
	var b []byte
	switch {
	case s.format:
		args := make([]value, len(s.args)-1)
		format := in.formatArg(s.args[0])
		for i := range args {
			args[i] = s.args[i+1].eval(in)
		}
		b = in.format(in.buf[:0], format, args)
	case len(s.args) == 0:
		if in.linting.on {
			in.lintField(0)
		}
		b = append(in.buf[:0], in.record().str(in.convfmt)...)
		b = append(b, in.ors...)
	default:
		// The arguments may print themselves: build the line only when all of them are there.
		var few [8]string
		parts := few[:0]
		for _, arg := range s.args {
			parts = append(parts, arg.eval(in).str(in.ofmt))
		}
		b = in.buf[:0]
		for i, p := range parts {
			if i > 0 {
				b = append(b, in.ofs...)
			}
			b = append(b, p...)
		}
		b = append(b, in.ors...)
	}
	in.buf = nil
	if s.to == 0 {
		in.stdout.Write(b)
		if _, err := in.stdout.Write(nil); err != nil {
			panic(stopped{})
		}
	} else {
		dest := s.dest.eval(in)
		if in.linting.on && (dest.kind == number || dest.kind == exact) {
			in.lintAlways("expression in `%s' redirection is a number", operatorOf[s.to])
		}
		in.printTo(s.to, dest.str(in.convfmt), b, s.word())
	}
	in.buf = b
	return onward
}

// word is the statement's keyword.
func (s *printStmt) word() string {
	if s.format {
		return "printf"
	}
	return "print"
}

// formatArg is the format of printf or sprintf.
func (in *interp) formatArg(e expr) string {
	v := e.eval(in)
	if in.linting.on && (v.kind == number || v.kind == exact) {
		in.lintAlways("printf/sprintf: received non-string format string argument")
	}
	return v.str(in.convfmt)
}
