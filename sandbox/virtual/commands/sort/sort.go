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
	debug  bool
}

// Run is sort.
func Run(ctx context.Context, inv *shell.Invocation) int {
	p, status := spec.Parse(withoutObsoleteKeys(inv))
	if p == nil {
		return status
	}
	s := &sorter{ctx: ctx, inv: inv, tab: -1, delim: '\n', seed: uint64(inv.Now().UnixNano()) | 1}
	var r request
	for _, o := range p.Options {
		if status := s.option(&r, o); status != 0 {
			return status
		}
	}
	for i := range s.keys {
		s.keys[i].inherit(r.global)
	}
	if len(s.keys) == 0 && r.global.compares() {
		s.keys = []key{{order: r.global, whole: true}}
	}
	for _, k := range s.keys {
		if problem := k.conflict(); problem != "" {
			return incompatible(inv, problem)
		}
	}
	s.revert = r.global.reverse
	if s.debug && (r.check != "" || r.output != "") {
		letter := r.check
		if letter == "" {
			letter = "o"
		}
		return incompatible(inv, letter+" --debug")
	}
	if s.debug {
		s.warn(r.global)
	}
	files := p.Operands
	if r.from != "" {
		var err error
		if files, err = s.names(r.from, files); err != nil {
			inv.Errorf("%v", err)
			return 2
		}
	}
	if len(files) == 0 {
		files = []string{"-"}
	}
	defer func() { inv.Budget.Release(s.held) }()
	if r.check != "" {
		if r.output != "" {
			return incompatible(inv, r.check+"o")
		}
		if len(files) > 1 {
			inv.Errorf("extra operand %s not allowed with -%s", cli.QuoteText(files[1]), r.check)
			return 2
		}
		return s.check(files[0], r.check == "C")
	}
	groups, err := s.read(files, r.merge)
	if err != nil {
		return s.fail(err)
	}
	for i := range groups {
		if !r.merge {
			if err := s.sort(&groups[i]); err != nil {
				return 2
			}
		}
	}
	return s.write(r.output, groups)
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
		return nil, fmt.Errorf("extra operand %s\nfile operands cannot be combined with --files0-from\nTry 'sort --help' for more information.", cli.QuoteText(operands[0]))
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
		return nil, fmt.Errorf("no input from %s", cli.QuoteText(from))
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
		if s.debug {
			s.annotate(out, line[:len(line)-1])
			line = nil
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
