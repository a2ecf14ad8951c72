// Package git is the git of a sandbox: repositories on its files, in git's own formats and words. There is nothing in
// it that a repository could use to run something: no hooks, filters, pagers, editors or includes. Start at Run; a
// command is a file; object.go, tree.go, pack.go, index.go and refs.go are what a repository is made of. peer.go is
// another repository: of a server that the sandbox's network has (http.go), or on the same files (local.go).
package git

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// command is one of git's; it works in a repository unless it is named in outside.
type command func(r *repo, args []string) error

var outside = []string{"init", "config", "clone", "ls-remote"}

func commands() map[string]command {
	return map[string]command{
		"add": add, "apply": applyPatch, "blame": blame, "branch": branch, "cat-file": catFile, "checkout": checkout, "clean": cleanCommand, "clone": cloneCommand, "commit": commitCommand,
		"config": configCommand, "diff": diffCommand, "fetch": fetchCommand, "grep": grep, "init": initCommand, "log": logCommand, "ls-files": lsFiles, "ls-remote": lsRemote, "ls-tree": lsTree, "merge": merge,
		"merge-base": mergeBaseCommand, "mv": mv, "pull": pullCommand, "push": pushCommand, "rebase": rebaseCommand, "remote": remote, "reset": reset, "restore": restore, "rev-list": revList, "rev-parse": revParse, "rm": rm,
		"show": show, "stash": stash, "status": status, "switch": switchCommand, "tag": tag, "hash-object": hashObject, "symbolic-ref": symbolicRef,
	}
}

// failure is how a command ends that could not do what it should.
type failure struct {
	code int
	text string // for stderr, without its newline; "" where all is said
}

func (f *failure) Error() string { return f.text }

func fatal(format string, args ...any) error {
	return &failure{128, "fatal: " + fmt.Sprintf(format, args...)}
}

func problem(format string, args ...any) error {
	return &failure{1, "error: " + fmt.Sprintf(format, args...)}
}

// exit ends a command with a status, in silence.
func exit(code int) error { return &failure{code, ""} }

// Run is git.
func Run(ctx context.Context, inv *shell.Invocation) int {
	r := &repo{ctx: ctx, inv: inv, out: inv.Buffered(inv.Stdout), cache: map[id]object{}, at: inv.Dir}
	defer func() {
		for _, o := range append(r.others, r) {
			inv.Budget.Release(o.held + o.kept)
		}
	}()
	err := r.run(inv.Args[1:])
	if r.out.Flush() != nil {
		return 141
	}
	var f *failure
	switch {
	case err == nil:
		return 0
	case inv.Budget.Err() != nil || ctx.Err() != nil || errors.Is(err, cli.ErrStop):
		return 128
	case errors.As(err, &f):
		if f.text != "" {
			fmt.Fprintln(inv.Stderr, f.text)
		}
		return f.code
	}
	fmt.Fprintln(inv.Stderr, "fatal: "+err.Error())
	return 128
}

