package shell

import (
	"slices"
	"sort"
)

// optSet is a set of shell options, those of set and those of shopt.
type optSet uint64

const (
	optAllexport optSet = 1 << iota
	optBraceexpand
	optErrexit
	optErrtrace
	optFunctrace
	optHashall
	optHistexpand
	optHistory
	optIgnoreeof
	optInteractiveComments
	optKeyword
	optMonitor
	optNoclobber
	optNoexec
	optNoglob
	optNolog
	optNotify
	optNounset
	optOnecmd
	optPhysical
	optPipefail
	optPosix
	optPrivileged
	optVerbose
	optXtrace
	optEmacs
	optVi

	optAutocd
	optCdableVars
	optCheckwinsize
	optCmdhist
	optDotglob
	optExpandAliases
	optExtglob
	optFailglob
	optGlobstar
	optInheritErrexit
	optLastpipe
	optLocalvarInherit
	optLocalvarUnset
	optNocaseglob
	optNocasematch
	optNullglob
	optPatsubReplacement
	optShiftVerbose
	optSourcepath
	optXpgEcho
	optExecfail
	optExtdebug
	optGlobasciiranges
	optGlobskipdots
)

// optSets are the options of set, which `local -` saves.
const optSets = optAutocd - 1

const optDefaults = optBraceexpand | optHashall | optInteractiveComments | optPatsubReplacement | optSourcepath | optCmdhist |
	optCheckwinsize | optGlobasciiranges | optGlobskipdots

// setOptions are the names of set -o, with their letters.
var setOptions = map[string]optSet{
	"allexport": optAllexport, "braceexpand": optBraceexpand, "emacs": optEmacs, "errexit": optErrexit, "errtrace": optErrtrace,
	"functrace": optFunctrace, "hashall": optHashall, "histexpand": optHistexpand, "history": optHistory, "ignoreeof": optIgnoreeof,
	"interactive-comments": optInteractiveComments, "keyword": optKeyword, "monitor": optMonitor, "noclobber": optNoclobber,
	"noexec": optNoexec, "noglob": optNoglob, "nolog": optNolog, "notify": optNotify, "nounset": optNounset, "onecmd": optOnecmd,
	"physical": optPhysical, "pipefail": optPipefail, "posix": optPosix, "privileged": optPrivileged, "verbose": optVerbose,
	"vi": optVi, "xtrace": optXtrace,
}

var optionLetters = map[byte]optSet{
	'a': optAllexport, 'B': optBraceexpand, 'e': optErrexit, 'E': optErrtrace, 'T': optFunctrace, 'h': optHashall, 'H': optHistexpand,
	'k': optKeyword, 'm': optMonitor, 'C': optNoclobber, 'n': optNoexec, 'f': optNoglob, 'b': optNotify, 'u': optNounset,
	't': optOnecmd, 'P': optPhysical, 'p': optPrivileged, 'v': optVerbose, 'x': optXtrace,
}

var shoptOptions = map[string]optSet{
	"autocd": optAutocd, "cdable_vars": optCdableVars, "checkwinsize": optCheckwinsize, "cmdhist": optCmdhist, "dotglob": optDotglob,
	"expand_aliases": optExpandAliases, "extdebug": optExtdebug, "extglob": optExtglob, "failglob": optFailglob,
	"globasciiranges": optGlobasciiranges, "globskipdots": optGlobskipdots, "globstar": optGlobstar,
	"inherit_errexit": optInheritErrexit, "lastpipe": optLastpipe, "localvar_inherit": optLocalvarInherit,
	"localvar_unset": optLocalvarUnset, "nocaseglob": optNocaseglob, "nocasematch": optNocasematch, "nullglob": optNullglob,
	"patsub_replacement": optPatsubReplacement, "shift_verbose": optShiftVerbose, "sourcepath": optSourcepath, "xpg_echo": optXpgEcho,
	"execfail": optExecfail, "interactive_comments": optInteractiveComments,
}

// rememberedOptions are those of shopt that change nothing here, with how they begin.
var rememberedOptions = map[string]bool{
	"assoc_expand_once": false, "cdspell": false, "checkhash": false, "checkjobs": false, "compat31": false, "compat32": false, "compat40": false,
	"compat41": false, "compat42": false, "compat43": false, "compat44": false, "complete_fullquote": true, "direxpand": false, "dirspell": false,
	"extquote": true, "force_fignore": true, "gnu_errfmt": false, "histappend": false, "histreedit": false, "histverify": false,
	"hostcomplete": true, "huponexit": false, "lithist": false, "login_shell": false, "mailwarn": false, "no_empty_cmd_completion": false,
	"noexpand_translation": false, "progcomp": true, "progcomp_alias": false, "promptvars": true, "restricted_shell": false,
	"syslog_history": false, "varredir_close": false,
}

// allShopts are the names of shopt, sorted.
func allShopts() []string {
	names := slices.Concat(sortedKeys(shoptOptions), sortedKeys(rememberedOptions))
	slices.Sort(names)
	return names
}

// shopt says whether an option of shopt is on.
func (s *shell) shopt(name string) (on, known bool) {
	if bit, ok := shoptOptions[name]; ok {
		return s.opts&bit != 0, true
	}
	if on, ok := s.remembered[name]; ok {
		return on, true
	}
	on, known = rememberedOptions[name]
	return on, known
}

func (s *shell) setShopt(name string, on bool) {
	if bit, ok := shoptOptions[name]; ok {
		s.setOption(bit, on)
		if bit == optExpandAliases {
			s.aliasGen++
		}
		if bit == optExtdebug {
			s.setOption(optErrtrace|optFunctrace, on)
		}
		return
	}
	s.remembered = cloneMap(s.remembered)
	s.remembered[name] = on
}

// shoptNames are those that are on.
func (s *shell) shoptNames() []string {
	return slices.DeleteFunc(allShopts(), func(name string) bool { on, _ := s.shopt(name); return !on })
}

// optionNames lists the options that are on.
func (s *shell) optionNames(of map[string]optSet) []string {
	var names []string
	for _, name := range sortedKeys(of) {
		if s.opts&of[name] != 0 {
			names = append(names, name)
		}
	}
	return names
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// optionLetters is $-.
func (s *shell) optionLetters() string {
	out := ""
	for _, c := range []byte("abefhikmnprtuvxBCEHPT") {
		if bit := optionLetters[c]; bit != 0 && s.opts&bit != 0 {
			out += string(c)
		}
	}
	if s.commandString {
		out += "c"
	}
	if s.fromStdin {
		out += "s"
	}
	return out
}

func (s *shell) setOption(bit optSet, on bool) {
	if on {
		s.opts |= bit
	} else {
		s.opts &^= bit
	}
}
