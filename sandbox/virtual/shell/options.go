package shell

import "sort"

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
	optExtdebug
	optGlobasciiranges
	optGlobskipdots
)

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
	"assoc_expand_once": 0, "cdspell": 0, "checkhash": 0, "checkjobs": 0, "compat31": 0, "compat32": 0, "compat40": 0, "compat41": 0,
	"compat42": 0, "compat43": 0, "compat44": 0, "complete_fullquote": 0, "direxpand": 0, "dirspell": 0, "execfail": 0,
	"extquote": 0, "force_fignore": 0, "gnu_errfmt": 0, "histappend": 0, "histreedit": 0, "histverify": 0, "hostcomplete": 0,
	"huponexit": 0, "interactive_comments": optInteractiveComments, "lithist": 0, "login_shell": 0, "mailwarn": 0,
	"no_empty_cmd_completion": 0, "noexpand_translation": 0, "progcomp": 0, "progcomp_alias": 0, "promptvars": 0, "restricted_shell": 0,
	"syslog_history": 0, "varredir_close": 0,
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