func (r *repo) run(args []string) error {
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		value := func() (string, error) {
			if len(args) < 2 {
				return "", &failure{129, "no value given for " + args[0]}
			}
			v := args[1]
			args = args[1:]
			return v, nil
		}
		switch {
		case args[0] == "-C":
			dir, err := value()
			if err != nil {
				return err
			}
			child := *r.inv
			child.Dir = r.at
			if r.at, err = r.inv.FS.Realpath(child.Path(dir)); err != nil {
				return fatal("cannot change to '%s': %v", dir, err)
			}
		case args[0] == "-c":
			v, err := value()
			if err != nil {
				return err
			}
			key, val, ok := strings.Cut(v, "=")
			if !ok {
				val = "true"
			}
			r.given = append(r.given, setting{strings.ToLower(key), val})
		case args[0] == "--version":
			fmt.Fprintln(r.out, "git version 2.39.5 (flue)")
			return nil
		case args[0] == "--help" || args[0] == "-h":
			io.WriteString(r.out, usage())
			return nil
		case args[0] == "-P" || args[0] == "-p" || args[0] == "--no-pager" || args[0] == "--paginate" || args[0] == "--no-optional-locks" || args[0] == "--literal-pathspecs":
		case strings.HasPrefix(args[0], "--git-dir") || strings.HasPrefix(args[0], "--work-tree") || strings.HasPrefix(args[0], "--exec-path") || args[0] == "--bare" || strings.HasPrefix(args[0], "--namespace"):
			return fatal("%s is not supported in this sandbox; use -C", args[0])
		default:
			return &failure{129, fmt.Sprintf("unrecognized option '%s'\nusage: git [-C <path>] [-c <name>=<value>] <command> [<args>] (see git --help)", args[0])}
		}
		args = args[1:]
	}
	if len(args) == 0 {
		io.WriteString(r.inv.Stderr, usage())
		return exit(1)
	}
	name := args[0]
	if name == "help" {
		if len(args) > 1 && synopses[args[1]] != "" {
			fmt.Fprintln(r.out, usageOf(args[1]))
			return nil
		}
		io.WriteString(r.out, usage())
		return nil
	}
	if name == "version" {
		return r.run([]string{"--version"})
	}
	run := commands()[name]
	if run == nil {
		return &failure{1, fmt.Sprintf("git: '%s' is not a git command. See 'git --help'.", name)}
	}
	if len(args) == 2 && (args[1] == "--help" || args[1] == "-h") {
		fmt.Fprintln(r.out, usageOf(name))
		return exit(map[bool]int{true: 129}[args[1] == "-h"])
	}
	err := r.discover()
	if err != nil && !slices.Contains(outside, name) {
		return err
	}
	return run(r, args[1:])
}

// flags are a command's options: by their long or short key, with their values in order.
type flags map[string][]string

func (f flags) has(key string) bool { return len(f[key]) > 0 }

func (f flags) last(key string) string {
	if list := f[key]; len(list) > 0 {
		return list[len(list)-1]
	}
	return ""
}

// parse reads a command's options. known has them separated by spaces, "key", "key=alias=alias", and ":" behind the key
// of those with a value, "?" of those with one behind "=" only. What is after "--" comes back apart; dashes says
// whether there was one.
func parse(known string, args []string) (f flags, operands, after []string, dashes bool, err error) {
	f = flags{}
	type option struct{ key, kind string }
	table := map[string]option{}
	for word := range strings.FieldsSeq(known) {
		names := strings.Split(word, "=")
		key := strings.TrimRight(names[0], ":?")
		o := option{key, names[0][len(key):]}
		for _, n := range append([]string{key}, names[1:]...) {
			table[n] = o
		}
	}
	for i := 0; i < len(args); i++ {
		arg := args[i]
		take := func(what string) (string, error) {
			if i++; i < len(args) {
				return args[i], nil
			}
			return "", &failure{129, fmt.Sprintf("error: %s requires a value", what)}
		}
		switch {
		case arg == "--":
			return f, operands, args[i+1:], true, nil
		case strings.HasPrefix(arg, "--"):
			name, value, has := strings.Cut(arg[2:], "=")
			o, ok := table[name]
			switch {
			case !ok || len(name) == 1:
				return f, nil, nil, false, &failure{129, fmt.Sprintf("error: unknown option `%s'", name)}
			case has && o.kind == "":
				return f, nil, nil, false, &failure{129, fmt.Sprintf("error: option `%s' takes no value", name)}
			case !has && o.kind == ":":
				if value, err = take("option `" + name + "'"); err != nil {
					return f, nil, nil, false, err
				}
			}
			f[o.key] = append(f[o.key], value)
		case len(arg) > 1 && arg[0] == '-':
			if _, ok := table["#"]; ok && strings.Trim(arg[1:], "0123456789") == "" {
				f["#"] = append(f["#"], arg[1:])
				continue
			}
			for rest := arg[1:]; rest != ""; {
				name := rest[:1]
				rest = rest[1:]
				o, ok := table[name]
				if !ok {
					return f, nil, nil, false, &failure{129, fmt.Sprintf("error: unknown switch `%s'", name)}
				}
				value := ""
				if o.kind != "" && (rest != "" || o.kind == ":") {
					if value, rest = rest, ""; value == "" {
						if value, err = take("switch `" + name + "'"); err != nil {
							return f, nil, nil, false, err
						}
					}
				}
				f[o.key] = append(f[o.key], value)
			}
		default:
			operands = append(operands, arg)
		}
	}
	return f, operands, nil, false, nil
}
