package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/hostdir"
	"github.com/flue-run/flue/sandbox/sqlitedb"
	"github.com/flue-run/flue/sandbox/virtual"
	"github.com/flue-run/flue/store/memory"
)

type shCmd struct {
	Command *string       `short:"c" placeholder:"SCRIPT" help:"The script to run; what follows is its $0, $1, …"`
	Mount   []string      `sep:"none" placeholder:"HOST:PATH[:MODE]" help:"Show a folder of this machine at PATH: ro (default), overlay (writes are forgotten) or rw. May be repeated."`
	Cwd     string        `placeholder:"PATH" help:"The working directory in the sandbox (default /workspace)."`
	Env     []string      `sep:"none" placeholder:"NAME=VALUE" help:"Set a variable. May be repeated."`
	Agent   string        `placeholder:"NAME" help:"The sandbox of this agent of the project here, with the commands that it is granted."`
	Dir     string        `placeholder:"DIR" help:"With --agent: a folder of the project (default: the project here)."`
	Timeout time.Duration `placeholder:"DURATION" help:"How long a script, or a line of the prompt, may take, such as 30s (default 2m; it can only be shorter than an agent's)."`
	JSON    bool          `name:"json" help:"Write one JSON object with stdout, stderr and code in place of the output."`
	JSONL   bool          `name:"jsonl" help:"Read one JSON request a line, each for a fresh sandbox, and write one reply a line."`
	Args    []string      `arg:"" optional:"" passthrough:"partial" name:"file" help:"A file with the script (- is standard input), and its arguments."`
}

func (c *shCmd) Help() string {
	return `A fresh virtual sandbox: nothing of this machine is in it but what --mount shows. The exit status is the script's.

Without a script, on a terminal, it is a prompt: Tab completes, the arrows find earlier lines, Ctrl-C stops a line, Ctrl-D
or exit ends it. Lines are kept in $XDG_STATE_HOME/flue/sh_history (or ~/.local/state), or in the file that $FLUE_HISTFILE
names; where that is empty, or a line begins with a space, they are not.`
}

// shell is what scripts of flue sh run in.
type shell struct {
	box    sandbox.Sandbox
	exec   sandbox.Exec // what all scripts have in common
	closer io.Closer
}

func (c *shCmd) Run(ctx context.Context, s streams) error {
	if c.JSONL {
		if c.Command != nil || len(c.Args) > 0 || len(c.Mount)+len(c.Env) > 0 || c.Cwd != "" || c.Agent != "" || c.JSON || c.Timeout != 0 {
			return usage(errors.New("sh: --jsonl takes its scripts, and all that belongs to them, from standard input"))
		}
		return serveJSONL(ctx, s.in, s.out)
	}
	if err := c.check(); err != nil {
		return usage(fmt.Errorf("sh: %w", err))
	}
	tty := c.terminal(s)
	script, stdin, err := "", io.Reader(nil), error(nil)
	if tty == nil {
		if script, stdin, err = c.script(s.in); err != nil {
			return err
		}
	}
	sh, err := c.open(ctx, s)
	if err != nil {
		return err
	}
	defer sh.closer.Close()
	if tty != nil {
		return prompt(ctx, s, sh, tty)
	}
	e := sh.exec
	e.Script, e.Stdin, e.Args = script, stdin, c.Args
	if !c.JSON {
		e.Output = passOn(s)
	}
	result, err := sh.box.Exec(ctx, e)
	if err != nil {
		return err
	}
	if c.JSON {
		s.out.Write(jsonReply(result))
	}
	return told(result.ExitCode)
}

// passOn writes a script's output as it comes.
func passOn(s streams) func(stream sandbox.Stream, data []byte) {
	return func(stream sandbox.Stream, data []byte) {
		if stream == sandbox.Stdout {
			s.out.Write(data)
		} else {
			s.err.Write(data)
		}
	}
}

// check finds what is wrong with the flags themselves.
func (c *shCmd) check() error {
	for _, pair := range c.Env {
		if name, _, ok := strings.Cut(pair, "="); !ok || name == "" {
			return fmt.Errorf("--env %q is not NAME=VALUE", pair)
		}
	}
	switch {
	case c.Timeout < 0:
		return errors.New("--timeout is a duration such as 30s or 5m")
	case c.Agent == "" && c.Dir != "":
		return errors.New("--dir is for --agent")
	case c.Agent != "" && len(c.Mount) > 0:
		return errors.New("--mount and --agent exclude each other: the agent's file says what its sandbox shows")
	case c.Cwd != "" && !path.IsAbs(c.Cwd):
		return fmt.Errorf("--cwd %q is not an absolute path of the sandbox, such as /workspace", c.Cwd)
	}
	return nil
}

