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
		"PPID":         readonlyConstant("0", integer),
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
			return append(list, "main")
		}},
		"BASH_SOURCE": {list: func(s *shell) []string {
			var list []string
			for i := len(s.frames) - 1; i >= 0; i-- {
				list = append(list, s.sourceName(s.frames[i].source))
			}
			if s.mainFile != "" || len(list) > 0 {
				list = append(list, s.sourceName(s.mainFile))
			}
			return list
		}},
		"BASH_LINENO": {list: func(s *shell) []string {
			var list []string
			for i := len(s.frames) - 1; i >= 0; i-- {
				list = append(list, strconv.Itoa(s.frames[i].line))
			}
			return append(list, "0")
		}},
		"RANDOM": {attr: integer, get: func(s *shell) string { return strconv.Itoa(s.numbers().IntN(32768)) },
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
		if s.mainFile != "" {
			return s.mainFile
		}
		return "environment"
	}
	return file
}

// numbers is the sequence of RANDOM, which each process has its own of.
func (s *shell) numbers() *rand.Rand {
	if s.random == nil {
		s.random = rand.New(rand.NewPCG(s.Seed, uint64(s.proc.pid)))
	}
	return s.random
}

// seed begins the sequence of RANDOM anew.
func (s *shell) seed(value string) {
	n, _ := strconv.ParseUint(value, 10, 64)
	s.random = rand.New(rand.NewPCG(n, 0))
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
