// Package shell is flue's bash: an evaluator over mvdan.cc/sh's syntax trees that touches nothing but the
// virtual file tree, the streams and the commands it is handed. Start at Run; stmt.go runs statements,
// word.go expands words, call.go calls functions, builtins and programs.
package shell

import (
	"context"
	"io"
	"io/fs"
	"math/rand/v2"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"mvdan.cc/sh/v3/syntax"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/virtual/limits"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// Config is the world of one script.
type Config struct {
	FS       *vfs.FS
	Commands map[string]Command // the programs that /bin and /usr/bin have
	// Granted finds a privileged command of this call, which goes before Commands; nil: there are none.
	Granted func(name string) (Command, bool)
	// Known says that a command exists in the project but is not granted here, which gives it a message of
	// its own; nil: none does.
	Known  func(name string) bool
	Budget *limits.Budget
	Env    []string  // "NAME=value", exported; HOME, USER, PATH, … have the virtual identity's values unless set
	Dir    string    // working directory, absolute; "" is /
	Args   []string  // $0 $1 …; "bash" alone when empty
	Stdin  io.Reader // nil is empty. A Read must return once Budget's context ends.
	Stdout io.Writer // what is written here and to Stderr is spent as Budget.Output; nil discards
	Stderr io.Writer
	Now    func() time.Time // nil is time.Now
	Fetch  sandbox.Fetch    // nil: there is no network
	// Databases is SQL for the commands; nil: there is none.
	Databases sandbox.Databases
	Seed      uint64 // of $RANDOM; 0 is a random one
}

// Run runs a script to its end, the end of all its background jobs included, and returns its exit status.
// When a limit strikes, its message goes to Stderr, and the status is the limit's (126, or 124 for time).
func Run(ctx context.Context, cfg Config, script string) int {
	return runWorld(ctx, cfg, func(main *shell) int { return main.runMain(script) })
}

// runWorld makes the world of one script and runs its first shell with do.
func runWorld(ctx context.Context, cfg Config, do func(main *shell) int) int {
	w := newWorld(cfg)
	stop := context.AfterFunc(cfg.Budget.Context(), w.end)
	defer stop()
	if ctx != cfg.Budget.Context() {
		stop := context.AfterFunc(ctx, w.end)
		defer stop()
	}
	status := 137
	if main := w.begun(); main != nil {
		status = main.protect(func() int { return do(main) })
		main.finish()
		w.drain()
	}
	if ex := cfg.Budget.Exceeded(); ex != nil {
		status = ex.Status()
		w.stderr.last(ex.Error() + "\n")
	} else if cfg.Budget.Err() != nil && status == 0 {
		status = 124
	}
	w.end()
	w.jobs.Wait()
	return status
}

// begun makes the first shell; nil if the Exec is over before it has begun.
func (w *world) begun() (main *shell) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(unwind); !ok {
				panic(r)
			}
		}
	}()
	return w.mainShell()
}

// world is what all processes of one Exec have in common.
type world struct {
	Config
	budget *limits.Budget
	stderr *lockedWriter
	ended  atomic.Bool // the Exec is over: everything that waits gives up
	jobs   sync.WaitGroup
	pids   atomic.Int64
	start  time.Time
	nested bool // made for a command called by another program: the outer world counts the output

	pipesMu sync.Mutex
	pipes   map[*pipe]struct{}
	fifos   map[uint64]*fifo // named pipes in use, by their inodes
	procsMu sync.Mutex
	procs   map[int]*proc
	sinks   []*job
	arithMu sync.Mutex
	ariths  map[string]*arithNode
	exprs   map[syntax.ArithmExpr]*arithNode
	bad     map[string]string // by the name that repair gave them: expansions that do not parse
	regexps map[string]*regexp.Regexp
}

func newWorld(cfg Config) *world {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Stdin == nil {
		cfg.Stdin = strings.NewReader("")
	}
	if cfg.Stdout == nil {
		cfg.Stdout = io.Discard
	}
	if cfg.Stderr == nil {
		cfg.Stderr = io.Discard
	}
	if cfg.Dir == "" {
		cfg.Dir = "/"
	}
	if len(cfg.Args) == 0 {
		cfg.Args = []string{"bash"}
	}
	if cfg.Seed == 0 {
		cfg.Seed = rand.Uint64()
	}
	return &world{Config: cfg, budget: cfg.Budget, start: cfg.Now(),
		procs: map[int]*proc{}}
}

// end lets everything that still runs or waits come to its end.
func (w *world) end() {
	w.ended.Store(true)
	w.procsMu.Lock()
	for _, p := range w.procs {
		p.signal(sigKill)
	}
	w.procsMu.Unlock()
	w.wakePipes()
}

// shell is one shell process: the main one, a subshell, or a script that was started.
type shell struct {
	*world
	proc  *proc
	depth int // functions, evals, sources, substitutions and subshells around this point
	held  int // live bytes that its own variables took

	scope        *scope
	funcs        map[string]*function
	aliases      map[string]string
	hashed       map[string]hashedProgram
	hashedShared bool
	undynamic    map[string]bool // computed variables that were unset
	mapsShared   bool            // the maps above also belong to another shell: copy before writing

	opts      optSet
	arg0      string
	params    []string
	fds       []*stream
	dir       string // as PWD shows it: symbolic links kept
	umask     fs.FileMode
	frames    []frame // function calls and sourced files, the innermost last
	traps     map[int]string
	caught    map[int]string // the parent's traps, which a subshell only lists
	inTrap    int
	jobList   []*job
	lastJob   int    // $!
	substJobs []*job // the latest process substitutions, which have no number among the jobs
	dirs      []string
	line      int    // of the command that runs
	arithBy   string // what evaluates an expression, for messages: "((", a builtin
	lineBase  int
	lines     int    // lines of commands that were run
	reading   int    // scripts, evals, sources that are read
	source    string // the script's name in messages, or ""
	lastArg   string // $_
	command   string // BASH_COMMAND

	status                   int // $?
	pipeStatus               []int
	substRan                 bool // a command substitution set status during this simple command
	flow                     flow
	returned                 int // what return says, while $? is still that of the command before it
	flowCount                int
	loops                    int
	noErrexit                int    // conditions around this point, in which errexit does not strike
	subshell                 int    // BASH_SUBSHELL
	pipeMember               bool   // the command that runs is a member of a pipeline, which sees to the ERR trap
	condNot                  string // the "!" before the test that is next traced
	nestedTrace              int    // substitutions, evals and sources around this point: xtrace shows them
	aliasGen                 int    // changes with every alias
	getopt                   int    // place within the option cluster of getopts
	random                   *rand.Rand
	randomState              uint32 // of RANDOM; 0: it has not begun
	lastRandom               int
	hist                     history
	histRead                 int                   // lines of the history file that were read
	completions              map[string]completion // copied before they are changed
	ulimits                  map[string]string     // likewise
	remembered               map[string]bool       // options without an effect that were changed; likewise
	seconds                  int64                 // what SECONDS counted from
	epoch                    time.Time
	ifs                      *[256]uint8
	ifsFor                   string
	writeFailed              bool // a builtin could not write
	condError                bool // [[ ]] met a regular expression that it cannot read
	mainFile                 string
	off                      map[string]bool // builtins that enable -n turned off
	oldJobs                  map[string]int  // statuses of jobs that were waited for, by process number
	shellPID                 int             // $$
	parentPID                int             // PPID
	commandString, fromStdin bool
	session                  bool      // a person talks to it: a mistake ends the script, and not the shell
	procSubs                 []procSub // those of the commands that run
}
