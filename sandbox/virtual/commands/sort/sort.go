// Package sort is the command sort. Run reads the options and key.go those of -k; lines.go reads and merges lines,
// order.go sorts them, and compare.go says which of two comes first.
package sort

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
-S, -T, --parallel, --batch-size, --compress-program and --random-source are checked and have no effect.
`,
	Short: "bdfghiMnRrVcCk:mo:st:uzS:T:y:",
	Long: "ignore-leading-blanks=b dictionary-order=d ignore-case=f general-numeric-sort=g ignore-nonprinting=i month-sort=M " +
		"human-numeric-sort=h numeric-sort=n random-sort=R reverse=r version-sort=V sort: check:: key:=k merge=m output:=o " +
		"stable=s field-separator:=t unique=u zero-terminated=z buffer-size:=S temporary-directory:=T parallel: batch-size: " +
		"compress-program: files0-from: random-source: debug",
	Fail: 2,
}

type sorter struct {
	ctx    context.Context
	inv    *shell.Invocation
	keys   []key
	tab    int  // the field separator, -1 for blanks
	stable bool // no last resort
	unique bool
	revert bool // -r: also of the last resort
	delim  byte
	seed   uint64
	held   int
}

// Run is sort.
func Run(ctx context.Context, inv *shell.Invocation) int {
	p, status := spec.Parse(withoutObsoleteKeys(inv))
	if p == nil {
		return status
	}
	s := &sorter{ctx: ctx, inv: inv, tab: -1, delim: '\n', seed: uint64(inv.Now().UnixNano()) | 1}
	var global order
	var output, check, from, source string
	merge := false
	for _, o := range p.Options {
		switch o.Key {
		case "b", "d", "f", "g", "h", "i", "M", "n", "R", "r", "V":
			global.set(o.Key[0], true, true)
		case "sort":
			word, status := spec.Choose(inv, "sort", o.Value, "general-numeric", "human-numeric", "month", "numeric", "random", "version")
			if status != 0 {
				return status
			}
			letter := map[string]byte{"general-numeric": 'g', "human-numeric": 'h', "month": 'M', "numeric": 'n', "random": 'R', "version": 'V'}[word]
			global.set(letter, true, true)
		case "c", "C":
			if check != "" && check != o.Key {
				return incompatible(inv, "cC")
			}
			check = o.Key
		case "check":
			check = "c"
			if o.Has {
				word, status := spec.Choose(inv, "check", o.Value, "quiet=C", "silent=C", "diagnose-first=c")
				if status != 0 {
					return status
				}
				check = word
			}
		case "k":
			k, err := parseKey(o.Value)
			if err != nil {
				inv.Errorf("%v", err)
				return 2
			}
			s.keys = append(s.keys, k)
		case "m":
			merge = true
		case "o":
			if output != "" && output != o.Value {
				inv.Errorf("multiple output files specified")
				return 2
			}
			output = o.Value
		case "s":
			s.stable = true
		case "t":
			before := s.tab
			switch {
			case o.Value == "":
				inv.Errorf("empty tab")
				return 2
			case o.Value == `\0`:
				s.tab = 0
			case len(o.Value) > 1:
				inv.Errorf("multi-character tab %s", cli.Quote(o.Value))
				return 2
			default:
				s.tab = int(o.Value[0])
			}
			if before >= 0 && before != s.tab {
				inv.Errorf("incompatible tabs")
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
			if source != "" && source != o.Value {
				inv.Errorf("multiple random sources specified")
				return 2
			}
			source = o.Value
		case "files0-from":
			from = o.Value
		}
	}
	for i := range s.keys {
		s.keys[i].inherit(global)
	}
	if len(s.keys) == 0 && global.compares() {
		s.keys = []key{{order: global, whole: true}}
	}
	for _, k := range s.keys {
		if problem := k.conflict(); problem != "" {
			return incompatible(inv, problem)
		}
	}
	s.revert = global.reverse
	files := p.Operands
	if from != "" {
		var err error
		if files, err = s.names(from, files); err != nil {
			inv.Errorf("%v", err)
			return 2
		}
	}
	if len(files) == 0 {
		files = []string{"-"}
	}
	defer func() { inv.Budget.Release(s.held) }()
	if check != "" {
		if output != "" {
			return incompatible(inv, check+"o")
		}
		if len(files) > 1 {
			inv.Errorf("extra operand %s not allowed with -%s", cli.Quote(files[1]), check)
			return 2
		}
		return s.check(files[0], check == "C")
	}
	groups, err := s.read(files, merge)
	if err != nil {
		return s.fail(err)
	}
	for i := range groups {
		if !merge {
			if err := s.sort(&groups[i]); err != nil {
				return 2
			}
		}
	}
	return s.write(output, groups)
}

func incompatible(inv *shell.Invocation, options string) int {
	inv.Errorf("options '-%s' are incompatible", options)
	return 2
}

// fail reports an error of reading.
func (s *sorter) fail(err error) int {
	if err != cli.ErrStop {
		s.inv.Errorf("%v", err)
	}
	return 2
}

// names reads the list of --files0-from.
func (s *sorter) names(from string, operands []string) ([]string, error) {
	if len(operands) > 0 {
		return nil, fmt.Errorf("extra operand %s\nfile operands cannot be combined with --files0-from\nTry 'sort --help' for more information.", cli.Quote(operands[0]))
	}
	r, err := cli.Open(s.inv, from)
	if err != nil {
		return nil, fmt.Errorf("open failed: %s: %w", from, err)
	}
	defer r.Close()
	list, err := cli.ReadAll(s.ctx, s.inv.Budget, r)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("no input from %s", cli.Quote(from))
	}
	names := strings.Split(strings.TrimSuffix(string(list), "\x00"), "\x00")
	if slices.Contains(names, "-") {
		return nil, errors.New("when reading file names from stdin, no file name of '-' allowed")
	}
	if i := slices.Index(names, ""); i >= 0 {
		return nil, fmt.Errorf("%s:%d: invalid zero-length file name", from, i+1)
	}
	return names, nil
}

// write writes the groups, merged, to the output.
func (s *sorter) write(output string, groups []group) int {
	var w io.Writer = s.inv.Stdout
	if output != "" && output != "-" {
		f, err := s.inv.Create(output)
		if err != nil {
			s.inv.Errorf("open failed: %s: %v", output, err)
			return 2
		}
		defer f.Close()
		w = f
	}
	out := s.inv.Buffered(w)
	var last []byte
	put := func(line []byte) error {
		if s.unique {
			text := line[:len(line)-1]
			if last != nil && s.compareKeys(last, text, 0) == 0 {
				return nil
			}
			last = text
		}
		_, err := out.Write(line)
		return err
	}
	if s.merge(groups, put) != nil {
		return 2
	}
	if err := out.Flush(); err != nil {
		return 2
	}
	return 0
}
