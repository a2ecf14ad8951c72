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
		"compgen": builtinCompgen, "complete": builtinTrue, "compopt": builtinTrue, "history": builtinTrue, "fc": builtinTrue,
		"bind": builtinTrue, "suspend": builtinFalse, "help": builtinHelp,
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
	return func(ctx context.Context, inv *Invocation) int {
		s := shellFor(ctx, inv)
		defer s.finishCommand()
		return s.protect(func() int { return builtins[name](s, append([]string{name}, inv.Args[1:]...)) })
	}
}

// shellFor makes a shell whose world is an invocation.
func shellFor(ctx context.Context, inv *Invocation) *shell {
	var env []string
	for k, v := range inv.Env.All() {
		env = append(env, k+"="+v)
	}
	cfg := Config{FS: inv.FS, Budget: inv.Budget, Env: env, Dir: inv.Dir, Args: []string{inv.Args[0]},
		Stdin: inv.Stdin, Stdout: inv.Stdout, Stderr: inv.Stderr, Now: inv.Now}
	w := newWorld(ctx, cfg)
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

// usage prints a builtin's mistake; status 2 is bash's for wrong use.
func (s *shell) usage(name, format string, args ...any) int {
	s.warnf(name+": "+format, args...)
	return 2
}

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
				s.warnf("%s: -%c: invalid option", args[0], cluster[i])
				return nil, nil, false
			}
			if at+1 < len(valid) && valid[at+1] == ':' {
				value := cluster[i+1:]
				if value == "" {
					if len(rest) == 0 {
						s.warnf("%s: -%c: option requires an argument", args[0], cluster[i])
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

func builtinEcho(s *shell, args []string) int {
	newline, escapes := true, s.opts&optXpgEcho != 0
	i := 1
options:
	for ; i < len(args); i++ {
		a := args[i]
		if len(a) < 2 || a[0] != '-' || strings.Trim(a[1:], "neE") != "" {
			break options
		}
		for _, c := range a[1:] {
			switch c {
			case 'n':
				newline = false
			case 'e':
				escapes = true
			case 'E':
				escapes = false
			}
		}
	}
	b := make([]byte, 0, 64)
	for j := i; j < len(args); j++ {
		if j > i {
			b = append(b, ' ')
		}
		if !escapes {
			b = append(b, args[j]...)
			continue
		}
		text, stop := ansiC(args[j], true)
		b = append(b, text...)
		if stop {
			newline = false
			break
		}
	}
	if newline {
		b = append(b, '\n')
	}
	if len(b) == 0 {
		return 0
	}
	return boolStatus(s.writeNamed("echo", b))
}

// writeNamed writes to descriptor 1 and names the builtin in the message.
func (s *shell) writeNamed(name string, b []byte) bool {
	if st := s.fd(1); st != nil {
		return s.writeFD(1, b)
	}
	s.warnf("%s: write error: Bad file descriptor", name)
	return false
}

// number reads a builtin's numeric argument.
func number(v string) (int, bool) {
	n, err := strconv.Atoi(strings.TrimSpace(v))
	return n, err == nil
}

func builtinBreak(s *shell, args []string) int {
	n := 1
	if len(args) > 1 {
		var ok bool
		if n, ok = number(args[1]); !ok {
			s.warnf("%s: %s: numeric argument required", args[0], args[1])
			s.status = 128
			s.flow = flowExit
			return 128
		}
		if len(args) > 2 {
			s.warnf("%s: too many arguments", args[0])
			panic(unwind{unwindLine, 1})
		}
	}
	if s.loops == 0 {
		s.warnf("%s: only meaningful in a `for', `while', or `until' loop", args[0])
		return 0
	}
	if n < 1 {
		s.warnf("%s: %s: loop count out of range", args[0], args[1])
		s.flow, s.flowCount = flowBreak, s.loops
		return 1
	}
	s.flowCount = min(n, s.loops)
	s.flow = flowBreak
	if args[0] == "continue" {
		s.flow = flowContinue
	}
	return 0
}

func builtinReturn(s *shell, args []string) int {
	status, ok := s.exitArg(args)
	if !ok {
		status = 2
	}
	if len(s.frames) == 0 {
		s.warnf("return: can only `return' from a function or sourced script")
		return 2
	}
	s.status = status
	s.flow = flowReturn
	return status
}

func (s *shell) exitArg(args []string) (int, bool) {
	if len(args) > 1 && args[1] == "--" {
		args = args[1:]
	}
	if len(args) < 2 {
		return s.status, true
	}
	n, err := strconv.ParseInt(args[1], 10, 64)
	if err != nil {
		s.warnf("%s: %s: numeric argument required", args[0], args[1])
		return 2, false
	}
	if len(args) > 2 {
		s.warnf("%s: too many arguments", args[0])
		panic(unwind{unwindLine, 1})
	}
	return int(n) & 0xff, true
}

func builtinExit(s *shell, args []string) int {
	s.status, _ = s.exitArg(args)
	s.flow = flowExit
	return s.status
}

func builtinShift(s *shell, args []string) int {
	n := 1
	if len(args) > 1 {
		var ok bool
		if n, ok = number(args[1]); !ok {
			s.warnf("shift: %s: numeric argument required", args[1])
			return 1
		}
	}
	if len(args) > 2 {
		s.warnf("shift: too many arguments")
		panic(unwind{unwindLine, 1})
	}
	if n < 0 || n > len(s.params) {
		if n < 0 || s.opts&optShiftVerbose != 0 {
			s.warnf("shift: %d: shift count out of range", n)
		}
		return 1
	}
	s.params = s.params[n:]
	return 0
}

func builtinEval(s *shell, args []string) int {
	args = args[1:]
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	} else if len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		return s.usage("eval", "%s: invalid option", args[0][:2])
	}
	text := strings.Join(args, " ")
	if strings.TrimSpace(text) == "" {
		return 0
	}
	line, base := s.line, s.lineBase
	s.lineBase = max(0, s.line-1)
	status := s.runText(text, "eval")
	s.line, s.lineBase = line, base
	return status
}

func builtinSource(s *shell, args []string) int {
	_, rest, ok := s.flags(args, "")
	if !ok {
		return 2
	}
	if len(rest) == 0 {
		return s.usage(args[0], "filename argument required")
	}
	file := rest[0]
	path := file
	if !strings.Contains(file, "/") && s.opts&optSourcepath != 0 {
		for dir := range strings.SplitSeq(s.get("PATH"), ":") {
			candidate := strings.TrimSuffix(dir, "/") + "/" + file
			if info, err := s.FS.Stat(s.abs(candidate)); err == nil && info.Mode.IsRegular() {
				path = candidate
				break
			}
		}
	}
	st, err := s.openStream(path, 0)
	if err != nil {
		s.warnf("%s: %v", file, err)
		if s.opts&optPosix != 0 {
			s.status, s.flow = 1, flowExit
		}
		return 1
	}
	text, err := s.readAll(&handle{st: st, by: s.proc})
	st.close()
	if err != nil {
		s.warnf("%s: %v", file, err)
		return 1
	}
	params, line, base, source := s.params, s.line, s.lineBase, s.source
	if len(rest) > 1 {
		s.params = rest[1:]
	}
	s.frames = append(s.frames, frame{name: "source", source: path, line: line})
	s.lineBase, s.source = 0, path
	defer func() {
		if len(rest) > 1 {
			s.params = params
		}
		s.line, s.lineBase, s.source = line, base, source
		s.frames = s.frames[:len(s.frames)-1]
	}()
	status := s.runText(text, path)
	if s.flow == flowReturn {
		s.flow = flowNone
		status = s.status
	}
	s.runReturnTrap()
	return status
}

func builtinExec(s *shell, args []string) int {
	opts, rest, ok := s.flags(args, "cla:")
	if !ok {
		return 2
	}
	if len(rest) == 0 {
		return 0
	}
	name := rest[0]
	if p, _ := s.programQuiet(name); p == (programKey{}) && !strings.Contains(name, "/") {
		status := s.notFoundExec(name)
		s.status, s.flow = status, flowExit
		return status
	}
	for _, o := range opts {
		if v, isName := strings.CutPrefix(o, "a="); isName {
			rest = append([]string{v}, rest[1:]...)
		}
	}
	prog, status := s.program(name)
	if status == 0 {
		var env Environ = shellEnv{s}
		if has(opts, "c") {
			env = mapEnv{}
		}
		status = s.runProgram(s.proc, prog, rest, env, s.dir, [3]*stream{s.fd(0), s.fd(1), s.fd(2)})
	}
	s.status, s.flow = status, flowExit
	delete(s.traps, trapExit)
	return status
}

func (s *shell) notFoundExec(name string) int {
	s.warnf("exec: %s: not found", name)
	return 127
}

func builtinLet(s *shell, args []string) int {
	if len(args) < 2 {
		s.warnf("let: expression expected")
		return 1
	}
	n := int64(0)
	for _, a := range args[1:] {
		var err error
		if n, err = s.arithTry(a); err != nil {
			s.warnf("let: %v", err)
			return 1
		}
	}
	return boolStatus(n != 0)
}

// readAllIn reads standard input to its end.
func (s *shell) readAllIn() string {
	text, _ := s.readAll(s.handle(0))
	return text
}
