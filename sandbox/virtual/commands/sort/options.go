package sort

import (
	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var spec = cli.Spec{
	Usage: `[OPTION]... [FILE]...
Write sorted concatenation of all FILE(s) to standard output.

  -b, --ignore-leading-blanks  ignore leading blanks
  -d, --dictionary-order       consider only blanks and alphanumeric characters
  -f, --ignore-case            fold lower case to upper case characters
  -g, --general-numeric-sort   compare according to general numerical value
  -i, --ignore-nonprinting     consider only printable characters
  -M, --month-sort             compare (unknown) < 'JAN' < ... < 'DEC'
  -h, --human-numeric-sort     compare human readable numbers (e.g., 2K 1G)
  -n, --numeric-sort           compare according to string numerical value
  -R, --random-sort            shuffle, but group identical keys
  -r, --reverse                reverse the result of comparisons
  -V, --version-sort           natural sort of (version) numbers within text
      --sort=WORD              general-numeric, human-numeric, month, numeric, random or version
  -c, -C, --check[=quiet]      check for sorted input; do not sort
  -k, --key=KEYDEF             sort via a key: F[.C][OPTS][,F[.C][OPTS]]
  -m, --merge                  merge already sorted files; do not sort
  -o, --output=FILE            write result to FILE instead of standard output
  -s, --stable                 stabilize sort by disabling last-resort comparison
  -t, --field-separator=SEP    use SEP instead of non-blank to blank transition
  -u, --unique                 output only the first of an equal run
  -z, --zero-terminated        line delimiter is NUL, not newline
      --files0-from=F          read input from the files specified by NUL-terminated names in file F
      --debug                  show under each line what its keys are, and warn of options that are seldom meant
-S, -T, --parallel, --batch-size, --compress-program and --random-source are checked and have no effect.
`,
	Short: "bdfghiMnRrVcCk:mo:st:uzS:T:y:",
	Long: "ignore-leading-blanks=b dictionary-order=d ignore-case=f general-numeric-sort=g ignore-nonprinting=i month-sort=M " +
		"human-numeric-sort=h numeric-sort=n random-sort=R reverse=r version-sort=V sort: check:: key:=k merge=m output:=o " +
		"stable=s field-separator:=t unique=u zero-terminated=z buffer-size:=S temporary-directory:=T parallel: batch-size: " +
		"compress-program: files0-from: random-source: debug",
	Fail: 2,
}

// request is what options say that counts only once all are known.
type request struct {
	global order  // for keys that have none of their own
	output string // -o
	check  string // "c" or "C"
	from   string // --files0-from
	source string // --random-source
	merge  bool   // -m
}

// option takes an option. A status other than 0 ends sort.
func (s *sorter) option(r *request, o cli.Option) (status int) {
	switch o.Key {
	case "b", "d", "f", "g", "h", "i", "M", "n", "R", "r", "V":
		r.global.set(o.Key[0], true, true)
	case "sort":
		word, status := spec.Choose(s.inv, "sort", o.Value, "general-numeric", "human-numeric", "month", "numeric", "random", "version")
		if status != 0 {
			return status
		}
		letter := map[string]byte{"general-numeric": 'g', "human-numeric": 'h', "month": 'M', "numeric": 'n', "random": 'R', "version": 'V'}[word]
		r.global.set(letter, true, true)
	case "c", "C":
		if r.check != "" && r.check != o.Key {
			return incompatible(s.inv, "cC")
		}
		r.check = o.Key
	case "check":
		r.check = "c"
		if o.Has {
			word, status := spec.Choose(s.inv, "check", o.Value, "quiet=C", "silent=C", "diagnose-first=c")
			if status != 0 {
				return status
			}
			r.check = word
		}
	case "k":
		k, err := parseKey(o.Value)
		if err != nil {
			s.inv.Errorf("%v", err)
			return 2
		}
		s.keys = append(s.keys, k)
	case "m":
		r.merge = true
	case "o":
		if r.output != "" && r.output != o.Value {
			s.inv.Errorf("multiple output files specified")
			return 2
		}
		r.output = o.Value
	case "s":
		s.stable = true
	case "t":
		before := s.tab
		switch {
		case o.Value == "":
			s.inv.Errorf("empty tab")
			return 2
		case o.Value == `\0`:
			s.tab = 0
		case len(o.Value) > 1:
			s.inv.Errorf("multi-character tab %s", cli.QuoteText(o.Value))
			return 2
		default:
			s.tab = int(o.Value[0])
		}
		if before >= 0 && before != s.tab {
			s.inv.Errorf("incompatible tabs")
			return 2
		}
	case "u":
		s.unique = true
	case "z":
		s.delim = 0
	case "S", "parallel", "batch-size":
		if !s.tuning(o) {
			return 2
		}
	case "random-source":
		if r.source != "" && r.source != o.Value {
			s.inv.Errorf("multiple random sources specified")
			return 2
		}
		r.source = o.Value
	case "files0-from":
		r.from = o.Value
	case "debug":
		s.debug = true
	}
	return 0
}

func incompatible(inv *shell.Invocation, options string) int {
	inv.Errorf("options '-%s' are incompatible", options)
	return 2
}
