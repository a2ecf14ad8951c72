package awk

func readFile(in *interp, args []expr) value {
	s, err := readProgram(in.ctx, in.inv, in.text(args[0]))
	if err != nil {
		in.failed(err)
		return value{}
	}
	in.large(len(s))
	return str(s)
}
