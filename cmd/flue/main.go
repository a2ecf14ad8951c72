// Command flue runs, serves and checks sandbox agents that are YAML and Markdown files. Start at main; each command
// has a file of its own, and wire*.go put the adapters in place.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"
	"github.com/flue-run/flue/sandbox/container"
)

// cli is the whole command line.
type cli struct {
	Run     runCmd     `cmd:"" help:"Run an agent once, in this process."`
	Serve   serveCmd   `cmd:"" help:"Serve the agents that have triggers over HTTP."`
	Lint    lintCmd    `cmd:"" help:"Check the project: every mistake, with its position."`
	Init    initCmd    `cmd:"" help:"Write a working project."`
	List    listCmd    `cmd:"" help:"Show what the project defines."`
	Show    showCmd    `cmd:"" help:"Show what exactly an agent is granted and told."`
	Session sessionCmd `cmd:"" help:"Show, copy and change what was kept of sessions."`
	Runs    runsCmd    `cmd:"" help:"List the runs of the store."`
	Abort   abortCmd   `cmd:"" help:"Stop a run, wherever it is carried out."`
	Build   buildCmd   `cmd:"" help:"Make one executable of the project."`
	Sh      shCmd      `cmd:"" help:"Use the sandbox without an agent."`
	Doctor  doctorCmd  `cmd:"" help:"Show what flue finds on this machine."`
	Schema  schemaCmd  `cmd:"" help:"Print the JSON Schema of a kind of file."`
	Version versionCmd `cmd:"" help:"Print flue's version."`
}

// streams is what a command reads and writes; stdout is for the result and nothing else.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

func main() {
	container.Helper()
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200) // a short run is over before its garbage matters: two collections, 4 ms of 20
	}
	os.Exit(run(os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}

// run parses the arguments, runs the command and returns the exit status.
func run(args []string, s streams) int {
	ctx, stop := withSignals(context.Background())
	defer stop()
	exited := -1
	parser, err := kong.New(&cli{}, kong.Name("flue"),
		kong.Description("The sandbox-agent engine: agents are YAML and Markdown files in .flue/."),
		kong.Writers(s.out, s.err), kong.Exit(func(status int) { exited = status }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(s))
	if err != nil {
		panic(err) // the command line's own definition is wrong
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if exited >= 0 {
		return exited
	}
	if err != nil {
		fmt.Fprintf(s.err, "flue: %v\nflue --help shows the commands, flue COMMAND --help their flags.\n", err)
		return exitUsage
	}
	return report(ctx, s.err, command.Run())
}

// report prints an error, if it has not been told yet, and returns the exit status for it.
func report(ctx context.Context, stderr io.Writer, err error) int {
	status, silent := exitStatus(ctx, err)
	if err != nil && !silent {
		fmt.Fprintf(stderr, "flue: %v\n", err)
	}
	return status
}

// interrupted is the cause of a context that a signal has ended.
type interrupted struct{ signal syscall.Signal }

func (i interrupted) Error() string { return "interrupted by " + i.signal.String() }

// withSignals ends the context at the first SIGINT or SIGTERM; a second one kills the process as usual.
func withSignals(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		select {
		case s := <-signals:
			signal.Stop(signals)
			cancel(interrupted{s.(syscall.Signal)})
		case <-done:
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel(nil)
	}
}
