package sqlite3

// output is .output and .once.
func (p *program) output(args []string, once bool) int {
	p.endOutput()
	if len(args) == 0 || args[0] == "stdout" {
		return done
	}
	f, err := p.inv.Create(args[0])
	if err != nil {
		p.complain("Error: cannot open \"%s\"", args[0])
		return failed
	}
	p.to, p.toName, p.once = f, args[0], once
	p.out.Reset(f)
	return done
}

// endOutput makes the output standard output again.
func (p *program) endOutput() {
	p.out.Flush()
	if p.to != nil {
		p.to.Close()
		p.to, p.toName, p.once = nil, "", false
		p.out.Reset(p.inv.Stdout)
	}
}

// endOnce ends .once after a statement.
func (p *program) endOnce() {
	if p.once {
		p.endOutput()
	}
}
