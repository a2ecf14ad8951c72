package shell

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

const (
	bashVersion = "5.2.37(1)-release"
	hostType    = "x86_64"
)

// dynamicVar is a variable that the shell computes at each reading.
type dynamicVar struct {
	attr attr
	get  func(s *shell) string
	list func(s *shell) []string      // for an array, instead of get
	set  func(s *shell, value string) // nil: an assignment is ignored
}

func (d *dynamicVar) read(s *shell) *variable {
	if d.list != nil {
		return &variable{attr: d.attr | indexed, set: true, list: newArray(d.list(s))}
	}
	return &variable{attr: d.attr, set: true, str: d.get(s)}
}

func (d *dynamicVar) write(s *shell, name, value string) bool {
	if d.attr&readonly != 0 {
		s.warnf("%s: readonly variable", name)
		return false
	}
	if d.set != nil {
		d.set(s, value)
	}
	return true
}

// dynamic finds a computed variable that has not been unset.
func (s *shell) dynamic(name string) *dynamicVar {
	if len(name) < 3 || name[0] < 'A' || name[0] > 'Z' {
		return nil
	}
	d := dynamicVars[name]
	if d == nil || s.undynamic[name] {
		return nil
	}
	if len(s.frames) == 0 && name == "FUNCNAME" {
		return nil
	}
	return d
}

// forget unsets a computed variable for good.
func (s *shell) forget(name string) {
	s.unshare()
	if s.undynamic == nil {
		s.undynamic = map[string]bool{}
	}
	s.undynamic[name] = true
}

func constant(value string) *dynamicVar {
	return &dynamicVar{get: func(*shell) string { return value }, set: func(*shell, string) {}}
}

func readonlyConstant(value string, a attr) *dynamicVar {
	return &dynamicVar{attr: readonly | a, get: func(*shell) string { return value }}
}

var dynamicVars map[string]*dynamicVar

func init() {
	dynamicVars = map[string]*dynamicVar{
		"BASH":         constant("/bin/bash"),
		"BASH_VERSION": constant(bashVersion),
		"HOSTNAME":     constant("flue"),
		"HOSTTYPE":     constant(hostType),
		"MACHTYPE":     constant(hostType + "-pc-linux-gnu"),
		"OSTYPE":       constant("linux-gnu"),
		"UID":          readonlyConstant("1000", integer),
		"EUID":         readonlyConstant("1000", integer),
		"PPID":         {attr: readonly | integer, get: func(s *shell) string { return strconv.Itoa(s.parentPID) }},
		"BASH_VERSINFO": {attr: readonly, list: func(*shell) []string {
			return []string{"5", "2", "37", "1", "release", hostType + "-pc-linux-gnu"}
		}},
		"GROUPS":        {list: func(*shell) []string { return []string{"1000"} }},
		"BASHPID":       {attr: integer, get: func(s *shell) string { s.register(s.proc); return strconv.Itoa(s.proc.pid) }},
		"BASH_SUBSHELL": {get: func(s *shell) string { return strconv.Itoa(s.subshell) }},
		"BASH_COMMAND":  {get: func(s *shell) string { return s.command }},
		"LINENO":        {get: func(s *shell) string { return strconv.Itoa(s.line) }},
		"PIPESTATUS": {list: func(s *shell) []string {
			list := make([]string, len(s.pipeStatus))
			for i, n := range s.pipeStatus {
				list[i] = strconv.Itoa(n)
			}
			return list
		}},
		"DIRSTACK": {list: func(s *shell) []string { return append([]string{s.dir}, s.dirs...) }},
		"FUNCNAME": {list: func(s *shell) []string {
			var list []string
			for i := len(s.frames) - 1; i >= 0; i-- {
				list = append(list, s.frames[i].name)
			}
			if !s.isRead() {
				list = append(list, "main")
			}
			return list
		}},
		"BASH_SOURCE": {list: func(s *shell) []string {
			var list []string
			for i := len(s.frames) - 1; i >= 0; i-- {
				list = append(list, s.sourceName(s.frames[i].source))
			}
			if s.mainFile != "" || len(list) > 0 && !s.isRead() {
				list = append(list, s.sourceName(s.mainFile))
			}
			return list
		}},
		"BASH_ARGV": {list: func(s *shell) []string {
			var list []string
			for _, args := range s.callArgs() {
				for i := len(args) - 1; i >= 0; i-- {
					list = append(list, args[i])
				}
			}
			return list
		}},
		"BASH_ARGC": {list: func(s *shell) []string {
			var list []string
			for _, args := range s.callArgs() {
				list = append(list, strconv.Itoa(len(args)))
			}
			return list
		}},
		"BASH_LINENO": {list: func(s *shell) []string {
			var list []string
			for i := len(s.frames) - 1; i >= 0; i-- {
				list = append(list, strconv.Itoa(s.frames[i].line))
			}
			if !s.isRead() {
				list = append(list, "0")
			}
			return list
		}},
		"RANDOM": {attr: integer, get: func(s *shell) string { return strconv.Itoa(s.nextRandom()) },
			set: func(s *shell, value string) { s.seed(value) }},
		"SRANDOM": {attr: integer, get: func(s *shell) string { return strconv.FormatUint(uint64(s.numbers().Uint32()), 10) }},
		"SECONDS": {attr: integer, get: func(s *shell) string { return formatInt(int64(s.Now().Sub(s.epoch)/time.Second) + s.seconds) },
			set: func(s *shell, value string) {
				n, _ := strconv.ParseInt(value, 10, 64)
				s.seconds, s.epoch = n, s.Now()
			}},
		"HISTCMD":      {get: func(s *shell) string { return strconv.Itoa(s.hist.first + len(s.hist.lines) + 1) }},
		"EPOCHSECONDS": {get: func(s *shell) string { return formatInt(s.Now().Unix()) }},
		"EPOCHREALTIME": {get: func(s *shell) string {
			now := s.Now()
			return fmt.Sprintf("%d.%06d", now.Unix(), now.Nanosecond()/1000)
		}},
		"SHELLOPTS": {attr: readonly, get: func(s *shell) string { return strings.Join(s.optionNames(setOptions), ":") }},
		"BASHOPTS":  {attr: readonly, get: func(s *shell) string { return strings.Join(s.shoptNames(), ":") }},
	}
}

