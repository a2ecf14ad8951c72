// Package command runs privileged commands: programs of the host that an agent may call from its shell, with arguments
// that were written down, secrets that it never sees, and nothing of the host besides. Start at New, which makes a Broker
// of a project's commands/; then grant.go, which is the way of one call, and exec.go, which runs the program.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/flue-run/flue/command/grammar"
	"github.com/flue-run/flue/command/redact"
	"github.com/flue-run/flue/expr"
	"github.com/flue-run/flue/spec"
)

// defaultTimeout is how long a call may take where its file does not say.
const defaultTimeout = 120 * time.Second

// Config is what a Broker needs. Every field may be empty.
type Config struct {
	Commands map[string]*spec.Command
	// Env looks up variables of the host: those that commands name, and PATH, LANG and TZ. nil: there are none.
	Env func(name string) (string, bool)
	// Project is the project's folder on the host: no program inside it is a command. "": it has none.
	Project string
	// Hooks are what `hook: NAME` calls, besides exec.
	Hooks map[string]Hook
	// Secrets are kept out of outputs besides those of commands, by name. Those that are too short are left out.
	Secrets map[string]string
}

// Hook does one call of a command instead of a program.
type Hook func(ctx context.Context, c Call) (Result, error)

// Call is one call that the command's rules have let through.
type Call struct {
	Command string
	Args    []string          // without the name
	Dir     string            // the working directory, inside the sandbox
	Env     map[string]string // what the command's file declares, evaluated
	Stdin   io.Reader         // never nil
}

// Result is how a call ended. What it prints is redacted on its way.
type Result struct {
	Stdout, Stderr string
	ExitCode       int
}

// Broker has the privileged commands of a project. It does not change and may be used from several goroutines.
type Broker struct {
	cfg      Config
	redactor *redact.Redactor
	commands map[string]*command
}

// command is one of a project, made ready at its first use.
type command struct {
	*spec.Command
	prepare func() (*ready, error)
}

// ready is a command that can be called.
type ready struct {
	*spec.Command
	rules   *grammar.Rules // nil: a hook that checks arguments itself
	hook    Hook           // nil: exec
	program string         // absolute
	env     map[string]string
	secret  bool // env holds one
	profile *profile
}

// New makes a Broker. Commands that nobody uses may be wrong: Check judges them.
func New(cfg Config) (*Broker, error) {
	if cfg.Env == nil {
		cfg.Env = func(string) (string, bool) { return "", false }
	}
	if cfg.Hooks["exec"] != nil {
		return nil, errors.New("the hook exec is flue's own: register another name")
	}
	b := &Broker{cfg: cfg, commands: map[string]*command{}}
	secrets := map[string]string{}
	keep := func(name, value string) {
		if len(value) >= redact.MinLength {
			secrets[name] = value
		}
	}
	for name, value := range cfg.Secrets {
		keep(name, value)
	}
	for name, c := range cfg.Commands {
		b.commands[name] = &command{Command: c, prepare: sync.OnceValues(func() (*ready, error) { return b.ready(c) })}
		for key, source := range c.Env {
			text, names, err := expr.Privileged(source, cfg.Env)
			for _, variable := range names {
				if value, ok := cfg.Env(variable); ok {
					keep(variable, value)
				}
			}
			if err == nil && len(names) > 0 && len(text) >= 8 {
				keep(name+"."+key, text) // what an expression makes of a secret is one too
			}
		}
	}
	var err error
	b.redactor, err = redact.New(secrets)
	return b, err
}

// Redactor keeps the secrets of all commands out of text.
func (b *Broker) Redactor() *redact.Redactor { return b.redactor }

// Check says what keeps commands from being called: a program that is not there, a secret that is not set, arguments that
// cannot be read, an isolation that this host does not have. Nothing is run.
func (b *Broker) Check(names []string) error {
	var all []error
	for _, name := range names {
		c := b.commands[name]
		if c == nil {
			all = append(all, fmt.Errorf("command %s: there is none in .flue/commands", name))
			continue
		}
		if _, err := c.prepare(); err != nil {
			all = append(all, fmt.Errorf("command %s: %w", name, err))
		}
	}
	return errors.Join(all...)
}

