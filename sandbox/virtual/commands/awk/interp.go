package awk

import (
	"bufio"
	"context"
	"fmt"
	"strconv"
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
	main                 *reader

	stdout      *bufio.Writer
	buf         []byte
	outputs     map[string]*stream // by name
	order       []string           // of outputs
	writing     int                // outputs whose file is open
	opened      int                // streams so far
	environment *array             // ENVIRON, when the program uses it
	inputs      map[string]*stream // by kind and name
	regexes     map[string]*regex.Regexp
	depth       int
	at          place    // of the statement that runs
	rule        string   // BEGIN or END when such a rule runs
	symtab      *array   // SYMTAB, when the program uses it
	inplace     *inplace // nil unless files are edited
	sandboxed   bool
	held        int
	returned    value
	status      int
	random      generator
}

// stopped ends the command at once: nobody reads its output, or the budget is spent.
type stopped struct{}

// fatal is an error that ends the program.
type fatal struct{ message string }

// warn reports what may be a mistake.
func (in *interp) warn(format string, args ...any) {
	in.stdout.Flush()
	in.inv.Errorf("%swarning: %s", in.where(), fmt.Sprintf(format, args...))
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

func (in *interp) globalName(slot int) string {
	for name, s := range in.prog.globals {
		if s == slot {
			return name
		}
	}
	return ""
}

func newInterp(ctx context.Context, inv *shell.Invocation, prog *Program, args []string) *interp {
	in := &interp{ctx: ctx, inv: inv, prog: prog, utf8: cli.UTF8(inv), procinfo: -1, argument: 1, split: true,
		stdout: inv.Buffered(inv.Stdout), outputs: map[string]*stream{}, inputs: map[string]*stream{},
		regexes: map[string]*regex.Regexp{}, ofmt: "%.6g", convfmt: "%.6g"}
	in.argc, in.argv = prog.global("ARGC"), prog.global("ARGV")
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
		info := in.array(&in.globals[in.procinfo], "PROCINFO")
		for name, v := range map[string]value{"version": str("5.2.1"), "pid": num(1), "ppid": num(0), "uid": num(1000),
			"gid": num(1000), "euid": num(1000), "egid": num(1000), "pgrpid": num(1), "FS": str("FS"), "platform": str("posix"),
			"strftime": str(defaultTimeFormat), "api_major": num(3), "api_minor": num(2)} {
			in.put(info, name, v)
		}
		argv := in.array(in.element(info, "argv"), "")
		for i, a := range inv.Args {
			in.put(argv, strconv.Itoa(i), field(a))
		}
		ids := in.array(in.element(info, "identifiers"), "")
		for name := range builtins {
			in.put(ids, name, str("builtin"))
		}
		for name := range prog.functions {
			in.put(ids, name, str("user"))
		}
		for name := range prog.globals {
			in.put(ids, name, str("untyped"))
		}
	}
	for which, v := range map[int]value{varFS: str(" "), varOFS: str(" "), varRS: str("\n"), varORS: str("\n"), varSUBSEP: str("\x1c"),
		varCONVFMT: str("%.6g"), varOFMT: str("%.6g"), varRLENGTH: num(0), varRSTART: num(0), varNR: num(0), varFNR: num(0),
		varIGNORECASE: num(0), varERRNO: str(""), varRT: str(""), varFILENAME: str("")} {
		in.special[which] = v
	}
	in.fs = splitter{mode: ' '}
	in.ofs, in.ors, in.rs, in.subsep = " ", "\n", "\n", "\x1c"
	in.special[varFPAT] = str("[^[:space:]]+")
	in.random.seed(0)
	return in
}

// assignment handles an operand NAME=VALUE, and says whether it is one.
func (in *interp) assignment(operand string) bool {
	name, v, ok := strings.Cut(operand, "=")
	if !ok || name == "" || !isNameByte(name[0]) {
		return false
	}
	for i := range len(name) {
		if !isNameByte(name[i]) && (name[i] < '0' || name[i] > '9') && !(name[i] == ':' && i > 0) {
			return false
		}
	}
	var b strings.Builder
	for i := 0; i < len(v); i++ {
		if v[i] == '\\' && i+1 < len(v) {
			i += unescape(&b, v[i+1:], func(format string, args ...any) { in.warn(format, args...) })
			continue
		}
		b.WriteByte(v[i])
	}
	in.assignNamed(name, field(b.String()))
	return true
}

func (in *interp) assignNamed(name string, v value) {
	for which, s := range specials {
		if s == name && !(in.prog.standard && gawkVariables[name]) {
			in.setSpecial(which, v)
			return
		}
	}
	if slot, used := in.prog.globals[name]; used {
		in.set(&in.globals[slot], v)
	}
}

// run runs the whole program and returns its status.
func (in *interp) run(assignments []string) (status int) {
	defer func() {
		in.inv.Budget.Release(in.held)
	}()
	failed := in.guard(func() {
		for _, a := range assignments {
			if !in.assignment(a) {
				name, _, _ := strings.Cut(a, "=")
				in.fatal("`%s' is not a legal variable name", name)
			}
		}
		for _, w := range in.prog.warnings {
			in.inv.Errorf("%s", w)
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

func (in *interp) runAll(list []stmt) control {
	for _, s := range list {
		if how := s.exec(in); how != onward {
			return how
		}
	}
	return onward
}

// mainLoop runs the rules for each record.
func (in *interp) mainLoop() control {
	for {
		record, end, ok := in.nextRecord()
		if !ok {
			return onward
		}
		in.special[varNR].n++
		in.special[varFNR].n++
		if in.special[varNR].kind != number || in.special[varFNR].kind != number {
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
		if v := in.special[which]; v.kind != number {
			in.special[which] = num(v.num() + 1)
		}
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
		if !in.selects(r) {
			continue
		}
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

// maxRegexes is how many regular expressions made from text are kept.
const maxRegexes = 500

// dynamic compiles a regular expression that is text.
func (in *interp) dynamic(source string) *regex.Regexp {
	if re := in.regexes[source]; re != nil {
		return re
	}
	flags := regex.Flags(0)
	if in.ignoreCase {
		flags |= regex.IgnoreCase
	}
	if !in.utf8 {
		flags |= regex.Bytes
	}
	re, err := regex.Compile(source, regex.Awk, flags)
	if err != nil {
		in.fatal("invalid regexp: %v: /%s/", err, source)
	}
	if len(in.regexes) >= maxRegexes {
		clear(in.regexes)
	}
	in.regexes[source] = re
	return re
}

// regexOf is the regular expression that an operand of ~ or an argument stands for.
func (in *interp) regexOf(e expr) *regex.Regexp {
	if re, ok := e.(*regexExpr); ok {
		if in.ignoreCase {
			return in.dynamic(re.source)
		}
		return re.re
	}
	return in.dynamic(e.eval(in).str(in.convfmt))
}

func (in *interp) matches(re *regex.Regexp, s string) bool { return re.MatchString(s) }
