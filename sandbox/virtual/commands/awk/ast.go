package awk

import "github.com/flue-run/flue/sandbox/virtual/regex"

// expr is an expression; eval is in eval.go.
type expr interface {
	eval(in *interp) value
}

// lvalue is an expression that can be assigned to.
type lvalue interface {
	expr
	assign(in *interp, v value)
}

// stmt is a statement; exec is in exec.go.
type stmt interface {
	exec(in *interp) control
}

// The expressions.
type (
	constant  struct{ v value }
	regexExpr struct { // /re/: matched with $0
		re     *regex.Regexp
		source string
	}
	globalVar struct {
		slot int
		name string
	}
	localVar struct {
		slot int
		name string
	}
	specialVar struct{ which int }
	fieldExpr  struct{ index expr }
	indexExpr  struct { // array[subscripts]
		array arrayExpr
		subs  []expr
	}
	assignExpr struct {
		to lvalue
		op byte // 0 for =
		v  expr
	}
	condExpr   struct{ cond, yes, no expr }
	andExpr    struct{ a, b expr }
	orExpr     struct{ a, b expr }
	notExpr    struct{ a expr }
	negExpr    struct{ a expr }
	plusExpr   struct{ a expr }
	binaryExpr struct {
		op   byte
		a, b expr
	}
	compareExpr struct {
		op   token
		a, b expr
	}
	concatExpr struct{ parts []expr }
	matchExpr  struct {
		a      expr
		re     expr
		negate bool
	}
	inExpr struct {
		subs  []expr
		array arrayExpr
	}
	stepExpr struct { // ++ and --
		to    lvalue
		by    float64
		after bool
	}
	callExpr struct {
		f    *function
		args []expr
	}
	indirectExpr struct {
		name expr
		args []expr
	}
	builtinExpr struct {
		name string
		f    *builtin
		args []expr
	}
	getlineExpr struct {
		kind byte // 0 the input, else fromFile, fromPipe or bothWays
		from expr
		to   lvalue // nil for $0
	}
	plainExpr   struct{ e expr }      // (e): no lvalue, and no regex that matches $0 as an argument
	discardExpr struct{ e expr }      // an lvalue whose new value is thrown away
	groupExpr   struct{ list []expr } // (a, b), only before "in" and as print's arguments
)

// arrayExpr is what can be an array.
type arrayExpr interface {
	expr
	arrayOf(in *interp) *array
}

// The statements.
type (
	exprStmt struct {
		at place
		e  expr
	}
	printStmt struct {
		at     place
		format bool // printf
		args   []expr
		to     byte // 0, '>', 'a' for >>, '|', '&'
		dest   expr
	}
	ifStmt struct {
		at      place
		cond    expr
		yes, no stmt
	}
	whileStmt struct {
		at   place
		cond expr
		body stmt
	}
	doStmt struct {
		at   place
		body stmt
		cond expr
	}
	forStmt struct {
		at   place
		init stmt
		cond expr
		step stmt
		body stmt
	}
	forInStmt struct {
		at    place
		key   lvalue
		array arrayExpr
		body  stmt
	}
	block struct {
		list    []stmt
		at, end place // of its braces
	}
	jumpStmt struct { // next, nextfile, break, continue
		at place
		to control
	}
	exitStmt struct {
		at     place
		status expr
	}
	returnStmt struct {
		at place
		v  expr
	}
	deleteStmt struct {
		at    place
		array arrayExpr
		subs  []expr // nil for all
	}
	switchStmt struct {
		at    place
		v     expr
		cases []switchCase
	}
)

type switchCase struct {
	at   place
	v    expr // nil for default
	body []stmt
}

// control says how a statement ended.
type control int

const (
	onward control = iota
	doBreak
	doContinue
	doNext
	doNextFile
	doExit
	doReturn
)

type function struct {
	name    string
	params  []string
	body    stmt
	defined bool
	at      place // of the definition, or of the first call
	calls   int
}

// rule is pattern { action }.
type rule struct {
	at       place
	from, to expr // to for a range
	active   bool
	body     stmt // nil to print
	// For a profile:
	tested, ran int
}

// place is a line of one of the program's sources.
type place struct{ source, line int32 }

// Program is a parsed program.
type Program struct {
	warnings                       []string // shown before it runs
	sources                        []string // names of files; "cmd. line" for text of the command line
	begin, end, beginFile, endFile []stmt
	rules                          []*rule
	functions                      map[string]*function
	globals                        map[string]int
	words                          map[string]*builtin // the functions that are not of the program
	standard, posix                bool                // without what only gawk has; as the standard says
	loaded                         map[string]bool     // libraries
	layout                         *layout             // for prettyPrint; nil unless the options want it
}

// global is the slot of a variable, which is made if the program does not have it.
func (prog *Program) global(name string) int {
	slot, ok := prog.globals[name]
	if !ok {
		slot = len(prog.globals)
		prog.globals[name] = slot
	}
	return slot
}

// isGlobal says whether name is a variable of the program.
func (prog *Program) isGlobal(name string) bool {
	_, ok := prog.globals[name]
	return ok
}
