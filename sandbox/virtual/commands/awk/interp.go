package awk

import (
	"bufio"
	"context"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/regex"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// interp runs a program.
type interp struct {
	ctx  context.Context
	inv  *shell.Invocation
	prog *Program

	globals []cell
	frame   []cell // parameters of the function that runs
	given   int    // how many of them were passed
	special [specialCount]value
	// Special variables as they are used:
	convfmt, ofmt, ofs, ors, rs, subsep string
	rsRE                                *regex.Regexp
	fs                                  splitter
	ignoreCase, utf8                    bool

	rec    value // $0
	fields []value
	split  bool // fields are those of rec
	stale  bool // rec must be made of fields

	argc, argv, procinfo int // globals; procinfo -1 when the program does not use it
	argument             int // the next element of ARGV
	fileSeen             bool
	warnedEnd            bool            // of fields in an END rule
	warned               map[string]bool // what is said once
	operands             []string        // of the command line
	main                 *reader

	stdout      *bufio.Writer
	buf         []byte
	streams     map[target]*stream
	writing     int    // outputs whose file is open
	opened      int    // streams so far
	environment *array // ENVIRON, when the program uses it
	regexes     map[string]*regex.Regexp
	growing     growing
	depth       int
	at          place    // of the statement that runs
	rule        string   // BEGIN or END when such a rule runs
	fileRule    string   // likewise BEGINFILE or ENDFILE
	symtab      *array   // SYMTAB, when the program uses it
	inplace     *inplace // nil unless files are edited
	sandboxed   bool
	csv         bool // records and fields are comma-separated values, whatever RS and FS are: -k
	noAssign    bool // operands are no assignments: -E
	nonDecimal  bool // numbers of the input may be hexadecimal, or with -n octal
	linting     lintLevel
	bignum      bool              // -M
	textFolders map[string]string // of bindtextdomain
	exact       precision         // for -M
	held        int
	returned    value
	status      int
	random      generator
}

func (in *interp) work(n int) {
	if in.inv.Budget.Work(n) != nil || in.ctx.Err() != nil {
		panic(stopped{})
	}
}

// hold takes or gives back live memory.
func (in *interp) hold(n int) {
	in.held += n
	if n < 0 {
		in.inv.Budget.Release(-n)
	} else if in.inv.Budget.Hold(n) != nil {
		panic(stopped{})
	}
}

// large checks that a text which is about to be made fits into memory.
func (in *interp) large(n int) {
	if n >= 1<<16 {
		in.hold(n)
		in.hold(-n)
		in.work(n)
	}
}

func newInterp(ctx context.Context, inv *shell.Invocation, prog *Program, args []string) *interp {
	in := &interp{ctx: ctx, inv: inv, prog: prog, utf8: cli.UTF8(inv), procinfo: -1, argument: 1, split: true,
		stdout: inv.Buffered(inv.Stdout), streams: map[target]*stream{},
		regexes: map[string]*regex.Regexp{}, ofmt: "%.6g", convfmt: "%.6g"}
	in.argc, in.argv = prog.global("ARGC"), prog.global("ARGV")
	if _, used := prog.globals["SYMTAB"]; used {
		for _, name := range []string{"ENVIRON", "PROCINFO"} {
			prog.global(name)
		}
	}
	if s, used := prog.globals["PROCINFO"]; used && !prog.standard {
		in.procinfo = s
	}
	in.globals = make([]cell, len(prog.globals)+16)
	in.globals[in.argc].value = num(float64(len(args)))
	argv := in.array(&in.globals[in.argv], "ARGV")
	for i, a := range args {
		in.put(argv, num(float64(i)).str(""), field(a))
	}
	if s, used := prog.globals["ENVIRON"]; used {
		env := in.array(&in.globals[s], "ENVIRON")
		for name, v := range inv.Env.All() {
			in.put(env, name, field(v))
		}
		in.environment = env
	}
	if s, used := prog.globals["FUNCTAB"]; used && !prog.standard {
		in.fillFunctab(in.array(&in.globals[s], "FUNCTAB"))
	}
	if in.procinfo >= 0 {
		in.fillProcinfo()
	}
	for which, v := range map[int]value{varFS: str(" "), varOFS: str(" "), varRS: str("\n"), varORS: str("\n"), varSUBSEP: str("\x1c"),
		varCONVFMT: str("%.6g"), varOFMT: str("%.6g"), varRLENGTH: num(0), varRSTART: num(0), varNR: num(0), varFNR: num(0),
		varIGNORECASE: num(0), varERRNO: str(""), varRT: str(""), varFILENAME: str(""), varARGIND: num(0), varBINMODE: num(0), varLINT: num(0),
		varTEXTDOMAIN: str("messages"), varPREC: num(53), varROUNDMODE: str("N")} {
		in.special[which] = v
	}
	in.fs = splitter{mode: ' '}
	in.ofs, in.ors, in.rs, in.subsep = " ", "\n", "\n", "\x1c"
	in.special[varFPAT] = str("[^[:space:]]+")
	in.random.seed(1)
	in.defineConstants()
	return in
}

// configure applies the options that do not belong to the reading of the program.
func (in *interp) configure(set *settings) {
	o := set.options
	in.utf8 = o.Flags&regex.Bytes == 0
	in.sandboxed, in.noAssign, in.nonDecimal, in.bignum = o.Sandbox, set.noAssign, o.NonDecimal || o.Posix, o.Bignum
	in.linting, in.exact, in.operands = o.Lint, o.Precision, set.operands
	if o.Lint.on {
		in.special[varLINT] = num(1)
		if o.Lint.fatal {
			in.special[varLINT] = str("fatal")
		}
	}
	if set.csv {
		in.csv, in.fs = true, splitter{mode: 'v'}
		if info := in.information(); info != nil {
			in.put(info, "CSV", num(1))
		}
	}
	if set.editing {
		in.inplace = &inplace{}
	}
}

// setLint is an assignment to LINT.
func (in *interp) setLint(v value) {
	s, before := v.str("%.6g"), in.linting
	in.linting = lintLevel{on: v.bool(), fatal: s == "fatal", extensions: before.extensions}
	if before.on && !in.linting.on {
		in.warn("turning off `--lint' due to assignment to `LINT'")
	}
}

// run runs the whole program and returns its status.
func (in *interp) run(assignments []string) (status int) {
	defer func() {
		for _, s := range in.streams { // those that a stop left open
			if s.process != nil {
				s.process.close()
			}
		}
		in.inv.Budget.Release(in.held)
	}()
	failed := in.guard(func() {
		for _, a := range assignments {
			if !in.assignment(a) {
				name, _, _ := strings.Cut(a, "=")
				in.fatal("`%s' is not a legal variable name", name)
			}
		}
		in.rule = "BEGIN"
		how := in.guarded(func() control { return in.runAll(in.prog.begin) })
		in.rule = ""
		if how != doExit && len(in.prog.rules)+len(in.prog.end)+len(in.prog.beginFile)+len(in.prog.endFile) > 0 {
			in.guarded(in.mainLoop)
		}
		in.rule = "END"
		in.guarded(func() control { return in.runAll(in.prog.end) }) // after an exit as well
	})
	in.at = place{}
	if failed != 0 {
		in.linting.on = false
	}
	if closing := in.guard(in.closeAll); closing != 0 && failed == 0 {
		failed = closing
	}
	if in.stdout.Flush() != nil {
		return 2
	}
	if failed != 0 {
		return failed
	}
	return in.status
}

func (in *interp) runAll(list []stmt) control {
	for _, s := range list {
		if how := s.exec(in); how != onward {
			return how
		}
	}
	return onward
}

// runFileRules runs BEGINFILE or ENDFILE rules; an exit in them ends the program.
func (in *interp) runFileRules(name string, list []stmt) control {
	if len(list) == 0 {
		return onward
	}
	before := in.fileRule
	in.fileRule = name
	how := in.runAll(list)
	in.fileRule = before
	if how == doExit {
		panic(how)
	}
	return how
}