// script reads what is to be run, and says what is left as its standard input.
func (c *shCmd) script(in io.Reader) (script string, stdin io.Reader, err error) {
	switch {
	case c.Command != nil:
		return *c.Command, in, nil
	case len(c.Args) == 0 || c.Args[0] == "-":
		data, err := io.ReadAll(in)
		if err != nil {
			return "", nil, fmt.Errorf("read the script: %w", err)
		}
		return string(data), nil, nil
	}
	data, err := os.ReadFile(c.Args[0])
	if err != nil {
		return "", nil, usage(fmt.Errorf("sh: %w", err))
	}
	return string(data), in, nil
}

// open makes the sandbox.
func (c *shCmd) open(ctx context.Context, s streams) (*shell, error) {
	sh := &shell{exec: sandbox.Exec{Dir: c.Cwd, Env: map[string]string{}, Timeout: c.Timeout}}
	for _, pair := range c.Env {
		name, value, _ := strings.Cut(pair, "=")
		sh.exec.Env[name] = value
	}
	if c.Agent != "" {
		return sh, c.openAgent(ctx, s, sh)
	}
	cfg := virtual.Config{Dir: c.Cwd, Databases: sqlitedb.Engine{}}
	cfg.Limits.Timeout = c.Timeout
	for _, text := range c.Mount {
		mounted, source, err := openMount(text)
		if err == nil {
			cfg.Mounts, cfg.Owned = append(cfg.Mounts, mounted), append(cfg.Owned, source)
			continue
		}
		for _, opened := range cfg.Owned {
			opened.Close()
		}
		return nil, usage(fmt.Errorf("sh: --mount %s: %w", text, err))
	}
	box, err := virtual.New(cfg)
	if err != nil {
		for _, opened := range cfg.Owned {
			opened.Close()
		}
		return nil, usage(fmt.Errorf("sh: %w", err))
	}
	sh.box, sh.closer = box, box
	return sh, nil
}

// openMount opens the folder of HOST:PATH[:MODE].
func openMount(text string) (m virtual.Mount, source *hostdir.Dir, err error) {
	rest, mode := text, ""
	if i := strings.LastIndexByte(rest, ':'); i >= 0 && !strings.Contains(rest[i:], "/") {
		rest, mode = rest[:i], rest[i+1:]
	}
	known, ok := mountModes[mode]
	i := strings.LastIndexByte(rest, ':')
	switch {
	case !ok:
		return m, nil, fmt.Errorf("the mode is %q; the modes are ro, overlay and rw", mode)
	case i <= 0 || !path.IsAbs(rest[i+1:]):
		return m, nil, errors.New("write HOST:PATH or HOST:PATH:MODE, PATH absolute, such as .:/workspace:overlay")
	}
	if source, err = hostdir.Open(rest[:i]); err != nil {
		return m, nil, err
	}
	return virtual.Mount{Path: rest[i+1:], Source: hostdir.Protect(source), Mode: known}, source, nil
}

// openAgent opens the sandbox of an agent of the project.
func (c *shCmd) openAgent(ctx context.Context, s streams, sh *shell) error {
	env, err := variables("")
	if err != nil {
		return usage(err)
	}
	p, err := openProject(c.Dir)
	if err != nil {
		return err
	}
	if err := p.refuse(s); err != nil {
		return errors.Join(err, p.Close())
	}
	e, err := (&wiring{project: p, env: env}).engine(memory.New(), "")
	if err != nil {
		return errors.Join(err, p.Close())
	}
	bench, err := e.Workbench(ctx, c.Agent)
	if err != nil {
		p.Close()
		return err
	}
	sh.box, sh.exec.Grants, sh.closer = bench.Sandbox, bench.Grants, closers{bench, p}
	return nil
}

// closers are closed one after another.
type closers []io.Closer

func (c closers) Close() error {
	var errs []error
	for _, closer := range c {
		errs = append(errs, closer.Close())
	}
	return errors.Join(errs...)
}

// jsonReply is a result as --json writes it.
func jsonReply(r sandbox.ExecResult) []byte {
	b := appendJSON([]byte(`{"stdout":`), r.Stdout)
	b = appendJSON(append(b, `,"stderr":`...), r.Stderr)
	b = fmt.Appendf(b, `,"code":%d`, r.ExitCode)
	if r.Limit != "" {
		b = appendJSON(append(b, `,"limit":`...), r.Limit)
	}
	return append(b, "}\n"...)
}
