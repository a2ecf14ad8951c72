package awk

import "fmt"

// stopped ends the command at once: nobody reads its output, or the budget is spent.
type stopped struct{}

// fatal is an error that ends the program.
type fatal struct{ message string }

// warn reports what may be a mistake.
func (in *interp) warn(format string, args ...any) {
	in.stdout.Flush()
	in.inv.Errorf("%swarning: %s", in.where(), fmt.Sprintf(format, args...))
}

// lintLevel says what --lint and LINT warn of.
type lintLevel struct {
	on, fatal  bool
	extensions bool // of what only gawk has, too
}

// lint is a warning that only --lint shows.
func (in *interp) lint(format string, args ...any) {
	if in.linting.on {
		in.lintAlways(format, args...)
	}
}

// lintExtension is lint for what only gawk has.
func (in *interp) lintExtension(format string, args ...any) {
	if in.linting.extensions {
		in.lint(format, args...)
	}
}

func (in *interp) lintAlways(format string, args ...any) {
	if in.linting.fatal {
		in.fatal(format, args...)
	}
	in.warn(format, args...)
}

// where is the place that a message begins with: of the statement that runs, and of the record it is for.
func (in *interp) where() string {
	if in.at.line == 0 {
		return ""
	}
	where := fmt.Sprintf("%s:%d: ", in.prog.sources[in.at.source], in.at.line)
	if fnr := in.special[varFNR].num(); fnr > 0 {
		where += fmt.Sprintf("(FILENAME=%s FNR=%.0f) ", in.special[varFILENAME].str("%.6g"), fnr)
	}
	return where
}

func (in *interp) fatal(format string, args ...any) {
	panic(fatal{fmt.Sprintf(format, args...)})
}

// guard runs f and reports a fatal error; it returns the status for that, or 0.
func (in *interp) guard(f func()) (status int) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case stopped:
			status = 2
		case fatal:
			in.stdout.Flush()
			in.inv.Errorf("%sfatal: %s", in.where(), r.message)
			status = 2
		default:
			panic(r)
		}
	}()
	f()
	return 0
}

// guarded runs f, in which a function may end it with next or exit.
func (in *interp) guarded(f func() control) (how control) {
	defer func() {
		if r := recover(); r != nil {
			c, ok := r.(control)
			if !ok {
				panic(r)
			}
			in.frame, in.depth = nil, 0
			how = c
		}
	}()
	return f()
}
