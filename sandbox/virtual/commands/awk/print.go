package awk

func (s *printStmt) exec(in *interp) control {
	in.at = s.at
	var b []byte
	switch {
	case s.format:
		args := make([]value, len(s.args)-1)
		format := s.args[0].eval(in).str(in.convfmt)
		for i := range args {
			args[i] = s.args[i+1].eval(in)
		}
		b = in.format(in.buf[:0], format, args)
	case len(s.args) == 0:
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
		in.printTo(s.to, s.dest.eval(in).str(in.convfmt), b, s.word())
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