// sourceName is how BASH_SOURCE shows where a function comes from.
func (s *shell) sourceName(file string) string {
	if file == "" {
		switch {
		case s.mainFile != "":
			return s.mainFile
		case s.fromStdin:
			return "main"
		}
		return "environment"
	}
	return file
}

// callArgs are the arguments of the calls, the innermost first, and those of the script: for extdebug alone.
func (s *shell) callArgs() (list [][]string) {
	if s.opts&optExtdebug == 0 {
		return nil
	}
	main := s.params
	for i := len(s.frames) - 1; i >= 0; i-- {
		list = append(list, s.frames[i].args)
		main = nil
	}
	return append(list, main)
}

// nextRandom is bash's generator, so that a seed gives the numbers it gives there: Park and Miller's minimal standard one,
// its halves folded, and no number twice in a row.
func (s *shell) nextRandom() int {
	if s.randomState == 0 {
		s.randomState = s.numbers().Uint32()
	}
	for {
		last := s.randomState
		h := int64(last / 127773)
		t := 16807*(int64(last)-127773*h) - 2836*h
		if t = int64(int32(t)); t < 0 {
			t += 0x7fffffff
		}
		s.randomState = uint32(t)
		if n := int((s.randomState>>16 ^ s.randomState&65535) & 32767); n != s.lastRandom {
			s.lastRandom = n
			return n
		}
	}
}

// isRead says that the script is bash -c's or standard input: it is no frame of the call stack.
func (s *shell) isRead() bool { return s.commandString || s.fromStdin }

// numbers is where a sequence of RANDOM begins, and those of SRANDOM; each process has its own.
func (s *shell) numbers() *rand.Rand {
	if s.random == nil {
		s.random = rand.New(rand.NewPCG(s.Seed, uint64(s.proc.pid)))
	}
	return s.random
}

// seed begins the sequence of RANDOM anew.
func (s *shell) seed(value string) {
	n, _ := strconv.ParseInt(value, 10, 64)
	if s.randomState = uint32(n); s.randomState == 0 {
		s.randomState = 123459876
	}
	s.lastRandom = 0
}

func (s *shell) mainPID() int {
	if s.shellPID != 0 {
		return s.shellPID
	}
	return 1
}

// assigned reacts to the variables that steer the shell.
func (s *shell) assigned(name, value string) {
	switch name {
	case "OPTIND":
		s.getopt = 0
	case "PATH":
		s.hashed = nil
	case "POSIXLY_CORRECT":
		s.opts |= optPosix
	}
}
