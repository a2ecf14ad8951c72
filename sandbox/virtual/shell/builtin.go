package shell

import (
	"context"
	"strconv"
	"strings"
)

// builtin is a command that is part of the shell. args[0] is its name.
type builtin func(s *shell, args []string) int

// builtins are all of them; init breaks the cycle with those that run commands.
var builtins map[string]builtin

func init() {
	builtins = map[string]builtin{
		":": builtinTrue, "true": builtinTrue, "false": builtinFalse,
		".": builtinSource, "source": builtinSource, "[": builtinTest, "test": builtinTest,
		"alias": builtinAlias, "unalias": builtinUnalias,
		"bg": builtinBg, "fg": builtinFg, "jobs": builtinJobs, "wait": builtinWait, "kill": builtinKill, "disown": builtinDisown,
		"break": builtinBreak, "continue": builtinBreak, "return": builtinReturn, "exit": builtinExit, "logout": builtinExit,
		"builtin": builtinBuiltin, "command": builtinCommand, "type": builtinType, "hash": builtinHash, "enable": builtinEnable,
		"caller": builtinCaller, "cd": builtinCd, "pwd": builtinPwd, "pushd": builtinPushd, "popd": builtinPushd, "dirs": builtinDirs,
		"declare": builtinDeclare, "typeset": builtinDeclare, "local": builtinDeclare, "export": builtinDeclare,
		"readonly": builtinDeclare, "unset": builtinUnset, "let": builtinLet, "shift": builtinShift,
		"echo": builtinEcho, "printf": builtinPrintf, "read": builtinRead, "mapfile": builtinMapfile, "readarray": builtinMapfile,
		"eval": builtinEval, "exec": builtinExec, "getopts": builtinGetopts, "set": builtinSet, "shopt": builtinShopt,
		"trap": builtinTrap, "times": builtinTimes, "ulimit": builtinUlimit, "umask": builtinUmask,
		"compgen": builtinCompgen, "help": builtinHelp, "suspend": builtinSuspend,
		"complete": builtinComplete, "compopt": builtinCompopt, "bind": builtinBind, "history": builtinHistory, "fc": builtinFc,
	}
	for _, name := range []string{"echo", "printf", "test", "[", "true", "false", "pwd", "kill"} {
		ownCommands[name] = asCommand(name)
	}
}

var specialBuiltins = " : . break continue eval exec exit export readonly return set shift source times trap unset "

func isSpecialBuiltin(name string) bool { return strings.Contains(specialBuiltins, " "+name+" ") }

func (s *shell) disabled(name string) bool { return s.off[name] }

// ownCommands are the programs of /bin that the shell itself is: bash, sh, and its builtins.
var ownCommands = map[string]Command{}

// Builtins are the shell's builtins that /bin has too, as programs: echo printf test [ true false pwd kill.
// env, xargs and find reach them, and bash and sh, by Invocation.Exec.
func Builtins() map[string]Command { return cloneMap(ownCommands) }

// asCommand runs a builtin outside of a script.
func asCommand(name string) Command {
	return func(_ context.Context, inv *Invocation) int {
		s := shellFor(inv)
		defer s.finishCommand()
		return s.protect(func() int { return s.ownProgram(name, inv.Args) })
	}
}

// ownProgram runs what is a builtin and a program too, as the program.
func (s *shell) ownProgram(name string, args []string) int {
	switch name {
	case "echo":
		return programEcho(s, args)
	case "printf":
		return programPrintf(s, args)
	case "test", "[":
		return programTest(s, name, args)
	}
	return builtins[name](s, append([]string{name}, args[1:]...))
}

// shellFor makes a shell whose world is an invocation.
func shellFor(inv *Invocation) *shell {
	var env []string
	for k, v := range inv.Env.All() {
		env = append(env, k+"="+v)
	}
	cfg := Config{FS: inv.FS, Budget: inv.Budget, Env: env, Dir: inv.Dir, Args: []string{inv.Args[0]},
		Stdin: inv.Stdin, Stdout: inv.Stdout, Stderr: inv.Stderr, Now: inv.Now, Fetch: inv.Fetch}
	w := newWorld(cfg)
	w.nested = true
	s := w.mainShell()
	s.umask = inv.Umask
	return s
}

func (s *shell) finishCommand() {
	s.finish()
	s.world.end()
}

func builtinTrue(*shell, []string) int  { return 0 }
func builtinFalse(*shell, []string) int { return 1 }

// flags splits a builtin's leading options: -ab is a and b; valid lists those allowed, with : after one that
// takes a value. Letters come in order; a value follows its letter after "=".
func (s *shell) flags(args []string, valid string) (opts []string, rest []string, ok bool) {
	rest = args[1:]
	for len(rest) > 0 && len(rest[0]) > 1 && rest[0][0] == '-' {
		if rest[0] == "--" {
			return opts, rest[1:], true
		}
		cluster := rest[0][1:]
		rest = rest[1:]
		for i := 0; i < len(cluster); i++ {
			at := strings.IndexByte(valid, cluster[i])
			if at < 0 || cluster[i] == ':' {
				s.badOption(args[0], "-"+cluster[i:i+1])
				return nil, nil, false
			}
			if at+1 < len(valid) && valid[at+1] == ':' {
				value := cluster[i+1:]
				if value == "" {
					if len(rest) == 0 {
						s.warnf("%s: -%c: option requires an argument", args[0], cluster[i])
						s.misused(args[0])
						return nil, nil, false
					}
					value, rest = rest[0], rest[1:]
				}
				opts = append(opts, string(cluster[i])+"="+value)
				break
			}
			opts = append(opts, string(cluster[i]))
		}
	}
	return opts, rest, true
}

func has(opts []string, letter string) bool {
	for _, o := range opts {
		if o == letter {
			return true
		}
	}
	return false
}

// number reads a builtin's numeric argument.
func number(v string) (int, bool) {
	n, err := strconv.Atoi(strings.TrimSpace(v))
	return n, err == nil
}

func builtinLet(s *shell, args []string) int {
	args = args[1:]
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	return s.let(args)
}

// let evaluates expressions; the last one gives the status.
func (s *shell) let(exprs []string) int {
	if len(exprs) == 0 {
		s.warnf("let: expression expected")
		return 1
	}
	outer := s.arithBy
	s.arithBy = "let"
	n := int64(0)
	var err error
	for _, x := range exprs {
		if n, err = s.arithTry(x); err != nil {
			s.arithMistake(err)
			break
		}
	}
	s.arithBy = outer
	return boolStatus(err == nil && n != 0)
}
