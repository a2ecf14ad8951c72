package awk

// mainLoop runs the rules for each record.
func (in *interp) mainLoop() control {
	for {
		record, end, ok := in.nextRecord()
		if !ok {
			return onward
		}
		if in.special[varNR].kind == number && in.special[varFNR].kind == number {
			in.special[varNR].n++
			in.special[varFNR].n++
		} else {
			in.countUp()
		}
		in.special[varRT] = str(end)
		in.setRecord(field(record))
		if len(in.prog.rules) == 0 {
			continue
		}
		how := in.rules()
		if in.depth > 0 {
			in.frame, in.depth = nil, 0
		}
		switch how {
		case doExit:
			return doExit
		case doNextFile:
			in.closeMain()
		}
	}
}

// countUp counts NR and FNR when the program has set them to text.
func (in *interp) countUp() {
	for _, which := range []int{varNR, varFNR} {
		in.special[which] = num(in.special[which].num() + 1)
	}
}

// rules runs the rules on the current record.
func (in *interp) rules() control {
	if len(in.prog.functions) > 0 {
		return in.guarded(in.eachRule)
	}
	return in.eachRule()
}

func (in *interp) eachRule() control {
	for _, r := range in.prog.rules {
		r.tested++
		if !in.selects(r) {
			continue
		}
		r.ran++
		if r.body == nil {
			in.stdout.WriteString(in.record().str(in.convfmt))
			in.stdout.WriteString(in.ors)
			if _, err := in.stdout.Write(nil); err != nil {
				panic(stopped{})
			}
			continue
		}
		if how := r.body.exec(in); how != onward {
			return how
		}
	}
	return onward
}

// selects says whether a rule's pattern matches, and keeps the state of its range.
func (in *interp) selects(r *rule) bool {
	if r.from == nil {
		return true
	}
	in.at = r.at
	if r.to == nil {
		return r.from.eval(in).bool()
	}
	if !r.active {
		if !r.from.eval(in).bool() {
			return false
		}
		r.active = true
	}
	if r.to.eval(in).bool() {
		r.active = false
	}
	return true
}