func (b *Broker) ready(c *spec.Command) (*ready, error) {
	r := &ready{Command: c}
	var err error
	if c.Args.Any || len(c.Args.Lines) > 0 || len(c.Deny) > 0 {
		if r.rules, err = grammar.Parse(grammar.Source{Any: c.Args.Any || len(c.Args.Lines) == 0, Lines: c.Args.Lines, Match: c.Match, Deny: c.Deny}); err != nil {
			return nil, err
		}
	}
	if err := r.declare(b.cfg.Env); err != nil {
		return nil, err
	}
	if c.Hook != "" && c.Hook != "exec" {
		if r.hook = b.cfg.Hooks[c.Hook]; r.hook == nil {
			known := slices.Sorted(maps.Keys(b.cfg.Hooks))
			return nil, fmt.Errorf("this program registers no hook %q; those it has: %s", c.Hook, strings.Join(append([]string{"exec"}, known...), ", "))
		}
		return r, nil
	}
	if r.rules == nil {
		return nil, errors.New("args is missing: which arguments the agent may pass, or `any`")
	}
	if r.program, err = b.find(c.Exec); err != nil {
		return nil, err
	}
	if r.profile = profileOf(r.program); r.profile != nil {
		if err := r.profile.ready(r); err != nil {
			return nil, err
		}
	}
	if r.secret && r.reaches() && c.Isolation != "none" && Isolation().Name == "none" {
		return nil, fmt.Errorf("it has a secret and reaches the workspace (workspace: %s), and nothing on this host can confine it (%s); "+
			"write `isolation: none` into its file to run it all the same", c.Workspace, Isolation().Without)
	}
	return r, nil
}

// declare evaluates env.
func (r *ready) declare(lookup func(string) (string, bool)) error {
	r.env = map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(r.Env)) {
		if key == "" || strings.ContainsAny(key, "=\x00") {
			return fmt.Errorf("env: %q is not a variable's name", key)
		}
		text, names, err := expr.Privileged(r.Env[key], lookup)
		for _, name := range names {
			value, ok := lookup(name)
			switch {
			case !ok:
				return fmt.Errorf("env.%s: the variable %s is not set", key, name)
			case strings.TrimSpace(value) == "":
				return fmt.Errorf("env.%s: the variable %s is empty", key, name)
			case len(value) < redact.MinLength:
				return fmt.Errorf("env.%s: the variable %s has %d bytes; a secret of fewer than %d cannot be kept out of outputs", key, name, len(value), redact.MinLength)
			}
		}
		if err != nil {
			return fmt.Errorf("env.%s: %w", key, err)
		}
		if strings.IndexByte(text, 0) >= 0 {
			return fmt.Errorf("env.%s holds a NUL byte", key)
		}
		r.env[key], r.secret = text, r.secret || len(names) > 0
	}
	return nil
}

// reaches says whether the program may touch the workspace.
func (r *ready) reaches() bool { return r.Workspace == "ro" || r.Workspace == "rw" }

// timeout is how long a call may take.
func (r *ready) timeout() time.Duration {
	if r.Timeout > 0 {
		return time.Duration(r.Timeout)
	}
	return defaultTimeout
}

// Description is what a command opens, for a person to read.
type Description struct {
	Name, Hook string
	Exec       string // as written
	Args       []string
	Deny       []string
	Secrets    []string // names only
	Network    []string
	Workspace  string
	Isolation  string
	Problem    string // why it cannot be called, or ""
}

// Describe says what a command opens.
func (b *Broker) Describe(name string) Description {
	c := b.commands[name]
	if c == nil {
		return Description{Name: name, Problem: "there is none in .flue/commands"}
	}
	d := Description{Name: name, Hook: "exec", Exec: c.Exec, Args: c.Args.Lines, Deny: c.Deny, Network: c.Network, Workspace: "none", Isolation: Isolation().Name}
	if c.Hook != "" && c.Hook != "exec" {
		d.Hook, d.Isolation = c.Hook, "none (a hook of this program)"
	}
	if c.Isolation == "none" {
		d.Isolation = "none (isolation: none)"
	}
	if c.Args.Any {
		d.Args = []string{"any"}
	}
	if c.Workspace != "" {
		d.Workspace = c.Workspace
	}
	for _, source := range c.Env {
		_, names, _ := expr.Privileged(source, b.cfg.Env) // what is wrong with it is the Problem
		d.Secrets = append(d.Secrets, names...)
	}
	slices.Sort(d.Secrets)
	d.Secrets = slices.Compact(d.Secrets)
	if err := b.Check([]string{name}); err != nil {
		d.Problem = err.Error()
	}
	return d
}

// hostPath is the host's PATH without folders that are relative or inside the project.
func (b *Broker) hostPath() []string {
	value, _ := b.cfg.Env("PATH")
	var list []string
	for _, dir := range strings.Split(value, string(os.PathListSeparator)) {
		if isAbs(dir) && !b.inside(dir) {
			list = append(list, dir)
		}
	}
	return list
}
